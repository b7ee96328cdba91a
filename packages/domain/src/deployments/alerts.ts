import {
  actionWrites,
  alertKey,
  alertStateRequest,
  detectLicenseEnds,
  updateExisting,
} from "../alerts/index.ts";
import { batchGet, CustomerEntity, getRequest, type StoredDeployment, type Write } from "../table/index.ts";

/**
 * What a change of a deployment writes about the alert on its license, for the change's own transaction: it ends when
 * the license is renewed or the deployment is not active any more. Reads only when there is such a change.
 */
export async function alertWrites(before: StoredDeployment, after: StoredDeployment): Promise<Write[]> {
  const stopped = before.is_active && !after.is_active;
  if (!stopped && after.license_expiry === before.license_expiry) return [];
  const at = new Date();
  const { id, customer_id } = after;
  const [customer, condition] = await batchGet(
    getRequest(CustomerEntity, customer_id),
    alertStateRequest(customer_id, alertKey.license(id)),
  );
  const findings = customer ? detectLicenseEnds({ customer, deployments: [after] }, at) : [];
  return updateExisting(findings, condition ? [condition] : []).flatMap((action) => actionWrites(action, at));
}
