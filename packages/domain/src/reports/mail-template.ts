import type { Fact } from "@success-manager/pdf/document";
import { html } from "hono/html";
import {
  button,
  COLOR,
  type FramedMail,
  type Html,
  isolate,
  linkText,
  paragraph,
  renderMail,
  STYLE,
  sanitizeLine,
} from "../mail/index.ts";

/** What a mail says about a report. Texts are as people typed them. */
export interface TemplateData {
  /** `Weekly report` */
  readonly kind: string;
  readonly name: string;
  readonly facts: readonly Fact[];
  readonly file: {
    readonly name: string;
    /** `84 KB` */
    readonly size: string;
    /** Where it is, and how long, when it does not come along. */
    readonly link: { readonly href: string; readonly until: string } | undefined;
    readonly isAttached: boolean;
  };
  /** Where its reader gets off the list. */
  readonly leave: string | undefined;
}

const TOO_LARGE = "It is too large to be mailed.";
const WHY = "You get this mail because your address is on the list of this report’s recipients.";
const LEAVE = "Send me no more of these reports";

/** Where to look without a link: nobody told this deployment where it is reached. */
const ELSEWHERE = "You find it in Success Manager, in the history of reports.";

/** Left or right by its own letters, whatever stands around it. */
const isolated = (typed: string) => html`<bdi dir="auto">${sanitizeLine(typed)}</bdi>`;

const fact = ({ label, value }: Fact): Html => html`\
<tr>
<td valign="top" style="${STYLE.small};padding:5px 16px 5px 0;white-space:nowrap">${label}</td>
<td valign="top" style="${STYLE.small};padding:5px 0;${STYLE.strong};word-break:break-word">${isolated(value)}</td>
</tr>
`;

const facts = (all: readonly Fact[]): Html => html`\
<table cellpadding="0" cellspacing="0" border="0" role="presentation">
${all.map(fact)}</table>`;

/** A file's name, which may go on in the next line after each of its parts. */
const inParts = (name: string) => html`${name.split(/(?<=_)/).map((part) => html`${part}<wbr>`)}`;

/** The file as a thing: its kind, its name, its size. */
const enclosure = (name: string, size: string): Html => html`\
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border:1px solid ${COLOR.line};border-radius:8px">
<tr>
<td width="44" valign="middle" style="padding:14px 0 14px 16px">
<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr><td bgcolor="${COLOR.accent}" style="border-radius:4px;padding:3px 7px;${STYLE.small};font-size:12px;line-height:18px;font-weight:600;color:#ffffff">PDF</td></tr></table>
</td>
<td valign="middle" style="padding:14px 16px;word-break:break-word">
<p style="${STYLE.small};${STYLE.strong}">${inParts(name)}</p>
<p style="${STYLE.tiny}">${size}, attached to this mail</p>
</td>
</tr>
</table>`;

function file({ name, size, link, isAttached }: TemplateData["file"]): Html {
  if (isAttached) return enclosure(name, size);
  if (!link) return html`<p style="${STYLE.small}">${TOO_LARGE} ${ELSEWHERE}</p>`;
  return html`${button(link.href, "Open the report")}
<p style="${STYLE.small};margin-top:16px">PDF, ${size}. ${TOO_LARGE} The link is meant for you, and works until ${link.until}.</p>
${linkText(link.href)}`;
}

const wayOut = (leave: string | undefined): Html =>
  leave === undefined
    ? html``
    : html`
<p style="${STYLE.tiny};margin-top:8px"><a href="${leave}" style="${STYLE.link}">${LEAVE}</a></p>`;

/** What lists of mails show: the period, and where the file is. */
const preview = ({ facts: [first], file: { isAttached } }: TemplateData) =>
  `${first ? `${sanitizeLine(first.value)}. ` : ""}${isAttached ? "The report is attached as a PDF." : "The report is ready."}`;

export const renderHtml = (said: TemplateData): FramedMail =>
  renderMail({
    title: sanitizeLine(said.name),
    preview: preview(said),
    parts: [
      paragraph(
        html`<p style="${STYLE.small}">${said.kind}</p>
<h1 style="${STYLE.heading}">${isolated(said.name)}</h1>`,
        32,
      ),
      paragraph(facts(said.facts), 20),
      paragraph(file(said.file), 24, 32),
    ],
    aside: html`<p style="${STYLE.tiny}">${WHY}</p>${wayOut(said.leave)}`,
  });

function fileText({ name, size, link, isAttached }: TemplateData["file"]): string {
  if (isAttached) return `The report is attached: ${name} (PDF, ${size}).`;
  if (!link) return `${TOO_LARGE} ${ELSEWHERE}`;
  return `Open the report (PDF, ${size}):\n\n${link.href}\n\n${TOO_LARGE} The link is meant for you, and works until ${link.until}.`;
}

export const renderText = ({ kind, name, facts, file, leave }: TemplateData): string => `\
${kind}: ${isolate(name)}

${facts.map(({ label, value }) => `${label}: ${isolate(value)}`).join("\n")}

${fileText(file)}

${WHY}
${leave === undefined ? "" : `\n${LEAVE}:\n${leave}\n`}`;
