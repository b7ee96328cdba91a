import { nothing } from "../blocks/nothing.ts";
import { piecesOf } from "../blocks/pieces.ts";
import type { Section } from "../document.ts";
import type { TextLine } from "../text/typesetter.ts";
import { type Color, colors, gaps, sizes } from "../theme.ts";
import type { Frame, Piece } from "./piece.ts";

const NOTHING = "There is nothing to show here.";

/** A section's heading, which stands on the page of what follows it, and its blocks. */
export function sectionPieces(section: Section, frame: Frame): readonly Piece[] {
  const blocks = section.blocks.map((block) => piecesOf(block, frame)).filter((pieces) => pieces.length > 0);
  const shown = blocks.length > 0 ? blocks : [[nothing(frame, NOTHING)]];
  return [
    ...headOf(section, frame),
    ...shown.flatMap(([first, ...rest]) => (first ? [spaced(first), ...rest] : [])),
  ];
}

function spaced(first: Piece): Piece {
  return { ...first, gap: gaps.block };
}

function headOf({ heading, about }: Section, { type, width }: Frame): readonly Piece[] {
  const headings = type.lines(heading, { size: sizes.heading, weight: "bold" }, width, 3);
  const abouts = about === undefined ? [] : type.lines(about, { size: sizes.body }, width, 6);
  return [
    ...headings.map((line, index) => headLine(line, colors.brand, index === 0 ? gaps.section : 0)),
    ...abouts.map((line, index) => headLine(line, colors.muted, index === 0 ? 2 : 0)),
  ];
}

function headLine(line: TextLine, color: Color, gap: number): Piece {
  return {
    height: line.height,
    gap,
    keepWithNext: true,
    draw: (canvas, x, top) => canvas.text(line, x, top, color),
  };
}
