import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { jobFunctionVariable } from "@success-manager/contract/jobs";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const asked: { readonly path: string; readonly type: unknown; readonly body: string }[] = [];
const server = createServer(async (request: IncomingMessage, response) => {
  const type = request.headers["x-amz-invocation-type"];
  asked.push({ path: `${request.method} ${request.url}`, type, body: await text(request) });
  response.writeHead(202).end();
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(() => {
  asked.length = 0;
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  vi.stubEnv("AWS_ENDPOINT_URL_LAMBDA", endpoint);
  vi.stubEnv(jobFunctionVariable("jobs/directory-snapshot"), "the-snapshot-job");
  vi.resetModules();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const load = async () => (await import("./read.ts")).refreshed;

/** A first load that others end. */
function slow() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { refresh: () => promise, end: resolve };
}

describe("a request to a function that has loaded nothing yet", () => {
  it("is answered when it is loaded in time, and nothing is started", async () => {
    const refreshed = await load();
    await refreshed(async () => undefined);
    await expect(
      refreshed(async () => {
        throw new Error("broken");
      }),
    ).rejects.toThrow("broken");
    expect(asked).toEqual([]);
  });

  it("is told when to come back, and starts the job that takes snapshots; the load goes on", async () => {
    const refreshed = await load();
    const { refresh, end } = slow();
    await expect(refreshed(refresh, 20)).rejects.toMatchObject({
      status: 503,
      headers: { "retry-after": "10" },
    });
    expect(asked).toMatchObject([
      { path: "POST /2015-03-31/functions/the-snapshot-job/invocations", type: "Event" },
    ]);
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      job: "directory_snapshot",
      scheduled_time: expect.stringMatching(/^\d{4}-.+Z$/),
    });
    end();
    await refreshed(refresh, 20);
  });

  it("is told so, too, when the job can't be started", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9");
    const refreshed = await load();
    await expect(refreshed(slow().refresh, 20)).rejects.toMatchObject({ status: 503 });
  });

  it("of a job waits for as long as it takes", async () => {
    vi.stubEnv(jobFunctionVariable("jobs/directory-snapshot"), "");
    const refreshed = await load();
    const { refresh, end } = slow();
    setTimeout(end, 60);
    await refreshed(refresh, 20);
    expect(asked).toEqual([]);
  });
});
