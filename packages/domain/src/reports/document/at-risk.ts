import type { Section } from "@success-manager/pdf/document";
import type { CustomerRow } from "../../directory/index.ts";
import { atRiskFigures, topN } from "../../portfolio/index.ts";
import { lowestScoreFirst, mostValuableFirst, type TableColumn, tableOf, text } from "./blocks.ts";
import { formatCount } from "./format.ts";
import type { ReportRequest } from "./query.ts";
import { adviceOn } from "./recommendations.ts";

/** Customers at risk, by status or by a newest score below 60: in all reports the same as in `/customers/at-risk`. */

interface AtRiskOptions {
  readonly order: "score" | "value";
  readonly columns: readonly TableColumn<CustomerRow>[];
  /** How many customers are listed. */
  readonly limit: number;
}

/** Who is at risk and why. */
export function atRiskSection(
  rows: readonly CustomerRow[],
  { now, keepsRows }: Pick<ReportRequest, "now" | "keepsRows">,
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
    blocks: [
      tableOf(keepsRows ? found.toSorted(compare) : topN<CustomerRow>(found, limit, compare), columns, {
        limit,
        total: found.length,
        keepsRows,
      }),
      ...adviceOn(["at_risk"], rows, now),
    ],
  };
}
