import type { AlertSettings } from "@success-manager/contract/settings";
import type { RiskLevel } from "@success-manager/contract/vocabulary";
import { riskOf } from "../../figures.ts";
import type { AlertState, StoredCustomer, StoredScore } from "../../table/index.ts";
import { alertKey, type Detection, HEALTH } from "../detection.ts";
import { type AlertAction, parseDetectionKey, reconcile } from "../reconcile.ts";

const COMPONENTS = ["adoption", "engagement", "support", "financial"] as const;
type Component = (typeof COMPONENTS)[number];

/** The figures of a score that the rules look at. */
export type Scores = Readonly<Pick<StoredScore, "overall_score" | `${Component}_score`>>;

/** A scored customer. */
export interface ScoreContext {
  readonly customer: Pick<StoredCustomer, "id" | "company_name" | "status">;
  readonly score: Scores;
  /** The score before; undefined for the first one. */
  readonly previous: Scores | undefined;
  /** The customer's alert states, all or only those about health. */
  readonly states: readonly AlertState[];
  /** How low a score has to be, and how far a component has to fall (decision 16). */
  readonly settings: AlertSettings;
  /** Components that the score goes by; all when absent. What is no part of health is no reason to worry. */
  readonly counting?: ReadonlySet<Component>;
  /** How much of the weight was measured, where that is too little to say how the customer is. */
  readonly coverage?: number;
  /** Why the score is another one than before: a sentence; absent where it is the same. */
  readonly reason?: string;
}

const BANDS: readonly RiskLevel[] = ["low", "medium", "high", "critical"];
const bandOf = (score: number) => BANDS.indexOf(riskOf(score));

/** Too little is known: not that a customer is well, nor that they are not. */
const detectUnknown = (customer: ScoreContext["customer"], coverage: number): Detection => ({
  customer_id: customer.id,
  condition: alertKey.health("coverage"),
  alert_type: "health_drop",
  severity: "medium",
  title: "Health is unknown",
  description: `Only ${Math.round(100 * coverage)}% of what the health score of ${customer.company_name} goes by is known. Talk to them, or ask them.`,
});

/** What was said of a score, with the reason for it, stays as long as the score does. */
function saidBefore(states: readonly AlertState[], condition: string, text: string): string | undefined {
  const found = states.find((one) => one.condition === condition)?.found;
  const said = found === undefined ? undefined : parseDetectionKey(found).description;
  return said?.startsWith(text) ? said : undefined;
}

function detectLowScore({
  customer,
  score: { overall_score },
  settings,
  coverage,
  reason,
  states,
}: ScoreContext): Detection[] {
  if (coverage !== undefined) return [detectUnknown(customer, coverage)];
  const critical = overall_score < settings.health_score_critical_threshold;
  if (!critical && overall_score >= settings.health_score_threshold) return [];
  const advice = critical ? " Talk to them now, before they leave." : "";
  const condition = alertKey.health("overall");
  const text = `The health score of ${customer.company_name} is ${overall_score} of 100: the risk is ${riskOf(overall_score)}.${advice}`;
  return [
    {
      customer_id: customer.id,
      condition,
      alert_type: "health_drop",
      severity: critical ? "critical" : "high",
      band: bandOf(overall_score),
      title: critical ? "Health score is critical" : "Health score is low",
      description:
        reason === undefined ? (saidBefore(states, condition, text) ?? text) : `${text} ${reason}.`,
    },
  ];
}

const countingOf = ({ counting }: ScoreContext) =>
  COMPONENTS.filter((component) => counting?.has(component) ?? true);

const pointsOf = (scores: Scores, component: Component) => scores[`${component}_score`];

/** Whether this very score dropped a component. */
const isDropped = ({ score, previous, settings }: ScoreContext, component: Component) =>
  previous !== undefined &&
  pointsOf(previous, component) - pointsOf(score, component) >= settings.health_drop_points;

/** What a component was before an earlier drop, as long as it has not recovered from it. */
function lastingReference(
  { score, states, settings }: ScoreContext,
  component: Component,
): number | undefined {
  const condition = alertKey.health(component);
  const stored = states.find((one) => one.condition === condition && one.state !== "cleared");
  if (stored?.reference === undefined) return undefined;
  const limit = stored.reference - settings.health_drop_points;
  return pointsOf(score, component) <= limit ? stored.reference : undefined;
}

function detectDrop(scored: ScoreContext, component: Component): Detection[] {
  const { customer, score, previous, states } = scored;
  const condition = alertKey.health(component);
  const lasting = lastingReference(scored, component);
  const dropped = isDropped(scored, component);
  const reference = lasting ?? (dropped && previous ? pointsOf(previous, component) : undefined);
  if (reference === undefined) return [];
  const detection: Detection = {
    customer_id: customer.id,
    condition,
    alert_type: "health_drop",
    severity: "medium",
    band: bandOf(pointsOf(score, component)),
    title: `${component[0]?.toUpperCase()}${component.slice(1)} score fell`,
    description: `The ${component} score of ${customer.company_name} fell from ${reference} to ${pointsOf(score, component)}.`,
    reference,
  };
  // The text is about the drop: it stays the same until the component drops further.
  const found = dropped ? undefined : states.find((one) => one.condition === condition)?.found;
  return [found === undefined ? detection : { ...detection, ...parseDetectionKey(found) }];
}

/**
 * A low overall score, and components that dropped since the previous score. A component's drop lasts until it is back
 * above what it was before, less what counts as a drop, and only where the score goes by it. Churned customers have
 * none.
 */
export function detectHealthDrops(scored: ScoreContext): Detection[] {
  if (scored.customer.status === "churned") return [];
  return [...detectLowScore(scored), ...countingOf(scored).flatMap((one) => detectDrop(scored, one))];
}

/** The conditions of the components that this very score dropped. */
const newDrops = (scored: ScoreContext): ReadonlySet<string> =>
  new Set(
    countingOf(scored)
      .filter((component) => isDropped(scored, component))
      .map((component) => alertKey.health(component)),
  );

/** What a score means for the alerts about a customer's health. */
export function reconcileHealthAlerts(scored: ScoreContext): AlertAction[] {
  const states = scored.states.filter(({ condition }) => condition.startsWith(HEALTH));
  const drops = newDrops(scored);
  // What a person acknowledged was an earlier drop; a new one opens an alert again.
  const isOutdated = ({ state, condition }: AlertState) => state === "acknowledged" && drops.has(condition);
  return reconcile(
    detectHealthDrops({ ...scored, states }),
    states.map((one) => (isOutdated(one) ? { ...one, state: "cleared" } : one)),
  );
}
