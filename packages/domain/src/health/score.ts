import { conflict, notFound, unprocessable } from "@success-manager/contract/problem";
import type { HealthScore, NewScoreOverride, ScoreOverride } from "@success-manager/contract/scores";
import { alertStatesOf } from "../alerts/index.ts";
import { DAY_MS } from "../calendar.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { loadScoreTexts } from "../messages/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  CustomerEntity,
  DeploymentEntity,
  deleteItem,
  find,
  getRequest,
  type LatestScore,
  LatestScoreEntity,
  putItem,
  RETRY,
  ScoreOverrideEntity,
  type StoredCustomer,
  type StoredDeployment,
  type StoredScoreOverride,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { decideScore, writeDecisions } from "./decision.ts";
import { definitionsOf, lookBackOf, registryRequest } from "./definitions.ts";
import { activitySince, configuredWeights, recentActivity } from "./inputs.ts";
import { toHealthScore } from "./serialize.ts";

/** An instant that no score of the customer has yet, at or after the wanted one. */
const instantAfter = (wanted: Date, latest: string | undefined) =>
  latest === undefined ? wanted : new Date(Math.max(wanted.getTime(), Date.parse(latest) + 1));

/** How many days the definitions in use looked at when they were last read: what to read at once with them. */
let usualDays = lookBackOf([]);

/**
 * A customer as of now, with what happened up to an instant. What happened is read at once with the definitions, from as
 * far back as they looked before; once more where it was not far enough.
 *
 * @param scored_at of the customer's newest score, as far as it is known
 */
async function load(customer_id: string, at: Date, scored_at: string | undefined) {
  const since = activitySince(usualDays, at, scored_at);
  const [[customer, latest, stored, registry], read, states] = await Promise.all([
    batchGet(
      getRequest(CustomerEntity, customer_id),
      getRequest(LatestScoreEntity, customer_id),
      settingsRequest("alerts"),
      registryRequest(),
    ),
    recentActivity(customer_id, since, at),
    alertStatesOf(customer_id),
  ]);
  const definitions = definitionsOf(registry);
  usualDays = lookBackOf(definitions);
  const needed = activitySince(usualDays, at, latest?.calculated_at);
  const activity = needed < since ? await recentActivity(customer_id, needed, at) : read;
  return { customer, latest, ...activity, states, settings: settingsOf("alerts", stored), definitions };
}

/**
 * Scores one customer of a batch again whose decision was overtaken by somebody's change. A customer that was scored
 * meanwhile at or after the batch's instant, or has churned, is left alone.
 */
export async function recalculate(
  { customer: { id }, deployments, score }: CustomerRow,
  at: Date,
): Promise<void> {
  const weights = configuredWeights();
  await withOptimisticRetry(async () => {
    const { customer, latest, ...loaded } = await load(id, at, score?.calculated_at);
    if (!customer || customer.status === "churned") return;
    if (latest && latest.calculated_at >= at.toISOString()) return;
    const decision = decideScore(
      { customer, latest, deployments, ...loaded },
      at,
      weights,
      await loadScoreTexts("en"),
    );
    return (await writeDecisions([decision])).length === 0 ? undefined : RETRY;
  });
}

/**
 * The deployments of a customer with the one that a score is to be labelled with, which may be too new for the
 * directory.
 *
 * @throws 422 when it is not theirs
 */
async function withLabelled(deployments: readonly StoredDeployment[], customer_id: string, id: string) {
  if (deployments.some((one) => one.id === id)) return deployments;
  const deployment = await find(getRequest(DeploymentEntity, id));
  if (deployment?.customer_id !== customer_id)
    throw unprocessable("product_deployment_id", "must be a deployment of this customer");
  return [...deployments, deployment];
}

/**
 * Scores a customer now, also a churned one, and writes score, newest score, status and alerts together.
 *
 * @param product_deployment_id labels the score; must be a deployment of this customer
 * @throws 404 for an unknown customer; 422 for a deployment that is not theirs
 */
export const calculate = (customer_id: string, product_deployment_id?: string | null): Promise<HealthScore> =>
  scoreNow(customer_id, product_deployment_id);

