import type { ReportType } from "@success-manager/contract/vocabulary";
import type { Document, DocumentBrand } from "@success-manager/pdf/document";
import { loadBrand, loadSettings, pngSize, readLogo } from "../../settings/index.ts";
import type { StoredReport } from "../../table/index.ts";
import { filterSummary } from "./filters.ts";
import { formatDate, formatInstant, formatPeriod } from "./format.ts";
import { REPORT_TYPES } from "./report-types.ts";

/** What reports say, ready to be printed. What each is made of stands in `report-types.ts`. */

/** The title of a type of report, as it is printed and mailed. */
export const reportTitle = (type: ReportType): string => REPORT_TYPES[type].title;

/** What a report has to be known by. */
type ReportInput = Pick<
  StoredReport,
  "report_name" | "report_type" | "filters" | "date_from" | "date_to" | "triggered_by"
>;

/** Who reports. A logo that can't be read now is left out: a report without it is better than none. */
async function loadPrintedBrand(): Promise<DocumentBrand & { readonly footer: string | undefined }> {
  const { organization: name, accent: color, logo: file, footer } = await loadBrand();
  const png = file && (await readLogo(file).catch(() => undefined));
  return { name, color, logo: png ? { png, ...pngSize(png) } : undefined, footer };
}

/**
 * What a report says, as of now: the period's figures are those of its days, the portfolio is as it stands.
 *
 * @throws 404 when it is about a customer who is not there
 */
export async function buildDocument(report: ReportInput, now: Date): Promise<Document> {
  const { report_name, report_type, filters = {}, triggered_by, date_from, date_to } = report;
  const { title, build } = REPORT_TYPES[report_type];
  const period = { date_from, date_to };
  const [{ subtitle, sections }, narrowed, { footer_text }, { footer, ...brand }] = await Promise.all([
    build({ filters, period, now }),
    filterSummary(filters),
    loadSettings("reports"),
    loadPrintedBrand(),
  ]);
  const reader = triggered_by === "Schedule" ? report_name : triggered_by;
  return {
    title,
    subtitle: subtitle ?? (report_name === title ? undefined : report_name),
    facts: [
      { label: "Period", value: formatPeriod(period) },
      ...narrowed,
      { label: "Generated", value: `${formatInstant(now)}, for ${reader}` },
    ],
    paper: filters.paper ?? "a4",
    created: now,
    brand,
    footer: `${brand.name} · ${title} · ${formatDate(date_to)}`,
    footnote: footer_text ?? footer,
    sections,
  };
}

export { filterSummary, formatDate, formatInstant, formatPeriod };
