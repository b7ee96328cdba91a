import type { Language } from "@success-manager/contract/vocabulary";
import { parseAccept } from "hono/utils/accept";
import accountAr from "./account/ar.json" with { type: "json" };
import accountDe from "./account/de.json" with { type: "json" };
import accountEn from "./account/en.json" with { type: "json" };
import accountEs from "./account/es.json" with { type: "json" };
import accountFr from "./account/fr.json" with { type: "json" };
import { catalogue, parseLanguage, type Texts } from "./catalogue.ts";
import type { ReportKey } from "./report-english.ts";
import pageAr from "./report-page/ar.json" with { type: "json" };
import pageDe from "./report-page/de.json" with { type: "json" };
import pageEn from "./report-page/en.json" with { type: "json" };
import pageEs from "./report-page/es.json" with { type: "json" };
import pageFr from "./report-page/fr.json" with { type: "json" };
import type { ScoreKey } from "./score-english.ts";
import ar from "./survey/ar.json" with { type: "json" };
import de from "./survey/de.json" with { type: "json" };
import en from "./survey/en.json" with { type: "json" };
import es from "./survey/es.json" with { type: "json" };
import fr from "./survey/fr.json" with { type: "json" };

export { type Direction, directionOf, parseLanguage, type Texts } from "./catalogue.ts";

/** What the survey page and the mails about surveys say. */
export const surveyTexts = /* @__PURE__ */ catalogue<keyof typeof en>({ en, de, fr, es, ar });
export type SurveyTexts = Texts<keyof typeof en>;

export type { ReportKey } from "./report-english.ts";
/** What reports and their mails say. */
export type ReportTexts = Texts<ReportKey>;

/** Their words in a language, which are loaded with the first report that is written in it. */
export async function loadReportTexts(language: Language): Promise<ReportTexts> {
  if (language === "en") return (await import("./report-english.ts")).englishReportTexts;
  const { otherReportTexts } = await import("./report-translations.ts");
  return otherReportTexts(language);
}

export type { ScoreKey } from "./score-english.ts";
/** Why a score moved. */
export type ScoreTexts = Texts<ScoreKey>;

/** The same, loaded with the first score that has moved; alerts are written in English. */
export async function loadScoreTexts(language: Language): Promise<ScoreTexts> {
  if (language === "en") return (await import("./score-english.ts")).englishScoreTexts;
  const { otherScoreTexts } = await import("./score-translations.ts");
  return otherScoreTexts(language);
}

/** What the pages say that a mailed report links to. */
export const reportPageTexts = /* @__PURE__ */ catalogue<keyof typeof pageEn>({
  ...{ en: pageEn, de: pageDe, fr: pageFr, es: pageEs, ar: pageAr },
});

/** What mails about accounts say, and the pages on which people set a password. */
export const accountTexts = /* @__PURE__ */ catalogue<keyof typeof accountEn>({
  ...{ en: accountEn, de: accountDe, fr: accountFr, es: accountEs, ar: accountAr },
});
export type AccountTexts = Texts<keyof typeof accountEn>;

/** What says in which language somebody reads, the first one that says so before the others. */
interface Preferences {
  /** Of the person, as the team or an earlier survey knows it. */
  readonly person?: Language | undefined;
  /** Of the address that was opened: `?lang=`. */
  readonly link?: string | undefined;
  /** Of the browser: `Accept-Language` (RFC 9110, 12.5.4). */
  readonly accepted?: string | undefined;
  /** Of the stage. */
  readonly stage: Language;
}

/** The language that somebody is asked in (decision 39). */
export function chooseLanguage({ person, link, accepted, stage }: Preferences): Language {
  return person ?? parseLanguage(link) ?? acceptedLanguage(accepted) ?? stage;
}

/** The language of ours that a browser likes best. */
function acceptedLanguage(header = ""): Language | undefined {
  for (const { type, q } of parseAccept(header)) {
    const language = q > 0 ? parseLanguage(type) : undefined;
    if (language) return language;
  }
  return undefined;
}
