import type { Quotes } from "../document.ts";
import type { Fragment, Layout, LayoutContext } from "../layout/fragment.ts";
import type { Tag } from "../layout/structure.ts";
import { colors, sizes, tones } from "../theme.ts";
import { drawStatusIcon, hasStatusIcon, ICON_SIZE } from "./status-icon.ts";
import { linesHeight } from "./text.ts";

type Quote = Quotes["quotes"][number];

const RULE_WIDTH = 2;
const INDENT = 12;
const QUOTE_GAP = 12;
const AUTHOR_GAP = 2;
const MAX_LINES = 6;

/** What people wrote, one below the other, each with its author; blank ones are left out. A page may end between two. */
export const layoutQuotes: Layout<Quotes> = ({ quotes }, context) =>
  quotes
    .filter(({ text }) => text.trim() !== "")
    .map((quote, index) => ({
      ...layoutQuote(quote, context),
      ...(index > 0 ? { spaceBefore: QUOTE_GAP } : {}),
    }));

/** Blank lines would take lines from words. */
const withoutBlankLines = (text: string) => text.trim().replaceAll(/\s*[\n\r]\s*/g, "\n");

function layoutQuote({ text, by, tone }: Quote, { typesetter, width, tag: parent }: LayoutContext): Fragment {
  const quote: Tag = { type: "BlockQuote", parent };
  const textWidth = width - INDENT;
  const lines = typesetter.lines(withoutBlankLines(text), { size: sizes.body }, textWidth, MAX_LINES);
  const iconWidth = hasStatusIcon(tone) ? ICON_SIZE + 4 : 0;
  const author = typesetter.line(by, { size: sizes.small }, textWidth - iconWidth);
  const height = linesHeight(lines) + AUTHOR_GAP + author.height;
  // A quote that runs against the page has its rule where its lines begin, on the other side.
  const isTurned = lines[0]?.isTurned === true;
  return {
    height,
    draw: (canvas, x, top) => {
      const rule = isTurned ? x + width - RULE_WIDTH : x;
      canvas.rect(rule, top, RULE_WIDTH, height, { fill: tones[tone ?? "neutral"].fill });
      const left = isTurned ? x : x + INDENT;
      const right = left + textWidth;
      let y = top;
      canvas.tag({ type: "P", parent: quote }, () => {
        for (const line of lines) {
          if (line.isTurned) canvas.text(line, right, y, colors.ink, "right");
          else canvas.text(line, left, y, colors.ink);
          y += line.height;
        }
      });
      y += AUTHOR_GAP;
      const icon = isTurned ? right - ICON_SIZE : left;
      if (hasStatusIcon(tone)) drawStatusIcon(canvas, tone, icon, y + (author.height - ICON_SIZE) / 2);
      const authorLeft = isTurned ? right - iconWidth - author.width : left + iconWidth;
      canvas.tag({ type: "P", parent: quote }, () => canvas.text(author, authorLeft, y, colors.muted));
    },
  };
}
