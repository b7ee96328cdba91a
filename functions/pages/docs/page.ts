import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { StaticAssets } from "../site/static-asset.ts";

/**
 * What the pages may load: our own files, nothing inline but styles (both libraries write them into the
 * page). Redoc searches in a worker that it makes from a blob. Its picture from a foreign host is refused
 * here, which it takes as a sign to show none.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

interface Page {
  readonly title: string;
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  /** The id of the element that the scripts fill; `main` unless they make one of their own. */
  readonly root: string;
  readonly element: "main" | "div";
}

const page = ({ href }: StaticAssets, { title, styles, scripts, root, element }: Page): RawReply => ({
  headers: {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "cache-control": "no-cache",
  },
  body: `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" type="image/svg+xml" href="${href("favicon.svg")}">
${styles.map((name) => `    <link rel="stylesheet" href="${href(name)}">`).join("\n")}
  </head>
  <body>
    <${element} id="${root}"></${element}>
    <noscript>This page needs JavaScript. The description itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
${scripts.map((name) => `    <script src="${href(name)}"></script>`).join("\n")}
  </body>
</html>
`,
});

/** The page to try the API on. */
export const swaggerPage = (assets: StaticAssets): RawReply =>
  page(assets, {
    title: "Success Manager API",
    styles: ["swagger-ui.css", "pages.css"],
    scripts: ["swagger-ui-bundle.js", "swagger-init.js"],
    root: "swagger-ui",
    element: "div",
  });

/** The page to read. */
export const redocPage = (assets: StaticAssets): RawReply =>
  page(assets, {
    title: "Success Manager API: reference",
    styles: ["pages.css"],
    scripts: ["redoc.standalone.js", "redoc-init.js"],
    root: "redoc",
    element: "main",
  });
