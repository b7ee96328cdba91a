import { notFound } from "@success-manager/contract/problem";
import { Product } from "@success-manager/contract/vocabulary";
import { scanRecentUntil, toRange } from "../../../lists/index.ts";
import { ANSWERS } from "../../../surveys/list.ts";
import type { ShownRow } from "../../../surveys/shown.ts";
import { batchGet, CustomerEntity, getRequest } from "../../../table/index.ts";
import { precedingPeriod } from "../../period.ts";
import type { Asked } from "../asked.ts";
import type { Answered, Compared, Counted } from "./answered.ts";
import { named, takesOf } from "./filtered.ts";

const each = (rows: readonly ShownRow[]): Counted =>
  rows.map(({ survey_type, score }) => ({ survey_type, score, amount: 1 }));

const dateOfRow = ({ submitted_at }: ShownRow) => submitted_at.slice(0, 10);

/**
 * What rows of a customer come to.
 *
 * @param rows of the period and the one before it, newest first
 */
export function answeredIn(
  rows: readonly ShownRow[],
  { filters, period }: Pick<Asked, "filters" | "period">,
  company_name: string,
  whole: boolean,
): Answered {
  const { product } = filters;
  const takes = takesOf(filters);
  const taken = rows.filter((row) => takes(row) && (product === undefined || row.product === product));
  const now = taken.filter((row) => dateOfRow(row) >= period.date_from);
  const earlier = taken.filter((row) => dateOfRow(row) < period.date_from);
  const about = (one: Product): Compared<Counted> => ({
    now: each(now.filter((row) => row.product === one)),
    before: each(earlier.filter((row) => row.product === one)),
  });
  const byDate = Map.groupBy(now, dateOfRow);
  return {
    company_name,
    now: each(now),
    before: each(earlier),
    byDate: new Map([...byDate].map(([date, answers]) => [date, each(answers)])),
    byProduct: new Map((product ? [product] : Product.options).map((one) => [one, about(one)])),
    whole,
    newest: async () => ({ rows: now.map((row) => named(row, company_name)), whole }),
  };
}

/** What one customer answered: among the newest 5,000 entries of these days. @throws 404 */
export async function customerAnswers(asked: Asked, customer_id: string): Promise<Answered> {
  const { period } = asked;
  const run = toRange(ANSWERS, {
    customer_id,
    start_date: precedingPeriod(period).date_from,
    end_date: period.date_to,
    sort_order: "desc",
    filter: [],
  });
  const [[customer], { rows, whole }] = await Promise.all([
    batchGet(getRequest(CustomerEntity, customer_id)),
    scanRecentUntil(run),
  ]);
  if (!customer) throw notFound("Customer");
  return answeredIn(rows, asked, customer.company_name, whole);
}
