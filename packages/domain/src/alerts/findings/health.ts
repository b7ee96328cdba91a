import type { AlertState, StoredCustomer, StoredScore } from "../../table/index.ts";
import { alertKey, type Detection } from "../condition.ts";

const COMPONENTS = ["adoption", "engagement", "support", "financial"] as const;
type Component = (typeof COMPONENTS)[number];

/** What rules about scores look at. */
export type Scores = Readonly<Pick<StoredScore, "overall_score" | `${Component}_score`>>;

/** A scored customer: the score, the one before it, and what is known of the conditions of their health. */
export interface ScoreContext {
  readonly customer: Pick<StoredCustomer, "id" | "company_name" | "status">;
  readonly score: Scores;
  readonly previous: Scores | undefined;
  readonly known: readonly AlertState[];
}

/** Decision 16: points that a component has to fall. */
const FALL = 15;

/** Decision 16: overall scores under these. */
const CRITICAL = 40;
const HIGH = 60;

function overallFindings({ customer, score: { overall_score } }: ScoreContext): Detection[] {
  if (overall_score >= HIGH) return [];
  const critical = overall_score < CRITICAL;
  const urged = critical ? " Talk to them now, before they leave." : "";
  return [
    {
      customer_id: customer.id,
      condition: alertKey.health("overall"),
      alert_type: "health_drop",
      severity: critical ? "critical" : "high",
      title: critical ? "Health score is critical" : "Health score is low",
      description: `The health score of ${customer.company_name} is ${overall_score} of 100: the risk is ${critical ? "critical" : "high"}.${urged}`,
    },
  ];
}

const pointsOf = (scores: Scores, component: Component) => scores[`${component}_score`];

const fell = ({ score, previous }: ScoreContext, component: Component) =>
  previous !== undefined && pointsOf(previous, component) - pointsOf(score, component) >= FALL;

/** What it was before it fell, for as long as it has not come back from there. */
function lastingReference({ score, known }: ScoreContext, component: Component): number | undefined {
  const condition = alertKey.health(component);
  const stored = known.find((one) => one.condition === condition && one.state !== "over");
  if (stored?.reference === undefined) return undefined;
  return pointsOf(score, component) <= stored.reference - FALL ? stored.reference : undefined;
}

function fallFindings(scored: ScoreContext, component: Component): Detection[] {
  const { customer, score, previous, known } = scored;
  const condition = alertKey.health(component);
  const lasting = lastingReference(scored, component);
  const again = fell(scored, component);
  const reference = lasting ?? (again && previous ? pointsOf(previous, component) : undefined);
  if (reference === undefined) return [];
  const finding: Detection = {
    customer_id: customer.id,
    condition,
    alert_type: "health_drop",
    severity: "medium",
    title: `${component[0]?.toUpperCase()}${component.slice(1)} score fell`,
    description: `The ${component} score of ${customer.company_name} fell from ${reference} to ${pointsOf(score, component)}.`,
    reference,
  };
  // The text tells of the fall: while nothing falls any further it stays as it was.
  const found = again ? undefined : known.find((one) => one.condition === condition)?.found;
  if (found === undefined) return [finding];
  const said: Pick<Detection, "severity" | "title" | "description"> = JSON.parse(found);
  return [{ ...finding, ...said }];
}

/**
 * A low overall score, and components that fell since the previous score. A component's fall lasts until it is back
 * above what it was before, less what counts as a fall. Customers who left have none.
 */
export function detectHealthDrops(scored: ScoreContext): Detection[] {
  if (scored.customer.status === "churned") return [];
  return [...overallFindings(scored), ...COMPONENTS.flatMap((component) => fallFindings(scored, component))];
}

/** The conditions of the components that this very score took down. */
export const newDrops = (scored: ScoreContext): ReadonlySet<string> =>
  new Set(
    COMPONENTS.filter((component) => fell(scored, component)).map((component) => alertKey.health(component)),
  );
