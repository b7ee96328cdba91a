import { randomUUID } from "node:crypto";
import { type AlertSettings, SECTIONS } from "@success-manager/contract/settings";
import { type AlertAction, actionWrites, reconcileHealthAlerts } from "../alerts/index.ts";
import { riskOf } from "../figures.ts";
import type { ScoreTexts } from "../messages/index.ts";
import {
  type AlertState,
  CustomerEntity,
  chunkByWrites,
  commitPatiently,
  HealthScoreEntity,
  type LatestScore,
  LatestScoreEntity,
  putItem,
  type StoredCustomer,
  type StoredDeployment,
  type StoredScore,
  updateItem,
  type Write,
} from "../table/index.ts";
import { basisOf, encodeBasis, inputsAt } from "./basis.ts";
import {
  appliesTo,
  bandOf,
  byPrecedence,
  COMPONENT_OF,
  type Definition,
  definitionOne,
  type Evaluation,
  evaluate,
} from "./definition.ts";
import { type Component, score, type Weights } from "./formula.ts";
import { type RecentActivity, validateInputs } from "./inputs.ts";
import { accumulate, explain, type Movement } from "./movement.ts";
import { sentence } from "./sentence.ts";
import {
  decodeDrift,
  encodeChange,
  encodeDrift,
  encodeMeasures,
  encodeParts,
  toScoreSummary,
} from "./serialize.ts";
import { appendPoint, baselineScore, decodePoints, encodePoints, trendOf } from "./trend.ts";

/** Everything that a customer's next score is calculated from. */
export interface ScoringInput extends RecentActivity {
  readonly customer: StoredCustomer;
  readonly latest: LatestScore | undefined;
  readonly deployments: readonly StoredDeployment[];
  /** The customer's alert states; none when absent. */
  readonly states?: readonly AlertState[];
  /** When alerts open; as decision 16 says when absent. */
  readonly settings?: AlertSettings;
  /** Published definitions in use; where none applies, version 1 does. */
  readonly definitions?: readonly Definition[];
  /** What somebody sets in place of the calculated score; null ends that. What the score before has goes on when absent. */
  readonly override?: LatestScore["override"] | null;
  /** The deployment that the score is labelled with; the numbers stay those of the whole customer. */
  readonly product_deployment_id?: string | undefined;
}

/** A new status and where it came from, when a score changes it. */
export type StatusChange =
  | { readonly status: "at_risk"; readonly status_before_risk: "active" | "onboarding" }
  | { readonly status: "active" | "onboarding"; readonly status_before_risk: undefined };

/** A score and everything that is written with it. */
export interface ScoreDecision {
  readonly customer: StoredCustomer;
  readonly before: LatestScore | undefined;
  readonly score: StoredScore;
  readonly latest: LatestScore;
  readonly statusChange: StatusChange | undefined;
  /** Why it is another score than before; undefined for the first one. */
  readonly movement: Movement | undefined;
  /** What has to change of the alerts about the customer's health. */
  readonly alerts: readonly AlertAction[];
  /** What else is written with it. */
  readonly besides?: readonly Write[];
}

/**
 * Decision 13: under 60 an active or onboarding customer becomes at_risk; at 60 or more, one that was changed this way
 * changes back. Churned never changes.
 */
export function statusChangeOf(
  { status, status_before_risk }: StoredCustomer,
  overall: number,
): StatusChange | undefined {
  const risk = riskOf(overall);
  const atRisk = risk === "high" || risk === "critical";
  if (atRisk && (status === "active" || status === "onboarding"))
    return { status: "at_risk", status_before_risk: status };
  if (!atRisk && status === "at_risk" && status_before_risk)
    return { status: status_before_risk, status_before_risk: undefined };
  return undefined;
}

/** The definition that a customer is scored by. */
export const definitionFor = (
  { customer, deployments, definitions = [] }: Pick<ScoringInput, "customer" | "deployments" | "definitions">,
  weights: Weights,
): Definition =>
  definitions.toSorted(byPrecedence).find((one) => appliesTo(one, customer, deployments)) ??
  definitionOne(weights);

