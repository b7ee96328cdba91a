import type { MeanFigure } from "@success-manager/contract/surveys";
import type { Block, Section, Tile } from "@success-manager/pdf/document";
import {
  averageScore,
  countResponses,
  csatFigure,
  isNps,
  type LinkCounts,
  MIN_NPS_ANSWERS,
  npsGroups,
  npsInterval,
  parseScoreCounts,
  responseRate,
  type ScoreCount,
  shownNps,
} from "../../surveys/index.ts";
import type { Period } from "../period.ts";
import { note, type TableColumn, tableOf, text } from "./blocks.ts";
import { type CsatData, csatFromResponses, type SurveyResponse } from "./csat-data.ts";
import { quotesOf } from "./feedback.ts";
import {
  formatNumber,
  formatPercent,
  formatPeriod,
  formatSeries,
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
  incompleteText,
  mapCompared,
  type ReportRequest,
} from "./query.ts";
import { MATTERS, ratingCell } from "./tones.ts";
import { say } from "./words.ts";

/** How satisfied customers were, in short: key figures for all reports, and what one customer answered. */

type ComparedResponses = Compared<readonly ScoreCount[]>;

/** The mean of the 1 to 5 scores, of how many answers, and between what it lies if these are a sample: `4.05 to 4.52`. */
export function printedCsat(responses: readonly ScoreCount[]) {
  const { value, n, low, high } = csatFigure(responses, null);
  return { value, n, interval: formatMeanInterval({ low, high }) };
}

/** Of a mean with two decimals; empty without answers. */
export const formatMeanInterval = ({ low, high }: Pick<MeanFigure, "low" | "high">): string =>
  low === null || high === null
    ? ""
    : say("satisfaction.interval", { low: formatNumber(low, 2), high: formatNumber(high, 2) });

/** The mean of the 1 to 5 scores, with its interval. */
export function csatTile(responses: ComparedResponses, period: Period): Tile {
  const label = say("tile.csat");
  const average = mapCompared(responses, averageScore);
  if (average.current === null)
    return { label, value: say("tile.no_answers"), note: say("tile.from_one_to_five") };
  const { interval, n: count } = printedCsat(responses.current);
  const { note: change, tone } = comparedChange(average, {
    against: versusPrevious(period),
    decimals: 2,
    matters: MATTERS.csat,
    nothing: say("change.no_answers_before"),
  });
  return {
    label,
    value: formatNumber(average.current, 2),
    note: say("tile.interval_note", { interval, count, change }),
    tone,
  };
}

const countNps = (responses: readonly ScoreCount[]) => countResponses(responses.filter(isNps));

/** The net promoter score that a report prints: the one that people may see anywhere. */
export const printedNps = (responses: readonly ScoreCount[]): number | null => shownNps(npsGroups(responses));

/** Between what the net promoter score lies if these answers are a sample: `+12 to +58`. */
export function formatNpsInterval(responses: readonly ScoreCount[]): string {
  const interval = npsInterval(npsGroups(responses));
  return interval
    ? say("satisfaction.interval", { low: formatSigned(interval.low), high: formatSigned(interval.high) })
    : "";
}

/** What texts say of a net promoter score. */
export const npsTexts = (nps: number, responses: readonly ScoreCount[]) => ({
  ...{ nps: formatSigned(nps), count: countNps(responses), interval: formatNpsInterval(responses) },
});

/** The net promoter score with its interval, of five answers at least. */
export function npsTile(responses: ComparedResponses, period: Period): Tile {
  const label = say("tile.nps");
  const { current } = responses;
  const answers = countNps(current);
  if (answers === 0) return { label, value: say("tile.no_answers"), note: say("tile.to_nps") };
  const nps = mapCompared(responses, printedNps);
  if (nps.current === null)
    return {
      label,
      value: say("count.answers", { count: answers }),
      note: say("tile.few_for_nps", { least: MIN_NPS_ANSWERS }),
    };
  const { note: change, tone } = comparedChange(nps, {
    against: versusPrevious(period),
    matters: MATTERS.nps,
    nothing:
      countNps(responses.previous) === 0 ? say("change.no_answers_before") : say("change.too_few_before"),
  });
  return {
    label,
    value: formatSigned(nps.current),
    note: say("tile.interval_note", { interval: formatNpsInterval(current), count: answers, change }),
    tone,
  };
}

const answersTile = (responses: ComparedResponses, period: Period): Tile => ({
  label: say("tile.answers"),
  value: formatNumber(countResponses(responses.current)),
  ...comparedChange(
    mapCompared(responses, (some) => countResponses(some) || null),
    { against: versusPrevious(period), better: "neither", nothing: say("change.none_before") },
  ),
});

/** How many of the survey links of the period have been answered. */
export function responseRateTile(links: Compared<LinkCounts>, period: Period): Tile {
  const label = say("tile.response_rate");
  const rate = mapCompared(links, responseRate);
  if (rate.current === null) return { label, value: say("tile.no_links"), note: say("tile.made_in_period") };
  const { note: change, tone } = comparedChange(rate, {
    against: versusPrevious(period),
    decimals: 1,
    unit: "points",
    // The links of a period that has just ended can still be answered: less is not worse yet.
    better: "neither",
    nothing: say("change.no_links_before"),
  });
  return {
    label,
    value: formatPercent(rate.current),
    note: say("tile.links_change", { count: links.current.created, change }),
    tone,
  };
}

/** What the response rate is made of. */
export function linksText({ current: { created, answered } }: Compared<LinkCounts>): string {
  if (created <= 0) return say("satisfaction.no_links");
  return say("satisfaction.links", { created, answered: Math.max(0, answered) });
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
  return earlier > 0 ? say("satisfaction.nobody_then", { count: earlier }) : say("satisfaction.nobody");
}

/** Of which days figures are, and what else is to be said of them. */
export const aboutPeriod = (period: Period, more?: string): string =>
  more === undefined
    ? say("section.about", { period: formatPeriod(period) })
    : say("section.about_more", { period: formatPeriod(period), more });

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
  heading: say("heading.satisfaction"),
  about: aboutPeriod(period, about),
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
  const [count, csat, nps] = [countResponses(responses), printedCsat(responses), printedNps(responses)];
  if (count <= 0) return undefined;
  const figures = [
    csat.value === null
      ? undefined
      : say("satisfaction.all_csat", {
          ...{ average: formatNumber(csat.value, 2), count: csat.n, interval: csat.interval },
        }),
    nps === null ? undefined : say("satisfaction.all_nps", npsTexts(nps, responses)),
  ].filter((figure) => figure !== undefined);
  return say("satisfaction.all_time", {
    figures: formatSeries([say("count.answers", { count }), ...figures]),
  });
}

const RESPONSE_COLUMNS: readonly TableColumn<SurveyResponse>[] = [
  {
    heading: () => say("column.date"),
    width: 1.5,
    cell: ({ submitted_at }) => formatShortDate(submitted_at),
    data: ({ submitted_at }) => submitted_at.slice(0, 10),
  },
  {
    heading: () => say("column.survey"),
    width: 1.5,
    cell: ({ survey_type }) => formatSurveyType(survey_type),
  },
  { heading: () => say("column.score"), cell: ratingCell },
  {
    heading: () => say("column.product"),
    width: 1.3,
    cell: ({ product }) => product ?? say("satisfaction.no_product"),
  },
  { heading: () => say("column.by_person"), width: 2, cell: ({ submitted_by_name }) => submitted_by_name },
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
      ...(complete ? [] : [note(incompleteText())]),
    ],
  });
  return { section, figures: [csatTile(responses, period)] };
}
