import type { CustomerDetail } from "@success-manager/contract/customers";
import { notFound } from "@success-manager/contract/problem";
import { alertStatesOf } from "../alerts/index.ts";
import { ALL_DAYS, countersRequest } from "../counters/index.ts";
import { getDirectory } from "../directory/index.ts";
import { summaryOf } from "../health/shown.ts";
import { answersIn } from "../surveys/counted.ts";
import { averageScore, countOf, netPromoterScore } from "../surveys/satisfaction.ts";
import {
  type AlertState,
  batchGet,
  CustomerEntity,
  getRequest,
  LatestScoreEntity,
  type StoredDeployment,
  type StoredInteraction,
  type StoredSurvey,
} from "../table/index.ts";
import { newest, recent } from "./recent.ts";
import { shown } from "./shown.ts";

const deployed = (deployment: StoredDeployment) => ({
  id: deployment.id,
  product_name: deployment.product_name,
  deployment_date: deployment.deployment_date,
  version: deployment.version,
  environment: deployment.environment,
  license_type: deployment.license_type,
  license_expiry: deployment.license_expiry,
  is_active: deployment.is_active,
});

const contact = (interaction: StoredInteraction) => ({
  id: interaction.id,
  interaction_type: interaction.interaction_type,
  subject: interaction.subject,
  description: interaction.description,
  sentiment: interaction.sentiment,
  performed_by: interaction.performed_by,
  interaction_date: interaction.interaction_date,
  follow_up_required: interaction.follow_up_required,
});

const answer = (survey: StoredSurvey) => ({
  id: survey.id,
  survey_type: survey.survey_type,
  score: survey.score,
  feedback_text: survey.feedback_text ?? null,
  submitted_by_name: survey.submitted_by_name,
  submitted_at: survey.submitted_at,
});

/** Open alerts that are not snoozed now, newest first. */
function activeAlerts(conditions: readonly AlertState[], now: Date): CustomerDetail["active_alerts"] {
  const instant = now.toISOString();
  return conditions
    .filter(({ state, snoozed_until = "" }) => state === "open" && snoozed_until <= instant)
    .sort((a, b) => b.created_at.localeCompare(a.created_at) || a.alert_id.localeCompare(b.alert_id))
    .map(({ alert_id, alert_type, severity, title, description, created_at }) => ({
      id: alert_id,
      alert_type,
      severity,
      title,
      description,
      is_resolved: false,
      created_at,
    }));
}

/**
 * A customer with everything that their page shows: four requests, at any size of the portfolio.
 * @throws 404
 */
export async function get(id: string): Promise<CustomerDetail> {
  const [[customer, latest, counters], directory, history, conditions] = await Promise.all([
    batchGet(
      getRequest(CustomerEntity, id),
      getRequest(LatestScoreEntity, id),
      countersRequest(`customer#${id}`, ALL_DAYS),
    ),
    getDirectory(),
    newest(id),
    alertStatesOf(id),
  ]);
  if (!customer) throw notFound("Customer");
  const { interactions, surveys, all_surveys } = await recent(id, history, counters);
  const answers = all_surveys ?? answersIn(counters, "survey|");
  const deployments = directory.customers.get(id)?.deployments ?? [];
  const manager = customer.account_manager_id ? directory.team.get(customer.account_manager_id) : undefined;
  return {
    customer: shown(customer, manager),
    product_deployments: deployments.map(deployed),
    health_scores_per_product: deployments.map(({ id, product_name }) => ({
      product_name,
      deployment_id: id,
      latest_health_score: latest?.by_deployment[id] ?? null,
    })),
    overall_health_score: latest ? summaryOf(latest) : null,
    recent_interactions: interactions.map(contact),
    active_alerts: activeAlerts(conditions, new Date()),
    csat_summary: {
      total_surveys: Math.max(countOf(answers), surveys.length),
      average_score: averageScore(answers),
      nps_score: netPromoterScore(answers),
      recent_surveys: surveys.map(answer),
    },
  };
}
