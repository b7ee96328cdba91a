import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openCheckpoints } from "./checkpoints.ts";

let folder: string;
let file: string;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  folder = mkdtempSync(join(tmpdir(), "checkpoints-"));
  file = join(folder, "streams.json");
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const at = (sequence_number: string) => ({ shard_id: "shard", sequence_number });
const saved = () => JSON.parse(readFileSync(file, "utf8"));

test("the first checkpoint is saved at once, those that follow soon after together, the last one of them for sure", () => {
  const store = openCheckpoints(file).of("notes");
  store.write(at("1"));
  expect(saved()).toEqual({ notes: at("1") });
  for (const number of ["2", "3", "4"]) store.write(at(number));
  expect(saved()).toEqual({ notes: at("1") });
  vi.advanceTimersByTime(1000);
  expect(saved()).toEqual({ notes: at("4") });
  store.write(at("5"));
  expect(saved()).toEqual({ notes: at("5") });
});

test("who stops saves what is not saved yet; the next start reads it", () => {
  const checkpoints = openCheckpoints(file);
  checkpoints.of("notes").write(at("1"));
  checkpoints.of("mails").write(at("7"));
  checkpoints.flush();
  expect(openCheckpoints(file).of("mails").read()).toEqual(at("7"));
  expect(openCheckpoints(file).of("others").read()).toBeUndefined();
});

test("nothing is written when there is nothing to save", () => {
  openCheckpoints(file).flush();
  expect(existsSync(file)).toBe(false);
});
