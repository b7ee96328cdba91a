import type { Colour } from "../theme.ts";

/** A colour thinned with white: `share` of it, from 0 to 1. PDF could do it with transparency; printers can't always. */
export function tint(colour: Colour, share: number): Colour {
  const channels = [1, 3, 5].map((at) => {
    const own = Number.parseInt(colour.slice(at, at + 2), 16);
    return Math.round(255 - (255 - own) * share)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${channels.join("")}`;
}
