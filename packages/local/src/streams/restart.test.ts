import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type SmallAssembly, writeSmallAssembly } from "../fixture/small-assembly.ts";
import { handledIn, idsIn, notesOf } from "../fixture/watched-notes.ts";
import { startCloud } from "../start-cloud.ts";

let small: SmallAssembly;
let data: string;
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
  data = mkdtempSync(join(tmpdir(), "streams-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

describe("a cloud that was stopped", () => {
  test("delivers what was written meanwhile, and nothing that was delivered before", async () => {
    const run = async (streams: boolean, ...ids: string[]) => {
      const cloud = await startCloud({ assembly: small.folder, data, streams, log });
      for (const id of ids) await notesOf(cloud).put(id);
      await cloud.settled();
      await cloud.stop();
    };
    await run(true, "watched#1");
    await run(false, "watched#2", "watched#3");
    expect(idsIn(lines)).toEqual(["watched#1"]);
    await run(true);
    expect(idsIn(lines)).toEqual(["watched#1", "watched#2", "watched#3"]);
  }, 60_000);

  test("delivers the very first change, too, when it went down before it could", async () => {
    await (await startCloud({ assembly: small.folder, data, log })).stop();
    const killed = await startCloud({ assembly: small.folder, data, streams: false, log });
    await notesOf(killed).put("watched#1");
    await killed.stop();
    const cloud = await startCloud({ assembly: small.folder, data, log });
    await cloud.settled();
    await cloud.stop();
    expect(idsIn(lines)).toEqual(["watched#1"]);
  }, 60_000);

  test("delivers a change again that it had not noted yet, under the same id", async () => {
    const note = join(data, "streams.json");
    const first = await startCloud({ assembly: small.folder, data, log });
    const before = readFileSync(note, "utf8");
    await notesOf(first).put("watched#1");
    await first.settled();
    await first.stop();
    writeFileSync(note, before);
    const second = await startCloud({ assembly: small.folder, data, log });
    await second.settled();
    await second.stop();
    const [once, again, ...others] = handledIn(lines).flatMap(({ handled }) => handled);
    expect(again).toEqual(once);
    expect(others).toEqual([]);
  }, 60_000);

  test("had let the function finish what it was doing, and gave it nothing more", async () => {
    const cloud = await startCloud({ assembly: small.folder, data, log });
    const notes = notesOf(cloud);
    await notes.put("watched#1", "slow");
    await sleep(300);
    await notes.put("watched#2", "slow");
    await cloud.stop();
    expect(idsIn(lines)).toEqual(["watched#1"]);
    await expect(cloud.settled()).rejects.toThrow();
    const next = await startCloud({ assembly: small.folder, data, log });
    await next.settled();
    await next.stop();
    expect(idsIn(lines)).toEqual(["watched#1", "watched#2"]);
  }, 60_000);

  test("has not waited for a function that hangs, and delivers that change again", async () => {
    const cloud = await startCloud({ assembly: small.folder, data, log });
    await notesOf(cloud).put("watched#1", "endless");
    await sleep(300);
    const asked = performance.now();
    await cloud.stop();
    expect(performance.now() - asked).toBeLessThan(10_000);
    const kept = JSON.parse(readFileSync(join(data, "streams.json"), "utf8"));
    expect(Object.values(kept)).toEqual([{ shard_id: expect.any(String) }]);
    expect(lines.filter((line) => line.includes("gave up"))).toEqual([]);
  }, 60_000);

  test("does not begin anew without a word when its notes are damaged", async () => {
    await (await startCloud({ assembly: small.folder, data })).stop();
    writeFileSync(join(data, "streams.json"), "{");
    await expect(startCloud({ assembly: small.folder, data })).rejects.toThrow(/streams\.json is damaged/);
  }, 60_000);
});
