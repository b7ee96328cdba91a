import type { Block, Cell, Column, Part, StackedBar, Table, Text } from "@success-manager/pdf/document";
import { dateOf, daysBetween } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { scoreChange } from "../../health/index.ts";
import { byName } from "../../portfolio/index.ts";
import type { LatestScore } from "../../table/index.ts";
import {
  formatAmount,
  formatExactAmount,
  formatNumber,
  formatShares,
  formatShortDate,
  formatSigned,
  NOT_RECORDED,
} from "./format.ts";
import { COMPONENTS, daysLeftCell, LOW_COMPONENT, scoreCell, scoreTone, trendCell } from "./tones.ts";

/** What many sections print: paragraphs, tables from columns that know their cells, and the columns of customers. */

export const text = (words: string): Text => ({ kind: "text", text: words });

/** A paragraph that matters less. */
export const note = (words: string): Block => ({ kind: "text", muted: true, text: words });

export interface TableColumn<Row> extends Column {
  readonly cell: (row: Row) => Cell;
  /** The same for machines, in CSV: `2026-12-07`, `1150000.50`; as printed when absent. */
  readonly data?: (row: Row) => string;
}

/** A table that keeps what it does not print. */
export interface ReportTable extends Table {
  /** All rows as they would be printed, where a report keeps them for its annex. */
  readonly all?: Table["rows"];
  /** All rows as data, where a report keeps them for CSV. */
  readonly data?: readonly (readonly string[])[];
}

interface TableOptions {
  readonly title?: string | undefined;
  /** How many rows are printed; how many more there are is said. All when absent. */
  readonly limit?: number;
  /** How many rows there are, when not all of them are at hand. */
  readonly total?: number;
  /** Whether rows that are not printed are kept. */
  readonly keepsRows?: boolean | undefined;
}

export const cellText = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);

export function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  { title, limit = rows.length, total = rows.length, keepsRows = false }: TableOptions = {},
): ReportTable {
  const printed = rows.slice(0, limit);
  const toCells = (some: readonly Row[]) => some.map((row) => columns.map(({ cell }) => cell(row)));
  return {
    kind: "table",
    title,
    columns: columns.map(({ cell, data, ...column }) => column),
    rows: toCells(printed),
    more: Math.max(0, total - printed.length),
    ...(keepsRows && {
      all: toCells(rows),
      data: rows.map((row) => columns.map(({ cell, data }) => data?.(row) ?? cellText(cell(row)))),
    }),
  };
}

/** A bar that is divided into the parts of a whole, with their shares. */
export function stackedBar(title: string, parts: readonly Omit<Part, "share">[]): StackedBar {
  const shares = formatShares(parts.map(({ value }) => value));
  return { kind: "stackedBar", title, parts: parts.map((part, n) => ({ ...part, share: shares[n] ?? "" })) };
}

/** What lowers a score: components below 50, the lowest first; else the lowest of all. @param limit how many of them */
export function riskFactors(score: LatestScore, limit: number = COMPONENTS.length): string {
  const components = COMPONENTS.map(([label, component]) => ({ label, value: score[component] })).sort(
    (a, b) => a.value - b.value,
  );
  const low = components.filter(({ value }) => value < LOW_COMPONENT);
  if (low.length > 0)
    return low
      .slice(0, limit)
      .map(({ label, value }) => `${label} ${value}`)
      .join(", ");
  const [lowest] = components;
  return lowest
    ? `No component below ${LOW_COMPONENT}; lowest is ${lowest.label.toLowerCase()}, ${lowest.value}`
    : "";
}

/** Behind all scores. */
const NOT_SCORED = 101;
const scoreOf = ({ score }: CustomerRow) => score?.overall_score ?? NOT_SCORED;

/** Lowest score first, then by name. */
export const lowestScoreFirst = (a: CustomerRow, b: CustomerRow): number =>
  scoreOf(a) - scoreOf(b) || byName(a, b);

/** Most valuable contract first, then lowest score. */
export const mostValuableFirst = (a: CustomerRow, b: CustomerRow): number =>
  (b.customer.contract_value ?? 0) - (a.customer.contract_value ?? 0) || lowestScoreFirst(a, b);

type CustomerColumn = TableColumn<CustomerRow>;

/** Printed for a customer for whom nobody is responsible. */
export const NO_MANAGER = "Nobody yet";

export const CUSTOMER: CustomerColumn = {
  heading: "Customer",
  width: 2,
  cell: ({ customer }) => customer.company_name,
};

export const CONTRACT_END: CustomerColumn = {
  heading: "Contract end",
  width: 1,
  cell: ({ customer: { contract_end_date: end } }) =>
    end === undefined ? NOT_RECORDED : formatShortDate(end),
  data: ({ customer }) => customer.contract_end_date ?? "",
};

export const CONTRACT_VALUE: CustomerColumn = {
  heading: "Value",
  width: 0.9,
  align: "right",
  cell: ({ customer }) => formatAmount(customer.contract_value),
  data: ({ customer }) => formatExactAmount(customer.contract_value),
};

/** Days until the contract ends. */
export const daysLeft = (now: Date): CustomerColumn => ({
  heading: "Days left",
  width: 0.9,
  align: "right",
  cell: ({ customer: { contract_end_date: end } }) =>
    end === undefined ? NOT_RECORDED : daysLeftCell(daysBetween(dateOf(now), end)),
});

export const HEALTH: CustomerColumn = {
  heading: "Health",
  width: 0.8,
  align: "right",
  cell: ({ score }) => scoreCell(score?.overall_score),
};

/** The newest score, and how it has moved in the 30 days that its trend is about: `23 (−18)`. */
export const SCORE_AND_CHANGE: CustomerColumn = {
  heading: "Score (30 days)",
  width: 1.1,
  align: "right",
  cell: ({ score }) => {
    if (!score) return scoreCell(undefined);
    const change = scoreChange(score);
    const moved = change === null ? "" : ` (${change === 0 ? "±0" : formatSigned(change)})`;
    return { text: `${formatNumber(score.overall_score)}${moved}`, tone: scoreTone(score.overall_score) };
  },
};

export const TREND: CustomerColumn = {
  heading: "Trend",
  width: 1.1,
  cell: ({ score }) => (score ? trendCell(score.score_trend) : NOT_RECORDED),
};

/** Who is at risk without a score is so by status. */
export const KEY_CONCERNS: CustomerColumn = {
  heading: "Key concerns",
  width: 2.6,
  cell: ({ score }) => (score ? riskFactors(score) : "Status is at risk"),
};

export const ACCOUNT_MANAGER: CustomerColumn = {
  heading: "Account manager",
  width: 1.6,
  cell: ({ account_manager_label }) => account_manager_label || NO_MANAGER,
};
