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
  formatSeries,
  formatShares,
  formatShortDate,
  formatSigned,
  notRecorded,
} from "./format.ts";
import { COMPONENTS, daysLeftCell, LOW_COMPONENT, scoreCell, scoreTone, trendCell } from "./tones.ts";
import { say } from "./words.ts";

/** What many sections print: paragraphs, tables from columns that know their cells, and the columns of customers. */

export const text = (words: string): Text => ({ kind: "text", text: words });

/** A paragraph that matters less. */
export const note = (words: string): Block => ({ kind: "text", muted: true, text: words });

export interface TableColumn<Row> extends Omit<Column, "heading"> {
  /** A function where it stands in a constant, which is older than the report's language. */
  readonly heading: string | (() => string);
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
    columns: columns.map(({ cell, data, heading, ...column }) => ({
      ...column,
      heading: typeof heading === "string" ? heading : heading(),
    })),
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

/** Components of a score, the lowest first. */
const lowestFirst = (score: LatestScore) =>
  COMPONENTS.map((component) => ({ component, value: score[component] })).sort((a, b) => a.value - b.value);

/** A component that is low: `Adoption 23` alone, `adoption 23` within a sentence. */
export type FactorForm = "factor" | "low";

/** Components below 50, the lowest first: `Adoption 23, Support 40`; nothing when there is none. */
export const lowComponents = (
  score: LatestScore,
  form: FactorForm,
  limit: number = COMPONENTS.length,
): string =>
  formatSeries(
    lowestFirst(score)
      .filter(({ value }) => value < LOW_COMPONENT)
      .slice(0, limit)
      .map(({ component, value }) =>
        say(form === "factor" ? `factor.${component}` : `low.${component}`, { value }),
      ),
  );

/** What lowers a score: components below 50, the lowest first; else the lowest of all. */
export function riskFactors(score: LatestScore): string {
  const low = lowComponents(score, "factor");
  const [lowest] = lowestFirst(score);
  return low || (lowest ? say("factor.lowest", { least: LOW_COMPONENT, ...lowest }) : "");
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
export const noManager = (): string => say("value.nobody");

export const CUSTOMER: CustomerColumn = {
  heading: () => say("column.customer"),
  width: 2,
  cell: ({ customer }) => customer.company_name,
};

export const CONTRACT_END: CustomerColumn = {
  heading: () => say("column.contract_end"),
  width: 1,
  cell: ({ customer: { contract_end_date: end } }) =>
    end === undefined ? notRecorded() : formatShortDate(end),
  data: ({ customer }) => customer.contract_end_date ?? "",
};

export const CONTRACT_VALUE: CustomerColumn = {
  heading: () => say("column.value"),
  width: 0.9,
  align: "right",
  cell: ({ customer }) => formatAmount(customer.contract_value),
  data: ({ customer }) => formatExactAmount(customer.contract_value),
};

/** Days until the contract ends. */
export const daysLeft = (now: Date): CustomerColumn => ({
  heading: () => say("column.days_left"),
  width: 0.9,
  align: "right",
  cell: ({ customer: { contract_end_date: end } }) =>
    end === undefined ? notRecorded() : daysLeftCell(daysBetween(dateOf(now), end)),
});

export const HEALTH: CustomerColumn = {
  heading: () => say("column.health"),
  width: 0.8,
  align: "right",
  cell: ({ score }) => scoreCell(score?.overall_score),
};

/** The newest score, and how it has moved in the 30 days that its trend is about: `23 (−18)`. */
export const SCORE_AND_CHANGE: CustomerColumn = {
  heading: () => say("column.score_and_change"),
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
  heading: () => say("column.trend"),
  width: 1.1,
  cell: ({ score }) => (score ? trendCell(score.score_trend) : notRecorded()),
};

/** Who is at risk without a score is so by status. */
export const KEY_CONCERNS: CustomerColumn = {
  heading: () => say("column.key_concerns"),
  width: 2.6,
  cell: ({ score }) => (score ? riskFactors(score) : say("factor.status")),
};

export const ACCOUNT_MANAGER: CustomerColumn = {
  heading: () => say("column.account_manager"),
  width: 1.6,
  cell: ({ account_manager_label }) => account_manager_label || noManager(),
};
