import type { SurveyType } from "@success-manager/contract/vocabulary";

/** An answer, or so many alike. */
export interface Answers {
  readonly survey_type: SurveyType;
  readonly score: number;
  /** 1 when absent. */
  readonly amount?: number;
}

const isNps = ({ survey_type }: Answers) => survey_type === "nps";

/** How many answers these are. */
export const countOf = (answers: readonly Answers[]) =>
  answers.reduce((sum, { amount = 1 }) => sum + amount, 0);

/** Mean of scores on one and the same scale, two decimals; null when there are none. */
export function meanOf(answers: readonly Answers[]): number | null {
  const count = countOf(answers);
  if (count === 0) return null;
  const sum = answers.reduce((total, { score, amount = 1 }) => total + score * amount, 0);
  // Not 100 * (sum / count): of 201 and 200 that is less than 100.5.
  return Math.round((100 * sum) / count) / 100;
}

/** Mean of the 1 to 5 scores, two decimals; null when there are none. NPS is another scale (decision 14). */
export const averageScore = (answers: readonly Answers[]) =>
  meanOf(answers.filter((answer) => !isNps(answer)));

const PROMOTER = 9;
const DETRACTOR = 6;

/** How many of the NPS answers come from promoters (9, 10), passives (7, 8) and detractors (0 to 6). */
export function npsGroups(answers: readonly Answers[]) {
  const nps = answers.filter(isNps);
  const promoters = countOf(nps.filter(({ score }) => score >= PROMOTER));
  const detractors = countOf(nps.filter(({ score }) => score <= DETRACTOR));
  return { promoters, detractors, passives: countOf(nps) - promoters - detractors };
}

/** Net promoter score, -100 to 100: share of promoters less share of detractors; null without NPS answers. */
export function netPromoterScore(answers: readonly Answers[]): number | null {
  const { promoters, passives, detractors } = npsGroups(answers);
  const count = promoters + passives + detractors;
  return count === 0 ? null : halfToEven((100 * (promoters - detractors)) / count);
}

/** Halves go to the even neighbour, so that praise and blame of the same size weigh the same. */
function halfToEven(value: number): number {
  const isHalf = Math.abs(value % 1) === 0.5;
  // Adding 0 makes 0 of -0.
  return (isHalf ? 2 * Math.round(value / 2) : Math.round(value)) + 0;
}
