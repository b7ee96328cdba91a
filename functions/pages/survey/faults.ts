import { type Fault, type Faults, type Field, LONGEST } from "./answer.ts";
import type { Scale } from "./wording.ts";

export const counted = (characters: number) => `${characters.toLocaleString("en")} characters`;

/** A field that has to be corrected, and how. */
export interface Correction {
  readonly field: Field;
  readonly sentence: string;
}

const SENTENCES: Readonly<Record<Exclude<Field, "score">, Readonly<Record<Fault, string>>>> = {
  feedback_text: {
    missing: "Write a comment.",
    "too long": `Shorten your comment to ${counted(LONGEST.feedback_text)}.`,
    invalid: "Your comment holds a character that can't be stored. Type it anew.",
  },
  submitted_by_name: {
    missing: "Enter your name.",
    "too long": `Shorten your name to ${counted(LONGEST.submitted_by_name)}.`,
    invalid: "Your name holds a character that can't be stored. Type it anew.",
  },
  submitted_by_email: {
    missing: "Enter your e-mail address.",
    "too long": "Enter a shorter e-mail address.",
    invalid: "Enter an e-mail address like name@example.com.",
  },
};

/** In the order of the page. */
const ORDER: readonly Field[] = ["score", "feedback_text", "submitted_by_name", "submitted_by_email"];

/** What to say about faults, in the order in which the page has the fields. */
export const correctionsOf = (faults: Faults, { min, max }: Scale): Correction[] =>
  ORDER.flatMap((field) => {
    const fault = faults[field];
    if (!fault) return [];
    const sentence = field === "score" ? `Choose a number from ${min} to ${max}.` : SENTENCES[field][fault];
    return [{ field, sentence }];
  });
