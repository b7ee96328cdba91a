import {
  commit,
  putItem,
  ReportEntity,
  ReportScheduleEntity,
  type StoredReport,
  updateItem,
  type Write,
} from "../../table/index.ts";

const write = (before: StoredReport, after: StoredReport): Write =>
  putItem(ReportEntity.put(after).where(({ revision }, { eq }) => eq(revision, before.revision)));

/**
 * Replaces a report by its next state, on the condition that nobody else has. Answers what is stored now; undefined
 * when somebody was faster, to whom it belongs then. A transaction, because the database knows one that comes again
 * after a lost answer: nobody loses a report to themselves.
 */
export async function save(before: StoredReport, next: StoredReport): Promise<StoredReport | undefined> {
  const after = { ...next, revision: before.revision + 1 };
  return (await commit([write(before, after)])).length === 0 ? after : undefined;
}

/** The same, for a report whose file is there: its schedule, if there still is one, tells when that was. */
export async function saveGenerated(
  before: StoredReport,
  next: StoredReport,
): Promise<StoredReport | undefined> {
  const { scheduled_report_id: id, generated_at: last_generated_at } = next;
  if (id === undefined || last_generated_at === undefined) return save(before, next);
  const after = { ...next, revision: before.revision + 1 };
  const noted = ReportScheduleEntity.patch({ id }).set({ last_generated_at }).add({ revision: 1 });
  const failed = await commit([write(before, after), updateItem(noted)]);
  if (failed.length === 0) return after;
  return failed.includes(0) ? undefined : save(before, next);
}
