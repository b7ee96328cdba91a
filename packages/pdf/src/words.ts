import type { Document, DocumentLanguage, DocumentWords } from "./document.ts";

/** What documents are printed in that say nothing else. */
const ENGLISH: DocumentLanguage = { tag: "en", locale: "en-GB", direction: "ltr" };

const ENGLISH_WORDS: DocumentWords = {
  page: "{number} / {count}",
  nothingInReport: "There is nothing to show in this report.",
  nothingInSection: "There is nothing to show here.",
  nothingToList: "There is nothing to list.",
  noData: "No data in this period.",
  noValue: "no data",
  moreLines: "Not drawn: {count} more.",
  moreRows: "and {count} more",
  barChart: "Bar chart",
  stackedBar: "Stacked bar",
  lineChart: "Line chart",
  span: "from {first} to {last}, lowest {lowest}, highest {highest}",
};

export const languageOf = ({ language = ENGLISH }: Pick<Document, "language">): DocumentLanguage => language;

export const wordsOf = ({ words = ENGLISH_WORDS }: Pick<Document, "words">): DocumentWords => words;

/** Fills in what stands in braces. */
export const fill = (words: string, values: Readonly<Record<string, string | number>>): string =>
  words.replace(/\{(\w+)\}/g, (name, key: string) => String(values[key] ?? name));
