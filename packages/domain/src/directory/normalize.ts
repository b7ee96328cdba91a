import {
  CustomerAccess,
  CustomerStatus,
  Environment,
  HealthRisk,
  Language,
  OpenRenewalStage,
  Product,
  RiskLevel,
  Role,
  ScoreTrend,
} from "@success-manager/contract/vocabulary";
import type {
  LastInteraction,
  LatestScore,
  OutcomeLedger,
  StoredCustomer,
  StoredDeployment,
  StoredRenewal,
  TeamMember,
  Writer,
} from "../table/index.ts";
import {
  parseBoolean,
  parseEnum,
  parseNumber,
  parseOptionalNumber,
  parseOptionalString,
  parseRecord,
  parseString,
  parseStrings,
} from "./validate.ts";

/**
 * Rows as the directory keeps them: without the table's keys, and all of a kind made by one literal. Attributes come
 * from the database in any order, and objects that were put together in different orders are slow to read: going
 * through 20 000 of them takes 25 ms, through these 1 ms. What is parsed from an answer is a new text each time: what
 * many rows have in common is kept once.
 *
 * Each throws when something is not what it should be: a sentence that names the attribute.
 */

const status = parseEnum(CustomerStatus.options);
const statusBeforeRisk = parseEnum(["active", "onboarding"]);
const product = parseEnum(Product.options);
const environment = parseEnum(Environment.options);
const language = parseEnum(Language.options);
const riskLevel = parseEnum(RiskLevel.options);
const healthRisk = parseEnum(HealthRisk.options);
const scoreTrend = parseEnum(ScoreTrend.options);
const renewalStage = parseEnum(OpenRenewalStage.options);
const role = parseEnum(Role.options);
const access = parseEnum(CustomerAccess.options);

/** Texts that many rows share, apart from the vocabulary: industries, names of managers. */
const pool = new Map<string, string>();
/** What people write there may be something else for every customer. */
const MAX_POOL = 10_000;

/** One copy of a text for all rows that have it. */
function interned(read: string): string {
  const existing = pool.get(read);
  if (existing !== undefined) return existing;
  if (pool.size < MAX_POOL) pool.set(read, read);
  return read;
}

const optionalInterned = (read: string | undefined, name: string) =>
  read === undefined ? read : interned(parseString(read, name));

/** One copy of a text where another says the same. */
const sameCopy = (other: string, read: string) => (other === read ? other : read);

const NO_PRODUCTS: string[] = [];
const NO_LABELS: LatestScore["by_deployment"] = {};

const writers = new Map<string, Writer>();

/** One copy of a writer for all rows, without the request. What is none is left out: nothing is decided by it. */
function sharedWriter(read: Writer | undefined): Writer | undefined {
  if (typeof read !== "object" || read === null) return undefined;
  const { kind, id, name } = read;
  const key = `${kind} ${id} ${name}`;
  const existing = writers.get(key);
  if (existing) return existing;
  const made = { kind, id, name };
  if (writers.size < MAX_POOL) writers.set(key, made);
  return made;
}

export function normalizeCustomer(row: StoredCustomer): StoredCustomer {
  const created_at = parseString(row.created_at, "created_at");
  const updated_at = sameCopy(created_at, parseString(row.updated_at, "updated_at"));
  const products = parseStrings(row.deployed_products, "deployed_products");
  return {
    id: parseString(row.id, "id"),
    company_name: parseString(row.company_name, "company_name"),
    industry: optionalInterned(row.industry, "industry"),
    contact_name: parseOptionalString(row.contact_name, "contact_name"),
    contact_email: parseOptionalString(row.contact_email, "contact_email"),
    contact_phone: parseOptionalString(row.contact_phone, "contact_phone"),
    contact_language: row.contact_language && language(row.contact_language, "contact_language"),
    deployed_products: products.length === 0 ? NO_PRODUCTS : products,
    contract_start_date: parseOptionalString(row.contract_start_date, "contract_start_date"),
    contract_end_date: parseOptionalString(row.contract_end_date, "contract_end_date"),
    contract_value: parseOptionalNumber(row.contract_value, "contract_value"),
    account_manager_id: optionalInterned(row.account_manager_id, "account_manager_id"),
    account_manager: optionalInterned(row.account_manager, "account_manager"),
    status: status(row.status, "status"),
    status_before_risk:
      row.status_before_risk && statusBeforeRisk(row.status_before_risk, "status_before_risk"),
    logo_url: parseOptionalString(row.logo_url, "logo_url"),
    notes: parseOptionalString(row.notes, "notes"),
    portal_enabled: parseBoolean(row.portal_enabled, "portal_enabled"),
    created_at,
    updated_at,
    changed_at: sameCopy(updated_at, parseString(row.changed_at, "changed_at")),
    revision: parseNumber(row.revision, "revision"),
    written_by: sharedWriter(row.written_by),
  };
}

