import type { Problem } from "@success-manager/contract/problem";
import type { SurveyForm } from "@success-manager/contract/survey-page";
import { type Invitation, SurveyAnswer } from "@success-manager/contract/surveys";
import type { SurveyTexts } from "@success-manager/domain/messages";
import type { FormAnswer } from "@success-manager/domain/surveys";

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

/** What people need not say where the link was mailed to them. */
export const PERSON_FIELDS = ["submitted_by_name", "submitted_by_email"] as const satisfies readonly Field[];

const isBlank = (typed: string | undefined) => !typed?.trim();

const FormFields = SurveyAnswer.partial({ submitted_by_name: true, submitted_by_email: true });

/**
 * Reads what was typed: an answer, or what is wrong with it. The scale is the survey's to check, and so is whether who
 * answers is known: for who is not, `missing` has the fields that were left blank.
 */
export function parseAnswer(
  typed: SurveyForm,
): { readonly answer: FormAnswer; readonly missing: FieldErrors } | { readonly errors: FieldErrors } {
  const blank = PERSON_FIELDS.filter((field) => isBlank(typed[field]));
  const missing: FieldErrors = Object.fromEntries(blank.map((field) => [field, "missing"]));
  const { data: answer, error: refusal } = FormFields.safeParse({
    ...typed,
    ...Object.fromEntries(blank.map((field) => [field, undefined])),
    score: parseScore(typed.score),
    feedback_text: withUnixLineEnds(typed.feedback_text ?? ""),
  });
  if (answer) return { answer, missing };
  const found = refusal.issues.flatMap(({ path: [field], code }): [Field, FieldError][] => {
    if (!isField(field)) return [];
    if (isBlank(typed[field])) return [[field, "missing"]];
    // An address of which its schema says, in its own words, that mail does not get there.
    if (field === "submitted_by_email" && code === "custom") return [[field, "undeliverable"]];
    return [[field, code === "too_big" ? "too long" : "invalid"]];
  });
  return { errors: { ...missing, ...Object.fromEntries(found) } };
}

/** The fields that a refusal is about. */
export function fieldErrorsOf({ errors = [] }: Problem): FieldErrors {
  const fields = errors.map(({ loc }) => loc.at(-1)).filter(isField);
  return Object.fromEntries(fields.map((field) => [field, "invalid"]));
}

/** A field that has to be corrected, and how. */
export interface Correction {
  readonly field: Field;
  readonly text: string;
}

function textOf(field: Field, error: FieldError, { text }: SurveyTexts, { min, max }: Scale): string {
  switch (field) {
    case "score":
      return text("error.score", { min, max });
    case "feedback_text":
      return error === "too long"
        ? text("error.comment.long", { count: MAX_LENGTH.feedback_text })
        : text("error.comment.invalid");
    case "submitted_by_name":
      if (error === "missing") return text("error.name.missing");
      return error === "too long"
        ? text("error.name.long", { count: MAX_LENGTH.submitted_by_name })
        : text("error.name.invalid");
    case "submitted_by_email":
      if (error === "missing") return text("error.email.missing");
      if (error === "undeliverable") return text("error.email.undeliverable");
      return error === "too long"
        ? text("error.email.long")
        : text("error.email.invalid", { example: "name@example.com" });
  }
}

/** In the order of the page. */
const FIELD_ORDER: readonly Field[] = ["score", "feedback_text", "submitted_by_name", "submitted_by_email"];

/** What to say about errors, in the order in which the page has the fields. */
export const correctionsOf = (errors: FieldErrors, texts: SurveyTexts, scale: Scale): Correction[] =>
  FIELD_ORDER.flatMap((field) => {
    const error = errors[field];
    return error ? [{ field, text: textOf(field, error, texts, scale) }] : [];
  });
