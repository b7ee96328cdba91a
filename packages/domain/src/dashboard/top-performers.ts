import type { TopPerformer } from "@success-manager/contract/dashboard-figures";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { figureOf } from "./figure.ts";
import { ranked, rankedCustomer } from "./ranking.ts";

/** The most that can be asked for. */
const MOST = 20;

/** The healthiest customers, highest score first. */
export const performersOf = (rows: readonly CustomerRow[]): TopPerformer[] =>
  ranked(rows, MOST, true).map((row) => ({
    customer: rankedCustomer(row),
    health_score: {
      overall_score: row.score.overall_score,
      risk_level: row.score.risk_level,
      score_trend: row.score.score_trend,
      calculated_at: row.score.calculated_at,
    },
  }));

/** The healthiest customers who have not left, highest score first. */
export async function topPerformers({ limit }: { readonly limit: number }): Promise<TopPerformer[]> {
  return figureOf(await getDirectory(), "top performers", performersOf).slice(0, limit);
}
