import type { Block, Section, Table } from "@success-manager/pdf/document";
import { countResponses } from "../../../surveys/index.ts";
import { countText, dateText, numberText } from "../wording.ts";
import type { Answer, Answered } from "./answered.ts";
import { isLow } from "./low.ts";
import { quotesOf } from "./quotes.ts";
import { LOOKED_AT, themeBars, themesIn } from "./themes.ts";
import { CUT, scoreText, typeText } from "./words.ts";

/** How many low scores are listed. */
const SHOWN = 15;

const text = (words: string, muted = false): Block => ({ kind: "text", text: words, muted });

/** The newest low scores. @param total how many there are, as far as counters know */
export function lowScores(low: readonly Answer[], total: number, title = "Newest low scores"): Table {
  return {
    kind: "table",
    title,
    columns: [
      { heading: "Customer", width: 3 },
      { heading: "Score" },
      { heading: "Survey", width: 1.5 },
      { heading: "Date", width: 1.3 },
    ],
    rows: low
      .slice(0, SHOWN)
      .map(({ customer_name, survey_type, score, submitted_at }) => [
        customer_name,
        { text: scoreText(survey_type, score), tone: "bad" },
        typeText(survey_type),
        dateText(submitted_at.slice(0, 10)),
      ]),
    more: Math.max(total, low.length) - Math.min(low.length, SHOWN),
  };
}

function lowBlock(low: readonly Answer[], total: number): Block {
  if (low.length > 0) return lowScores(low, total);
  return total > 0
    ? text(`${countText(total, "low score")}, none of them among the newest answers.`)
    : text("No low scores in this period.");
}

/** What comments are about, and which of them were looked at. */
async function themes(comments: readonly string[], whole: boolean): Promise<Block[]> {
  if (comments.length === 0)
    return [
      text(whole ? "Nobody wrote a comment in this period." : "The newest answers have no comments.", true),
    ];
  const looked = comments.slice(0, LOOKED_AT);
  const bars = themeBars(await themesIn(looked));
  const all = whole && looked.length === comments.length;
  const of = all
    ? `the ${countText(looked.length, "comment")} of the period`
    : `the newest ${numberText(looked.length)} comments of the period`;
  return bars.length > 0
    ? [
        ...bars,
        text(`Counted in ${of}, each word once for a comment. Words are recognised in English.`, true),
      ]
    : [text(`In ${of} no word of praise or complaint comes up twice.`, true)];
}

/** What customers say: low scores, words and what they are about. */
export async function feedbackSection(answered: Answered): Promise<Section> {
  const low = countResponses(answered.now.filter(isLow));
  const { rows, whole } = await answered.newest(Math.min(SHOWN, low));
  const comments = rows.flatMap(({ feedback_text }) => (feedback_text?.trim() ? [feedback_text] : []));
  const quotes = quotesOf(rows, answered.company_name);
  return {
    heading: "Feedback",
    about: "A score is low up to 2 of 5, and up to 6 of 10 in NPS surveys.",
    blocks: [
      lowBlock(rows.filter(isLow), low),
      ...(quotes ? [quotes] : []),
      ...(await themes(comments, whole)),
      ...(answered.whole ? [] : [text(CUT, true)]),
    ],
  };
}
