import { expect } from "vitest";
import type { Canvas, Paint } from "../layout/canvas.ts";
import type { Fragment, LayoutContext } from "../layout/fragment.ts";
import { createFonts } from "../text/font.ts";
import { createTypesetter } from "../text/typesetter.ts";
import { colors } from "../theme.ts";
import { languageOf, wordsOf } from "../words.ts";

/** What something that was drawn covers, in points from the upper left corner of its fragment. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Shape extends Box {
  readonly paint: Paint;
  /** Of a path, as SVG writes it. */
  readonly svg?: string;
}

/** What a fragment draws, without a PDF. */
export interface Drawing {
  readonly texts: readonly Box[];
  readonly shapes: readonly Shape[];
}

/** The space of an A4 page, and the real fonts. */
export function layoutContext(width = 495, height = 720): LayoutContext {
  return {
    width,
    height,
    typesetter: createTypesetter(createFonts()),
    words: wordsOf({}),
    locale: languageOf({}).locale,
    accent: colors.brand,
  };
}

/** Draws a fragment at the origin and records what it draws. */
export function drawingOf(fragment: Fragment): Drawing {
  const texts: Box[] = [];
  const shapes: Shape[] = [];
  const addShape = (xs: readonly number[], ys: readonly number[], paint: Paint, svg?: string) => {
    const box = {
      left: Math.min(...xs),
      right: Math.max(...xs),
      top: Math.min(...ys),
      bottom: Math.max(...ys),
    };
    shapes.push({ ...box, paint, ...(svg === undefined ? {} : { svg }) });
  };
  const path: Canvas["path"] = (svg, x, top, paint) => {
    const corners = pathCorners(svg);
    addShape(
      corners.map((corner) => corner[0] + x),
      corners.map((corner) => corner[1] + top),
      paint,
      svg,
    );
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
    rect: (x, top, width, height, paint) => addShape([x, x + width], [top, top + height], paint),
    circle: (x, y, radius, paint) => addShape([x - radius, x + radius], [y - radius, y + radius], paint),
    line: (fromX, fromY, toX, toY, paint) => addShape([fromX, toX], [fromY, toY], paint),
    logo: (x, top, width, height) => addShape([x, x + width], [top, top + height], {}),
    tag: (_tag, draw) => draw(),
    repeat: (draw) => draw(),
    path,
    icon: (svg, x, top, _size, paint) => path(svg, x, top, paint),
  };
  fragment.draw(canvas, 0, 0);
  return { texts, shapes };
}

/** The corners of a path of straight lines. */
function pathCorners(svg: string): readonly (readonly [x: number, y: number])[] {
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

/** Strokes and markers may reach this far over the edge, in points: by far less than the margins are wide. */
const TOLERANCE = 3;

/** Expects of any fragment: finite numbers, within its box, no text on another. Answers what was drawn. */
export function expectCleanLayout(
  fragments: readonly Fragment[],
  context: LayoutContext,
): readonly Drawing[] {
  return fragments.map((fragment) => {
    expect(fragment.height).toBeGreaterThan(0);
    expect(fragment.height).toBeLessThanOrEqual(context.height);
    const drawing = drawingOf(fragment);
    for (const { left, top, right, bottom } of [...drawing.texts, ...drawing.shapes]) {
      expect(left).toBeGreaterThanOrEqual(-TOLERANCE);
      expect(top).toBeGreaterThanOrEqual(-TOLERANCE);
      expect(right).toBeLessThanOrEqual(context.width + TOLERANCE);
      expect(bottom).toBeLessThanOrEqual(fragment.height + TOLERANCE);
    }
    drawing.texts.forEach((text, index) => {
      for (const other of drawing.texts.slice(index + 1)) {
        expect(overlap(text, other), `${JSON.stringify(text)} on ${JSON.stringify(other)}`).toBe(false);
      }
    });
    return drawing;
  });
}

/** Whether two boxes cover a place in common; touching is not covering. */
const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right - 0.01 && b.left < a.right - 0.01 && a.top < b.bottom - 0.01 && b.top < a.bottom - 0.01;
