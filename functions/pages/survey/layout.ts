import type { RawReply } from "@success-manager/contract/dsl/endpoint";
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

export interface Page {
  readonly status: number;
  readonly title: string;
  /** The company that is asked, where the link is known. */
  readonly company?: string | undefined;
  readonly content: Html;
}

const SURVEY: Site = { files, styles: ["survey.css"], scripts: ["survey.js"] };

const kicker = (company: string | undefined) =>
  company ? html`Survey for <strong>${company}</strong>` : "Customer survey";

/** A page of the survey: what they all have, around what this one says. */
export const layout = ({ company, ...page }: Page): Promise<RawReply> =>
  siteLayout(SURVEY, { ...page, kicker: kicker(company) });

export type Notice = NoticeContent & Omit<Page, "content">;

/** A page that says one thing. */
export const noticePage = ({ status, company, ...content }: Notice): Promise<RawReply> =>
  layout({ status, company, title: content.title, content: notice(content) });

const DATE_AND_TIME = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "UTC",
});

/** `29 November 2026 at 14:30 UTC`: readers are anywhere. */
export const formatInstant = (instant: string) =>
  html`<time datetime="${instant}">${DATE_AND_TIME.format(new Date(instant))}\u00a0UTC</time>`;
