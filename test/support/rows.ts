import type { NewDeployment } from "@success-manager/contract/deployments";
import type * as z from "zod";

/** A deployment as a test needs one, valid for years to come. */
export const deploymentBody = (
  customer_id: string,
  changes: Partial<z.input<typeof NewDeployment>> = {},
): z.input<typeof NewDeployment> => ({
  customer_id,
  product_name: "MonetX",
  deployment_date: "2020-01-01",
  version: "1",
  environment: "cloud",
  license_type: "Enterprise",
  license_expiry: "2035-01-01",
  ...changes,
});
