import { type Color, contrast, luminance } from "@success-manager/contract/color";
import type { Tone } from "./document.ts";

/** The colors of the survey pages, for paper. Each text color has a contrast of at least 4.5 on white and on `pale`. */
export const colors = {
  brand: "#1f6f50",
  ink: "#16221c",
  muted: "#52605a",
  /** Lines between rows, axes. */
  rule: "#d3dbd7",
  /** Zebra rows, backgrounds of tiles, the part of a bar that is not filled. */
  pale: "#eef2f0",
  white: "#ffffff",
} as const satisfies Record<string, Color>;

/**
 * The colors of a tone: `text` for text on white or `pale`, `fill` for areas such as bars. Fills differ in lightness
 * too, so that they can be told apart on a gray print.
 */
export const tones: Record<Tone, { readonly text: Color; readonly fill: Color }> = {
  good: { text: "#1f6f50", fill: "#1f6f50" },
  fair: { text: "#7a5a00", fill: "#e3b73a" },
  poor: { text: "#a3480a", fill: "#d9772b" },
  bad: { text: "#a3211c", fill: "#c4453c" },
  neutral: { text: "#52605a", fill: "#9aa8a1" },
  accent: { text: "#1d5a86", fill: "#2f76ab" },
};

/** The color for text on a fill: white or ink, whichever has more contrast. */
export const textColorOn = (fill: Color): Color =>
  contrast(luminance(fill), 1) >= contrast(luminance(fill), luminance(colors.ink))
    ? colors.white
    : colors.ink;

/** Font sizes, in points. */
export const sizes = {
  title: 24,
  /** A title that would be of more than two lines. */
  longTitle: 17,
  subtitle: 12.5,
  heading: 14.5,
  blockTitle: 9.5,
  body: 9.5,
  small: 8,
  tileValue: 18,
} as const;

/** Height of a line of text, as a multiple of its size. */
export const LINE_HEIGHT = 1.4;

/** Free space above things, in points. */
export const spacing = {
  section: 24,
  /** Above each block of a section, the first one too. */
  block: 12,
  /** Between paragraphs, which belong together more than other blocks. */
  paragraph: 7,
  /** Between a block's title and the block. */
  title: 5,
} as const;

/** Radius of the corners of tiles, in points. */
export const CORNER_RADIUS = 3;
