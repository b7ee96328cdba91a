import type { StoredReport } from "../../table/index.ts";
import { claimed, givenUp, isExhausted, isGenerated, open } from "../states.ts";
import { generating } from "./generating.ts";
import { mailing } from "./mailing.ts";
import { type Means, timeOf } from "./means.ts";
import { save } from "./save.ts";
import { NOBODY_CAME_BACK } from "./sentence.ts";

/** What was done for a report that was due. */
export interface Done {
  /** As it is stored now; undefined when somebody else has taken it over meanwhile. */
  readonly report: StoredReport | undefined;
  /** Whether its file was made now. */
  readonly generated: boolean;
  /** How many mails were sent. */
  readonly sent: number;
  /** False when the time was up. */
  readonly finished: boolean;
}

const NOTHING = { generated: false, sent: 0, finished: true } as const;

/**
 * Goes on with a report that the caller holds: makes its file, unless it is there, and mails it.
 * Each step is stored, and whoever no longer holds the report stops without a word.
 */
export async function work(held: StoredReport, means: Means): Promise<Done> {
  const made = isGenerated(held) ? { report: held } : await generating(held, means);
  const { report, pdf } = { pdf: undefined, ...made };
  const generated = pdf !== undefined && report !== undefined;
  if (!report || !isGenerated(report) || report.due_at === undefined)
    return { ...NOTHING, report, generated };
  return { generated, ...(await mailing(report, pdf, means)) };
}

/**
 * Takes a report on that is due, and goes on with it. Undefined when somebody else has it: the report's revision
 * decides, so of many who come at once one does.
 */
export async function goOn(due: StoredReport, means: Means): Promise<Done | undefined> {
  const now = timeOf(means);
  if (isExhausted(due)) {
    const report = await save(due, givenUp(due, NOBODY_CAME_BACK, now));
    if (report) means.givenUp(report);
    return report && { ...NOTHING, report };
  }
  const held = await save(due, claimed(due, now));
  return held && work(held, means);
}

/** What is wrong with a report that was worked on, for a person; undefined when all is well. */
export function faultOf({ status, error_message, ...report }: StoredReport): string | undefined {
  if (status === "failed") return error_message;
  const unsent = open({ status, ...report });
  const [first] = unsent.flatMap(({ error }) => error ?? []);
  return first && `${unsent.length} of ${report.deliveries.length} recipients did not get it: ${first}`;
}
