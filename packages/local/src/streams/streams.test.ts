import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Cloud } from "../cloud.ts";
import { handledEvents, handledIds, notesClient } from "../fixture/notes-client.ts";
import { type SmallAssembly, writeSmallAssembly } from "../fixture/small-assembly.ts";
import { listen } from "../processes/ports.ts";
import { startCloud } from "../start-cloud.ts";

let small: SmallAssembly;
let lines: string[] = [];
const log = (line: string) => {
  lines.push(line);
};

beforeAll(async () => {
  small = await writeSmallAssembly();
});
afterAll(() => small.remove());
beforeEach(() => {
  lines = [];
});

describe("a table's changes reach the function of its stream", () => {
  let cloud: Cloud;
  let notes: ReturnType<typeof notesClient>;
  beforeAll(async () => {
    cloud = await startCloud({ assembly: small.folder, log });
    notes = notesClient(cloud);
  });
  afterAll(() => cloud.stop());

  test("with the item before and after, in Lambda's shape", async () => {
    await notes.put("watched#1", "first");
    await notes.put("watched#1", "second");
    await notes.remove("watched#1");
    await cloud.settled();
    const changes = handledEvents(lines).flatMap(({ handled }) => handled);
    const [image, later] = ["first", "second"].map((text) => ({ id: { S: "watched#1" }, text: { S: text } }));
    expect(changes).toMatchObject([
      { eventName: "INSERT", dynamodb: { NewImage: image } },
      { eventName: "MODIFY", dynamodb: { OldImage: image, NewImage: later } },
      { eventName: "REMOVE", dynamodb: { OldImage: later } },
    ]);
    expect(changes[0]).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: "INSERT",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "us-east-1",
      dynamodb: {
        ApproximateCreationDateTime: expect.closeTo(Date.now() / 1000, -2),
        Keys: { id: { S: "watched#1" } },
        NewImage: image,
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
      eventSourceARN: "arn:aws:dynamodb:us-east-1:000000000000:table/small-data-Notes/stream/local",
    });
    expect(new Set(changes.map(({ eventID }) => eventID)).size).toBe(3);
  });

  test("in the order in which they were made", async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `watched#order ${index}`);
    for (const id of ids) await notes.put(id);
    await cloud.settled();
    expect(handledIds(lines)).toEqual(ids);
  });

  test("when they pass the filter; others cost no invocation", async () => {
    await notes.put("private#1");
    await cloud.settled();
    expect(handledEvents(lines)).toEqual([]);
    await notes.putAll({ "private#2": "", "watched#2": "", "private#3": "" });
    await cloud.settled();
    expect(handledIds(lines)).toEqual(["watched#2"]);
  });

  test("but for one that can't be handled, which does not stop the rest", async () => {
    const good = Array.from({ length: 12 }, (_, index) => `watched#good ${index}`);
    const texts = Object.fromEntries(good.map((id) => [id, ""]));
    await notes.putAll({ ...texts, "watched#bad": "poison" });
    await notes.put("watched#after");
    await cloud.settled();
    expect(handledIds(lines)).toEqual(expect.arrayContaining([...good, "watched#after"]));
    expect(handledIds(lines)).not.toContain("watched#bad");
    expect(handledIds(lines)).toHaveLength(13);
    expect(lines.filter((line) => line.includes("gave up"))).toEqual([
      expect.stringMatching(
        /^small-test-changes: gave up after 2 attempts; dead-lettered: INSERT \d+ \{"id":\{"S":"watched#bad"\}\}$/,
      ),
    ]);
  });

  test("again from the one on that the function has reported, not those before it", async () => {
    await notes.putAll({ "watched#x": "", "watched#y": "later", "watched#z": "" });
    await cloud.settled();
    expect(handledIds(lines).toSorted()).toEqual(["watched#x", "watched#y", "watched#z"]);
    expect(handledEvents(lines).length).toBeGreaterThan(1);
  });

  test("well within 200 ms", async () => {
    const delays: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      lines = [];
      // What this machine takes for a write and an event without any polling in between.
      const start = Date.now();
      await notes.put("unwatched#clock");
      await cloud.invoke("small-test-changes", { Records: [] });
      const machine = Date.now() - start;
      lines = [];
      // At any moment between two reads of the stream.
      await sleep((round * 17) % 60);
      const written = Date.now();
      await notes.put("watched#clock", String(round));
      const [handled] = await vi.waitUntil(
        () => {
          const events = handledEvents(lines);
          return events.length > 0 && events;
        },
        { timeout: 60_000, interval: 2 },
      );
      delays.push((handled?.at ?? Number.POSITIVE_INFINITY) - written - machine);
    }
    delays.sort((a, b) => a - b);
    expect(delays[15]).toBeLessThan(200);
  });

  test("and waiting for them has an end", async () => {
    const gate = join(small.folder, "gate");
    await notes.put("watched#slow", `until ${gate}`);
    await expect(cloud.settled(100)).rejects.toThrow(
      /^stream of small-data-Notes: record \d+ is not delivered, not within 0.1 s$/,
    );
    await writeFile(gate, "");
    await cloud.settled();
    expect(handledIds(lines)).toEqual(["watched#slow"]);
    await cloud.settled();
  });
});

test("what stands between functions and database does not see the polling", async () => {
  let requests = 0;
  let database = "";
  const cloud = await startCloud({
    assembly: small.folder,
    log,
    dynamodbProxy: async (url) => {
      database = url;
      const server = createServer((_, response) => {
        requests += 1;
        response.writeHead(500).end();
      });
      const port = await listen(server, 0);
      return {
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise((resolve) => server.close(() => resolve())),
      };
    },
  });
  // Written beside the proxy: when it is delivered, the stream has been read.
  await notesClient({ ...cloud, endpoints: { ...cloud.endpoints, dynamodb: database } }).put("watched#1");
  await cloud.settled();
  expect(handledIds(lines)).toEqual(["watched#1"]);
  await cloud.stop();
  expect(requests).toBe(0);
});

test.each([
  [
    '"StartingPosition":"LATEST","BatchSize"',
    '"StartingPosition":"SOMEWHERE","BatchSize"',
    /StartingPosition/,
  ],
  ['{"Ref":"ChangesLive"}', '"nobody"', /small-service\/Changes: no function nobody/],
  [
    '{"Fn::ImportValue":"small-data:Stream"}',
    '"arn:aws:sqs:x"',
    /Changes: arn:aws:sqs:x is no stream of a table/,
  ],
  ["prefix", "suffix", /small-service\/Changes: a filter uses \{"suffix":"watched#"\}/],
])("a mapping with %s replaced by %s is refused", async (part, other, sentence) => {
  const changed = await writeSmallAssembly();
  const template = join(changed.folder, "small-service.template.json");
  const text = await readFile(template, "utf8");
  expect(text).toContain(part);
  await writeFile(template, text.replace(part, other));
  await expect(startCloud({ assembly: changed.folder })).rejects.toThrow(sentence);
  await changed.remove();
});
