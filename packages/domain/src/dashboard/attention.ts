import { daysBetween } from "../calendar.ts";
import { bandOf } from "./band.ts";
import type { ScoredRow } from "./ranking.ts";

/** Below this a component of the score is a reason of its own. */
const LOW_COMPONENT = 50;

/** Days to the end of a contract from which on it is a reason, and from which on it ends soon. */
const NEAR_DAYS = 60;
const SOON_DAYS = 30;

const daysOf = (count: number) => (count === 1 ? "1 day" : `${count} days`);

function contractReason(end: string | undefined, today: string): string | undefined {
  if (end === undefined) return undefined;
  const days = daysBetween(today, end);
  if (days < 0) return `Contract ended ${daysOf(-days)} ago`;
  if (days === 0) return "Contract ends today";
  if (days <= SOON_DAYS) return `Contract ends soon, in ${daysOf(days)}`;
  return days <= NEAR_DAYS ? `Contract ends in ${daysOf(days)}` : undefined;
}

function scoreReason(score: number): string | undefined {
  const band = bandOf(score);
  if (band === "critical") return `Health score is critical (${score})`;
  return band === "at_risk" ? `Health score is low (${score})` : undefined;
}

const lowComponent = (name: string, score: number) =>
  score < LOW_COMPONENT ? `${name} is low (${score})` : undefined;

/**
 * What is worrying about a customer, as sentences for people; nothing about one who is well.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function reasonsOf(
  { customer, score }: Pick<ScoredRow, "customer" | "score">,
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

/**
 * Why a customer needs attention, as sentences for people; one at least.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function attentionReasons(row: Pick<ScoredRow, "customer" | "score">, today: string): string[] {
  const reasons = reasonsOf(row, today);
  return reasons.length > 0 ? reasons : ["Keep an eye on it: the score is among the lowest"];
}
