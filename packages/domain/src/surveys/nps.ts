/** Satisfaction in figures: means of scores, and the net promoter score. The two scales are never mixed (decision 14). */
import type { SurveyType } from "@success-manager/contract/vocabulary";
import { meanOf } from "../figures.ts";

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