/** What weighs how much, by the components that old answers show. */
function componentWeights({ measures }: Evaluation): Weights {
  const weights: Record<Component, number> = { adoption: 0, engagement: 0, support: 0, financial: 0 };
  for (const { source, effective_weight } of measures) weights[COMPONENT_OF[source]] += effective_weight;
  return weights;
}

/** The components that a definition goes by, whatever is known of them. */
const componentsIn = ({ measures }: Definition): ReadonlySet<Component> =>
  new Set(measures.filter(({ weight }) => weight > 0).map(({ source }) => COMPONENT_OF[source]));

/** A notable change that a movement makes, and what is left of it where it makes none; as they are stored. */
function movedSince(
  before: LatestScore | undefined,
  movement: Movement | undefined,
  at: string,
): Pick<LatestScore, "change" | "drift"> {
  if (!before || !movement) return {};
  // Most scores are those of the day before.
  if (movement.parts.length === 0) return { drift: before.drift };
  const drifted = before.drift === undefined ? undefined : decodeDrift(before.drift);
  const { change, drift } = accumulate(drifted, movement, before.calculated_at, at);
  return { change: change && encodeChange(change), drift: drift && encodeDrift(drift) };
}

/** What counts in place of the calculated score at an instant. */
function overrideAt(
  { override, latest }: Pick<ScoringInput, "override" | "latest">,
  calculated_at: string,
): LatestScore["override"] {
  const set = override === null ? undefined : (override ?? latest?.override);
  return set && set.ends_at > calculated_at ? set : undefined;
}

/**
 * Decides a customer's score at `now` and what it changes; writes nothing.
 *
 * @param texts what alerts say of why it moved; without, they say nothing of it
 * @throws when the customer has a score of this instant or a later one: trends and counters depend on scores following
 * each other in time, so who replays an earlier day leaves such customers out. 422 when something that the score is
 * calculated from can't be read.
 */
export function decideScore(
  input: ScoringInput,
  now: Date,
  weights: Weights,
  texts?: ScoreTexts,
): ScoreDecision {
  const { customer, latest: before, deployments, interactions, responses, states = [] } = input;
  const { product_deployment_id, settings = SECTIONS.alerts.defaults } = input;
  validateInputs(customer, { interactions, responses });
  const calculated_at = now.toISOString();
  const previous_calculated_at = before?.calculated_at;
  if (previous_calculated_at !== undefined && previous_calculated_at >= calculated_at)
    throw new Error("A score must be newer than all others of its customer");
  const basis = basisOf(customer, deployments, states);
  const inputs = { ...basis, interactions, responses };
  const definition = definitionFor(input, weights);
  const evaluation = evaluate(definition, inputs, now);
  const { factors, ...components } = score(
    { ...inputs, now },
    definition.version === 1 ? weights : componentWeights(evaluation),
  );
  const override = overrideAt(input, calculated_at);
  const overall_score = override?.score ?? evaluation.score;
  const risk_level = riskOf(overall_score);
  const band = override ? bandOf(definition, overall_score) : evaluation.band;
  const scores = { ...components, overall_score, risk_level };
  const movement =
    before &&
    explain(
      {
        version: before.definition_version ?? 1,
        inputs: inputsAt(before, input, basis),
        at: new Date(before.calculated_at),
        score: before.calculated_score ?? before.overall_score,
        override: before.override?.score,
      },
      { definition, inputs, at: now, override: override?.score },
      evaluation,
    );
  const moved = movedSince(before, movement, calculated_at);
  const points = decodePoints(before?.trail ?? "");
  if (!points.flat().every(Number.isFinite)) throw new Error("The points of earlier scores can't be read");
  const baseline = baselineScore(points, now);
  const beside = override && {
    ...{ override, calculated_score: evaluation.score, calculated_band: evaluation.band },
    calculated_trend: trendOf(evaluation.score, baseline),
  };
  const figures = {
    id: randomUUID(),
    customer_id: customer.id,
    ...(product_deployment_id && { product_deployment_id }),
    ...scores,
    score_trend: trendOf(scores.overall_score, baseline),
    calculated_at,
    ...(definition.version !== 1 && { definition_version: definition.version }),
    ...(evaluation.coverage !== 1 && { coverage: evaluation.coverage }),
    ...(band !== risk_level && { band }),
    ...beside,
  };
  return {
    customer,
    before,
    movement,
    score: {
      ...figures,
      ...(previous_calculated_at && { previous_calculated_at }),
      factors: JSON.stringify(factors),
      measures: encodeMeasures(evaluation.measures),
      ...(movement && movement.parts.length > 0 && { movement: encodeParts(movement.parts) }),
      ...(moved.change !== undefined && { change: moved.change }),
    },
    latest: {
      ...figures,
      revision: (before?.revision ?? 0) + 1,
      entries: (before?.entries ?? 0) + (!before || moved.change !== undefined ? 1 : 0),
      change: moved.change ?? before?.change,
      drift: moved.drift,
      by_deployment: {
        ...before?.by_deployment,
        ...(product_deployment_id && {
          [product_deployment_id]: { ...toScoreSummary(figures), ...beside },
        }),
      },
      trail: encodePoints(appendPoint(points, [now.getTime(), scores.overall_score], now)),
      basis: encodeBasis(basis),
      changed_at: new Date().toISOString(),
    },
    // Of whom nothing is known, nobody says that they are at risk.
    statusChange: band === "unknown" ? undefined : statusChangeOf(customer, scores.overall_score),
    alerts: reconcileHealthAlerts({
      ...{ customer, score: scores, previous: before, states, settings, counting: componentsIn(definition) },
      ...(band === "unknown" && { coverage: evaluation.coverage }),
      ...(movement && movement.delta !== 0 && texts && { reason: sentence(movement, texts) }),
    }),
  };
}

