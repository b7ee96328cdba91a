import { compareText, truncate } from "@success-manager/contract/text";
import type { BarChart, Block, Quotes, Section, Tone } from "@success-manager/pdf/document";
import { loadSentiment, type Theme } from "../../sentiment/index.ts";
import { countResponses } from "../../surveys/index.ts";
import { note, type TableColumn, tableOf, text } from "./blocks.ts";
import type { CsatData, SurveyResponse } from "./csat-data.ts";
import { formatDate, formatNumber, formatPeriod, formatShortDate, formatSurveyType } from "./format.ts";
import { incompleteText, type ReportRequest } from "./query.ts";
import { formatRating, isHigh, isLow, ratingCell } from "./tones.ts";
import { say } from "./words.ts";

/** What customers wrote: low scores, quotes, and words that come up again and again. */

/** How many low scores are listed. */
const MAX_LOW_SCORES = 15;

/** How many of the good and of the bad comments are quoted. */
const MAX_QUOTES = 3;

/** Shorter comments say little: "Good", "ok thanks". */
const MIN_QUOTE = 20;

/** About four lines. */
const MAX_QUOTE = 320;

/** One line of what was typed. */
const excerpt = (typed: string): string => truncate(typed.replace(/\s+/g, " ").trim(), MAX_QUOTE);

/** The first few, of different customers as far as there are, and no comment twice. */
function pickVaried(responses: readonly SurveyResponse[]): readonly SurveyResponse[] {
  const byComment = new Map<string, SurveyResponse>();
  for (const response of responses) {
    const comment = response.feedback_text ?? "";
    if (!byComment.has(comment)) byComment.set(comment, response);
  }
  const customers = new Set<string>();
  const [first, others]: [SurveyResponse[], SurveyResponse[]] = [[], []];
  for (const response of byComment.values()) {
    (customers.has(response.customer_id) ? others : first).push(response);
    customers.add(response.customer_id);
  }
  return [...first, ...others].slice(0, MAX_QUOTES);
}

/**
 * The newest comments that say something: praise first, then complaints.
 *
 * @param responses newest first
 * @param company_name when they are of one customer, whose name need not be repeated
 */
export function quotesOf(
  responses: readonly SurveyResponse[],
  company_name?: string | undefined,
): Quotes | undefined {
  const telling = responses.filter(({ feedback_text = "" }) => feedback_text.trim().length >= MIN_QUOTE);
  const quote = (response: SurveyResponse, tone: "good" | "bad") => ({
    text: excerpt(response.feedback_text ?? ""),
    // Names last: they may be long, and run to the left.
    by: [
      say("feedback.by", {
        survey: formatSurveyType(response.survey_type),
        rating: formatRating(response),
      }),
      formatDate(response.submitted_at),
      response.submitted_by_name,
      company_name === undefined ? response.customer_name : undefined,
    ]
      .filter((part) => part)
      .join(" · "),
    tone,
  });
  const quotes = [
    ...pickVaried(telling.filter(isHigh)).map((response) => quote(response, "good")),
    ...pickVaried(telling.filter(isLow)).map((response) => quote(response, "bad")),
  ];
  return quotes.length > 0 ? { kind: "quotes", quotes } : undefined;
}

/** In how many comments words are looked for, the newest: each takes a moment. */
const MAX_COMMENTS = 1_000;

/** How many words of each kind are printed. */
const MAX_THEMES = 8;

/** A word that comes once may be anything: "nobody feels responsible" is no praise. */
const MIN_MENTIONS = 2;

type WordCounts = readonly (readonly [word: string, comments: number])[];

/** Words of praise and of complaint, and how many comments have them, the most frequent first. */
export async function countThemes(comments: readonly string[]) {
  // The lexicon is large, and nothing else of the reports needs it.
  const { themesOf } = await loadSentiment();
  const counts = { "+": new Map<string, number>(), "-": new Map<string, number>() };
  for (const comment of comments)
    for (const { sign, words } of themesOf(comment))
      counts[sign].set(words, (counts[sign].get(words) ?? 0) + 1);
  const mostFrequent = (sign: Theme["sign"]): WordCounts =>
    [...counts[sign]]
      .filter(([, count]) => count >= MIN_MENTIONS)
      .sort(([a, m], [b, n]) => n - m || compareText(a, b))
      .slice(0, MAX_THEMES);
  return { praise: mostFrequent("+"), complaints: mostFrequent("-") };
}

