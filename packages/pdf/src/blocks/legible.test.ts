import { describe, expect, test } from "vitest";
import { type Colour, colours, tones } from "../theme.ts";
import { contrast, legibleOn, luminance } from "./legible.ts";

const fills = Object.entries(tones).map(([tone, { fill }]) => [tone, fill] as const);

/** As a printer without colours sees it, from 0 to 255. */
const greyOf = (colour: Colour) => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue;
};

describe("words on a coloured area", () => {
  test.each(fills)("have a contrast of at least 4.5 on %s", (_tone, fill) => {
    expect(contrast(luminance(fill), luminance(legibleOn(fill)))).toBeGreaterThanOrEqual(4.5);
  });

  test("are white on dark ones and dark on light ones", () => {
    expect([legibleOn("#000000"), legibleOn("#ffffff")]).toEqual([colours.white, colours.ink]);
  });
});

test("areas of tones that stand side by side can be told apart on a grey print", () => {
  const greys = (["good", "bad", "poor", "neutral", "fair"] as const).map((tone) => greyOf(tones[tone].fill));
  for (const [index, grey] of greys.entries()) {
    if (index > 0) expect(grey - (greys[index - 1] ?? 0)).toBeGreaterThan(15);
  }
});
