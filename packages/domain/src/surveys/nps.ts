import { compareText } from "@success-manager/contract/text";
import { SurveyType } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter, periodsBetween } from "../calendar.ts";
import type { Counters } from "../counters/index.ts";
import { meanOf, percentOf } from "../figures.ts";

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

/** Mean of scores on one and the same scale, two decimals; null when there are none. */
export const meanScore = (responses: readonly ScoreCount[]) =>
  meanOf(
    responses.reduce((sum, { score, amount = 1 }) => sum + score * amount, 0),
    countResponses(responses),
    2,
  );

/** Mean of the 1 to 5 scores, two decimals; null when there are none. NPS is another scale (decision 14). */
export const averageScore = (responses: readonly ScoreCount[]) =>
  meanScore(responses.filter((response) => !isNps(response)));

const PROMOTER = 9;
const DETRACTOR = 6;

/** How many NPS responses come from promoters (9, 10), passives (7, 8) and detractors (0 to 6). */
export function npsGroups(responses: readonly ScoreCount[]) {
  const nps = responses.filter(isNps);
  const promoters = countResponses(nps.filter(({ score }) => score >= PROMOTER));
  const detractors = countResponses(nps.filter(({ score }) => score <= DETRACTOR));
  return { promoters, detractors, passives: countResponses(nps) - promoters - detractors };
}

/** Net promoter score, -100 to 100: percentage of promoters minus that of detractors; null without NPS responses. */
export function netPromoterScore(responses: readonly ScoreCount[]): number | null {
  const { promoters, passives, detractors } = npsGroups(responses);
  const count = promoters + passives + detractors;
  return count === 0 ? null : halfToEven((100 * (promoters - detractors)) / count);
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
 * @param prefix `survey|` in a customer's counters, `product|<product>|` for those about a product
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

/** The links behind counters named `<survey type>|<outcome>`. @param types of these types; of all when absent */
export function countLinks(counters: Counters | undefined, types?: readonly SurveyType[]): LinkCounts {
  let [created, answered] = [0, 0];
  for (const [name, amount] of Object.entries(counters ?? {})) {
    const [type = "", outcome] = name.split("|");
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

/** Satisfaction month by month, without months that have no responses. NPS has a figure of its own (decision 14). */
export const monthlyTrend = (byMonth: ReadonlyMap<string, Counters | undefined>, prefix = "") =>
  [...byMonth].flatMap(([month, counters]) => {
    const responses = parseScoreCounts(counters, prefix);
    const response_count = countResponses(responses);
    if (response_count === 0) return [];
    const [average_score, nps_score] = [averageScore(responses), netPromoterScore(responses)];
    return [{ month, average_score, nps_score, response_count }];
  });

/** The difference of two figures, two decimals; 0 unless both are known. */
export const difference = (now: number | null, before: number | null) =>
  now === null || before === null ? 0 : Math.round((now - before) * 100) / 100;
