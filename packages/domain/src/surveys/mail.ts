import type { Invitation } from "@success-manager/contract/surveys";
import { html } from "hono/html";
import {
  button,
  COLOR,
  type FramedMail,
  type Html,
  isolate,
  linkText,
  type Message,
  paragraph,
  renderMail,
  STYLE,
  sanitizeLine,
} from "../mail/index.ts";

const instantFormat = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "UTC",
});

const dateFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

type Asked = Pick<Invitation, "survey_type" | "product" | "ticket_reference">;

/** What a survey asks, in one sentence: the same in the mail and on the page. */
export function surveyQuestion({ survey_type, product, ticket_reference }: Asked): string {
  switch (survey_type) {
    case "nps":
      return `How likely are you to recommend ${product ?? "us"} to a friend or colleague?`;
    case "post_ticket": {
      const request = ["your request", isolate(ticket_reference ?? "")].filter(Boolean).join(" ");
      return `How satisfied are you with how we handled ${request}?`;
    }
    case "quarterly":
      return `How satisfied have you been with ${product ?? "us"} over the last three months?`;
    case "onboarding":
      return `How satisfied are you with the way we got you started${product ? ` with ${product}` : ""}?`;
    case "general_feedback":
      return `All in all, how satisfied are you with ${product ?? "us"}?`;
    case "product_feedback":
      return `How well does ${product ?? "our product"} do what you need?`;
  }
}

/** What the team wrote, line by line: without controls, and with no more than one empty line in a row. */
export function messageLines(message: string | null): string[] {
  const lines = (message ?? "").split(/\r\n|[\n\r\u0085\u2028\u2029]/).map(sanitizeLine);
  return lines.filter((line, n) => line || lines[n - 1]);
}

/** The same as HTML, each line turned as its own letters are: it turns nothing around it. */
const messageBox = (lines: readonly string[]): Html => html`\
<div style="margin-top:16px;padding:2px 0 2px 16px;border-left:3px solid ${COLOR.accent}">
${lines.map((line) => html`<p dir="auto" style="${STYLE.text};margin-top:0;min-height:12px">${line}</p>\n`)}</div>`;

/** What one mail of a link says besides what is asked. */
interface Occasion {
  /** When the survey was first mailed; absent for the first mail. */
  readonly remindsOf?: string | undefined;
}

const reminderOf = (instant: string) =>
  `We asked you on ${dateFormat.format(new Date(instant))}, and would still like to know what you think.`;

interface Wording extends Occasion {
  readonly question: string;
  readonly until: string;
}

const EFFORT = "One score, and a comment if you like. It takes a minute, and it helps us to do better";

/** The card, in the colors of the page. */
function htmlBody(invitation: Invitation, url: string, { question, until, remindsOf }: Wording): FramedMail {
  const { customer_name, custom_message } = invitation;
  const lines = messageLines(custom_message);
  return renderMail({
    title: question,
    preview: lines.join(" ") || "One score, and a comment if you like. It takes a minute.",
    parts: [
      paragraph(
        html`<p style="${STYLE.small}">${remindsOf ? "Reminder: survey" : "Survey"} for <strong style="${STYLE.strong}"><bdi>${customer_name}</bdi></strong></p>
${lines.length > 0 ? messageBox(lines) : ""}
<h1 style="${STYLE.heading}${lines.length > 0 ? ";margin-top:24px" : ""}">${question}</h1>
<p style="${STYLE.text}">${remindsOf ? `${reminderOf(remindsOf)} ` : ""}${EFFORT}.</p>`,
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
    aside: html`<p style="${STYLE.tiny}">You get this mail because the team that looks after <bdi>${customer_name}</bdi> asked for your opinion. If you did not expect it, you need not do anything.</p>`,
  });
}

function textBody(invitation: Invitation, url: string, { question, until, remindsOf }: Wording): string {
  const name = isolate(invitation.customer_name);
  const message = messageLines(invitation.custom_message).map(isolate).join("\n");
  return `\
${remindsOf ? "Reminder: survey" : "Survey"} for ${name}

${message ? `${message}\n\n` : ""}${question}

${remindsOf ? `${reminderOf(remindsOf)} ` : ""}${EFFORT}:

${url}

The link is meant for you, and works once, until ${until}.

You get this mail because the team that looks after ${name} asked for your opinion. If you did not expect \
it, you need not do anything.
`;
}

/**
 * The mail that asks a customer to respond, or reminds them.
 *
 * @param url of the page; it holds the token, so whoever has the mail can answer
 */
export function surveyMail(invitation: Invitation, url: string, occasion: Occasion = {}): Message {
  const question = surveyQuestion(invitation);
  const until = `${instantFormat.format(new Date(invitation.expires_at))} UTC`;
  const wording = { ...occasion, question, until };
  return {
    subject: occasion.remindsOf ? `Reminder: ${question}` : question,
    html: htmlBody(invitation, url, wording),
    text: textBody(invitation, url, wording),
    // Asks mail servers to send no automatic reply, such as a holiday notice (RFC 3834, 5).
    headers: { "Auto-Submitted": "auto-generated" },
  };
}
