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
      // Advice stands on the page of the figures that it follows from.
      return section.blocks[index + 1]?.kind === "advice" ? keptWithNext(fragments) : fragments;
    })
    .filter((fragments) => fragments.length > 0);
  if (blocks.length === 0) blocks.push([emptyNote(context, context.words.nothingInSection)]);
  return [
    ...layoutSectionHeading(section, context),
    ...blocks.flatMap(([first, ...rest]) =>
      first ? [{ ...first, spaceBefore: spacing.block }, ...rest] : [],
    ),
  ];
}

/** Fragments whose last one stays on the page of what follows. */
function keptWithNext(fragments: readonly Fragment[]): readonly Fragment[] {
  const last = fragments.at(-1);
  return last ? [...fragments.slice(0, -1), { ...last, keepWithNext: true }] : fragments;
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
  return [
    ...layoutHeading(heading, accent, spacing.section, { type: "H2", parent }),
    ...layoutHeading(about, colors.muted, 2, { type: "P", parent }),
  ];
}
