import { truncate } from "@success-manager/contract/text";
import type { CustomerStatus } from "@success-manager/contract/vocabulary";
import type { BarChart, Section, Tile } from "@success-manager/pdf/document";
import { dateOf } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import {
  contractValueOf,
  countByStatus,
  countNew,
  customerSegments,
  type Portfolio,
  topN,
} from "../../portfolio/index.ts";
import { precedingPeriod } from "../period.ts";
import {
  ACCOUNT_MANAGER,
  CONTRACT_END,
  CONTRACT_VALUE,
  CUSTOMER,
  mostValuableFirst,
  noManager,
  SCORE_AND_CHANGE,
  type TableColumn,
  tableOf,
  text,
} from "./blocks.ts";
import { noCustomersText, populationNotes } from "./filters.ts";
import {
  formatAmount,
  formatCountShares,
  formatDate,
  formatList,
  formatNumber,
  formatPeriod,
  formatShares,
  formatTerm,
  notRecorded,
  versusPrevious,
} from "./format.ts";
import { type CustomerData, comparedChange, type ReportRequest } from "./query.ts";
import { contractEndTile } from "./renewals.ts";
import { say } from "./words.ts";

/** Who the customers are, or who one of them is. */

/** How many industries have a bar of their own. */
const MAX_INDUSTRIES = 12;

/** In the order in which customers go through them. */
const STATUSES = ["onboarding", "active", "at_risk", "churned"] as const satisfies CustomerStatus[];

export function portfolioTiles({ rows, left }: Portfolio, { filters, period, since }: ReportRequest): Tile[] {
  const customers = countByStatus(rows);
  const statuses = STATUSES.filter((status) => filters.status?.includes(status) ?? status !== "churned");
  const shares = formatShares(statuses.map((status) => customers[status]));
  const before = precedingPeriod(period);
  const came = countNew(rows, period.date_from, period.date_to);
  return [
    { label: say("tile.customers"), value: formatNumber(rows.length), note: say("profile.as_of_today") },
    ...statuses.map(
      (status, n): Tile => ({
        label: formatTerm(status),
        value: formatNumber(customers[status]),
        note: shares[n],
      }),
    ),
    ...(filters.status
      ? []
      : [
          {
            label: formatTerm("churned"),
            value: formatNumber(left.length),
            note: say("profile.have_left"),
          },
        ]),
    {
      label: say("profile.new"),
      value: formatNumber(came),
      ...comparedChange(
        {
          current: came,
          previous: countNew(rows, before.date_from, before.date_to),
          since: since !== undefined && since > before.date_from ? since : undefined,
        },
        { against: versusPrevious(period), better: "neither" },
      ),
    },
    {
      label: say("tile.contract_value"),
      value: formatAmount(contractValueOf(rows)),
      note: say("count.of_customers", { count: rows.length }),
    },
  ];
}

/** The largest industries; the others together. */
function industryBars(portfolio: Portfolio): BarChart | undefined {
  const { by_industry } = customerSegments(portfolio);
  if (by_industry.length === 0) return undefined;
  const others = by_industry.slice(MAX_INDUSTRIES);
  const rest = others.reduce((sum, { count }) => sum + count, 0);
  const label = say("profile.other_industries", { count: others.length });
  const bars = [
    ...by_industry
      .slice(0, MAX_INDUSTRIES)
      .map(({ name, count }) => ({ label: name, value: count, tone: "accent" as const })),
    ...(others.length > 0 ? [{ label, value: rest, tone: "neutral" as const }] : []),
  ];
  const texts = formatCountShares(bars.map(({ value }) => value));
  return {
    kind: "barChart",
    title: say("profile.by_industry"),
    bars: bars.map((bar, n) => ({ ...bar, valueText: texts[n] ?? "" })),
  };
}

