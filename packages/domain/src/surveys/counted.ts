import { SurveyType } from "@success-manager/contract/vocabulary";
import type { Counters } from "../counters/index.ts";
import type { Answers } from "./satisfaction.ts";

const TYPES: ReadonlyMap<string, SurveyType> = new Map(SurveyType.options.map((type) => [type, type]));

/**
 * The answers that counters named `<prefix><survey type>|<score>` stand for; others are left out.
 * @param prefix `survey|` in a customer's counters, `product|<product>|` for those about a product
 */
export function answersIn(counters: Counters | undefined, prefix = ""): Required<Answers>[] {
  return Object.entries(counters ?? {}).flatMap(([name, amount]) => {
    if (!name.startsWith(prefix)) return [];
    const [type = "", score, ...rest] = name.slice(prefix.length).split("|");
    const survey_type = TYPES.get(type);
    if (survey_type === undefined || score === undefined || rest.length > 0) return [];
    return [{ survey_type, score: Number(score), amount }];
  });
}

/** Words that answers hold, by counters named `<+ or ->|<word>`: the most frequent ten. */
export function frequentThemes(counters: Counters | undefined, sign: "+" | "-") {
  const prefix = `${sign}|`;
  return Object.entries(counters ?? {})
    .filter(([name, amount]) => name.startsWith(prefix) && amount > 0)
    .map(([name, count]) => ({ keyword: name.slice(prefix.length), count }))
    .sort((a, b) => b.count - a.count || (a.keyword < b.keyword ? -1 : 1))
    .slice(0, 10);
}
