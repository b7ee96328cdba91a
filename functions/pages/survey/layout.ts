import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { html } from "hono/html";
import { files } from "./files.ts";

export type Html = ReturnType<typeof html>;

/** Own files only, nothing inline. The address holds the token, so it is told to nobody and kept nowhere. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex, nofollow",
};

export interface Page {
  readonly status: number;
  readonly title: string;
  /** The company that is asked, where the link is known. */
  readonly company?: string | undefined;
  readonly content: Html;
}

const kicker = (company: string | undefined) =>
  company ? html`Survey for <strong>${company}</strong>` : "Customer survey";

/** A page of the survey: what they all have, around what this one says. */
export async function layout({ status, title, company, content }: Page): Promise<RawReply> {
  const page = await html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex, nofollow">
    <meta name="referrer" content="no-referrer">
    <title>${title}</title>
    <link rel="icon" type="image/svg+xml" href="${files.href("favicon.svg")}">
    <link rel="stylesheet" href="${files.href("survey.css")}">
    <script type="module" src="${files.href("survey.js")}"></script>
  </head>
  <body>
    <main>
      <p class="kicker"><img src="${files.href("favicon.svg")}" alt="" width="28" height="28"><span>${kicker(company)}</span></p>
      ${content}
    </main>
  </body>
</html>
`;
  return { status, headers: HEADERS, body: String(page) };
}
