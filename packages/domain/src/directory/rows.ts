import { searchForm, uniqueForm } from "@success-manager/contract/text";
import type { Product } from "@success-manager/contract/vocabulary";
import type { TotalsRow } from "../counters/index.ts";
import { riskOf } from "../figures.ts";
import type {
  LastInteraction,
  LatestScore,
  OutcomeLedger,
  OverriddenScore,
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
  /** The newest score as it holds now (`scoreAt`). */
  readonly score: LatestScore | undefined;
  /** The same as it is stored, where that is another: what the next score is decided on. */
  readonly stored_score?: LatestScore | undefined;
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

/** A score with what it may have beside it. */
type Overridable = Partial<OverriddenScore> &
  Pick<LatestScore, "overall_score" | "risk_level" | "score_trend"> & {
    readonly band?: LatestScore["band"] | undefined;
  };

/** The number that holds at an instant (ISO): once an override has ended, the one that was calculated beside it. */
export const overallScoreAt = (
  {
    overall_score,
    override,
    calculated_score = overall_score,
  }: Pick<Overridable, "overall_score" | "override" | "calculated_score">,
  instant: string,
): number => (override && override.ends_at <= instant ? calculated_score : overall_score);

/**
 * A score as it holds at an instant: once an override has ended, the score that was calculated beside it, with its
 * band and trend. Whoever shows a newest score takes it from here; the directory's rows are made with it.
 *
 * @param instant ISO
 */
export function scoreAt<Score extends Overridable>(score: Score, instant: string): Score {
  const { override, calculated_score, calculated_band, calculated_trend } = score;
  if (!override || calculated_score === undefined || override.ends_at > instant) return score;
  const risk_level = riskOf(calculated_score);
  return {
    ...score,
    ...{ overall_score: calculated_score, risk_level, band: calculated_band ?? risk_level },
    score_trend: calculated_trend ?? score.score_trend,
    ...{ override: undefined, calculated_score: undefined },
    ...{ calculated_band: undefined, calculated_trend: undefined },
  };
}

/**
 * A customer with all that belongs to it.
 *
 * @param instant ISO, at which the score holds
 */
export function customerRow(
  customer: StoredCustomer,
  { score: stored, contact, ledger, renewals, deployments }: CustomerState,
  team: Team,
  instant: string,
): CustomerRow {
  const score = stored && scoreAt(stored, instant);
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
    ...(score !== stored && { stored_score: stored }),
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
