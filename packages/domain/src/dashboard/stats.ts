import type { DashboardStats } from "@success-manager/contract/dashboard-figures";
import { countOpen, getAlertCache } from "../alerts/index.ts";
import { dateOf, daysAfter } from "../calendar.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { amountOf, percentOf } from "../figures.ts";
import { answersIn } from "../surveys/counted.ts";
import { averageScore, netPromoterScore } from "../surveys/satisfaction.ts";
import { figureOf } from "./figure.ts";
import { averageHealth, statusCounts, sumsOf } from "./portfolio.ts";

/** How many days back a customer is new. */
const NEW_DAYS = 30;

/** Customers who came on the last days, in percent of those who were there before; null without any before. */
function changeOf(rows: readonly CustomerRow[], today: string): number | null {
  const first = daysAfter(today, -NEW_DAYS);
  let before = 0;
  for (const { customer } of rows) if (customer.created_at < first) before += 1;
  return before === 0 ? null : percentOf(rows.length - before, before);
}

function deploymentCounts(rows: readonly CustomerRow[]) {
  const counts = { MonetX: 0, SupportX: 0, GreenX: 0 };
  for (const { deployments } of rows) for (const { product_name } of deployments) counts[product_name] += 1;
  return counts;
}

/** Figures of the customers. @param today `YYYY-MM-DD`, in UTC */
export function statsOf(rows: readonly CustomerRow[], today: string) {
  const sums = sumsOf(rows);
  const { active, at_risk, onboarding } = sums.cents;
  const products = deploymentCounts(rows);
  return {
    ...statusCounts(sums),
    customer_change_percentage: changeOf(rows, today),
    total_deployments: products.MonetX + products.SupportX + products.GreenX,
    deployments_by_product: products,
    total_contract_value: amountOf(active + at_risk + onboarding),
    avg_health_score: averageHealth(sums),
  };
}

/** Figures of the whole portfolio: customers, what they answered ever, and the alerts that are open now. */
export async function stats(now = new Date()): Promise<DashboardStats> {
  const [directory, book] = await Promise.all([getDirectory(), getAlertCache()]);
  const today = dateOf(now);
  const answers = answersIn(directory.totals("survey"));
  const { total, by_severity } = countOpen(book, now);
  return {
    ...figureOf(directory, `stats ${today}`, (rows) => statsOf(rows, today)),
    avg_csat_score: averageScore(answers),
    nps_score: netPromoterScore(answers),
    open_alerts: total,
    critical_alerts: by_severity.critical,
  };
}
