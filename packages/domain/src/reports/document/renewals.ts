import type { Block, Section, Tile } from "@success-manager/pdf/document";
import { dateOf, daysAfter, daysBetween, periodsBetween } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { contractValueOf, type Renewal, renewalsWithin } from "../../portfolio/index.ts";
import type { StoredCustomer } from "../../table/index.ts";
import {
  ACCOUNT_MANAGER,
  CONTRACT_END,
  CONTRACT_VALUE,
  CUSTOMER,
  daysLeft,
  HEALTH,
  type TableColumn,
  tableOf,
  text,
} from "./blocks.ts";
import {
  formatAmount,
  formatDate,
  formatMonth,
  formatNumber,
  formatShortDate,
  notRecorded,
} from "./format.ts";
import type { CustomerData, ReportRequest } from "./query.ts";
import { adviceOn } from "./recommendations.ts";
import { daysLeftCell, daysLeftTone } from "./tones.ts";
import { say } from "./words.ts";

/** Contracts that end soon, of many customers; contracts and licenses of one. */

/** How far ahead renewals are listed, in days, when nobody says. */
const USUAL_DAYS = 60;

export const renewalDays = ({ filters: { days_to_renewal = USUAL_DAYS } }: ReportRequest): number =>
  days_to_renewal;

/** Whether contract values are printed. */
export const showsAmounts = ({ filters: { include_financials = true } }: ReportRequest): boolean =>
  include_financials;

const dueValue = (due: readonly Renewal[]): number => contractValueOf(due.map(({ row }) => row));

/** How many contracts end soon, and what they are worth. */
export function renewalsTile(rows: readonly CustomerRow[], request: ReportRequest): Tile {
  const days = renewalDays(request);
  const due = renewalsWithin(rows, dateOf(request.now), days);
  return {
    label: say("tile.renewals", { days }),
    value: formatNumber(due.length),
    note: showsAmounts(request)
      ? say("tile.worth", { amount: formatAmount(dueValue(due)) })
      : say("count.of_customers", { count: rows.length }),
  };
}

function totals(due: readonly Renewal[], days: number): Block {
  return {
    kind: "tiles",
    tiles: [
      {
        label: say("tile.contracts_ending"),
        value: formatNumber(due.length),
        note: say("tile.within", { days }),
      },
      { label: say("tile.their_value"), value: formatAmount(dueValue(due)) },
    ],
  };
}

/** What ends in each calendar month: worth, or how many where values are left out. */
function byMonth(due: readonly Renewal[], [first, last]: readonly [string, string], amounts: boolean): Block {
  return {
    kind: "barChart",
    title: say(amounts ? "renewals.by_month_value" : "renewals.by_month"),
    bars: periodsBetween("monthly", first, last).map((month) => {
      const within = due.filter(({ end }) => end.startsWith(month));
      const [cents, count] = [dueValue(within), formatNumber(within.length)];
      return {
        label: formatMonth(month),
        value: amounts ? cents / 100 : within.length,
        valueText: amounts ? `${formatAmount(cents)} (${count})` : count,
        tone: "accent",
      };
    }),
  };
}

interface RenewalOptions {
  /** What stands above the table. */
  readonly summary: "totals" | "byMonth";
  /** How many contracts are listed. */
  readonly limit: number;
}

/** Contracts that end soon, of customers who have not left: soonest first. */
export function renewalsSection(
  rows: readonly CustomerRow[],
  request: ReportRequest,
  { summary, limit }: RenewalOptions,
): Section {
  const days = renewalDays(request);
  const today = dateOf(request.now);
  const last = daysAfter(today, days);
  const due = renewalsWithin(rows, today, days);
  const heading = say("heading.renewals_within", { days });
  if (due.length === 0)
    return {
      heading,
      blocks: [text(say("renewals.none", { days })), ...adviceOn(["renewals"], rows, request.now)],
    };
  const amounts = showsAmounts(request);
  const counted = { count: due.length, date: formatDate(last) };
  const columns = [
    CUSTOMER,
    CONTRACT_END,
    ...(amounts ? [CONTRACT_VALUE] : []),
    daysLeft(request.now),
    HEALTH,
    ACCOUNT_MANAGER,
  ];
  return {
    heading,
    about: amounts
      ? say("renewals.about_worth", { ...counted, amount: formatAmount(dueValue(due)) })
      : say("renewals.about", counted),
    blocks: [
      summary === "totals" ? totals(due, days) : byMonth(due, [today, last], amounts),
      tableOf(
        due.map(({ row }) => row),
        columns,
        { limit, keepsRows: request.keepsRows },
      ),
      ...adviceOn(["renewals"], rows, request.now),
    ],
  };
}

/** When the contract of a customer ends; without a color once they have left. */
export function contractEndTile(
  { contract_end_date: end, status }: Pick<StoredCustomer, "contract_end_date" | "status">,
  today: string,
): Tile {
  if (end === undefined) return { label: say("tile.contract_end"), value: notRecorded() };
  const days = daysBetween(today, end);
  const tone = status === "churned" ? undefined : daysLeftTone(days);
  const note = formatDate(end);
  if (days < 0)
    return { label: say("tile.contract_ended"), value: say("count.days_ago", { count: -days }), note, tone };
  if (days === 0) return { label: say("tile.contract_ends"), value: say("tile.today"), note, tone };
  return { label: say("tile.contract_ends_in"), value: say("count.days", { count: days }), note, tone };
}

/** The end of a contract or of a license. */
interface End {
  readonly what: string;
  readonly terms: string;
  readonly end: string;
}

const endColumns = (today: string): TableColumn<End>[] => [
  { heading: say("column.what"), width: 2, cell: ({ what }) => what },
  { heading: say("column.terms"), width: 2, cell: ({ terms }) => terms },
  {
    heading: say("column.ends"),
    width: 1.5,
    cell: ({ end }) => formatShortDate(end),
    data: ({ end }) => end,
  },
  {
    heading: say("column.days_left"),
    align: "right",
    width: 1.5,
    cell: ({ end }) => daysLeftCell(daysBetween(today, end)),
  },
];

/** When the contract of a customer and the licenses in use end, soonest first. */
export function customerRenewalsSection(
  { customer, deployments }: CustomerData,
  { now }: ReportRequest,
  limit: number,
): Section {
  const { contract_end_date: end, contract_value } = customer;
  const ends: End[] = [
    ...(end === undefined
      ? []
      : [{ what: say("renewals.contract"), terms: formatAmount(contract_value), end }]),
    ...deployments
      .filter(({ is_active }) => is_active)
      .map(({ product_name, license_type, environment, license_expiry }) => ({
        what: say("renewals.license", { product: product_name }),
        terms: say("renewals.terms", { license: license_type, environment }),
        end: license_expiry,
      })),
  ].sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
  const heading = say("heading.renewals");
  if (ends.length === 0) return { heading, blocks: [text(say("renewals.none_recorded"))] };
  return {
    heading,
    about: say("renewals.about_one"),
    blocks: [tableOf(ends, endColumns(dateOf(now)), { limit })],
  };
}
