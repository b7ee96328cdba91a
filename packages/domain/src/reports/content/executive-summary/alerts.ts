import type { Severity } from "@success-manager/contract/vocabulary";
import type { Block, Section, Table, Tone } from "@success-manager/pdf/document";
import { isWorse, rankOf } from "../../../alerts/condition.ts";
import { countOpen, newestFirst } from "../../../alerts/open-count.ts";
import { isSnoozed } from "../../../alerts/shown.ts";
import { countOf } from "../../../surveys/satisfaction.ts";
import { precedingPeriod } from "../../period.ts";
import type { Happened, Happenings } from "../happenings.ts";
import { countText, dayText, numberText, periodText, signedText, termText } from "../wording.ts";
import type { Portfolio } from "./portfolio.ts";

/** How many alerts are listed. */
const MOST = 10;

const TONES: Readonly<Record<Severity, Tone>> = {
  critical: "bad",
  high: "poor",
  medium: "fair",
  low: "neutral",
};

/** Open alerts that are high or critical: critical ones first, then the newest. */
function urgent({ book, customers, asked: { now } }: Portfolio): Block {
  const found = newestFirst(book)
    .filter((alert) => isWorse(alert.severity, "medium") && !isSnoozed(alert, now))
    .sort((a, b) => rankOf(b.severity) - rankOf(a.severity));
  if (found.length === 0) return { kind: "text", text: "No open alert is high or critical." };
  const shown = found.slice(0, MOST);
  return {
    kind: "table",
    title: "Open critical and high alerts",
    columns: [
      { heading: "Customer", width: 1.6 },
      { heading: "Alert", width: 2.6 },
      { heading: "Severity", width: 0.7 },
      { heading: "Created", width: 1.2 },
    ],
    rows: shown.map(({ customer_id, alert_type, title, severity, created_at }) => [
      customers.get(customer_id)?.customer.company_name ?? "Unknown customer",
      title || termText(alert_type),
      { text: termText(severity), tone: TONES[severity] },
      dayText(created_at.slice(0, 10)),
    ]),
    more: found.length - shown.length,
  };
}

/** Open alerts by severity, the worst first. */
function bySeverity({ book, asked: { now } }: Portfolio): Block[] {
  const { total, snoozed, by_severity } = countOpen(book, now);
  if (total === 0 && snoozed === 0) return [];
  const aside: Block = {
    kind: "text",
    muted: true,
    text: `${countText(snoozed, "alert is", "alerts are")} snoozed and not counted.`,
  };
  return [
    {
      kind: "stackedBar",
      title: "Open alerts by severity",
      parts: (["critical", "high", "medium", "low"] as const).map((severity) => ({
        label: termText(severity),
        value: by_severity[severity],
        tone: TONES[severity],
      })),
    },
    ...(snoozed > 0 ? [aside] : []),
  ];
}

const ACTIVITIES: readonly (readonly [string, (happened: Happened) => number])[] = [
  ["Contacts with customers", ({ contacts }) => contacts],
  ["Survey links made", ({ links_created }) => links_created],
  ["Survey answers", ({ answers }) => countOf(answers)],
  ["Alerts opened", ({ alerts_opened }) => alerts_opened],
  ["Alerts resolved", ({ alerts_resolved }) => alerts_resolved],
];

/** What happened in the period, and in the one before. */
function activity({ asked: { period } }: Portfolio, { now, before: then }: Happenings): Table {
  return {
    kind: "table",
    title: "Activity",
    columns: [
      { heading: "", width: 1.6 },
      { heading: periodText(period), width: 1.2, align: "right" },
      { heading: periodText(precedingPeriod(period)), width: 1.2, align: "right" },
      { heading: "Change", width: 0.6, align: "right" },
    ],
    rows: ACTIVITIES.map(([label, count]) => [
      label,
      numberText(count(now)),
      numberText(count(then)),
      count(now) === count(then) ? "none" : signedText(count(now) - count(then)),
    ]),
  };
}

/** What needs attention now, and how much happened. */
export const alertsSection = (portfolio: Portfolio, happened: Happenings): Section => ({
  heading: "Alerts and activity",
  blocks: [...bySeverity(portfolio), urgent(portfolio), activity(portfolio, happened)],
});
