import { notFound } from "@success-manager/contract/problem";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import { uniqueForm } from "@success-manager/contract/text";
import type { Block, Fact, Section } from "@success-manager/pdf/document";
import { type CustomerRow, type Directory, getDirectory } from "../../directory/index.ts";
import { isUnknown, managedBy, type Portfolio, portfolioOf } from "../../portfolio/index.ts";
import { note, text } from "./blocks.ts";
import { formatChoice, formatTerm } from "./format.ts";
import { say } from "./words.ts";

/** What a report is narrowed down to: its customers, and how that is printed. */

type Customers = Pick<Directory, "customers">;

/** @throws 404 for a customer who is not there */
function customerRow({ customers }: Customers, customer_id: string): CustomerRow {
  const row = customers.get(customer_id);
  if (!row) throw notFound("Customer");
  return row;
}

type Condition = (row: CustomerRow) => boolean;

/** As lists of customers have them. */
function conditionsOf(filters: ReportFilters): Condition[] {
  const { status, industries, account_manager_id, product, min_score: min, max_score: max } = filters;
  const statuses = new Set(status);
  const industryKeys = new Set(industries?.map(uniqueForm));
  const conditions: (Condition | false)[] = [
    status !== undefined && (({ customer }) => statuses.has(customer.status)),
    industries !== undefined && (({ industry_key }) => industryKeys.has(industry_key)),
    account_manager_id !== undefined && managedBy(account_manager_id),
    product !== undefined && (({ products }) => products.includes(product)),
    // Customers without a score pass an upper bound, and a lower bound of 0.
    min !== undefined && (({ score }) => (score?.overall_score ?? 0) >= min),
    max !== undefined && (({ score }) => score === undefined || score.overall_score <= max),
  ];
  return conditions.filter((condition) => condition !== false);
}

/**
 * The customers that a report is about, and those who meet its filters too but have left: they are not counted, unless
 * the filter names statuses (decision 11). One who is asked for by id is taken whatever else they are.
 *
 * @throws 404 for a customer who is not there
 */
export function filterCustomers(directory: Customers, filters: ReportFilters): Portfolio {
  const { customer_id, status } = filters;
  if (customer_id !== undefined) return { rows: [customerRow(directory, customer_id)], left: [] };
  const conditions = conditionsOf(filters);
  const found = [...directory.customers.values()].filter((row) => conditions.every((passes) => passes(row)));
  return status === undefined ? portfolioOf(found) : { rows: found, left: [] };
}

/** Beside figures: how many have left, whom these do not count, and of how many too little is known to say how they are. */
export function populationNotes({ rows, left }: Pick<Portfolio, "rows" | "left">): Block[] {
  const unknown = rows.filter(isUnknown).length;
  return [
    ...(left.length === 0 ? [] : [note(say("customers.left", { count: left.length }))]),
    ...(unknown === 0 ? [] : [note(say("customers.health_unknown", { count: unknown }))]),
  ];
}

/**
 * All that a report says whose filters nobody meets: figures of everybody else have no place in it. Undefined when
 * somebody does, or when nothing is narrowed down.
 */
export const nobodySection = (portfolio: Portfolio, filters: ReportFilters): Section | undefined =>
  portfolio.rows.length === 0 && isFiltered(filters)
    ? {
        heading: say("heading.customers"),
        blocks: [text(noCustomersText(filters)), ...populationNotes(portfolio)],
      }
    : undefined;

const CUSTOMER_FILTERS = [
  "customer_id",
  "status",
  "industries",
  "account_manager_id",
  "product",
  "min_score",
  "max_score",
] as const satisfies (keyof ReportFilters)[];

/** Whether a report is about some customers instead of all. */
export const isFiltered = (filters: ReportFilters): boolean =>
  CUSTOMER_FILTERS.some((name) => filters[name] !== undefined);

/**
 * What a section says whose figures are those of all customers, in a report about some: counters by day know no
 * status, industry or manager.
 */
export const unfilteredNote = (counted: "interactions" | "answers"): string =>
  say(`customers.unfiltered_${counted}`);

/** Printed instead of figures when there is nobody. */
export const noCustomersText = (filters: ReportFilters): string =>
  say(isFiltered(filters) ? "customers.none_meet" : "customers.none");

function scoreBounds({ min_score: min, max_score: max }: ReportFilters): string | undefined {
  if (min === undefined) return max === undefined ? undefined : say("filter.score_most", { max });
  return max === undefined ? say("filter.score_least", { min }) : say("filter.score_between", { min, max });
}

/** Filters in words; none when nothing is narrowed down. @throws 404 for a customer who is not there */
export function summarizeFilters(
  filters: ReportFilters,
  directory: Pick<Directory, "customers" | "team">,
): Fact[] {
  const { customer_id, status, industries, account_manager_id, product, survey_types } = filters;
  const { days_to_renewal, include_financials } = filters;
  const values: readonly (readonly [label: string, value: string | undefined])[] = [
    [say("filter.customer"), customer_id && customerRow(directory, customer_id).customer.company_name],
    [say("filter.status"), status && formatChoice(status.map(formatTerm))],
    [say("filter.industries"), industries && formatChoice(industries)],
    [
      say("filter.account_manager"),
      account_manager_id && (directory.team.get(account_manager_id)?.full_name ?? say("filter.somebody")),
    ],
    [say("filter.product"), product],
    [say("filter.health_score"), scoreBounds(filters)],
    [say("filter.surveys"), survey_types && formatChoice(survey_types.map(formatTerm))],
    [
      say("filter.renewals"),
      days_to_renewal === undefined ? undefined : say("filter.next_days", { count: days_to_renewal }),
    ],
    [say("filter.contract_values"), include_financials === false ? say("filter.left_out") : undefined],
  ];
  return values.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

/** The same with the names of customers and people as they are now. @throws 404 */
export const filterSummary = async (filters: ReportFilters): Promise<Fact[]> =>
  summarizeFilters(filters, await getDirectory());
