import {
  type FigureChange,
  type MeanFigure,
  type NpsFigure,
  scaleOf,
} from "@success-manager/contract/surveys";
import { compareText } from "@success-manager/contract/text";
import { type Product, SurveyType } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter, periodsBetween } from "../calendar.ts";
import type { Counters } from "../counters/index.ts";
import { meanOf, percentOf } from "../figures.ts";
import { differenceOf, meanInterval, Z_95 } from "../statistics/index.ts";

/** Satisfaction in figures: means of scores, and the net promoter score. The two scales are never mixed (decision 14). */

/** How many responses gave a score: one response, or a counter's sum of them. */
export interface ScoreCount {
  readonly survey_type: SurveyType;
  readonly score: number;
  /** 1 when absent. */
  readonly amount?: number;
}

export const isNps = ({ survey_type }: Pick<ScoreCount, "survey_type">) => survey_type === "nps";

/** The number of responses. */
export const countResponses = (responses: readonly ScoreCount[]) =>
  responses.reduce((sum, { amount = 1 }) => sum + amount, 0);

/** How many responses there are, and the sum of their scores, on one and the same scale. */
export interface ScoreSum {
  readonly count: number;
  readonly sum: number;
  /** Of their squares, where each score is known: the months of all customers count sums alone. */
  readonly squares?: number;
}

/** How many responses on one and the same scale there are, and what their scores add up to. */
export const sumScores = (responses: readonly ScoreCount[]) => ({
  count: countResponses(responses),
  sum: responses.reduce((sum, { score, amount = 1 }) => sum + score * amount, 0),
  squares: responses.reduce((sum, { score, amount = 1 }) => sum + score ** 2 * amount, 0),
});

/** Mean of a sum of scores, two decimals; null of none. */
export const meanOfSum = ({ count, sum }: ScoreSum) => meanOf(sum, count, 2);

/** Mean of scores on one and the same scale, two decimals; null when there are none. */
export const meanScore = (responses: readonly ScoreCount[]) => meanOfSum(sumScores(responses));

/** Mean of the 1 to 5 scores, two decimals; null when there are none. NPS is another scale (decision 14). */
export const averageScore = (responses: readonly ScoreCount[]) =>
  meanScore(responses.filter((response) => !isNps(response)));

const PROMOTER = 9;
const DETRACTOR = 6;

/** How many NPS responses come from promoters (9, 10), passives (7, 8) and detractors (0 to 6). */
export interface NpsGroups {
  readonly promoters: number;
  readonly passives: number;
  readonly detractors: number;
}

export function npsGroups(responses: readonly ScoreCount[]): NpsGroups {
  const nps = responses.filter(isNps);
  const promoters = countResponses(nps.filter(({ score }) => score >= PROMOTER));
  const detractors = countResponses(nps.filter(({ score }) => score <= DETRACTOR));
  return { promoters, detractors, passives: countResponses(nps) - promoters - detractors };
}

/** Net promoter score, -100 to 100: percentage of promoters minus that of detractors; null without NPS responses. */
export const netPromoterScore = (responses: readonly ScoreCount[]) => npsOf(npsGroups(responses));

/** The net promoter score of these groups. */
export function npsOf({ promoters, passives, detractors }: NpsGroups): number | null {
  const count = promoters + passives + detractors;
  return count === 0 ? null : halfToEven((100 * (promoters - detractors)) / count);
}

/** Below so many answers no net promoter score is shown: one answer more or less would turn it around. */
export const MIN_NPS_ANSWERS = 5;

const countGroups = ({ promoters, passives, detractors }: NpsGroups) => promoters + passives + detractors;

/** The net promoter score that people may see; null of fewer answers than that takes. Reports and API show this one. */
export const shownNps = (groups: NpsGroups): number | null =>
  countGroups(groups) < MIN_NPS_ANSWERS ? null : npsOf(groups);

/** What the interval adds to the answers: three, a quarter each of promoters and detractors, half of them passives. */
const ADDED = { promoters: 0.75, passives: 1.5, detractors: 0.75 };

