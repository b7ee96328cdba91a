import { createServer, type Server } from "node:http";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fileName, fileUrl, readFile, StorageError, storeFile } from "./storage.ts";

const KEY = "reports/2026/03/3c0f1d5e-2f38-4d0b-8f4e-0d8b1f2a9c11.pdf";
const PDF = new TextEncoder().encode("%PDF-1.7");
const NOW = new Date("2026-03-09T06:07:08.123Z");

/** A file that is not stored or read, as the caller sees it. */
const failure = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: unknown) => error,
  );

beforeEach(() => {
  vi.stubEnv("REPORTS_BUCKET", "reports-bucket");
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
});
afterEach(() => vi.unstubAllEnvs());

describe("a file that is not stored", () => {
  const s3 = mockClient(S3Client);
  beforeEach(() => s3.reset());
  afterAll(() => s3.restore());
  const named = (name: string) => Object.assign(new Error("secret"), { name });

  test.each([
    ["SlowDown", true, /too busy/],
    ["ServiceUnavailable", true, /too busy/],
    ["AccessDenied", false, /does not let us in/],
    ["NoSuchBucket", false, /does not let us in/],
    ["InvalidAccessKeyId", false, /does not let us in/],
    ["InternalError", true, /can't be reached/],
    ["TimeoutError", true, /can't be reached/],
    ["constructor", true, /can't be reached/],
  ])("because of %s says so in a sentence", async (name, retryable, sentence) => {
    s3.on(PutObjectCommand).rejects(named(name));
    const error = await failure(storeFile(KEY, PDF));
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ retryable, message: expect.stringMatching(sentence) });
    expect(String(error)).not.toContain("secret");
  });

  test.each(["NoSuchKey", "AccessDenied"])("is missing, where S3 says %s to who reads it", async (name) => {
    s3.on(GetObjectCommand).rejects(named(name));
    const error = await failure(readFile(KEY));
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(/no longer there/) });
  });

  test("because the deployment names no bucket asks nobody", async () => {
    vi.stubEnv("REPORTS_BUCKET", "");
    for (const attempt of [storeFile(KEY, PDF), readFile(KEY), fileUrl(KEY, "a.pdf", NOW)])
      expect(await failure(attempt)).toMatchObject({
        name: "StorageError",
        retryable: false,
        message: "Storing reports is not set up here. Ask an admin.",
      });
    expect(s3.calls()).toEqual([]);
  });

  test("has an address all the same, for which nobody is asked", async () => {
    const { url, expires_at } = await fileUrl(KEY, "a.pdf", NOW);
    const { searchParams } = new URL(url);
    expect(searchParams.get("X-Amz-Date")).toBe("20260309T060708Z");
    expect(searchParams.get("X-Amz-Expires")).toBe("300");
    expect(expires_at).toBe("2026-03-09T06:12:08.000Z");
    expect(s3.calls()).toEqual([]);
  });
});

describe("a storage that takes its time", () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** A module of its own, and with it a client that talks to this server. */
  async function withStorage(answer: Parameters<typeof createServer>[1]) {
    server = createServer({}, answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    vi.stubEnv("AWS_ENDPOINT_URL_S3", `http://127.0.0.1:${address.port}`);
    vi.resetModules();
    return import("./storage.ts");
  }
  const unreachable = { retryable: true, message: expect.stringMatching(/can't be reached/) };

  test("and never answers, or stops in the middle of a file, is not waited for", async () => {
    const HALF = KEY.replace(".pdf", "-half.pdf");
    const store = await withStorage((request, response) => {
      if (!request.url?.includes(HALF)) return;
      response.writeHead(200, { "content-length": 1000 });
      response.write("%PDF");
    });
    const attempts = [store.readFile(KEY), store.storeFile(KEY, PDF), store.readFile(HALF)];
    for (const error of await Promise.all(attempts.map(failure))) expect(error).toMatchObject(unreachable);
  });

  test("and hangs up in the middle of a file has not given it", async () => {
    const store = await withStorage((_, response) => {
      response.writeHead(200, { "content-length": 1000 });
      response.write("%PDF", () => response.destroy());
    });
    expect(await failure(store.readFile(KEY))).toMatchObject(unreachable);
  });
});

describe("the name of a report's file", () => {
  const november = { date_from: "2026-11-01", date_to: "2026-11-30" };
  const report = {
    report_type: "health_summary",
    report_name: "Customer Health Summary",
    ...november,
  } as const;

  test.each([
    [report, "Health summary, November 2026.pdf"],
    [{ ...report, report_name: "For the board" }, "For the board, November 2026.pdf"],
    [{ ...report, file_name: "Velmora, Health summary" }, "Velmora, Health summary, November 2026.pdf"],
    [{ ...report, date_from: "2026-09-01" }, "Health summary, September to November 2026.pdf"],
    [{ ...report, date_from: "2025-12-01" }, "Health summary, December 2025 to November 2026.pdf"],
    [{ ...report, date_from: "2026-01-01", date_to: "2026-12-31" }, "Health summary, 2026.pdf"],
    [
      { ...report, date_from: "2026-11-16", date_to: "2026-11-22" },
      "Health summary, 16 Nov 2026 to 22 Nov 2026.pdf",
    ],
    [{ ...report, date_from: "2026-11-16", date_to: "2026-11-16" }, "Health summary, 16 Nov 2026.pdf"],
    [{ ...report, report_name: "../a:b\\c\u202e?" }, "a b c, November 2026.pdf"],
    [{ ...report, report_name: " / . " }, "Health summary, November 2026.pdf"],
  ])("says what it is about and which days: %j", (given, expected) => {
    expect(fileName(given)).toBe(expected);
  });
});
