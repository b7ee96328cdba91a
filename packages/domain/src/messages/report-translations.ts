/** What reports say in languages other than English: large, and read where a report is written in one of them. */
import type { Language } from "@success-manager/contract/vocabulary";
import { type Texts, textsOf } from "./catalogue.ts";
import ar from "./report/ar.json" with { type: "json" };
import de from "./report/de.json" with { type: "json" };
import es from "./report/es.json" with { type: "json" };
import fr from "./report/fr.json" with { type: "json" };

const messages = { de, fr, es, ar };
type OtherLanguage = Exclude<Language, "en">;

const made = new Map<OtherLanguage, Texts<keyof typeof de>>();

export function otherReportTexts(language: OtherLanguage): Texts<keyof typeof de> {
  const texts = made.get(language) ?? textsOf(language, messages[language]);
  made.set(language, texts);
  return texts;
}
