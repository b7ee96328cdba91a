import type { Problem } from "@success-manager/contract/problem";
import type { SurveyForm } from "@success-manager/contract/survey-page";
import { type Invitation, SurveyAnswer } from "@success-manager/contract/surveys";

export type Field = keyof SurveyForm;

/** The lowest and the highest score that can be given. */
export type Scale = Readonly<Invitation["scale"]>;

/** What is wrong with a field. */
type FieldError = "missing" | "too long" | "invalid" | "undeliverable";
export type FieldErrors = Partial<Readonly<Record<Field, FieldError>>>;

/** Characters that `SurveyAnswer` takes. */
export const MAX_LENGTH = { submitted_by_name: 255, feedback_text: 5000 } as const;

const isField = (name: unknown): name is Field =>
  typeof name === "string" && Object.hasOwn(SurveyAnswer.shape, name);

const parseScore = (typed = "") => (/^\d{1,2}$/.test(typed.trim()) ? Number(typed) : undefined);

/** Browsers send every end of a line as two characters; people, and the counter of the page, know one. */
const withUnixLineEnds = (typed: string) => typed.replaceAll("\r\n", "\n");

/** Reads what was typed: an answer, or what is wrong with it. The scale is the survey's to check. */
export function parseAnswer(
  typed: SurveyForm,
): { readonly answer: SurveyAnswer } | { readonly errors: FieldErrors } {
  const { data: answer, error: refusal } = SurveyAnswer.safeParse({
    ...typed,
    score: parseScore(typed.score),
    feedback_text: withUnixLineEnds(typed.feedback_text ?? ""),
  });
  if (answer) return { answer };
  const found = refusal.issues.flatMap(({ path: [field], code }): [Field, FieldError][] => {
    if (!isField(field)) return [];
    if (!typed[field]?.trim()) return [[field, "missing"]];
    // An address of which its schema says, in its own words, that mail does not get there.
    if (field === "submitted_by_email" && code === "custom") return [[field, "undeliverable"]];
    return [[field, code === "too_big" ? "too long" : "invalid"]];
  });
  return { errors: Object.fromEntries(found) };
}

/** The fields that a refusal is about. */
export function fieldErrorsOf({ errors = [] }: Problem): FieldErrors {
  const fields = errors.map(({ loc }) => loc.at(-1)).filter(isField);
  return Object.fromEntries(fields.map((field) => [field, "invalid"]));
}

export const characters = (count: number) => `${count.toLocaleString("en")} characters`;

/** A field that has to be corrected, and how. */
export interface Correction {
  readonly field: Field;
  readonly text: string;
}

type ErrorTexts = Readonly<Record<Exclude<FieldError, "undeliverable">, string>>;

const ERROR_TEXTS: Readonly<Record<Exclude<Field, "score">, ErrorTexts>> = {
  feedback_text: {
    missing: "Write a comment.",
    "too long": `Shorten your comment to ${characters(MAX_LENGTH.feedback_text)}.`,
    invalid: "Your comment holds a character that can't be stored. Type it anew.",
  },
  submitted_by_name: {
    missing: "Enter your name.",
    "too long": `Shorten your name to ${characters(MAX_LENGTH.submitted_by_name)}.`,
    invalid: "Your name holds a character that can't be stored. Type it anew.",
  },
  submitted_by_email: {
    missing: "Enter your e-mail address.",
    "too long": "Enter a shorter e-mail address.",
    invalid: "Enter an e-mail address like name@example.com.",
  },
};

const UNDELIVERABLE =
  "Enter an address with only letters from a to z, digits and signs before the @: mail can’t be delivered to others.";

function textOf(field: Field, error: FieldError, { min, max }: Scale): string {
  if (field === "score") return `Choose a number from ${min} to ${max}.`;
  return error === "undeliverable" ? UNDELIVERABLE : ERROR_TEXTS[field][error];
}

/** In the order of the page. */
const FIELD_ORDER: readonly Field[] = ["score", "feedback_text", "submitted_by_name", "submitted_by_email"];

/** What to say about errors, in the order in which the page has the fields. */
export const correctionsOf = (errors: FieldErrors, scale: Scale): Correction[] =>
  FIELD_ORDER.flatMap((field) => {
    const error = errors[field];
    return error ? [{ field, text: textOf(field, error, scale) }] : [];
  });
