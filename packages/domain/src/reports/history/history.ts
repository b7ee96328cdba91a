import type { FileLink } from "@success-manager/contract/dsl/endpoint";
import { notFound, Problem } from "@success-manager/contract/problem";
import type { Report } from "@success-manager/contract/reports";
import { ReportEntity, type StoredReport } from "../../table/index.ts";
import { fileName, fileUrl } from "../store.ts";
import { shown } from "./shown.ts";

export { dashboard } from "./dashboard.ts";
export { list } from "./list.ts";

async function stored(id: string): Promise<StoredReport> {
  const { data } = await ReportEntity.get({ id }).go({ consistent: true });
  if (!data) throw notFound("Report");
  return data;
}

/** A report. @throws 404 */
export const get = async (id: string): Promise<Report> => shown(await stored(id));

const NO_FILE: Readonly<Record<StoredReport["status"], string>> = {
  pending: "This report is not generated yet. Try again in a moment.",
  generating: "This report is being generated. Try again in a moment.",
  failed: "This report has no file: generating it failed. Its history entry says why.",
  completed: "The file of this report is not there.",
};

/**
 * Where a report's PDF can be loaded, for five minutes (decision 20).
 * @throws 404 with a sentence: unknown, not generated, failed, or no longer kept
 */
export async function download(id: string, now = new Date()): Promise<FileLink> {
  const report = await stored(id);
  const { file_path, status, expires_at_epoch } = report;
  if (file_path === undefined) throw new Problem(404, NO_FILE[status]);
  // The bucket and the table forget it within some days of this moment, each in its own time.
  if (expires_at_epoch * 1000 <= now.getTime())
    throw new Problem(404, "The file of this report is no longer kept. Generate the report again.");
  return fileUrl(file_path, fileName(report), now);
}
