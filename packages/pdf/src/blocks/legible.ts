import { type Color, colors } from "../theme.ts";

/** Of a color's light, by WCAG 2: 0 for black, 1 for white. */
export function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** By WCAG 2, of two luminances: from 1 to 21. */
export const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

/** The color for words on a fill: white or ink, whichever is easier to read. */
export const legibleOn = (fill: Color): Color =>
  contrast(luminance(fill), 1) >= contrast(luminance(fill), luminance(colors.ink))
    ? colors.white
    : colors.ink;
