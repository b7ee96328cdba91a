import type { Invitation, SurveyLink } from "@success-manager/contract/surveys";
import { MailError, send } from "../mail/index.ts";
import { invitationMail } from "./invitation-mail.ts";

/**
 * Mails a link to a customer. A mail that is not sent is told, not thrown: the link is worth more than the mail.
 *
 * @param survey_url the page where the survey is answered
 */
export async function invite(
  to: string,
  invitation: Invitation,
  survey_url: string,
): Promise<Pick<SurveyLink, "mail_status" | "mail_error">> {
  try {
    await send({ to, ...invitationMail(invitation, survey_url) });
    return { mail_status: "sent", mail_error: null };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    return { mail_status: "failed", mail_error: error.message };
  }
}
