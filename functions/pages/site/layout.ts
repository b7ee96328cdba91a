import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { html } from "hono/html";
import type { Assets } from "./assets.ts";

export type Html = ReturnType<typeof html>;

/** What the pages of a kind have in common. */
export interface Site {
  readonly files: Assets;
  /** Beside site.css. */
  readonly styles?: readonly string[];
  readonly scripts?: readonly string[];
}

export interface Page {
  readonly status: number;
  readonly title: string;
  /** What the page is about, above it. */
  readonly kicker: Html | string;
  readonly content: Html;
}

/** Own files only, nothing inline. The address holds a token, so it is told to nobody and kept nowhere. */
const headers = ({ scripts = [] }: Site) => ({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    "style-src 'self'",
    ...(scripts.length > 0 ? ["script-src 'self'"] : []),
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex, nofollow",
});

/** A page for people who hold a link: what all have, around what this one says. */
export async function layout(site: Site, { status, title, kicker, content }: Page): Promise<RawReply> {
  const { files, styles = [], scripts = [] } = site;
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
    ${["site.css", ...styles].map((name) => html`<link rel="stylesheet" href="${files.href(name)}">`)}
    ${scripts.map((name) => html`<script type="module" src="${files.href(name)}"></script>`)}
  </head>
  <body>
    <main>
      <p class="kicker"><img src="${files.href("favicon.svg")}" alt="" width="28" height="28"><span>${kicker}</span></p>
      ${content}
    </main>
  </body>
</html>
`;
  return { status, headers: headers(site), body: String(page) };
}
