import { compareText } from "@success-manager/contract/text";
import { daysAfter, daysBetween } from "../calendar.ts";
import {
  aucDifference,
  aucInfluence,
  aucInterval,
  aucOf,
  type Cluster,
  clusteredError,
  clusteredShare,
  deviation,
  differenceOf,
  type Interval,
  mean,
  middle95,
  type RankedRows,
  rankRows,
  type Share,
  shareOf,
} from "./estimates.ts";
import { fitLogistic, type Matrix, predict } from "./logistic.ts";
import { createRandom, permutation } from "./random.ts";

/**
 * Whether a score predicts who leaves: what it said of each customer at past days (cuts), against who had left when so
 * many days (the horizon) were over.
 */

/** What a score knew of a customer at a cut. */
export interface BacktestRow {
  readonly customer_id: string;
  /** The day, `YYYY-MM-DD`. Two rows of a customer have different ones. */
  readonly cut: string;
  /** 0 to 100, 100 is healthy; null where there was too little to tell. */
  readonly score: number | null;
  readonly band: string;
  /** Score of each measure, high is healthy; null where it was missing. */
  readonly measures: Readonly<Record<string, number | null>>;
  /** Whether the customer left after the cut and within the horizon (`outcomeAt`). */
  readonly left_within_horizon: boolean;
  /** The day of leaving, also when it lies behind the horizon; null when the customer has not left. */
  readonly left_on: string | null;
  /** When a measure's value was recorded, where that is known: one behind the cut knew more than the cut. */
  readonly recorded_on?: Readonly<Record<string, string>>;
}

/** What became of a customer after a cut. */
export type OutcomeAt = "left" | "stayed" | "gone" | "open";

/**
 * What became of a customer within the horizon. Who left on the day of the cut, or before, was `gone`: nobody could
 * have predicted it. Where the horizon is not over yet, it is `open` for all: taking only those who have left
 * already would make departures too frequent.
 *
 * @param known_until the last day whose departures are known
 */
export function outcomeAt(
  {
    cut,
    horizon_days,
    known_until,
  }: { readonly cut: string; readonly horizon_days: number; readonly known_until: string },
  left_on: string | null,
): OutcomeAt {
  if (left_on !== null && left_on <= cut) return "gone";
  const end = daysAfter(cut, horizon_days);
  if (end > known_until) return "open";
  return left_on !== null && left_on <= end ? "left" : "stayed";
}

/** A band of scores, and whether it reassures or warns. */
export interface BacktestBand {
  readonly key: string;
  readonly tone: "green" | "yellow" | "red";
}

export interface BacktestOptions {
  /** Healthiest first. Rows of other bands, as `unknown`, are counted behind them. */
  readonly bands: readonly BacktestBand[];
  /** Of the measures in the score; equal when absent. A measure without one counts nothing. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Any whole number; the same gives the same result. */
  readonly seed?: number;
  /** How often customers are drawn anew, and labels shuffled. */
  readonly replicates?: number;
  readonly shuffles?: number;
}

/** Fewer departures say little: with nine the interval of an AUC of 0.75 reaches from 0.52 to 0.89. */
export const MIN_DEPARTURES = 10;

const REPLICATES = 400;
const SHUFFLES = 200;
const FOLDS = 5;
const LEAD_DAYS = [30, 60, 90] as const;
/** So much older than asked for a row may be that tells of a day before a departure. */
const LEAD_TOLERANCE_DAYS = 31;
const BINS = 10;

export interface Auc extends Interval {
  /** The chance that one who left had the worse score than one who stayed; 0.5 is a coin. */
  readonly value: number;
  /** Customers who left within the horizon of a row, and those who stayed in one. */
  readonly departures: number;
  readonly stayed: number;
  readonly rows: number;
}

export type Verdict = "better_than_chance" | "no_better_than_chance" | "too_few_departures";

export interface BandFigures extends Share {
  readonly band: string;
  /** null for a band that is none of the definition's, as `unknown`. */
  readonly tone: BacktestBand["tone"] | null;
  /** Customers who were in the band at a cut at least, and those of them who then left. `of` and `count` are rows. */
  readonly customers: number;
  readonly departures: number;
  /** Mean chance of leaving that the score gave its rows, held out; null without a score or a calibration. */
  readonly predicted: number | null;
}

