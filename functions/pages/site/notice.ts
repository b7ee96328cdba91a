import { html, raw } from "hono/html";
import type { Html } from "./layout.ts";

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
