import { scaleOf } from "@success-manager/contract/surveys";
import type { SurveyType } from "@success-manager/contract/vocabulary";
import { percentOf } from "../../../figures.ts";
import { numberText, percentText } from "../wording.ts";

const TYPES: Readonly<Record<SurveyType, string>> = {
  post_ticket: "After a ticket",
  quarterly: "Quarterly",
  onboarding: "Onboarding",
  nps: "NPS",
};

/** A type of survey in words. */
export const typeText = (type: SurveyType) => TYPES[type];

/** `4 of 5`, `9 of 10` */
export const scoreText = (type: SurveyType, score: number) => `${score} of ${scaleOf(type).max}`;

/** How many of so many, at the end of a bar: `12 (34.3%)`. */
export const partText = (count: number, of: number) =>
  count === 0 ? "0" : `${numberText(count)} (${percentText(percentOf(count, of))})`;

/** Said where a customer's history has more than is looked at. */
export const CUT =
  "Of this customer's history, the newest 5,000 entries were looked at; older ones are left out.";
