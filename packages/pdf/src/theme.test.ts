import { type Color, channels, contrast, luminance } from "@success-manager/contract/color";
import { describe, expect, test } from "vitest";
import { colors, textColorOn, tones } from "./theme.ts";

const fills = Object.entries(tones).map(([tone, { fill }]) => [tone, fill] as const);

/** As a printer without colors sees it, from 0 to 255. */
const grayOf = (color: Color) => {
  const [red, green, blue] = channels(color);
  return 255 * (0.299 * red + 0.587 * green + 0.114 * blue);
};

describe("words on a colored area", () => {
  test.each(fills)("have a contrast of at least 4.5 on %s", (_tone, fill) => {
    expect(contrast(luminance(fill), luminance(textColorOn(fill)))).toBeGreaterThanOrEqual(4.5);
  });

  test("are white on dark ones and dark on light ones", () => {
    expect([textColorOn("#000000"), textColorOn("#ffffff")]).toEqual([colors.white, colors.ink]);
  });
});

test("areas of tones that stand side by side can be told apart on a gray print", () => {
  const grays = (["good", "bad", "poor", "neutral", "fair"] as const).map((tone) => grayOf(tones[tone].fill));
  for (const [index, gray] of grays.entries()) {
    if (index > 0) expect(gray - (grays[index - 1] ?? 0)).toBeGreaterThan(15);
  }
});
