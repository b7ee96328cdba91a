import type {
  ByProductFilter,
  DEPLOYMENT_SORTS,
  Deployment,
  DeploymentFilter,
  DeploymentRow as DeploymentListItem,
  ExpiringDeployment,
  ExpiringFilter,
  ProductDeployment,
} from "@success-manager/contract/deployments";
import type { Product } from "@success-manager/contract/vocabulary";
import { dateOf, daysBetween } from "../calendar.ts";
import { type Column, type DeploymentRow, getDirectory, paginate, textColumn } from "../directory/index.ts";
import { labelledScore } from "../health/index.ts";
import { licenseEndsWithin, nextDays } from "../portfolio/index.ts";
import type { StoredDeployment } from "../table/index.ts";

/** A deployment as the API shows it. Field by field: rows of the directory carry the table's keys as well. */
export const toDeployment = (deployment: StoredDeployment): Deployment => ({
  id: deployment.id,
  customer_id: deployment.customer_id,
  product_name: deployment.product_name,
  deployment_date: deployment.deployment_date,
  version: deployment.version,
  environment: deployment.environment,
  license_type: deployment.license_type,
  license_expiry: deployment.license_expiry,
  is_active: deployment.is_active,
  created_at: deployment.created_at,
  updated_at: deployment.updated_at,
  revision: deployment.revision,
});

const SORT_COLUMNS: Readonly<Record<(typeof DEPLOYMENT_SORTS)[number], Column<DeploymentRow>>> = {
  created_at: ({ deployment }) => deployment.created_at,
  updated_at: ({ deployment }) => deployment.updated_at,
  product_name: ({ deployment }) => deployment.product_name,
  deployment_date: ({ deployment }) => deployment.deployment_date,
  version: textColumn(({ deployment }) => deployment.version),
  environment: ({ deployment }) => deployment.environment,
  license_type: textColumn(({ deployment }) => deployment.license_type),
  license_expiry: ({ deployment }) => deployment.license_expiry,
  is_active: ({ deployment }) => deployment.is_active,
  customer_name: textColumn(({ customer }) => customer?.company_name),
};

/** Whether a value is the one that a filter names; every value when it names none. */
const matches = <T>(filter: T | undefined, value: T) => filter === undefined || filter === value;

/** What a filter asks of a deployment; where it asks nothing, none of 200 000 is looked at. */
function conditionsOf({ product_name, environment, is_active, customer_id }: DeploymentFilter) {
  const wanted = Object.entries({ product_name, environment, is_active, customer_id }).filter(
    ([, value]) => value !== undefined,
  ) as [keyof StoredDeployment, unknown][];
  return (row: DeploymentRow) =>
    wanted.length === 0 || wanted.every(([name, value]) => row.deployment[name] === value);
}

/** Deployments by filter, sorted by any column. */
export async function list(query: DeploymentFilter) {
  const directory = await getDirectory();
  const { rows, ...page } = paginate(
    directory.deploymentsBy(query.sort_by, SORT_COLUMNS[query.sort_by]),
    query.sort_order,
    conditionsOf(query),
    query,
  );
  const deployments: DeploymentListItem[] = rows.map(({ deployment, customer }) => ({
    ...toDeployment(deployment),
    customer_name: customer?.company_name ?? null,
  }));
  return { deployments, ...page };
}

/** Up to how many days before its end a license is so urgent. */
const CRITICAL_DAYS = 7;
const HIGH_DAYS = 30;

const urgencyOf = (days: number) =>
  days <= CRITICAL_DAYS ? "critical" : days <= HIGH_DAYS ? "high" : "medium";

/** Active deployments whose license ends soon, soonest first; without those of customers who have left. */
export async function expiring(query: ExpiringFilter) {
  const directory = await getDirectory();
  const today = dateOf(new Date());
  const view = directory.deploymentsBy("license_expiry", SORT_COLUMNS.license_expiry);
  const ends = licenseEndsWithin(query.days, today);
  const { rows, ...page } = paginate(view, "asc", ends, query, nextDays(query.days, today));
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
  const now = new Date().toISOString();
  const { rows, ...page } = paginate(
    directory.deploymentsBy("deployment_date", SORT_COLUMNS.deployment_date),
    "desc",
    ({ deployment }) => deployment.product_name === product && matches(query.is_active, deployment.is_active),
    query,
  );
  const deployments = rows.map(({ deployment, customer, score }): ProductDeployment => {
    const { created_at: _, updated_at: __, revision: ___, ...facts } = toDeployment(deployment);
    const labelled = labelledScore(score, deployment.id, now);
    return {
      ...facts,
      customer_name: customer?.company_name ?? null,
      customer_status: customer?.status ?? null,
      latest_health_score: labelled?.overall_score ?? null,
      health_trend: labelled?.score_trend ?? null,
      band: labelled?.band ?? null,
    };
  });
  return { deployments, ...page };
}
