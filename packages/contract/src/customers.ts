import * as z from "zod";
import { Alert } from "./alert.ts";
import { created, del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { Interaction } from "./interactions.ts";
import { page, paging, sorting } from "./paging.ts";
import { HealthScore, ScoreSummary } from "./scores.ts";
import { Survey } from "./surveys.ts";
import {
  amount,
  calendarDate,
  count,
  date,
  decimal,
  email,
  integer,
  message,
  optionalText,
  revision,
  text,
  timestamp,
  uuid,
} from "./values.ts";
import { CustomerStatus, Environment, Product, Role } from "./vocabulary.ts";

const AccountManagerInfo = z
  .object({ id: z.uuid(), full_name: z.string(), email: z.string() })
  .meta({ id: "AccountManagerInfo" });

const fields = {
  id: z.uuid(),
  company_name: z.string(),
  industry: z.string().nullable(),
  contact_name: z.string().nullable(),
  contact_email: z.string().nullable(),
  contact_phone: z.string().nullable(),
  deployed_products: z.array(z.string()),
  contract_start_date: calendarDate.nullable(),
  contract_end_date: calendarDate.nullable(),
  contract_value: decimal.nullable().meta({ description: "Exact to the cent" }),
  account_manager_id: z.uuid().nullable(),
  account_manager: z.string().nullable().meta({ description: "Free text, for managers without an account" }),
  account_manager_name: z
    .string()
    .meta({ description: "The linked user's name, else the free text, else empty" }),
  status: CustomerStatus,
  logo_url: z.string().nullable(),
  notes: z.string().nullable(),
  portal_enabled: z.boolean(),
  created_at: timestamp,
  updated_at: timestamp,
  revision,
};

export const Customer = z
  .object({ ...fields, account_manager_info: AccountManagerInfo.nullable() })
  .meta({ id: "Customer" });
export type Customer = z.infer<typeof Customer>;

export const CustomerRow = z
  .object({
    ...fields,
    products: z.array(Product).meta({ description: "Products of active deployments" }),
    latest_health_score: ScoreSummary.nullable(),
  })
  .meta({ id: "CustomerRow" });
export type CustomerRow = z.infer<typeof CustomerRow>;

export const CUSTOMER_SORTS = [
  "created_at",
  "updated_at",
  "company_name",
  "industry",
  "status",
  "contract_value",
  "contract_start_date",
  "contract_end_date",
  "account_manager_name",
  "health_score",
] as const;

const percent = integer(0, 100);

export const CustomerFilter = z.object({
  ...paging(1000, 100),
  ...sorting(CUSTOMER_SORTS, "created_at"),
  search: text(255).optional().meta({ description: "Part of the company name, any case" }),
  status: CustomerStatus.optional().meta({ description: "Without it, churned customers are left out" }),
  industry: text(100).optional(),
  product: Product.optional(),
  account_manager: text(255).optional().meta({ description: "Name, as `account_manager_name` shows it" }),
  account_manager_id: uuid.optional(),
  min_health_score: percent.optional(),
  max_health_score: percent.optional(),
});
export type CustomerFilter = z.infer<typeof CustomerFilter>;

/** Notes are free text; 10 000 characters are four printed pages. */
const NOTES = 10_000;

const details = {
  industry: optionalText(100).optional(),
  contact_name: optionalText(255).optional(),
  contact_email: email.nullish(),
  contact_phone: optionalText(50).optional(),
  contract_start_date: date.nullish(),
  contract_end_date: date.nullish(),
  contract_value: amount.nullish(),
  account_manager_id: uuid.nullish(),
  account_manager: optionalText(255).optional(),
  logo_url: text(500)
    .pipe(z.url({ protocol: /^https$/, error: "must be an https address" }))
    .meta({ override: { type: "string", format: "uri", maxLength: 500 } })
    .nullish(),
  notes: optionalText(NOTES).optional(),
};

export const NewCustomer = z
  .object({
    company_name: text(255),
    ...details,
    deployed_products: z.array(text(100)).max(50).default([]),
    status: CustomerStatus.default("onboarding"),
    portal_enabled: z.boolean().default(false),
  })
  .meta({ id: "NewCustomer" });
export type NewCustomer = z.infer<typeof NewCustomer>;

/** An absent key stays; null clears what can be empty. */
export const CustomerChanges = z
  .object({
    company_name: text(255).optional(),
    ...details,
    deployed_products: z.array(text(100)).max(50).optional(),
    status: CustomerStatus.optional(),
    portal_enabled: z.boolean().optional(),
  })
  .meta({ id: "CustomerChanges" });
export type CustomerChanges = z.infer<typeof CustomerChanges>;

export const CustomerDetail = z
  .object({
    customer: Customer,
    product_deployments: z.array(
      z.object({
        id: z.uuid(),
        product_name: Product,
        deployment_date: calendarDate,
        version: z.string(),
        environment: Environment,
        license_type: z.string(),
        license_expiry: calendarDate,
        is_active: z.boolean(),
      }),
    ),
    health_scores_per_product: z.array(
      z.object({
        product_name: Product,
        deployment_id: z.uuid(),
        latest_health_score: ScoreSummary.nullable(),
      }),
    ),
    overall_health_score: ScoreSummary.nullable(),
    recent_interactions: z.array(
      Interaction.pick({
        id: true,
        interaction_type: true,
        subject: true,
        description: true,
        sentiment: true,
        performed_by: true,
        interaction_date: true,
        follow_up_required: true,
      }).meta({ id: "RecentInteraction" }),
    ),
    active_alerts: z.array(
      Alert.pick({
        id: true,
        alert_type: true,
        severity: true,
        title: true,
        description: true,
        is_resolved: true,
        created_at: true,
      }).meta({ id: "ActiveAlert" }),
    ),
    csat_summary: z.object({
      total_surveys: count,
      average_score: z.number().nullable().meta({ description: "Mean of the 1 to 5 scores; NPS apart" }),
      nps_score: z.int().min(-100).max(100).nullable(),
      recent_surveys: z.array(
        Survey.pick({
          id: true,
          survey_type: true,
          score: true,
          feedback_text: true,
          submitted_by_name: true,
          submitted_at: true,
        }).meta({ id: "RecentSurvey" }),
      ),
    }),
  })
  .meta({ id: "CustomerDetail" });
export type CustomerDetail = z.infer<typeof CustomerDetail>;

export const TimelineItem = z
  .object({
    type: z.enum(["interaction", "csat_survey", "health_score", "alert"]),
    id: z.uuid(),
    date: timestamp,
    title: z.string(),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: "TimelineItem" });
export type TimelineItem = z.infer<typeof TimelineItem>;

/** Whole days, both ends included; an inverted range is refused. */
export const ScoreHistoryFilter = z
  .object({ ...paging(), start_date: date.optional(), end_date: date.optional() })
  .refine((query) => !query.start_date || !query.end_date || query.start_date <= query.end_date, {
    path: ["end_date"],
    error: "must not be before start_date",
  });
export type ScoreHistoryFilter = z.infer<typeof ScoreHistoryFilter>;

export const AccountManager = z
  .object({ id: z.uuid(), full_name: z.string(), email: z.string(), role: Role })
  .meta({ id: "AccountManager" });
export type AccountManager = z.infer<typeof AccountManager>;

export const customers = group("customers", "Companies that buy from us", {
  list: get("/", {
    summary: "List customers with their latest health score",
    access: "member",
    query: CustomerFilter,
    returns: page("customers", CustomerRow),
  }),
  create: post("/", {
    summary: "Create a customer",
    access: "manager",
    body: NewCustomer,
    returns: created(Customer),
    errors: [409],
  }),
  industries: get("/industries", {
    summary: "Industries that customers have",
    access: "member",
    returns: z.array(z.string()),
  }),
  accountManagers: get("/account-managers", {
    summary: "Users who can manage an account: active admins and managers",
    access: "member",
    returns: z.array(AccountManager),
  }),
  get: get("/{id}", {
    summary: "A customer with products, scores, recent contacts, open alerts and satisfaction",
    access: "member",
    returns: CustomerDetail,
    errors: [404],
  }),
  update: put("/{id}", {
    summary: "Change a customer",
    access: "manager",
    body: CustomerChanges,
    returns: Customer,
    errors: [404, 409, 412],
  }),
  remove: del("/{id}", {
    summary: "Mark a customer as churned; the history stays readable",
    access: "manager",
    returns: message,
    errors: [404, 409],
  }),
  timeline: get("/{id}/timeline", {
    summary: "What happened with a customer, newest first",
    access: "member",
    query: z.object(paging(100, 50)),
    returns: page("items", TimelineItem),
    errors: [404],
  }),
  healthHistory: get("/{id}/health-history", {
    summary: "Health scores of a customer, newest first",
    access: "member",
    query: ScoreHistoryFilter,
    returns: page("health_scores", HealthScore),
    errors: [404],
  }),
});
