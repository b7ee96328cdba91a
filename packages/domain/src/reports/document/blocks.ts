import type { Block, Cell, Column, Part, StackedBar, Table, Text } from "@success-manager/pdf/document";
import { dateOf, daysBetween } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import type { LatestScore } from "../../table/index.ts";
import { formatAmount, formatDate, formatShares, NOT_RECORDED } from "./format.ts";
import { COMPONENTS, daysLeftCell, LOW_COMPONENT, scoreCell, trendCell } from "./tones.ts";

/** What many sections print: paragraphs, tables from columns that know their cells, and the columns of customers. */

export const text = (words: string): Text => ({ kind: "text", text: words });

/** A paragraph that matters less. */
export const note = (words: string): Block => ({ kind: "text", muted: true, text: words });

export interface TableColumn<Row> extends Column {
  readonly cell: (row: Row) => Cell;
}

interface TableOptions {
  readonly title?: string | undefined;
  /** How many rows are printed; how many more there are is said. All when absent. */
  readonly limit?: number;
  /** How many rows there are, when not all of them are at hand. */
  readonly total?: number;
}

export function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  { title, limit = rows.length, total = rows.length }: TableOptions = {},
): Table {
  const printed = rows.slice(0, limit);
  return {
    kind: "table",
    title,
    columns: columns.map(({ cell, ...column }) => column),
    rows: printed.map((row) => columns.map(({ cell }) => cell(row))),
    more: Math.max(0, total - printed.length),
  };
}

/** A bar that is divided into the parts of a whole, with their shares. */
export function stackedBar(title: string, parts: readonly Omit<Part, "share">[]): StackedBar {
  const shares = formatShares(parts.map(({ value }) => value));
  return { kind: "stackedBar", title, parts: parts.map((part, n) => ({ ...part, share: shares[n] ?? "" })) };
}

/** What lowers a score: components below 50, the lowest first; else the lowest of all. */
export function riskFactors(score: LatestScore): string {
  const components = COMPONENTS.map(([label, component]) => ({ label, value: score[component] })).sort(
    (a, b) => a.value - b.value,
  );
  const low = components.filter(({ value }) => value < LOW_COMPONENT);
  if (low.length > 0) return low.map(({ label, value }) => `${label} ${value}`).join(", ");
  const [lowest] = components;
  return lowest
    ? `No component below ${LOW_COMPONENT}; lowest is ${lowest.label.toLowerCase()}, ${lowest.value}`
    : "";
}

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
  width: 1.2,
  cell: ({ customer: { contract_end_date: end } }) => (end === undefined ? NOT_RECORDED : formatDate(end)),
};

export const CONTRACT_VALUE: CustomerColumn = {
  heading: "Contract value",
  width: 1.3,
  align: "right",
  cell: ({ customer }) => formatAmount(customer.contract_value),
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
