import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { handledEvents, handledIds, notesClient } from "../fixture/notes-client.ts";
import { type SmallAssembly, writeSmallAssembly } from "../fixture/small-assembly.ts";
import { startCloud } from "../start-cloud.ts";

let small: SmallAssembly;
let data: string;
let lines: string[] = [];
const log = (line: string) => {
  lines.push(line);
};
/** The function has got the change and has not finished with it. */
const begun = (id: string) =>
  vi.waitFor(() => expect(lines).toContain(`[changes] begins ${id}`), { timeout: 60_000 });

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
      for (const id of ids) await notesClient(cloud).put(id);
      await cloud.settled();
      await cloud.stop();
    };
    await run(true, "watched#1");
    await run(false, "watched#2", "watched#3");
    expect(handledIds(lines)).toEqual(["watched#1"]);
    await run(true);
    expect(handledIds(lines)).toEqual(["watched#1", "watched#2", "watched#3"]);
  });

  test("delivers the very first change, too, when it went down before it could", async () => {
    await (await startCloud({ assembly: small.folder, data, log })).stop();
    const killed = await startCloud({ assembly: small.folder, data, streams: false, log });
    await notesClient(killed).put("watched#1");
    await killed.stop();
    const cloud = await startCloud({ assembly: small.folder, data, log });
    await cloud.settled();
    await cloud.stop();
    expect(handledIds(lines)).toEqual(["watched#1"]);
  });

  test("delivers a change again whose checkpoint was not written yet, under the same id", async () => {
    const checkpoints = join(data, "streams.json");
    const first = await startCloud({ assembly: small.folder, data, log });
    const before = readFileSync(checkpoints, "utf8");
    await notesClient(first).put("watched#1");
    await first.settled();
    await first.stop();
    writeFileSync(checkpoints, before);
    const second = await startCloud({ assembly: small.folder, data, log });
    await second.settled();
    await second.stop();
    const [once, again, ...others] = handledEvents(lines).flatMap(({ handled }) => handled);
    expect(again).toEqual(once);
    expect(others).toEqual([]);
  });

  test("had let the function finish what it was doing, and gave it nothing more", async () => {
    const cloud = await startCloud({ assembly: small.folder, data, log });
    const notes = notesClient(cloud);
    const gate = join(data, "gate");
    await notes.put("watched#1", `until ${gate}`);
    await begun("watched#1");
    await notes.put("watched#2");
    const stopped = cloud.stop();
    await nextTurn();
    writeFileSync(gate, "");
    await stopped;
    expect(handledIds(lines)).toEqual(["watched#1"]);
    await expect(cloud.settled()).rejects.toThrow();
    const next = await startCloud({ assembly: small.folder, data, log });
    await next.settled();
    await next.stop();
    expect(handledIds(lines)).toEqual(["watched#1", "watched#2"]);
  });

  test("has not waited for a function that hangs, and delivers that change again", async () => {
    const cloud = await startCloud({ assembly: small.folder, data, log });
    await notesClient(cloud).put("watched#1", "endless");
    await begun("watched#1");
    const before = performance.now();
    await cloud.stop();
    expect(performance.now() - before).toBeLessThan(10_000);
    const kept = JSON.parse(readFileSync(join(data, "streams.json"), "utf8"));
    expect(Object.values(kept)).toEqual([{ shard_id: expect.any(String) }]);
    expect(lines.filter((line) => line.includes("gave up"))).toEqual([]);
  });

  test("refuses to start when its checkpoints are damaged, instead of skipping changes", async () => {
    await (await startCloud({ assembly: small.folder, data })).stop();
    writeFileSync(join(data, "streams.json"), "{");
    await expect(startCloud({ assembly: small.folder, data })).rejects.toThrow(/streams\.json is damaged/);
  });
});
