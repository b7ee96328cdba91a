import { notFound, unprocessable } from "@success-manager/contract/problem";
import type { HealthScore } from "@success-manager/contract/scores";
import { alertStatesOf } from "../alerts/index.ts";
import { config } from "../config.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  CustomerEntity,
  DeploymentEntity,
  find,
  getRequest,
  LatestScoreEntity,
  RETRY,
  type StoredDeployment,
  withOptimisticRetry,
} from "../table/index.ts";
import { decideScore, writeDecisions } from "./decision.ts";
import { parseWeights, type Weights } from "./formula.ts";
import { recentActivity } from "./inputs.ts";
import { toHealthScore } from "./serialize.ts";

let weights: Weights | undefined;

/** The weights of this stage, parsed once. */
export function configuredWeights(): Weights {
  weights ??= parseWeights(config().HEALTH_WEIGHTS);
  return weights;
}

/** An instant that no score of the customer has yet, at or after the wanted one. */
const instantAfter = (wanted: Date, latest: string | undefined) =>
  latest === undefined ? wanted : new Date(Math.max(wanted.getTime(), Date.parse(latest) + 1));

/** A customer as of now, with what happened up to an instant. */
async function load(customer_id: string, at: Date) {
  const [[customer, latest, stored], activity, states] = await Promise.all([
    batchGet(
      getRequest(CustomerEntity, customer_id),
      getRequest(LatestScoreEntity, customer_id),
      settingsRequest("alerts"),
    ),
    recentActivity(customer_id, at),
    alertStatesOf(customer_id),
  ]);
  return { customer, latest, ...activity, states, settings: settingsOf("alerts", stored) };
}

/**
 * Scores one customer of a batch again whose decision was overtaken by somebody's change. A customer that was scored
 * meanwhile at or after the batch's instant, or has churned, is left alone.
 */
export async function recalculate({ customer: { id }, deployments }: CustomerRow, at: Date): Promise<void> {
  const weights = configuredWeights();
  await withOptimisticRetry(async () => {
    const { customer, latest, ...loaded } = await load(id, at);
    if (!customer || customer.status === "churned") return;
    if (latest && latest.calculated_at >= at.toISOString()) return;
    const decision = decideScore({ customer, latest, deployments, ...loaded }, at, weights);
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
export async function calculate(
  customer_id: string,
  product_deployment_id?: string | null,
): Promise<HealthScore> {
  const at = new Date();
  const directory = await getDirectory();
  return withOptimisticRetry(async () => {
    const { customer, latest, ...loaded } = await load(customer_id, at);
    if (!customer) throw notFound("Customer");
    const known = directory.customers.get(customer_id)?.deployments ?? [];
    const deployments = product_deployment_id
      ? await withLabelled(known, customer_id, product_deployment_id)
      : known;
    const label = product_deployment_id ?? undefined;
    const decision = decideScore(
      { customer, latest, deployments, ...loaded, product_deployment_id: label },
      instantAfter(at, latest?.calculated_at),
      configuredWeights(),
    );
    return (await writeDecisions([decision])).length === 0 ? toHealthScore(decision.score) : RETRY;
  });
}
