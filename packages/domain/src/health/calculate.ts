import { notFound, unprocessable } from "@success-manager/contract/problem";
import type { HealthScore } from "@success-manager/contract/scores";
import { alertStatesOf } from "../alerts/index.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import {
  batchGet,
  CustomerEntity,
  DeploymentEntity,
  getRequest,
  LatestScoreEntity,
  RETRY,
  type StoredDeployment,
  withOptimisticRetry,
} from "../table/index.ts";
import { type Weights, weightsOf } from "./formula.ts";
import { plan } from "./plan.ts";
import { shown } from "./shown.ts";
import { recent } from "./window.ts";
import { writePlans } from "./write.ts";

/** The weights of this deployment, read once. */
let weights: Weights | undefined;
export function configuredWeights(): Weights {
  weights ??= weightsOf(process.env.HEALTH_WEIGHTS);
  return weights;
}

/** An instant that no score of the customer has yet, at or after the wanted one. */
const instantAfter = (wanted: Date, latest: string | undefined) =>
  latest === undefined ? wanted : new Date(Math.max(wanted.getTime(), Date.parse(latest) + 1));

/** A customer as of now, with what happened up to an instant. */
async function read(customer_id: string, at: Date) {
  const [[customer, latest], window, conditions] = await Promise.all([
    batchGet(getRequest(CustomerEntity, customer_id), getRequest(LatestScoreEntity, customer_id)),
    recent(customer_id, at),
    alertStatesOf(customer_id),
  ]);
  return { customer, latest, known: { ...window, conditions } };
}

/**
 * Scores a customer for a batch whose plan was overtaken by somebody's change. Whoever was scored at or after
 * the batch's instant meanwhile, or has left, is none of its concern any more.
 */
export async function recalculate({ customer: { id }, deployments }: CustomerRow, at: Date): Promise<void> {
  const weights = configuredWeights();
  await withOptimisticRetry(async () => {
    const { customer, latest, known } = await read(id, at);
    if (!customer || customer.status === "churned") return;
    if (latest && latest.calculated_at >= at.toISOString()) return;
    const decided = plan({ customer, latest, deployments, ...known }, at, weights);
    return (await writePlans([decided])).length === 0 ? undefined : RETRY;
  });
}

/**
 * The deployments of a customer with the one that a score is to be labelled with, which may be too new for the
 * directory. @throws 422 when it is not theirs
 */
async function including(known: readonly StoredDeployment[], customer_id: string, id: string) {
  if (known.some((deployment) => deployment.id === id)) return known;
  const { data } = await DeploymentEntity.get({ id }).go({ consistent: true });
  if (data?.customer_id !== customer_id)
    throw unprocessable("product_deployment_id", "must be a deployment of this customer");
  return [...known, data];
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
    const { customer, latest, known } = await read(customer_id, at);
    if (!customer) throw notFound("Customer");
    const listed = directory.customers.get(customer_id)?.deployments ?? [];
    const deployments = product_deployment_id
      ? await including(listed, customer_id, product_deployment_id)
      : listed;
    const now = instantAfter(at, latest?.calculated_at);
    const decided = plan(
      { customer, latest, deployments, ...known, product_deployment_id: product_deployment_id ?? undefined },
      now,
      configuredWeights(),
    );
    return (await writePlans([decided])).length === 0 ? shown(decided.score) : RETRY;
  });
}
