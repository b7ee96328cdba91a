import type { CustomerDetail } from "@success-manager/contract/customers";
import { notFound } from "@success-manager/contract/problem";
import { alertStatesOf } from "../alerts/index.ts";
import type { Counters } from "../counters/index.ts";
import { getDirectory, scoreAt } from "../directory/index.ts";
import { labelledScore, toLatestChange, toScoreSummary } from "../health/index.ts";
import { problemOf } from "../mail/index.ts";
import {
  averageScore,
  countResponses,
  netPromoterScore,
  parseScoreCounts,
  satisfactionFigures,
} from "../surveys/index.ts";
import type { AlertState, StoredDeployment } from "../table/index.ts";
import { toCustomer } from "./serialize.ts";
import { countEntries, type FoundOfPage, occurredAt, type ShownEntry, timelineEntries } from "./timeline.ts";

const toDeploymentItem = (deployment: StoredDeployment) => ({
  id: deployment.id,
  product_name: deployment.product_name,
  deployment_date: deployment.deployment_date,
  version: deployment.version,
  environment: deployment.environment,
  license_type: deployment.license_type,
  license_expiry: deployment.license_expiry,
  is_active: deployment.is_active,
});

type Kind = ShownEntry["__edb_e__"];
type Entry<K extends Kind> = Extract<ShownEntry, { readonly __edb_e__: K }>;

const toInteractionItem = (interaction: Entry<"interaction">) => ({
  id: interaction.id,
  interaction_type: interaction.interaction_type,
  subject: interaction.subject,
  description: interaction.description,
  sentiment: interaction.sentiment,
  performed_by: interaction.performed_by,
  interaction_date: interaction.interaction_date,
  follow_up_required: interaction.follow_up_required,
});

const toSurveyItem = (survey: Entry<"survey">) => ({
  id: survey.id,
  survey_type: survey.survey_type,
  score: survey.score,
  feedback_text: survey.feedback_text ?? null,
  submitted_by_name: survey.submitted_by_name,
  submitted_at: survey.submitted_at,
});

/** Open alerts that are not snoozed now, newest first. */
function activeAlerts(states: readonly AlertState[], now: Date): CustomerDetail["active_alerts"] {
  const instant = now.toISOString();
  return states
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

/** How many interactions and surveys the page shows of each. */
const RECENT = 5;

/** How many timeline entries are read at first, and at a time when those hold too few interactions or surveys. */
const FIRST_PAGE = 40;
const NEXT_PAGE = 400;

const isKind =
  <K extends Kind>(kind: K) =>
  (entry: ShownEntry): entry is Entry<K> =>
    entry.__edb_e__ === kind;

/**
 * The newest interactions and surveys of a customer, at most five of each: out of the first page, and further back
 * only where that holds too few of what the counters say there are.
 *
 * @returns also all surveys, when the first page was the whole timeline: its rows are ahead of the counters
 */
async function recentItems(
  customer_id: string,
  firstPage: readonly ShownEntry[],
  counters: Counters | undefined,
) {
  const found = [...firstPage];
  const whole = firstPage.length < FIRST_PAGE;
  const tooFew = (kind: "interaction" | "survey") =>
    found.filter(isKind(kind)).length < Math.min(RECENT, countEntries(counters, [kind]));
  let last = whole ? undefined : firstPage.at(-1);
  while (last && (tooFew("interaction") || tooFew("survey"))) {
    const more = await timelineEntries(customer_id, NEXT_PAGE, `${occurredAt(last)}#${last.id}`);
    found.push(...more);
    last = more.length < NEXT_PAGE ? undefined : more.at(-1);
  }
  const surveys = found.filter(isKind("survey"));
  return {
    interactions: found.filter(isKind("interaction")).slice(0, RECENT),
    surveys: surveys.slice(0, RECENT),
    all_surveys: whole ? surveys : undefined,
  };
}

/**
 * A customer with everything that their page shows: four requests, at any size of the portfolio.
 *
 * @param found by `pageReads`
 * @throws 404
 */
export async function get(id: string, found: FoundOfPage): Promise<CustomerDetail> {
  const [customer, stored, counters] = found;
  if (!customer) throw notFound("Customer");
  const now = new Date();
  const latest = stored && scoreAt(stored, now.toISOString());
  const { contact_email } = customer;
  const [directory, firstPage, states, problem] = await Promise.all([
    getDirectory(),
    timelineEntries(id, FIRST_PAGE),
    alertStatesOf(id),
    contact_email === undefined ? undefined : problemOf(contact_email, now),
  ]);
  const { interactions, surveys, all_surveys } = await recentItems(id, firstPage, counters);
  const responses = all_surveys ?? parseScoreCounts(counters, "survey|");
  const deployments = directory.customers.get(id)?.deployments ?? [];
  const manager = directory.managerOf(customer);
  return {
    customer: toCustomer(customer, manager),
    contact_email_problem: problem ?? null,
    product_deployments: deployments.map(toDeploymentItem),
    health_scores_per_product: deployments.map(({ id, product_name }) => ({
      product_name,
      deployment_id: id,
      latest_health_score: labelledScore(latest, id, now.toISOString()),
    })),
    overall_health_score: latest ? toScoreSummary(latest) : null,
    latest_change: await toLatestChange(stored, now),
    recent_interactions: interactions.map(toInteractionItem),
    active_alerts: activeAlerts(states, now),
    csat_summary: {
      total_surveys: Math.max(countResponses(responses), surveys.length),
      average_score: averageScore(responses),
      nps_score: netPromoterScore(responses),
      ...satisfactionFigures(responses, counters, "survey_link|"),
      recent_surveys: surveys.map(toSurveyItem),
    },
  };
}
