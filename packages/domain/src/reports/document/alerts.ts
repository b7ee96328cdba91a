import { AlertType, type Severity } from "@success-manager/contract/vocabulary";
import type { Block, Cell, Section, Tile, Tiles } from "@success-manager/pdf/document";
import { type AlertCache, byNewest, isSnoozed, SYSTEM } from "../../alerts/index.ts";
import type { TimelineEntry } from "../../customers/index.ts";
import type { Directory } from "../../directory/index.ts";
import { type AlertState, NO_CUSTOMER, type StoredAlert } from "../../table/index.ts";
import type { Period } from "../period.ts";
import { formatAlertTitle } from "./alert-titles.ts";
import { note, stackedBar, type TableColumn, tableOf, text } from "./blocks.ts";
import { formatNumber, formatShortDate, formatTerm, versusPrevious } from "./format.ts";
import { type Compared, type CustomerData, comparedChange, type ReportRequest } from "./query.ts";
import { SEVERITIES, SEVERITY_TONES, severityCell } from "./tones.ts";
import { say } from "./words.ts";

/** Alerts in all reports: what is open now, of one customer or of many, and what happened in the period. */
export interface AlertData {
  /** Open now and not snoozed (decision 17), the worst first, then the newest. */
  readonly open: readonly AlertState[];
  readonly snoozed: readonly AlertState[];
  /** How many were opened or resolved in the period. Absent where nobody counts that: for some customers of many. */
  readonly changed?: number | undefined;
}

interface AlertsSection {
  readonly heading?: string;
  readonly about?: string;
  /** Left out when there is nothing to show; a sentence stands there instead. */
  readonly blocks: readonly Block[];
  /** What follows in any case. */
  readonly always?: readonly Block[];
}

/** The section of any report. @param section made of the tiles, bars and tables below */
export function alertsSection(
  { open, snoozed, changed }: AlertData,
  { heading = say("heading.alerts"), about, blocks, always = [] }: AlertsSection,
): Section {
  if (open.length + snoozed.length + (changed ?? 0) > 0)
    return { heading, about, blocks: [...blocks, ...always] };
  const none = say(changed === undefined ? "alerts.none" : "alerts.none_opened");
  return { heading, blocks: [text(none), ...always] };
}

type OpenedAlert = Extract<TimelineEntry, { __edb_e__: "alert" }>;

/** Alerts of the same instant keep their order. */
const worstFirst = (a: AlertState, b: AlertState): number =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
  Date.parse(b.created_at) - Date.parse(a.created_at);

function openAlerts(open: readonly AlertState[], now: Date): Pick<AlertData, "open" | "snoozed"> {
  const sorted = [...open].sort(worstFirst);
  return {
    open: sorted.filter((alert) => !isSnoozed(alert, now)),
    snoozed: sorted.filter((alert) => isSnoozed(alert, now)),
  };
}

/** Open alerts of the whole portfolio. @param keeps by customer, where the report is about some */
export const portfolioAlerts = (
  cache: AlertCache,
  now: Date,
  keeps: (customer_id: string) => boolean = () => true,
): Pick<AlertData, "open" | "snoozed"> =>
  openAlerts(
    byNewest(cache).filter(({ customer_id }) => keeps(customer_id)),
    now,
  );

/** What was opened and resolved in the period, for all customers together. */
export function alertCountTiles(
  { opened, resolved }: { readonly opened: Compared<number>; readonly resolved: Compared<number> },
  period: Period,
): Tile[] {
  const against = versusPrevious(period);
  return [
    {
      label: say("tile.opened"),
      value: formatNumber(opened.current),
      ...comparedChange(opened, { against, better: "less" }),
    },
    {
      label: say("tile.resolved"),
      value: formatNumber(resolved.current),
      ...comparedChange(resolved, { against, better: "neither" }),
    },
  ];
}

const openedIn = ({ history }: CustomerData, { date_from }: Period): readonly OpenedAlert[] =>
  history.filter(
    (entry): entry is OpenedAlert =>
      entry.__edb_e__ === "alert" && entry.created_at.slice(0, 10) >= date_from,
  );

/** Alerts of one customer, and those of the period that have been resolved. */
export function customerAlerts(data: CustomerData, { period, now }: ReportRequest) {
  const opened = openedIn(data, period);
  const resolved = opened.filter(({ is_resolved }) => is_resolved);
  const openedTile: Tile = {
    label: say("tile.opened"),
    value: formatNumber(opened.length),
    note:
      opened.length === 0
        ? undefined
        : resolved.length === 0
          ? say("tile.none_resolved")
          : say("tile.of_them_resolved", { count: formatNumber(resolved.length) }),
  };
  return {
    ...openAlerts(
      data.alerts.filter(({ state }) => state === "open"),
      now,
    ),
    changed: opened.length,
    resolved,
    openedTile,
  };
}

const isUrgent = ({ severity }: Pick<AlertState, "severity">) =>
  severity === "critical" || severity === "high";

/** How many alerts are open, and what else a report counts. */
export const alertTiles = ({ open, snoozed }: AlertData, more: readonly Tile[]): Tiles => ({
  kind: "tiles",
  tiles: [
    {
      label: say("tile.open_alerts"),
      value: formatNumber(open.length),
      note: snoozed.length > 0 ? say("tile.snoozed", { count: snoozed.length }) : say("tile.none_snoozed"),
    },
    ...more,
  ],
});

