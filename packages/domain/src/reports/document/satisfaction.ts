import type { Block, Section, Tile } from "@success-manager/pdf/document";
import {
  averageScore,
  countResponses,
  isNps,
  type LinkCounts,
  MIN_NPS_ANSWERS,
  netPromoterScore,
  npsGroups,
  npsInterval,
  parseScoreCounts,
  responseRate,
  type ScoreCount,
} from "../../surveys/index.ts";
import type { Period } from "../period.ts";
import { note, type TableColumn, tableOf, text } from "./blocks.ts";
import { type CsatData, csatFromResponses, type SurveyResponse } from "./csat-data.ts";
import { quotesOf } from "./feedback.ts";
import {
  formatCount,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatShortDate,
  formatSigned,
  formatSurveyType,
  versusPrevious,
} from "./format.ts";
import {
  type Compared,
  type CustomerData,
  comparedChange,
  customerSince,
  INCOMPLETE,
  mapCompared,
  type ReportRequest,
} from "./query.ts";
import { MATTERS, ratingCell } from "./tones.ts";

/** How satisfied customers were, in short: key figures for all reports, and what one customer answered. */

type ComparedResponses = Compared<readonly ScoreCount[]>;

/** How many answers, or what else, a figure is made of, before how it has changed. */
const withSample = (sample: string, { note, tone }: ReturnType<typeof comparedChange>) => ({
  note: `${sample}; ${note}`,
  tone,
});

/** The mean of the 1 to 5 scores. */
export function csatTile(responses: ComparedResponses, period: Period): Tile {
  const label = "CSAT in the period (1–5)";
  const average = mapCompared(responses, averageScore);
  if (average.current === null) return { label, value: "No answers", note: "from 1 to 5 in this period" };
  const answers = countResponses(responses.current.filter((response) => !isNps(response)));
  return {
    label,
    value: formatNumber(average.current, 2),
    ...withSample(
      formatCount(answers, "answer"),
      comparedChange(average, {
        against: versusPrevious(period),
        decimals: 2,
        matters: MATTERS.csat,
        nothing: "no answers before",
      }),
    ),
  };
}

const countNps = (responses: readonly ScoreCount[]) => countResponses(responses.filter(isNps));

/** The net promoter score that a report prints; null of fewer answers than it takes. */
export const printedNps = (responses: readonly ScoreCount[]): number | null =>
  countNps(responses) < MIN_NPS_ANSWERS ? null : netPromoterScore(responses);

const TOO_FEW_FOR_NPS = `no NPS of fewer than ${MIN_NPS_ANSWERS}`;

/** Between what the net promoter score lies if these answers are a sample: `+12 to +58`. */
export function formatNpsInterval(responses: readonly ScoreCount[]): string {
  const interval = npsInterval(npsGroups(responses));
  return interval ? `${formatSigned(interval.low)} to ${formatSigned(interval.high)}` : "";
}

/** The net promoter score with its interval, of five answers at least. */
export function npsTile(responses: ComparedResponses, period: Period): Tile {
  const label = "NPS in the period";
  const { current } = responses;
  const answers = countNps(current);
  if (answers === 0) return { label, value: "No answers", note: "to NPS surveys in this period" };
  const nps = mapCompared(responses, printedNps);
  const sample = formatCount(answers, "answer");
  if (nps.current === null) return { label, value: sample, note: TOO_FEW_FOR_NPS };
  const { note: change, tone } = comparedChange(nps, {
    against: versusPrevious(period),
    matters: MATTERS.nps,
    nothing: countNps(responses.previous) === 0 ? "no answers before" : "too few before",
  });
  return {
    label,
    value: formatSigned(nps.current),
    note: `95%: ${formatNpsInterval(current)}, ${sample}; ${change}`,
    tone,
  };
}

const answersTile = (responses: ComparedResponses, period: Period): Tile => ({
  label: "Answers in the period",
  value: formatNumber(countResponses(responses.current)),
  ...comparedChange(
    mapCompared(responses, (some) => countResponses(some) || null),
    { against: versusPrevious(period), better: "neither", nothing: "none before" },
  ),
});

