import type { TextLine } from "../text/typesetter.ts";
import type { Color } from "../theme.ts";

/** How an area or a line looks; what is absent is not painted. */
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
   * A line of text in the box that begins at `top` and is `line.height` high; capital letters stand in the
   * middle of it. `x` is its left end, its middle or its right end, as `align` says (left when absent).
   */
  text(line: TextLine, x: number, top: number, color: Color, align?: "left" | "center" | "right"): void;
  /** A rectangle, with round corners when there is a radius; what is too narrow for the radius has smaller ones. */
  rect(x: number, top: number, width: number, height: number, paint: Paint, radius?: number): void;
  circle(x: number, y: number, radius: number, paint: Paint): void;
  line(fromX: number, fromY: number, toX: number, toY: number, paint: Paint): void;
  /** A path as SVG writes it (`M0 0L10 5`), y downwards, its origin at `x`, `top`. Round caps and joins. */
  path(svg: string, x: number, top: number, paint: Paint): void;
}
