import { actionWrites } from "../alerts/index.ts";
import { FeedbackEntity, putItem, type StoredSurvey, SurveyEntity, type Write } from "../table/index.ts";
import { lowScoreOf } from "./low-score.ts";

/** The copy of an answer that stands among the feedback about its product; undefined where there is none. */
export function feedbackOf(survey: StoredSurvey) {
  const { id: survey_id, customer_id, product, survey_type, score, feedback_text, submitted_at } = survey;
  if (!product || !feedback_text) return undefined;
  return { survey_id, customer_id, product, survey_type, score, comment: feedback_text, submitted_at };
}

/**
 * All that a new answer writes, for one transaction: the answer, its feedback, and an alert when it is low. Four
 * items at most; their ids are new, so no condition can fail.
 *
 * @param company_name for what the alert says
 */
export function answerWrites(survey: StoredSurvey, company_name: string, at: Date): Write[] {
  const feedback = feedbackOf(survey);
  const finding = lowScoreOf(survey, company_name);
  return [
    putItem(SurveyEntity.create(survey)),
    ...(feedback ? [putItem(FeedbackEntity.create(feedback))] : []),
    ...(finding ? actionWrites({ kind: "open", detection: finding, before: undefined }, at) : []),
  ];
}
