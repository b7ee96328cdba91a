import type { Report } from "@success-manager/contract/reports";
import type { ReportType } from "@success-manager/contract/vocabulary";
import { readPdf } from "../../../packages/pdf/src/testing/read-pdf.ts";
import type { Running } from "../cloud.ts";

/** A report whose file is stored. */
export interface Generated {
  readonly report: Report;
  /** Milliseconds until its answer was there. */
  readonly ms: number;
}

/**
 * Generates a report of all customers and the last 30 days, in one request.
 *
 * @throws when generating has failed, or was left to the job
 */
export async function generated({ api }: Pick<Running, "api">, report_type: ReportType): Promise<Generated> {
  const from = performance.now();
  const report = (await api.reports.generate({ body: { report_type } })).body();
  const ms = performance.now() - from;
  const { status, error_message } = report;
  if (status !== "completed") throw new Error(`A report ${report_type} is ${status}: ${error_message}`);
  return { report, ms };
}

/**
 * Pages of a report's file, as a program counts them that shows it.
 *
 * @throws when the file is not what its report says
 */
export async function pagesOf(
  { api }: Pick<Running, "api">,
  { id, file_size }: Pick<Report, "id" | "file_size">,
): Promise<number> {
  const address = await api.reports.download({ params: { id } }, { accept: "application/json" });
  const file = new Uint8Array(await (await fetch(address.body().url)).arrayBuffer());
  if (file.length !== file_size) throw new Error(`${file.length} bytes of a file of ${file_size}`);
  return (await readPdf(file)).pages.length;
}
