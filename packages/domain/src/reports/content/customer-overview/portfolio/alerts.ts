import { AlertType, type Severity } from "@success-manager/contract/vocabulary";
import type { Block, Section, Table } from "@success-manager/pdf/document";
import { getAlertCache } from "../../../../alerts/book.ts";
import { newestFirst } from "../../../../alerts/open-count.ts";
import { isSnoozed } from "../../../../alerts/shown.ts";
import { type Counters, countersBetween, dayOf, sumCounters } from "../../../../counters/index.ts";
import type { CustomerRow } from "../../../../directory/index.ts";
import type { AlertState } from "../../../../table/index.ts";
import { type Period, precedingPeriod } from "../../../period.ts";
import type { Asked } from "../../asked.ts";
import { againstText, changeText, countText, numberText, termText } from "../../wording.ts";
import { SEVERITY_TONES } from "../severity.ts";

/** Worst first. */
const SEVERITIES = ["critical", "high", "medium", "low"] as const satisfies Severity[];

function typeTable(open: readonly AlertState[]): Table {
  const count = (alert_type: AlertType, severity?: Severity) =>
    open.filter(
      (one) => one.alert_type === alert_type && (severity === undefined || one.severity === severity),
    ).length;
  return {
    kind: "table",
    title: "Open alerts by type and severity",
    columns: [
      { heading: "Alert", width: 2 },
      ...SEVERITIES.map((severity) => ({ heading: termText(severity), align: "right" as const })),
      { heading: "All", align: "right" },
    ],
    rows: AlertType.options
      .map((type) => ({ type, all: count(type) }))
      .filter(({ all }) => all > 0)
      .sort((a, b) => b.all - a.all)
      .map(({ type, all }) => [
        termText(type),
        ...SEVERITIES.map((severity) => {
          const found = count(type, severity);
          return found === 0 ? "0" : { text: numberText(found), tone: SEVERITY_TONES[severity] };
        }),
        numberText(all),
      ]),
  };
}

const within = (
  days: ReadonlyMap<string, Counters>,
  { date_from, date_to }: Period,
  takes?: (name: string) => boolean,
) =>
  [...days].reduce(
    (sum, [day, counters]) =>
      day >= dayOf(date_from) && day <= dayOf(date_to) ? sum + sumCounters(counters, takes) : sum,
    0,
  );

/** How many alerts were raised and resolved in the period; nobody counts that for some customers alone. */
async function movementTiles(period: Period) {
  const previous = precedingPeriod(period);
  const range = [dayOf(previous.date_from), dayOf(period.date_to)] as const;
  const [raised, resolved] = await Promise.all([
    countersBetween("alert", ...range),
    countersBetween("alert_resolved", ...range),
  ]);
  const ends = (one: Period) => within(resolved, one, (name) => name === "count");
  const [came, went] = [within(raised, period), ends(period)];
  return [
    {
      label: "Raised in the period",
      value: numberText(came),
      ...changeText(came, within(raised, previous), { against: againstText(period), better: "less" }),
    },
    {
      label: "Resolved in the period",
      value: numberText(went),
      ...changeText(went, ends(previous), { against: againstText(period), better: "neither" }),
    },
  ];
}

const NONE = "No alerts are open.";

/** What needs attention now; snoozed alerts are counted apart (decision 17). */
export async function alertsSection(
  rows: readonly CustomerRow[],
  { period, now }: Asked,
  narrowed: boolean,
): Promise<Section> {
  const [book, movements] = await Promise.all([getAlertCache(), narrowed ? [] : movementTiles(period)]);
  const ids = new Set(rows.map(({ customer }) => customer.id));
  const all = newestFirst(book).filter(({ customer_id }) => !narrowed || ids.has(customer_id));
  const open = all.filter((one) => !isSnoozed(one, now));
  const snoozed = all.length - open.length;
  const urgent = open.filter(({ severity }) => severity === "critical" || severity === "high");
  const heading = "Alerts";
  if (all.length === 0 && movements.every(({ value }) => value === "0"))
    return {
      heading,
      blocks: [
        { kind: "text", text: narrowed ? NONE : `${NONE} None were raised or resolved in this period.` },
      ],
    };
  const blocks: Block[] = [
    {
      kind: "tiles",
      tiles: [
        {
          label: "Open alerts",
          value: numberText(open.length),
          note: snoozed > 0 ? `and ${numberText(snoozed)} snoozed` : "none snoozed",
        },
        {
          label: "Critical or high",
          value: numberText(urgent.length),
          note:
            urgent.length === 0
              ? "none of them"
              : `of ${countText(new Set(urgent.map(({ customer_id }) => customer_id)).size, "customer")}`,
        },
        ...movements,
      ],
    },
    open.length > 0 ? typeTable(open) : { kind: "text", text: NONE },
  ];
  return { heading, about: "Open alerts as of now, without snoozed ones.", blocks };
}