export interface BandStep extends Interval {
  readonly from: string;
  readonly to: string;
  /** Churn of the worse band less that of the healthier one. */
  readonly difference: number;
  readonly clear: boolean;
}

export interface MeasureFigures {
  readonly measure: string;
  /** Share of all rows in which it was measured. */
  readonly coverage: number;
  /** null where none or all of those who have it left. */
  readonly alone: Auc | null;
  /**
   * How much worse the weighted mean of all measures gets without it; below 0 it gets better. null where it has no
   * weight, or nothing is left to compare with.
   */
  readonly contribution: (Interval & { readonly difference: number }) | null;
}

export interface Leak {
  readonly measure: string;
  readonly kind: "recorded_after_cut" | "too_good" | "missing_tells";
  readonly sentence: string;
}

export interface CalibrationBin extends Share {
  /** Mean chance of leaving that was predicted. */
  readonly predicted: number;
}

export interface Calibration {
  /** Mean squared error of predicted chances, and of giving everybody the base rate; both held out. */
  readonly brier: number;
  readonly brier_of_base_rate: number;
  /** Part of that error that the score takes away; below 0 it adds to it. */
  readonly skill: number;
  readonly bins: readonly CalibrationBin[];
}

export interface Departure {
  readonly customer_id: string;
  readonly left_on: string;
  /** The last row before. */
  readonly cut: string;
  readonly score: number | null;
  readonly band: string;
}

export interface BacktestResult {
  readonly cuts: readonly string[];
  readonly rows: number;
  readonly customers: number;
  /** Customers who left within the horizon of a cut, each once. */
  readonly departures: number;
  /** Share of rows whose customer left. */
  readonly base_rate: Share;
  /**
   * Rows left out of everything, as the customer had left by the cut or the row came a second time; and rows without a
   * score, which count wherever the score does not.
   */
  readonly excluded: {
    readonly already_left: number;
    readonly duplicates: number;
    readonly unscored: number;
  };
  /** `bootstrap`: the middle 95 % of draws by customer; `low` and `high` are right with few departures too. */
  readonly auc: (Auc & { readonly bootstrap: Interval | null }) | null;
  readonly verdict: Verdict;
  readonly sentence: string;
  readonly bands: readonly BandFigures[];
  readonly falls: {
    /** Whether churn never rises towards healthier bands; null with rows in fewer than two of them. */
    readonly from_band_to_band: boolean | null;
    /** Whether the worst band's churn is surely above the healthiest one's. */
    readonly clear: boolean;
    readonly steps: readonly BandStep[];
  };
  readonly calibration: Calibration | null;
  /** The tenth of rows with the worst scores. */
  readonly worst_tenth:
    | (Share & { readonly lift: Interval & { readonly value: number }; readonly share_of_departures: number })
    | null;
  /** How many of those who left were red so many days before, of those of whom a row tells; by the last departure. */
  readonly red_before: readonly (Share & { readonly days: number; readonly not_observed: number })[];
  /** Who was green in the last row before leaving; who left more than once, before the last time. */
  readonly left_while_green: readonly Departure[];
  readonly measures: readonly MeasureFigures[];
  /** What a logistic regression on the measures reaches on customers that it has not learned from. */
  readonly learned: {
    readonly auc: Auc;
    readonly brier: number;
    /** Change of the log odds of leaving per standard deviation of the measure; below 0 it protects. */
    readonly weights: Readonly<Record<string, number>>;
  } | null;
  /** The same score with outcomes dealt to other customers: near 0.5, or the method itself is wrong. */
  readonly control:
    | (Interval & {
        readonly shuffles: number;
        readonly mean: number;
        readonly p_value: number;
        readonly holds: boolean;
      })
    | null;
  readonly leaks: readonly Leak[];
}

const round = (value: number) => Math.round(value * 1e6) / 1e6;
const formatAuc = (value: number) => value.toFixed(2);

/** Rows by columns, of those that tell something. */
interface Table {
  readonly rows: readonly BacktestRow[];
  /** Of each row the number of its customer. */
  readonly customer: Uint32Array;
  readonly customers: number;
  readonly left: Uint8Array;
  /** Lowest score, highest risk: the negative score; NaN where there is none. */
  readonly risk: Float64Array;
  readonly measures: readonly string[];
  readonly matrix: Matrix;
  readonly excluded: { readonly already_left: number; readonly duplicates: number };
}

