import { randomUUID } from "node:crypto";
import type {
  Deployment,
  DeploymentChanges,
  DeploymentDetail,
  NewDeployment,
} from "@success-manager/contract/deployments";
import { notFound, preconditionFailed, unprocessable } from "@success-manager/contract/problem";
import { deploymentScores } from "../health/index.ts";
import {
  CustomerEntity,
  commit,
  conditionFailed,
  DeploymentEntity,
  RETRY,
  type StoredDeployment,
  updateItem,
  withOptimisticRetry,
} from "../table/index.ts";
import { alertWrites } from "./alerts.ts";
/** A deployment as the API shows it. Field by field: rows of the directory carry the table's keys as well. */
export const shown = (deployment: StoredDeployment): Deployment => ({
  id: deployment.id,
  customer_id: deployment.customer_id,
  product_name: deployment.product_name,
  deployment_date: deployment.deployment_date,
  version: deployment.version,
  environment: deployment.environment,
  license_type: deployment.license_type,
  license_expiry: deployment.license_expiry,
  is_active: deployment.is_active,
  created_at: deployment.created_at,
  updated_at: deployment.updated_at,
  revision: deployment.revision,
});

async function stored(id: string): Promise<StoredDeployment> {
  const { data } = await DeploymentEntity.get({ id }).go({ consistent: true });
  if (!data) throw notFound("Deployment");
  return data;
}

async function customerOf(id: string) {
  const { data } = await CustomerEntity.get({ id }).go({ consistent: true });
  return data ?? undefined;
}

/** Records a deployment. @throws 404 for an unknown customer */
export async function create(input: NewDeployment): Promise<Deployment> {
  // Customers are never deleted, so one that exists now exists when this is written.
  if (!(await customerOf(input.customer_id))) throw notFound("Customer");
  const now = new Date().toISOString();
  const deployment: StoredDeployment = {
    ...input,
    id: randomUUID(),
    created_at: now,
    updated_at: now,
    changed_at: now,
    revision: 1,
  };
  // The id is new: a put that the SDK repeats after a lost answer writes the same again.
  await DeploymentEntity.put(deployment).go();
  return shown(deployment);
}

/** A deployment with its customer and the scores that carry its label. @throws 404 */
export async function get(id: string): Promise<DeploymentDetail> {
  const deployment = await stored(id);
  const [customer, scores] = await Promise.all([
    customerOf(deployment.customer_id),
    deploymentScores(deployment.customer_id, id),
  ]);
  return {
    deployment: shown(deployment),
    customer: customer
      ? {
          id: customer.id,
          company_name: customer.company_name,
          industry: customer.industry ?? null,
          status: customer.status,
          contact_name: customer.contact_name ?? null,
          contact_email: customer.contact_email ?? null,
        }
      : null,
    latest_health_score: scores[0] ?? null,
    health_score_history: scores,
  };
}

/** Writes a change onto the revision it was decided on, with what it means for the alert about the license. */
async function write(before: StoredDeployment, input: DeploymentChanges): Promise<Deployment | typeof RETRY> {
  const now = new Date().toISOString();
  const set = { ...input, updated_at: now, changed_at: now, revision: before.revision + 1 };
  const after = { ...before, ...set };
  if (after.license_expiry < after.deployment_date)
    throw unprocessable("license_expiry", "must not be before deployment_date");
  const patch = DeploymentEntity.patch({ id: before.id })
    .set(set)
    .where(({ revision }, { eq }) => eq(revision, before.revision));
  const alerts = await alertWrites(before, after);
  if (alerts.length > 0)
    return (await commit([updateItem(patch), ...alerts])).length === 0 ? shown(after) : RETRY;
  try {
    await patch.go();
    return shown(after);
  } catch (error) {
    if (conditionFailed(error)) return RETRY;
    throw error;
  }
}

/**
 * Changes a deployment; the date rule is checked on the merged one.
 * @throws 404; 412 when `ifMatch` is outdated; 422 when the license would end before the deployment
 */
export const update = (id: string, input: DeploymentChanges, ifMatch?: number): Promise<Deployment> =>
  withOptimisticRetry(async () => {
    const before = await stored(id);
    if (ifMatch !== undefined && before.revision !== ifMatch) throw preconditionFailed();
    return write(before, input);
  });

/** Deactivates a deployment; doing it again changes nothing. @throws 404 */
export const remove = (id: string): Promise<Deployment> =>
  withOptimisticRetry(async () => {
    const before = await stored(id);
    return before.is_active ? write(before, { is_active: false }) : shown(before);
  });
