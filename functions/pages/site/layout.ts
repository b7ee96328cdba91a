import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { type Brand, logoPath, themePath } from "@success-manager/domain/settings";
import { html, raw } from "hono/html";
import type { StaticAssets } from "./static-asset.ts";

export type Html = ReturnType<typeof html>;

/** What the pages of a kind have in common. */
export interface Site {
  readonly files: StaticAssets;
  /** Beside site.css. */
  readonly styles?: readonly string[];
  readonly scripts?: readonly string[];
  /** Whether its scripts send something. */
  readonly connects?: boolean;
}

export interface Page {
  readonly status: number;
  readonly title: string;
  /** What the page is about, above it. */
  readonly kicker: Html | string;
  readonly content: Html;
  /** BCP 47; English when absent. */
  readonly language?: string | undefined;
  readonly direction?: "ltr" | "rtl" | undefined;
  /** Whose page it is; the product's own when absent. */
  readonly brand?: Brand | undefined;
}

/** Own files only, nothing inline. The address holds a token, so it is told to nobody and kept nowhere. */
const headers = ({ scripts = [], connects }: Site, language: string) => ({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    "style-src 'self'",
    ...(scripts.length > 0 ? ["script-src 'self'"] : []),
    ...(connects ? ["connect-src 'self'"] : []),
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "content-language": language,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex, nofollow",
});

/** A page for people who hold a link: what all have, around what this one says. */
export async function layout(
  site: Site,
  { status, title, kicker, content, language = "en", direction = "ltr", brand }: Page,
): Promise<RawReply> {
  const { files, styles = [], scripts = [] } = site;
  const theme = brand && themePath(brand);
  const page = await html`<!doctype html>
<html lang="${language}" dir="${direction}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex, nofollow">
    <meta name="referrer" content="no-referrer">
    <title>${title}</title>
    <link rel="icon" type="image/svg+xml" href="${files.href("favicon.svg")}">
    ${["site.css", ...styles].map((name) => html`<link rel="stylesheet" href="${files.href(name)}">`)}
    ${theme && html`<link rel="stylesheet" href="${theme}">`}
    ${scripts.map((name) => html`<script type="module" src="${files.href(name)}"></script>`)}
  </head>
  <body>
    <main>
      ${brand?.logo && html`<p class="brand"><img src="${logoPath(brand.logo)}" alt="${brand.organization}" height="40"></p>`}
      <p class="kicker">${brand?.logo ? "" : html`<img src="${files.href("favicon.svg")}" alt="" width="28" height="28">`}<span>${kicker}</span></p>
      ${content}
      ${brand?.footer && html`<footer class="aside">${brand.footer}</footer>`}
    </main>
  </body>
</html>
`;
  return { status, headers: headers(site, language), body: String(page) };
}

/** Drawn in lines of the text's colour, on a field of 24 by 24. */
const ICONS = {
  done: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
  clock: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2.5"/>',
  closed: '<path d="M7 7l10 10M17 7L7 17"/>',
  lost: '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
  alarm: '<path d="M12 4.5v9.5M12 18.8v.2"/>',
  mail: '<rect x="3.5" y="5.5" width="17" height="13" rx="2"/><path d="M4 7.5l8 6 8-6"/>',
} as const;

export interface Notice {
  readonly icon: keyof typeof ICONS;
  readonly tone: "good" | "calm" | "bad";
  readonly title: string;
  readonly text: Html | string;
  /** What there is to do: a link or a form. */
  readonly action?: Html | undefined;
  /** Whether there is nothing left to send, so that what was typed can be forgotten. */
  readonly final?: boolean | undefined;
}

/** The content of a page that says one thing. */
export const notice = ({ icon, tone, title, text, action, final }: Notice): Html =>
  html`<div class="notice ${tone}" ${final ? "data-final" : ""}>
        <svg viewBox="0 0 24 24" width="56" height="56" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${raw(ICONS[icon])}</svg>
        <h1>${title}</h1>
        <p>${text}</p>
        ${action ?? ""}
      </div>`;
