import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { notesClient } from "../fixture/notes-client.ts";
import { type SmallAssembly, writeSmallAssembly } from "../fixture/small-assembly.ts";
import { createDynamoDbApi } from "../resources/dynamodb-api.ts";
import { startCloud } from "../start-cloud.ts";
import { indexStreamRecords } from "./dynoxide-streams.js";

let small: SmallAssembly;
let data: string;
beforeAll(async () => {
  small = await writeSmallAssembly();
  data = mkdtempSync(join(tmpdir(), "dynoxide-streams-"));
});
afterAll(async () => {
  await small.remove();
  rmSync(data, { recursive: true, force: true });
});

/** Starts a cloud without streams, writes, and stops it. */
async function write(...ids: string[]): Promise<void> {
  const cloud = await startCloud({ assembly: small.folder, data, streams: false });
  for (const id of ids) await notesClient(cloud).put(id);
  await cloud.stop();
}

function inFile<T>(use: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(data, "dynamodb.sqlite"));
  try {
    return use(database);
  } finally {
    database.close();
  }
}

const age = (hours: number, below: number) =>
  inFile((database) =>
    database
      .prepare(
        "UPDATE _stream_records SET created_at = created_at - ? WHERE CAST(sequence_number AS INTEGER) < ?",
      )
      .run(hours * 3600, below),
  );

const numbers = () =>
  inFile((database) =>
    database
      .prepare("SELECT sequence_number FROM _stream_records ORDER BY CAST(sequence_number AS INTEGER)")
      .all()
      .map(({ sequence_number }) => sequence_number),
  );

test("records that were a day old when the newest came are removed at the next start", async () => {
  await write("a", "b", "c", "d");
  expect(numbers()).toEqual(["1", "2", "3", "4"]);
  // Ten hours ago the cloud went down; twenty hours before that "b" was written, and thirty before "a".
  age(10, 5);
  age(20, 3);
  age(10, 2);
  await write();
  expect(numbers()).toEqual(["2", "3", "4"]);
});

test("the newest record stays however old it is, and the next one is numbered after it", async () => {
  age(1000, 5);
  await write();
  expect(numbers()).toEqual(["2", "3", "4"]);
  await write("e");
  expect(numbers()).toEqual(["2", "3", "4", "5"]);
  await write();
  expect(numbers()).toEqual(["5"]);
});

/** How SQLite would find the number of a stream's next record. */
function plan(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  const steps = database
    .prepare(
      "EXPLAIN QUERY PLAN SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = 'x'",
    )
    .all();
  database.close();
  return steps.map(({ detail }) => String(detail)).join("; ");
}

test("the number of the next stream record is found without reading all earlier ones", async () => {
  await write();
  expect(plan(join(data, "dynamodb.sqlite"))).toMatch(/USING.* INDEX _stream_records_by_number/);
});

test("a database that keeps its records elsewhere is left alone", () => {
  const file = join(data, "other.sqlite");
  indexStreamRecords(file);
  const database = new DatabaseSync(file);
  expect(database.prepare("SELECT name FROM sqlite_master").all()).toEqual([]);
  database.close();
});

test("with a virtual clock, records are removed after a day of it, and items never by the database's clock", async () => {
  const began = numbers().length;
  const noon = new Date("2024-01-01T12:00:00.000Z");
  const folder = data;
  data = mkdtempSync(join(tmpdir(), "virtual-time-"));
  const cloud = await startCloud({ assembly: small.folder, data, streams: false, virtualTime: noon });
  try {
    await notesClient(cloud).put("a");
    await notesClient(cloud).put("b");
    // Written an hour before "b", as the machine has it: before the clock's day began.
    age(1, 2);
    cloud.setTime(new Date("2024-01-01T20:00:00.000Z"));
    expect(numbers()).toEqual(["1", "2"]);
    cloud.setTime(new Date("2024-01-02T00:00:00.000Z"));
    expect(numbers()).toEqual(["2"]);
    expect(() => cloud.setTime(noon)).toThrow("can't go back");
    const { call, close } = createDynamoDbApi(cloud.endpoints.dynamodb);
    const { TableNames } = Object(await call("ListTables", {}));
    const ttl = await call("DescribeTimeToLive", { TableName: TableNames[0] });
    expect(ttl).toMatchObject({ TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } });
    close();
  } finally {
    await cloud.stop();
    rmSync(data, { recursive: true, force: true });
    data = folder;
  }
  expect(numbers()).toHaveLength(began);
});

test("a cloud without one goes by the machine's clock", async () => {
  const cloud = await startCloud({ assembly: small.folder, data, streams: false });
  expect(() => cloud.setTime(new Date())).toThrow("machine's clock");
  await cloud.stop();
});
