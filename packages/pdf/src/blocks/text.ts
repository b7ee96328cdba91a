import type { Color } from "@success-manager/contract/color";
import type { Text } from "../document.ts";
import type { Fragment, Layout, LayoutContext } from "../layout/fragment.ts";
import type { Tag } from "../layout/structure.ts";
import type { TextLine } from "../text/typesetter.ts";
import { colors, sizes, spacing } from "../theme.ts";

/** Longer lines are hard to read. In points. */
const MAX_LINE_WIDTH = 440;

/** A paragraph of so few lines rather stays together. */
const SHORT_PARAGRAPH_LINES = 6;

const keepsWithNext = (index: number, count: number) =>
  index === 0 || index === count - 2 || (count <= SHORT_PARAGRAPH_LINES && "rather");

/** A paragraph. Neither its first nor its last line stands alone on a page. */
export const layoutText: Layout<Text> = ({ text, muted }, { typesetter, width, tag: parent }) => {
  const tag: Tag = { type: "P", parent };
  const size = muted ? sizes.small : sizes.body;
  const color = muted ? colors.muted : colors.ink;
  const lines = typesetter.lines(text, { size }, Math.min(width, MAX_LINE_WIDTH));
  return lines.map((line, index) => ({
    height: line.height,
    keepWithNext: index < lines.length - 1 && keepsWithNext(index, lines.length),
    draw: (canvas, x, top) =>
      canvas.tag(tag, () => {
        if (line.isTurned) canvas.text(line, x + width, top, color, "right");
        else canvas.text(line, x, top, color);
      }),
  }));
};

/** The title of a block, if it has one: it stays with the block. */
export function layoutTitle(
  title: string | undefined,
  { typesetter, width, tag: parent }: LayoutContext,
): readonly Fragment[] {
  if (title === undefined) return [];
  const tag: Tag = { type: "H3", parent };
  const lines = typesetter.lines(title, { size: sizes.blockTitle, weight: "bold" }, width, 2);
  return lines.map((line, index) => {
    const below = index === lines.length - 1 ? spacing.title : 0;
    return { ...textFragment(line, colors.ink, tag), height: line.height + below, keepWithNext: true };
  });
}

/** Stands in the place of a chart, a table or a section that has nothing to show. */
export function emptyNote(
  { typesetter, width, tag: parent, words }: LayoutContext,
  note = words.noData,
): Fragment {
  return textFragment(typesetter.line(note, { size: sizes.body }, width), colors.muted, {
    type: "P",
    parent,
  });
}

/** Lines of a heading, which stay with what follows them; `spaceBefore` is that above the first one. */
export function layoutHeading(
  lines: readonly TextLine[],
  color: Color,
  spaceBefore: number,
  tag: Tag,
): readonly Fragment[] {
  return lines.map((line, index) => ({
    ...textFragment(line, color, tag),
    spaceBefore: index === 0 ? spaceBefore : 0,
    keepWithNext: true,
  }));
}

const textFragment = (line: TextLine, color: Color, tag: Tag): Fragment => ({
  height: line.height,
  draw: (canvas, x, top) => canvas.tag(tag, () => canvas.text(line, x, top, color)),
});

/** What is read out in the place of a chart: what it is, and everything that it says. */
export const figureText = (kind: string, title: string | undefined, says: readonly string[]): string =>
  `${kind}${title === undefined ? "" : `, ${title}`}. ${says.join("; ")}.`;

/** Total height of lines one below the other, in points. */
export const linesHeight = (lines: readonly TextLine[]): number =>
  lines.reduce((sum, line) => sum + line.height, 0);

/** Width of the widest of some lines, in points. */
export const linesWidth = (lines: readonly TextLine[]): number =>
  lines.reduce((widest, line) => Math.max(widest, line.width), 0);