const numberOr = (value: number | null | undefined) =>
  value === null || value === undefined || !Number.isFinite(value) ? Number.NaN : value;

function toTable(given: readonly BacktestRow[]): Table {
  const seen = new Set<string>();
  const numbers = new Map<string, number>();
  let [already_left, duplicates] = [0, 0];
  // In one order whatever order they come in: then the same numbers are drawn for the same customers.
  const ordered = given.toSorted(
    (a, b) => compareText(a.customer_id, b.customer_id) || compareText(a.cut, b.cut),
  );
  const rows = ordered.filter(({ customer_id, cut, left_on }) => {
    if (left_on !== null && left_on <= cut) {
      already_left++;
      return false;
    }
    const key = `${cut} ${customer_id}`;
    if (seen.has(key)) {
      duplicates++;
      return false;
    }
    seen.add(key);
    return true;
  });
  const customer = Uint32Array.from(rows, ({ customer_id }) => {
    const known = numbers.get(customer_id);
    if (known !== undefined) return known;
    numbers.set(customer_id, numbers.size);
    return numbers.size - 1;
  });
  const measures = [...new Set(rows.flatMap((row) => Object.keys(row.measures)))].sort();
  const values = new Float64Array(rows.length * measures.length);
  rows.forEach((row, index) => {
    measures.forEach((measure, column) => {
      values[index * measures.length + column] = Object.hasOwn(row.measures, measure)
        ? numberOr(row.measures[measure])
        : Number.NaN;
    });
  });
  return {
    ...{ rows, customer, customers: numbers.size, measures, excluded: { already_left, duplicates } },
    left: Uint8Array.from(rows, ({ left_within_horizon }) => (left_within_horizon ? 1 : 0)),
    risk: Float64Array.from(rows, ({ score }) => -numberOr(score)),
    matrix: { values, width: measures.length },
  };
}

/** The AUC with customers drawn anew, each with all rows, so many times; draws without both sides are left out. */
function drawAucs(
  ranked: RankedRows,
  {
    customers,
    replicates,
    seed,
  }: { readonly customers: number; readonly replicates: number; readonly seed: number },
): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: replicates }, () => {
    const times = new Uint16Array(customers);
    for (let i = 0; i < customers; i++) {
      const one = random.below(customers);
      times[one] = (times[one] ?? 0) + 1;
    }
    return aucOf(ranked, times);
  }).filter((value) => !Number.isNaN(value));
}

/** Customers with a row in which they left, and with one in which they stayed. */
function countSides({ customer, left }: RankedRows, customers: number) {
  const sides = [new Uint8Array(customers), new Uint8Array(customers)] as const;
  customer.forEach((one, place) => {
    sides[left[place] === 1 ? 1 : 0][one] = 1;
  });
  const count = (side: Uint8Array) => side.reduce((sum, is) => sum + is, 0);
  return { departures: count(sides[1]), stayed: count(sides[0]) };
}

/**
 * An AUC with its interval. Rows of one customer are alike, so they are counted by customer: the error is made of that
 * of Hanley and McNeil with as many cases as there are customers, and of the clustered one, which alone covers too
 * little with few departures (`aucInterval`).
 */
function estimateAuc(
  ranked: RankedRows,
  customers: number,
  error = clusteredError(aucInfluence(ranked, customers)),
): Auc | null {
  const value = aucOf(ranked);
  if (Number.isNaN(value)) return null;
  const { departures, stayed } = countSides(ranked, customers);
  const { low, high } = aucInterval(value, departures, stayed, error);
  return {
    value: round(value),
    low: round(low),
    high: round(high),
    departures,
    stayed,
    rows: ranked.left.length,
  };
}

/** Fewer than ten who left, or ten who stayed, are too few. */
export function verdictOf(auc: Auc | null): Verdict {
  if (!auc || Math.min(auc.departures, auc.stayed) < MIN_DEPARTURES) return "too_few_departures";
  return auc.low > 0.5 ? "better_than_chance" : "no_better_than_chance";
}

