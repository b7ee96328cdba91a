import { toStoredLink, toTokenRecord } from "@success-manager/domain/surveys";
import type { StoredSurvey, StoredSurveyLink } from "@success-manager/domain/table";
import { daysAfter, hoursAfter, startOfDay, workday } from "./dates.ts";
import { demoHash, randomOf } from "./random.ts";
import type { Story } from "./stories/story.ts";
import { emailOf } from "./surveys.ts";

/** Links go out in the morning, before anybody answers. */
const MORNING = 7.5;

interface Context {
  readonly story: Story;
  readonly today: Date;
  readonly started: Date;
  readonly left: Date | undefined;
  readonly userId: (email: string) => string;
}

/** Nobody has the token of a demo link: its hash is made of words that are no token. */
const tokenRecord = (...words: readonly string[]) => toTokenRecord(demoHash("survey link", ...words));

const morningOf = (day: Date) => hoursAfter(workday(day), MORNING);

function validity(
  at: Date,
  validDays: number,
): Pick<StoredSurveyLink, "created_at" | "expires_at" | "revision"> {
  const expires_at = daysAfter(at, validDays).toISOString();
  return { created_at: at.toISOString(), expires_at, revision: 1 };
}

/** The mail went out with the link. */
const mailed = (at: Date) => ({ mail_status: "sent", sent_at: at.toISOString() }) as const;

/** When the link of a response went out: at once after a ticket, else on one of the days before. */
function sentBefore(survey: StoredSurvey, started: Date): Date {
  const at = new Date(survey.submitted_at);
  const morning = morningOf(daysAfter(startOfDay(at), -randomOf(survey.id).whole(0, 4)));
  return survey.ticket_reference || morning < started ? hoursAfter(at, -0.5) : morning;
}

/** Half of the responses came through a link, the others were recorded by the account manager. */
export function withLink(
  survey: StoredSurvey,
  { story, started, userId }: Context,
): { readonly survey: StoredSurvey; readonly link?: StoredSurveyLink } {
  const { manager, company } = story;
  if (randomOf(`${survey.id} received`).next() < 0.5) {
    return {
      survey: { ...survey, author_id: userId(manager.email), author_name: manager.full_name },
    };
  }
  const { customer_id, survey_type, product_deployment_id, product, ticket_reference } = survey;
  const sent = sentBefore(survey, started);
  const link = toStoredLink({
    ...tokenRecord(survey.id),
    ...validity(sent, 7),
    ...mailed(sent),
    customer_id,
    customer_name: company,
    survey_type,
    ...(product_deployment_id && product && { product_deployment_id, product }),
    ...(ticket_reference && { ticket_reference }),
    ...(survey.submitted_by_email && { sent_to: survey.submitted_by_email }),
    recipient_name: survey.submitted_by_name,
    created_by: userId(manager.email),
    created_by_name: manager.full_name,
    opened_at: hoursAfter(new Date(survey.submitted_at), -0.1).toISOString(),
    answered_at: survey.submitted_at,
    response_id: survey.id,
    score: survey.score,
    revision: 4,
  });
  return { survey: { ...survey, submitted_via: "email_link", survey_link_id: link.id }, link };
}

/** Links that nobody has answered: still open, expired, or revoked because the customer left. */
export function unansweredLinks(
  customer_id: string,
  { story, today, left, userId }: Context,
): StoredSurveyLink[] {
  const { company, contact, manager } = story;
  const random = randomOf(`${company}\nunanswered`);
  const common = {
    customer_id,
    customer_name: company,
    survey_type: random.pick(["nps", "quarterly", "general_feedback"] as const),
    sent_to: emailOf(contact, story),
    recipient_name: contact,
    created_by: userId(manager.email),
    created_by_name: manager.full_name,
  };
  const link = (word: string, sent: Date, days: number, more: Partial<StoredSurveyLink> = {}) =>
    toStoredLink({
      ...common,
      ...tokenRecord(company, word),
      ...validity(sent, days),
      ...mailed(sent),
      ...more,
      revision: 2,
    });
  if (left)
    return [
      link("revoked", morningOf(daysAfter(startOfDay(left), -3)), 14, { revoked_at: left.toISOString() }),
    ];
  const open = morningOf(daysAfter(today, -random.whole(1, 3)));
  const expired = morningOf(daysAfter(today, -random.whole(12, 50)));
  const isOpen = random.next() < 0.4;
  const hasExpired = random.next() < 0.3;
  return [
    ...(isOpen ? [link("open", open, 14, opened(open, random.next() < 0.5, manager.full_name))] : []),
    ...(hasExpired ? [link("expired", expired, 7, reminded(expired))] : []),
  ];
}

/** An open link with a few words; somebody may have looked at it. */
const opened = (sent: Date, looked: boolean, manager: string) => ({
  custom_message: `We would like to know what we should do better this quarter. Two minutes are enough.\nThank you, ${manager}`,
  ...(looked && { opened_at: hoursAfter(sent, 2).toISOString() }),
});

/** Nobody answered, not even after a reminder. */
const reminded = (sent: Date) => ({ reminder_count: 1, last_reminder_at: daysAfter(sent, 4).toISOString() });
