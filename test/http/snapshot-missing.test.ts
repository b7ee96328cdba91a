import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { customerItem } from "../../packages/domain/src/directory/fixture/items.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";

/** As few rows as there is a snapshot of. */
const CUSTOMERS = 2_000;
const JOB = "directory_snapshot";

/** How long a request waits here: enough to read these rows from a quick database. */
const FIRST_LOAD_MS = 5_000;

/** From both ends ten pages one after the other, each in less time than the SDK takes for none: twice as long. */
const PAGE = 100;
const PAGE_MS = 1_000;

/** A database whose directory takes as long to read as a far larger one, until it may be quick. */
function slowDirectory() {
  let isSlow = true;
  const proxy = async (target: string) => {
    const server = createServer(async (incoming, outgoing) => {
      let body: string = await text(incoming);
      const operation = String(incoming.headers["x-amz-target"]);
      if (isSlow && operation.endsWith(".Query") && body.includes('"directory"')) {
        body = JSON.stringify({ Limit: PAGE, ...JSON.parse(body) });
        await sleep(PAGE_MS);
      }
      const { host: _, connection: __, "content-length": ___, ...headers } = incoming.headers;
      const answer = await fetch(target, {
        method: "POST",
        headers: headers as Record<string, string>,
        body,
      });
      const type = answer.headers.get("content-type") ?? "";
      outgoing.writeHead(answer.status, { "content-type": type });
      outgoing.end(Buffer.from(await answer.arrayBuffer()));
    });
    // Functions keep their connections; none ends while one of them is about to use it.
    server.keepAliveTimeout = 0;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const close = async () => {
      server.closeAllConnections();
      server.close();
    };
    return { url: `http://127.0.0.1:${port}`, close };
  };
  return {
    proxy,
    quicken() {
      isSlow = false;
    },
  };
}

const database = slowDirectory();
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud({
    dynamodbProxy: database.proxy,
    environment: { FIRST_LOAD_MS: String(FIRST_LOAD_MS) },
  });
  const { CustomerEntity } = await import("@success-manager/domain/table");
  await CustomerEntity.put(Array.from({ length: CUSTOMERS }, () => customerItem(randomUUID(), 1))).go();
});
afterAll(() => cloud?.stop());

const list = () =>
  fetch(`${cloud.apiUrl}/api/v1/deployments?limit=1`, {
    headers: { authorization: `Bearer ${cloud.viewer.token}` },
  });
const lastRun = async () =>
  (await cloud.admin.api.scheduler.list({})).body().find(({ id }) => id === JOB)?.last_run;

it("a first list without a snapshot that takes too long says when to come back, has a snapshot taken, and is answered then", async () => {
  expect(await lastRun()).toBeNull();
  const answer = await list();
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("10");
  expect(await answer.json()).toMatchObject({
    detail: expect.stringContaining("Try again in a few seconds"),
  });
  await vi.waitFor(async () => expect((await lastRun())?.state).toBe("running"), { timeout: 60_000 });

  database.quicken();
  expect((await list()).status).toBe(200);
  await vi.waitFor(async () => expect((await lastRun())?.state).toBe("completed"), { timeout: 60_000 });
  expect((await lastRun())?.counts.rows).toBeGreaterThanOrEqual(CUSTOMERS);
});
