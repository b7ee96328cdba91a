import { notFound } from "@success-manager/contract/problem";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import { Product } from "@success-manager/contract/vocabulary";
import type { Counters } from "../../counters/index.ts";
import type { Directory } from "../../directory/index.ts";
import { type ScanResult, scanRecentUntil, toRange } from "../../lists/index.ts";
import {
  countResponses,
  type LinkCounts,
  parseScoreCounts,
  type ScoreCount,
  SURVEY_LIST,
  type SurveyProjection,
} from "../../surveys/index.ts";
import { batchGet, CustomerEntity, getRequest } from "../../table/index.ts";
import { precedingPeriod } from "../period.ts";
import {
  type Compared,
  type DailyCounters,
  linksOfDays,
  mapCompared,
  type ReportRequest,
  readDailyCounters,
} from "./query.ts";
import { isLow } from "./tones.ts";

/** What customers answered: of all customers from counters, of one from the responses themselves. */

/** How many responses there are of a type and a score. */
export type ResponseCounts = readonly Required<ScoreCount>[];

/** A response with the present name of its customer. */
export interface SurveyResponse extends SurveyProjection {
  readonly customer_name: string;
}

/** Responses as far as the filters of the report take them. */
export interface CsatData extends Compared<ResponseCounts> {
  /** The customer, when it is about one. */
  readonly company_name?: string | undefined;
  /** Of the period, by date; dates without responses may be missing. */
  readonly byDate: ReadonlyMap<string, ResponseCounts>;
  readonly byProduct: ReadonlyMap<Product, Compared<ResponseCounts>>;
  /** Absent where the filters take links about a product only: nobody counts those. */
  readonly links?: Compared<LinkCounts> | undefined;
  /** Whether all responses of the customer could be read. */
  readonly complete: boolean;
  /**
   * The newest responses of the period, newest first: some hundreds, and further back only as far as it takes to
   * find so many low ones.
   */
  newest(low: number): Promise<ScanResult<SurveyResponse>>;
}

/** Whether a report takes a type of survey. */
const takesType =
  ({ survey_types: types }: ReportFilters) =>
  ({ survey_type }: Pick<ScoreCount, "survey_type">) =>
    types === undefined || types.includes(survey_type);

/** Customers are never removed; a response may be seen a moment before its customer. */
const withName = (row: SurveyProjection, customer_name = "A new customer"): SurveyResponse => ({
  ...row,
  customer_name,
});

const productsOf = ({ product }: ReportFilters): readonly Product[] =>
  product ? [product] : Product.options;

/** From how many responses words and quotes are picked at least, where there are as many. */
const ENOUGH = 200;

/**
 * What all customers answered: from the counters of the days, three queries.
 *
 * @param directory their names, as of the same refresh of what is in memory as all other sections
 */
export async function csatFromCounters(
  request: Pick<ReportRequest, "filters" | "period" | "since">,
  directory: Pick<Directory, "customers"> | Promise<Pick<Directory, "customers">>,
): Promise<CsatData> {
  const { filters, period } = request;
  const { product, survey_types } = filters;
  const [{ customers }, all, ofProducts, links] = await Promise.all([
    directory,
    readDailyCounters("survey", request),
    readDailyCounters("survey_product", request),
    readDailyCounters("survey_link", request),
  ]);
  const takes = takesType(filters);
  const responses = (counters: Counters, about: Product | undefined): ResponseCounts =>
    parseScoreCounts(counters, about === undefined ? "" : `${about}|`).filter(takes);
  const countsAbout = (about: Product | undefined) =>
    mapCompared(about === undefined ? all : ofProducts, (days: DailyCounters) =>
      [...days.values()].flatMap((counters) => responses(counters, about)),
    );
  const counts = countsAbout(product);
  const byDate = (product === undefined ? all : ofProducts).current;
  const total = countResponses(counts.current);
  return {
    ...counts,
    byDate: new Map(Array.from(byDate, ([date, counters]) => [date, responses(counters, product)])),
    byProduct: new Map(productsOf(filters).map((about) => [about, countsAbout(about)])),
    links: product ? undefined : mapCompared(links, (days) => linksOfDays(days, survey_types)),
    complete: true,
    async newest(low) {
      const { date_from: start_date, date_to: end_date } = period;
      const { rows, whole } = await scanRecentUntil(
        toRange(SURVEY_LIST, { start_date, end_date, sort_order: "desc", filter: [] }),
        (row) => takes(row) && (product === undefined || row.product === product),
        (found) => found.length >= Math.min(ENOUGH, total) && found.filter(isLow).length >= low,
      );
      return {
        rows: rows.map((row) => withName(row, customers.get(row.customer_id)?.customer.company_name)),
        whole,
      };
    },
  };
}

const toCounts = (rows: readonly SurveyProjection[]): ResponseCounts =>
  rows.map(({ survey_type, score }) => ({ survey_type, score, amount: 1 }));

const dateOfResponse = ({ submitted_at }: SurveyProjection) => submitted_at.slice(0, 10);

/**
 * What responses of one customer come to.
 *
 * @param rows of the period and the one before it, newest first
 * @param source the customer's name, and whether these are all rows
 */
export function csatFromResponses(
  rows: readonly SurveyProjection[],
  { filters, period }: Pick<ReportRequest, "filters" | "period">,
  { company_name, complete }: { readonly company_name: string; readonly complete: boolean },
): CsatData {
  const { product } = filters;
  const takes = takesType(filters);
  const taken = rows.filter((row) => takes(row) && (product === undefined || row.product === product));
  const compared: Compared<readonly SurveyProjection[]> = {
    current: taken.filter((row) => dateOfResponse(row) >= period.date_from),
    previous: taken.filter((row) => dateOfResponse(row) < period.date_from),
  };
  const about = (one: Product) =>
    mapCompared(compared, (responses) => toCounts(responses.filter((row) => row.product === one)));
  const byDate = Map.groupBy(compared.current, dateOfResponse);
  return {
    company_name,
    ...mapCompared(compared, toCounts),
    byDate: new Map(Array.from(byDate, ([date, responses]) => [date, toCounts(responses)])),
    byProduct: new Map(productsOf(filters).map((one) => [one, about(one)])),
    complete,
    newest: async () => ({
      rows: compared.current.map((row) => withName(row, company_name)),
      whole: complete,
    }),
  };
}

/** What one customer answered: among the newest 5,000 entries of these days. @throws 404 */
export async function readCustomerCsat(request: ReportRequest, customer_id: string): Promise<CsatData> {
  const { period } = request;
  const range = toRange(SURVEY_LIST, {
    customer_id,
    start_date: precedingPeriod(period).date_from,
    end_date: period.date_to,
    sort_order: "desc",
    filter: [],
  });
  const [[customer], { rows, whole }] = await Promise.all([
    batchGet(getRequest(CustomerEntity, customer_id)),
    scanRecentUntil(range),
  ]);
  if (!customer) throw notFound("Customer");
  return csatFromResponses(rows, request, { company_name: customer.company_name, complete: whole });
}
