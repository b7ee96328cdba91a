import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cloud } from "./cloud.ts";
import { handledIds, notesClient } from "./fixture/notes-client.ts";
import { type SmallAssembly, writeSmallAssembly } from "./fixture/small-assembly.ts";
import { startCloud } from "./start-cloud.ts";
import { region } from "./template/references.ts";

let small: SmallAssembly;
let data: string;
let lines: string[] = [];
beforeAll(async () => {
  small = await writeSmallAssembly();
  data = await mkdtemp(join(tmpdir(), "given-servers-"));
});
afterAll(async () => {
  await small.remove();
  await rm(data, { recursive: true });
});

async function deleteTable({ endpoints, environment }: Cloud): Promise<void> {
  const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
  await client.send(new DeleteTableCommand({ TableName: environment.TABLE_NAME }));
  client.destroy();
}

test("clouds use given servers one after the other; of a table that was deleted, no change comes again", async () => {
  const owner = await startCloud({ assembly: small.folder, data, streams: false });
  const { dynamodb, s3, ses } = owner.endpoints;
  const given = {
    assembly: small.folder,
    endpoints: { dynamodb, s3, ses },
    databaseFile: join(data, "dynamodb.sqlite"),
    log: (line: string) => lines.push(line),
  };
  for (const id of ["watched#1", "watched#2"]) {
    lines = [];
    const cloud = await startCloud(given);
    expect(cloud.processes).toEqual([]);
    expect(cloud.endpoints).toMatchObject({ s3, ses });
    await notesClient(cloud).put(id);
    await cloud.settled(60_000);
    expect(handledIds(lines)).toEqual([id]);
    await cloud.stop();
    await deleteTable(owner);
  }
  await owner.stop();
});
