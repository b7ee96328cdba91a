import { expect } from "vitest";
import type { Frame, Piece } from "../layout/piece.ts";
import { overlap, type Sketch, sketch } from "./sketch.ts";

/** Strokes and marks may reach this far over the edge, in points: less than the margins are wide by far. */
const EDGE = 3;

/** What every block owes the page: numbers only, within its box, no words on words. Answers what was drawn. */
export function expectTidy(pieces: readonly Piece[], frame: Frame): readonly Sketch[] {
  return pieces.map((piece) => {
    expect(piece.height).toBeGreaterThan(0);
    expect(piece.height).toBeLessThanOrEqual(frame.height);
    const drawn = sketch(piece);
    for (const { left, top, right, bottom } of [...drawn.texts, ...drawn.shapes]) {
      expect(left).toBeGreaterThanOrEqual(-EDGE);
      expect(top).toBeGreaterThanOrEqual(-EDGE);
      expect(right).toBeLessThanOrEqual(frame.width + EDGE);
      expect(bottom).toBeLessThanOrEqual(piece.height + EDGE);
    }
    drawn.texts.forEach((text, index) => {
      for (const other of drawn.texts.slice(index + 1)) {
        expect(overlap(text, other), `${JSON.stringify(text)} on ${JSON.stringify(other)}`).toBe(false);
      }
    });
    return drawn;
  });
}
