/** Satisfaction from counters: score counts, themes and the trend by month. */
import { SurveyType } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter, periodsBetween } from "../calendar.ts";
import type { Counters } from "../counters/index.ts";
import { averageScore, countResponses, netPromoterScore, type ScoreCount } from "./nps.ts";

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

const TOP_THEMES = 10;

/** The ten most frequent themes of responses: counters named `<+ or ->|<keyword>`. */
export function frequentThemes(counters: Counters | undefined, sign: "+" | "-") {
  const prefix = `${sign}|`;
  return Object.entries(counters ?? {})
    .filter(([name, amount]) => name.startsWith(prefix) && amount > 0)
    .map(([name, count]) => ({ keyword: name.slice(prefix.length), count }))
    .sort((a, b) => b.count - a.count || (a.keyword < b.keyword ? -1 : 1))
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
