import type { SESClient } from "@aws-sdk/client-ses";
import { config } from "../config.ts";
import { type Mail, mailNotSetUp, toMailError } from "./mail.ts";

/** A person waits for some of our mails: give up on what is not taken up in time. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

let client: SESClient | undefined;

/**
 * Sends a mail to one person through SES, from the stage's sender (`MAIL_FROM`, `MAIL_REPLY_TO`,
 * `MAIL_CONFIGURATION_SET`).
 *
 * @throws MailError with a sentence for a person; the mail may have been sent all the same when SES took it and
 * its answer was lost
 */
export async function send(mail: Mail): Promise<void> {
  const { MAIL_FROM: address, MAIL_REPLY_TO: replyTo, MAIL_CONFIGURATION_SET } = config();
  if (!address) throw mailNotSetUp();
  const { compose, SESClient, SendRawEmailCommand } = await import("./transport.ts");
  const message = await compose(mail, { address, replyTo });
  client ??= new SESClient({
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  });
  const command = new SendRawEmailCommand({
    Source: address,
    // Named here, so that no header can add another.
    Destinations: [mail.to],
    RawMessage: { Data: message },
    ...(MAIL_CONFIGURATION_SET && { ConfigurationSetName: MAIL_CONFIGURATION_SET }),
  });
  try {
    await client.send(command);
  } catch (error) {
    throw toMailError(error);
  }
}
