import type { ScoreCount } from "../../../surveys/index.ts";
import { lowScoreSeverity } from "../../../surveys/index.ts";

/** Whether an answer is low: up to 2 of 5, and up to 6 of 10 in NPS surveys (decision 16). */
export const isLow = ({ survey_type, score }: Pick<ScoreCount, "survey_type" | "score">) =>
  lowScoreSeverity(survey_type, score) !== undefined;
