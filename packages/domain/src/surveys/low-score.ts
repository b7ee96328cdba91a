import { scaleOf } from "@success-manager/contract/surveys";
import type { Severity, SurveyType } from "@success-manager/contract/vocabulary";
import { alertKey, type Detection } from "../alerts/index.ts";
import type { StoredSurvey } from "../table/index.ts";

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
