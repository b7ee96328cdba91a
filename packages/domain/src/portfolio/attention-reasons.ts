import { daysBetween } from "../calendar.ts";
import type { LatestScore, StoredCustomer } from "../table/index.ts";
import { healthBand } from "./health-distribution.ts";

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
