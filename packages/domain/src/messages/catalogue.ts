import type { Language } from "@success-manager/contract/vocabulary";
import { type FormatXMLElementFn, IntlMessageFormat } from "intl-messageformat";

/**
 * The locale whose dates and numbers a language is written with: British English, and Western digits in Arabic, as on
 * the buttons of a survey.
 */
const LOCALES: Readonly<Record<Language, string>> = {
  en: "en-GB",
  de: "de-DE",
  fr: "fr-FR",
  es: "es-ES",
  ar: "ar-u-nu-latn",
};

const LANGUAGES = Object.keys(LOCALES) as readonly Language[];

export type Direction = "ltr" | "rtl";

/** What stands for a placeholder in a plain text. */
export type Values = Readonly<Record<string, string | number>>;

/** The texts of a subject in one language. */
export interface Texts<Key extends string = string> {
  readonly language: Language;
  /** For `Intl`; may say more than the language. */
  readonly locale: string;
  readonly direction: Direction;
  text(key: Key, values?: Values): string;
  /** Whether there is such a message. */
  has(key: string): key is Key;
  /** A message in pieces, in its order: its words, and what stands for placeholders, such as markup. */
  pieces<T extends object>(key: Key, values: Readonly<Record<string, string | number | T>>): (string | T)[];
  /** `5,000` */
  number(value: number): string;
  /** `29 November 2026` @param instant ISO 8601 @param timeZone IANA */
  date(instant: string, timeZone: string): string;
  /** `29 November 2026 at 14:30 UTC`: readers are anywhere, so the time zone stands there too. */
  instant(instant: string, timeZone: string): string;
}

/** Messages of a subject (ICU MessageFormat) by key, in every language. */
export type Messages<Key extends string> = Readonly<Record<Language, Readonly<Record<Key, string>>>>;

const DAY = { day: "numeric", month: "long", year: "numeric" } as const;
const MINUTE = { ...DAY, hour: "2-digit", minute: "2-digit", timeZoneName: "short" } as const;

/**
 * A subject's texts by language. Messages are parsed when they are first used.
 *
 * Each subject has files and a catalogue of its own, so that a function holds no more than it says:
 *
 * ```ts
 * export const surveyTexts = catalogue({ en, de, fr, es, ar });
 * surveyTexts("de").text("form.limit", { count: 5000 }); // "Bis zu 5.000 Zeichen"
 * ```
 */
export function catalogue<Key extends string>(messages: Messages<Key>): (language: Language) => Texts<Key> {
  const made = new Map<Language, Texts<Key>>();
  return (language) => {
    const texts = made.get(language) ?? textsOf(language, messages[language]);
    made.set(language, texts);
    return texts;
  };
}

/** The texts of a subject in one language, of its messages alone. */
export function textsOf<Key extends string>(
  language: Language,
  messages: Readonly<Record<Key, string>>,
): Texts<Key> {
  const locale = LOCALES[language];
  const parsed = new Map<Key, IntlMessageFormat>();
  const messageOf = (key: Key) => {
    // Without tags: what looks like markup in a message is text.
    const message = parsed.get(key) ?? new IntlMessageFormat(messages[key], locale, {}, { ignoreTag: true });
    parsed.set(key, message);
    return message;
  };
  const number = new Intl.NumberFormat(locale);
  const pieces = <T extends object>(
    key: Key,
    values: Readonly<Record<string, string | number | T>>,
  ): (string | T)[] => {
    // Its types know functions for tags alone; objects come back as they are.
    const written = messageOf(key).format(
      values as Record<string, string | number | FormatXMLElementFn<string>>,
    );
    return (Array.isArray(written) ? written : [written]) as (string | T)[];
  };
  return {
    language,
    locale,
    direction: directionOf(language),
    text: (key, values) => String(messageOf(key).format(values)),
    has: (key): key is Key => Object.hasOwn(messages, key),
    pieces,
    number: (value) => number.format(value),
    date: (instant, timeZone) =>
      new Intl.DateTimeFormat(locale, { ...DAY, timeZone }).format(new Date(instant)),
    instant: (instant, timeZone) =>
      new Intl.DateTimeFormat(locale, { ...MINUTE, timeZone }).format(new Date(instant)),
  };
}

export const directionOf = (language: Language): Direction => (language === "ar" ? "rtl" : "ltr");

/** The language that a tag such as `de-AT` names (RFC 5646); undefined when we don't speak it. */
export function parseLanguage(tag: string | undefined): Language | undefined {
  const [primary = ""] = (tag ?? "").trim().toLowerCase().split(/[-_]/);
  return LANGUAGES.find((language) => language === primary);
}
