import sentiment from "wink-sentiment";

/** What an answer praises (`+`) or complains about (`-`). */
export interface Theme {
  readonly sign: "+" | "-";
  readonly words: string;
}

/** What of a text is looked at, so that no text costs much time: the tokenizer takes seconds for long words. */
const CHARACTERS = 10_000;
const LONGEST_WORD = 25;
/** An item has to hold the themes of all answers of a month. */
const THEMES = 20;

/** The lexicon rates words from -5 to 5; weaker ones than this say little. */
const LEAST_SCORE = 2;

const words = (...lines: string[]): ReadonlySet<string> => new Set(lines.flatMap((line) => line.split(" ")));

/** What the lexicon takes for praise, and people only mention. */
const MENTIONED = words("support supports supported supporting help like");

/** What people say about software and service, and the lexicon does not know or rates as weak. */
const PRAISE = words(
  "easy efficient fast intuitive knowledgeable professional prompt promptly quick quickly simple smooth",
  "smoothly solved",
);
const COMPLAINT = words(
  "broken bug buggy bugs complicated crashed crashes delay delayed delays difficult downtime expensive",
  "lacking late outages outdated slow slowly unclear unresponsive",
);

type Token = NonNullable<ReturnType<typeof sentiment>["tokenizedPhrase"]>[number];

/** Positive or negative as the word stands, without a negation before it; 0 for neither. */
function polarityOf({ value, score, negation, grouped }: Token): number {
  const word = value.toLowerCase();
  if (MENTIONED.has(word) && !grouped) return 0;
  // The lexicon is a plain object: words such as "constructor" have a score that is no number.
  if (typeof score === "number" && Math.abs(score) >= LEAST_SCORE) return negation ? -score : score;
  return Number(PRAISE.has(word)) - Number(COMPLAINT.has(word));
}

function themeOf(token: Token, next: Token | undefined): Theme | undefined {
  const polarity = polarityOf(token);
  if (token.tag !== "word" || polarity === 0) return undefined;
  const theme = [token.value, ...(token.grouped && next ? [next.value] : [])].join(" ").toLowerCase();
  if (!token.negation) return { sign: polarity > 0 ? "+" : "-", words: theme };
  // "Not bad" is no praise worth counting.
  return polarity > 0 ? { sign: "-", words: `not ${theme}` } : undefined;
}

/** The words of each part of a sentence: a "not" means nothing beyond the next comma. */
function clausesOf(text: string): string[] {
  const parts = text.slice(0, CHARACTERS).split(/[^\p{L}\p{M}'’\s]+/u);
  return parts.map((part) => {
    const short = part.split(/\s+/).filter((word) => word.length <= LONGEST_WORD);
    return short.join(" ").replaceAll("’", "'");
  });
}

/**
 * The themes of what a customer wrote, each once however often it comes, 20 at most: words of the AFINN lexicon and
 * some of our own. English only; other languages have none.
 */
export function themesOf(text: string): Theme[] {
  const found = new Map<string, Theme>();
  for (const clause of clausesOf(text)) {
    const { tokenizedPhrase: tokens = [] } = sentiment(clause);
    for (const [n, token] of tokens.entries()) {
      const theme = themeOf(token, tokens[n + 1]);
      if (theme) found.set(`${theme.sign}${theme.words}`, theme);
      if (found.size === THEMES) return [...found.values()];
    }
  }
  return [...found.values()];
}
