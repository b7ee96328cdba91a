import type { Fact, Tile, Tone } from "@success-manager/pdf/document";
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

import type { ReportSummary, SummaryChart } from "./document/index.ts";

/** What a mail says about a report. Texts are as people typed them. */
export interface TemplateData {
  /** `Weekly report` */
  readonly kind: string;
  readonly name: string;
  readonly facts: readonly Fact[];
  /** What the report comes to; absent of one that was generated before mails said that. */
  readonly summary?: ReportSummary | undefined;
  /** Names of tables that come along. */
  readonly tables: readonly string[];
  /** Where all tables are, in one file. */
  readonly allTables?: string | undefined;
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

/** What the report comes to, in words of its own; names in them keep their direction. */
const sentences = ({ sentences: all }: ReportSummary): Html => html`\
${all.map(
  (sentence, n) => html`<p style="${STYLE.text}${n === 0 ? ";margin-top:0" : ""}">${sentence}</p>
`,
)}`;

const figure = ({ label, value, note = "" }: Tile): Html => html`\
<tr>
<th scope="row" align="left" valign="top" style="${STYLE.small};${STYLE.strong};font-weight:400;padding:6px 12px 6px 0">${label}${note === "" ? "" : html`<br><span style="${STYLE.tiny}">${note}</span>`}</th>
<td align="right" valign="top" style="${STYLE.text};margin:0;padding:4px 0;font-weight:600;white-space:nowrap">${value}</td>
</tr>
`;

const caption = (title: string): Html =>
  html`<caption align="left" style="${STYLE.small};${STYLE.strong};font-weight:600;text-align:left;padding:0 0 6px">${title}</caption>`;

const figures = ({ figures: all }: ReportSummary): Html => html`\
<table width="100%" cellpadding="0" cellspacing="0" border="0">
${caption("Key figures")}
${all.map(figure)}</table>`;

/** The longest bar, in pixels: what is left beside the label and the value on a phone. */
const LONGEST_BAR = 90;

/** A chart that is read aloud as the table that it is; bars are cells, because many mail clients show no pictures. */
function chart({ title, bars }: SummaryChart): Html {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return html`\
<table width="100%" cellpadding="0" cellspacing="0" border="0">
${caption(title)}
${bars.map(({ label, value, valueText, tone = "accent" }) => {
  const length = value <= 0 ? 1 : Math.max(2, Math.round((value / most) * LONGEST_BAR));
  return html`<tr>
<th scope="row" align="left" style="${STYLE.small};font-weight:400;padding:4px 12px 4px 0;word-break:normal">${label}</th>
<td style="padding:4px 0" width="${LONGEST_BAR}"><div style="width:${length}px;height:10px;line-height:10px;font-size:1px;background-color:${BAR_COLORS[tone]}">&nbsp;</div></td>
<td align="right" style="${STYLE.small};${STYLE.strong};padding:4px 0 4px 12px;white-space:nowrap">${valueText}</td>
</tr>
`;
})}</table>`;
}

/** The fills of the report's own charts. */
const BAR_COLORS = {
  good: "#1f6f50",
  fair: "#e3b73a",
  poor: "#d9772b",
  bad: "#c4453c",
  neutral: "#9aa8a1",
  accent: "#2f76ab",
} as const satisfies Record<Tone, string>;

const summaryParts = ({ summary }: TemplateData): readonly Html[] =>
  summary === undefined
    ? []
    : [
        paragraph(sentences(summary), 20),
        ...(summary.figures.length > 0 ? [paragraph(figures(summary), 20)] : []),
        ...(summary.chart && summary.chart.bars.length > 0 ? [paragraph(chart(summary.chart), 20)] : []),
      ];

const tablesText = (tables: readonly string[]) =>
  tables.length === 0 ? "" : `Tables as CSV: ${tables.join(", ")}.`;

const ALL_TABLES = "All tables as CSV, in one ZIP file";

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

/** What lists of mails show: what changed; else the period, and where the file is. */
const preview = ({ facts: [first], file: { isAttached }, summary }: TemplateData) =>
  summary?.sentences[0] ??
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
      ...summaryParts(said),
      paragraph(facts(said.facts), 20),
      paragraph(
        html`${file(said.file)}${
          said.tables.length > 0
            ? html`
<p style="${STYLE.small};margin-top:12px">${tablesText(said.tables)}</p>`
            : ""
        }${
          said.allTables
            ? html`
<p style="${STYLE.small};margin-top:12px"><a href="${said.allTables}" style="${STYLE.link}">${ALL_TABLES}</a></p>`
            : ""
        }`,
        24,
        32,
      ),
    ],
    aside: html`<p style="${STYLE.tiny}">${WHY}</p>${wayOut(said.leave)}`,
  });

function fileText({ name, size, link, isAttached }: TemplateData["file"]): string {
  if (isAttached) return `The report is attached: ${name} (PDF, ${size}).`;
  if (!link) return `${TOO_LARGE} ${ELSEWHERE}`;
  return `Open the report (PDF, ${size}):\n\n${link.href}\n\n${TOO_LARGE} The link is meant for you, and works until ${link.until}.`;
}

function summaryText({ sentences: all, figures: main, chart: bars }: ReportSummary): string {
  const lines = main.map(({ label, value, note }) => `${label}: ${value}${note ? ` (${note})` : ""}`);
  const chartLines = bars
    ? [`${bars.title}:`, ...bars.bars.map((bar) => `  ${bar.label}: ${bar.valueText}`)]
    : [];
  return [all.join("\n\n"), lines.join("\n"), chartLines.join("\n")].filter(Boolean).join("\n\n");
}

export const renderText = ({
  kind,
  name,
  facts,
  summary,
  tables,
  allTables,
  file,
  leave,
}: TemplateData): string => `\
${kind}: ${isolate(name)}

${summary ? `${summaryText(summary)}\n\n` : ""}${facts.map(({ label, value }) => `${label}: ${isolate(value)}`).join("\n")}

${fileText(file)}
${tables.length > 0 ? `\n${tablesText(tables)}\n` : ""}${allTables ? `\n${ALL_TABLES}:\n${allTables}\n` : ""}
${WHY}
${leave === undefined ? "" : `\n${LEAVE}:\n${leave}\n`}`;
