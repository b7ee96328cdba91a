import type { Section, Table, Tile } from "@success-manager/pdf/document";
import { dateOf } from "../../calendar.ts";
import { type ScoreFigures, scoresBetween } from "../../health/index.ts";
import {
  attentionReasons,
  averageHealthScore,
  healthFigures,
  type Portfolio,
  productPerformance,
} from "../../portfolio/index.ts";
import type { LatestScore } from "../../table/index.ts";
import type { CustomerScores } from "./baseline.ts";
import { note, type TableColumn, tableOf, text } from "./blocks.ts";
import { leftNote } from "./filters.ts";
import { formatDate, formatNumber, formatShortDate, formatTerm } from "./format.ts";
import { customerScoreLine } from "./health-trend.ts";
import { bandsBar, NOT_SCORED_YET } from "./overview.ts";
import { type CustomerData, comparedCell, type ReportRequest } from "./query.ts";
import type { ComponentMoves } from "./story.ts";
import { COMPONENTS, LOW_COMPONENT, scoreCell, scoreTone, trendTone } from "./tones.ts";
import { trendBlock } from "./trends.ts";

/** Health in the customer overview: of all customers and by product, or of one. */

type ProductFigures = ReturnType<typeof productPerformance>[number];

const PRODUCT_COLUMNS: readonly TableColumn<ProductFigures>[] = [
  { heading: "Product", width: 2, cell: ({ product }) => product },
  {
    heading: "Active deployments",
    align: "right",
    width: 1.5,
    cell: ({ active_deployments }) => formatNumber(active_deployments),
  },
  {
    heading: "Inactive",
    align: "right",
    cell: ({ inactive_deployments }) => formatNumber(inactive_deployments),
  },
  { heading: "Customers", align: "right", cell: ({ customer_count }) => formatNumber(customer_count) },
  {
    heading: "Average health",
    align: "right",
    width: 1.3,
    cell: ({ avg_health_score }) => scoreCell(avg_health_score, 1),
  },
];

/** How healthy customers are, by their newest scores, and by product. */
export function healthSection(portfolio: Portfolio, { filters }: ReportRequest): Section {
  const heading = "Health";
  const { rows } = portfolio;
  const products = productPerformance(portfolio).filter(
    ({ product }) => filters.product === undefined || product === filters.product,
  );
  const table = tableOf(products, PRODUCT_COLUMNS, { title: "By product" });
  const figures = healthFigures(rows);
  const average = averageHealthScore(figures);
  if (average === null)
    return { heading, blocks: [text(NOT_SCORED_YET), ...(rows.length > 0 ? [table] : [])] };
  const unscored = rows.length - figures.scored;
  const tiles: Tile[] = [
    { label: "Average health", value: formatNumber(average, 1), note: "of 100" },
    {
      label: "Customers with a score",
      value: formatNumber(figures.scored),
      note: unscored === 0 ? "all of them" : `${formatNumber(unscored)} not scored yet`,
    },
  ];
  return {
    heading,
    about: "By each customer's newest score. Customers of a product run it now or did before.",
    blocks: [{ kind: "tiles", tiles }, bandsBar(rows), table, ...leftNote(portfolio)],
  };
}

const scoreTiles = (score: LatestScore): Tile[] => [
  {
    label: "Health score",
    value: String(score.overall_score),
    note: `${formatTerm(score.score_trend).toLowerCase()} over 30 days`,
    tone: trendTone(score.score_trend),
  },
  ...COMPONENTS.map(([label, component]): Tile => {
    const value = score[component];
    return value < LOW_COMPONENT
      ? { label, value: String(value), note: "low", tone: scoreTone(value) }
      : { label, value: String(value) };
  }),
];

/** The score before the period, or the first one of it, and the last one side by side. */
function comparisonTable(first: ScoreFigures, last: ScoreFigures): Table {
  const parts = [["Overall", "overall_score"], ...COMPONENTS] as const;
  return tableOf(
    parts,
    [
      { heading: "Score", width: 2, cell: ([label]) => label },
      {
        heading: formatShortDate(first.calculated_at),
        align: "right",
        width: 2,
        cell: ([, part]) => scoreCell(first[part]),
      },
      {
        heading: formatShortDate(last.calculated_at),
        align: "right",
        width: 2,
        cell: ([, part]) => scoreCell(last[part]),
      },
      {
        heading: "Change",
        align: "right",
        cell: ([, part]) => comparedCell({ current: last[part], previous: first[part] }),
      },
    ],
    { title: "Through the period" },
  );
}

/** Two years of a score each day, and some that people had calculated. */
const MAX_SCORES = 1_000;

/** The scores of the period, newest first, and the one before them if there is one: two queries. */
export async function readScores(
  { customer, score }: CustomerData,
  { period }: ReportRequest,
): Promise<CustomerScores> {
  if (!score) return { scores: [], earlier: undefined };
  const { date_from, date_to } = period;
  const [scores, [earlier]] = await Promise.all([
    scoresBetween(customer.id, date_from, `${date_to}T23:59:59.999Z`, MAX_SCORES),
    // Who was never scored before the first day has no need to be asked.
    score.revision === 1 ? [] : scoresBetween(customer.id, "0000", date_from, 1),
  ]);
  return { scores, earlier };
}

/** How components moved from before the period, or from its first score, to its last one. */
export function scoreMoves({ scores, earlier }: CustomerScores): ComponentMoves | undefined {
  const [last, first] = [scores[0], earlier ?? scores.at(-1)];
  if (!last || !first || first === last) return undefined;
  return COMPONENTS.map(([label, component]) => ({ label, from: first[component], to: last[component] }));
}

/** How one customer fares: the newest score, what needs attention, and the way there. */
export function customerHealthSection(
  data: CustomerData,
  request: ReportRequest,
  { scores, earlier }: CustomerScores,
): Section {
  const { customer, score } = data;
  const heading = "Health";
  if (!score) return { heading, blocks: [text(NOT_SCORED_YET)] };
  const concerns = attentionReasons({ customer, score }, dateOf(request.now));
  const [last, first] = [scores[0], earlier ?? scores.at(-1)];
  const line = customerScoreLine(earlier ? [...scores, earlier] : scores, request);
  return {
    heading,
    about: `From 0 to 100, as of ${formatDate(score.calculated_at)}; the score is the mean of its four components.`,
    blocks: [
      { kind: "tiles", tiles: scoreTiles(score) },
      text(
        concerns.length > 0
          ? `Key concerns: ${concerns.join("; ")}.`
          : "No concerns: nothing stands out that needs attention.",
      ),
      ...(line.values.filter((value) => value !== null).length > 1 ? [trendBlock(line)] : []),
      ...(first && last && first !== last ? [comparisonTable(first, last)] : []),
      ...(scores.length === 0 ? [note("No health score was calculated in this period.")] : []),
    ],
  };
}
