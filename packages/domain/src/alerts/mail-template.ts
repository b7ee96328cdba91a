import { html } from "hono/html";
import {
  type Html,
  isolate,
  type Message,
  paragraph,
  renderMail,
  STYLE,
  sanitizeLine,
  type TeamBranding,
} from "../mail/index.ts";
import type { StoredAlert } from "../table/index.ts";
import { rankOf } from "./detection.ts";

/** An alert as its mail shows it. Texts are as people typed them. */
export type MailedAlert = Pick<StoredAlert, "id" | "severity" | "title" | "description" | "created_at"> & {
  /** Undefined when it is about no customer. */
  readonly customer_name: string | undefined;
};

/** How many alerts a mail names; how many more there are it says. */
const MAX_NAMED = 50;

const WHY = "You get this mail because an admin has named your address for mails about new alerts.";

const countText = (count: number) => (count === 1 ? "1 new alert" : `${count} new alerts`);
const moreText = (count: number) => `And ${count} more in Success Manager.`;

const headline = ({ customer_name, title }: MailedAlert, isolated: (typed: string) => string) =>
  [customer_name, title].flatMap((part) => (part === undefined ? [] : [isolated(part)])).join(": ");

/** The colors of reports for the same (packages/pdf, theme.ts): seen on light and on dark ground. */
const SEVERITIES: Readonly<
  Record<MailedAlert["severity"], { readonly label: string; readonly color: string }>
> = {
  critical: { label: "Critical", color: "#c4453c" },
  high: { label: "High", color: "#d9772b" },
  medium: { label: "Medium", color: "#e3b73a" },
  low: { label: "Low", color: "#9aa8a1" },
};

/** A name or title that is written from right to left keeps its order, and turns nothing beside it around. */
const name = (typed: string): Html => html`<bdi>${sanitizeLine(typed)}</bdi>`;

function one({ severity, customer_name, title, description }: MailedAlert): Html {
  const { label, color } = SEVERITIES[severity];
  const customer = customer_name === undefined ? "" : html`${name(customer_name)}: `;
  return paragraph(
    html`<div style="border-left:4px solid ${color};padding-left:14px">
<p style="${STYLE.small}">${label}</p>
<p style="${STYLE.text};margin-top:2px;font-weight:600">${customer}${name(title)}</p>
<p style="${STYLE.small};margin-top:4px">${sanitizeLine(description)}</p>
</div>`,
    20,
  );
}

/** The mail about new alerts, the worst first, then the oldest. */
export function alertMail(alerts: readonly MailedAlert[], branding: TeamBranding): Message {
  const sorted = [...alerts].sort(
    (a, b) => rankOf(b.severity) - rankOf(a.severity) || (a.created_at < b.created_at ? -1 : 1),
  );
  const named = sorted.slice(0, MAX_NAMED);
  const more = sorted.length - named.length;
  const title = countText(sorted.length);
  const [first] = named;
  const subject = first && sorted.length === 1 ? `Alert: ${headline(first, isolate)}` : title;
  return {
    subject,
    html: renderMail({
      title,
      preview: first ? headline(first, sanitizeLine) : "",
      parts: [
        paragraph(html`<h1 style="${STYLE.heading}">${title}</h1>`, 32),
        ...named.map(one),
        paragraph(html`${more > 0 ? html`<p style="${STYLE.small}">${moreText(more)}</p>` : ""}`, 20, 32),
      ],
      aside: html`<p style="${STYLE.tiny}">${WHY}</p>`,
    }),
    text: [
      title,
      ...named.map(
        (alert) => `${alert.severity}: ${headline(alert, isolate)}\n${isolate(alert.description)}`,
      ),
      ...(more > 0 ? [moreText(more)] : []),
      WHY,
    ].join("\n\n"),
    branding,
    // Mailed by a machine (RFC 3834, 5).
    headers: { "Auto-Submitted": "auto-generated" },
  };
}
