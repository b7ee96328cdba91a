import type { Cell, Tone } from "@success-manager/pdf/document";
import { numberText } from "../wording.ts";

/** Up to how many days before its end a contract or a license is urgent, and up to how many it is soon. */
const URGENT = 14;
const SOON = 45;

const toneOf = (days: number): Tone | undefined => {
  if (days <= URGENT) return "bad";
  return days <= SOON ? "fair" : undefined;
};

/** How many days are left until an end; how long ago it was. */
export function daysLeftText(days: number): string {
  if (days < 0) return `ended ${numberText(-days)} ${days === -1 ? "day" : "days"} ago`;
  return days === 0 ? "today" : numberText(days);
}

/** With a colour while it is soon. */
export function daysLeftCell(days: number): Cell {
  const tone = toneOf(days);
  const text = daysLeftText(days);
  return tone === undefined ? text : { text, tone };
}
