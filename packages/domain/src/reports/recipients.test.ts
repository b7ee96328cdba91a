import { expect, test } from "vitest";
import type { StoredReportSchedule } from "../table/index.ts";
import { withoutRecipient } from "./recipients.ts";

const NOW = new Date("2026-11-22T08:00:00.000Z");

const schedule = (changes: Partial<StoredReportSchedule> = {}): StoredReportSchedule => ({
  id: "0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11",
  report_name: "Weekly health",
  report_type: "health_summary",
  frequency: "weekly",
  recipients: ["ada@example.com", "Grace@example.com"],
  anchor: "2026-11-16T06:00:00.000Z",
  next_scheduled_at: "2026-11-23T06:00:00.000Z",
  is_active: true,
  created_by: "Manager",
  created_by_id: "1c0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11",
  created_at: "2026-11-01T06:00:00.000Z",
  updated_at: "2026-11-01T06:00:00.000Z",
  secret: "s",
  revision: 3,
  ...changes,
});

test("who leaves is taken off, in whatever case they were written, and nothing else changes", () => {
  const before = schedule();
  expect(withoutRecipient(before, "grace@example.com", "mac", NOW)).toEqual({
    ...before,
    recipients: ["ada@example.com"],
    left: ["mac"],
    updated_at: NOW.toISOString(),
    revision: 4,
  });
});

test("without recipients a schedule is paused", () => {
  const before = schedule({ recipients: ["ada@example.com"] });
  expect(withoutRecipient(before, "ada@example.com", "mac", NOW)).toMatchObject({
    recipients: [],
    is_active: false,
  });
});

test("a paused schedule stays paused", () => {
  expect(withoutRecipient(schedule({ is_active: false }), "ada@example.com", "mac", NOW).is_active).toBe(
    false,
  );
});

test("the last hundred who left are known, each once", () => {
  const left = Array.from({ length: 100 }, (_, n) => `mac ${n}`);
  const after = withoutRecipient(schedule({ left }), "ada@example.com", "mac 5", NOW).left ?? [];
  expect([after.length, after.at(-1), after.filter((one) => one === "mac 5").length]).toEqual([
    100,
    "mac 5",
    1,
  ]);
  expect(withoutRecipient(schedule({ left }), "ada@example.com", "new", NOW).left?.slice(0, 1)).toEqual([
    "mac 1",
  ]);
});