/** A changed status, onto the revision of the customer that it was decided on. */
function statusWrites({ customer, latest, statusChange }: ScoreDecision): Write[] {
  if (!statusChange) return [];
  const patch = CustomerEntity.patch({ id: customer.id }).set({
    status: statusChange.status,
    updated_at: latest.changed_at,
    changed_at: latest.changed_at,
    revision: customer.revision + 1,
  });
  const update = statusChange.status_before_risk
    ? patch.set({ status_before_risk: statusChange.status_before_risk })
    : patch.remove(["status_before_risk"]);
  return [updateItem(update.where(({ revision }, { eq }) => eq(revision, customer.revision)))];
}

function latestWrite({ before, latest }: ScoreDecision): Write {
  return putItem(
    LatestScoreEntity.put(latest).where(({ revision }, { eq, notExists }) =>
      before ? eq(revision, before.revision) : notExists(revision),
    ),
  );
}

/** History entry, newest score, a changed status and alerts. */
function decisionWrites(decision: ScoreDecision): Write[] {
  const at = new Date(decision.latest.changed_at);
  return [
    putItem(HealthScoreEntity.create(decision.score)),
    latestWrite(decision),
    ...statusWrites(decision),
    ...decision.alerts.flatMap((action) => actionWrites(action, at)),
    ...(decision.besides ?? []),
  ];
}

/**
 * Writes scores with what belongs to them, each score all or nothing; up to 33 without alerts take one transaction.
 * Answers the decisions that were not written because something that they were made on has changed in between.
 *
 * @param place puts rows of a large batch into shards (`openShards`)
 */
export async function writeDecisions(
  decisions: readonly ScoreDecision[],
  place: (write: Write) => Write = (write) => write,
): Promise<readonly ScoreDecision[]> {
  const parts = decisions.map((decision) => ({ decision, writes: decisionWrites(decision).map(place) }));
  const overtaken: ScoreDecision[] = [];
  for (const chunk of chunkByWrites(parts, ({ writes }) => writes.length))
    overtaken.push(...(await commitPatiently(chunk, ({ writes }) => writes)).map(({ decision }) => decision));
  return overtaken;
}
