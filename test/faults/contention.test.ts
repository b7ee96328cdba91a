import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { interaction, survey } from "../../packages/domain/src/counters/fixture/items.ts";
import { created, type UncountedCloud, uncountedCloud } from "../support/uncounted-cloud.ts";

/**
 * Many shards of the stream count in the same items of a day. The database on this machine does one thing after the
 * other and knows no conflicts, so a proxy makes them as DynamoDB does: a transaction holds its items while it is at
 * work, and one that comes meanwhile is canceled ("Transaction conflict handling", Developer Guide).
 */

/** How long DynamoDB takes for a transaction of some fifty items. */
const TRANSACTION_MS = 15;

const Written = z.object({
  Key: z.unknown().optional(),
  Item: z.looseObject({ pk: z.unknown(), sk: z.unknown() }).optional(),
});
const Transaction = z.object({ TransactItems: z.array(z.record(z.string(), Written)) });

const held = new Set<string>();
let conflicts = 0;

const keysOf = (body: string): string[] =>
  Transaction.parse(JSON.parse(body)).TransactItems.flatMap((part) =>
    Object.values(part).map(({ Key, Item }) => JSON.stringify(Key ?? { pk: Item?.pk, sk: Item?.sk })),
  );

/** Hands on what no other transaction is at. */
async function contendedProxy(target: string) {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const isTransaction = String(request.headers["x-amz-target"]).endsWith(".TransactWriteItems");
    const keys = isTransaction ? keysOf(body) : [];
    if (keys.some((key) => held.has(key))) {
      conflicts += 1;
      const CancellationReasons = keys.map((key) => ({
        Code: held.has(key) ? "TransactionConflict" : "None",
      }));
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(
        JSON.stringify({
          __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
          Message: `Transaction cancelled, reasons [${CancellationReasons.map(({ Code }) => Code).join(", ")}]`,
          CancellationReasons,
        }),
      );
      return;
    }
    for (const key of keys) held.add(key);
    if (isTransaction) await sleep(TRANSACTION_MS);
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const answer = await fetch(target, { method: "POST", headers: headers as Record<string, string>, body });
    const answered = await answer.text();
    for (const key of keys) held.delete(key);
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(answered);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

let cloud: UncountedCloud;
let applyChanges: typeof import("@success-manager/domain/counters/stream").applyChanges;
beforeAll(async () => {
  cloud = await uncountedCloud({ dynamodbProxy: contendedProxy });
  ({ applyChanges } = await import("@success-manager/domain/counters/stream"));
});
afterAll(() => cloud?.stop());
beforeEach(() => cloud.empty());

test("64 shards count a day at once, and none gives a batch up", async () => {
  const shards = Array.from({ length: 64 }, (_, shard) =>
    Array.from({ length: 6 }, (_, n) =>
      n % 2 === 0
        ? interaction({ id: `i${shard}-${n}`, customer_id: `c${shard}` })
        : survey({ id: `s${shard}-${n}`, customer_id: `c${shard}` }),
    ),
  );
  conflicts = 0;
  const outcomes = await Promise.allSettled(shards.map((items) => applyChanges(items.map(created))));
  expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([]);
  expect(outcomes.flatMap((one) => (one.status === "fulfilled" ? one.value : []))).toEqual([]);
  // They did meet.
  expect(conflicts).toBeGreaterThan(64);
  expect(await cloud.counters()).toEqual(cloud.countersOf(shards.flat()));
});