/**
 * The 95 % interval of a net promoter score, by the adjusted Wald method: with three answers added, a quarter
 * promoters, half passives, a quarter detractors. Of the methods that
 * B. Rocks compared it did best ("Interval Estimation for the Net Promoter Score", The American Statistician 70, 2016);
 * J. Lewis and J. Sauro found the same with real answers (measuringu.com/nps-three-confidence-intervals, 2021). Its middle lies nearer to 0 than
 * the score, as few answers say little. Whole numbers from -100 to 100; null without answers.
 */
export function npsInterval({ promoters, passives, detractors }: NpsGroups) {
  const count = promoters + passives + detractors;
  if (count === 0) return null;
  const total = count + ADDED.promoters + ADDED.passives + ADDED.detractors;
  const [p, d] = [(promoters + ADDED.promoters) / total, (detractors + ADDED.detractors) / total];
  const margin = Z_95 * Math.sqrt((p + d - (p - d) ** 2) / total);
  const percent = (share: number) => Math.round(100 * Math.max(-1, Math.min(1, share))) + 0;
  return { low: percent(p - d - margin), high: percent(p - d + margin) };
}

/**
 * The net promoter score with what it is worth.
 *
 * @param links that asked for it; null where they are not counted
 */
export function npsFigure(groups: NpsGroups, links: LinkCounts | null): NpsFigure {
  const value = shownNps(groups);
  const interval = value === null ? null : npsInterval(groups);
  return {
    ...{ shown: value !== null, value, low: interval?.low ?? null, high: interval?.high ?? null },
    ...{ n: countGroups(groups), response_rate: links && responseRate(links) },
  };
}

/**
 * A mean of scores with what it is worth, two decimals.
 *
 * @param links that asked for them; null where they are not counted
 * @param survey_type whose scale it is; any but NPS have the same
 */
export function meanFigure(
  sum: ScoreSum,
  links: LinkCounts | null,
  survey_type: SurveyType = "quarterly",
): MeanFigure {
  const { min, max } = scaleOf(survey_type);
  const interval = meanInterval(sum, [min, max]);
  const value = meanOfSum(sum);
  const rounded = (bound: number) => Math.round(100 * bound) / 100;
  return {
    value,
    low: interval && value !== null ? Math.min(value, rounded(interval.low)) : null,
    high: interval && value !== null ? Math.max(value, rounded(interval.high)) : null,
    ...{ n: sum.count, response_rate: links && responseRate(links) },
  };
}

/** The 1 to 5 scores among responses as one figure. */
export const csatFigure = (responses: readonly ScoreCount[], links: LinkCounts | null) =>
  meanFigure(sumScores(responses.filter((response) => !isNps(response))), links);

/** How a figure has changed, and whether that is more than chance: by the intervals of both (R. Newcombe, 1998). */
export function changeOf(now: NpsFigure | MeanFigure, before: NpsFigure | MeanFigure): FigureChange {
  const shareOf = ({ value, low, high, n }: NpsFigure | MeanFigure) =>
    value === null || low === null || high === null ? null : { share: value, low, high, count: n, of: n };
  const [one, other] = [shareOf(now), shareOf(before)];
  const change = one && other && differenceOf(one, other);
  if (!change) return { difference: null, low: null, high: null, clear: false };
  const rounded = (value: number) => Math.round(100 * value) / 100 + 0;
  return {
    ...{ difference: rounded(change.difference), low: rounded(change.low), high: rounded(change.high) },
    clear: change.low > 0 || change.high < 0,
  };
}

/** Rounds halves to the even neighbor, so that praise and blame of the same size weigh the same. */
function halfToEven(value: number): number {
  const isHalf = Math.abs(value % 1) === 0.5;
  // Adding 0 makes 0 of -0.
  return (isHalf ? 2 * Math.round(value / 2) : Math.round(value)) + 0;
}

/** Satisfaction from counters: score counts, themes and the trend by month. */

