import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { html } from "hono/html";
import { type Html, type Site, layout as site } from "../site/layout.ts";
import { files } from "./files.ts";

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
  site(SURVEY, { ...page, kicker: kicker(company) });
