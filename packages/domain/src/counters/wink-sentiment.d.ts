/** The library ships no types; this is what we use of it. */
declare module "wink-sentiment" {
  interface Token {
    readonly value: string;
    readonly tag: string;
    /** After negation. From a plain object: not always a number. */
    readonly score?: unknown;
    /** True when a word such as "not" stands shortly before. */
    readonly negation?: boolean;
    /** Set on the first of two words that have a score together. */
    readonly grouped?: number;
  }
  function sentiment(phrase: string): {
    /** -5 to 5: the mean of the words that have a score, less the longer the text is. */
    readonly normalizedScore: number;
    readonly tokenizedPhrase?: readonly Token[];
  };
  export = sentiment;
}
