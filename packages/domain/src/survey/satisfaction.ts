import type { SurveyType } from "@success-manager/contract/vocabulary";

interface Answer {
  readonly survey_type: SurveyType;
  readonly score: number;
}

const isNps = ({ survey_type }: Answer) => survey_type === "nps";

/** Mean of the 1 to 5 scores, two decimals; null when there are none. NPS is another scale (decision 14). */
export function averageScore(answers: readonly Answer[]): number | null {
  const scores = answers.filter((answer) => !isNps(answer)).map(({ score }) => score);
  if (scores.length === 0) return null;
  return Math.round((scores.reduce((sum, score) => sum + score, 0) / scores.length) * 100) / 100;
}

const PROMOTER = 9;
const DETRACTOR = 6;

/** Net promoter score, -100 to 100: share of promoters (9, 10) less share of detractors (0 to 6). */
export function netPromoterScore(answers: readonly Answer[]): number | null {
  const scores = answers.filter(isNps).map(({ score }) => score);
  if (scores.length === 0) return null;
  const promoters = scores.filter((score) => score >= PROMOTER).length;
  const detractors = scores.filter((score) => score <= DETRACTOR).length;
  return halfToEven((100 * (promoters - detractors)) / scores.length);
}

/** Halves go to the even neighbour, so that praise and blame of the same size weigh the same. */
function halfToEven(value: number): number {
  const isHalf = Math.abs(value % 1) === 0.5;
  // Adding 0 makes 0 of -0.
  return (isHalf ? 2 * Math.round(value / 2) : Math.round(value)) + 0;
}
