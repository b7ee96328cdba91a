import * as z from "zod";
import { created, del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page, paging, sorting } from "./paging.ts";
import { ScoreSummary } from "./scores.ts";
import { calendarDate, count, date, flag, integer, line, revision, timestamp, uuid } from "./values.ts";
import { CustomerStatus, Environment, HealthRisk, Product, ScoreTrend } from "./vocabulary.ts";

export const Deployment = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    product_name: Product,
    deployment_date: calendarDate,
    version: z.string().meta({ description: "Of the product, as installed" }),
    environment: Environment,
    license_type: z.string(),
    license_expiry: calendarDate,
    is_active: z.boolean(),
    created_at: timestamp,
    updated_at: timestamp,
    revision,
  })
  .meta({ id: "Deployment" });
export type Deployment = z.infer<typeof Deployment>;

export const DeploymentRow = z
  .object({ ...Deployment.shape, customer_name: z.string().nullable() })
  .meta({ id: "DeploymentRow" });
export type DeploymentRow = z.infer<typeof DeploymentRow>;

export const DEPLOYMENT_SORTS = [
  "created_at",
  "updated_at",
  "product_name",
  "deployment_date",
  "version",
  "environment",
  "license_type",
  "license_expiry",
  "is_active",
  "customer_name",
] as const;

export const DeploymentFilter = z.object({
  ...paging(),
  ...sorting(DEPLOYMENT_SORTS, "created_at"),
  product_name: Product.optional(),
  environment: Environment.optional(),
  is_active: flag.optional(),
  customer_id: uuid.optional(),
});
export type DeploymentFilter = z.infer<typeof DeploymentFilter>;

export const ExpiringFilter = z.object({ ...paging(), days: integer(1, 365).default(30) });
export type ExpiringFilter = z.infer<typeof ExpiringFilter>;

export const ByProductFilter = z.object({ ...paging(), is_active: flag.optional() });
export type ByProductFilter = z.infer<typeof ByProductFilter>;

const fields = {
  product_name: Product,
  deployment_date: date,
  version: line(50),
  environment: Environment,
  license_type: line(100),
  license_expiry: date,
};

export const NewDeployment = z
  .object({ customer_id: uuid, ...fields, is_active: z.boolean().default(true) })
  .refine((body) => body.deployment_date <= body.license_expiry, {
    path: ["license_expiry"],
    error: "must not be before deployment_date",
  })
  .meta({ id: "NewDeployment" });
export type NewDeployment = z.infer<typeof NewDeployment>;

/** Nothing of a deployment can be empty, so null is refused. */
export const DeploymentChanges = z
  .object({ ...fields, is_active: z.boolean() })
  .partial()
  .meta({ id: "DeploymentChanges" });
export type DeploymentChanges = z.infer<typeof DeploymentChanges>;

const countsBy = <const V extends readonly string[]>(values: V) =>
  z.object(Object.fromEntries(values.map((value) => [value, count])) as Record<V[number], typeof count>);

export const DeploymentStats = z
  .object({
    total_active: count,
    total_inactive: count,
    by_product: countsBy(Product.options),
    by_environment: countsBy(Environment.options),
    expiring_in_30_days: count,
    churned_customers: count.meta({
      description: "Customers who have left; their deployments are not counted",
    }),
  })
  .meta({ id: "DeploymentStats" });
export type DeploymentStats = z.infer<typeof DeploymentStats>;

export const ExpiringDeployment = z
  .object({
    ...Deployment.pick({
      id: true,
      customer_id: true,
      product_name: true,
      version: true,
      environment: true,
      license_type: true,
      license_expiry: true,
    }).shape,
    customer_name: z.string().nullable(),
    customer_contact_email: z.string().nullable(),
    account_manager: z.string().nullable(),
    days_until_expiry: z.int(),
    urgency: z.enum(["critical", "high", "medium"]),
  })
  .meta({ id: "ExpiringDeployment" });
export type ExpiringDeployment = z.infer<typeof ExpiringDeployment>;

export const ProductDeployment = z
  .object({
    ...Deployment.omit({ created_at: true, updated_at: true, revision: true }).shape,
    customer_name: z.string().nullable(),
    customer_status: CustomerStatus.nullable(),
    latest_health_score: count.nullable(),
    health_trend: ScoreTrend.nullable(),
    band: HealthRisk.nullable(),
  })
  .meta({ id: "ProductDeployment" });
export type ProductDeployment = z.infer<typeof ProductDeployment>;

const score = z.int().min(0).max(100);

const DeploymentScore = z
  .object({
    overall_score: score,
    engagement_score: score,
    adoption_score: score,
    support_score: score,
    financial_score: score,
    score_trend: ScoreTrend,
    calculated_at: timestamp,
    ...ScoreSummary.pick({ definition_version: true, coverage: true, band: true }).shape,
  })
  .meta({ id: "DeploymentScore" });

export const DeploymentDetail = z
  .object({
    deployment: Deployment,
    customer: z
      .object({
        id: z.uuid(),
        company_name: z.string(),
        industry: z.string().nullable(),
        status: CustomerStatus,
        contact_name: z.string().nullable(),
        contact_email: z.string().nullable(),
      })
      .nullable(),
    latest_health_score: DeploymentScore.nullable(),
    health_score_history: z.array(DeploymentScore).meta({ description: "The newest ten" }),
  })
  .meta({ id: "DeploymentDetail" });
export type DeploymentDetail = z.infer<typeof DeploymentDetail>;

export const deployments = group("deployments", "Products that customers run, with their licenses", {
  list: get("/", {
    summary: "List deployments",
    access: "member",
    query: DeploymentFilter,
    returns: page("deployments", DeploymentRow),
  }),
  create: post("/", {
    summary: "Record a deployment",
    access: "manager",
    body: NewDeployment,
    returns: created(Deployment),
    errors: [404],
  }),
  stats: get("/stats", {
    summary: "Deployment figures, of customers who have not left",
    access: "member",
    returns: DeploymentStats,
  }),
  expiring: get("/expiring", {
    summary: "Active deployments of customers who have not left, whose license ends soon, soonest first",
    access: "member",
    query: ExpiringFilter,
    returns: page("deployments", ExpiringDeployment),
  }),
  byProduct: get("/by-product/{name}", {
    summary: "Deployments of a product",
    access: "member",
    params: { name: Product },
    query: ByProductFilter,
    returns: page("deployments", ProductDeployment),
  }),
  get: get("/{id}", {
    summary: "A deployment with its customer and scores",
    access: "member",
    returns: DeploymentDetail,
    resource: "deployment",
    errors: [404],
  }),
  update: put("/{id}", {
    summary: "Change a deployment",
    access: "manager",
    body: DeploymentChanges,
    returns: Deployment,
    errors: [404, 409, 412],
  }),
  remove: del("/{id}", {
    summary: "Deactivate a deployment",
    access: "manager",
    returns: Deployment,
    errors: [404, 409, 412],
  }),
});