/** A change of what somebody has set in place of the calculated score, with what is written besides. */
interface OverrideChange {
  readonly override: LatestScore["override"] | null;
  /** Onto what was read of the customer. */
  readonly writes: readonly Write[];
}

async function scoreNow(
  customer_id: string,
  product_deployment_id?: string | null,
  change?: (at: Date, customer: StoredCustomer) => Promise<OverrideChange>,
): Promise<HealthScore> {
  const at = new Date();
  const directory = await getDirectory();
  return withOptimisticRetry(async () => {
    const row = directory.customers.get(customer_id);
    const { customer, latest, ...loaded } = await load(customer_id, at, row?.score?.calculated_at);
    if (!customer) throw notFound("Customer");
    const known = row?.deployments ?? [];
    const deployments = product_deployment_id
      ? await withLabelled(known, customer_id, product_deployment_id)
      : known;
    const label = product_deployment_id ?? undefined;
    const now = instantAfter(at, latest?.calculated_at);
    const changed = await change?.(now, customer);
    const decision = decideScore(
      {
        ...{ customer, latest, deployments, ...loaded, product_deployment_id: label },
        ...(changed && { override: changed.override }),
      },
      now,
      configuredWeights(),
      await loadScoreTexts("en"),
    );
    const written = (await writeDecisions([{ ...decision, besides: changed?.writes ?? [] }])).length === 0;
    return written ? toHealthScore(decision.score) : RETRY;
  });
}

const overrideRequest = (customer_id: string) => getRequest(ScoreOverrideEntity, customer_id);

/**
 * Sets a score in place of the calculated one, which stays beside it; scores the customer. It ends by itself: the first
 * score after its end is the calculated one.
 *
 * @throws 404 for an unknown customer; 409 for one who has left
 */
export function setOverride(
  customer_id: string,
  { score, reason, note, days }: NewScoreOverride,
  { full_name }: { readonly full_name: string },
): Promise<HealthScore> {
  return scoreNow(customer_id, undefined, async (at, { status }) => {
    if (status === "churned")
      throw conflict("This customer has left. Set another status first to say how they are.");
    const before = await find(overrideRequest(customer_id));
    const ends_at = new Date(at.getTime() + days * DAY_MS).toISOString();
    const after: StoredScoreOverride = {
      ...{ customer_id, score, reason, ends_at, set_at: at.toISOString(), set_by: full_name },
      ...(note !== null && { note }),
      revision: (before?.revision ?? 0) + 1,
    };
    const write = ScoreOverrideEntity.put(after).where(({ revision }, { eq, notExists }) =>
      before ? eq(revision, before.revision) : notExists(revision),
    );
    return { override: { score, reason, ends_at }, writes: [putItem(write)] };
  });
}

/** What somebody has set for a customer, as long as it holds; null when there is nothing. @throws 404 for an unknown customer */
export async function getOverride(customer_id: string): Promise<{ override: ScoreOverride | null }> {
  const [customer, override, latest] = await batchGet(
    getRequest(CustomerEntity, customer_id),
    overrideRequest(customer_id),
    getRequest(LatestScoreEntity, customer_id),
  );
  if (!customer) throw notFound("Customer");
  if (!override || override.ends_at <= new Date().toISOString()) return { override: null };
  const { customer_id: _, revision: __, note = null, ...told } = override;
  const calculated_score = latest?.calculated_score ?? null;
  return { override: toOverride({ ...told, note, calculated_score }) };
}

/** Goes back to the calculated score; scores the customer. @throws 404 where there is none that holds */
export function endOverride(customer_id: string): Promise<HealthScore> {
  return scoreNow(customer_id, undefined, async (at) => {
    const before = await find(overrideRequest(customer_id));
    if (!before || before.ends_at <= at.toISOString()) throw notFound("Override");
    const write = ScoreOverrideEntity.delete({ customer_id }).where(({ revision }, { eq }) =>
      eq(revision, before.revision),
    );
    return { override: null, writes: [deleteItem(write)] };
  });
}

const toOverride = ({ score, reason, note, set_at, set_by, ends_at, calculated_score }: ScoreOverride) => ({
  ...{ score, reason, note, set_at, set_by, ends_at, calculated_score },
});
