import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Cloud } from "@success-manager/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Item } from "../../packages/domain/src/counters/contributions.ts";
import { alert, interaction, report, survey } from "../../packages/domain/src/counters/fixture/items.ts";
import { enter } from "../support/cloud.ts";
import { emptyCloud } from "../support/servers.ts";
import { storageOf } from "../support/storage.ts";
import { countersOf as allCountersOf, source, storedCounters } from "../support/uncounted-cloud.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Stands between the functions and the database; what is written past it gets there also while it is down. */
function outage() {
  let isDown = false;
  let refused = 0;
  return {
    begin: () => {
      isDown = true;
      refused = 0;
    },
    end: () => {
      isDown = false;
    },
    refused: () => refused,
    async proxy(target: string) {
      const server = createServer(async (incoming, outgoing) => {
        const body = await text(incoming);
        if (isDown) {
          refused += 1;
          outgoing.writeHead(503, { "content-type": "application/x-amz-json-1.0" });
          outgoing.end('{"__type":"com.amazonaws.dynamodb.v20120810#ServiceUnavailable"}');
          return;
        }
        const headers = Object.entries(incoming.headers).filter(
          ([name]) => !/^(host|connection)$/.test(name),
        );
        const answer = await fetch(target, {
          method: "POST",
          body,
          headers: headers as [string, string][],
        });
        outgoing.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
        outgoing.end(Buffer.from(await answer.arrayBuffer()));
      });
      server.keepAliveTimeout = 0;
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      const { port } = server.address() as AddressInfo;
      return {
        url: `http://127.0.0.1:${port}`,
        close: async () => {
          server.closeAllConnections();
          await new Promise<void>((done) => server.close(() => done()));
        },
      };
    },
  };
}

const database = outage();
let cloud: Cloud;
let storage: ReturnType<typeof storageOf>;
let past = "";
const written: Item[] = [];
let countersOf: (items: readonly Item[]) => string[];

