import type { Quotes } from "../document.ts";
import type { Frame, LayOut, Piece } from "../layout/piece.ts";
import { colors, sizes, tones } from "../theme.ts";
import { drawMark, hasMark, MARK } from "./tone-mark.ts";

type Quote = Quotes["quotes"][number];

const RULE = 2;
const INDENT = 12;
const GAP = 12;
const LINES = 6;

/** What people wrote, one below the other, each with who it was; nothing of those who wrote nothing. A page may end between two of them. */
export const layQuotes: LayOut<Quotes> = ({ quotes }, frame) =>
  quotes
    .filter(({ text }) => text.trim() !== "")
    .map((quote, index) => ({ ...piece(quote, frame), ...(index > 0 ? { gap: GAP } : {}) }));

/** Without empty lines, which take room from words. */
const closed = (text: string) => text.trim().replaceAll(/\s*[\n\r]\s*/g, "\n");

function piece({ text, by, tone }: Quote, { type, width }: Frame): Piece {
  const room = width - INDENT;
  const lines = type.lines(closed(text), { size: sizes.body }, room, LINES);
  const marked = hasMark(tone) ? MARK + 4 : 0;
  const author = type.line(by, { size: sizes.small }, room - marked);
  const height = lines.reduce((sum, line) => sum + line.height, author.height + 2);
  // Writing from the right has its rule on the right, where its lines begin.
  const fromRight = lines[0]?.direction === "rtl";
  return {
    height,
    draw: (canvas, x, top) => {
      const rule = fromRight ? x + width - RULE : x;
      canvas.rect(rule, top, RULE, height, { fill: tones[tone ?? "neutral"].fill });
      const left = fromRight ? x : x + INDENT;
      const right = left + room;
      let y = top;
      for (const line of lines) {
        if (line.direction === "rtl") canvas.text(line, right, y, colors.ink, "right");
        else canvas.text(line, left, y, colors.ink);
        y += line.height;
      }
      y += 2;
      const start = fromRight ? right - marked - author.width : left;
      const mark = fromRight ? right - MARK : left;
      if (hasMark(tone)) drawMark(canvas, tone, mark, y + (author.height - MARK) / 2);
      canvas.text(author, fromRight ? start : left + marked, y, colors.muted);
    },
  };
}