const TYPES: ReadonlyMap<string, SurveyType> = new Map(SurveyType.options.map((type) => [type, type]));

/**
 * The responses behind counters named `<prefix><survey type>|<score>`; other counters are left out.
 *
 * @param prefix `survey|` in a customer's counters, `<product>|` for those about a product on a day
 */
export function parseScoreCounts(counters: Counters | undefined, prefix = ""): Required<ScoreCount>[] {
  return Object.entries(counters ?? {}).flatMap(([name, amount]) => {
    if (!name.startsWith(prefix)) return [];
    const [type = "", score, ...rest] = name.slice(prefix.length).split("|");
    const survey_type = TYPES.get(type);
    if (survey_type === undefined || score === undefined || rest.length > 0) return [];
    return [{ survey_type, score: Number(score), amount }];
  });
}

/** Survey links that were made, and how many of them have been answered. */
export interface LinkCounts {
  readonly created: number;
  readonly answered: number;
}

/**
 * The links behind counters named `<prefix><survey type>|<outcome>`.
 *
 * @param types of these types; of all when absent
 * @param prefix `survey_link|` in a customer's counters
 */
export function countLinks(
  counters: Counters | undefined,
  types?: readonly SurveyType[],
  prefix = "",
): LinkCounts {
  let [created, answered] = [0, 0];
  for (const [name, amount] of Object.entries(counters ?? {})) {
    if (!name.startsWith(prefix)) continue;
    const [type = "", outcome] = name.slice(prefix.length).split("|");
    const survey_type = TYPES.get(type);
    if (survey_type === undefined || (types && !types.includes(survey_type))) continue;
    created += amount;
    if (outcome === "answered") answered += amount;
  }
  return { created, answered };
}

/**
 * The response rate, wherever one is shown: answered links of all that were made, revoked ones too, in percent with
 * one decimal; null without links. Counters may know of an answer before its link.
 */
export const responseRate = ({ answered, created }: LinkCounts): number | null =>
  created <= 0 ? null : Math.min(100, percentOf(Math.max(0, answered), created));

const TOP_THEMES = 10;

/** The ten most frequent themes of responses: counters named `<+ or ->|<keyword>`. */
export function frequentThemes(counters: Counters | undefined, sign: "+" | "-") {
  const prefix = `${sign}|`;
  return Object.entries(counters ?? {})
    .filter(([name, amount]) => name.startsWith(prefix) && amount > 0)
    .map(([name, count]) => ({ keyword: name.slice(prefix.length), count }))
    .sort((a, b) => b.count - a.count || compareText(a.keyword, b.keyword))
    .slice(0, TOP_THEMES);
}

/** Calendar months from the one that was so many days ago to the present one, oldest first. */
export function monthsSince(days: number, now: Date): string[] {
  const today = dateOf(now);
  return periodsBetween("monthly", daysAfter(today, -days), today);
}

/** What trends show of the responses of a month. */
export interface MonthSums {
  /** All types but NPS. */
  readonly csat: ScoreSum;
  readonly nps: NpsGroups;
  /** All types. */
  readonly count: number;
  /** That were made in the month, and have been answered since. */
  readonly links: { readonly csat: LinkCounts; readonly nps: LinkCounts };
}

/** Several counts of links together. */
export const addLinks = (links: readonly LinkCounts[]): LinkCounts => ({
  created: links.reduce((all, { created }) => all + created, 0),
  answered: links.reduce((all, { answered }) => all + answered, 0),
});

const addSums = (sums: readonly ScoreSum[]): ScoreSum => ({
  count: sums.reduce((all, { count }) => all + count, 0),
  sum: sums.reduce((all, { sum }) => all + sum, 0),
});

/** Types of surveys whose scores go from 1 to 5. */
export const CSAT_TYPES: readonly SurveyType[] = SurveyType.options.filter((type) => type !== "nps");

/**
 * The responses of a month: counters `<type>|count` and `<type>|sum`, of products alike, and the groups of NPS. The links
 * of the month likewise: `<type>|links` and `<type>|answered`.
 */
