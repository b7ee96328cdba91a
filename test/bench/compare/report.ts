import { CPU, LOOP } from "../results.ts";
import { markdown } from "../table.ts";
import type { ComparedRow, ComparedTable, Comparison, Figure, OneSided } from "./compared.ts";

const MARKS: Readonly<Record<Figure["verdict"], string>> = { worse: " ▲", better: " ▼", same: "" };
const times = (ratio: number) => (Number.isNaN(ratio) ? "–" : ratio.toFixed(2));

function cell({ ratio, relative, verdict }: Figure): string {
  const besides = Object.values(relative).map(times);
  return `${times(ratio)}${besides.length > 0 ? ` (${besides.join(", ")})` : ""}${MARKS[verdict]}`;
}

const lineOf = ({ row, figures }: ComparedRow) => ({
  row,
  ...Object.fromEntries(figures.map((figure) => [figure.column, cell(figure)])),
});

const ofOne = (what: string, { old, new: now }: OneSided) => [
  ...(old.length > 0 ? [`${what} of the old run alone: ${old.join("; ")}`] : []),
  ...(now.length > 0 ? [`${what} of the new run alone: ${now.join("; ")}`] : []),
];

function sectionOf({ title, rows, rowsOfOne, columnsOfOne }: ComparedTable): string {
  const alone = [...ofOne("Rows", rowsOfOne), ...ofOne("Columns", columnsOfOne)];
  const lines = rows.filter(({ figures }) => figures.length > 0).map(lineOf);
  return [`## ${title}, new ÷ old`, markdown(lines), ...alone].filter((part) => part !== "").join("\n\n");
}

function listOf(comparison: Comparison, verdict: Figure["verdict"]) {
  return comparison.tables.flatMap(({ title, rows }) =>
    rows.flatMap(({ row, figures }) =>
      figures
        .filter((figure) => figure.verdict === verdict)
        .map((figure) => ({
          table: title,
          row,
          figure: figure.column,
          old: figure.old,
          new: figure.new,
          "new ÷ old": figure.ratio,
          "machine taken out": times(figure.relative[LOOP] ?? figure.ratio),
        })),
    ),
  );
}

/** Processor time comes first: it is what is billed, and steadier than time on a clock. */
const cpuFirst = (a: ComparedTable, b: ComparedTable) => Number(b.title === CPU) - Number(a.title === CPU);

/** A comparison as people read it. */
export function report(unsorted: Comparison): string {
  const comparison = { ...unsorted, tables: unsorted.tables.toSorted(cpuFirst) };
  const { differences, machine, tables, tablesOfOne } = comparison;
  const machines = Object.entries(machine).map(([name, ratio]) => `${name} ${times(ratio)}`);
  const changed = (["worse", "better"] as const).flatMap((verdict) => {
    const list = listOf(comparison, verdict);
    const heading = `## ${verdict === "worse" ? "Worse" : "Better"} than noise${MARKS[verdict]}`;
    return [`${heading}\n\n${list.length > 0 ? markdown(list) : "Nothing."}`];
  });
  return [
    "# Compared with the old run",
    ...(differences.length > 0
      ? [`The runs differ:\n\n${differences.map((one) => `- ${one}`).join("\n")}`]
      : []),
    machines.length > 0
      ? `What never changes took so many times as long: ${machines.join(", ")}. In brackets: relative to these, in this order.`
      : "One of the runs has no calibration: a slower machine looks like slower code.",
    ...ofOne("Tables", tablesOfOne),
    ...tables.map(sectionOf),
    ...changed,
  ].join("\n\n");
}
