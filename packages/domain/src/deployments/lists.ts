import type {
  ByProductFilter,
  DEPLOYMENT_SORTS,
  DeploymentFilter,
  DeploymentStats,
  ExpiringDeployment,
  ExpiringFilter,
  DeploymentRow as Listed,
  ProductDeployment,
} from "@success-manager/contract/deployments";
import type { Product } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter, daysBetween } from "../calendar.ts";
import { type DeploymentRow, getDirectory, paginate } from "../directory/index.ts";
import { shown } from "./deployments.ts";

type Column = (row: DeploymentRow) => string | number | boolean | null | undefined;

const COLUMNS: Readonly<Record<(typeof DEPLOYMENT_SORTS)[number], Column>> = {
  created_at: ({ deployment }) => deployment.created_at,
  updated_at: ({ deployment }) => deployment.updated_at,
  product_name: ({ deployment }) => deployment.product_name,
  deployment_date: ({ deployment }) => deployment.deployment_date,
  version: ({ deployment }) => deployment.version,
  environment: ({ deployment }) => deployment.environment,
  license_type: ({ deployment }) => deployment.license_type.toLowerCase(),
  license_expiry: ({ deployment }) => deployment.license_expiry,
  is_active: ({ deployment }) => deployment.is_active,
  customer_name: ({ customer }) => customer?.company_name.toLowerCase(),
};

const matches = <T>(wanted: T | undefined, value: T) => wanted === undefined || wanted === value;

/** Deployments by filter, sorted by any column. */
export async function list(query: DeploymentFilter) {
  const directory = await getDirectory();
  const { skip: _, limit: __, cursor: ___, ...question } = query;
  const { rows, ...page } = paginate(
    directory.deploymentsBy(query.sort_by, COLUMNS[query.sort_by]),
    query.sort_order,
    ({ deployment }) =>
      matches(query.product_name, deployment.product_name) &&
      matches(query.environment, deployment.environment) &&
      matches(query.is_active, deployment.is_active) &&
      matches(query.customer_id, deployment.customer_id),
    query,
    question,
  );
  const deployments: Listed[] = rows.map(({ deployment, customer }) => ({
    ...shown(deployment),
    customer_name: customer?.company_name ?? null,
  }));
  return { deployments, ...page };
}

/** Licenses of active deployments that end from today on, within so many days, both ends included. */
function expiresWithin(days: number, today: string) {
  const last = daysAfter(today, days);
  return ({ deployment: { is_active, license_expiry } }: DeploymentRow) =>
    is_active && license_expiry >= today && license_expiry <= last;
}

const STATS_DAYS = 30;

/** Counts by state; products and environments count active deployments only. */
export async function stats(): Promise<DeploymentStats> {
  const { deployments, memoize } = await getDirectory();
  const today = dateOf(new Date());
  return memoize(`deployment stats ${today}`, () => statsOf(deployments.values(), today), ["deployment"]);
}

function statsOf(deployments: Iterable<DeploymentRow>, today: string): DeploymentStats {
  const result: DeploymentStats = {
    total_active: 0,
    total_inactive: 0,
    by_product: { MonetX: 0, SupportX: 0, GreenX: 0 },
    by_environment: { cloud: 0, on_premise: 0, hybrid: 0 },
    expiring_in_30_days: 0,
  };
  const expiring = expiresWithin(STATS_DAYS, today);
  for (const row of deployments) {
    const { is_active, product_name, environment } = row.deployment;
    if (!is_active) {
      result.total_inactive += 1;
      continue;
    }
    result.total_active += 1;
    result.by_product[product_name] += 1;
    result.by_environment[environment] += 1;
    if (expiring(row)) result.expiring_in_30_days += 1;
  }
  return result;
}

/** Days to the end of a license, up to which it is so urgent. */
const CRITICAL_DAYS = 7;
const HIGH_DAYS = 30;

const urgencyOf = (days: number) =>
  days <= CRITICAL_DAYS ? "critical" : days <= HIGH_DAYS ? "high" : "medium";

/** Active deployments whose license ends soon, soonest first. */
export async function expiring(query: ExpiringFilter) {
  const directory = await getDirectory();
  const today = dateOf(new Date());
  const view = directory.deploymentsBy("license_expiry", COLUMNS.license_expiry);
  const { rows, ...page } = paginate(view, "asc", expiresWithin(query.days, today), query, {
    days: query.days,
    today,
  });
  const deployments = rows.map(({ deployment, customer, manager_name }): ExpiringDeployment => {
    const days = daysBetween(today, deployment.license_expiry);
    return {
      id: deployment.id,
      customer_id: deployment.customer_id,
      product_name: deployment.product_name,
      version: deployment.version,
      environment: deployment.environment,
      license_type: deployment.license_type,
      license_expiry: deployment.license_expiry,
      customer_name: customer?.company_name ?? null,
      customer_contact_email: customer?.contact_email ?? null,
      account_manager: manager_name || null,
      days_until_expiry: days,
      urgency: urgencyOf(days),
    };
  });
  return { deployments, ...page };
}

/** Deployments of a product, newest deployment first, with the newest score that carries its label. */
export async function byProduct(product: Product, query: ByProductFilter) {
  const directory = await getDirectory();
  const { rows, ...page } = paginate(
    directory.deploymentsBy("deployment_date", COLUMNS.deployment_date),
    "desc",
    ({ deployment }) => deployment.product_name === product && matches(query.is_active, deployment.is_active),
    query,
    { product, is_active: query.is_active },
  );
  const deployments = rows.map(({ deployment, customer, score }): ProductDeployment => {
    const { created_at: _, updated_at: __, revision: ___, ...facts } = shown(deployment);
    const labelled = score?.by_deployment[deployment.id];
    return {
      ...facts,
      customer_name: customer?.company_name ?? null,
      customer_status: customer?.status ?? null,
      latest_health_score: labelled?.overall_score ?? null,
      health_trend: labelled?.score_trend ?? null,
    };
  });
  return { deployments, ...page };
}