export function parseMonth(counters: Counters = {}) {
  const of = (prefix: string): ScoreSum => ({
    count: counters[`${prefix}|count`] ?? 0,
    sum: counters[`${prefix}|sum`] ?? 0,
  });
  const linksOf = (prefix: string) => parseLinks(counters, `${prefix}|`);
  const { promoters = 0, detractors = 0, passives = 0 } = counters;
  const csat = addSums(CSAT_TYPES.map(of));
  return {
    csat,
    nps: { promoters, passives, detractors },
    count: csat.count + of("nps").count,
    links: { csat: addLinks(CSAT_TYPES.map(linksOf)), nps: linksOf("nps") },
    /** Of one type, on its own scale. */
    ofType: (type: SurveyType) => ({ sum: of(type), links: linksOf(type) }),
    /** All types but NPS, about a product. */
    ofProduct: (product: Product) => ({
      sum: of(`product|${product}`),
      links: linksOf(`product|${product}`),
    }),
  };
}

/** Links that are counted as they are made, and once more when they are answered. */
const parseLinks = (counters: Counters, prefix: string): LinkCounts => ({
  created: counters[`${prefix}links`] ?? 0,
  answered: counters[`${prefix}answered`] ?? 0,
});

/** All responses about a product: how many gave each score, and the groups of NPS; and all links about it. */
export function parseProduct(product: Product, counters: Counters = {}) {
  const of = (name: string | number) => counters[`product|${product}|${name}`] ?? 0;
  const distribution = { "1": of(1), "2": of(2), "3": of(3), "4": of(4), "5": of(5) };
  const csat = sumScores(
    Object.entries(distribution).map(([score, amount]) => ({
      survey_type: "quarterly" as const,
      ...{ score: Number(score), amount },
    })),
  );
  const nps = { promoters: of("promoters"), passives: of("passives"), detractors: of("detractors") };
  const prefix = `product|${product}|`;
  return {
    ...{ distribution, csat, nps, count: csat.count + nps.promoters + nps.passives + nps.detractors },
    links: { csat: parseLinks(counters, prefix), nps: parseLinks(counters, `${prefix}nps_`) },
  };
}

/**
 * The same of responses that are at hand by type and score, and of links by type and outcome.
 *
 * @param prefix of the counters of links
 */
export function sumMonth(
  responses: readonly ScoreCount[],
  links: Counters | undefined,
  prefix = "",
): MonthSums {
  const csat = sumScores(responses.filter((response) => !isNps(response)));
  return {
    ...{ csat, nps: npsGroups(responses), count: countResponses(responses) },
    links: { csat: countLinks(links, CSAT_TYPES, prefix), nps: countLinks(links, ["nps"], prefix) },
  };
}

/** Satisfaction month by month, without months that have no responses. NPS has a figure of its own (decision 14). */
export const monthlyTrend = (months: Iterable<readonly [month: string, sums: MonthSums]>) =>
  Array.from(months, ([month, { csat, nps, count, links }]) => ({
    month,
    average_score: meanOfSum(csat),
    nps_score: npsOf(nps),
    csat: meanFigure(csat, links.csat),
    nps: npsFigure(nps, links.nps),
    response_count: count,
  })).filter(({ response_count }) => response_count > 0);

/**
 * The two figures of satisfaction with what they are worth, of responses and of the links that asked for them.
 *
 * @param prefix of the counters of links: `survey_link|` in a customer's
 */
export const satisfactionFigures = (
  responses: readonly ScoreCount[],
  links: Counters | undefined,
  prefix = "",
) => ({
  csat: csatFigure(responses, countLinks(links, CSAT_TYPES, prefix)),
  nps: npsFigure(npsGroups(responses), countLinks(links, ["nps"], prefix)),
});

/** The difference of two figures, two decimals; 0 unless both are known. */
export const difference = (now: number | null, before: number | null) =>
  now === null || before === null ? 0 : Math.round((now - before) * 100) / 100;
