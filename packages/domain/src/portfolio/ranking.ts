import type { NeedsAttention, TopPerformer } from "@success-manager/contract/dashboard-figures";
import { compareText } from "@success-manager/contract/text";
import { daysBetween } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf } from "../figures.ts";
import { bandOfScore, toScoreSummary } from "../health/index.ts";
import type { LatestScore, StoredCustomer } from "../table/index.ts";
import { healthBand } from "./health-distribution.ts";
import { isUnknown, type Portfolio } from "./population.ts";

/** Below this a component of the score is a reason of its own. */
const LOW_COMPONENT = 50;

/** Days to the end of a contract from which on it is a reason, and from which on it ends soon. */
const NEAR_DAYS = 60;
const SOON_DAYS = 30;

const daysText = (count: number) => (count === 1 ? "1 day" : `${count} days`);

/** Why a customer needs attention: the reason, and what it is measured by. */
export type AttentionFinding =
  | {
      readonly reason:
        | "score_unknown"
        | "score_critical"
        | "score_low"
        | "adoption_score"
        | "support_score"
        | "engagement_score";
      readonly score: number;
    }
  | { readonly reason: "contract_ended" | "contract_soon" | "contract_near"; readonly days: number }
  | { readonly reason: "risk_level"; readonly level: "high" | "critical" }
  | { readonly reason: "status" | "declining" | "contract_today" };

function contractFinding(end: string | undefined, today: string): AttentionFinding | undefined {
  if (end === undefined) return undefined;
  const days = daysBetween(today, end);
  if (days < 0) return { reason: "contract_ended", days: -days };
  if (days === 0) return { reason: "contract_today" };
  if (days <= SOON_DAYS) return { reason: "contract_soon", days };
  return days <= NEAR_DAYS ? { reason: "contract_near", days } : undefined;
}

function scoreFinding(of: LatestScore): AttentionFinding | undefined {
  const { overall_score: score } = of;
  if (bandOfScore(of) === "unknown") return { reason: "score_unknown", score };
  const band = healthBand(score);
  if (band === "critical") return { reason: "score_critical", score };
  return band === "at_risk" ? { reason: "score_low", score } : undefined;
}

/**
 * Why a customer needs attention; empty for one who is well.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function attentionFindings(
  { customer, score }: { readonly customer: StoredCustomer; readonly score: LatestScore },
  today: string,
): AttentionFinding[] {
  // The risk that a number stands for says nothing of somebody who is unknown.
  const level = bandOfScore(score) === "unknown" ? undefined : score.risk_level;
  const low = (["adoption_score", "support_score", "engagement_score"] as const)
    .filter((component) => score[component] < LOW_COMPONENT)
    .map((reason) => ({ reason, score: score[reason] }));
  return [
    scoreFinding(score),
    customer.status === "at_risk" ? ({ reason: "status" } as const) : undefined,
    level === "high" || level === "critical" ? ({ reason: "risk_level", level } as const) : undefined,
    score.score_trend === "declining" ? ({ reason: "declining" } as const) : undefined,
    ...low,
    contractFinding(customer.contract_end_date, today),
  ].filter((finding) => finding !== undefined);
}

function toSentence(finding: AttentionFinding): string {
  switch (finding.reason) {
    case "score_unknown":
      return "Too little is known to say how healthy they are";
    case "score_critical":
      return `Health score is critical (${finding.score})`;
    case "score_low":
      return `Health score is low (${finding.score})`;
    case "status":
      return "Status is at risk";
    case "risk_level":
      return `Risk level is ${finding.level}`;
    case "declining":
      return "Health score is declining";
    case "adoption_score":
      return `Product adoption is low (${finding.score})`;
    case "support_score":
      return `Support health is low (${finding.score})`;
    case "engagement_score":
      return `Engagement is low (${finding.score})`;
    case "contract_ended":
      return `Contract ended ${daysText(finding.days)} ago`;
    case "contract_today":
      return "Contract ends today";
    case "contract_soon":
      return `Contract ends soon, in ${daysText(finding.days)}`;
    case "contract_near":
      return `Contract ends in ${daysText(finding.days)}`;
  }
}

/** The same as sentences for people, in English as all that the API says. */
export const attentionReasons = (about: Parameters<typeof attentionFindings>[0], today: string): string[] =>
  attentionFindings(about, today).map(toSentence);

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

/** The 20 healthiest customers, highest score first, without those of whom too little is known. */
export const topPerformers = ({ rows, left }: Portfolio): TopPerformer[] =>
  rankByScore({ rows: rows.filter((row) => !isUnknown(row)), left }, MAX_TOP_PERFORMERS, "highest").map(
    (row) => {
      const { overall_score, risk_level, score_trend, calculated_at, ...more } = toScoreSummary(row.score);
      const { definition_version, coverage, band } = more;
      return {
        customer: rankedCustomer(row),
        health_score: {
          ...{ overall_score, risk_level, score_trend, calculated_at },
          ...{ definition_version, coverage, band },
        },
      };
    },
  );

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
