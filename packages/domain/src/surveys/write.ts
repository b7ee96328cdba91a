import { notFound, unprocessable } from "@success-manager/contract/problem";
import { scaleOf } from "@success-manager/contract/surveys";
import type { Severity, SurveyType } from "@success-manager/contract/vocabulary";
import { actionWrites, alertKey, type Detection } from "../alerts/index.ts";
import {
  batchGet,
  CustomerEntity,
  DeploymentEntity,
  type FoundOf,
  getRequest,
  put,
  type StoredCustomer,
  type StoredDeployment,
  type StoredSurvey,
  SurveyEntity,
  type Write,
} from "../table/index.ts";
import { findTicket, surveyWrite } from "../tickets/index.ts";

/** Up to which score a response is low, and up to which it is bad (decision 16). */
const limitsOf = (survey_type: SurveyType) =>
  survey_type === "nps" ? { low: 6, bad: 3 } : { low: 2, bad: 1 };

/** The severity of a low score; undefined for any other (decision 16). */
export function lowScoreSeverity(survey_type: SurveyType, score: number): Severity | undefined {
  const { low, bad } = limitsOf(survey_type);
  if (score <= bad) return "high";
  return score <= low ? "medium" : undefined;
}

/** With its article. */
const SURVEY_NAMES: Readonly<Record<SurveyType, string>> = {
  nps: "an NPS survey",
  post_ticket: "a post-ticket survey",
  quarterly: "a quarterly survey",
  onboarding: "an onboarding survey",
  general_feedback: "a general feedback survey",
  product_feedback: "a product feedback survey",
};

/** The alert about a low score; undefined for any other. The team reads it: names and words of the customer. */
export function detectLowScore(survey: StoredSurvey, company_name: string): Detection | undefined {
  const { id, customer_id, survey_type, score, submitted_by_name: name, submitted_by_email: email } = survey;
  const severity = lowScoreSeverity(survey_type, score);
  if (!severity) return undefined;
  const about = [survey.product, survey.ticket_reference].filter(Boolean).join(", ");
  const lines = [
    `${company_name} answered ${SURVEY_NAMES[survey_type]} with ${score} of ${scaleOf(survey_type).max}.`,
    about && `About: ${about}`,
    `From: ${[name, email].filter(Boolean).join(", ")}`,
    survey.feedback_text && `Feedback: ${survey.feedback_text}`,
  ];
  return {
    customer_id,
    condition: alertKey.survey(id),
    alert_type: "low_csat",
    severity,
    title: `Low score in ${SURVEY_NAMES[survey_type]}`,
    description: lines.filter(Boolean).join("\n"),
  };
}

/** What a new response reads and writes, whether the team records it or the customer answers through a link. */

/** Who is asked, and about what. */
export interface SurveyTarget {
  readonly customer: StoredCustomer;
  readonly deployment: StoredDeployment | undefined;
}

/** What a survey may be about. */
interface TargetInput {
  readonly customer_id: string;
  readonly product_deployment_id?: string | null | undefined;
}

/** How the customer and the deployment that a survey is about are read. */
export const targetReads = ({ customer_id, product_deployment_id }: TargetInput) =>
  [
    getRequest(CustomerEntity, customer_id),
    product_deployment_id ? getRequest(DeploymentEntity, product_deployment_id) : undefined,
  ] as const;
type FoundTarget = FoundOf<ReturnType<typeof targetReads>>;

/**
 * The customer and the deployment that a survey is about.
 *
 * @param found by `targetReads`; read in one request when absent
 * @throws 404 for an unknown customer; 422 when the deployment is not one of theirs, active or not
 */
export async function loadTarget(input: TargetInput, found?: FoundTarget): Promise<SurveyTarget> {
  const { customer_id, product_deployment_id } = input;
  const [customer, deployment] = found ?? (await batchGet(...targetReads(input)));
  if (!customer) throw notFound("Customer");
  if (product_deployment_id && deployment?.customer_id !== customer_id)
    throw unprocessable("product_deployment_id", "must be the id of a deployment of this customer");
  return { customer, deployment };
}

const shownAtTicket = ({ id, score, submitted_at }: StoredSurvey) => ({ id, score, submitted_at });

/**
 * The ticket that a response is about: the customer's own whose number `ticket_reference` is. Undefined for other
 * surveys and for references to anything else, which stay as they were typed.
 */
export const ticketOf = async ({
  survey_type,
  ticket_reference,
  customer_id,
}: Pick<StoredSurvey, "survey_type" | "ticket_reference" | "customer_id">): Promise<
  Pick<StoredSurvey, "ticket_id">
> => {
  if (survey_type !== "post_ticket" || ticket_reference === undefined) return {};
  const ticket_id = await findTicket(ticket_reference, customer_id);
  return ticket_id === undefined ? {} : { ticket_id };
};

/**
 * Everything that a new response writes: the response alone, mostly; with an alert when its score is low, and with the
 * ticket that shows it. Four items at most; their ids are new, so no condition can fail. Figures and the newest feedback
 * about a product follow from the stream.
 *
 * @param company_name for what the alert says
 */
export function responseWrites(survey: StoredSurvey, company_name: string, now: Date): Write[] {
  const lowScore = detectLowScore(survey, company_name);
  return [
    put(SurveyEntity, survey),
    ...(survey.ticket_id === undefined ? [] : [surveyWrite(survey.ticket_id, shownAtTicket(survey))]),
    ...(lowScore ? actionWrites({ kind: "open", detection: lowScore, before: undefined }, now) : []),
  ];
}
