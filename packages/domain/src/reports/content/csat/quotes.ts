import type { Quotes } from "@success-manager/pdf/document";
import { dayText } from "../wording.ts";
import type { Answer } from "./answered.ts";
import { isLow } from "./low.ts";
import { scoreText, typeText } from "./words.ts";

/** How many of the good and of the bad ones are quoted. */
const EACH = 3;

/** Shorter ones say little: "Good", "ok thanks". */
const TELLING = 20;

/** About four lines. */
const LONGEST = 320;

/** One line of what was typed, cut between words where it is long. */
function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const characters = Array.from(line);
  if (characters.length <= LONGEST) return line;
  const cut = characters.slice(0, LONGEST).join("");
  const end = cut.lastIndexOf(" ");
  return `${end > LONGEST / 2 ? cut.slice(0, end) : cut}…`;
}

const isHigh = ({ survey_type, score }: Answer) => score >= (survey_type === "nps" ? 9 : 4);

const isTelling = ({ feedback_text = "" }: Answer) => feedback_text.trim().length >= TELLING;

/** The first few, of different customers as far as there are, and no words twice. */
function varied(answers: readonly Answer[]): readonly Answer[] {
  const words = new Map<string, Answer>();
  for (const answer of answers) {
    const said = answer.feedback_text ?? "";
    if (!words.has(said)) words.set(said, answer);
  }
  const customers = new Set<string>();
  const [first, others]: [Answer[], Answer[]] = [[], []];
  for (const answer of words.values()) {
    (customers.has(answer.customer_id) ? others : first).push(answer);
    customers.add(answer.customer_id);
  }
  return [...first, ...others].slice(0, EACH);
}

/**
 * What customers wrote last that says something: good words first, then bad ones.
 * @param answers newest first
 * @param about one customer only, whose name need not be repeated
 */
export function quotesOf(answers: readonly Answer[], about?: string | undefined): Quotes | undefined {
  const telling = answers.filter(isTelling);
  const quote = (answer: Answer, tone: "good" | "bad") => ({
    text: quoted(answer.feedback_text ?? ""),
    // Names last: they may be long, and run to the left.
    by: [
      `${typeText(answer.survey_type)}: ${scoreText(answer.survey_type, answer.score)}`,
      dayText(answer.submitted_at.slice(0, 10)),
      answer.submitted_by_name,
      about === undefined ? answer.customer_name : undefined,
    ]
      .filter((part) => part)
      .join(" · "),
    tone,
  });
  const quotes = [
    ...varied(telling.filter(isHigh)).map((answer) => quote(answer, "good")),
    ...varied(telling.filter(isLow)).map((answer) => quote(answer, "bad")),
  ];
  return quotes.length > 0 ? { kind: "quotes", quotes } : undefined;
}
