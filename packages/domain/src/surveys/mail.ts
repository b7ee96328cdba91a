import type { Invitation } from "@success-manager/contract/surveys";
import { html } from "hono/html";
import { button, linkText, type Mail, paragraph, renderMail, STYLE } from "../mail/index.ts";

const instantFormat = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "UTC",
});

type Asked = Pick<Invitation, "survey_type" | "product" | "ticket_reference">;

/** What a survey asks, in one sentence: the same in the mail and on the page. */
export function surveyQuestion({ survey_type, product, ticket_reference }: Asked): string {
  switch (survey_type) {
    case "nps":
      return `How likely are you to recommend ${product ?? "us"} to a friend or colleague?`;
    case "post_ticket": {
      const request = ["your request", ticket_reference].filter(Boolean).join(" ");
      return `How satisfied are you with how we handled ${request}?`;
    }
    case "quarterly":
      return `How satisfied have you been with ${product ?? "us"} over the last three months?`;
    case "onboarding":
      return `How satisfied are you with the way we got you started${product ? ` with ${product}` : ""}?`;
  }
}

/** The card, in the colors of the page. */
function htmlBody(invitation: Invitation, url: string, question: string, until: string): string {
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

const textBody = (customer_name: string, url: string, question: string, until: string) => `\
Survey for ${customer_name}

${question}

One score, and a comment if you like. It takes a minute, and it helps us to do better:

${url}

The link is meant for you, and works once, until ${until}.

You get this mail because the team that looks after ${customer_name} asked for your opinion. If you did not expect \
it, you need not do anything.
`;

/**
 * The mail that asks a customer to respond.
 *
 * @param url of the page; it holds the token, so whoever has the mail can answer
 */
export function surveyMail(invitation: Invitation, url: string): Omit<Mail, "to"> {
  const question = surveyQuestion(invitation);
  const until = `${instantFormat.format(new Date(invitation.expires_at))} UTC`;
  const name = invitation.customer_name.replace(/\s+/g, " ");
  return {
    subject: question,
    html: htmlBody(invitation, url, question, until),
    text: textBody(name, url, question, until),
    // Asks mail servers to send no automatic reply, such as a holiday notice (RFC 3834, 5).
    headers: { "Auto-Submitted": "auto-generated" },
  };
}
