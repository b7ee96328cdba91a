import { scaleOf } from "@success-manager/contract/surveys";
import type { Severity, SurveyType } from "@success-manager/contract/vocabulary";
import { alertKey, type Detection } from "../alerts/index.ts";
import type { StoredSurvey } from "../table/index.ts";

/** Up to which score an answer is low, and up to which it is bad. */
const limitsOf = (survey_type: SurveyType) =>
  survey_type === "nps" ? { low: 6, bad: 3 } : { low: 2, bad: 1 };

/** How much a score worries us; not at all when it is undefined (decision 16). */
export function severityOf(survey_type: SurveyType, score: number): Severity | undefined {
  const { low, bad } = limitsOf(survey_type);
  if (score <= bad) return "high";
  return score <= low ? "medium" : undefined;
}

/** With its article. */
const SURVEY: Readonly<Record<SurveyType, string>> = {
  nps: "an NPS survey",
  post_ticket: "a post-ticket survey",
  quarterly: "a quarterly survey",
  onboarding: "an onboarding survey",
};

/** What an alert says of a low answer; undefined for any other. The team reads it: names and words of the customer. */
export function lowScoreOf(survey: StoredSurvey, company_name: string): Detection | undefined {
  const { id, customer_id, survey_type, score, submitted_by_name: name, submitted_by_email: email } = survey;
  const severity = severityOf(survey_type, score);
  if (!severity) return undefined;
  const about = [survey.product, survey.ticket_reference].filter(Boolean).join(", ");
  const lines = [
    `${company_name} answered ${SURVEY[survey_type]} with ${score} of ${scaleOf(survey_type).max}.`,
    about && `About: ${about}`,
    `From: ${[name, email].filter(Boolean).join(", ")}`,
    survey.feedback_text && `Feedback: ${survey.feedback_text}`,
  ];
  return {
    customer_id,
    condition: alertKey.survey(id),
    alert_type: "low_csat",
    severity,
    title: `Low score in ${SURVEY[survey_type]}`,
    description: lines.filter(Boolean).join("\n"),
  };
}
