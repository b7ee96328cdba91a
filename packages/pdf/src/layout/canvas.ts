import type { Color } from "@success-manager/contract/color";
import type { TextLine } from "../text/typesetter.ts";
import type { Tag } from "./structure.ts";

/** How a shape is painted; what is absent is not painted. */
export interface Paint {
  readonly fill?: Color | undefined;
  readonly stroke?: Color | undefined;
  /** Of the stroke, in points; 1 when absent. */
  readonly thickness?: number | undefined;
  /** Lengths of dashes and gaps, in points; a solid stroke when absent. */
  readonly dashes?: readonly number[] | undefined;
}

/**
 * One page to draw on. Points (1/72 inch) from the page's upper left corner: x to the right, y downwards.
 * Coordinates that are not finite are a mistake of the caller and throw.
 */
export interface Canvas {
  /**
   * A line of text in a box that begins at `top` and is `line.height` high, its capital letters in the middle. `x`
   * is its left end, its center or its right end, as `align` says (left when absent).
   */
  text(line: TextLine, x: number, top: number, color: Color, align?: "left" | "center" | "right"): void;
  /** A rectangle, with round corners when there is a radius; a radius that is too large is reduced. */
  rect(x: number, top: number, width: number, height: number, paint: Paint, radius?: number): void;
  circle(x: number, y: number, radius: number, paint: Paint): void;
  line(fromX: number, fromY: number, toX: number, toY: number, paint: Paint): void;
  /** A path as SVG writes it (`M0 0L10 5`), y downwards, its origin at `x`, `top`. Round caps and joins. */
  path(svg: string, x: number, top: number, paint: Paint): void;
  /** The same of something `size` wide that is never mirrored. */
  icon(svg: string, x: number, top: number, size: number, paint: Paint): void;
  /** The document's logo, in a box of its own proportions. */
  logo(x: number, top: number, width: number, height: number): void;
  /**
   * What is drawn meanwhile belongs to a tag: its texts, and where it is a figure all of it. Other shapes and texts
   * without a tag are decoration, which nobody has read to them.
   */
  tag(tag: Tag, draw: () => void): void;
  /** What is drawn meanwhile returns on each page, and is no part of what the document says, whatever its tags. */
  repeat(draw: () => void): void;
}
