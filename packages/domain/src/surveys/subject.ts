import { notFound, unprocessable } from "@success-manager/contract/problem";
import {
  batchGet,
  CustomerEntity,
  DeploymentEntity,
  getRequest,
  type StoredCustomer,
  type StoredDeployment,
} from "../table/index.ts";

/** Whom a survey asks, and about what. */
export interface Subject {
  readonly customer: StoredCustomer;
  readonly deployment: StoredDeployment | undefined;
}

/**
 * Reads the customer and the deployment that a survey is about, in one request.
 *
 * @throws 404 for an unknown customer; 422 when the deployment is not one of theirs, active or not
 */
export async function subjectOf(input: {
  readonly customer_id: string;
  readonly product_deployment_id?: string | null | undefined;
}): Promise<Subject> {
  const { customer_id, product_deployment_id: wanted } = input;
  const [customer, deployment] = wanted
    ? await batchGet(getRequest(CustomerEntity, customer_id), getRequest(DeploymentEntity, wanted))
    : await batchGet(getRequest(CustomerEntity, customer_id));
  if (!customer) throw notFound("Customer");
  if (wanted && deployment?.customer_id !== customer_id)
    throw unprocessable("product_deployment_id", "must be the id of a deployment of this customer");
  return { customer, deployment };
}
