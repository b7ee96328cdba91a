import type { Block, Cell, Section } from "@success-manager/pdf/document";
import { rankOf } from "../../../../alerts/condition.ts";
import { isSnoozed } from "../../../../alerts/shown.ts";
import { SYSTEM } from "../../../../alerts/write.ts";
import type { HistoryEntry } from "../../../../customers/history.ts";
import type { AlertState } from "../../../../table/index.ts";
import type { Asked } from "../../asked.ts";
import { dateText, numberText, termText } from "../../wording.ts";
import { severityCell } from "../severity.ts";
import type { Known } from "./known.ts";

/** How many are listed of each. */
const SHOWN = 20;

type Raised = Extract<HistoryEntry, { __edb_e__: "alert" }>;

const day = (instant: string) => dateText(instant.slice(0, 10));

/** Worst first, then newest. */
const worstFirst = (a: AlertState, b: AlertState) =>
  rankOf(b.severity) - rankOf(a.severity) || (a.created_at < b.created_at ? 1 : -1);

function stateCell(alert: AlertState, now: Date): Cell {
  const { snoozed_until: until } = alert;
  return until !== undefined && isSnoozed(alert, now)
    ? { text: `Snoozed until ${day(until)}`, tone: "neutral" }
    : { text: "Open", tone: "accent" };
}

/** When, and who dealt with it; the system resolves what is over by itself. */
function resolvedText({ resolved_at, resolved_by }: Raised): string {
  const when = resolved_at ? day(resolved_at) : "";
  return resolved_by === undefined || resolved_by === SYSTEM ? when : `${when}, ${resolved_by}`;
}

/** @param cellOf what the last column says of each */
const tableOf = <A extends AlertState | Raised>(
  alerts: readonly A[],
  [title, since, last]: readonly [title: string, since: string, last: string],
  cellOf: (alert: A) => Cell,
): Block => ({
  kind: "table",
  title,
  columns: [
    { heading: "Alert", width: 3 },
    { heading: "Type", width: 1.4 },
    { heading: "Severity" },
    { heading: since, width: 1.3 },
    { heading: last, width: 2 },
  ],
  rows: alerts
    .slice(0, SHOWN)
    .map((alert) => [
      alert.title,
      termText(alert.alert_type),
      severityCell(alert.severity),
      day(alert.created_at),
      cellOf(alert),
    ]),
  more: Math.max(0, alerts.length - SHOWN),
});

const openTable = (open: readonly AlertState[], now: Date) =>
  tableOf(open, ["Open now", "Since", "State"], (alert) => stateCell(alert, now));

const raisedTable = (raised: readonly Raised[]) =>
  tableOf(raised, ["Raised in the period, and resolved", "Raised", "Resolved"], resolvedText);

/** What needs attention now, and what did in the period. */
export function alertsSection({ conditions, history }: Known, { period, now }: Asked): Section {
  const heading = "Alerts";
  const open = conditions.filter(({ state }) => state === "open").sort(worstFirst);
  const raised = history.filter(
    (entry): entry is Raised =>
      entry.__edb_e__ === "alert" && entry.created_at.slice(0, 10) >= period.date_from,
  );
  const awake = open.filter((alert) => !isSnoozed(alert, now)).length;
  const over = raised.filter(({ is_resolved }) => is_resolved);
  if (open.length + raised.length === 0)
    return {
      heading,
      blocks: [{ kind: "text", text: "No alert is open, and none was raised in this period." }],
    };
  const blocks: Block[] = [
    {
      kind: "tiles",
      tiles: [
        {
          label: "Open alerts",
          value: numberText(awake),
          note: open.length > awake ? `and ${numberText(open.length - awake)} snoozed` : "none snoozed",
        },
        {
          label: "Raised in the period",
          value: numberText(raised.length),
          note:
            raised.length > 0
              ? `${over.length === 0 ? "none" : numberText(over.length)} of them resolved`
              : undefined,
        },
      ],
    },
    ...(open.length > 0 ? [openTable(open, now)] : []),
    ...(over.length > 0 ? [raisedTable(over)] : []),
  ];
  return { heading, blocks };
}
