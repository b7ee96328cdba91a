import { html } from "hono/html";

const written = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** `29 November 2026 at 14:30 UTC`: readers are anywhere. */
export const moment = (at: string) =>
  html`<time datetime="${at}">${written.format(new Date(at))}\u00a0UTC</time>`;
