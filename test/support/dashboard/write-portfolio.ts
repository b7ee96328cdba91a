import type { TestCloud } from "../cloud.ts";
import { DAY_MS } from "./days.ts";
import type { AlertFact, CustomerFact } from "./facts.ts";
import type { ScoreFact } from "./score-facts.ts";

/** Writes a portfolio as it would stand had everything come at its time; what people do with alerts goes over HTTP. */
export async function writePortfolio(cloud: TestCloud, portfolio: readonly CustomerFact[]): Promise<void> {
  await writeRows(portfolio);
  for (const scores of byAge(portfolio)) await writeScores(scores);
  for (const { id, alerts } of portfolio) for (const alert of alerts) await writeAlert(id, alert);
  for (const { id, state } of portfolio.flatMap(({ alerts }) => alerts)) {
    const { api } = cloud.manager;
    if (state === "resolved") (await api.alerts.resolve({ params: { id }, body: null })).body();
    if (state === "snoozed") (await api.alerts.snooze({ params: { id }, body: { snooze_days: 7 } })).body();
  }
  await cloud.settled(60_000);
}

/** Stamps of a row that came at a moment. */
const stamps = (at: string) => ({ created_at: at, updated_at: at, changed_at: at, revision: 1 });

async function writeRows(portfolio: readonly CustomerFact[]) {
  const { CustomerEntity } = await import("@success-manager/domain/table");
  const { DeploymentEntity } = await import("@success-manager/domain/table");
  const { toStoredInteraction } = await import("@success-manager/domain/interactions");
  const { InteractionEntity } = await import("@success-manager/domain/table");
  const { toStoredSurvey } = await import("@success-manager/domain/surveys");
  const { SurveyEntity } = await import("@success-manager/domain/table");
  await CustomerEntity.put(portfolio.map(customerRow)).go();
  await DeploymentEntity.put(
    portfolio.flatMap(({ id, deployments, created_at }) =>
      deployments.map(({ product, ...facts }) => ({
        ...facts,
        customer_id: id,
        product_name: product,
        version: "1",
        environment: "hybrid" as const,
        license_type: "Enterprise",
        license_expiry: "2035-01-01",
        ...stamps(created_at),
      })),
    ),
  ).go();
  await InteractionEntity.put(
    portfolio.flatMap(({ id, interactions }) =>
      interactions.map(({ at, ...facts }) =>
        toStoredInteraction({
          ...facts,
          customer_id: id,
          subject: "Roadmap",
          description: "Talked about the roadmap.",
          sentiment: "neutral",
          performed_by: "Ada",
          interaction_date: at,
          follow_up_required: false,
        }),
      ),
    ),
  ).go();
  const surveys = portfolio.flatMap(({ id, company_name, responses }) =>
    responses.map(({ at, about, feedback, ...facts }) =>
      toStoredSurvey(
        {
          ...facts,
          customer_id: id,
          submitted_by_name: "Ada",
          submitted_by_email: "ada@example.com",
          submitted_at: at,
          ...(about && { product: about.product, product_deployment_id: about.id }),
          ...(feedback && { feedback_text: feedback }),
        },
        company_name,
      ),
    ),
  );
  await SurveyEntity.put(surveys).go();
}

const customerRow = ({ linked, ...fact }: CustomerFact) => ({
  id: fact.id,
  company_name: fact.company_name,
  industry: fact.industry,
  contract_value: fact.contract_value,
  contract_end_date: fact.contract_end_date,
  account_manager: fact.account_manager,
  account_manager_id: linked?.id,
  status: fact.status,
  deployed_products: [],
  portal_enabled: false,
  ...stamps(fact.created_at),
});

/** The first score of every customer who has one, then the second, and so on. */
function byAge(portfolio: readonly CustomerFact[]): [CustomerFact, ScoreFact][][] {
  const most = Math.max(...portfolio.map(({ scores }) => scores.length));
  return Array.from({ length: most }, (_, age) =>
    portfolio.flatMap((customer): [CustomerFact, ScoreFact][] => {
      const score = customer.scores[age];
      return score ? [[customer, score]] : [];
    }),
  );
}

const riskOf = (overall: number) => {
  if (overall >= 80) return "low";
  if (overall >= 60) return "medium";
  return overall >= 40 ? "high" : "critical";
};

/** Scores are planned and written as the job does it, with figures of our own; alerts and status stay as they are. */
async function writeScores(scores: readonly [CustomerFact, ScoreFact][]) {
  const { decideScore, EQUAL_WEIGHTS, writeDecisions } = await import("@success-manager/domain/health");
  const { LatestScoreEntity } = await import("@success-manager/domain/table");
  const plans = await Promise.all(
    scores.map(async ([customer, fact]) => {
      const { data: latest } = await LatestScoreEntity.get({ customer_id: customer.id }).go();
      const deployments = fact.running.map(({ product, ...facts }) => ({
        ...facts,
        customer_id: customer.id,
        product_name: product,
        version: "1",
        environment: "hybrid" as const,
        license_type: "Enterprise",
        license_expiry: "2035-01-01",
        is_active: true,
        ...stamps(customer.created_at),
      }));
      const subject = { customer: customerRow(customer), latest: latest ?? undefined, deployments };
      const decided = decideScore(
        { ...subject, interactions: [], responses: [] },
        new Date(fact.at),
        EQUAL_WEIGHTS,
      );
      const figures = {
        overall_score: fact.overall,
        adoption_score: fact.adoption,
        engagement_score: fact.engagement,
        support_score: fact.support,
        financial_score: fact.financial,
        risk_level: riskOf(fact.overall),
        score_trend: fact.trend,
      } as const;
      return {
        ...decided,
        score: { ...decided.score, ...figures },
        latest: {
          ...decided.latest,
          ...figures,
          // The points of later trends: the last one is this score.
          trail: decided.latest.trail.replace(/\d+$/, `${fact.overall}`),
        },
        statusChange: undefined,
        alerts: [],
      };
    }),
  );
  const left = await writeDecisions(plans);
  if (left.length > 0) throw new Error(`${left.length} scores were not written`);
}

async function writeAlert(customer_id: string, { id, alert_type, severity, created_at, state }: AlertFact) {
  const { commit } = await import("@success-manager/domain/table");
  const { openWrites } = await import("@success-manager/domain/alerts");
  const alert = {
    id,
    customer_id,
    condition: `manual#${id}`,
    alert_type,
    severity,
    title: "They are leaving",
    description: "So they say.",
    is_resolved: false,
    created_at,
    created_by: "system",
    updated_at: created_at,
    revision: 1,
    ...(state === "was snoozed" && {
      snoozed_until: new Date(Date.now() - DAY_MS).toISOString(),
      snoozed_by: "Ada",
    }),
  };
  await commit(openWrites(alert, undefined, new Date(created_at)));
}
