import type { InteractionType, SurveyType } from "@success-manager/contract/vocabulary";
import type { CustomerRow, DeploymentRow } from "../../directory/index.ts";
import { amountOf } from "../../figures.ts";
import type { Happening } from "./happening.ts";
import type { AlertRow, AnswerRow, ContactRow } from "./rows.ts";
import { shortened } from "./shortened.ts";

/** A customer's name; undefined when the directory does not know them. */
type Name = string | undefined;

export const newCustomer = ({ customer }: CustomerRow): Happening => ({
  id: customer.id,
  activity_type: "new_customer",
  title: "New customer",
  description: customer.company_name,
  customer_id: customer.id,
  customer_name: customer.company_name,
  timestamp: customer.created_at,
  metadata: {
    contract_value: customer.contract_value === undefined ? null : amountOf(customer.contract_value),
    industry: customer.industry ?? null,
  },
});

/** A deployment has a date, not an hour: it counts from the first moment of that day on. */
export const newDeployment = ({ deployment, customer }: DeploymentRow): Happening => ({
  id: deployment.id,
  activity_type: "new_deployment",
  title: `${deployment.product_name} deployed`,
  description: `Version ${deployment.version}`,
  customer_id: deployment.customer_id,
  customer_name: customer?.company_name ?? null,
  timestamp: `${deployment.deployment_date}T00:00:00.000Z`,
  metadata: {
    product: deployment.product_name,
    environment: deployment.environment,
    license_type: deployment.license_type,
  },
});

const CONTACT_TITLES: Readonly<Record<InteractionType, string>> = {
  support_ticket: "Support Ticket",
  meeting: "Meeting",
  email: "Email",
  call: "Call",
  escalation: "Escalation",
  training: "Training",
};

export const contact = (row: ContactRow, customer_name: Name): Happening => ({
  id: row.id,
  activity_type: "interaction",
  title: CONTACT_TITLES[row.interaction_type],
  description: row.subject,
  customer_id: row.customer_id,
  customer_name: customer_name ?? null,
  timestamp: row.interaction_date,
  metadata: {
    type: row.interaction_type,
    sentiment: row.sentiment,
    performed_by: row.performed_by_name ?? row.performed_by,
  },
});

const SURVEY_TITLES: Readonly<Record<SurveyType, string>> = {
  post_ticket: "Post Ticket Survey",
  quarterly: "Quarterly Survey",
  nps: "NPS Survey",
  onboarding: "Onboarding Survey",
};

export const answer = (row: AnswerRow, customer_name: Name): Happening => ({
  id: row.id,
  activity_type: "csat",
  title: `${SURVEY_TITLES[row.survey_type]}: ${row.score}/${row.survey_type === "nps" ? 10 : 5}`,
  description: row.feedback_text === undefined ? null : shortened(row.feedback_text),
  customer_id: row.customer_id,
  customer_name: customer_name ?? null,
  timestamp: row.submitted_at,
  metadata: { score: row.score, survey_type: row.survey_type },
});

export const alert = (row: AlertRow, customer_name: Name): Happening => ({
  id: row.id,
  activity_type: "alert",
  title: row.title,
  description: shortened(row.description),
  customer_id: row.customer_id,
  customer_name: customer_name ?? null,
  timestamp: row.created_at,
  metadata: { severity: row.severity, alert_type: row.alert_type, is_resolved: row.is_resolved },
});
