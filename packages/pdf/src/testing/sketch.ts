import { fontFiles } from "../fonts.ts";
import type { Canvas, Paint } from "../layout/canvas.ts";
import type { Frame, Piece } from "../layout/piece.ts";
import { recordingFace } from "../text/face.ts";
import { typesetter } from "../text/typesetter.ts";

/** What something that was drawn covers, in points from the upper left corner of its piece. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Shape extends Box {
  readonly paint: Paint;
  /** As SVG writes it, of a path. */
  readonly svg?: string;
}

/** What a piece draws, without a PDF. */
export interface Sketch {
  readonly texts: readonly Box[];
  readonly shapes: readonly Shape[];
}

/** The space of an A4 page, and the real fonts. */
export async function frameOf(width = 495, height = 720): Promise<Frame> {
  const { regular, bold } = await fontFiles();
  return { width, height, type: typesetter({ regular: recordingFace(regular), bold: recordingFace(bold) }) };
}

/** Draws a piece at the origin. */
export function sketch(piece: Piece): Sketch {
  const texts: Box[] = [];
  const shapes: Shape[] = [];
  const shape = (xs: readonly number[], ys: readonly number[], paint: Paint, svg?: string) => {
    const box = {
      left: Math.min(...xs),
      right: Math.max(...xs),
      top: Math.min(...ys),
      bottom: Math.max(...ys),
    };
    shapes.push({ ...box, paint, ...(svg === undefined ? {} : { svg }) });
  };
  const canvas: Canvas = {
    text: (line, x, top, _color, align = "left") => {
      if (line.width === 0) return;
      const left = x - { left: 0, center: line.width / 2, right: line.width }[align];
      const middle = top + line.height / 2;
      // From the top of capital letters to the foot of a g.
      texts.push({
        left,
        right: left + line.width,
        top: middle - line.size * 0.37,
        bottom: middle + line.size * 0.6,
      });
    },
    rect: (x, top, width, height, paint) => shape([x, x + width], [top, top + height], paint),
    circle: (x, y, radius, paint) => shape([x - radius, x + radius], [y - radius, y + radius], paint),
    line: (fromX, fromY, toX, toY, paint) => shape([fromX, toX], [fromY, toY], paint),
    path: (svg, x, top, paint) => {
      const points = pointsOf(svg);
      shape(
        points.map((point) => point[0] + x),
        points.map((point) => point[1] + top),
        paint,
        svg,
      );
    },
  };
  piece.draw(canvas, 0, 0);
  return { texts, shapes };
}

/** The corners of a path of straight lines. */
export function pointsOf(svg: string): readonly (readonly [x: number, y: number])[] {
  let x = 0;
  let y = 0;
  return [...svg.matchAll(/([MLhvHVZ])([^MLhvHVZ]*)/g)].flatMap(([, command, numbers = ""]) => {
    const [first = Number.NaN, second = Number.NaN] = numbers.split(/[ ,]/).map(Number);
    if (command === "Z") return [];
    if (command === "h") x += first;
    else if (command === "v") y += first;
    else [x, y] = [first, second];
    return [[x, y] as const];
  });
}

/** Whether two boxes cover a place in common; touching is not covering. */
export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right - 0.01 && b.left < a.right - 0.01 && a.top < b.bottom - 0.01 && b.top < a.bottom - 0.01;
