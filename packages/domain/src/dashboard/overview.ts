import type { DashboardOverview } from "@success-manager/contract/dashboard-figures";
import { dateOf, daysAfter } from "../calendar.ts";
import { countersBetween, dayOf } from "../counters/index.ts";
import { contractEndsWithin } from "../customers/index.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { amountOf } from "../figures.ts";
import { averageScore, parseScoreCounts } from "../surveys/index.ts";
import { figureOf } from "./figure.ts";
import { averageHealth, statusCounts, sumsOf } from "./portfolio.ts";

/** Figures of the customers. @param today `YYYY-MM-DD`, in UTC */
export function overviewOf(rows: readonly CustomerRow[], today: string) {
  const sums = sumsOf(rows);
  const expiring = (days: number) => rows.filter(contractEndsWithin(days, today)).length;
  return {
    ...statusCounts(sums),
    average_health_score: averageHealth(sums) ?? 0,
    total_contract_value: amountOf(sums.cents.active),
    contracts_expiring_30_days: expiring(30),
    contracts_expiring_90_days: expiring(90),
  };
}

/** How many days back answers count. */
const ANSWERED_DAYS = 90;

/** The portfolio in ten figures; 0 where there is nothing. */
export async function overview(now = new Date()): Promise<DashboardOverview> {
  const today = dateOf(now);
  const [directory, days] = await Promise.all([
    getDirectory(),
    countersBetween("survey", dayOf(daysAfter(today, -ANSWERED_DAYS)), dayOf(today)),
  ]);
  const answers = [...days.values()].flatMap((day) => parseScoreCounts(day));
  return {
    ...figureOf(directory, `overview ${today}`, (rows) => overviewOf(rows, today)),
    average_csat: averageScore(answers) ?? 0,
  };
}
