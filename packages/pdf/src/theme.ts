import type { Tone } from "./document.ts";

/** A color as the web writes it: `#1f6f50`. */
export type Color = `#${string}`;

/** Colors of the surveys' pages, for paper: each text color has a contrast of 4.5 and more on white and on `pale`. */
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
 * What a tone looks like: `text` for words on white or `pale`, `fill` for areas such as bars. Fills differ in
 * lightness too, so that they can be told apart on a gray print.
 */
export const tones: Record<Tone, { readonly text: Color; readonly fill: Color }> = {
  good: { text: "#1f6f50", fill: "#1f6f50" },
  fair: { text: "#7a5a00", fill: "#e3b73a" },
  poor: { text: "#a3480a", fill: "#d9772b" },
  bad: { text: "#a3211c", fill: "#c4453c" },
  neutral: { text: "#52605a", fill: "#9aa8a1" },
  accent: { text: "#1d5a86", fill: "#2f76ab" },
};

/** Sizes of letters, in points. */
export const sizes = {
  title: 24,
  /** A title that would be of more than two lines. */
  longTitle: 17,
  subtitle: 12.5,
  heading: 14.5,
  blockTitle: 9.5,
  body: 9.5,
  small: 8,
  /** The value of a tile. */
  figure: 18,
} as const;

/** Height of a line of text, as a multiple of its size. */
export const LEADING = 1.4;

/** Distances, in points. */
export const gaps = {
  /** Above a section's heading. */
  section: 24,
  /** Between blocks of a section, above a block that follows its heading too. */
  block: 12,
  /** Between a block's title and what it stands above. */
  title: 5,
} as const;

/** Corners of tiles and bars, in points. */
export const RADIUS = 3;
