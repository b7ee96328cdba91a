import { AsyncLocalStorage } from "node:async_hooks";
import type { Language } from "@success-manager/contract/vocabulary";
import {
  loadReportTexts,
  loadScoreTexts,
  type ReportKey,
  type ReportTexts,
  type ScoreTexts,
} from "../../messages/index.ts";

/**
 * The language of the report that is being made (decision 39). It goes along with the work, as the fields of a log do:
 * some hundred functions say something, and all of a report is said in one language.
 */
const current = new AsyncLocalStorage<ReportTexts>();

/** Makes something in a language, whose words are loaded first. */
export async function inLanguage<T>(language: Language, work: () => T | Promise<T>): Promise<T> {
  const texts = await loadReportTexts(language);
  return current.run(texts, work);
}

/** For tests of what says something by itself: what is spoken outside of a report. */
let otherwise: ReportTexts | undefined;
export async function speakOtherwise(language: Language): Promise<void> {
  otherwise = await loadReportTexts(language);
}

/** The words of the language that is spoken now. */
export function spoken(): ReportTexts {
  const texts = current.getStore() ?? otherwise;
  if (!texts) throw new Error("What reports say is said within inLanguage()");
  return texts;
}

/** A text of the catalogue, in the language that is spoken now. */
export const say: ReportTexts["text"] = (key, values) => spoken().text(key, values);

/** What says why scores moved, in the language that is spoken now. */
export const scoreTexts = (): Promise<ScoreTexts> => loadScoreTexts(spoken().language);

/** Whether the catalogue has a message. */
export const isKey = (key: string): key is ReportKey => spoken().has(key);

/** Creates for each locale with its first use: the data of one take 15 ms to load, and few requests print. */
export function byLocale<T>(create: (locale: string) => T): () => T {
  const created = new Map<string, T>();
  return () => {
    const { locale } = spoken();
    const made = created.get(locale) ?? create(locale);
    created.set(locale, made);
    return made;
  };
}

/** With a capital letter at its beginning, where the script has any. */
export const capitalized = (words: string): string => {
  const { locale } = spoken();
  return `${words.charAt(0).toLocaleUpperCase(locale)}${words.slice(1)}`;
};