function sentenceOf(auc: Auc | null, verdict: Verdict): string {
  if (!auc) return "Nothing can be said: nobody left, or nobody stayed, among those who had a score.";
  const figures = `${formatAuc(auc.value)} (95 % interval ${formatAuc(auc.low)} to ${formatAuc(auc.high)})`;
  if (verdict === "too_few_departures")
    return auc.departures < MIN_DEPARTURES
      ? `Too few departures to judge: ${auc.departures}, and ${MIN_DEPARTURES} are needed.`
      : `Too few customers who stayed to judge: ${auc.stayed}, and ${MIN_DEPARTURES} are needed.`;
  if (verdict === "better_than_chance")
    return `Better than chance: of one who left and one who stayed, the first had the lower score with a chance of ${figures}.`;
  return auc.high < 0.5
    ? `No better than chance, and the wrong way round: who left had the higher score. AUC ${figures}.`
    : `No better than chance: AUC ${figures}, and 0.50 is a coin.`;
}

/** Rows of one kind, by customer. */
function clustersOf(table: Table, takes: (row: number) => boolean): Cluster[] {
  const clusters = new Map<number, { tries: number; successes: number }>();
  for (let row = 0; row < table.rows.length; row++) {
    if (!takes(row)) continue;
    const number = table.customer[row] ?? 0;
    const cluster = clusters.get(number) ?? { tries: 0, successes: 0 };
    cluster.tries++;
    cluster.successes += table.left[row] ?? 0;
    clusters.set(number, cluster);
  }
  return [...clusters.values()];
}

/** @param chances of leaving by row; NaN where a row has none */
function bandFigures(
  table: Table,
  bands: readonly BacktestBand[],
  chances: Float64Array | undefined,
): BandFigures[] {
  const known = new Map(bands.map(({ key, tone }) => [key, tone]));
  const others = [...new Set(table.rows.map(({ band }) => band))].filter((band) => !known.has(band)).sort();
  return [...known.keys(), ...others].map((band) => {
    const isIn = (row: number) => table.rows[row]?.band === band;
    const clusters = clustersOf(table, isIn);
    const predicted = chances?.filter((chance, row) => isIn(row) && !Number.isNaN(chance));
    return {
      ...{ band, tone: known.get(band) ?? null },
      predicted: predicted && predicted.length > 0 ? round(mean(predicted)) : null,
      ...clusteredShare(clusters),
      customers: clusters.length,
      departures: clusters.filter(({ successes }) => successes > 0).length,
    };
  });
}

function fallsOf(bands: readonly BandFigures[]): BacktestResult["falls"] {
  const seen = bands.filter(({ tone, of }) => tone !== null && of > 0);
  const steps = seen.slice(1).flatMap((worse, index) => {
    const better = seen[index];
    const step = better && differenceOf(worse, better);
    return step ? [{ from: worse.band, to: better.band, ...step, clear: step.low > 0 }] : [];
  });
  const [best, worst] = [seen[0], seen.at(-1)];
  const whole = best && worst && best !== worst ? differenceOf(worst, best) : null;
  return {
    from_band_to_band: steps.length === 0 ? null : steps.every(({ difference }) => difference >= 0),
    clear: whole !== null && whole.low > 0,
    steps,
  };
}

/** Customers in so many groups, at random; of each row the group. */
function foldsOf({ customer, customers }: Table, seed: number): Uint8Array {
  const place = permutation(customers, createRandom(seed));
  return Uint8Array.from(customer, (one) => (place[one] ?? 0) % FOLDS);
}

/**
 * Chances of leaving that each row gets from a model of the other groups' rows, and the base rate of those. NaN where
 * a row takes no part.
 */
function heldOut(
  table: Table,
  {
    matrix,
    takes,
    seed,
  }: { readonly matrix: Matrix; readonly takes: (row: number) => boolean; readonly seed: number },
) {
  const folds = foldsOf(table, seed);
  const chances = new Float64Array(table.rows.length).fill(Number.NaN);
  const base = new Float64Array(table.rows.length).fill(Number.NaN);
  const taken = Uint32Array.from(table.rows.keys()).filter((row) => takes(row));
  for (let fold = 0; fold < FOLDS; fold++) {
    const rows = taken.filter((row) => folds[row] !== fold);
    const model = fitLogistic(matrix, table.left, { rows });
    let departures = 0;
    for (const row of rows) departures += table.left[row] ?? 0;
    for (const row of taken) {
      if (folds[row] !== fold) continue;
      chances[row] = predict(model, matrix, row);
      base[row] = rows.length === 0 ? 0 : departures / rows.length;
    }
  }
  return { chances, base, taken };
}