/** @param customer_id the directory's copy of the customer's id; here and in the following */
export function normalizeDeployment(row: StoredDeployment, customer_id: string): StoredDeployment {
  const created_at = parseString(row.created_at, "created_at");
  const updated_at = sameCopy(created_at, parseString(row.updated_at, "updated_at"));
  return {
    id: parseString(row.id, "id"),
    customer_id,
    product_name: product(row.product_name, "product_name"),
    deployment_date: parseString(row.deployment_date, "deployment_date"),
    version: interned(parseString(row.version, "version")),
    environment: environment(row.environment, "environment"),
    license_type: interned(parseString(row.license_type, "license_type")),
    license_expiry: parseString(row.license_expiry, "license_expiry"),
    is_active: parseBoolean(row.is_active, "is_active"),
    created_at,
    updated_at,
    changed_at: sameCopy(updated_at, parseString(row.changed_at, "changed_at")),
    revision: parseNumber(row.revision, "revision"),
  };
}

export function normalizeScore(row: LatestScore, customer_id: string): LatestScore {
  const labels = parseRecord(row.by_deployment, "by_deployment");
  return {
    id: parseString(row.id, "id"),
    customer_id,
    product_deployment_id: parseOptionalString(row.product_deployment_id, "product_deployment_id"),
    overall_score: parseNumber(row.overall_score, "overall_score"),
    adoption_score: parseNumber(row.adoption_score, "adoption_score"),
    engagement_score: parseNumber(row.engagement_score, "engagement_score"),
    support_score: parseNumber(row.support_score, "support_score"),
    financial_score: parseNumber(row.financial_score, "financial_score"),
    risk_level: riskLevel(row.risk_level, "risk_level"),
    score_trend: scoreTrend(row.score_trend, "score_trend"),
    calculated_at: parseString(row.calculated_at, "calculated_at"),
    definition_version: parseOptionalNumber(row.definition_version, "definition_version"),
    coverage: parseOptionalNumber(row.coverage, "coverage"),
    band: row.band && healthRisk(row.band, "band"),
    override: row.override && (parseRecord(row.override, "override") as LatestScore["override"]),
    calculated_score: parseOptionalNumber(row.calculated_score, "calculated_score"),
    calculated_band: row.calculated_band && healthRisk(row.calculated_band, "calculated_band"),
    calculated_trend: row.calculated_trend && scoreTrend(row.calculated_trend, "calculated_trend"),
    basis: optionalInterned(row.basis, "basis"),
    change: parseOptionalString(row.change, "change"),
    drift: parseOptionalString(row.drift, "drift"),
    entries: parseOptionalNumber(row.entries, "entries"),
    trail: parseString(row.trail, "trail"),
    by_deployment: Object.keys(labels).length === 0 ? NO_LABELS : labels,
    changed_at: parseString(row.changed_at, "changed_at"),
    revision: parseNumber(row.revision, "revision"),
  };
}

export const normalizeLastInteraction = (row: LastInteraction, customer_id: string): LastInteraction => ({
  customer_id,
  dates: parseStrings(row.dates, "dates"),
  changed_at: parseString(row.changed_at, "changed_at"),
  revision: parseNumber(row.revision, "revision"),
});

export const normalizeLedger = (row: OutcomeLedger, customer_id: string): OutcomeLedger => ({
  customer_id,
  began_on: parseString(row.began_on, "began_on"),
  facts: parseString(row.facts, "facts"),
  changed_at: parseString(row.changed_at, "changed_at"),
  revision: parseNumber(row.revision, "revision"),
});

const NO_ENDS: string[] = [];

export const normalizeRenewal = (row: StoredRenewal, customer_id: string): StoredRenewal => ({
  id: parseString(row.id, "id"),
  customer_id,
  number: parseNumber(row.number, "number"),
  spell: parseNumber(row.spell, "spell"),
  term_end: interned(parseString(row.term_end, "term_end")),
  former_ends: row.former_ends?.length ? parseStrings(row.former_ends, "former_ends") : NO_ENDS,
  stage: renewalStage(row.stage, "stage"),
  amount: parseOptionalNumber(row.amount, "amount"),
  next_step: parseOptionalString(row.next_step, "next_step"),
  next_step_due: parseOptionalString(row.next_step_due, "next_step_due"),
  owner_id: optionalInterned(row.owner_id, "owner_id"),
  outcome_id: parseOptionalString(row.outcome_id, "outcome_id"),
  created_score: parseOptionalNumber(row.created_score, "created_score"),
  created_band: row.created_band && healthRisk(row.created_band, "created_band"),
  lead_on: parseOptionalString(row.lead_on, "lead_on"),
  lead_score: parseOptionalNumber(row.lead_score, "lead_score"),
  lead_band: row.lead_band && healthRisk(row.lead_band, "lead_band"),
  created_at: parseString(row.created_at, "created_at"),
  updated_at: parseString(row.updated_at, "updated_at"),
  changed_at: parseString(row.changed_at, "changed_at"),
  revision: parseNumber(row.revision, "revision"),
});

export const normalizeTeamMember = (row: TeamMember): TeamMember => ({
  id: parseString(row.id, "id"),
  full_name: parseString(row.full_name, "full_name"),
  email: parseString(row.email, "email"),
  role: role(row.role, "role"),
  access: row.access && access(row.access, "access"),
  team: optionalInterned(row.team, "team"),
  is_active: parseBoolean(row.is_active, "is_active"),
  changed_at: parseString(row.changed_at, "changed_at"),
  revision: parseNumber(row.revision, "revision"),
});
