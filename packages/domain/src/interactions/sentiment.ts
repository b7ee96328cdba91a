import type { Sentiment } from "@success-manager/contract/vocabulary";

/** How clearly a text has to speak before it counts: the lexicon's words lie between -5 and 5. */
const CLEAR = 1;

/** The library takes seconds for endless words, and none that long has a sentiment. */
const LONGEST_WORD = 40;

/** The library's lexicon is a plain object, which has more keys than its words. */
const NO_WORD = /\bconstructor\b/gi;

const words = (text: string) =>
  text
    .replace(NO_WORD, " ")
    .split(/\s+/)
    .filter((word) => word.length <= LONGEST_WORD)
    .join(" ");

/**
 * How a contact went, by its words: the AFINN lexicon with negations ("not good"), English only; words of other
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
  if (normalizedScore >= CLEAR) return "positive";
  return normalizedScore <= -CLEAR ? "negative" : "neutral";
}
