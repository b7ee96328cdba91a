/** Lines of the activity feed: what is read of each kind of row, and how it is told. */
import type { Activity } from "@success-manager/contract/dashboard";
import { truncate } from "@success-manager/contract/text";
import type { InteractionType, SurveyType } from "@success-manager/contract/vocabulary";
import type { CustomerRow, DeploymentRow } from "../directory/index.ts";
import { amountOf } from "../figures.ts";
import { NO_CUSTOMER, type StoredAlert, type StoredInteraction, type StoredSurvey } from "../table/index.ts";

/** An activity with the id of its row, which decides the order of activities of the same instant. */
export interface ActivityItem extends Activity {
  readonly id: string;
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Newest first; at the same instant by type, and within a type in the order of lists by time. */
const byNewest = (a: ActivityItem, b: ActivityItem) =>
  compareText(b.timestamp, a.timestamp) ||
  compareText(a.activity_type, b.activity_type) ||
  compareText(b.id, a.id);

/** The newest of several sources, each of which gives its newest; `limit` at most. */
export const mergeNewest = (sources: readonly (readonly ActivityItem[])[], limit: number): Activity[] =>
  sources
    .flat()
    .sort(byNewest)
    .slice(0, limit)
    .map(({ id: _, ...activity }) => activity);

/** How much of a long text the feed shows: a hundred characters and an ellipsis. */
const MAX_CHARACTERS = 101;

export const customerActivity = ({ customer }: CustomerRow): ActivityItem => ({
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

/** A deployment has a date without a time of day: it counts from the first moment of that day on. */
export const deploymentActivity = ({ deployment, customer }: DeploymentRow): ActivityItem => ({
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

/** A customer's name; undefined when the directory does not know the customer. */
type CustomerName = string | undefined;

export const INTERACTION_FIELDS = [
  "id",
  "customer_id",
  "interaction_type",
  "subject",
  "sentiment",
  "performed_by",
  "performed_by_name",
  "interaction_date",
] as const satisfies readonly (keyof StoredInteraction)[];
export type InteractionRow = Pick<StoredInteraction, (typeof INTERACTION_FIELDS)[number]>;

const INTERACTION_TITLES: Readonly<Record<InteractionType, string>> = {
  support_ticket: "Support Ticket",
  meeting: "Meeting",
  email: "Email",
  call: "Call",
  escalation: "Escalation",
  training: "Training",
};

export const interactionActivity = (row: InteractionRow, customer_name: CustomerName): ActivityItem => ({
  id: row.id,
  activity_type: "interaction",
  title: INTERACTION_TITLES[row.interaction_type],
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

export const SURVEY_FIELDS = [
  "id",
  "customer_id",
  "survey_type",
  "score",
  "feedback_text",
  "submitted_at",
] as const satisfies readonly (keyof StoredSurvey)[];
export type SurveyRow = Pick<StoredSurvey, (typeof SURVEY_FIELDS)[number]>;

const SURVEY_TITLES: Readonly<Record<SurveyType, string>> = {
  post_ticket: "Post Ticket Survey",
  quarterly: "Quarterly Survey",
  nps: "NPS Survey",
  onboarding: "Onboarding Survey",
  general_feedback: "General Feedback Survey",
  product_feedback: "Product Feedback Survey",
};

export const surveyActivity = (row: SurveyRow, customer_name: CustomerName): ActivityItem => ({
  id: row.id,
  activity_type: "csat",
  title: `${SURVEY_TITLES[row.survey_type]}: ${row.score}/${row.survey_type === "nps" ? 10 : 5}`,
  description: row.feedback_text === undefined ? null : truncate(row.feedback_text, MAX_CHARACTERS),
  customer_id: row.customer_id,
  customer_name: customer_name ?? null,
  timestamp: row.submitted_at,
  metadata: { score: row.score, survey_type: row.survey_type },
});

export const ALERT_FIELDS = [
  "id",
  "customer_id",
  "alert_type",
  "severity",
  "title",
  "description",
  "is_resolved",
  "created_at",
] as const satisfies readonly (keyof StoredAlert)[];
export type AlertRow = Pick<StoredAlert, (typeof ALERT_FIELDS)[number]>;

export const alertActivity = (row: AlertRow, customer_name: CustomerName): ActivityItem => ({
  id: row.id,
  activity_type: "alert",
  title: row.title,
  description: truncate(row.description, MAX_CHARACTERS),
  customer_id: row.customer_id === NO_CUSTOMER ? null : row.customer_id,
  customer_name: customer_name ?? null,
  timestamp: row.created_at,
  metadata: { severity: row.severity, alert_type: row.alert_type, is_resolved: row.is_resolved },
});
