import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { ScoreCount, SurveyProjection } from "../../../surveys/index.ts";
import type { Answer } from "./answered.ts";

/** Whether a report takes answers to a type of survey. */
export const takesOf =
  ({ survey_types: types }: ReportFilters) =>
  ({ survey_type }: Pick<ScoreCount, "survey_type">) =>
    types === undefined || types.includes(survey_type);

/** Customers are never removed; an answer may be seen a moment before its customer. */
export const named = (row: SurveyProjection, customer_name = "A new customer"): Answer => ({
  ...row,
  customer_name,
});
