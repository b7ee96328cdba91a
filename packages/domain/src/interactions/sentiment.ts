import type { Sentiment } from "@success-manager/contract/vocabulary";

/** From which score on a text is positive or negative: the lexicon's words lie between -5 and 5. */
const THRESHOLD = 1;

/** The library takes seconds for endless words, and none that long has a sentiment. */
const LONGEST_WORD = 40;

/** The library's lexicon is a plain object, which has more keys than its words. */
const RESERVED_WORD = /\bconstructor\b/gi;

const words = (text: string) =>
  text
    .replace(RESERVED_WORD, " ")
    .split(/\s+/)
    .filter((word) => word.length <= LONGEST_WORD)
    .join(" ");

/**
 * How an interaction went, by its words: the AFINN lexicon with negations ("not good"), English only; words of other
 * languages are neutral. The lexicon is loaded with the first use, as few requests need it.
 */
export async function sentimentOf({
  subject,
  description,
}: {
  readonly subject: string;
  readonly description: string;
}): Promise<Sentiment> {
  const { default: analyse } = await import("wink-sentiment");
  const { normalizedScore } = analyse(words(`${subject}. ${description}`));
  if (normalizedScore >= THRESHOLD) return "positive";
  return normalizedScore <= -THRESHOLD ? "negative" : "neutral";
}
