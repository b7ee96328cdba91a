import type { Invitation } from "@success-manager/contract/survey-links";

/** The lowest and the highest score that can be given. */
export type Scale = Readonly<Invitation["scale"]>;

/** What the page says around the question. */
export interface Wording {
  /** What the lowest and the highest number mean. */
  readonly ends: readonly [lowest: string, highest: string];
  /** Asks for the comment. */
  readonly comment: string;
}

const likelihood: Wording = {
  ends: ["Not at all likely", "Extremely likely"],
  comment: "What is the main reason?",
};

const satisfaction: Wording = {
  ends: ["Very dissatisfied", "Very satisfied"],
  comment: "What went well, and what didn’t?",
};

/** What suits the question of a survey. */
export const wordingOf = ({ survey_type }: Invitation): Wording =>
  survey_type === "nps" ? likelihood : satisfaction;
