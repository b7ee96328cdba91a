import { scopeOfOwner } from "../lists/index.ts";
import { currentScope, type Scope, type StoredReport, withinScope } from "../table/index.ts";
import { currentTime, errorMessage, NOBODY_CAME_BACK, type ReportContext } from "./context.ts";
import { deliver, type ReportFiles } from "./deliver.ts";
import { buildReport } from "./document/index.ts";
import {
  abandon,
  claim,
  complete,
  fail,
  isExhausted,
  isGenerated,
  save,
  saveGenerated,
  undelivered,
} from "./report-state.ts";
import { fileKey, storeEnclosure, storeFile, storeTables } from "./storage.ts";

/** What was done for a report that was due. */
export interface ProcessResult {
  /** As it is stored now; undefined when somebody else has taken it over meanwhile. */
  readonly report: StoredReport | undefined;
  /** Whether its file was made now. */
  readonly generated: boolean;
  /** How many mails were sent. */
  readonly sent: number;
  /** How many may have gone out: the mail service did not say. */
  readonly unknown: number;
  /** False when the time was up. */
  readonly finished: boolean;
}

const NOTHING = { generated: false, sent: 0, unknown: 0, finished: true } as const;

/**
 * Takes a report on that is due, and goes on with it. Undefined when somebody else has it: the report's revision
 * decides, so of many who come at once one does.
 */
export async function processReport(
  due: StoredReport,
  context: ReportContext,
): Promise<ProcessResult | undefined> {
  const now = currentTime(context);
  if (isExhausted(due)) {
    const report = await save(due, abandon(due, NOBODY_CAME_BACK, now));
    if (report) context.onAbandoned(report);
    return report && { ...NOTHING, report };
  }
  const held = await save(due, claim(due, now));
  return held && processClaimed(held, context);
}

/**
 * Goes on with a report that the caller holds: makes its file, unless it is there, and mails it.
 * Each step is stored, and whoever no longer holds the report stops without a word.
 *
 * @param by `byOwner`: within the request of whose report it is
 */
export async function processClaimed(
  held: StoredReport,
  context: ReportContext,
  { byOwner = false }: { readonly byOwner?: boolean } = {},
): Promise<ProcessResult> {
  const made = isGenerated(held) ? { report: held } : await renderAndStore(held, context, { byOwner });
  const { report, files } = { files: undefined, ...made };
  const generated = files !== undefined && report !== undefined;
  if (!report || !isGenerated(report) || report.due_at === undefined)
    return { ...NOTHING, report, generated };
  return { generated, ...(await deliver(report, files, context)) };
}

/** How an attempt to generate ended. */
export interface RenderResult {
  /** As it is stored now; undefined when it belongs to somebody else meanwhile. */
  readonly report: StoredReport | undefined;
  /** The file, and what its mail says; undefined when there is none. */
  readonly files?: ReportFiles | undefined;
}

/** Loaded only here: fonts and the making of PDFs are larger than all the rest. */
async function renderReport(report: StoredReport, now: Date) {
  const [built, { render }] = await Promise.all([
    buildReport(report, now, { csv: report.attach_csv === true }),
    import("@success-manager/pdf"),
  ]);
  return { built, pdf: await render(built.document) };
}

/**
 * Whose customers a report tells of: those that its owner sees, as of now. Within a scope it is the caller's own. One
 * that was asked for before reports had owners tells of all.
 */
const scopeOfReport = async ({ owner_id, is_narrowed }: StoredReport, byOwner: boolean) =>
  currentScope() ?? (owner_id === undefined || byOwner ? undefined : scopeOfOwner(owner_id, is_narrowed));

/** Makes the file of a report that the caller holds, and stores both. What goes wrong is noted with the report. */
export async function renderAndStore(
  report: StoredReport,
  context: ReportContext,
  { byOwner = false }: { readonly byOwner?: boolean } = {},
): Promise<RenderResult> {
  const file_path = fileKey(report);
  // Whoever goes on with mailing may be another worker.
  const isMailed = report.deliveries.length > 0;
  let rendered: Awaited<ReturnType<typeof renderReport>>;
  let scope: Scope | undefined;
  try {
    scope = await scopeOfReport(report, byOwner);
    rendered = await withinScope(scope, () => renderReport(report, currentTime(context)));
    const { pdf, built } = rendered;
    await Promise.all([
      storeFile(file_path, pdf),
      isMailed ? storeEnclosure(report, { summary: built.summary, tables: built.tables }) : undefined,
      built.tables.length > 0 ? storeTables(report, built.tables) : undefined,
    ]);
  } catch (error) {
    context.log(report.id, error);
    const stored = await save(report, fail(report, errorMessage(error), currentTime(context)));
    if (stored && stored.due_at === undefined) context.onAbandoned(stored);
    return { report: stored };
  }
  const { pdf, built } = rendered;
  const { summary, tables, fingerprint, name, period } = built;
  const about = {
    file_name: name,
    file_period: period,
    is_narrowed: scope !== undefined,
    ...(isMailed && { has_enclosure: true, fingerprint: fingerprint() }),
    ...(tables.length > 0 && { has_tables: true }),
  };
  const next = complete(report, { file_path, file_size: pdf.length, ...about }, currentTime(context));
  return { report: await saveGenerated(report, next), files: { pdf, enclosure: { summary, tables } } };
}

/** What is wrong with a report that was worked on, for a person; undefined when all is well. */
export function failureMessage({ status, error_message, ...report }: StoredReport): string | undefined {
  if (status === "failed") return error_message;
  const unsent = undelivered({ status, ...report });
  const [first] = unsent.flatMap(({ error }) => error ?? []);
  return first && `${unsent.length} of ${report.deliveries.length} recipients did not get it: ${first}`;
}
