import type { Section } from "@success-manager/pdf/document";
import type { CustomerRow } from "../../directory/index.ts";
import { atRiskFigures, byName, topN } from "../../portfolio/index.ts";
import { type TableColumn, tableOf, text } from "./blocks.ts";
import { formatCount } from "./format.ts";

/** Customers at risk, by status or by a newest score below 60: in all reports the same as in `/customers/at-risk`. */

/** Behind all scores. */
const NOT_SCORED = 101;
const scoreOf = ({ score }: CustomerRow) => score?.overall_score ?? NOT_SCORED;

/** Lowest score first, then by name. */
export const lowestScoreFirst = (a: CustomerRow, b: CustomerRow): number =>
  scoreOf(a) - scoreOf(b) || byName(a, b);

/** Most valuable contract first, then lowest score. */
const mostValuableFirst = (a: CustomerRow, b: CustomerRow): number =>
  (b.customer.contract_value ?? 0) - (a.customer.contract_value ?? 0) || lowestScoreFirst(a, b);

interface AtRiskOptions {
  readonly order: "score" | "value";
  readonly columns: readonly TableColumn<CustomerRow>[];
  /** How many customers are listed. */
  readonly limit: number;
}

/** Who is at risk and why. */
export function atRiskSection(
  rows: readonly CustomerRow[],
  { order, columns, limit }: AtRiskOptions,
): Section {
  const heading = "Customers at risk";
  const { customers: found, by_status } = atRiskFigures(rows);
  if (found.length === 0)
    return { heading, blocks: [text("No customer is at risk, by status or by score.")] };
  const others = found.length - by_status;
  const split = others === 0 ? " by status" : `: ${by_status} by status, ${others} by a score below 60 alone`;
  const [compare, first] =
    order === "score"
      ? [lowestScoreFirst, "the lowest score first"]
      : [mostValuableFirst, "the most valuable contract first"];
  return {
    heading,
    about: `${formatCount(found.length, "customer")} at risk${split}; ${first}.`,
    blocks: [tableOf(topN<CustomerRow>(found, limit, compare), columns, { total: found.length })],
  };
}
