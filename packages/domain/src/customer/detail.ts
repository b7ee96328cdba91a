import type { CustomerDetail } from "@success-manager/contract/customers";
import { notFound } from "@success-manager/contract/problem";
import type { StoredDeployment } from "../deployment/entity.ts";
import { current } from "../directory/index.ts";
import { latestGet } from "../health/history.ts";
import { summaryOf } from "../health/shown.ts";
import { averageScore, netPromoterScore } from "../survey/index.ts";
import { batchGet } from "../table/index.ts";
import { customerGet } from "./customers.ts";
import { entries, type HistoryEntry } from "./history.ts";
import { shown } from "./shown.ts";

/** How many contacts and surveys the page shows. */
const RECENT = 5;

const only =
  <K extends HistoryEntry["__edb_e__"]>(kind: K) =>
  (entry: HistoryEntry): entry is Extract<HistoryEntry, { __edb_e__: K }> =>
    entry.__edb_e__ === kind;

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

/**
 * A customer with everything that their page shows: four requests, at any size of the portfolio.
 * @throws 404
 */
export async function get(id: string): Promise<CustomerDetail> {
  const [[customer, latest], directory, history] = await Promise.all([
    batchGet(customerGet(id), latestGet(id)),
    current(),
    entries(id, {}),
  ]);
  if (!customer) throw notFound("Customer");
  const row = directory.customers.get(id);
  const deployments = row?.deployments ?? [];
  const manager = customer.account_manager_id ? directory.team.get(customer.account_manager_id) : undefined;
  const surveys = history.filter(only("survey"));
  const overall = latest ? summaryOf(latest) : null;
  return {
    customer: shown(customer, manager),
    product_deployments: deployments.map(deployed),
    health_scores_per_product: deployments.map(({ id, product_name }) => ({
      product_name,
      deployment_id: id,
      latest_health_score: latest?.by_deployment[id] ?? null,
    })),
    overall_health_score: overall,
    recent_interactions: history
      .filter(only("interaction"))
      .slice(0, RECENT)
      .map((interaction) => ({
        id: interaction.id,
        interaction_type: interaction.interaction_type,
        subject: interaction.subject,
        description: interaction.description,
        sentiment: interaction.sentiment,
        performed_by: interaction.performed_by,
        interaction_date: interaction.interaction_date,
        follow_up_required: interaction.follow_up_required,
      })),
    // Nothing raises alerts yet.
    active_alerts: [],
    csat_summary: {
      total_surveys: surveys.length,
      average_score: averageScore(surveys),
      nps_score: netPromoterScore(surveys),
      recent_surveys: surveys.slice(0, RECENT).map((survey) => ({
        id: survey.id,
        survey_type: survey.survey_type,
        score: survey.score,
        feedback_text: survey.feedback_text ?? null,
        submitted_by_name: survey.submitted_by_name,
        submitted_at: survey.submitted_at,
      })),
    },
  };
}
