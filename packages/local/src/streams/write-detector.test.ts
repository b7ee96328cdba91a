import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createWriteDetector } from "./write-detector.ts";

let folder: string;
let file: string;
beforeAll(() => {
  // The clock stands still, however slow the machine is.
  vi.useFakeTimers({ toFake: ["Date"] });
  folder = mkdtempSync(join(tmpdir(), "writes-"));
  file = join(folder, "some.sqlite");
});
afterAll(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** Makes the log of the database as old as that. */
function logWritten(millisecondsAgo: number): void {
  writeFileSync(`${file}-wal`, "");
  const time = (Date.now() - millisecondsAgo) / 1000;
  utimesSync(`${file}-wal`, time, time);
}

test("a log that was written after the last read means that there may be something", () => {
  logWritten(100);
  expect(createWriteDetector(file)(Date.now() - 200)).toBe(true);
});

test("a log that was written just before, too: the write may not have been readable yet", () => {
  logWritten(200);
  expect(createWriteDetector(file)(Date.now() - 100)).toBe(true);
});

test("a log that nobody has touched means that there is nothing", () => {
  logWritten(5000);
  expect(createWriteDetector(file)(Date.now() - 100)).toBe(false);
});

test("nobody relies on the log alone for longer than a second", () => {
  logWritten(5000);
  expect(createWriteDetector(file)(Date.now() - 1500)).toBe(true);
});

test("without a log, or with a database elsewhere, there may always be something", () => {
  expect(createWriteDetector(join(folder, "other.sqlite"))(Date.now())).toBe(true);
  expect(createWriteDetector(undefined)(Date.now())).toBe(true);
});
