import type { Invitation } from "@success-manager/contract/survey-links";
import { html } from "hono/html";
import type { Mail } from "../mail/index.ts";
import { questionOf } from "./question.ts";

const written = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

const FONT = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const SMALL = `margin:0;${FONT};font-size:14px;line-height:21px;color:#52605a`;

/** What mail clients need: tables, a width for those that know no other, styles on the element. Colours of the page. */
function page(invitation: Invitation, url: string, question: string, until: string) {
  const { customer_name } = invitation;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${question}</title>
</head>
<body style="margin:0;padding:0;background-color:#eef2f0">
<div style="display:none;max-height:0;overflow:hidden">One score, and a comment if you like. It takes a minute.</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#eef2f0">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="560" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:560px;background-color:#ffffff;border-radius:12px">
<tr><td style="padding:32px 32px 0;word-break:break-word">
<p style="${SMALL}">Survey for <strong style="color:#16221c">${customer_name}</strong></p>
<h1 style="margin:12px 0 0;${FONT};font-size:24px;line-height:32px;font-weight:600;color:#16221c">${question}</h1>
<p style="margin:16px 0 0;${FONT};font-size:16px;line-height:25px;color:#16221c">One score, and a comment if you like. It takes a minute, and it helps us to do better.</p>
</td></tr>
<tr><td style="padding:28px 32px 0">
<table role="presentation" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" bgcolor="#1f6f50" style="border-radius:8px">
<a href="${url}" style="display:inline-block;padding:14px 28px;${FONT};font-size:16px;line-height:20px;font-weight:600;color:#ffffff;text-decoration:none;border-radius:8px">Answer the survey</a>
</td></tr>
</table>
</td></tr>
<tr><td style="padding:28px 32px 32px;word-break:break-word">
<p style="${SMALL}">The link is meant for you, and works once, until ${until}.</p>
<p style="${SMALL};margin-top:16px">If the button does not work, open this address:<br><a href="${url}" style="color:#1f6f50">${url}</a></p>
</td></tr>
</table>
<table role="presentation" width="560" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:560px">
<tr><td style="padding:16px 32px 0;word-break:break-word">
<p style="${SMALL};font-size:13px;line-height:20px">You get this mail because the team that looks after ${customer_name} asked for your opinion. If you did not expect it, you need not do anything.</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

const plain = (customer_name: string, url: string, question: string, until: string) => `\
Survey for ${customer_name}

${question}

One score, and a comment if you like. It takes a minute, and it helps us to do better:

${url}

The link is meant for you, and works once, until ${until}.

You get this mail because the team that looks after ${customer_name} asked for your opinion. If you did not expect \
it, you need not do anything.
`;

/**
 * The mail that asks a customer to answer.
 *
 * @param url of the page; it holds the token, so whoever has the mail can answer
 */
export function invitationMail(invitation: Invitation, url: string): Omit<Mail, "to"> {
  const question = questionOf(invitation);
  const until = `${written.format(new Date(invitation.expires_at))} UTC`;
  const name = invitation.customer_name.replace(/\s+/g, " ");
  return {
    subject: question,
    html: String(page(invitation, url, question, until)),
    text: plain(name, url, question, until),
    // Nobody's holiday notice is an answer to a survey (RFC 3834, 5).
    headers: { "Auto-Submitted": "auto-generated" },
  };
}
