import { jobs } from "@success-manager/contract/jobs";
import type { SystemHealth } from "@success-manager/contract/settings";
import { describe, expect, test } from "vitest";
import type { JobLock } from "../table/index.ts";
import { jobHealth, migrationHealth, overallHealth, streamHealth } from "./system-health.ts";

const [daily] = jobs;
const lock = (changes: Partial<JobLock> = {}): JobLock => ({
  job: daily.id,
  run_id: "2026-06-01T00:00:00.000Z",
  state: "completed",
  started_at: "2026-06-01T00:00:01.000Z",
  counts: {},
  ...changes,
});

describe("a daily job", () => {
  test.each<[name: string, lock: JobLock | undefined, now: string, state: string, is_late: boolean]>([
    ["never ran", undefined, "2026-06-01T12:00:00Z", "never_ran", false],
    ["ran today", lock(), "2026-06-01T12:00:00Z", "completed", false],
    ["is due within the hour before", lock(), "2026-06-02T00:59:00Z", "completed", false],
    ["did not run the next day", lock(), "2026-06-02T01:00:01Z", "completed", true],
    ["failed", lock({ state: "failed" }), "2026-06-01T12:00:00Z", "failed", false],
    ["failed, and not since", lock({ state: "failed" }), "2026-06-05T12:00:00Z", "failed", true],
    ["died", lock({ state: "running", leased_until: 1 }), "2026-06-01T12:00:00Z", "failed", false],
    [
      "is running for long",
      lock({ state: "running", leased_until: Date.parse("2026-06-03T00:00:00Z") }),
      "2026-06-02T12:00:00Z",
      "running",
      false,
    ],
  ])("that %s says so", (_, stored, now, state, is_late) => {
    expect(jobHealth(daily, stored, "UTC", new Date(now))).toMatchObject({ state, is_late });
  });
});

describe("the stream", () => {
  test.each<[name: string, echo: [number, number] | undefined, status: string, lag_ms: number]>([
    ["has answered", [1_000, 1_150], "ok", 150],
    ["has answered a newer probe", [2_000, 2_010], "ok", 10],
    ["has answered late", [1_000, 61_000], "degraded", 60_000],
    ["has not answered yet", undefined, "ok", 400],
    ["has answered the one before", [500, 600], "ok", 400],
  ])("that %s is so far behind", (_, echo, status, lag_ms) => {
    const [written_at, seen_at] = echo ?? [0, 0];
    expect(streamHealth(1_000, echo && { written_at, seen_at }, 1_400)).toMatchObject({ status, lag_ms });
  });

  test("that never answers is behind for as long as it is silent", () => {
    expect(streamHealth(1_000, undefined, 3_601_000)).toMatchObject({
      status: "degraded",
      lag_ms: 3_600_000,
    });
  });
});

describe("migrations that are needed", () => {
  test.each<[what: string, states: (string | undefined)[], pending: string[]]>([
    ["are done", ["done", "done"], []],
    ["never ran", [undefined, "done"], ["first"]],
    ["are running, or failed", ["running", "failed"], ["first", "second"]],
    ["were undone", ["done", "undone"], ["second"]],
  ])("say that they %s", (_, states, pending) => {
    const stored = states.map((state) => (state === undefined ? undefined : { state }));
    const health = migrationHealth(["first", "second"], stored);
    expect(health).toMatchObject({ status: pending.length > 0 ? "degraded" : "ok", pending });
    for (const name of pending) expect(health.detail).toContain(name);
  });

  test("are none", () => {
    expect(migrationHealth([], [])).toMatchObject({ status: "ok", pending: [] });
  });
});

describe("all in all", () => {
  type Checks = SystemHealth["checks"];
  type Status = Checks["table"]["status"];
  const part = (status: Status) => ({ status, detail: "" });
  const checks = (changes: Partial<Record<keyof Checks, Status>> = {}): Checks => {
    const of = (name: keyof Checks) => part(changes[name] ?? "ok");
    return {
      table: { ...of("table"), latency_ms: 1 },
      stream: { ...of("stream"), lag_ms: 1 },
      dead_letters: { ...of("dead_letters"), depth: 0 },
      jobs: { ...of("jobs"), jobs: [] },
      migrations: { ...of("migrations"), pending: [] },
      mail: of("mail"),
      files: { ...of("files"), latency_ms: 1 },
    };
  };
  const names = Object.keys(checks()) as (keyof Checks)[];

  test("is well when everything is, or can't be told", () => {
    expect(overallHealth(checks())).toBe("ok");
    for (const name of names) expect(overallHealth(checks({ [name]: "unknown" }))).toBe("ok");
  });

  test("is down without the table, and degraded when anything else is wrong", () => {
    for (const name of names) {
      expect(overallHealth(checks({ [name]: "degraded" }))).toBe("degraded");
      expect(overallHealth(checks({ [name]: "down" }))).toBe(name === "table" ? "down" : "degraded");
    }
    expect(overallHealth(checks({ table: "down", mail: "degraded" }))).toBe("down");
  });
});
