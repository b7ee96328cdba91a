import { afterEach, expect, test, vi } from "vitest";
import { nextRunAfter, parseSchedule, startTimer } from "./cron.ts";
import { fillPlaceholders } from "./scheduler.ts";

// A Sunday.
const now = new Date("2026-11-22T09:00:00Z");

test.each([
  ["cron(0 8 * * ? *)", "UTC", "2026-11-23T08:00:00Z"],
  ["cron(0 8 * * ? *)", "Europe/Berlin", "2026-11-23T07:00:00Z"],
  ["cron(30 10 ? * * *)", "UTC", "2026-11-22T10:30:00Z"],
  ["cron(0/15 * * * ? *)", "UTC", "2026-11-22T09:15:00Z"],
  ["cron(5,10/20 9 * * ? *)", "UTC", "2026-11-22T09:05:00Z"],
  ["cron(0 6 ? * MON *)", "UTC", "2026-11-23T06:00:00Z"],
  ["cron(0 6 ? * 2 *)", "UTC", "2026-11-23T06:00:00Z"],
  ["cron(0 6 ? * MON-FRI *)", "UTC", "2026-11-23T06:00:00Z"],
  ["cron(0 6 ? * L *)", "UTC", "2026-11-28T06:00:00Z"],
  ["cron(0 6 ? * 6L *)", "UTC", "2026-11-27T06:00:00Z"],
  ["cron(0 6 ? * 2#1 *)", "UTC", "2026-12-07T06:00:00Z"],
  ["cron(0 6 L * ? *)", "UTC", "2026-11-30T06:00:00Z"],
  ["cron(0 6 1 JAN ? 2028)", "UTC", "2028-01-01T06:00:00Z"],
  ["rate(5 minutes)", "UTC", "2026-11-22T09:05:00Z"],
  ["rate(1 day)", "UTC", "2026-11-23T09:00:00Z"],
  ["at(2027-01-02T03:04:05)", "UTC", "2027-01-02T03:04:05Z"],
])("%s in %s is next due at %s", (expression, timezone, expected) => {
  expect(nextRunAfter(parseSchedule(expression, timezone), now)).toEqual(new Date(expected));
});

test.each([
  ["cron(0 8 * * *)", /six fields/],
  ["cron(0 8 * * * *)", /must be \?/],
  ["cron(0 8 ? * ? *)", /must be \?/],
  ["cron(0 25 * * ? *)", /./],
  ["rate(0 minutes)", /rate/],
  ["rate(5 weeks)", /rate/],
  ["every day", /no cron/],
])("%s is refused", (expression, problem) => {
  expect(() => parseSchedule(expression, "UTC")).toThrow(problem);
});

test("a schedule whose year has passed has no next run", () => {
  expect(nextRunAfter(parseSchedule("cron(0 8 * * ? 2020)", "UTC"), now)).toBeUndefined();
});

test("the input carries the scheduled time without milliseconds, as Scheduler writes it", () => {
  const input = '{"time":"<aws.scheduler.scheduled-time>","id":"<aws.scheduler.execution-id>"}';
  expect(JSON.parse(fillPlaceholders(input, now, "run-1"))).toEqual({
    time: "2026-11-22T09:00:00Z",
    id: "run-1",
  });
});

afterEach(() => {
  vi.useRealTimers();
});

/** `now`, so many seconds later. */
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);

test.each([
  { kind: "rate", everySeconds: 1 },
  { kind: "cron", pattern: "* * * * * ? *", timezone: "UTC" },
] as const)("a timer ($kind) fires with the times that were due, until it is stopped", (timing) => {
  vi.useFakeTimers({ now });
  const fired: Date[] = [];
  const timer = startTimer(timing, (due) => fired.push(due));
  vi.advanceTimersByTime(2300);
  timer.stop();
  vi.advanceTimersByTime(2300);
  expect(fired).toEqual([after(1), after(2)]);
});

test.each([
  { kind: "rate", everySeconds: 60 },
  { kind: "cron", pattern: "0 * * * * ? *", timezone: "UTC" },
] as const)("a timer ($kind) on a machine that slept fires once for what it missed", (timing) => {
  vi.useFakeTimers({ now });
  const fired: Date[] = [];
  const timer = startTimer(timing, (due) => fired.push(due));
  vi.setSystemTime(after(1000));
  vi.advanceTimersByTime(60_000);
  timer.stop();
  expect(fired).toEqual([after(60)]);
});