beforeAll(async () => {
  cloud = await emptyCloud({
    dynamodbProxy: (target) => {
      past = target;
      return database.proxy(target);
    },
    streamRetryDelayMs: 20,
    // One attempt each: five were once all that a record got.
    environment: { LOG_LEVEL: "CRITICAL", AWS_MAX_ATTEMPTS: "1" },
  });
  // This process goes past the outage.
  enter({ ...cloud.environment, AWS_ENDPOINT_URL_DYNAMODB: past });
  const { contributions } = await import("../../packages/domain/src/counters/contributions.ts");
  countersOf = (items) => allCountersOf(items, contributions);
  storage = storageOf({ environment: cloud.environment, endpoints: { ...cloud.endpoints, dynamodb: past } });
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

async function put(item: Item): Promise<void> {
  const { dynamo, tableName } = await import("@success-manager/domain/table");
  const { PutCommand } = await import("@aws-sdk/lib-dynamodb");
  await dynamo.send(new PutCommand({ TableName: tableName, Item: { ...item } }));
}

async function write(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const kinds = [interaction(), survey(), alert(), report()];
    const item = source(kinds[n % kinds.length] as Item);
    written.push(item);
    await put(item);
  }
}

const counters = () => storedCounters(storage);

/** How many the queue holds, as the health of the system asks. */
async function deadLetters(): Promise<number> {
  const { SQSClient, GetQueueAttributesCommand } = await import("@aws-sdk/client-sqs");
  const { Attributes } = await new SQSClient({}).send(
    new GetQueueAttributesCommand({
      QueueUrl: cloud.environment.DEAD_LETTER_QUEUE_URL,
      AttributeNames: ["ApproximateNumberOfMessages"],
    }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages);
}

async function command(...args: string[]) {
  const child = spawn(process.execPath, ["functions/cli/dead-letters.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...cloud.environment, AWS_ENDPOINT_URL_DYNAMODB: past },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

describe("a database that is down for longer than five attempts", () => {
  it("loses nothing: when it is back, all counters are what a recount says", async () => {
    await write(8);
    await cloud.settled();
    expect(await counters()).toEqual(countersOf(written));

    database.begin();
    await write(40);
    // Both functions of the stream together; each record was given up after six of them before.
    while (database.refused() < 30) await pause(100);
    expect(await counters()).toEqual(countersOf(written.slice(0, 8)));
    database.end();
    await cloud.settled(60_000);
    expect(await counters()).toEqual(countersOf(written));
    expect((await command()).out).toBe("0 dead letters.\n");
  });
});

describe("a record that can't be counted, whatever is tried", () => {
  const broken = source(survey({ score: "nine", feedback_text: "Größe \u0007 \uFFFF 🙂" }));

  it("stops no other one, and is in the queue with its content", async () => {
    await write(3);
    await put(broken);
    await write(3);
    await cloud.settled();
    expect(await counters()).toEqual(countersOf(written));
    const { code, out } = await command("list");
    expect(code).toBe(0);
    expect(out).toContain(`INSERT {"sk":{"S":"survey"},"pk":{"S":"${broken.pk}"}}`.slice(0, 8));
    expect(out).toContain(String(broken.pk));
    expect(out).toContain("Error: A stored survey can't be counted: score is not as it must be");
    expect(out).not.toContain("Größe");
    expect(out).toMatch(/1 dead letter\.\n$/);
  });

  it("is in the system's health", async () => {
    expect(await deadLetters()).toBe(1);
  });

  it("stays there as long as it can't be counted", async () => {
    const { code, out } = await command("redrive");
    expect(code).toBe(1);
    expect(out).toContain("stays: it failed again");
    expect((await command()).out).toMatch(/1 dead letter\.\n$/);
    expect(await counters()).toEqual(countersOf(written));
  });

  it("is counted once when it can be, however often it is redriven, and is gone then", async () => {
    const { SQSClient, ReceiveMessageCommand, SendMessageCommand } = await import("@aws-sdk/client-sqs");
    const { brotliCompressSync, brotliDecompressSync } = await import("node:zlib");
    const sqs = new SQSClient({});
    const QueueUrl = cloud.environment.DEAD_LETTER_QUEUE_URL;
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }),
    );
    const letter = JSON.parse(message?.Body ?? "");
    const record = JSON.parse(brotliDecompressSync(Buffer.from(letter.content, "base64")).toString());
    expect(record.dynamodb.NewImage).toMatchObject({
      feedback_text: { S: "Größe \u0007 \uFFFF 🙂" },
      score: { S: "nine" },
    });
    // As if the code had been mended: it takes this record now. Two of it, as a queue may deliver them.
    record.dynamodb.NewImage.score = { N: "9" };
    const content = brotliCompressSync(JSON.stringify(record)).toString("base64");
    for (let n = 0; n < 2; n++)
      await sqs.send(
        new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ ...letter, content }) }),
      );
    const { out } = await command("redrive");
    expect(out).toContain("3 dead letters, 2 handled.");
    const mended = { ...broken, score: 9 };
    await put(mended);
    await cloud.settled();
    // The stored item was broken and is mended: that change can't be counted either, because of what was before it.
    expect(await counters()).toEqual(countersOf([...written, mended]));
  });
});

describe("an event that its job failed on", () => {
  it("is in the queue with its error, and is done when it is redriven", async () => {
    const { LambdaClient, InvokeCommand } = await import("@aws-sdk/client-lambda");
    const FunctionName = cloud.functions.find((name) => name.endsWith("-jobs-contract-expiry"));
    const event = { job: "contract_expiry_check", scheduled_time: "2026-01-31T08:00:00.000Z" };
    const before = await deadLetters();
    database.begin();
    await new LambdaClient({}).send(
      new InvokeCommand({
        FunctionName,
        InvocationType: "Event",
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    );
    await expect.poll(deadLetters).toBe(before + 1);
    database.end();
    expect((await command()).out).toContain("contract_expiry_check");
    const { out } = await command("redrive");
    expect(out).toMatch(/contract_expiry_check.+\n.+\n {2}handled and deleted/);
    expect((await command()).out).not.toContain("contract_expiry_check");
    const { out: again } = await command("--id", "nobody");
    expect(again).toBe("0 dead letters.\n");
  });
});

it("the command refuses what it does not know, with a word about its usage", async () => {
  const { code, err } = await command("purge");
  expect([code, err]).toEqual([2, expect.stringContaining("usage: npm run dead-letters")]);
});