/** How many open alerts are critical or high, and of how many customers. */
export function urgentTile({ open }: AlertData): Tile {
  const urgent = open.filter(isUrgent);
  const customers = new Set(urgent.map(({ customer_id }) => customer_id));
  customers.delete(NO_CUSTOMER);
  return {
    label: say("tile.urgent"),
    value: formatNumber(urgent.length),
    note:
      urgent.length === 0 ? say("tile.none_of_them") : say("count.of_customers", { count: customers.size }),
  };
}

/** Open alerts by severity, the worst first; how many are snoozed is said apart. */
export const severityBar = ({ open, snoozed }: AlertData): Block[] => [
  stackedBar(
    say("alerts.by_severity"),
    SEVERITIES.map((severity) => ({
      label: formatTerm(severity),
      value: open.filter((alert) => alert.severity === severity).length,
      tone: SEVERITY_TONES[severity],
    })),
  ),
  ...(snoozed.length > 0 ? [note(say("alerts.snoozed", { count: snoozed.length }))] : []),
];

/** Open alerts by type and severity; types without any are left out. */
export function typeTable({ open }: AlertData): Block {
  if (open.length === 0) return text(say("alerts.none"));
  const byType = Map.groupBy(open, ({ alert_type }) => alert_type);
  const count = (type: AlertType, severity: Severity) =>
    (byType.get(type) ?? []).filter((alert) => alert.severity === severity).length;
  const all = (type: AlertType) => byType.get(type)?.length ?? 0;
  const types = AlertType.options.filter((type) => all(type) > 0).sort((a, b) => all(b) - all(a));
  const columns: TableColumn<AlertType>[] = [
    { heading: say("column.type"), width: 2, cell: formatTerm },
    ...SEVERITIES.map(
      (severity): TableColumn<AlertType> => ({
        heading: formatTerm(severity),
        align: "right",
        cell: (type) => {
          const found = count(type, severity);
          return found === 0 ? "0" : { text: formatNumber(found), tone: SEVERITY_TONES[severity] };
        },
      }),
    ),
    { heading: say("column.all"), align: "right", cell: (type) => formatNumber(all(type)) },
  ];
  return tableOf(types, columns, { title: say("alerts.by_type") });
}

type AnyAlert = Pick<
  AlertState & StoredAlert,
  "customer_id" | "title" | "alert_type" | "severity" | "created_at"
>;

const COLUMNS = {
  alert: {
    heading: () => say("column.alert"),
    width: 3,
    cell: ({ title, alert_type }) => (title ? formatAlertTitle(title) : formatTerm(alert_type)),
  },
  type: { heading: () => say("column.type"), width: 1.4, cell: ({ alert_type }) => formatTerm(alert_type) },
  severity: { heading: () => say("column.severity"), cell: ({ severity }) => severityCell(severity) },
  opened: {
    heading: () => say("column.opened"),
    width: 1.3,
    cell: ({ created_at }) => formatShortDate(created_at),
    data: ({ created_at }) => created_at.slice(0, 10),
  },
} as const satisfies Record<string, TableColumn<AnyAlert>>;

const customerColumn = (customers: Directory["customers"]): TableColumn<AnyAlert> => ({
  heading: say("column.customer"),
  width: 2,
  cell: ({ customer_id }) =>
    customer_id === NO_CUSTOMER
      ? say("value.none")
      : (customers.get(customer_id)?.customer.company_name ?? say("customers.unknown")),
});

const stateColumn = (now: Date): TableColumn<AlertState> => ({
  heading: say("column.state"),
  width: 2,
  cell: (alert): Cell =>
    alert.snoozed_until !== undefined && isSnoozed(alert, now)
      ? {
          text: say("alerts.snoozed_until", { date: formatShortDate(alert.snoozed_until) }),
          tone: "neutral",
        }
      : { text: say("alerts.state_open"), tone: "accent" },
});

/** When, and who dealt with it; what the system resolves is over by itself. */
const RESOLVED: TableColumn<OpenedAlert> = {
  heading: () => say("column.resolved"),
  width: 2,
  cell: ({ resolved_at, resolved_by }) => {
    const when = resolved_at ? formatShortDate(resolved_at) : "";
    return resolved_by === undefined || resolved_by === SYSTEM
      ? when
      : say("alerts.resolved_by", { date: when, person: resolved_by });
  },
};

/** Open alerts that are critical or high, with their customers. */
export function urgentTable(
  { open }: AlertData,
  {
    customers,
    ...options
  }: {
    readonly customers: Directory["customers"];
    readonly limit: number;
    readonly keepsRows?: boolean | undefined;
  },
): Block {
  const urgent = open.filter(isUrgent);
  if (urgent.length === 0) return text(say("alerts.none_urgent"));
  const columns = [customerColumn(customers), COLUMNS.alert, COLUMNS.severity, COLUMNS.opened];
  return tableOf(urgent, columns, { title: say("alerts.urgent"), ...options });
}

/** All open alerts of a customer, snoozed ones included. */
export const openTable = ({ open, snoozed }: AlertData, now: Date, limit: number): Block[] =>
  open.length + snoozed.length === 0
    ? []
    : [
        tableOf(
          [...open, ...snoozed].sort(worstFirst),
          [COLUMNS.alert, COLUMNS.type, COLUMNS.severity, COLUMNS.opened, stateColumn(now)],
          { title: say("alerts.open_now"), limit },
        ),
      ];

export const resolvedTable = (resolved: readonly OpenedAlert[], limit: number): Block[] =>
  resolved.length === 0
    ? []
    : [
        tableOf(resolved, [COLUMNS.alert, COLUMNS.type, COLUMNS.severity, COLUMNS.opened, RESOLVED], {
          title: say("alerts.resolved"),
          limit,
        }),
      ];