/** How many of the survey links of the period have been answered. */
export function responseRateTile(links: Compared<LinkCounts>, period: Period): Tile {
  const label = "Response rate in the period";
  const rate = mapCompared(links, responseRate);
  if (rate.current === null) return { label, value: "No links", note: "made in this period" };
  return {
    label,
    value: formatPercent(rate.current),
    ...withSample(
      `of ${formatCount(links.current.created, "link")}`,
      comparedChange(rate, {
        against: versusPrevious(period),
        decimals: 1,
        unit: " points",
        // The links of a period that has just ended can still be answered: less is not worse yet.
        better: "neither",
        nothing: "no links before",
      }),
    ),
  };
}

/** What the response rate is made of. */
export function linksText({ current: { created, answered } }: Compared<LinkCounts>): string {
  if (created <= 0)
    return "No survey links were made in this period; answers that the team types in need none.";
  const have = answered === 1 ? "has" : "have";
  return (
    `Of ${formatCount(created, "survey link")} made in this period, ${formatNumber(Math.max(0, answered))} ${have} ` +
    "been answered so far. Links that were made lately may still be answered."
  );
}

/** The key figures, in their order. */
export const satisfactionTiles = (responses: ComparedResponses, period: Period): Tile[] => [
  csatTile(responses, period),
  answersTile(responses, period),
  npsTile(responses, period),
];

/** Printed instead of figures when there are no answers. */
export function noAnswersText({ previous }: Pick<ComparedResponses, "previous">): string {
  const earlier = countResponses(previous);
  const then =
    earlier > 0
      ? `; in the one before there ${earlier === 1 ? "was" : "were"} ${formatCount(earlier, "answer")}`
      : "";
  return `Nobody answered a survey in this period${then}.`;
}

interface SatisfactionOptions {
  readonly about?: string | undefined;
  /** What follows the figures. */
  readonly blocks?: readonly Block[];
}

/** The period's figures, in short. */
export const satisfactionSection = (
  responses: ComparedResponses,
  period: Period,
  { about, blocks = [] }: SatisfactionOptions = {},
): Section => ({
  heading: "Satisfaction",
  about: [`${formatPeriod(period)}.`, about].filter(Boolean).join(" "),
  blocks: [
    countResponses(responses.current) === 0
      ? text(noAnswersText(responses))
      : { kind: "tiles", tiles: satisfactionTiles(responses, period) },
    ...blocks,
  ],
});

/** All that a customer ever answered, in a sentence; undefined when there is nothing. */
function allTimeText({ counters }: CustomerData): string | undefined {
  const responses = parseScoreCounts(counters, "survey|");
  const [count, average, nps] = [countResponses(responses), averageScore(responses), printedNps(responses)];
  if (count <= 0) return undefined;
  const figures = [
    average === null ? undefined : `average CSAT ${formatNumber(average, 2)} of 5`,
    nps === null ? undefined : `NPS ${formatSigned(nps)}`,
  ].filter((figure) => figure !== undefined);
  return `Of all time: ${[formatCount(count, "answer"), ...figures].join(", ")}.`;
}

const RESPONSE_COLUMNS: readonly TableColumn<SurveyResponse>[] = [
  { heading: "Date", width: 1.5, cell: ({ submitted_at }) => formatShortDate(submitted_at) },
  { heading: "Survey", width: 1.5, cell: ({ survey_type }) => formatSurveyType(survey_type) },
  { heading: "Score", cell: ratingCell },
  { heading: "Product", width: 1.3, cell: ({ product }) => product ?? "No product" },
  { heading: "By", width: 2, cell: ({ submitted_by_name }) => submitted_by_name },
];

/** What one customer answered in the period, and in which words. @param limit how many answers are listed */
export async function customerSatisfactionSection(
  data: CustomerData,
  { period, keepsRows }: ReportRequest,
  limit: number,
): Promise<{ readonly section: Section; readonly figures: readonly Tile[] }> {
  const { customer, history, complete } = data;
  const { company_name } = customer;
  const surveys = history.filter((entry) => entry.__edb_e__ === "survey");
  const source = { company_name, complete };
  const responses: CsatData = {
    ...csatFromResponses(surveys, { filters: {}, period }, source),
    since: customerSince(data, period),
  };
  const { rows } = await responses.newest(0);
  const quotes = quotesOf(rows, company_name);
  const section = satisfactionSection(responses, period, {
    about: allTimeText(data),
    blocks: [
      ...(rows.length > 0 ? [tableOf(rows, RESPONSE_COLUMNS, { limit, keepsRows })] : []),
      ...(quotes ? [quotes] : []),
      ...(complete ? [] : [note(INCOMPLETE)]),
    ],
  });
  return { section, figures: [csatTile(responses, period)] };
}
