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

import type { ReportTexts } from "../messages/index.ts";
import type { ReportSummary, SummaryChart } from "./document/index.ts";

/** What a mail says about a report. Texts are as people typed them. */
export interface TemplateData {
  /** Of its language. */
  readonly texts: ReportTexts;
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

/** Left or right by its own letters, whatever stands around it. */
const isolated = (typed: string) => html`<bdi dir="auto">${sanitizeLine(typed)}</bdi>`;

/** Where lines begin and end: mail programs know left and right alone. */
const sides = ({ direction }: ReportTexts) =>
  direction === "rtl"
    ? ({ start: "right", end: "left" } as const)
    : ({ start: "left", end: "right" } as const);

/** Space beside something, on the side where the line ends. */
const padding = (texts: ReportTexts, above: number, end: number, below: number, start = 0) =>
  texts.direction === "rtl"
    ? `padding:${above}px ${start}px ${below}px ${end}px`
    : `padding:${above}px ${end}px ${below}px ${start}px`;

const facts = ({ facts: all, texts }: TemplateData): Html => html`\
<table cellpadding="0" cellspacing="0" border="0" role="presentation">
${all.map(
  ({ label, value }) => html`\
<tr>
<td valign="top" style="${STYLE.small};${padding(texts, 5, 16, 5)};white-space:nowrap">${label}</td>
<td valign="top" style="${STYLE.small};padding:5px 0;${STYLE.strong};word-break:break-word">${isolated(value)}</td>
</tr>
`,
)}</table>`;

/** What the report comes to, in words of its own; names in them keep their direction. */
const sentences = ({ sentences: all }: ReportSummary): Html => html`\
${all.map(
  (sentence, n) => html`<p style="${STYLE.text}${n === 0 ? ";margin-top:0" : ""}">${sentence}</p>
`,
)}`;

const figure = ({ label, value, note = "" }: Tile, texts: ReportTexts): Html => html`\
<tr>
<th scope="row" align="${sides(texts).start}" valign="top" style="${STYLE.small};${STYLE.strong};font-weight:400;${padding(texts, 6, 12, 6)}">${label}${note === "" ? "" : html`<br><span style="${STYLE.tiny}">${note}</span>`}</th>
<td align="${sides(texts).end}" valign="top" style="${STYLE.text};margin:0;padding:4px 0;font-weight:600;white-space:nowrap">${value}</td>
</tr>
`;

const caption = (title: string, texts: ReportTexts): Html => {
  const { start } = sides(texts);
  return html`<caption align="${start}" style="${STYLE.small};${STYLE.strong};font-weight:600;text-align:${start};padding:0 0 6px">${title}</caption>`;
};

const figures = ({ figures: all }: ReportSummary, texts: ReportTexts): Html => html`\
<table width="100%" cellpadding="0" cellspacing="0" border="0">
${caption(texts.text("mail.key_figures"), texts)}
${all.map((one) => figure(one, texts))}</table>`;

/** The longest bar, in pixels: what is left beside the value on a phone of 360 pixels. */
const LONGEST_BAR = 150;

/**
 * A chart that is read aloud as the table that it is; bars are boxes, because many mail clients show no pictures. They
 * stand below their labels: beside them, German words leave no space on a phone.
 */
function chart({ title, bars }: SummaryChart, texts: ReportTexts): Html {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const { start, end } = sides(texts);
  return html`\
<table width="100%" cellpadding="0" cellspacing="0" border="0">
${caption(title, texts)}
${bars.map(({ label, value, valueText, tone = "accent" }) => {
  const length = value <= 0 ? 1 : Math.max(2, Math.round((value / most) * LONGEST_BAR));
  return html`<tr>
<th scope="row" align="${start}" style="${STYLE.small};font-weight:400;${padding(texts, 4, 12, 6)};word-break:normal">${label}<div style="width:${length}px;height:10px;margin-top:2px;line-height:10px;font-size:1px;background-color:${BAR_COLORS[tone]}">&nbsp;</div></th>
<td align="${end}" valign="top" style="${STYLE.small};${STYLE.strong};padding:4px 0;white-space:nowrap">${valueText}</td>
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

const summaryParts = ({ summary, texts }: TemplateData): readonly Html[] =>
  summary === undefined
    ? []
    : [
        paragraph(sentences(summary), 20),
        ...(summary.figures.length > 0 ? [paragraph(figures(summary, texts), 20)] : []),
        ...(summary.chart && summary.chart.bars.length > 0
          ? [paragraph(chart(summary.chart, texts), 20)]
          : []),
      ];

const tablesText = ({ tables, texts }: TemplateData) =>
  tables.length === 0 ? "" : texts.text("mail.tables", { tables: tables.join(", ") });

/** A file's name, which may go on in the next line after each of its parts. */
const inParts = (name: string) => html`${name.split(/(?<=_)/).map((part) => html`${part}<wbr>`)}`;

/** The file as a thing: its kind, its name, its size. */
const enclosure = ({ texts, file: { name, size } }: TemplateData): Html => html`\
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border:1px solid ${COLOR.line};border-radius:8px">
<tr>
<td width="44" valign="middle" style="${padding(texts, 14, 0, 14, 16)}">
<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr><td bgcolor="${COLOR.accent}" style="border-radius:4px;padding:3px 7px;${STYLE.badge}">PDF</td></tr></table>
</td>
<td valign="middle" style="padding:14px 16px;word-break:break-word">
<p style="${STYLE.small};${STYLE.strong}">${inParts(name)}</p>
<p style="${STYLE.tiny}">${texts.text("mail.attached", { size })}</p>
</td>
</tr>
</table>`;

function file(said: TemplateData): Html {
  const { size, link, isAttached } = said.file;
  const { text } = said.texts;
  if (isAttached) return enclosure(said);
  // Nobody told this deployment where it is reached.
  if (!link) return html`<p style="${STYLE.small}">${text("mail.too_large")} ${text("mail.elsewhere")}</p>`;
  return html`${button(link.href, text("mail.open"))}
<p style="${STYLE.small};margin-top:16px">${text("mail.file", { size })} ${text("mail.too_large")} ${text("mail.until", { until: link.until })}</p>
${linkText(link.href, text("mail.address"))}`;
}

const wayOut = ({ leave, texts }: TemplateData): Html =>
  leave === undefined
    ? html``
    : html`
<p style="${STYLE.tiny};margin-top:8px"><a href="${leave}" style="${STYLE.link}">${texts.text("mail.leave")}</a></p>`;

/** What lists of mails show: what changed; else the period, and where the file is. */
const preview = ({ facts: [first], file: { isAttached }, summary, texts }: TemplateData) =>
  summary?.sentences[0] ??
  `${first ? `${sanitizeLine(first.value)}. ` : ""}${texts.text(isAttached ? "mail.preview_attached" : "mail.preview_ready")}`;

export const renderHtml = (said: TemplateData): FramedMail =>
  renderMail({
    title: sanitizeLine(said.name),
    preview: preview(said),
    language: said.texts.language,
    direction: said.texts.direction,
    parts: [
      paragraph(
        html`<p style="${STYLE.small}">${said.kind}</p>
<h1 style="${STYLE.heading}">${isolated(said.name)}</h1>`,
        32,
      ),
      ...summaryParts(said),
      paragraph(facts(said), 20),
      paragraph(
        html`${file(said)}${
          said.tables.length > 0
            ? html`
<p style="${STYLE.small};margin-top:12px">${tablesText(said)}</p>`
            : ""
        }${
          said.allTables
            ? html`
<p style="${STYLE.small};margin-top:12px"><a href="${said.allTables}" style="${STYLE.link}">${said.texts.text("mail.all_tables")}</a></p>`
            : ""
        }`,
        24,
        32,
      ),
    ],
    aside: html`<p style="${STYLE.tiny}">${said.texts.text("mail.why")}</p>${wayOut(said)}`,
  });

function fileText({ texts: { text }, file: { name, size, link, isAttached } }: TemplateData): string {
  if (isAttached) return text("mail.attached_as", { name, size });
  if (!link) return `${text("mail.too_large")} ${text("mail.elsewhere")}`;
  return `${text("mail.open_file", { size })}\n\n${link.href}\n\n${text("mail.too_large")} ${text("mail.until", { until: link.until })}`;
}

function summaryText({ sentences: all, figures: main, chart: bars }: ReportSummary): string {
  const lines = main.map(({ label, value, note }) => `${label}: ${value}${note ? ` (${note})` : ""}`);
  const chartLines = bars
    ? [`${bars.title}:`, ...bars.bars.map((bar) => `  ${bar.label}: ${bar.valueText}`)]
    : [];
  return [all.join("\n\n"), lines.join("\n"), chartLines.join("\n")].filter(Boolean).join("\n\n");
}

export function renderText(said: TemplateData): string {
  const { texts, kind, name, summary, tables, allTables, leave } = said;
  const written = `\
${kind}: ${isolate(name)}

${summary ? `${summaryText(summary)}\n\n` : ""}${said.facts.map(({ label, value }) => `${label}: ${isolate(value)}`).join("\n")}

${fileText(said)}
${tables.length > 0 ? `\n${tablesText(said)}\n` : ""}${allTables ? `\n${texts.text("mail.all_tables")}:\n${allTables}\n` : ""}
${texts.text("mail.why")}
${leave === undefined ? "" : `\n${texts.text("mail.leave")}:\n${leave}\n`}`;
  // Lines that begin with a name in other letters are read from right to left all the same (UAX #9, RLM).
  return texts.direction === "rtl" ? written.replaceAll(/^(?!https?:)(?=.)/gm, "\u200f") : written;
}
