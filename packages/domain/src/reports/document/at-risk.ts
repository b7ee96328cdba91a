import type { Section } from "@success-manager/pdf/document";
import type { CustomerRow } from "../../directory/index.ts";
import { atRiskFigures, topN } from "../../portfolio/index.ts";
import { lowestScoreFirst, mostValuableFirst, type TableColumn, tableOf, text } from "./blocks.ts";
import type { ReportRequest } from "./query.ts";
import { adviceOn } from "./recommendations.ts";
import { say } from "./words.ts";

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
  const heading = say("heading.at_risk");
  const { customers: found, by_status } = atRiskFigures(rows);
  if (found.length === 0) return { heading, blocks: [text(say("at_risk.none"))] };
  const by_score = found.length - by_status;
  const compare = order === "score" ? lowestScoreFirst : mostValuableFirst;
  return {
    heading,
    about: say("at_risk.about", {
      ...{ count: found.length, by_status, by_score, order },
      split: by_score === 0 ? "status" : "both",
    }),
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
