import { Product } from "@success-manager/contract/vocabulary";
import { type Counters, countersBetween, dayOf } from "../../../counters/index.ts";
import type { Directory } from "../../../directory/index.ts";
import { scanRecentUntil, toRange } from "../../../lists/index.ts";
import { answersIn } from "../../../surveys/counted.ts";
import { ANSWERS } from "../../../surveys/list.ts";
import { countOf } from "../../../surveys/satisfaction.ts";
import { type Period, precedingPeriod } from "../../period.ts";
import type { Asked } from "../asked.ts";
import type { Answered, Compared, Counted, Links } from "./answered.ts";
import { named, takesOf } from "./filtered.ts";
import { isLow } from "./low.ts";

type Days = ReadonlyMap<string, Counters>;

/** The counters of the days of a period, by date. */
const daysOf = (days: Days, { date_from, date_to }: Period): readonly (readonly [string, Counters])[] => {
  const [first, last] = [dayOf(date_from), dayOf(date_to)];
  const prefix = dayOf("").length;
  return [...days]
    .filter(([day]) => day >= first && day <= last)
    .map(([day, counters]) => [day.slice(prefix), counters]);
};

const linksOf = (days: Days, period: Period): Links =>
  daysOf(days, period).reduce(
    (sum, [, { created = 0, answered = 0 }]) => ({
      created: sum.created + created,
      answered: sum.answered + answered,
    }),
    { created: 0, answered: 0 },
  );

type Names = Pick<Directory, "customers">;

/** How many answers words and quotes are picked from at least, where there are as many. */
const ENOUGH = 200;

/**
 * What all customers answered: from the counters of the days, three queries.
 *
 * @param known their names, as of the same refresh of what is in memory as all other parts of the report
 */
export async function countedAnswers(
  { filters, period }: Asked,
  known: Names | Promise<Names>,
): Promise<Answered> {
  const { product, survey_types } = filters;
  const previous = precedingPeriod(period);
  const range = [dayOf(previous.date_from), dayOf(period.date_to)] as const;
  const [{ customers }, all, ofProducts, links] = await Promise.all([
    known,
    countersBetween("survey", ...range),
    countersBetween("survey_product", ...range),
    countersBetween("survey_link", ...range),
  ]);
  const takes = takesOf(filters);
  const answersOf = (counters: Counters, about: Product | undefined): Counted =>
    (about === undefined ? answersIn(counters) : answersIn(counters, `${about}|`)).filter(takes);
  const within = (days: Days, one: Period, about: Product | undefined): Counted =>
    daysOf(days, one).flatMap(([, counters]) => answersOf(counters, about));
  const compared = (about: Product | undefined): Compared<Counted> => {
    const days = about === undefined ? all : ofProducts;
    return { now: within(days, period, about), before: within(days, previous, about) };
  };
  const byDate = daysOf(product === undefined ? all : ofProducts, period);
  const asked = compared(product);
  const answers = countOf(asked.now);
  return {
    ...asked,
    byDate: new Map(byDate.map(([date, counters]) => [date, answersOf(counters, product)])),
    byProduct: new Map((product ? [product] : Product.options).map((about) => [about, compared(about)])),
    links:
      (product ?? survey_types)
        ? undefined
        : { now: linksOf(links, period), before: linksOf(links, previous) },
    whole: true,
    async newest(low) {
      const { date_from: start_date, date_to: end_date } = period;
      const run = toRange(ANSWERS, { start_date, end_date, sort_order: "desc", filter: [] });
      const { rows, whole } = await scanRecentUntil(
        run,
        (row) => takes(row) && (product === undefined || row.product === product),
        (found) => found.length >= Math.min(ENOUGH, answers) && found.filter(isLow).length >= low,
      );
      return {
        rows: rows.map((row) => named(row, customers.get(row.customer_id)?.customer.company_name)),
        whole,
      };
    },
  };
}
