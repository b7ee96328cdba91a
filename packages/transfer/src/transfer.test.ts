import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  ScanCommand,
  type ScanCommandInput,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Archive, ArchiveError, itemsOf, openArchive, type RawItem, storeAt } from "./archive.ts";
import { exportTable } from "./export.ts";
import { ImportRefused, importTable } from "./import.ts";

const database = mockClient(DynamoDBClient);
const client = new DynamoDBClient({ region: "us-east-1" });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "transfer-"));
});
afterEach(async () => {
  database.reset();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => database.restore());

const itemOf = (n: number): RawItem => ({
  pk: { S: `k${n}` },
  sk: { S: "k" },
  bytes: { B: Buffer.from([n % 256, 255]) },
});

/** A table of so many items, in pages of ten; `failAt` breaks the connection at a request. */
function tableOf(count: number, failAt = Number.POSITIVE_INFINITY, bytes = 0) {
  let requests = 0;
  database.on(DescribeTableCommand).resolves({ Table: { TableArn: "arn:aws:dynamodb:us-east-1:1:table/t" } });
  database
    .on(ScanCommand)
    .callsFake(({ Segment = 0, TotalSegments = 1, ExclusiveStartKey }: ScanCommandInput) => {
      if (++requests > failAt) throw new Error("The connection broke");
      const own = Array.from({ length: count }, (_, n) => n).filter((n) => n % TotalSegments === Segment);
      const from = ExclusiveStartKey ? own.indexOf(Number(ExclusiveStartKey.pk?.S?.slice(1))) + 1 : 0;
      const page = own.slice(from, from + 10);
      const Items = page.map((n) => (bytes ? { ...itemOf(n), noise: { B: randomBytes(bytes) } } : itemOf(n)));
      const last = page.at(-1);
      return {
        Items,
        ...(from + 10 < own.length && { LastEvaluatedKey: { pk: { S: `k${last}` }, sk: { S: "k" } } }),
      };
    });
}

async function read(archive: Archive): Promise<RawItem[]> {
  const items: RawItem[] = [];
  for (const file of archive.files) for await (const item of itemsOf(archive, file)) items.push(item);
  return items.sort((a, b) => Number(a.pk?.S?.slice(1)) - Number(b.pk?.S?.slice(1)));
}

const exported = async (count: number) => {
  tableOf(count);
  const { location } = await exportTable({ client, table: "t", store: storeAt(folder), segments: 3 });
  database.reset();
  return openArchive(storeAt(location));
};

describe("an export", () => {
  it("holds every item once, with binary values, as DynamoDB writes its own", async () => {
    const archive = await exported(95);
    expect(await read(archive)).toEqual(Array.from({ length: 95 }, (_, n) => itemOf(n)));
    expect(archive.summary).toMatchObject({ itemCount: 95, outputFormat: "DYNAMODB_JSON" });
    const [id = ""] = await readdir(join(folder, "AWSDynamoDB"));
    const [name = ""] = await readdir(join(folder, "AWSDynamoDB", id, "data"));
    const [line = ""] = gunzipSync(await readFile(join(folder, "AWSDynamoDB", id, "data", name)))
      .toString()
      .split("\n");
    const number = Number(/k(\d+)/.exec(line)?.[1]);
    expect(JSON.parse(line)).toEqual({
      Item: {
        pk: { S: `k${number}` },
        sk: { S: "k" },
        bytes: { B: Buffer.from([number, 255]).toString("base64") },
      },
    });
  });

  it("goes on where it broke off, with each item once", async () => {
    // Files of eight megabytes: the first ones are complete when the connection breaks.
    tableOf(400, 38, 100_000);
    const options = { client, table: "t", store: storeAt(folder), segments: 2 };
    await expect(exportTable(options)).rejects.toThrow("The connection broke");
    const [resume = ""] = await readdir(join(folder, "AWSDynamoDB"));
    await expect(openArchive(storeAt(folder))).rejects.toThrow(ArchiveError);
    const before = database.commandCalls(ScanCommand).length;
    database.reset();
    tableOf(400, undefined, 100_000);
    await exportTable({ ...options, resume });
    expect(database.commandCalls(ScanCommand).length).toBeLessThan(before);
    const keys = (await read(await openArchive(storeAt(folder)))).map(({ pk }) => pk?.S);
    expect(keys).toEqual(Array.from({ length: 400 }, (_, n) => `k${n}`));
  });

  it("is read as DynamoDB leaves it in a bucket: names from the bucket's top, checksums of the files", async () => {
    const archive = await exported(5);
    const files = archive.files.map((file) => ({ ...file, dataFileS3Key: `2020-Nov/${file.dataFileS3Key}` }));
    expect(await read({ ...archive, files })).toHaveLength(5);
  });
});

describe("a damaged export", () => {
  async function damage(change: (path: string) => Promise<void>, name = "data"): Promise<Archive> {
    const archive = await exported(30);
    const path = join(archive.store.location, name);
    const [first = ""] = name === "data" ? await readdir(path) : [""];
    await change(join(path, first));
    return archive;
  }
  const refused = async (archive: Archive) => {
    database.on(BatchWriteItemCommand).resolves({});
    await expect(importTable({ client, table: "t", archive })).rejects.toThrow(ArchiveError);
    expect(database.calls()).toEqual([]);
  };

  it("changes nothing: a file with another content", async () => {
    await refused(
      await damage(async (path) => {
        const text = gunzipSync(await readFile(path))
          .toString()
          .replace(/k\d+/, "k999");
        await writeFile(path, gzipSync(text));
      }),
    );
  });

  it("changes nothing: a file that is cut off, or empty, or gone", async () => {
    await refused(await damage(async (path) => writeFile(path, (await readFile(path)).subarray(0, -9))));
    await rm(folder, { recursive: true });
    await refused(await damage((path) => writeFile(path, "")));
    await rm(folder, { recursive: true });
    await refused(await damage((path) => rm(path)));
  });

  it("is not opened: a manifest that was changed", async () => {
    const { store } = await exported(3);
    await store.put("manifest-files.json", "");
    await expect(openArchive(store)).rejects.toThrow(/checksum differs/);
  });
});

describe("an import", () => {
  const missing = new ResourceNotFoundException({ message: "", $metadata: {} });
  const empty = () => {
    database.on(DescribeTableCommand).resolves({ Table: {} });
    database.on(ScanCommand).resolves({ Count: 0 });
  };

  it("sends again what DynamoDB hands back, until all is taken", async () => {
    const archive = await exported(60);
    empty();
    const taken = new Set<string>();
    let handed = 0;
    database.on(BatchWriteItemCommand).callsFake(({ RequestItems }) => {
      const [, ...rest]: { PutRequest: { Item: RawItem } }[] = RequestItems.t;
      const back = rest.length > 3 ? rest.slice(0, 3) : [];
      handed += back.length;
      for (const one of RequestItems.t) if (!back.includes(one)) taken.add(one.PutRequest.Item.pk.S);
      return { UnprocessedItems: back.length > 0 ? { t: back } : {} };
    });
    const result = await importTable({ client, table: "t", archive });
    expect(result).toEqual({ read: 60, written: 60, retried: handed });
    expect(taken.size).toBe(60);
    expect(handed).toBeGreaterThan(0);
  });

  it("is refused into a table that has items, has a stream, or is not there, unless told", async () => {
    const archive = await exported(3);
    const into = (options: object = {}) => importTable({ client, table: "t", archive, ...options });
    database.on(BatchWriteItemCommand).resolves({});
    database.on(DescribeTableCommand).rejects(missing);
    await expect(into()).rejects.toThrow(ImportRefused);
    database.on(DescribeTableCommand).resolves({ Table: {} });
    database.on(ScanCommand).resolves({ Count: 1 });
    await expect(into()).rejects.toThrow(/not empty/);
    expect(await into({ over: true })).toMatchObject({ written: 3 });
    database.on(DescribeTableCommand).resolves({ Table: { StreamSpecification: { StreamEnabled: true } } });
    await expect(into({ over: true })).rejects.toThrow(/stream of t is on/);
    expect(await into({ over: true, withStream: true })).toMatchObject({ written: 3 });
  });

  it("goes on with the files that are left, and says what it wrote", async () => {
    const archive = await exported(60);
    empty();
    database.on(BatchWriteItemCommand).resolves({});
    const [first] = archive.files;
    const done = new Set([first?.dataFileS3Key ?? ""]);
    const rest = 60 - (first?.itemCount ?? 0);
    expect(await importTable({ client, table: "t", archive, done })).toMatchObject({
      read: rest,
      written: rest,
    });
  });

  it("ends with the first error of the database", async () => {
    const archive = await exported(200);
    empty();
    database.on(BatchWriteItemCommand).rejects(new Error("Requests are refused"));
    await expect(importTable({ client, table: "t", archive, parallel: 2 })).rejects.toThrow(
      "Requests are refused",
    );
  });
});