/** The customer base. */
export function portfolioProfileSection(portfolio: Portfolio, request: ReportRequest): Section {
  const heading = say("heading.customer_base");
  if (portfolio.rows.length === 0)
    return { heading, blocks: [text(noCustomersText(request.filters)), ...populationNotes(portfolio)] };
  const industries = industryBars(portfolio);
  return {
    heading,
    blocks: [
      { kind: "tiles", tiles: portfolioTiles(portfolio, request) },
      ...(industries ? [industries] : []),
    ],
  };
}

const STATUS: TableColumn<CustomerRow> = {
  heading: () => say("column.status"),
  width: 0.9,
  cell: ({ customer }) => formatTerm(customer.status),
};

const PRODUCTS: TableColumn<CustomerRow> = {
  heading: () => say("column.products"),
  width: 0.8,
  align: "right",
  cell: ({ products }) => formatNumber(products.length),
  data: ({ products }) => products.join(", "),
};

/** How many customers are listed. */
const MAX_CUSTOMERS = 40;

/** Each customer on a line, the most valuable contract first. */
export function customerListSection(rows: readonly CustomerRow[], { keepsRows }: ReportRequest): Section {
  const heading = say("heading.customers");
  if (rows.length === 0) return { heading, blocks: [text(say("customers.none_to_list"))] };
  const columns = [
    ...[CUSTOMER, STATUS, CONTRACT_VALUE, CONTRACT_END, SCORE_AND_CHANGE],
    ...[PRODUCTS, ACCOUNT_MANAGER],
  ];
  const sorted = keepsRows
    ? rows.toSorted(mostValuableFirst)
    : topN<CustomerRow>(rows, MAX_CUSTOMERS, mostValuableFirst);
  return {
    heading,
    about: say("customers.about"),
    blocks: [tableOf(sorted, columns, { limit: MAX_CUSTOMERS, total: rows.length, keepsRows })],
  };
}

/** How many products are named. */
const MAX_PRODUCTS = 3;

const customerTiles = ({ customer, products }: CustomerData, today: string): Tile[] => [
  {
    label: say("profile.status"),
    value: formatTerm(customer.status),
    note: say("profile.since", { date: formatDate(customer.created_at) }),
  },
  { label: say("tile.contract_value"), value: formatAmount(customer.contract_value) },
  contractEndTile(customer, today),
  {
    label: say("profile.products"),
    value: String(products.length),
    note: products.length === 0 ? say("profile.no_products") : formatList(products, MAX_PRODUCTS),
  },
];

function contractText({ contract_start_date: start, contract_end_date: end }: CustomerData["customer"]) {
  if (start && end) return formatPeriod({ date_from: start, date_to: end });
  if (start) return say("profile.from", { date: formatDate(start) });
  return end ? say("profile.until", { date: formatDate(end) }) : notRecorded();
}

/** About so many lines of notes are printed. */
const MAX_NOTES = 1_200;

/** Who a customer is, and what the team notes about them: goals and context. Whoever gets the report reads that. */
export function customerProfileSection(data: CustomerData, { now, filters }: ReportRequest): Section {
  const { customer, account_manager_label } = data;
  const notes = filters.include_notes === false ? "" : truncate((customer.notes ?? "").trim(), MAX_NOTES);
  const contact = [customer.contact_name, customer.contact_email, customer.contact_phone].filter(Boolean);
  const facts: readonly (readonly [label: string, value: string])[] = [
    [say("profile.industry"), customer.industry?.trim() || notRecorded()],
    [say("profile.account_manager"), account_manager_label || noManager()],
    [say("profile.contact"), contact.length > 0 ? contact.join(" · ") : notRecorded()],
    [say("profile.contract"), contractText(customer)],
  ];
  return {
    heading: say("heading.profile"),
    blocks: [
      { kind: "tiles", tiles: customerTiles(data, dateOf(now)) },
      tableOf(facts, [
        { heading: say("column.contract_and_contacts"), width: 1, cell: ([label]) => label },
        { heading: say("column.details"), width: 3, cell: ([, value]) => value },
      ]),
      ...(notes
        ? [
            {
              kind: "quotes" as const,
              quotes: [{ text: notes, by: say("profile.notes") }],
            },
          ]
        : []),
    ],
  };
}
