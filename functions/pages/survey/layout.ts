import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { Language } from "@success-manager/contract/vocabulary";
import { config } from "@success-manager/domain/config";
import {
  chooseLanguage,
  parseLanguage,
  type SurveyTexts,
  surveyTexts,
} from "@success-manager/domain/messages";
import { type Brand, loadPageBrand } from "@success-manager/domain/settings";
import { html } from "hono/html";
import {
  type Html,
  type Notice as NoticeContent,
  notice,
  type Site,
  layout as siteLayout,
} from "../site/layout.ts";
import { staticAssets } from "../site/static-asset.ts";

/** The style, the script and the mark of the page. */
export const files = staticAssets(`${import.meta.dirname}/assets`, "/survey/assets");

/** Who reads a page, as far as it says the same in other words to others. */
export interface Reader {
  readonly texts: SurveyTexts;
  /** IANA. */
  readonly timeZone: string;
  /** Who asks. */
  readonly brand: Brand;
  /** What forms and redirects keep of the address: its language, where it names one. */
  readonly search: string;
}

/** What a request says of its reader. */
interface Said {
  readonly lang?: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** The reader of a page. @param person the language in which they are asked, where that is known */
export async function readerOf({ lang, headers }: Said, person?: Language | null): Promise<Reader> {
  const { DEFAULT_LANGUAGE: stage, SCHEDULE_TIMEZONE: timeZone } = config();
  const named = parseLanguage(lang);
  const accepted = headers["accept-language"];
  const language = chooseLanguage({ person: person ?? undefined, link: lang, accepted, stage });
  return {
    texts: surveyTexts(language),
    timeZone,
    brand: await loadPageBrand(),
    search: named === undefined ? "" : `?lang=${named}`,
  };
}

export interface Page {
  readonly status: number;
  readonly title: string;
  /** The company that is asked, where the link is known. */
  readonly company?: string | undefined;
  readonly content: Html;
}

const SURVEY: Site = { files, styles: ["survey.css"], scripts: ["survey.js"], connects: true };

const kicker = ({ texts, brand: { organization: sender } }: Reader, company: string | undefined) =>
  company
    ? html`${texts.pieces("sender.asks", {
        sender: html`<strong>${sender}</strong>`,
        company: html`<strong>${company}</strong>`,
      })}`
    : texts.text("sender.survey");

/** A page of the survey: what they all have, around what this one says. */
export const layout = (reader: Reader, { company, ...page }: Page): Promise<RawReply> => {
  const { language, direction } = reader.texts;
  return siteLayout(SURVEY, {
    ...page,
    language,
    direction,
    kicker: kicker(reader, company),
    brand: reader.brand,
  });
};

export type Notice = NoticeContent & Omit<Page, "content">;

/** A page that says one thing. */
export const noticePage = (reader: Reader, { status, company, ...content }: Notice): Promise<RawReply> =>
  layout(reader, { status, company, title: content.title, content: notice(content) });

/** `29 November 2026 at 14:30 UTC`: readers are anywhere. */
export const formatInstant = ({ texts, timeZone }: Reader, instant: string) =>
  html`<time datetime="${instant}">${texts.instant(instant, timeZone)}</time>`;