/** Mean squared error of chances (G. Brier, 1950). */
function brierOf(chances: Float64Array, left: Uint8Array, rows: Uint32Array): number {
  let sum = 0;
  for (const row of rows) sum += ((chances[row] ?? 0) - (left[row] ?? 0)) ** 2;
  return sum / rows.length;
}

/** Ten groups of equal size by predicted chance, and how many of each left. */
function binsOf(table: Table, chances: Float64Array, taken: Uint32Array): CalibrationBin[] {
  const sorted = taken.slice().sort((a, b) => (chances[a] ?? 0) - (chances[b] ?? 0) || a - b);
  return Array.from({ length: BINS }, (_, bin) => {
    const from = Math.floor((bin * sorted.length) / BINS);
    const rows = sorted.subarray(from, Math.floor(((bin + 1) * sorted.length) / BINS));
    const inside = new Set(rows);
    return rows.length === 0
      ? []
      : [
          {
            predicted: mean(Array.from(rows, (row) => chances[row] ?? 0)),
            ...clusteredShare(clustersOf(table, (row) => inside.has(row))),
          },
        ];
  }).flat();
}

/** A score is no chance of leaving; a logistic curve makes it one, learned from other customers each time. */
function calibrationOf(
  table: Table,
  seed: number,
): { readonly calibration: Calibration; readonly chances: Float64Array } | null {
  const matrix = { values: table.risk, width: 1 };
  const { chances, base, taken } = heldOut(table, {
    ...{ matrix, seed },
    takes: (row) => !Number.isNaN(table.risk[row] ?? Number.NaN),
  });
  if (taken.length === 0) return null;
  const [brier, brier_of_base_rate] = [brierOf(chances, table.left, taken), brierOf(base, table.left, taken)];
  if (brier_of_base_rate === 0) return null;
  return {
    chances,
    calibration: {
      ...{ brier: round(brier), brier_of_base_rate: round(brier_of_base_rate) },
      skill: round(1 - brier / brier_of_base_rate),
      bins: binsOf(table, chances, taken),
    },
  };
}

/** The tenth with the worst scores. Of rows with the score at its edge a part counts, each alike. */
function worstTenth(table: Table): BacktestResult["worst_tenth"] {
  const scored = Uint32Array.from(table.rows.keys()).filter(
    (row) => !Number.isNaN(table.risk[row] ?? Number.NaN),
  );
  if (scored.length === 0) return null;
  const risks = Float64Array.from(scored, (row) => table.risk[row] ?? 0).sort();
  const size = Math.ceil(scored.length / 10);
  const edge = risks[scored.length - size] ?? 0;
  let [above, atEdge] = [0, 0];
  for (const risk of risks) {
    if (risk > edge) above++;
    if (risk === edge) atEdge++;
  }
  const part = (size - above) / atEdge;
  const clusters = new Map<number, { tries: number; successes: number }>();
  let departures = 0;
  for (const row of scored) {
    const left = table.left[row] ?? 0;
    departures += left;
    const risk = table.risk[row] ?? 0;
    if (risk < edge) continue;
    const weight = risk > edge ? 1 : part;
    const customer = table.customer[row] ?? 0;
    const cluster = clusters.get(customer) ?? { tries: 0, successes: 0 };
    cluster.tries += weight;
    cluster.successes += weight * left;
    clusters.set(customer, cluster);
  }
  if (departures === 0) return null;
  const tenth = clusteredShare([...clusters.values()]);
  const base = departures / scored.length;
  return {
    ...{ ...tenth, count: round(tenth.count), of: size },
    lift: { value: (tenth.share ?? 0) / base, low: tenth.low / base, high: tenth.high / base },
    share_of_departures: tenth.count / departures,
  };
}

/**
 * Rows before the departure of each customer who left within the horizon of one of them, by day of leaving; oldest
 * first. Who left more than once is one of those who left, as everywhere: the last departure tells.
 */
