import type { HealthTrends, HealthTrendsFilter } from "@success-manager/contract/dashboard";
import { Product } from "@success-manager/contract/vocabulary";
import { dateOf } from "../../calendar.ts";
import { meanOf } from "../../figures.ts";
import { type Counted, countedIn } from "./counted.ts";
import { healthWindow } from "./window.ts";

type Point = HealthTrends["overall"][number];

/** @param prefix of the counters `count`, `overall` and `customers`: none, or `product|<product>|` */
const point =
  (prefix: string) =>
  ({ period, counters = {} }: Counted): Point => {
    const count = counters[`${prefix}count`] ?? 0;
    if (count <= 0) return { period, avg_score: null, customer_count: 0 };
    return {
      period,
      avg_score: meanOf(counters[`${prefix}overall`] ?? 0, count),
      // Who got a product within a period is not counted among its customers yet, but somebody was scored.
      customer_count: Math.max(1, counters[`${prefix}customers`] ?? 0),
    };
  };

/** The points of a trend from what is counted of scores. */
export function trendsOf(counted: readonly Counted[]): Omit<HealthTrends, "period_type"> {
  const by_product = Product.options.map((product) => ({
    product,
    trends: counted.map(point(`product|${product}|`)),
  }));
  return {
    overall: counted.map(point("")),
    by_product: by_product.filter(({ trends }) => trends.some(({ avg_score }) => avg_score !== null)),
  };
}

/** Mean health scores by day, week or month: from counters, one query. @throws 422 for more than 400 periods */
export async function healthTrends(query: HealthTrendsFilter, now = new Date()): Promise<HealthTrends> {
  const window = healthWindow(query, dateOf(now));
  return { period_type: window.period_type, ...trendsOf(await countedIn("score", window)) };
}
