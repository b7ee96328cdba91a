/**
 * Letters of one font, shaped, in the order in which they are drawn: codes of letters as hexadecimal digits,
 * moves to the left in thousandths of the size as numbers (as PDF's TJ takes both), and how far the following
 * letters stand above the baseline.
 */
export type GlyphPart = string | number | { readonly rise: number };

export interface Glyphs {
  /** In thousandths of the size. */
  readonly width: number;
  readonly parts: readonly GlyphPart[];
}