function departuresOf({ rows }: Table): (readonly BacktestRow[])[] {
  const last = new Map<string, string>();
  // Rows of a customer are in the order of their cuts.
  for (const { customer_id, left_on, left_within_horizon } of rows)
    if (left_within_horizon && left_on !== null) last.set(customer_id, left_on);
  const before = rows.filter(
    ({ customer_id, left_on }) => left_on !== null && left_on === last.get(customer_id),
  );
  return [...Map.groupBy(before, ({ customer_id }) => customer_id).values()].sort((a, b) =>
    compareText(a[0]?.left_on ?? "", b[0]?.left_on ?? ""),
  );
}

function redBefore(departures: readonly (readonly BacktestRow[])[], isRed: (band: string) => boolean) {
  return LEAD_DAYS.map((days) => {
    const seen = departures.flatMap((rows) => {
      const row = rows.findLast(({ cut, left_on }) => left_on !== null && daysBetween(cut, left_on) >= days);
      const isNear = row?.left_on && daysBetween(row.cut, row.left_on) <= days + LEAD_TOLERANCE_DAYS;
      return row && isNear ? [row] : [];
    });
    const red = seen.filter(({ band }) => isRed(band)).length;
    return { days, ...shareOf(red, seen.length), not_observed: departures.length - seen.length };
  });
}

/** The weighted mean of measures that are there; NaN without any. As a risk, so negative. */
function combine({ matrix: { values, width }, rows }: Table, weights: readonly number[]): Float64Array {
  return Float64Array.from(rows.keys(), (row) => {
    let [sum, total] = [0, 0];
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column] ?? Number.NaN;
      const weight = weights[column] ?? 0;
      if (Number.isNaN(value) || weight === 0) continue;
      sum += weight * value;
      total += weight;
    }
    return total === 0 ? Number.NaN : -sum / total;
  });
}

const columnOf = ({ matrix: { values, width }, rows }: Table, column: number) =>
  Float64Array.from(rows.keys(), (row) => -(values[row * width + column] ?? Number.NaN));

/** The difference of two AUCs of the same rows: what moves both alike cancels out, customer by customer. */
function differenceOfAucs(whole: RankedRows, rest: RankedRows, customers: number) {
  const { difference, low, high } = aucDifference(whole, rest, {
    customers,
    ...countSides(whole, customers),
  });
  return Number.isNaN(difference)
    ? null
    : { difference: round(difference), low: round(low), high: round(high) };
}

function measureFigures(table: Table, weights: readonly number[]): MeasureFigures[] {
  const { customer, left, customers, measures } = table;
  const all = combine(table, weights);
  return measures.map((measure, index) => {
    const column = columnOf(table, index);
    const measured = column.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
    const without = combine(
      table,
      weights.map((weight, other) => (other === index ? 0 : weight)),
    );
    // Of rows that have a score either way.
    const both = all.map((value, row) => (Number.isNaN(without[row] ?? Number.NaN) ? Number.NaN : value));
    return {
      measure,
      coverage: table.rows.length === 0 ? 0 : measured / table.rows.length,
      alone: estimateAuc(rankRows(column, left, customer), customers),
      contribution:
        (weights[index] ?? 0) === 0
          ? null
          : differenceOfAucs(rankRows(both, left, customer), rankRows(without, left, customer), customers),
    };
  });
}

function learnedOf(table: Table, seed: number): BacktestResult["learned"] {
  if (table.measures.length === 0 || table.rows.length === 0) return null;
  const { matrix } = table;
  const { chances, taken } = heldOut(table, { matrix, seed, takes: () => true });
  const auc = estimateAuc(rankRows(chances, table.left, table.customer), table.customers);
  if (!auc || Math.min(auc.departures, auc.stayed) < MIN_DEPARTURES) return null;
  const { standardized } = fitLogistic(matrix, table.left);
  return {
    ...{ auc, brier: round(brierOf(chances, table.left, taken)) },
    weights: Object.fromEntries(
      table.measures.map((measure, column) => [measure, round(standardized[column] ?? 0)]),
    ),
  };
}

/**
 * The AUC when each customer gets the outcomes of another, at the same cuts. A customer's outcomes stay together, as
 * they are alike; where the other has no row at a cut, the row takes no part.
 *
 * @param observed unrounded, as those of the shuffles: pairs are counted exactly, so one that is as good is equal
 */
