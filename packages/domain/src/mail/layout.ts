import { html, raw } from "hono/html";
import { type Brand, DARK, logoPath } from "../settings/index.ts";

/** Controls and ends of lines (RFC 5322, 2.2), and whatever else is blank. */
const BLANK = /[\p{Cc}\s\u2028\u2029]+/gu;

/** Embeddings, overrides and isolates: they turn around what follows them (UAX #9, 2). */
const STEERING = /[\u202a-\u202e\u2066-\u2069]/gu;

/** Blocks of scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** What somebody typed, on one line and without steering what stands around it. */
export const sanitizeLine = (typed: string): string => typed.replace(STEERING, "").replace(BLANK, " ").trim();

/**
 * The same as a piece of a line of plain text. What is written from right to left is isolated (UAX #9, FSI and PDI):
 * numbers behind it would stand before it otherwise.
 */
export function isolate(typed: string): string {
  const line = sanitizeLine(typed);
  return RIGHT_TO_LEFT.test(line) ? `\u2068${line}\u2069` : line;
}

/** Escaped HTML. */
export type Html = ReturnType<typeof html>;

const FONT = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const TEXT = "#16221c";
const QUIET = "#52605a";
const LINE = "#d5ddd9";
/** Of the one who writes; `renderMail` puts it there. Mail programs know no variables. */
const ACCENT = "var(--accent)";
const GROUND = "#eef2f0";
const CARD = "#ffffff";

/** Styles stand on the element, because many mail clients know no others. Colours are those of the pages. */
export const STYLE = {
  heading: `margin:12px 0 0;${FONT};font-size:24px;line-height:32px;font-weight:600;color:${TEXT}`,
  text: `margin:16px 0 0;${FONT};font-size:16px;line-height:25px;color:${TEXT}`,
  small: `margin:0;${FONT};font-size:14px;line-height:21px;color:${QUIET}`,
  tiny: `margin:0;${FONT};font-size:13px;line-height:20px;color:${QUIET}`,
  strong: `color:${TEXT}`,
  link: `color:${ACCENT}`,
  /** On the accent color, in the dark as well. */
  badge: `${FONT};font-size:12px;line-height:18px;font-weight:600;color:#ffffff`,
} as const;

/** For borders and areas. */
export const COLOR = { line: LINE, accent: ACCENT, ground: GROUND } as const;

/** A table that context nothing: it holds what stands in it together, for clients that lay out nothing else. */
const TABLE = html`role="presentation" cellpadding="0" cellspacing="0" border="0"`;

/** As wide as it reads well, with a width for those that know no other. */
const column = (rows: Html, style = "") => html`\
<table ${TABLE} width="560" style="width:100%;max-width:560px${style}">
${rows}
</table>`;

/** A part of the card; the space above it, and below where it is the last. */
export const paragraph = (content: Html, above = 28, below = 0): Html => html`\
<tr><td style="padding:${above}px 32px ${below}px;word-break:break-word">
${content}
</td></tr>
`;

/** What there is to do. */
export const button = (href: string, label: string): Html => html`\
<table ${TABLE}>
<tr><td align="center" bgcolor="${ACCENT}" style="border-radius:8px">
<a href="${href}" style="display:inline-block;padding:14px 28px;${FONT};font-size:16px;line-height:20px;font-weight:600;color:#ffffff;text-decoration:none;border-radius:8px">${label}</a>
</td></tr>
</table>`;

/** The same for who can't press buttons. */
export const linkText = (
  href: string,
  label = "If the button does not work, open this address:",
): Html => html`\
<p style="${STYLE.small};margin-top:16px">${label}<br><a href="${href}" style="${STYLE.link}">${href}</a></p>`;

export interface MailContent {
  readonly title: string;
  /** What lists of mails show behind the subject. */
  readonly preview: string;
  /** Rows of the card, made by `part`. */
  readonly parts: readonly Html[];
  /** What stands below the card: why somebody gets this mail. */
  readonly aside: Html;
  /** BCP 47; English when absent. */
  readonly language?: string | undefined;
  readonly direction?: "ltr" | "rtl" | undefined;
}

