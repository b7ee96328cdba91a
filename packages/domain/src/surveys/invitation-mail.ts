import type { Invitation } from "@success-manager/contract/surveys";
import { html } from "hono/html";
import { button, linkText, type Mail, paragraph, renderMail, STYLE } from "../mail/index.ts";
import { questionOf } from "./question.ts";

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** The card, in the colours of the page. */
function page(invitation: Invitation, url: string, question: string, until: string): string {
  const { customer_name } = invitation;
  return renderMail({
    title: question,
    preview: "One score, and a comment if you like. It takes a minute.",
    parts: [
      paragraph(
        html`<p style="${STYLE.small}">Survey for <strong style="${STYLE.strong}">${customer_name}</strong></p>
<h1 style="${STYLE.heading}">${question}</h1>
<p style="${STYLE.text}">One score, and a comment if you like. It takes a minute, and it helps us to do better.</p>`,
        32,
      ),
      paragraph(button(url, "Answer the survey")),
      paragraph(
        html`<p style="${STYLE.small}">The link is meant for you, and works once, until ${until}.</p>
${linkText(url)}`,
        28,
        32,
      ),
    ],
    aside: html`<p style="${STYLE.tiny}">You get this mail because the team that looks after ${customer_name} asked for your opinion. If you did not expect it, you need not do anything.</p>`,
  });
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
  const until = `${moment.format(new Date(invitation.expires_at))} UTC`;
  const name = invitation.customer_name.replace(/\s+/g, " ");
  return {
    subject: question,
    html: page(invitation, url, question, until),
    text: plain(name, url, question, until),
    // Nobody's holiday notice is an answer to a survey (RFC 3834, 5).
    headers: { "Auto-Submitted": "auto-generated" },
  };
}
