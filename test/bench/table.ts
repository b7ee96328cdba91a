/** Writes rows as a Markdown table; numbers are aligned to the right. */
export function markdown(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const [first] = rows;
  if (!first) return "";
  const columns = Object.keys(first);
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] === "number"));
  const text = (value: string | number | undefined) =>
    typeof value === "number" ? round(value) : (value ?? "");
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns),
    line(numeric.map((isNumber) => (isNumber ? "--:" : "---"))),
    ...rows.map((row) => line(columns.map((column) => text(row[column])))),
  ].join("\n");
}

const round = (value: number) =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Math.round(value * 100) / 100);

/** The same values in any order. */
export function shuffled<T>(values: readonly T[]): T[] {
  const order = values.map((value) => ({ value, at: Math.random() }));
  return order.sort((a, b) => a.at - b.at).map(({ value }) => value);
}

/** The value that a share `q` of the sample does not exceed. */
export function quantile(sample: readonly number[], q: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
