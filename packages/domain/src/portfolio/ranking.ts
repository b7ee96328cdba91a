import type { NeedsAttention, TopPerformer } from "@success-manager/contract/dashboard-figures";
import { compareText } from "@success-manager/contract/text";
import { daysBetween } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf } from "../figures.ts";
import { toScoreSummary } from "../health/index.ts";
import type { LatestScore, StoredCustomer } from "../table/index.ts";
import { healthBand } from "./health-distribution.ts";
import type { Portfolio } from "./population.ts";

/** Below this a component of the score is a reason of its own. */
const LOW_COMPONENT = 50;

/** Days to the end of a contract from which on it is a reason, and from which on it ends soon. */
const NEAR_DAYS = 60;
const SOON_DAYS = 30;

const daysText = (count: number) => (count === 1 ? "1 day" : `${count} days`);

function contractReason(end: string | undefined, today: string): string | undefined {
  if (end === undefined) return undefined;
  const days = daysBetween(today, end);
  if (days < 0) return `Contract ended ${daysText(-days)} ago`;
  if (days === 0) return "Contract ends today";
  if (days <= SOON_DAYS) return `Contract ends soon, in ${daysText(days)}`;
  return days <= NEAR_DAYS ? `Contract ends in ${daysText(days)}` : undefined;
}

function scoreReason(score: number): string | undefined {
  const band = healthBand(score);
  if (band === "critical") return `Health score is critical (${score})`;
  return band === "at_risk" ? `Health score is low (${score})` : undefined;
}

const lowComponent = (name: string, score: number) =>
  score < LOW_COMPONENT ? `${name} is low (${score})` : undefined;

/**
 * Why a customer needs attention, as sentences for people; empty for one who is well.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function attentionReasons(
  { customer, score }: { readonly customer: StoredCustomer; readonly score: LatestScore },
  today: string,
): string[] {
  const { risk_level } = score;
  return [
    scoreReason(score.overall_score),
    customer.status === "at_risk" ? "Status is at risk" : undefined,
    risk_level === "high" || risk_level === "critical" ? `Risk level is ${risk_level}` : undefined,
    score.score_trend === "declining" ? "Health score is declining" : undefined,
    lowComponent("Product adoption", score.adoption_score),
    lowComponent("Support health", score.support_score),
    lowComponent("Engagement", score.engagement_score),
    contractReason(customer.contract_end_date, today),
  ].filter((reason) => reason !== undefined);
}

/** Customers by health score: the best and the worst. */

export interface ScoredRow extends CustomerRow {
  readonly score: LatestScore;
}

const isScored = (row: CustomerRow): row is ScoredRow => row.score !== undefined;

/**
 * The first rows in an order, without sorting all of them. Equal rows keep their order.
 * @param count 1 at least
 */
export function topN<Row>(rows: readonly Row[], count: number, compare: (a: Row, b: Row) => number): Row[] {
  const top: Row[] = [];
  for (const row of rows) {
    const last = top.length < count ? undefined : top.at(-1);
    if (last !== undefined && compare(row, last) >= 0) continue;
    const after = top.findIndex((other) => compare(row, other) < 0);
    top.splice(after < 0 ? top.length : after, 0, row);
    if (top.length > count) top.pop();
  }
  return top;
}

/** Compares customers by name, then by id. */
export const byName = (a: CustomerRow, b: CustomerRow): number =>
  compareText(a.customer.company_name, b.customer.company_name) || (a.customer.id < b.customer.id ? -1 : 1);

/** Customers who have a score, by newest score, then by name. */
function rankByScore({ rows }: Portfolio, count: number, first: "highest" | "lowest"): ScoredRow[] {
  const sign = first === "highest" ? -1 : 1;
  return topN(
    rows.filter(isScored),
    count,
    (a, b) => sign * (a.score.overall_score - b.score.overall_score) || byName(a, b),
  );
}

/** A customer as both rankings show them. */
const rankedCustomer = ({ customer, account_manager_name }: CustomerRow): TopPerformer["customer"] => ({
  id: customer.id,
  company_name: customer.company_name,
  industry: customer.industry ?? null,
  status: customer.status,
  contract_value: customer.contract_value === undefined ? null : amountOf(customer.contract_value),
  account_manager: account_manager_name,
});

/** The most that the contract lets clients ask for. */
const MAX_TOP_PERFORMERS = 20;
const MAX_NEEDS_ATTENTION = 50;

/** The 20 healthiest customers, highest score first. */
export const topPerformers = (portfolio: Portfolio): TopPerformer[] =>
  rankByScore(portfolio, MAX_TOP_PERFORMERS, "highest").map((row) => ({
    customer: rankedCustomer(row),
    health_score: {
      overall_score: row.score.overall_score,
      risk_level: row.score.risk_level,
      score_trend: row.score.score_trend,
      calculated_at: row.score.calculated_at,
    },
  }));

/** Said of a customer who is among the lowest while nothing stands out: the contract promises one reason at least. */
const LOWEST_SCORE = "Keep an eye on it: the score is among the lowest";

function reasonsFor(row: ScoredRow, today: string): string[] {
  const reasons = attentionReasons(row, today);
  return reasons.length > 0 ? reasons : [LOWEST_SCORE];
}

/**
 * The 50 least healthy customers, lowest score first, each with one reason at least.
 * @param today `YYYY-MM-DD`, in UTC
 */
export const needsAttention = (portfolio: Portfolio, today: string): NeedsAttention[] =>
  rankByScore(portfolio, MAX_NEEDS_ATTENTION, "lowest").map((row) => ({
    customer: { ...rankedCustomer(row), contract_end_date: row.customer.contract_end_date ?? null },
    health_score: toScoreSummary(row.score),
    attention_reasons: reasonsFor(row, today),
  }));
