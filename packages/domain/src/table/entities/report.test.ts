import { expect, test } from "vitest";
import { ReportEntity, type StoredReport } from "./report.ts";

const report: StoredReport = {
  id: "r1",
  report_name: "Monthly health",
  report_type: "health_summary",
  date_from: "2026-01-01",
  date_to: "2026-01-31",
  status: "completed",
  file_size: 0,
  created_at: "2026-02-01T06:00:00.000Z",
  triggered_by: "Schedule",
  attempts: 1,
  mail_attempts: 0,
  deliveries: [],
  secret: "secret",
  revision: 1,
  expires_at_epoch: 1_800_000_000,
};
const written = (changes: Partial<StoredReport> = {}) =>
  ReportEntity.put({ ...report, ...changes }).params<{ Item: Record<string, unknown> }>({ table: "t" }).Item;

test("a report that somebody is to go on with is found by when", () => {
  const due_at = "2026-02-01T07:00:00.000Z";
  expect(written({ due_at })).toMatchObject({ due_at, gsi3pk: "report", gsi3sk: `${due_at}#r1` });
});

test("a report of which nothing is left to do waits for nobody", () => {
  expect(Object.keys(written())).not.toContain("gsi3pk");
  expect(written()).toMatchObject({ gsi2pk: "report", gsi2sk: "2026-02-01T06:00:00.000Z#r1" });
});

test("what is stored for the index alone is not read back", () => {
  expect(ReportEntity.parse({ Item: written() }).data).toEqual(report);
});
