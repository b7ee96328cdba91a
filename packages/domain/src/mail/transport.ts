import MailComposer from "nodemailer/lib/mail-composer";
import type { Mail, Sender } from "./send.ts";

/** What sending a mail needs: loaded apart, because most requests send none. */
export { SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";

const NAME = "Success Manager";

/** What a header holds stays on its line: a line break would begin another header (RFC 5322, 2.2). */
const oneLine = (value: string) => value.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();

const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]*$/;

function headersOf({ headers = {} }: Mail) {
  return Object.entries(headers).map(([key, value]) => {
    if (!HEADER_NAME.test(key)) throw new Error(`No name of a header: ${JSON.stringify(key)}`);
    return { key, value: oneLine(value) };
  });
}

/** The message as it travels (MIME): plain text and HTML as alternatives, then what is attached. */
export function compose(mail: Mail, { address, replyTo }: Sender): Promise<Uint8Array> {
  const { to, subject, html, text, attachments = [] } = mail;
  const composer = new MailComposer({
    // Given apart from names, addresses are not parsed: one stays one.
    from: { name: NAME, address: oneLine(address) },
    to: { name: "", address: oneLine(to) },
    ...(replyTo && { replyTo: { name: "", address: oneLine(replyTo) } }),
    subject: oneLine(subject),
    headers: headersOf(mail),
    text,
    html,
    attachments: attachments.map(({ filename, contentType, content }) => ({
      filename: oneLine(filename),
      contentType,
      content: Buffer.from(content),
    })),
  });
  return composer.compile().build();
}
