import type { StoredCustomer, StoredDeployment } from "@success-manager/domain/table";
import type { History } from "./history.ts";
import { customerId, deploymentId, pick, STATUSES } from "./ids.ts";
import type { Time } from "./time.ts";

/** Who looks after customers. */
export const MANAGERS = ["Sarah Johnson", "James Wilson", "Emily Brown"] as const;

export interface Company {
  readonly n: number;
  /** How much there is of it. */
  readonly history: History;
  readonly customer: StoredCustomer;
  readonly deployments: readonly StoredDeployment[];
}

/**
 * A customer and what they run. A sixth has churned, of the others a quarter has a contract that ends within 90 days
 * or has ended, a twelfth of the licenses ends within 30 days.
 */
export function company(n: number, { instant, day }: Time, history: History): Company {
  const id = customerId(n);
  const created_at = instant(700 - (n % 600));
  const stamp = { created_at, updated_at: created_at, changed_at: created_at, revision: 1 };
  return {
    n,
    history,
    customer: {
      id,
      company_name: `Company ${String(n).padStart(6, "0")} ${pick(["Networks", "Bank", "Software", "Energy"], n)}`,
      industry: pick(["Telecommunications", "Financial Services", "Technology", "Energy", "Retail"], n),
      contact_name: `Contact ${n}`,
      contact_email: `contact${n}@company${n}.example`,
      deployed_products: [],
      contract_start_date: day(400 + (n % 300)),
      contract_end_date: day(30 - ((n * 37) % 500)),
      contract_value: 1_000_00 * ((n * 7919) % 5000),
      account_manager: pick(MANAGERS, n),
      status: pick(STATUSES, n),
      portal_enabled: false,
      ...stamp,
    },
    deployments: Array.from({ length: history.deployments }, (_, i) => ({
      id: deploymentId(n, i),
      customer_id: id,
      product_name: pick(["MonetX", "SupportX", "GreenX"], n + i),
      deployment_date: day(300),
      version: `4.${i}`,
      environment: pick(["cloud", "on_premise", "hybrid"], n),
      license_type: "Enterprise",
      license_expiry: day(-((n * 13) % 400)),
      is_active: n % 9 !== 0,
      ...stamp,
    })),
  };
}
