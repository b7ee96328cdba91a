import type { NeedsAttention } from "@success-manager/contract/dashboard-figures";
import { dateOf } from "../calendar.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { toScoreSummary } from "../health/index.ts";
import { attentionReasons } from "./attention.ts";
import { figureOf } from "./figure.ts";
import { ranked, rankedCustomer } from "./ranking.ts";

/** The most that can be asked for. */
const MOST = 50;

/** The least healthy customers as of a day (`YYYY-MM-DD`, in UTC), lowest score first, and why. */
export const attentionOf = (rows: readonly CustomerRow[], today: string): NeedsAttention[] =>
  ranked(rows, MOST, false).map((row) => ({
    customer: { ...rankedCustomer(row), contract_end_date: row.customer.contract_end_date ?? null },
    health_score: toScoreSummary(row.score),
    attention_reasons: attentionReasons(row, today),
  }));

/** The least healthy customers who have not left, lowest score first, and why. */
export async function needsAttention(
  { limit }: { readonly limit: number },
  now = new Date(),
): Promise<NeedsAttention[]> {
  const today = dateOf(now);
  return figureOf(await getDirectory(), `needs attention ${today}`, (rows) => attentionOf(rows, today)).slice(
    0,
    limit,
  );
}
