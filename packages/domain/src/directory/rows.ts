import { searchForm, uniqueForm } from "@success-manager/contract/text";
import type { Product } from "@success-manager/contract/vocabulary";
import type { TotalsRow } from "../counters/index.ts";
import type {
  LastInteraction,
  LatestScore,
  OutcomeLedger,
  StoredCustomer,
  StoredDeployment,
  StoredRenewal,
  TeamMember,
} from "../table/index.ts";
import { nameForm, type Team } from "./people.ts";

/** A row of the directory's partition; ElectroDB writes the entity's name beside it. */
export type DirectoryItem =
  | ({ readonly __edb_e__: "customer" } & StoredCustomer)
  | ({ readonly __edb_e__: "deployment" } & StoredDeployment)
  | ({ readonly __edb_e__: "latest_score" } & LatestScore)
  | ({ readonly __edb_e__: "last_contact" } & LastInteraction)
  | ({ readonly __edb_e__: "outcome_ledger" } & OutcomeLedger)
  | ({ readonly __edb_e__: "renewal" } & StoredRenewal)
  | ({ readonly __edb_e__: "teammate" } & TeamMember)
  | TotalsRow;

/** The latest of everything that belongs to a customer, also before the customer itself has been read. */
export interface CustomerState {
  /** One copy of the id for all that belongs to the customer. */
  readonly id: string;
  customer: StoredCustomer | undefined;
  score: LatestScore | undefined;
  contact: LastInteraction | undefined;
  ledger: OutcomeLedger | undefined;
  /** Replaced when one changes, so that rows keep what they were made of; so are renewals. */
  deployments: readonly StoredDeployment[];
  renewals: readonly StoredRenewal[];
}

/** A customer with everything that lists and portfolio figures ask about. Never changed, only replaced. */
export interface CustomerRow {
  readonly customer: StoredCustomer;
  /** The search form of the name, which is what `search` looks at. */
  readonly search_key: string;
  /** What an industry has in common with its other spellings; empty for none. */
  readonly industry_key: string;
  /** The user who manages the customer: linked, or named by the text (`people.ts`). */
  readonly manager: TeamMember | undefined;
  /** The user's name, else the free text, else empty. */
  readonly account_manager_name: string;
  /** The same, with the e-mail address where several users have this name. */
  readonly account_manager_label: string;
  /** The same for all customers of one manager, and another one for any other; empty without a manager. */
  readonly manager_key: string;
  readonly score: LatestScore | undefined;
  /** Undefined until somebody speaks with the customer. */
  readonly contact: LastInteraction | undefined;
  /** What became of the customer; undefined until somebody records something. */
  readonly ledger: OutcomeLedger | undefined;
  /** What is known of renewals of their terms, oldest first. */
  readonly renewals: readonly StoredRenewal[];
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

function managerFields(customer: StoredCustomer, team: Team) {
  const manager = team.managerOf(customer);
  const { account_manager_id: id = manager?.id, account_manager: name = "" } = customer;
  return {
    manager,
    account_manager_name: manager?.full_name ?? name,
    account_manager_label: manager ? team.label(manager) : name,
    manager_key: id === undefined ? name && `name:${nameForm(name)}` : `user:${id}`,
  };
}

/** A customer with all that belongs to it. */
export function customerRow(
  customer: StoredCustomer,
  { score, contact, ledger, renewals, deployments }: CustomerState,
  team: Team,
): CustomerRow {
  const { manager, account_manager_name, account_manager_label, manager_key } = managerFields(customer, team);
  return {
    customer,
    search_key: searchForm(customer.company_name),
    industry_key: uniqueForm(customer.industry ?? ""),
    manager,
    account_manager_name,
    account_manager_label,
    manager_key,
    score,
    contact,
    ledger,
    renewals,
    deployments,
    products: productsOf(deployments),
  };
}

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
