import type { Problem } from "@success-manager/contract/problem";
import type { SurveyForm } from "@success-manager/contract/survey-page";
import { SurveyAnswer } from "@success-manager/contract/surveys";

export type Field = keyof SurveyForm;

/** What is wrong with a field. */
export type Fault = "missing" | "too long" | "invalid";
export type Faults = Partial<Readonly<Record<Field, Fault>>>;

/** Characters that `SurveyAnswer` takes. */
export const LONGEST = { submitted_by_name: 255, feedback_text: 5000 } as const;

const isField = (name: unknown): name is Field =>
  typeof name === "string" && Object.hasOwn(SurveyAnswer.shape, name);

const scoreIn = (typed = "") => (/^\d{1,2}$/.test(typed.trim()) ? Number(typed) : undefined);

/** Browsers send every end of a line as two characters; people, and the counter of the page, know one. */
const unified = (typed: string) => typed.replaceAll("\r\n", "\n");

/** Reads what was typed: an answer, or what is wrong with it. The scale is the survey's to check. */
export function answerOf(typed: SurveyForm): { readonly answer: SurveyAnswer } | { readonly faults: Faults } {
  const { data: answer, error } = SurveyAnswer.safeParse({
    ...typed,
    score: scoreIn(typed.score),
    feedback_text: unified(typed.feedback_text ?? ""),
  });
  if (answer) return { answer };
  const found = error.issues.flatMap(({ path: [field], code }): [Field, Fault][] => {
    if (!isField(field)) return [];
    if (!typed[field]?.trim()) return [[field, "missing"]];
    return [[field, code === "too_big" ? "too long" : "invalid"]];
  });
  return { faults: Object.fromEntries(found) };
}

/** The fields that a refusal is about. */
export function faultsOf({ errors = [] }: Problem): Faults {
  const fields = errors.map(({ loc }) => loc.at(-1)).filter(isField);
  return Object.fromEntries(fields.map((field) => [field, "invalid"]));
}
