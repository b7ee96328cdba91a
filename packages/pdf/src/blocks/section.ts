import type { Block, Section } from "../document.ts";
import type { Fragment, LayoutContext } from "../layout/fragment.ts";
import { colors, sizes, spacing } from "../theme.ts";
import { layoutAdvice } from "./advice.ts";
import { layoutBarChart } from "./bar-chart.ts";
import { layoutLineChart } from "./line-chart.ts";
import { layoutQuotes } from "./quotes.ts";
import { layoutStackedBar } from "./stacked-bar.ts";
import { layoutTable } from "./table.ts";
import { emptyNote, layoutHeading, layoutText } from "./text.ts";
import { layoutTiles } from "./tiles.ts";

/** A section's heading, which stays with what follows it, and its blocks. A section without any has a note. */
export function layoutSection(section: Section, page: LayoutContext): readonly Fragment[] {
  const context = { ...page, tag: { type: "Sect", parent: page.tag } } as const;
  const blocks = section.blocks
    .map((block, index) => {
      const fragments = layoutBlock(block, context);
      const keep = keepBetween(block, section.blocks[index + 1]);
      const spaceBefore =
        isParagraph(block) && isParagraph(section.blocks[index - 1]) ? "paragraph" : "block";
      return {
        spaceBefore: spacing[spaceBefore],
        fragments: keep === false ? fragments : keptWithNext(fragments, keep),
      };
    })
    .filter(({ fragments }) => fragments.length > 0);
  if (blocks.length === 0)
    blocks.push({
      spaceBefore: spacing.block,
      fragments: [emptyNote(context, context.words.nothingInSection)],
    });
  return [
    ...layoutSectionHeading(section, context),
    ...blocks.flatMap(({ spaceBefore, fragments: [first, ...rest] }) =>
      first ? [{ ...first, spaceBefore, begins: "block" as const }, ...rest] : [],
    ),
  ];
}

const isParagraph = (block: Block | undefined) => block?.kind === "text" && block.muted !== true;

/**
 * Advice and footnotes stand on the page of the figures that they are about. What has no title of its own rather does:
 * a table, and what people said right behind one.
 */
function keepBetween(block: Block, next: Block | undefined): Fragment["keepWithNext"] {
  if (next?.kind === "advice" || (next?.kind === "text" && next.muted)) return true;
  const isUntitled =
    (next?.kind === "table" && next.title === undefined) ||
    (next?.kind === "quotes" && block.kind === "table");
  return isUntitled && "rather";
}

/** Fragments whose last one stays on the page of what follows. */
function keptWithNext(fragments: readonly Fragment[], keep: Fragment["keepWithNext"]): readonly Fragment[] {
  const last = fragments.at(-1);
  return last ? [...fragments.slice(0, -1), { ...last, keepWithNext: keep }] : fragments;
}

/** The fragments of a block, top to bottom; none when there is nothing to show. */
function layoutBlock(block: Block, context: LayoutContext): readonly Fragment[] {
  switch (block.kind) {
    case "tiles":
      return layoutTiles(block, context);
    case "text":
      return layoutText(block, context);
    case "table":
      return layoutTable(block, context);
    case "barChart":
      return layoutBarChart(block, context);
    case "lineChart":
      return layoutLineChart(block, context);
    case "stackedBar":
      return layoutStackedBar(block, context);
    case "quotes":
      return layoutQuotes(block, context);
    case "advice":
      return layoutAdvice(block, context);
  }
}

function layoutSectionHeading(
  section: Section,
  { typesetter, width, accent, tag: parent }: LayoutContext,
): readonly Fragment[] {
  const heading = typesetter.lines(section.heading, { size: sizes.heading, weight: "bold" }, width, 3);
  const about =
    section.about === undefined ? [] : typesetter.lines(section.about, { size: sizes.body }, width, 6);
  const [first, ...rest] = [
    ...layoutHeading(heading, accent, spacing.section, { type: "H2", parent }),
    ...layoutHeading(about, colors.muted, 2, { type: "P", parent }),
  ];
  return first ? [{ ...first, begins: "section" }, ...rest] : [];
}
