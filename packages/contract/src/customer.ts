import * as z from "zod";
import { Alert } from "./alert.ts";
import { Interaction } from "./interactions.ts";
import { LatestScoreChange, ScoreSummary } from "./scores.ts";
import { MeanFigure, NpsFigure, Survey } from "./surveys.ts";
import { uniqueForm } from "./text.ts";
import {
  amount,
  calendarDate,
  count,
  date,
  decimal,
  distinctBy,
  email,
  line,
  optionalLine,
  optionalText,
  pictureAddress,
  revision,
  timestamp,
  uuid,
} from "./values.ts";
import {
  CustomerStatus,
  Environment,
  HealthRisk,
  Language,
  Product,
  SuppressionReason,
} from "./vocabulary.ts";

/** The user who is linked, or the only active one whom the free text names. */
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
  contact_language: Language.nullable().meta({ description: "In which the contact is asked in surveys" }),
  deployed_products: z.array(z.string()),
  contract_start_date: calendarDate.nullable(),
  contract_end_date: calendarDate.nullable(),
  contract_value: decimal.nullable().meta({ description: "Exact to the cent" }),
  account_manager_id: z.uuid().nullable(),
  account_manager: z.string().nullable().meta({ description: "Free text, for managers without an account" }),
  account_manager_name: z.string().meta({
    description: "Name of the user who is linked or whom the free text names, else the text, else empty",
  }),
  status: CustomerStatus,
  logo_url: z.string().nullable(),
  notes: z.string().nullable(),
  portal_enabled: z.boolean(),
  created_at: timestamp,
  updated_at: timestamp,
  updated_by: z
    .string()
    .nullable()
    .meta({ description: "Name of who changed the customer last, or of a job" }),
  revision,
  account_manager_info: AccountManagerInfo.nullable().meta({
    description: "The user behind `account_manager_name`; null for somebody without an account",
  }),
};

export const Customer = z.object(fields).meta({ id: "Customer" });
export type Customer = z.infer<typeof Customer>;

export const CustomerRow = z
  .object({
    ...fields,
    products: z.array(Product).meta({ description: "Products of active deployments" }),
    latest_health_score: ScoreSummary.nullable(),
    score_change: z.int().nullable().meta({
      description:
        "Points since the score that `score_trend` compares with, which is 30 days older or more; null without one",
    }),
  })
  .meta({ id: "CustomerRow" });
export type CustomerRow = z.infer<typeof CustomerRow>;

export const FoundCustomer = z
  .object({
    ...Customer.shape,
    name: z.string().meta({ description: "`company_name` again" }),
    email: z.string().nullable().meta({ description: "`contact_email` again" }),
    health_score: z.int().min(0).max(100).nullable().meta({ description: "Of the newest score" }),
    band: HealthRisk.nullable(),
  })
  .meta({ id: "FoundCustomer" });
export type FoundCustomer = z.infer<typeof FoundCustomer>;

/** Characters; four printed pages. */
const MAX_NOTES = 10_000;

const editableFields = {
  industry: optionalLine(100).optional(),
  contact_name: optionalLine(255).optional(),
  contact_email: email.nullish(),
  contact_phone: optionalLine(50).optional(),
  contact_language: Language.nullish(),
  contract_start_date: date.nullish(),
  contract_end_date: date.nullish(),
  contract_value: amount.nullish(),
  account_manager_id: uuid.nullish(),
  account_manager: optionalLine(255).optional(),
  logo_url: pictureAddress.nullish(),
  notes: optionalText(MAX_NOTES).optional(),
};

/** Names as typed, each once in its first spelling. */
const productNames = z.array(line(100)).max(50).overwrite(distinctBy(uniqueForm));

export const NewCustomer = z
  .object({
    company_name: line(255),
    ...editableFields,
    deployed_products: productNames.default([]),
    status: CustomerStatus.default("onboarding"),
    portal_enabled: z.boolean().default(false),
  })
  .meta({ id: "NewCustomer" });
export type NewCustomer = z.infer<typeof NewCustomer>;

/** An absent key stays; null clears what can be empty. */
export const CustomerChanges = z
  .object({
    company_name: line(255).optional(),
    ...editableFields,
    deployed_products: productNames.optional(),
    status: CustomerStatus.optional(),
    portal_enabled: z.boolean().optional(),
  })
  .meta({ id: "CustomerChanges" });
export type CustomerChanges = z.infer<typeof CustomerChanges>;

export const CustomerDetail = z
  .object({
    customer: Customer,
    contact_email_problem: z
      .object({ reason: SuppressionReason, detail: z.string(), since: timestamp })
      .nullable()
      .meta({
        description:
          "Mail to `customer.contact_email` bounced or was reported as spam, so none is sent; null otherwise, and as soon as there is another address",
      }),
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
    latest_change: LatestScoreChange.nullable(),
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
      nps_score: z.int().min(-100).max(100).nullable().meta({
        description: "Of however few answers, null without any; `nps` says whether it may be shown",
      }),
      csat: MeanFigure.meta({ description: "`average_score` and what it is worth" }),
      nps: NpsFigure,
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
    type: z.enum(["interaction", "csat_survey", "health_score", "alert", "outcome"]),
    id: z.uuid(),
    date: timestamp,
    title: z.string(),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).meta({
      description:
        "By `type`; a ticket is its contact, with `ticket_id`, `ticket_status` and so on; a score that moved has `previous_score`, `change` and `since`",
    }),
  })
  .meta({ id: "TimelineItem" });
export type TimelineItem = z.infer<typeof TimelineItem>;
