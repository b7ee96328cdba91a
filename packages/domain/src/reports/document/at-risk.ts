import type { Section } from "@success-manager/pdf/document";
import { isAtRisk } from "../../customers/index.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { byName, type ScoredRow, topN } from "../../portfolio/index.ts";
import { type TableColumn, tableOf, text } from "./blocks.ts";
import { formatCount } from "./format.ts";
import { AT_RISK_BELOW } from "./tones.ts";

/** Customers at risk: in the health summary by score alone, in the executive summary by status too. */

/** Whether the newest score is below 60. */
export const scoresBelow60 = (row: CustomerRow): row is ScoredRow =>
  row.score !== undefined && row.score.overall_score < AT_RISK_BELOW;

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
  /** What makes a customer one at risk. */
  readonly by: "score" | "status or score";
  readonly order: "score" | "value";
  readonly columns: readonly TableColumn<CustomerRow>[];
  /** How many customers are listed. */
  readonly limit: number;
}

/** Who is at risk and why. */
export function atRiskSection(
  rows: readonly CustomerRow[],
  { by, order, columns, limit }: AtRiskOptions,
): Section {
  const heading = "Customers at risk";
  const found = rows.filter(by === "score" ? scoresBelow60 : isAtRisk);
  if (found.length === 0)
    return {
      heading,
      blocks: [
        text(
          by === "score"
            ? "No customer has a health score below 60."
            : "No customer is at risk, by status or by score.",
        ),
      ],
    };
  const byStatus = found.filter(({ customer }) => customer.status === "at_risk").length;
  const others = found.length - byStatus;
  const split = others === 0 ? " by status" : `: ${byStatus} by status, ${others} by a score below 60 alone`;
  const which = by === "score" ? " with a health score below 60" : ` at risk${split}`;
  const [compare, first] =
    order === "score"
      ? [lowestScoreFirst, "the lowest score first"]
      : [mostValuableFirst, "the most valuable contract first"];
  return {
    heading,
    about: `${formatCount(found.length, "customer")}${which}; ${first}.`,
    blocks: [tableOf(topN<CustomerRow>(found, limit, compare), columns, { total: found.length })],
  };
}
