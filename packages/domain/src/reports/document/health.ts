import type { MeasuredValue } from "@success-manager/contract/scores";
import type { Block, Section, Table, Tile } from "@success-manager/pdf/document";
import { dateOf, daysAfter } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import {
  changeSince,
  changeThrough,
  type Movement,
  newestMeasures,
  reasons,
  type ScoreFigures,
  scoresBetween,
  trendBaselineInstant,
} from "../../health/index.ts";
import {
  attentionFindings,
  averageHealthScore,
  healthFigures,
  type Portfolio,
  productPerformance,
} from "../../portfolio/index.ts";
import type { LatestScore } from "../../table/index.ts";
import type { Baseline, CustomerScores } from "./baseline.ts";
import { note, type TableColumn, tableOf, text } from "./blocks.ts";
import { populationNotes } from "./filters.ts";
import {
  formatDate,
  formatNumber,
  formatPercent,
  formatSentences,
  formatShortDate,
  notRecorded,
} from "./format.ts";
import { customerScoreLine } from "./health-trend.ts";
import { bandsBar, notScoredYet } from "./overview.ts";
import { type CustomerData, comparedCell, type ReportRequest } from "./query.ts";
import type { Move } from "./story.ts";
import { COMPONENTS, formatComponent, LOW_COMPONENT, scoreCell, scoreTone, trendTone } from "./tones.ts";
import { noScores, trendBlock } from "./trends.ts";
import { say, scoreTexts } from "./words.ts";

/** Health in the customer overview: of all customers and by product, or of one. */

type ProductFigures = ReturnType<typeof productPerformance>[number];

const PRODUCT_COLUMNS: readonly TableColumn<ProductFigures>[] = [
  { heading: () => say("column.product"), width: 2, cell: ({ product }) => product },
  {
    heading: () => say("column.active_deployments"),
    align: "right",
    width: 1.5,
    cell: ({ active_deployments }) => formatNumber(active_deployments),
  },
  {
    heading: () => say("column.inactive"),
    align: "right",
    cell: ({ inactive_deployments }) => formatNumber(inactive_deployments),
  },
  {
    heading: () => say("column.customers"),
    align: "right",
    cell: ({ customer_count }) => formatNumber(customer_count),
  },
  {
    heading: () => say("column.average_health"),
    align: "right",
    width: 1.3,
    cell: ({ avg_health_score }) => scoreCell(avg_health_score, 1),
  },
];

/** How healthy customers are, by their newest scores, and by product. */
export function healthSection(portfolio: Portfolio, { filters }: ReportRequest): Section {
  const heading = say("heading.health");
  const { rows } = portfolio;
  const products = productPerformance(portfolio).filter(
    ({ product }) => filters.product === undefined || product === filters.product,
  );
  const table = tableOf(products, PRODUCT_COLUMNS, { title: say("chart.by_product") });
  const figures = healthFigures(rows);
  const average = averageHealthScore(figures);
  if (average === null)
    return { heading, blocks: [text(notScoredYet()), ...(rows.length > 0 ? [table] : [])] };
  const unscored = rows.length - figures.scored;
  const tiles: Tile[] = [
    { label: say("tile.average_health"), value: formatNumber(average, 1), note: say("tile.of_hundred") },
    {
      label: say("tile.scored"),
      value: formatNumber(figures.scored),
      note: unscored === 0 ? say("tile.all_of_them") : say("tile.not_scored_yet", { count: unscored }),
    },
  ];
  return {
    heading,
    about: say("health.about"),
    blocks: [{ kind: "tiles", tiles }, bandsBar(rows), table, ...populationNotes(portfolio)],
  };
}

const scoreTiles = (score: LatestScore): Tile[] => [
  {
    label: say("tile.health_score"),
    value: String(score.overall_score),
    note: say("tile.trend_over", { trend: score.score_trend }),
    tone: trendTone(score.score_trend),
  },
  ...COMPONENTS.map((component): Tile => {
    const [label, value] = [formatComponent(component), score[component]];
    return value < LOW_COMPONENT
      ? { label, value: String(value), note: say("tile.low"), tone: scoreTone(value) }
      : { label, value: String(value) };
  }),
];

