import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeSmallAssembly } from "../fixture/small-assembly.ts";
import { startCloud } from "../start-cloud.ts";
import { indexStreamRecords } from "./stream-index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stream-index-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

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
  const small = await writeSmallAssembly();
  const cloud = await startCloud({ assembly: small.folder, data: folder });
  await cloud.stop();
  await small.remove();
  expect(plan(join(folder, "dynamodb.sqlite"))).toMatch(/USING.* INDEX _stream_records_by_number/);
}, 30_000);

test("a database that keeps its records elsewhere is left alone", () => {
  const file = join(folder, "other.sqlite");
  indexStreamRecords(file);
  const database = new DatabaseSync(file);
  expect(database.prepare("SELECT name FROM sqlite_master").all()).toEqual([]);
  database.close();
});
