import { toTokenRecord } from "@success-manager/domain/surveys";
import type { StoredSurvey, StoredSurveyLink } from "@success-manager/domain/table";
import { addressOf } from "./answers.ts";
import { daysAfter, hoursAfter, startOfDay, workday } from "./calendar.ts";
import { demoHash, randomOf } from "./random.ts";
import type { Story } from "./stories/index.ts";

/** Links go out in the morning, before anybody answers. */
const MORNING = 7.5;

interface Frame {
  readonly story: Story;
  readonly today: Date;
  readonly started: Date;
  readonly left: Date | undefined;
  readonly idOf: (email: string) => string;
}

/** Nobody has the token of a link: the words that its hash is made of are none. */
const kept = (...words: readonly string[]) => toTokenRecord(demoHash("survey link", ...words));

const morningOf = (day: Date) => hoursAfter(workday(day), MORNING);

function sentAt(
  at: Date,
  validDays: number,
): Pick<StoredSurveyLink, "created_at" | "expires_at" | "revision"> {
  const expires_at = daysAfter(at, validDays).toISOString();
  return { created_at: at.toISOString(), expires_at, revision: 1 };
}

/** When the link of an answer went out: at once after a ticket, else on one of the days before. */
function sentBefore(answer: StoredSurvey, started: Date): Date {
  const at = new Date(answer.submitted_at);
  const morning = morningOf(daysAfter(startOfDay(at), -randomOf(answer.id).whole(0, 4)));
  return answer.ticket_reference || morning < started ? hoursAfter(at, -0.5) : morning;
}

/** An answer as it came in: through a link, or typed in by the account manager. */
export function received(
  answer: StoredSurvey,
  { story, started, idOf }: Frame,
): { readonly survey: StoredSurvey; readonly link?: StoredSurveyLink } {
  const { manager, company } = story;
  if (randomOf(`${answer.id} received`).next() < 0.5) {
    return {
      survey: { ...answer, author_id: idOf(manager.email), author_name: manager.full_name },
    };
  }
  const { customer_id, survey_type, product_deployment_id, product, ticket_reference } = answer;
  const link: StoredSurveyLink = {
    ...kept(answer.id),
    ...sentAt(sentBefore(answer, started), 7),
    customer_id,
    customer_name: company,
    survey_type,
    ...(product_deployment_id && product && { product_deployment_id, product }),
    ...(ticket_reference && { ticket_reference }),
    ...(answer.submitted_by_email && { sent_to: answer.submitted_by_email }),
    created_by: idOf(manager.email),
    answered_at: answer.submitted_at,
    revision: 2,
  };
  return { survey: { ...answer, submitted_via: "email_link", survey_link_id: link.id }, link };
}

/** Links that nobody has answered: still open, expired, or revoked because the customer left. */
export function unanswered(customer_id: string, { story, today, left, idOf }: Frame): StoredSurveyLink[] {
  const { company, contact, manager } = story;
  const random = randomOf(`${company}\nunanswered`);
  const invitation = {
    customer_id,
    customer_name: company,
    survey_type: random.pick(["nps", "quarterly"] as const),
    sent_to: addressOf(contact, story),
    created_by: idOf(manager.email),
  };
  if (left) {
    const sent = sentAt(morningOf(daysAfter(startOfDay(left), -3)), 14);
    return [
      {
        ...invitation,
        ...kept(company, "revoked"),
        ...sent,
        revoked_at: left.toISOString(),
        revision: 2,
      },
    ];
  }
  const open = sentAt(morningOf(daysAfter(today, -random.whole(1, 3))), 14);
  const expired = sentAt(morningOf(daysAfter(today, -random.whole(12, 50))), 7);
  return [
    ...(random.next() < 0.4 ? [{ ...invitation, ...kept(company, "open"), ...open }] : []),
    ...(random.next() < 0.3 ? [{ ...invitation, ...kept(company, "expired"), ...expired }] : []),
  ];
}
