import {
  CustomerStatus,
  Environment,
  Product,
  RiskLevel,
  Role,
  ScoreTrend,
} from "@success-manager/contract/vocabulary";
import type { LastInteraction, LatestScore, StoredCustomer, StoredDeployment } from "../table/index.ts";
import type { TeamMember } from "./feed.ts";
import { flag, maybeNumber, maybeText, number, record, text, texts, word } from "./readable.ts";

/**
 * Rows as the directory keeps them: without the table's keys, and all of a kind made by one literal. Attributes come
 * from the database in any order, and objects that were put together in different orders are slow to read: going
 * through 20 000 of them takes 25 ms, through these 1 ms. What is parsed from an answer is a new text each time: what
 * many rows have in common is kept once.
 *
 * Each throws when something is not what it should be: a sentence that names the attribute.
 */

const status = word(CustomerStatus.options);
const statusBeforeRisk = word(["active", "onboarding"]);
const product = word(Product.options);
const environment = word(Environment.options);
const riskLevel = word(RiskLevel.options);
const scoreTrend = word(ScoreTrend.options);
const role = word(Role.options);

/** Texts that many rows share, apart from the vocabulary: industries, names of managers. */
const shared = new Map<string, string>();
/** What people write there may be something else for every customer. */
const MOST_SHARED = 10_000;

/** One copy of a text for all rows that have it. */
function common(read: string): string {
  const known = shared.get(read);
  if (known !== undefined) return known;
  if (shared.size < MOST_SHARED) shared.set(read, read);
  return read;
}

const maybeCommon = (read: string | undefined, name: string) =>
  read === undefined ? read : common(text(read, name));

/** One copy of a text where another says the same. */
const either = (other: string, read: string) => (other === read ? other : read);

const NO_PRODUCTS: string[] = [];
const NO_LABELS: LatestScore["by_deployment"] = {};

export function compactCustomer(row: StoredCustomer): StoredCustomer {
  const created_at = text(row.created_at, "created_at");
  const updated_at = either(created_at, text(row.updated_at, "updated_at"));
  const products = texts(row.deployed_products, "deployed_products");
  return {
    id: text(row.id, "id"),
    company_name: text(row.company_name, "company_name"),
    industry: maybeCommon(row.industry, "industry"),
    contact_name: maybeText(row.contact_name, "contact_name"),
    contact_email: maybeText(row.contact_email, "contact_email"),
    contact_phone: maybeText(row.contact_phone, "contact_phone"),
    deployed_products: products.length === 0 ? NO_PRODUCTS : products,
    contract_start_date: maybeText(row.contract_start_date, "contract_start_date"),
    contract_end_date: maybeText(row.contract_end_date, "contract_end_date"),
    contract_value: maybeNumber(row.contract_value, "contract_value"),
    account_manager_id: maybeCommon(row.account_manager_id, "account_manager_id"),
    account_manager: maybeCommon(row.account_manager, "account_manager"),
    status: status(row.status, "status"),
    status_before_risk:
      row.status_before_risk && statusBeforeRisk(row.status_before_risk, "status_before_risk"),
    logo_url: maybeText(row.logo_url, "logo_url"),
    notes: maybeText(row.notes, "notes"),
    portal_enabled: flag(row.portal_enabled, "portal_enabled"),
    created_at,
    updated_at,
    changed_at: either(updated_at, text(row.changed_at, "changed_at")),
    revision: number(row.revision, "revision"),
  };
}

/** @param customer_id the directory's copy of the customer's id; here and in the following */
export function compactDeployment(row: StoredDeployment, customer_id: string): StoredDeployment {
  const created_at = text(row.created_at, "created_at");
  const updated_at = either(created_at, text(row.updated_at, "updated_at"));
  return {
    id: text(row.id, "id"),
    customer_id,
    product_name: product(row.product_name, "product_name"),
    deployment_date: text(row.deployment_date, "deployment_date"),
    version: common(text(row.version, "version")),
    environment: environment(row.environment, "environment"),
    license_type: common(text(row.license_type, "license_type")),
    license_expiry: text(row.license_expiry, "license_expiry"),
    is_active: flag(row.is_active, "is_active"),
    created_at,
    updated_at,
    changed_at: either(updated_at, text(row.changed_at, "changed_at")),
    revision: number(row.revision, "revision"),
  };
}

export function compactScore(row: LatestScore, customer_id: string): LatestScore {
  const labels = record(row.by_deployment, "by_deployment");
  return {
    id: text(row.id, "id"),
    customer_id,
    product_deployment_id: maybeText(row.product_deployment_id, "product_deployment_id"),
    overall_score: number(row.overall_score, "overall_score"),
    adoption_score: number(row.adoption_score, "adoption_score"),
    engagement_score: number(row.engagement_score, "engagement_score"),
    support_score: number(row.support_score, "support_score"),
    financial_score: number(row.financial_score, "financial_score"),
    risk_level: riskLevel(row.risk_level, "risk_level"),
    score_trend: scoreTrend(row.score_trend, "score_trend"),
    calculated_at: text(row.calculated_at, "calculated_at"),
    trail: text(row.trail, "trail"),
    by_deployment: Object.keys(labels).length === 0 ? NO_LABELS : labels,
    changed_at: text(row.changed_at, "changed_at"),
    revision: number(row.revision, "revision"),
  };
}

export const compactContact = (row: LastInteraction, customer_id: string): LastInteraction => ({
  customer_id,
  dates: texts(row.dates, "dates"),
  changed_at: text(row.changed_at, "changed_at"),
  revision: number(row.revision, "revision"),
});

export const compactTeammate = (row: TeamMember): TeamMember => ({
  id: text(row.id, "id"),
  full_name: text(row.full_name, "full_name"),
  email: text(row.email, "email"),
  role: role(row.role, "role"),
  is_active: flag(row.is_active, "is_active"),
  changed_at: text(row.changed_at, "changed_at"),
  revision: number(row.revision, "revision"),
});
