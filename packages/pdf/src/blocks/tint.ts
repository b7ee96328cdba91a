import type { Color } from "../theme.ts";

/** A color thinned with white: `share` of it, from 0 to 1. PDF could do it with transparency; printers can't always. */
export function tint(color: Color, share: number): Color {
  const channels = [1, 3, 5].map((at) => {
    const own = Number.parseInt(color.slice(at, at + 2), 16);
    return Math.round(255 - (255 - own) * share)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${channels.join("")}`;
}