function controlOf(
  table: Table,
  {
    observed,
    shuffles,
    seed,
  }: { readonly observed: number; readonly shuffles: number; readonly seed: number },
): BacktestResult["control"] {
  const { rows, risk, customers } = table;
  const cuts = new Map([...new Set(rows.map(({ cut }) => cut))].map((cut, index) => [cut, index]));
  const NONE = 2;
  const outcomes = new Uint8Array(cuts.size * customers).fill(NONE);
  const cutOf = Uint32Array.from(rows, ({ cut }) => cuts.get(cut) ?? 0);
  cutOf.forEach((cut, row) => {
    outcomes[cut * customers + (table.customer[row] ?? 0)] = table.left[row] ?? 0;
  });
  // Rows in order of risk once; each shuffle only deals other outcomes to them.
  const order = Uint32Array.from(rows.keys()).filter((row) => !Number.isNaN(risk[row] ?? Number.NaN));
  order.sort((a, b) => (risk[a] ?? 0) - (risk[b] ?? 0));
  const [cut, own] = [order.map((row) => cutOf[row] ?? 0), order.map((row) => table.customer[row] ?? 0)];
  const endsTie = Uint8Array.from(order, (row, place) =>
    risk[row] === risk[order[place + 1] ?? -1] ? 0 : 1,
  );
  const random = createRandom(seed);
  const dealt = { left: new Uint8Array(order.length), customer: new Uint32Array(order.length), endsTie };
  /** Rows whose partner has none at that cut weigh nothing. */
  const [APART, TAKEN] = [0, 1];
  const values = Float64Array.from({ length: shuffles }, () => {
    const partner = permutation(customers, random);
    for (let place = 0; place < order.length; place++) {
      const outcome = outcomes[(cut[place] ?? 0) * customers + (partner[own[place] ?? 0] ?? 0)] ?? NONE;
      dealt.left[place] = outcome === 1 ? 1 : 0;
      dealt.customer[place] = outcome === NONE ? APART : TAKEN;
    }
    return aucOf(dealt, [0, 1]);
  }).filter((value) => !Number.isNaN(value));
  if (values.length === 0) return null;
  const { low, high } = middle95(values);
  const reached = values.reduce((count, value) => count + (value >= observed ? 1 : 0), 0);
  return {
    ...{ shuffles: values.length, mean: round(mean(values)), low: round(low), high: round(high) },
    p_value: round((reached + 1) / (values.length + 1)),
    holds: low <= 0.5 && high >= 0.5,
  };
}

/** An AUC that no honest measure of customers' behavior reaches. */
const TOO_GOOD = 0.95;

/** Measures that know the outcome: recorded behind the cut, too good, or missing just for those who stay or leave. */
function leaksOf(table: Table, figures: readonly MeasureFigures[]): Leak[] {
  const { rows, left, customer, customers, measures } = table;
  const isTelling = (auc: Auc | null) =>
    auc !== null &&
    Math.min(auc.departures, auc.stayed) >= MIN_DEPARTURES &&
    Math.max(auc.value, 1 - auc.value) >= TOO_GOOD;
  return measures.flatMap((measure, index): Leak[] => {
    const late = rows.filter(({ cut, recorded_on }) => {
      const day = recorded_on && Object.hasOwn(recorded_on, measure) ? recorded_on[measure] : undefined;
      return day !== undefined && day > cut;
    }).length;
    const alone = figures[index]?.alone ?? null;
    const missing = estimateAuc(
      rankRows(
        columnOf(table, index).map((value) => (Number.isNaN(value) ? 1 : 0)),
        left,
        customer,
      ),
      customers,
    );
    return [
      ...(late > 0
        ? [
            {
              ...{ measure, kind: "recorded_after_cut" as const },
              sentence: `${measure}: ${late} of ${rows.length} values were recorded behind the day that they are to speak for.`,
            },
          ]
        : []),
      ...(alone && isTelling(alone)
        ? [
            {
              ...{ measure, kind: "too_good" as const },
              sentence: `${measure}: alone it tells who leaves with an AUC of ${formatAuc(alone.value)}; it is likely to be set when somebody leaves.`,
            },
          ]
        : []),
      ...(missing && isTelling(missing)
        ? [
            {
              ...{ measure, kind: "missing_tells" as const },
              sentence: `${measure}: whether there is a value already tells who leaves (AUC ${formatAuc(missing.value)}).`,
            },
          ]
        : []),
    ];
  });
}

