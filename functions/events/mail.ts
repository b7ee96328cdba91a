import { type MailEvent, noteAddresses, parseMailEvent } from "@success-manager/domain/mail/events";
import { settleDelivery } from "@success-manager/domain/reports/settle";
import { settleMail } from "@success-manager/domain/surveys/settle";
import { createNotificationHandler, logger, metrics } from "@success-manager/lambda";

/** Notes an event where somebody looks for what became of the mail. Answers whether it is news. */
async function settle(event: MailEvent): Promise<boolean> {
  const { tag } = event;
  switch (tag?.kind) {
    case "report":
      return settleDelivery(tag.subject, tag.mail_id, event);
    case "survey":
      return settleMail(tag.subject, tag.mail_id, event);
    default:
      // Of mails to the team nobody keeps what became of them.
      return false;
  }
}

const METRICS: Partial<Record<MailEvent["status"], string>> = {
  bounced: "MailBounced",
  soft_bounced: "MailSoftBounced",
  complained: "MailComplained",
};

/**
 * What SES tells of mails that were sent. The address goes first: should the rest fail, nothing is sent there again, and
 * the event comes once more. An event that says nothing new counts for nothing.
 */
export const handler = createNotificationHandler(async (message) => {
  const event = parseMailEvent(message);
  if (!event) return;
  const { status, tag, message_id } = event;
  const isNewsOfAddress = await noteAddresses(event);
  const isNewsOfMail = await settle(event);
  const about = { status, message_id, mail_kind: tag?.kind, mail_subject: tag?.subject };
  if (!isNewsOfAddress && !isNewsOfMail) return void logger.info("mail event without news", about);
  logger.info("mail event", about);
  const metric = METRICS[status];
  if (metric) metrics.singleMetric().addMetric(metric, "Count", 1);
});
