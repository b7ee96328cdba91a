import { createHash } from "node:crypto";
import type { Document, DocumentBrand, DocumentWords } from "@success-manager/pdf/document";
import { brandOf, pngSize, readLogo, settingsOf, settingsRequest } from "../../settings/index.ts";
import { batchGet, isScoped, type StoredReport } from "../../table/index.ts";
import { reportTitle } from "../period.ts";
import { filterSummary } from "./filters.ts";
import { formatDate, formatInstant, formatName, formatPeriod, formatPeriodName } from "./format.ts";
import { REPORT_TYPES, type ReportContent, type ReportSummary } from "./report-types.ts";
import { type CsvFile, tablesAsCsv, withAnnex } from "./tables.ts";
import { inLanguage, say, spoken } from "./words.ts";

/** What reports say, ready to be printed. What each is made of stands in `report-types.ts`. */

export type { ReportSummary, SummaryChart } from "./report-types.ts";

/** What a report has to be known by. */
type ReportInput = Pick<
  StoredReport,
  "report_name" | "report_type" | "filters" | "language" | "date_from" | "date_to" | "triggered_by"
>;

/**
 * Who reports, and what stands at the foot of each page. A logo that can't be read now is left out: a report without it
 * is better than none.
 */
async function loadFrame(): Promise<{
  readonly brand: DocumentBrand;
  readonly footnote: string | undefined;
}> {
  const [reports, branding] = await batchGet(settingsRequest("reports"), settingsRequest("branding"));
  const { organization, accent, logo: file, footer } = brandOf(settingsOf("branding", branding));
  const png = file && (await readLogo(file).catch(() => undefined));
  return {
    brand: { name: organization, color: accent, logo: png ? { png, ...pngSize(png) } : undefined },
    footnote: settingsOf("reports", reports).footer_text ?? footer,
  };
}

/** A report, ready to be printed and mailed. */
export interface BuiltReport {
  readonly document: Document;
  /** What its mail says. */
  readonly summary: ReportSummary;
  /** The same for reports that say the same but for the calendar: SHA-256 in base64url. */
  readonly fingerprint: () => string;
  /** Its tables as CSV, where they are wanted. */
  readonly tables: readonly CsvFile[];
  /** What people call it, in its language: `Velmora Mobile, customer overview`. */
  readonly name: string;
  /** Its period in the same words: `November 2026`. */
  readonly period: string;
}

/**
 * What a report says, as of now: the period's figures are those of its days, the portfolio is as it stands.
 *
 * @param csv whether its tables are wanted as CSV
 * @throws 404 when it is about a customer who is not there
 */
export const buildReport = (
  report: ReportInput,
  now: Date,
  options: { readonly csv?: boolean } = {},
): Promise<BuiltReport> =>
  inLanguage(report.language ?? FORMER_LANGUAGE, () => buildInLanguage(report, now, options));

/** Of reports that were asked for before there were others. */
export const FORMER_LANGUAGE = "en";

/** What the printed page says by itself. */
const printedWords = (): DocumentWords => ({
  page: say("print.page", { number: "{number}", count: "{count}" }),
  nothingInReport: say("print.nothing_in_report"),
  nothingInSection: say("print.nothing_in_section"),
  nothingToList: say("print.nothing_to_list"),
  noData: say("print.no_data"),
  noValue: say("print.no_value"),
  moreLines: say("print.more_lines", { count: "{count}" }),
  moreRows: say("print.more_rows", { count: "{count}" }),
  barChart: say("print.bar_chart"),
  stackedBar: say("print.stacked_bar"),
  lineChart: say("print.line_chart"),
  span: say("print.span", {
    ...{ first: "{first}", last: "{last}", lowest: "{lowest}", highest: "{highest}" },
  }),
});

async function buildInLanguage(
  report: ReportInput,
  now: Date,
  { csv = false }: { readonly csv?: boolean },
): Promise<BuiltReport> {
  const { report_name, report_type, filters = {}, triggered_by, date_from, date_to } = report;
  const [title, build] = [say(`title.${report_type}`), REPORT_TYPES[report_type]];
  const period = { date_from, date_to };
  const { annex = false } = filters;
  const [content, narrowed, { brand, footnote }] = await Promise.all([
    build({ filters, period, now, keepsRows: annex || csv }),
    filterSummary(filters),
    loadFrame(),
  ]);
  const shown = content.period ?? period;
  const isNamed = report_name !== reportTitle(report_type);
  const reader = triggered_by === "Schedule" ? (isNamed ? report_name : title) : triggered_by;
  const subtitle = content.subtitle ?? (isNamed ? report_name : undefined);
  return {
    name: [content.subtitle, isNamed ? report_name : say(`file.${report_type}`)].filter(Boolean).join(", "),
    period: formatPeriodName(shown),
    summary: content.summary,
    fingerprint: () => fingerprintOf(report, content.substance),
    tables: csv ? tablesAsCsv(content.sections) : [],
    document: {
      title,
      subtitle,
      facts: [
        { label: say("fact.period"), value: formatPeriod(shown) },
        ...(content.facts ?? []),
        ...narrowed,
        ...(isScoped() ? [{ label: say("fact.customers"), value: say("fact.customers_seen") }] : []),
        {
          label: say("fact.generated"),
          value: say("fact.generated_for", { instant: formatInstant(now), reader: formatName(reader) }),
        },
      ],
      paper: filters.paper ?? "a4",
      created: now,
      language: { tag: spoken().language, locale: spoken().locale, direction: spoken().direction },
      words: printedWords(),
      brand,
      footer: `${brand.name} · ${title} · ${formatDate(shown.date_to)}`,
      footnote,
      sections: withAnnex(content.sections, annex),
    },
  };
}

/** The document of a report alone. @throws 404 */
export const buildDocument = async (report: ReportInput, now: Date): Promise<Document> =>
  (await buildReport(report, now)).document;

const inOrder = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).sort();

/**
 * What happened in a period is that of its days; where nothing happened, they make no difference. Nor does the order in
 * which rows came from the table.
 */
function fingerprintOf(
  { report_type, filters = {}, language = FORMER_LANGUAGE, date_from, date_to }: ReportInput,
  { state, activity }: ReportContent["substance"],
): string {
  const happened = activity.length > 0 ? { date_from, date_to, activity: inOrder(activity) } : undefined;
  return (
    createHash("sha256")
      // As it was before there were other languages: nobody gets a mail because of them alone.
      .update(
        JSON.stringify({
          ...{ report_type, filters, state: inOrder(state), happened },
          language: language === FORMER_LANGUAGE ? undefined : language,
        }),
      )
      .digest("base64url")
  );
}

export type { CsvFile } from "./tables.ts";