/** The score before the period, or the first one of it, and the last one side by side. */
function comparisonTable(first: ScoreFigures, last: ScoreFigures): Table {
  const parts = ["overall_score", ...COMPONENTS] as const;
  return tableOf(
    parts,
    [
      { heading: say("column.score"), width: 2, cell: formatComponent },
      {
        heading: formatShortDate(first.calculated_at),
        align: "right",
        width: 2,
        cell: (part) => scoreCell(first[part]),
      },
      {
        heading: formatShortDate(last.calculated_at),
        align: "right",
        width: 2,
        cell: (part) => scoreCell(last[part]),
      },
      {
        heading: say("column.change"),
        align: "right",
        cell: (part) => comparedCell({ current: last[part], previous: first[part] }),
      },
    ],
    { title: say("chart.through_period") },
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

/** How many reasons a move has in a sentence about several. */
const REASONS = 2;

/**
 * Why scores moved since what they are compared with, by customer: a query for each. Whose history says another
 * difference is left out.
 */
export async function readMoveReasons(
  moves: readonly Move[],
  baseline: Baseline,
  now: Date,
): Promise<ReadonlyMap<string, string>> {
  const texts = await scoreTexts();
  const found = await Promise.all(
    moves.map(async ({ row: { score }, by }) => {
      const day =
        baseline.kind === "snapshot"
          ? baseline.day
          : dateOf(new Date(trendBaselineInstant(score.calculated_at)));
      const change = await changeSince(score.customer_id, day, now, score.overall_score - by);
      return change?.delta === by
        ? ([[score.customer_id, reasons(change.parts, texts, REASONS)]] as const)
        : [];
    }),
  );
  return new Map(found.flat());
}

/** Why the score of one customer moved through the period; undefined where it did not. */
export function periodChange(
  { scores, earlier }: CustomerScores,
  { period: { date_from, date_to }, now }: ReportRequest,
): Movement | undefined {
  const end = Math.min(Date.parse(`${date_to}T23:59:59.999Z`), now.getTime());
  const all = [...(earlier ? [earlier] : []), ...scores.toReversed()];
  return movedAtAll(changeThrough(all, date_from, new Date(end).toISOString()));
}

/** The same since the end of the day before the period, of a customer whose scores are not at hand: two queries. */
export const readPeriodChange = async (
  { score }: Pick<CustomerRow, "score">,
  { period, now }: Pick<ReportRequest, "period" | "now">,
): Promise<Movement | undefined> =>
  score && movedAtAll(await changeSince(score.customer_id, daysAfter(period.date_from, -1), now));

const movedAtAll = (change: Movement | undefined) => (change?.parts.length ? change : undefined);

const MEASURES: readonly TableColumn<MeasuredValue>[] = [
  { heading: () => say("column.measure"), width: 2, cell: ({ key }) => key },
  {
    heading: () => say("column.score"),
    align: "right",
    cell: ({ score }) => (score === null ? notRecorded() : formatNumber(score)),
  },
  {
    heading: () => say("column.share"),
    align: "right",
    cell: ({ effective_weight: share }) => formatPercent(100 * share),
  },
  {
    heading: () => say("column.as_of"),
    width: 2,
    cell: ({ state, as_of }) =>
      say("health.measure_state", { state, date: as_of === null ? "" : formatShortDate(as_of) }),
  },
];

/**
 * What a score is made of, where that is not the specification's four components: one query. With the limit that holds
 * it, where what is measured comes to more.
 */
async function measureBlocks({
  customer_id,
  definition_version = 1,
  ...score
}: LatestScore): Promise<Block[]> {
  if (definition_version === 1) return [];
  const measures = await newestMeasures(customer_id);
  const calculated = score.calculated_score ?? score.overall_score;
  const measured = measures.reduce((sum, one) => sum + (one.score ?? 0) * one.effective_weight, 0);
  return [
    tableOf(measures, MEASURES, { title: say("chart.measures", { score: calculated }) }),
    // To a point, as what is stored is rounded.
    ...(measured > calculated + 1 ? [note(say("health.limited", { measured: formatNumber(measured) }))] : []),
  ];
}

/**
 * How one customer fares: the newest score, what it is made of, what needs attention, why the score moved, and the way
 * there.
 *
 * @param why the sentence about that
 */
export async function customerHealthSection(
  data: CustomerData,
  request: ReportRequest,
  { scores, earlier }: CustomerScores,
  why: string | undefined,
): Promise<Section> {
  const { customer, score } = data;
  const heading = say("heading.health");
  if (!score) return { heading, blocks: [text(notScoredYet())] };
  const concerns = attentionFindings({ customer, score }, dateOf(request.now)).map(({ reason, ...about }) =>
    say(`concern.${reason}`, about),
  );
  const [last, first] = [scores[0], earlier ?? scores.at(-1)];
  const line = customerScoreLine(earlier ? [...scores, earlier] : scores, request);
  const { override, calculated_score, definition_version: version = 1 } = score;
  return {
    heading,
    about: say("health.about_one", { date: formatDate(score.calculated_at), version }),
    blocks: [
      { kind: "tiles", tiles: scoreTiles(score) },
      ...(override && calculated_score !== undefined
        ? [text(say("health.override", { date: formatDate(override.ends_at), score: calculated_score }))]
        : []),
      ...(await measureBlocks(score)),
      text(
        concerns.length > 0
          ? say("health.concerns", { concerns: formatSentences(concerns) })
          : say("health.no_concerns"),
      ),
      ...(why === undefined ? [] : [text(say("health.why", { sentence: why }))]),
      ...(line.values.filter((value) => value !== null).length > 1 ? [trendBlock(line)] : []),
      ...(first && last && first !== last ? [comparisonTable(first, last)] : []),
      ...(scores.length === 0 ? [note(noScores())] : []),
    ],
  };
}
