/** Products that customers run: recording, reading, changing, deactivating. */
import { randomUUID } from "node:crypto";
import type {
  Deployment,
  DeploymentChanges,
  DeploymentDetail,
  NewDeployment,
} from "@success-manager/contract/deployments";
import { type IfMatch, notFound, requireMatch, unprocessable } from "@success-manager/contract/problem";
import {
  actionWrites,
  alertKey,
  alertStateRequest,
  detectLicenseEnds,
  updateExisting,
} from "../alerts/index.ts";
import { deploymentScores } from "../health/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  CustomerEntity,
  commit,
  commitOne,
  DeploymentEntity,
  type FoundOf,
  find,
  getOrThrow,
  getRequest,
  putItem,
  RETRY,
  type StoredDeployment,
  updateItem,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { toDeployment } from "./list.ts";

export { deploymentStats as stats } from "../portfolio/index.ts";
export { byProduct, expiring, list } from "./list.ts";

/** Whom a new deployment is about. */
export const customerReads = (customer_id: string) => [getRequest(CustomerEntity, customer_id)] as const;

/** Records a deployment. @param found by `customerReads` @throws 404 for an unknown customer */
export async function create(
  input: NewDeployment,
  [customer]: FoundOf<ReturnType<typeof customerReads>>,
): Promise<Deployment> {
  // Customers are never deleted, so one that exists now exists when this is written.
  if (!customer) throw notFound("Customer");
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
  const answer = toDeployment(deployment);
  await commitOne(putItem(DeploymentEntity.put(deployment)), { answer });
  return answer;
}

/** The deployment itself. */
export const reads = (id: string) => [getRequest(DeploymentEntity, id)] as const;

/** A deployment with its customer and the scores that carry its label. @param found by `reads` @throws 404 */
export async function get([deployment]: FoundOf<ReturnType<typeof reads>>): Promise<DeploymentDetail> {
  if (!deployment) throw notFound("Deployment");
  const [customer, { latest, scores }] = await Promise.all([
    find(getRequest(CustomerEntity, deployment.customer_id)),
    deploymentScores(deployment.customer_id, deployment.id),
  ]);
  return {
    deployment: toDeployment(deployment),
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
    latest_health_score: latest,
    health_score_history: scores,
  };
}

/**
 * Changes a deployment; the date rule is checked on the merged one.
 *
 * @throws 404; 412 when `ifMatch` is outdated; 422 when the license would end before the deployment
 */
export const update = (id: string, changes: DeploymentChanges, ifMatch?: IfMatch): Promise<Deployment> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    return write(before, changes);
  });

/** Deactivates a deployment; doing it again changes nothing. @throws 404; 412 when `ifMatch` is outdated */
export const deactivate = (id: string, ifMatch?: IfMatch): Promise<Deployment> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    return before.is_active ? write(before, { is_active: false }) : toDeployment(before);
  });

const load = (id: string): Promise<StoredDeployment> =>
  getOrThrow(getRequest(DeploymentEntity, id), "Deployment");

/** Writes a change onto the revision that it was decided on, together with the alert about the license. */
async function write(
  before: StoredDeployment,
  changes: DeploymentChanges,
): Promise<Deployment | typeof RETRY> {
  const now = new Date();
  const instant = now.toISOString();
  const set = { ...changes, updated_at: instant, changed_at: instant, revision: before.revision + 1 };
  const after = { ...before, ...set };
  if (after.license_expiry < after.deployment_date)
    throw unprocessable("license_expiry", "must not be before deployment_date");
  const change = updateItem(
    DeploymentEntity.patch({ id: before.id })
      .set(set)
      .where(({ revision }, { eq }) => eq(revision, before.revision)),
  );
  const alerts = await alertUpdates(before, after, now);
  const written =
    alerts.length > 0 ? (await commit([change, ...alerts])).length === 0 : await commitOne(change);
  return written ? toDeployment(after) : RETRY;
}

/**
 * What a change means for the alert about the license: it ends when the license is renewed or the deployment is not
 * active any more. Reads only when there is such a change.
 */
async function alertUpdates(before: StoredDeployment, after: StoredDeployment, now: Date): Promise<Write[]> {
  const deactivated = before.is_active && !after.is_active;
  if (!deactivated && after.license_expiry === before.license_expiry) return [];
  const { id, customer_id } = after;
  const [customer, state, stored] = await batchGet(
    getRequest(CustomerEntity, customer_id),
    alertStateRequest(customer_id, alertKey.license(id)),
    settingsRequest("alerts"),
  );
  const settings = settingsOf("alerts", stored);
  const detected = customer ? detectLicenseEnds({ customer, deployments: [after] }, now, settings) : [];
  return updateExisting(detected, state ? [state] : []).flatMap((action) => actionWrites(action, now));
}
