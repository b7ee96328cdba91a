import { searchForm, uniqueForm } from "@success-manager/contract/text";
import type { Product } from "@success-manager/contract/vocabulary";
import type { TotalsRow } from "../counters/index.ts";
import type {
  LastInteraction,
  LatestScore,
  StoredCustomer,
  StoredDeployment,
  TeamMember,
} from "../table/index.ts";

/** A row of the directory's partition; ElectroDB writes the entity's name beside it. */
export type DirectoryItem =
  | ({ readonly __edb_e__: "customer" } & StoredCustomer)
  | ({ readonly __edb_e__: "deployment" } & StoredDeployment)
  | ({ readonly __edb_e__: "latest_score" } & LatestScore)
  | ({ readonly __edb_e__: "last_contact" } & LastInteraction)
  | ({ readonly __edb_e__: "teammate" } & TeamMember)
  | TotalsRow;

/** The latest of everything that belongs to a customer, also before the customer itself has been read. */
export interface CustomerState {
  /** One copy of the id for all that belongs to the customer. */
  readonly id: string;
  customer: StoredCustomer | undefined;
  score: LatestScore | undefined;
  contact: LastInteraction | undefined;
  /** Replaced when one changes, so that rows keep what they were made of. */
  deployments: readonly StoredDeployment[];
}

/** A customer with everything that lists and portfolio figures ask about. Never changed, only replaced. */
export interface CustomerRow {
  readonly customer: StoredCustomer;
  /** The search form of the name, which is what `search` looks at. */
  readonly search_key: string;
  /** What an industry has in common with its other spellings; empty for none. */
  readonly industry_key: string;
  /** The linked user, if any. */
  readonly manager: TeamMember | undefined;
  /** The linked user's name, else the free text, else empty. */
  readonly account_manager_name: string;
  readonly score: LatestScore | undefined;
  /** Undefined until somebody speaks with the customer. */
  readonly contact: LastInteraction | undefined;
  readonly deployments: readonly StoredDeployment[];
  /** Distinct products of active deployments, sorted. */
  readonly products: readonly Product[];
}

/** A deployment with what lists show of its customer. Never changed, only replaced. */
export interface DeploymentRow {
  readonly deployment: StoredDeployment;
  readonly customer: StoredCustomer | undefined;
  readonly manager_name: string;
  readonly score: LatestScore | undefined;
}

/** Which products customers have: few combinations, one list for each. */
const mixes = new Map<string, readonly Product[]>();

function productsOf(deployments: readonly StoredDeployment[]): readonly Product[] {
  const products = [...new Set(deployments.filter((d) => d.is_active).map((d) => d.product_name))].sort();
  const mix = products.join(" ");
  const shared = mixes.get(mix) ?? products;
  mixes.set(mix, shared);
  return shared;
}

/** A customer with all that belongs to it. */
export const customerRow = (
  customer: StoredCustomer,
  { score, contact, deployments }: CustomerState,
  manager: TeamMember | undefined,
): CustomerRow => ({
  customer,
  search_key: searchForm(customer.company_name),
  industry_key: uniqueForm(customer.industry ?? ""),
  manager,
  account_manager_name: manager?.full_name ?? customer.account_manager ?? "",
  score,
  contact,
  deployments,
  products: productsOf(deployments),
});

/** @param row its customer's */
export const deploymentRow = (deployment: StoredDeployment, row: CustomerRow | undefined): DeploymentRow => ({
  deployment,
  customer: row?.customer,
  manager_name: row?.account_manager_name ?? "",
  score: row?.score,
});

/** Whether a list would show no difference between two rows of a deployment. */
export const isEqual = (a: DeploymentRow, b: DeploymentRow): boolean =>
  a.deployment === b.deployment &&
  a.customer === b.customer &&
  a.manager_name === b.manager_name &&
  a.score === b.score;
