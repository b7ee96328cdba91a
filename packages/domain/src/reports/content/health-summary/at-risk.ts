import type { Section } from "@success-manager/pdf/document";
import type { CustomerRow } from "../../../directory/index.ts";
import { type ScoredRow, topN } from "../../../portfolio/index.ts";
import { concernsOf, managerText } from "../concerns.ts";
import { AT_RISK_BELOW, scoreCell, trendCell } from "../health-words.ts";
import { countText } from "../wording.ts";

/** How many are listed. */
const MOST = 25;

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Customers below 60. */
export const endangered = (rows: readonly CustomerRow[]): ScoredRow[] =>
  rows.filter((row): row is ScoredRow => row.score !== undefined && row.score.overall_score < AT_RISK_BELOW);

/** Lowest score first, then by name. */
export const lowestFirst = (a: ScoredRow, b: ScoredRow): number =>
  a.score.overall_score - b.score.overall_score ||
  byText(a.search_key, b.search_key) ||
  byText(a.customer.id, b.customer.id);

/** Customers at risk and what weighs on their scores. */
export function atRiskSection(rows: readonly CustomerRow[]): Section {
  const found = endangered(rows);
  const heading = "Customers at risk";
  if (found.length === 0)
    return {
      heading,
      blocks: [{ kind: "text", text: "No customer has a health score below 60." }],
    };
  const shown = topN(found, MOST, lowestFirst);
  return {
    heading,
    about: `${countText(found.length, "customer")} with a health score below 60, lowest first.`,
    blocks: [
      {
        kind: "table",
        columns: [
          { heading: "Customer", width: 2 },
          { heading: "Score", width: 0.7, align: "right" },
          { heading: "Trend", width: 1.1 },
          { heading: "Key concerns", width: 2.6 },
          { heading: "Account manager", width: 1.6 },
        ],
        rows: shown.map((row) => [
          row.customer.company_name,
          scoreCell(row.score.overall_score),
          trendCell(row.score.score_trend),
          concernsOf(row.score),
          managerText(row),
        ]),
        more: found.length - shown.length,
      },
    ],
  };
}