const wordBars = (title: string, tone: Tone, words: WordCounts, max: number): BarChart => ({
  kind: "barChart",
  title,
  bars: words.map(([label, value]) => ({ label, value, valueText: formatNumber(value), tone })),
  max,
});

/** Both kinds on the same scale, so that their bars can be compared. */
export function themeBars({ praise, complaints }: Awaited<ReturnType<typeof countThemes>>): BarChart[] {
  const max = Math.max(...[...praise, ...complaints].map(([, count]) => count));
  return [
    ...(praise.length > 0 ? [wordBars(say("feedback.praise"), "good", praise, max)] : []),
    ...(complaints.length > 0 ? [wordBars(say("feedback.complaint"), "bad", complaints, max)] : []),
  ];
}

/** What comments are about, and which of them were looked at. */
async function themeBlocks(comments: readonly string[], whole: boolean): Promise<Block[]> {
  if (comments.length === 0)
    return [note(say(whole ? "feedback.no_comments" : "feedback.newest_no_comments"))];
  const looked = comments.slice(0, MAX_COMMENTS);
  const bars = themeBars(await countThemes(looked));
  const of = {
    which: whole && looked.length === comments.length ? "all" : "newest",
    count: looked.length,
  };
  return bars.length > 0 ? [...bars, note(say("feedback.words", of))] : [note(say("feedback.no_words", of))];
}

const LOW_SCORE_COLUMNS: readonly TableColumn<SurveyResponse>[] = [
  { heading: () => say("column.customer"), width: 3, cell: ({ customer_name }) => customer_name },
  { heading: () => say("column.score"), cell: ratingCell },
  {
    heading: () => say("column.survey"),
    width: 1.5,
    cell: ({ survey_type }) => formatSurveyType(survey_type),
  },
  {
    heading: () => say("column.date"),
    width: 1.3,
    cell: ({ submitted_at }) => formatShortDate(submitted_at),
    data: ({ submitted_at }) => submitted_at.slice(0, 10),
  },
];

/** The newest low scores. @param total how many there are, as far as counters know */
function lowScores(low: readonly SurveyResponse[], total: number): Block {
  if (low.length > 0)
    return tableOf(low, LOW_SCORE_COLUMNS, {
      title: say("feedback.newest_low"),
      limit: MAX_LOW_SCORES,
      total: Math.max(total, low.length),
    });
  return text(total > 0 ? say("feedback.low_not_newest", { count: total }) : say("feedback.no_low"));
}

/** How many answers of the period were low. */
export const countLow = ({ current }: Pick<CsatData, "current">): number =>
  countResponses(current.filter(isLow));

/** The newest answers, with as many low ones as are listed. */
export const newestAnswers = (data: CsatData): ReturnType<CsatData["newest"]> =>
  data.newest(Math.min(MAX_LOW_SCORES, countLow(data)));

/** What customers say: low scores, comments and what they are about. */
export async function feedbackSection(
  data: CsatData,
  { period }: Pick<ReportRequest, "period">,
): Promise<Section> {
  const low = countLow(data);
  const { rows, whole } = await newestAnswers(data);
  const comments = rows.flatMap(({ feedback_text }) => (feedback_text?.trim() ? [feedback_text] : []));
  const quotes = quotesOf(rows, data.company_name);
  return {
    heading: say("heading.feedback"),
    about: say("feedback.about", { period: formatPeriod(period) }),
    blocks: [
      lowScores(rows.filter(isLow), low),
      ...(low > 0
        ? [
            {
              kind: "advice" as const,
              items: [
                {
                  action: say("feedback.call"),
                  who: say("feedback.call_who", { count: low, answers: countResponses(data.current) }),
                },
              ],
            },
          ]
        : []),
      ...(quotes ? [quotes] : []),
      ...(await themeBlocks(comments, whole)),
      ...(data.complete ? [] : [note(incompleteText())]),
    ],
  };
}