/** What an admin has set for mails to the team (`/settings/reports`): where it is set, it stands before the brand's. */
export interface TeamBranding {
  /** https; the reader's mail program loads it, we never do. */
  readonly logo_url?: string | null;
  readonly footer_text?: string | null;
}

/** What stands around a mail: the brand, and where files of ours are reached. */
export interface Frame extends TeamBranding {
  readonly brand: Brand;
  /** Such as `https://api.example.com`; without it there is no logo. */
  readonly origin: string | undefined;
}

/** The text at the foot, if any. */
export const footerOf = ({ brand, footer_text }: Frame): string | undefined => footer_text ?? brand.footer;

function header({ brand, origin, logo_url }: Frame): Html {
  const address = logo_url ?? (brand.logo && origin && origin + logoPath(brand.logo));
  return column(
    paragraph(
      address
        ? html`<img src="${address}" alt="${brand.organization}" height="40" style="display:block;border:0;height:40px;max-width:100%;font-size:16px;color:${TEXT}">`
        : html`<p style="${STYLE.small};font-weight:600">${brand.organization}</p>`,
      0,
      16,
    ),
  );
}

const footer = (text: string | undefined): Html =>
  text ? html`<p style="${STYLE.tiny};margin-top:8px">${sanitizeLine(text)}</p>` : html``;

/**
 * Colors for readers in the dark, where the mail program asks for them (Apple's, Thunderbird, Samsung's; others turn
 * colors around by themselves). A logo stays on white: it was made for that. They are told apart by the styles on the
 * elements, so that these are said once.
 */
const darkStyle = ({ accent, accentOnDark }: Brand): string =>
  Object.entries({
    [`background-color:${GROUND}`]: "background-color:#0e1412",
    [`background-color:${CARD}`]: `background-color:${DARK}`,
    [`color:${TEXT}`]: "color:#e9f0ec",
    [`color:${QUIET}`]: "color:#a4b3ac",
    [`color:${accent}`]: `color:${accentOnDark}`,
    [`solid ${LINE}`]: "border-color:#2c3833",
  })
    .map(([light, dark]) => `[style*="${light}"]{${dark} !important}`)
    .join("\n");

/** Fills in the accent color, in attributes alone: what people typed is escaped and has no quotes. */
const withAccent = (page: string, accent: string) =>
  page.replace(/ (style|bgcolor)="[^"]*"/g, (attribute) => attribute.replaceAll(ACCENT, accent));

/** A mail without what stands around it, which is known when it is sent. */
export type FramedMail = (frame: Frame) => string;

/** A mail, as HTML that is read by all sorts of clients. */
export const renderMail =
  ({ title, preview, parts, aside, language = "en", direction = "ltr" }: MailContent): FramedMail =>
  (frame) =>
    withAccent(
      String(html`<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${title}</title>
<style>
:root{color-scheme:light dark}
@media (prefers-color-scheme:dark){
${raw(darkStyle(frame.brand))}
img[height="40"]{background-color:#ffffff !important;padding:6px 10px;border-radius:8px}
}
</style>
</head>
<body style="margin:0;padding:0;background-color:${GROUND}">
<div style="display:none;max-height:0;overflow:hidden">${preview}</div>
<table ${TABLE} width="100%" dir="${direction}" style="background-color:${GROUND}">
<tr><td align="center" style="padding:32px 16px">
${header(frame)}
${column(html`${[...parts]}`, `;background-color:${CARD};border-radius:12px`)}
${column(paragraph(html`${aside}${footer(footerOf(frame))}`, 16))}
</td></tr>
</table>
</body>
</html>
`),
      frame.brand.accent,
    );

/**
 * Headers of mail that nobody typed: mailed by a machine, so that no holiday notice comes back (RFC 3834, 5), and how
 * mail programs get their readers off the list (RFC 2369, 3.2). In one step where the address is safe: RFC 8058 knows
 * HTTPS only.
 */
export const mailedByMachine = (leave?: string): Record<string, string> => ({
  "Auto-Submitted": "auto-generated",
  ...(leave !== undefined && { "List-Unsubscribe": `<${leave}>` }),
  ...(leave?.startsWith("https:") && { "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" }),
});
