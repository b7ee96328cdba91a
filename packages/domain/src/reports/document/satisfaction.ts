import type { Block, Section, Tile } from "@success-manager/pdf/document";
import {
  averageScore,
  countResponses,
  type LinkCounts,
  netPromoterScore,
  parseScoreCounts,
  responseRate,
  type ScoreCount,
} from "../../surveys/index.ts";
import type { Period } from "../period.ts";
import { note, type TableColumn, tableOf, text } from "./blocks.ts";
import { type CsatData, csatFromResponses, type SurveyResponse } from "./csat-data.ts";
import { quotesOf } from "./feedback.ts";
import {
  formatChange,
  formatCount,
  formatDate,
  formatNumber,
  formatPercent,
  formatSigned,
  formatSurveyType,
  versusPrevious,
} from "./format.ts";
import { type Compared, type CustomerData, INCOMPLETE, type ReportRequest } from "./query.ts";
import { ratingCell } from "./tones.ts";

/** How satisfied customers were, in short: key figures for all reports, and what one customer answered. */

type ComparedResponses = Compared<readonly ScoreCount[]>;

/** The mean of the 1 to 5 scores. */
export function csatTile({ current, previous }: ComparedResponses, period: Period): Tile {
  const label = "CSAT in the period (1–5)";
  const average = averageScore(current);
  if (average === null) return { label, value: "No answers", note: "from 1 to 5 in this period" };
  const against = versusPrevious(period);
  return {
    label,
    value: formatNumber(average, 2),
    ...formatChange(average, averageScore(previous), { against, decimals: 2, nothing: "no answers before" }),
  };
}

export function npsTile({ current, previous }: ComparedResponses, period: Period): Tile {
  const label = "NPS in the period";
  const nps = netPromoterScore(current);
  if (nps === null) return { label, value: "No answers", note: "to NPS surveys in this period" };
  const against = versusPrevious(period);
  return {
    label,
    value: formatSigned(nps),
    ...formatChange(nps, netPromoterScore(previous), { against, nothing: "no answers before" }),
  };
}

const answersTile = ({ current, previous }: ComparedResponses, period: Period): Tile => ({
  label: "Answers in the period",
  value: formatNumber(countResponses(current)),
  ...formatChange(countResponses(current), countResponses(previous) || null, {
    against: versusPrevious(period),
    better: "neither",
    nothing: "none before",
  }),
});

/** How many of the survey links of the period have been answered. */
export function responseRateTile({ current, previous }: Compared<LinkCounts>, period: Period): Tile {
  const label = "Response rate in the period";
  const rate = responseRate(current);
  if (rate === null) return { label, value: "No links", note: "made in this period" };
  return {
    label,
    value: formatPercent(rate),
    ...formatChange(rate, responseRate(previous), {
      against: versusPrevious(period),
      decimals: 1,
      unit: " points",
      // The links of a period that has just ended can still be answered: less is not worse yet.
      better: "neither",
      nothing: "no links before",
    }),
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
  about,
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
  const [count, average, nps] = [
    countResponses(responses),
    averageScore(responses),
    netPromoterScore(responses),
  ];
  if (count <= 0) return undefined;
  const figures = [
    average === null ? undefined : `average CSAT ${formatNumber(average, 2)} of 5`,
    nps === null ? undefined : `NPS ${formatSigned(nps)}`,
  ].filter((figure) => figure !== undefined);
  return `Of all time: ${[formatCount(count, "answer"), ...figures].join(", ")}.`;
}

const RESPONSE_COLUMNS: readonly TableColumn<SurveyResponse>[] = [
  { heading: "Date", width: 1.5, cell: ({ submitted_at }) => formatDate(submitted_at) },
  { heading: "Survey", width: 1.5, cell: ({ survey_type }) => formatSurveyType(survey_type) },
  { heading: "Score", cell: ratingCell },
  { heading: "Product", width: 1.3, cell: ({ product }) => product ?? "No product" },
  { heading: "By", width: 2, cell: ({ submitted_by_name }) => submitted_by_name },
];

/** What one customer answered in the period, and in which words. @param limit how many answers are listed */
export async function customerSatisfactionSection(
  data: CustomerData,
  { period }: ReportRequest,
  limit: number,
): Promise<Section> {
  const { customer, history, complete } = data;
  const { company_name } = customer;
  const surveys = history.filter((entry) => entry.__edb_e__ === "survey");
  const responses: CsatData = csatFromResponses(surveys, { filters: {}, period }, { company_name, complete });
  const { rows } = await responses.newest(0);
  const quotes = quotesOf(rows, company_name);
  return satisfactionSection(responses, period, {
    about: allTimeText(data),
    blocks: [
      ...(rows.length > 0 ? [tableOf(rows, RESPONSE_COLUMNS, { limit })] : []),
      ...(quotes ? [quotes] : []),
      ...(complete ? [] : [note(INCOMPLETE)]),
    ],
  });
}
