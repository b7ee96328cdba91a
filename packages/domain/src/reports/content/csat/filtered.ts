import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { Answers } from "../../../surveys/satisfaction.ts";
import type { ShownRow } from "../../../surveys/shown.ts";
import type { Answer } from "./answered.ts";

/** Whether a report takes answers to a type of survey. */
export const takesOf =
  ({ survey_types: types }: ReportFilters) =>
  ({ survey_type }: Pick<Answers, "survey_type">) =>
    types === undefined || types.includes(survey_type);

/** Customers are never removed; an answer may be seen a moment before its customer. */
export const named = (row: ShownRow, customer_name = "A new customer"): Answer => ({ ...row, customer_name });
