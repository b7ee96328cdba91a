import { jobs } from "@success-manager/contract/jobs";
import { ScheduledJob } from "@success-manager/contract/scheduler";
import { describe, expect, it, test } from "vitest";
import type { JobLock } from "../table/index.ts";
import { nextRun, toScheduledJob } from "./api.ts";

const NOW = new Date("2026-06-01T00:00:30.000Z");
const [job] = jobs;

const lock = (state: JobLock["state"], more: Partial<JobLock> = {}): JobLock => ({
  job: job.id,
  run_id: "2026-06-01T00:00:00.000Z",
  state,
  started_at: "2026-06-01T00:00:01.000Z",
  counts: { calculated: 3, failed: 0 },
  ...more,
});
const of = (state: JobLock["state"], more?: Partial<JobLock>) =>
  ScheduledJob.parse(toScheduledJob(job, lock(state, more), "UTC", NOW));

describe("a job", () => {
  it("that never ran says so", () => {
    expect(toScheduledJob(job, undefined, "UTC", NOW)).toMatchObject({ is_running: false, last_run: null });
  });

  it("is running while somebody holds its lock", () => {
    const { is_running, last_run } = of("running", { leased_until: NOW.getTime() + 1, holder: "somebody" });
    expect([is_running, last_run?.state, last_run?.error]).toEqual([true, "running", null]);
  });

  it("is running while its run waits for the next invocation", () => {
    expect(of("running", { leased_until: NOW.getTime() + 1 })).toMatchObject({
      is_running: true,
      last_run: { state: "running" },
    });
  });

  it("whose lease ended without a word has failed, as far as anybody knows", () => {
    const { is_running, last_run } = of("running", { leased_until: NOW.getTime(), holder: "somebody" });
    expect([is_running, last_run?.state, last_run?.finished_at]).toEqual([false, "failed", null]);
    expect(last_run?.error).toContain("stopped without finishing");
  });

  it.each(["completed", "failed"] as const)("that %s says when, and what went wrong", (state) => {
    const finished_at = "2026-06-01T00:00:20.000Z";
    expect(of(state, { finished_at, error: "A sentence." })).toMatchObject({
      is_running: false,
      last_run: { state, finished_at, error: "A sentence.", counts: { calculated: 3, failed: 0 } },
    });
  });
});

test.each([
  ["0 0 * * *", "UTC", "2026-06-01T00:00:00Z", "2026-06-02T00:00:00.000Z"],
  ["30 8 * * *", "UTC", "2026-06-01T08:29:59Z", "2026-06-01T08:30:00.000Z"],
  ["0 8 * * *", "Asia/Karachi", "2026-06-01T00:00:00Z", "2026-06-01T03:00:00.000Z"],
  ["0 8 * * *", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-01-01T07:00:00.000Z"],
  ["0 8 * * *", "Europe/Berlin", "2026-06-01T00:00:00Z", "2026-06-01T06:00:00.000Z"],
  ["0 * * * *", "UTC", "2026-12-31T23:00:01Z", "2027-01-01T00:00:00.000Z"],
  // 02:30 does not exist on March 29 there, and exists twice on October 25.
  ["30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00.000Z"],
  ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00.000Z"],
  ["30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00.000Z"],
])("%s in %s, after %s, is due at %s", (cron, timezone, after, due) => {
  expect(nextRun(cron, timezone, new Date(after))?.toISOString()).toBe(due);
});
