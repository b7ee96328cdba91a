import type { Advice } from "../document.ts";
import type { Fragment, Layout, LayoutContext } from "../layout/fragment.ts";
import type { Tag } from "../layout/structure.ts";
import { colors, sizes, tones } from "../theme.ts";
import { linesHeight } from "./text.ts";

const RULE_WIDTH = 2;
const INDENT = 12;
const ITEM_GAP = 6;
const WHO_GAP = 1;
const MAX_ACTION_LINES = 3;
/** Three names of the longest companies, and how many more there are. */
const MAX_WHO_LINES = 5;

/** What to do, one below the other, each with whom it concerns, beside a rule. A page may end between two. */
export const layoutAdvice: Layout<Advice> = ({ items }, context) => {
  const list: Tag = { type: "L", parent: context.tag };
  return items.map((item, index) => ({
    ...layoutItem(item, { ...context, tag: list }),
    ...(index > 0 ? { spaceBefore: ITEM_GAP } : {}),
  }));
};

function layoutItem({ action, who }: Advice["items"][number], context: LayoutContext): Fragment {
  const { typesetter, width, tag: list } = context;
  const body: Tag = { type: "LBody", parent: { type: "LI", parent: list } };
  const textWidth = width - INDENT;
  const bold = { size: sizes.body, weight: "bold" } as const;
  const actions = typesetter.lines(action, bold, textWidth, MAX_ACTION_LINES);
  const names = who === "" ? [] : typesetter.lines(who, { size: sizes.body }, textWidth, MAX_WHO_LINES);
  const gap = names.length > 0 ? WHO_GAP : 0;
  const height = linesHeight(actions) + gap + linesHeight(names);
  return {
    height,
    draw: (canvas, x, top) => {
      canvas.rect(x, top, RULE_WIDTH, height, { fill: tones.accent.fill });
      canvas.tag(body, () => {
        let y = top;
        for (const line of actions) {
          canvas.text(line, x + INDENT, y, colors.ink);
          y += line.height;
        }
        y += gap;
        for (const line of names) {
          if (line.isTurned) canvas.text(line, x + INDENT + textWidth, y, colors.ink, "right");
          else canvas.text(line, x + INDENT, y, colors.ink);
          y += line.height;
        }
      });
    },
  };
}