/**
 * Whether a score predicts departures, and what makes it do so. Pure: the same rows and options give the same result.
 *
 * 10 000 customers at 12 cuts with eight measures take some seconds (test/bench/results.md).
 */
export function backtest(given: readonly BacktestRow[], options: BacktestOptions): BacktestResult {
  const { bands, seed = 1, replicates = REPLICATES, shuffles = SHUFFLES } = options;
  const table = toTable(given);
  const { rows, left, customer, customers, risk, measures } = table;
  const toneOf = new Map(bands.map(({ key, tone }) => [key, tone]));
  const ranked = rankRows(risk, left, customer);
  const drawn = drawAucs(ranked, { customers, replicates, seed });
  const auc = estimateAuc(ranked, customers, deviation(drawn));
  const verdict = verdictOf(auc);
  const calibrated = auc && calibrationOf(table, seed);
  const byBand = bandFigures(table, bands, calibrated?.chances);
  const all = clustersOf(table, () => true);
  const departures = departuresOf(table);
  const { weights } = options;
  const figures = measureFigures(
    table,
    measures.map((measure) =>
      weights === undefined ? 1 : Object.hasOwn(weights, measure) ? (weights[measure] ?? 0) : 0,
    ),
  );
  return {
    cuts: [...new Set(rows.map(({ cut }) => cut))].sort(),
    ...{ rows: rows.length, customers },
    departures: all.filter(({ successes }) => successes > 0).length,
    base_rate: clusteredShare(all),
    excluded: {
      ...table.excluded,
      unscored: risk.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0),
    },
    auc: auc && { ...auc, bootstrap: drawn.length === 0 ? null : middle95(drawn) },
    ...{ verdict, sentence: sentenceOf(auc, verdict) },
    ...{ bands: byBand, falls: fallsOf(byBand) },
    calibration: calibrated?.calibration ?? null,
    worst_tenth: worstTenth(table),
    red_before: redBefore(departures, (band) => toneOf.get(band) === "red"),
    left_while_green: departures.flatMap((own) => {
      const last = own.at(-1);
      if (!last || last.left_on === null || toneOf.get(last.band) !== "green") return [];
      const { customer_id, left_on, cut, score, band } = last;
      return [{ customer_id, left_on, cut, score, band }];
    }),
    measures: figures,
    learned: learnedOf(table, seed),
    control: auc && controlOf(table, { observed: aucOf(ranked), shuffles, seed }),
    leaks: leaksOf(table, figures),
  };
}

export interface Comparison {
  /** Of each, on customers and cuts that both have scored. */
  readonly draft: Auc | null;
  readonly in_use: Auc | null;
  /** AUC of the draft less that of the version in use, there. */
  readonly difference: (Interval & { readonly difference: number }) | null;
  readonly verdict: "better" | "no_better" | "too_few_departures";
}

/** Whether a draft predicts better than the version in use. Publishing one that does not warns. */
export function compareScores(draft: readonly BacktestRow[], inUse: readonly BacktestRow[]): Comparison {
  const known = new Map(inUse.map((row) => [`${row.cut} ${row.customer_id}`, row.score]));
  const table = toTable(draft);
  const other = Float64Array.from(table.rows, (row) => -numberOr(known.get(`${row.cut} ${row.customer_id}`)));
  const pairOf = (risk: Float64Array, partner: Float64Array) =>
    rankRows(
      risk.map((value, row) => (Number.isNaN(partner[row] ?? Number.NaN) ? Number.NaN : value)),
      table.left,
      table.customer,
    );
  const [own, before] = [pairOf(table.risk, other), pairOf(other, table.risk)];
  const { departures, stayed } = countSides(own, table.customers);
  const difference = differenceOfAucs(own, before, table.customers);
  const aucs = { draft: estimateAuc(own, table.customers), in_use: estimateAuc(before, table.customers) };
  if (!difference || Math.min(departures, stayed) < MIN_DEPARTURES)
    return { ...aucs, difference, verdict: "too_few_departures" };
  return { ...aucs, difference, verdict: difference.low > 0 ? "better" : "no_better" };
}
