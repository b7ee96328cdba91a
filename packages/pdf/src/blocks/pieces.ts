import type { Block } from "../document.ts";
import type { Frame, Piece } from "../layout/piece.ts";
import { layBars } from "./bars.ts";
import { layLines } from "./lines.ts";
import { layQuotes } from "./quotes.ts";
import { laySplit } from "./split.ts";
import { layTable } from "./table.ts";
import { layText } from "./text.ts";
import { layTiles } from "./tiles.ts";

/** The pieces of a block, top to bottom; none when there is nothing to show. The space above it is not in them. */
export function piecesOf(block: Block, frame: Frame): readonly Piece[] {
  switch (block.kind) {
    case "tiles":
      return layTiles(block, frame);
    case "text":
      return layText(block, frame);
    case "table":
      return layTable(block, frame);
    case "barChart":
      return layBars(block, frame);
    case "lineChart":
      return layLines(block, frame);
    case "stackedBar":
      return laySplit(block, frame);
    case "quotes":
      return layQuotes(block, frame);
  }
}
