import type { Block, Section, Tile } from "@success-manager/pdf/document";
import type { CustomerRow, Directory } from "../../../directory/index.ts";
import { percentOf } from "../../../figures.ts";
import { averageHealthScore, healthDistribution, portfolioTotals } from "../../../portfolio/index.ts";
import type { Asked } from "../asked.ts";
import { atRiskChange, averageChange, type Earlier, earlierOf } from "../compared.ts";
import { BANDS } from "../health-words.ts";
import { isNarrowed } from "../selection.ts";
import { countText, numberText, percentText } from "../wording.ts";
import { componentsOf } from "./components.ts";

/** Tiles of the portfolio. */
function tilesOf(asked: Asked, rows: readonly CustomerRow[], earlier: Earlier): Tile[] {
  const sums = portfolioTotals(rows);
  const spread = healthDistribution(rows);
  const endangered = spread.at_risk.count + spread.critical.count;
  const average = averageHealthScore(sums);
  const unscored = rows.length - sums.scored;
  const moving = (trend: string) => rows.filter(({ score }) => score?.score_trend === trend).length;
  const [improving, declining] = [moving("improving"), moving("declining")];
  const change = atRiskChange(endangered, earlier);
  return [
    {
      label: "Customers",
      value: numberText(rows.length),
      note: unscored === 0 ? "all with a health score" : `${numberText(unscored)} without a score`,
    },
    {
      label: "Average health",
      value: average === null ? "None yet" : numberText(average, 1),
      ...averageChange(average, earlier, asked),
    },
    {
      label: "At risk",
      ...(sums.scored === 0
        ? { value: "None yet", note: "nobody has been scored" }
        : {
            value: percentText(percentOf(endangered, sums.scored)),
            note: change
              ? `${numberText(endangered)} below 60, ${change.note}`
              : `${numberText(endangered)} of ${numberText(sums.scored)} below 60`,
            tone: change?.tone,
          }),
    },
    {
      label: "Improving",
      value: numberText(improving),
      note: "up 5 points or more in 30 days",
      tone: improving > 0 ? "good" : "neutral",
    },
    {
      label: "Declining",
      value: numberText(declining),
      note: "down 5 points or more in 30 days",
      tone: declining > 0 ? "bad" : "neutral",
    },
  ];
}

/** Who left and is not counted, so that the figures can be told from those that count them. */
function leftOut(rows: readonly CustomerRow[], { customers }: Pick<Directory, "customers">): Block[] {
  const all = [...customers.values()];
  const left = all.length - rows.length;
  const scored = all.some(({ customer, score }) => customer.status === "churned" && score);
  if (left === 0) return [];
  const [who, have, are] =
    left === 1 ? ["1 customer", "has", "is"] : [countText(left, "customer"), "have", "are"];
  const average = averageHealthScore(portfolioTotals(all));
  const including =
    scored && average !== null
      ? `; ${left === 1 ? "with the last score" : "with their last scores"} the average is ${numberText(average, 1)}, as on the dashboard`
      : "";
  return [{ kind: "text", muted: true, text: `${who} who ${have} left ${are} not counted${including}.` }];
}

/** How the newest scores are spread. */
export async function overviewSection(
  asked: Asked,
  rows: readonly CustomerRow[],
  directory: Pick<Directory, "customers">,
): Promise<Section> {
  const narrowed = isNarrowed(asked.filters);
  const earlier = await earlierOf(asked, rows);
  const spread = healthDistribution(rows);
  const unscored = rows.length - spread.total_scored;
  const bands: Block = {
    kind: "stackedBar",
    title: "Customers by health",
    parts: [
      ...BANDS.map(([band, { label, tone }]) => ({ label, value: spread[band].count, tone })),
      ...(unscored > 0 ? [{ label: "Not scored", value: unscored, tone: "neutral" as const }] : []),
    ],
  };
  const blocks: Block[] =
    rows.length === 0
      ? [{ kind: "text", text: narrowed ? "No customer fits these filters." : "There are no customers yet." }]
      : [
          { kind: "tiles", tiles: tilesOf(asked, rows, earlier) },
          bands,
          ...(spread.total_scored > 0 ? [componentsOf(rows)] : []),
        ];
  return {
    heading: "Overview",
    about: "Customers as they stand now, each with their newest health score from 0 to 100.",
    blocks: [...blocks, ...(narrowed ? [] : leftOut(rows, directory))],
  };
}
