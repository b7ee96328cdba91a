/** The mails that ask customers. Loaded just when one is sent: it brings the catalogue of all languages along. */
import type { Invitation } from "@success-manager/contract/surveys";
import type { Language } from "@success-manager/contract/vocabulary";
import { html } from "hono/html";
import {
  button,
  COLOR,
  type FramedMail,
  type Html,
  isolate,
  linkText,
  type Message,
  mailedByMachine,
  paragraph,
  renderMail,
  STYLE,
} from "../mail/index.ts";
import { type SurveyTexts, surveyTexts } from "../messages/index.ts";
import { messageLines, scaleEnds, scoresOf, surveyQuestion } from "./question.ts";

/** What a mail of a link says besides what is asked. */
export interface Occasion {
  readonly language: Language;
  /** IANA. */
  readonly timeZone: string;
  /** Who asks. */
  readonly sender: string;
  /** When the survey was first mailed; absent for the first mail. */
  readonly remindsOf?: string | undefined;
}

/** What HTML and plain text both say. */
interface Wording {
  readonly texts: SurveyTexts;
  readonly invitation: Invitation;
  readonly url: string;
  readonly sender: string;
  readonly question: string;
  /** Why a reminder comes; nothing for the first mail. */
  readonly reminds: string | undefined;
  readonly until: string;
  readonly leave: string;
}

/** What the team wrote, each line turned as its own letters are: it turns nothing around it. */
const messageBox = (lines: readonly string[], { direction }: SurveyTexts): Html => {
  const side = direction === "rtl" ? "right" : "left";
  return html`\
<div style="margin-top:16px;padding-top:2px;padding-bottom:2px;padding-${side}:16px;border-${side}:3px solid ${COLOR.accent}">
${lines.map((line) => html`<p dir="auto" style="${STYLE.text};margin-top:0;min-height:12px">${line}</p>\n`)}</div>`;
};

/** So many numbers stand beside each other: on a phone of 320 pixels, each is as wide as a finger needs. */
const IN_A_ROW = 6;

const SCORE =
  "display:block;padding:11px 0;border:1px solid #7b8a83;border-radius:8px;font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:20px;font-weight:600;text-align:center;text-decoration:none;color:#16221c";

/**
 * The numbers as buttons of one size, in one row or in two: links that open the page with that number chosen. What asks
 * for them without a person records nothing.
 */
function scoreButtons({ texts, invitation: { survey_type, scale }, url }: Wording): Html {
  const scores = scoresOf(scale);
  const columns = Math.min(scores.length, IN_A_ROW);
  const rows = Array.from({ length: Math.ceil(scores.length / columns) }, (_, row) =>
    scores.slice(row * columns, (row + 1) * columns),
  );
  const [lowest, highest] = scaleEnds(survey_type, texts);
  const gap = texts.direction === "rtl" ? "0 0 4px 4px" : "0 4px 4px 0";
  const cell = (score: number | undefined) => html`\
<td class="score" width="${Math.floor(100 / columns)}%" style="padding:${gap}">${score === undefined ? "" : html`<a href="${url}?score=${score}" style="${SCORE}">${score}</a>`}</td>
`;
  return html`\
<table role="presentation" cellpadding="0" cellspacing="0" border="0" width="384" style="width:100%;max-width:384px;table-layout:fixed">
${rows.map((row) => html`<tr>${Array.from({ length: columns }, (_, n) => cell(row[n]))}</tr>\n`)}</table>
<p style="${STYLE.small};margin-top:6px"><strong style="${STYLE.strong}">${scores[0]}</strong>&nbsp;${lowest} &nbsp;·&nbsp; <strong style="${STYLE.strong}">${scores.at(-1)}</strong>&nbsp;${highest}</p>
<p style="${STYLE.small};margin-top:12px">${texts.text("mail.choose", { send: texts.text("form.send") })}</p>`;
}

/** The card, in the colors of the page. */
function htmlBody(wording: Wording): FramedMail {
  const { texts, invitation, url, sender, question, reminds, until, leave } = wording;
  const { text, pieces } = texts;
  const lines = messageLines(invitation.custom_message);
  const company = html`<bdi>${invitation.customer_name}</bdi>`;
  const strong = (name: string) => html`<strong style="${STYLE.strong}"><bdi>${name}</bdi></strong>`;
  const asks = pieces("sender.asks", { sender: strong(sender), company: strong(invitation.customer_name) });
  return renderMail({
    title: question,
    preview: lines.join(" ") || text("mail.preview"),
    language: texts.language,
    direction: texts.direction,
    parts: [
      paragraph(
        html`<p style="${STYLE.small}">${reminds === undefined ? "" : `${text("mail.reminds")} · `}${asks}</p>
${lines.length > 0 ? messageBox(lines, texts) : ""}
<h1 style="${STYLE.heading}${lines.length > 0 ? ";margin-top:24px" : ""}">${question}</h1>
<p style="${STYLE.text}">${reminds === undefined ? "" : `${reminds} `}${text("mail.effort")}</p>`,
        32,
      ),
      paragraph(scoreButtons(wording), 24),
      paragraph(button(url, text("mail.answer")), 20),
      paragraph(
        html`<p style="${STYLE.small}">${text("mail.once", { until })}</p>
${linkText(url, text("mail.address"))}`,
        24,
        32,
      ),
    ],
    aside: html`<p style="${STYLE.tiny}">${pieces("mail.why", { company })}</p>
<p style="${STYLE.tiny};margin-top:8px"><a href="${leave}" style="${STYLE.link}">${text("mail.leave")}</a></p>`,
  });
}

/** Begins a paragraph that is written from right to left, whatever its first letter is (UAX #9, RLM). */
const RIGHT_TO_LEFT_MARK = "\u200f";

function textBody({ texts, invitation, url, sender, question, reminds, until, leave }: Wording): string {
  const { text, direction } = texts;
  const company = isolate(invitation.customer_name);
  const turned = (line: string) => (direction === "rtl" && line ? `${RIGHT_TO_LEFT_MARK}${line}` : line);
  const message = messageLines(invitation.custom_message).map(isolate).join("\n");
  const asks = text("sender.asks", { sender: isolate(sender), company });
  return `\
${turned(reminds === undefined ? asks : `${text("mail.reminds")} · ${asks}`)}

${message ? `${message}\n\n` : ""}${turned(question)}

${turned(`${reminds === undefined ? "" : `${reminds} `}${text("mail.effort")}`)}

${url}

${turned(text("mail.once", { until }))}

${turned(text("mail.why", { company }))}

${turned(text("mail.leave"))}
${leave}
`;
}

/**
 * The mail that asks a customer to respond, or reminds them, in their language.
 *
 * @param url of the page; it holds the token, so whoever has the mail can answer
 */
export function surveyMail(
  invitation: Invitation,
  url: string,
  { language, timeZone, sender, remindsOf }: Occasion,
): Message {
  const texts = surveyTexts(language);
  const { text } = texts;
  const question = surveyQuestion(invitation, texts);
  const leave = `${url}/unsubscribe`;
  const wording = {
    texts,
    invitation,
    url,
    sender,
    question,
    reminds: remindsOf && text("mail.asked", { date: texts.date(remindsOf, timeZone) }),
    until: texts.instant(invitation.expires_at, timeZone),
    leave,
  };
  const company = isolate(invitation.customer_name);
  const subject = text("mail.subject", { sender: isolate(sender), company, question });
  return {
    subject: remindsOf ? text("mail.reminder", { subject }) : subject,
    html: htmlBody(wording),
    text: textBody(wording),
    headers: mailedByMachine(leave),
  };
}
