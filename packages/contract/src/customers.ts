import * as z from "zod";
import {
  Customer,
  CustomerChanges,
  CustomerDetail,
  CustomerRow,
  FoundCustomer,
  NewCustomer,
  TimelineItem,
} from "./customer.ts";
import { created, del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { CustomerOutcomeFilter, NewOutcome, Outcome } from "./outcome.ts";
import { inOrder, page, paging, rowLimit, sorting } from "./paging.ts";
import { HealthScore, ScoreChanges, ScoreHistoryFilter } from "./scores.ts";
import { AccountManager } from "./user.ts";
import { date, integer, line, message, searchText, uuid } from "./values.ts";
import { CustomerStatus, HealthRisk, Product } from "./vocabulary.ts";

export {
  Customer,
  CustomerChanges,
  CustomerDetail,
  CustomerRow,
  FoundCustomer,
  NewCustomer,
  TimelineItem,
} from "./customer.ts";
export { ScoreHistoryFilter } from "./scores.ts";

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

export const CustomerFilter = z
  .object({
    ...paging(1000, 100),
    ...sorting(CUSTOMER_SORTS, "created_at"),
    search: searchText
      .optional()
      .meta({ description: "Part of the company name, without regard to case and accents" }),
    status: CustomerStatus.optional().meta({ description: "Without it, churned customers are left out" }),
    industry: line(100).optional(),
    product: Product.optional(),
    account_manager: line(255)
      .optional()
      .meta({ description: "Name, as `account_manager_name` shows it, however it is spelled" }),
    account_manager_id: uuid
      .optional()
      .meta({ description: "A user: linked, or the only active one whom `account_manager` names" }),
    min_health_score: percent.optional(),
    max_health_score: percent.optional(),
    band: HealthRisk.optional().meta({
      description: "Of the newest score; customers without a score have none",
    }),
  })
  .refine(...inOrder("min_health_score", "max_health_score", "below"));
export type CustomerFilter = z.infer<typeof CustomerFilter>;

/** The score that held at the end of one day, and at the end of another. */
export const ScoreChangesFilter = z
  .object({ from: date.optional(), to: date.optional() })
  .refine(...inOrder("from", "to"));
export type ScoreChangesFilter = z.infer<typeof ScoreChangesFilter>;

const limit = rowLimit(1000, 100);

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
  search: get("/search", {
    summary: "Find customers by a part of their name, best match first; churned ones too",
    access: "member",
    query: z.object({
      q: searchText.meta({ description: "Part of the company name, without regard to case and accents" }),
      limit: rowLimit(50, 10),
    }),
    returns: z.object({ customers: z.array(FoundCustomer) }),
  }),
  atRisk: get("/at-risk", {
    summary: "Customers who are at risk by status or newest score, lowest score first",
    access: "member",
    query: z.object({ limit }),
    returns: z.array(Customer),
  }),
  expiringSoon: get("/expiring-soon", {
    summary: "Customers whose contract ends within so many days, soonest first",
    access: "member",
    query: z.object({ days: integer(1, 365).default(90), limit }),
    returns: z.array(Customer),
  }),
  get: get("/{id}", {
    summary: "A customer with products, scores, recent contacts, open alerts and satisfaction",
    access: "member",
    returns: CustomerDetail,
    resource: "customer",
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
    summary:
      "Mark a customer as churned: alerts end, follow-ups wait, the history stays readable. PUT another status brings them back",
    access: "manager",
    returns: message,
    errors: [404, 409, 412],
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
  scoreChanges: get("/{id}/score-changes", {
    summary: "Why a customer's score moved between two days",
    access: "member",
    query: ScoreChangesFilter,
    returns: ScoreChanges,
    errors: [404],
  }),
  outcomes: get("/{id}/outcomes", {
    summary: "Outcomes of a customer, newest first",
    access: "member",
    query: CustomerOutcomeFilter,
    returns: page("outcomes", Outcome),
    errors: [404],
  }),
  recordOutcome: post("/{id}/outcomes", {
    summary: "Record what became of a customer: now, earlier or ahead",
    access: "manager",
    body: NewOutcome,
    returns: created(Outcome),
    errors: [404, 409],
  }),
});
