import { randomUUID } from "node:crypto";
import type { Cloud } from "@success-manager/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  fileKey,
  fileName,
  fileUrl,
  readFile,
  storeFile,
} from "../../packages/domain/src/reports/storage.ts";
import { enter } from "../support/cloud.ts";
import { emptyCloud } from "../support/servers.ts";

const ORIGIN = "http://localhost:5173";
const PDF = new TextEncoder().encode("%PDF-1.7\n…\n%%EOF\n");

let cloud: Cloud;
beforeAll(async () => {
  cloud = await emptyCloud();
  enter(cloud.environment);
});
afterAll(() => cloud?.stop());

const report = () =>
  ({
    id: randomUUID(),
    report_type: "csat_analysis",
    report_name: "CSAT Analysis",
    created_at: "2026-03-09T06:07:08.123Z",
    date_from: "2026-02-01",
    date_to: "2026-02-28",
  }) as const;

/** A report whose file is in the bucket, and the address of that file. */
async function stored({ bytes = PDF, filename = "report.pdf", now = new Date() } = {}) {
  const key = fileKey(report());
  await storeFile(key, bytes);
  return { key, ...(await fileUrl(key, filename, now)) };
}

const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());
const from = (origin: string) => ({ headers: { origin } });

describe("a report's file", () => {
  it("is kept by month and id, and is given to people by what it is about", () => {
    const one = report();
    expect(fileKey(one)).toBe(`reports/2026/03/${one.id}.pdf`);
    expect(fileName(one)).toBe("CSAT analysis, February 2026.pdf");
  });

  it("is read as it was stored", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 256);
    const { key } = await stored({ bytes });
    expect(await readFile(key)).toEqual(bytes);
  });

  it("is the same when it is stored twice, and the last one when they differ", async () => {
    const { key } = await stored();
    await Promise.all([storeFile(key, PDF), storeFile(key, PDF)]);
    expect(await readFile(key)).toEqual(PDF);
    await storeFile(key, PDF.slice(0, 8));
    expect(await readFile(key)).toEqual(PDF.slice(0, 8));
  });

  it("that is not there says so to a person", async () => {
    await expect(readFile(fileKey(report()))).rejects.toMatchObject({
      name: "StorageError",
      message: "The file of this report is no longer there. Generate the report again.",
      retryable: false,
    });
  });
});

describe("the address of a report's file", () => {
  it("lets anybody load it, as a PDF to be saved under its name", async () => {
    const { url } = await stored({ filename: "CSAT analysis, February 2026.pdf" });
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/pdf");
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    expect(answer.headers.get("content-disposition")).toBe(
      'attachment; filename="CSAT analysis, February 2026.pdf"',
    );
    expect(await bytesOf(answer)).toEqual(PDF);
  });

  it.each([
    ['a"; filename="evil.exe', "a ; filename= evil.exe"],
    ["Übersicht März (2).pdf", "Übersicht März (2).pdf"],
    ["a\r\nset-cookie: b=1", "a set-cookie b=1"],
    ["تقرير", "تقرير"],
    ["健康報告 ไทย 🙂.pdf", "健康報告 ไทย 🙂.pdf"],
  ])("names it in any script, and nothing else: %j", async (filename, name) => {
    const { url } = await stored({ filename });
    const answer = await fetch(url);
    const header = answer.headers.get("content-disposition") ?? "";
    expect(header).toMatch(/^attachment; filename="[\w.,() -]+"; filename\*=UTF-8''[^;\s"]+$/);
    expect(decodeURIComponent(header.split("UTF-8''")[1] ?? "")).toBe(name);
  });

  it("leads to no folder", async () => {
    const { url } = await stored({ filename: "../../etc/passwd" });
    const answer = await fetch(url);
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="etc passwd"');
  });

  it("is good for five minutes", async () => {
    const now = new Date("2026-03-09T06:07:08.900Z");
    expect((await fileUrl("reports/2026/03/a.pdf", "a.pdf", now)).expires_at).toBe(
      "2026-03-09T06:12:08.000Z",
    );

    const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
    const old = await stored({ now: ago(4 * 60) });
    expect((await fetch(old.url)).status).toBe(200);
    const expired = await stored({ now: ago(5 * 60 + 2) });
    const refused = await fetch(expired.url);
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining("expired")]);
  });

  it("is good for this file alone, and as it was given", async () => {
    const [one, other] = [await stored(), await stored()];
    for (const changed of [
      one.url.replace(one.key, other.key),
      one.url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"),
      one.url.replace("report.pdf%22", "report.exe%22"),
    ]) {
      expect(changed).not.toBe(one.url);
      expect((await fetch(changed)).status).toBe(403);
    }
    expect((await fetch(one.url, { method: "PUT", body: "mine" })).status).toBe(403);
    expect(await readFile(one.key)).toEqual(PDF);
  });

  it("works where the browser is: its host is this machine's, and the bucket is in the path", async () => {
    const { url, key } = await stored();
    const { origin, pathname } = new URL(url);
    expect(origin).toBe(new URL(cloud.endpoints.s3).origin);
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(pathname).toBe(`/${cloud.environment.REPORTS_BUCKET}/${key}`);
  });

  it.each([ORIGIN, "http://localhost:3000"])("can be read by a page of %s", async (origin) => {
    const { url } = await stored();
    const answer = await fetch(url, from(origin));
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("access-control-expose-headers")).toMatch(/content-disposition/i);
  });

  it.each(["null", "https://evil.example", `${ORIGIN}.evil.example`, "http://localhost:5174"])(
    "can't be read by a page of %s",
    async (origin) => {
      const { url } = await stored();
      const answer = await fetch(url, from(origin));
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    },
  );
});
