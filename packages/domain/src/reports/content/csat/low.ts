import { severityOf } from "../../../surveys/low-score.ts";
import type { Answers } from "../../../surveys/satisfaction.ts";

/** Whether an answer is low: up to 2 of 5, and up to 6 of 10 in NPS surveys (decision 16). */
export const isLow = ({ survey_type, score }: Pick<Answers, "survey_type" | "score">) =>
  severityOf(survey_type, score) !== undefined;
