import { CALM, LOOP, type Results, type Tables } from "../results.ts";
import { type Column, columnNamed } from "./columns.ts";

/** A figure of both runs. */
export interface Figure {
  readonly column: string;
  readonly old: number;
  readonly new: number;
  /** New against old. */
  readonly ratio: number;
  /** The same by calibration: what is left of it when the machine is taken out. Nothing where that plays no part. */
  readonly relative: Readonly<Record<string, number>>;
  readonly verdict: "worse" | "better" | "same";
}

/** What only one of the runs has. */
export interface OneSided {
  readonly old: readonly string[];
  readonly new: readonly string[];
}

export interface ComparedRow {
  readonly row: string;
  readonly figures: readonly Figure[];
}

export interface ComparedTable {
  readonly title: string;
  readonly rows: readonly ComparedRow[];
  readonly rowsOfOne: OneSided;
  readonly columnsOfOne: OneSided;
}

export interface Comparison {
  /** What differs between the runs themselves, as sentences. */
  readonly differences: readonly string[];
  /** How many times as long the machine took for the same, by calibration. */
  readonly machine: Readonly<Record<string, number>>;
  readonly tables: readonly ComparedTable[];
  readonly tablesOfOne: OneSided;
}

type Row = Tables[string][number];

/** Where a row is all numbers, this one still says what it is about. */
const KEY = "customers";
const keyOf = (row: Row) =>
  Object.entries(row)
    .flatMap(([column, value]) => {
      if (typeof value === "string") return [value];
      return column === KEY ? [`${value} ${KEY}`] : [];
    })
    .join(", ");

function sides(
  old: Iterable<string>,
  now: Iterable<string>,
): OneSided & { readonly both: readonly string[] } {
  const [before, after] = [new Set(old), new Set(now)];
  return {
    old: [...before].filter((one) => !after.has(one)),
    new: [...after].filter((one) => !before.has(one)),
    both: [...after].filter((one) => before.has(one)),
  };
}

/** 0 and 0 are the same; against 0 anything else is endlessly more. */
const ratioOf = (old: number, now: number) => (old === now ? 1 : now / old);

/** Worse, or better, only if it is so with the machine taken out and without. */
function verdictOf({ better, noise }: Column, ratios: readonly number[]): Figure["verdict"] {
  if (better === "neither") return "same";
  const grown = ratios.every((ratio) => ratio > noise);
  const fallen = ratios.every((ratio) => ratio < 1 / noise);
  if (!grown && !fallen) return "same";
  return grown === (better === "less") ? "worse" : "better";
}

function figureOf(column: string, old: Row, now: Row, machine: Comparison["machine"]): Figure | undefined {
  const [kind, before, after] = [columnNamed(column), old[column], now[column]];
  if (!kind || column === KEY || typeof before !== "number" || typeof after !== "number") return undefined;
  const ratio = ratioOf(before, after);
  const relative = Object.fromEntries(
    Object.entries(kind.timed ? machine : {}).map(([name, times]) => [
      name,
      kind.better === "more" ? ratio * times : ratio / times,
    ]),
  );
  const certain = relative[LOOP] ?? ratio;
  const tiny = Math.max(before, after) < (kind.least ?? 0);
  const verdict = tiny ? "same" : verdictOf(kind, [ratio, certain]);
  return { column, old: before, new: after, ratio, relative, verdict };
}

function comparedTable(
  title: string,
  old: readonly Row[],
  now: readonly Row[],
  machine: Comparison["machine"],
): ComparedTable {
  const [before, after] = [
    new Map(old.map((row) => [keyOf(row), row])),
    new Map(now.map((row) => [keyOf(row), row])),
  ];
  const rows = sides(before.keys(), after.keys());
  const columns = sides(old.flatMap(Object.keys), now.flatMap(Object.keys));
  return {
    title,
    rows: rows.both.map((row) => ({
      row,
      figures: columns.both.flatMap(
        (column) => figureOf(column, before.get(row) ?? {}, after.get(row) ?? {}, machine) ?? [],
      ),
    })),
    rowsOfOne: { old: rows.old, new: rows.new },
    columnsOfOne: { old: columns.old, new: columns.new },
  };
}

const disturbed = (which: string, { noise = 1 }: Results) =>
  noise < CALM
    ? []
    : [
        `The machine was not calm in the ${which} run: its noise was ${noise.toFixed(2)}, below ${CALM} it is calm`,
      ];

/** How the runs were made, where both tell. */
function differencesOf(old: Results, now: Results): string[] {
  const told = (what: string, of: (results: Results) => string | number | undefined) => {
    const [before, after] = [of(old), of(now)];
    return before === after || before === undefined || after === undefined
      ? []
      : [`${what}: ${before} in the old run, ${after} in the new one`];
  };
  return [
    ...told("Cores", ({ cores }) => cores),
    ...told("Processor", ({ cpu }) => cpu),
    ...told("Node", ({ node }) => node),
    ...told("Customers", ({ sizes }) => sizes.join(", ")),
    ...told("History of customers", ({ history }) => history),
    ...told("Rounds", ({ rounds }) => rounds),
    ...disturbed("old", old),
    ...disturbed("new", now),
  ];
}

/** The figures of a run against those of an earlier one: tables by title, rows by what their texts say. */
export function compared(old: Results, now: Results): Comparison {
  const machine = Object.fromEntries(
    sides(Object.keys(old.calibration), Object.keys(now.calibration)).both.map((name) => [
      name,
      ratioOf(old.calibration[name] ?? Number.NaN, now.calibration[name] ?? Number.NaN),
    ]),
  );
  const titles = sides(Object.keys(old.tables), Object.keys(now.tables));
  return {
    differences: differencesOf(old, now),
    machine,
    tables: titles.both.map((title) =>
      comparedTable(title, old.tables[title] ?? [], now.tables[title] ?? [], machine),
    ),
    tablesOfOne: { old: titles.old, new: titles.new },
  };
}
