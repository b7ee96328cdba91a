import type {
  AccountManagerPerformance,
  CustomerSegments,
  DashboardOverview,
  DashboardStats,
  HealthDistribution,
  NeedsAttention,
  ProductPerformance,
  TopPerformer,
  UpcomingRenewals,
} from "@success-manager/contract/dashboard-figures";
import { countOpen, getAlertCache, openByCustomer } from "../alerts/index.ts";
import { dateOf, daysAfter } from "../calendar.ts";
import { ALL_MONTHS, countersBetween, dayOf } from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import * as portfolio from "../portfolio/index.ts";
import {
  addLinks,
  averageScore,
  CSAT_TYPES,
  countLinks,
  csatFigure,
  meanFigure,
  meanOfSum,
  netPromoterScore,
  parseProduct,
  parseScoreCounts,
  satisfactionFigures,
} from "../surveys/index.ts";

/**
 * The portfolio at a glance: figures of the customers in memory (computed by `portfolio/`), of counters and of open
 * alerts. Trends: `trends.ts`, the feed: `activity.ts`.
 */

export { recentActivity } from "./activity.ts";
export { csatTrends, healthTrends } from "./trends.ts";

/** Satisfaction of all time: whoever answered, also those who have left since. */
const allTimeResponses = async ({ totals }: Pick<Directory, "totals">) =>
  parseScoreCounts(await totals("survey"));

/** Key figures: customers, survey responses of all time, and the alerts that are open now. */
export async function stats(now = new Date()): Promise<DashboardStats> {
  const [directory, alerts] = await Promise.all([getDirectory(), getAlertCache()]);
  const today = dateOf(now);
  const [responses, links] = await Promise.all([
    allTimeResponses(directory),
    directory.totals("survey_link"),
  ]);
  const { total, by_severity } = countOpen(alerts, now);
  return {
    ...portfolio.portfolioFigure(directory, `stats ${today}`, (all) => portfolio.portfolioStats(all, today)),
    avg_csat_score: averageScore(responses),
    nps_score: netPromoterScore(responses),
    ...satisfactionFigures(responses, links),
    open_alerts: total,
    critical_alerts: by_severity.critical,
  };
}

/** How many days back the satisfaction of the overview goes, beside that of all time. */
const CSAT_DAYS = 90;

/** The portfolio in some figures; 0 where there is nothing. */
export async function overview(): Promise<DashboardOverview> {
  const today = dateOf(new Date());
  const [first, last] = [dayOf(daysAfter(today, -CSAT_DAYS)), dayOf(today)];
  const [directory, days, linkDays] = await Promise.all([
    getDirectory(),
    countersBetween("survey", first, last),
    countersBetween("survey_link", first, last),
  ]);
  const [responses, links] = await Promise.all([
    allTimeResponses(directory),
    directory.totals("survey_link"),
  ]);
  const latest = [...days.values()].flatMap((counters) => parseScoreCounts(counters));
  return {
    ...portfolio.portfolioFigure(directory, `overview ${today}`, (all) =>
      portfolio.portfolioOverview(all, today),
    ),
    average_csat: averageScore(responses) ?? 0,
    average_csat_90_days: averageScore(latest) ?? 0,
    csat: satisfactionFigures(responses, links).csat,
    csat_90_days: csatFigure(
      latest,
      addLinks(Array.from(linkDays.values(), (counters) => countLinks(counters, CSAT_TYPES))),
    ),
  };
}

/** How many customers are in each health band, by newest score. */
export const healthDistribution = async (): Promise<HealthDistribution> =>
  portfolio.portfolioFigure(await getDirectory(), "health distribution", portfolio.healthDistribution);

/** Customers by industry, contract value, health and products. */
export const customerSegments = async (): Promise<CustomerSegments> =>
  portfolio.portfolioFigure(await getDirectory(), "customer segments", portfolio.customerSegments);

/** Contracts that end within 30, 60 and 90 days. @param limit how many of each list are shown */
export async function upcomingRenewals({ limit }: { readonly limit: number }): Promise<UpcomingRenewals> {
  const today = dateOf(new Date());
  return portfolio.portfolioFigure(await getDirectory(), `upcoming renewals ${today} ${limit}`, (rows) =>
    portfolio.upcomingRenewals(rows, today, limit),
  );
}

/** Deployments, health and satisfaction of each product, of all time. */
export async function productPerformance(): Promise<ProductPerformance> {
  const [directory, responses] = await Promise.all([
    getDirectory(),
    countersBetween("survey", ALL_MONTHS, ALL_MONTHS),
  ]);
  const { products, churned_customers } = portfolio.portfolioFigure(
    directory,
    "product performance",
    (all) => ({ products: portfolio.productPerformance(all), churned_customers: all.left.length }),
  );
  return {
    products: products.map((figures) => {
      const { csat, links } = parseProduct(figures.product, responses.get(ALL_MONTHS));
      return { ...figures, avg_csat_score: meanOfSum(csat), csat: meanFigure(csat, links.csat) };
    }),
    churned_customers,
  };
}

/** The portfolio of each account manager, with the alerts that are open now. */
export async function accountManagerPerformance(): Promise<AccountManagerPerformance> {
  const now = new Date();
  const [directory, alerts] = await Promise.all([getDirectory(), getAlertCache()]);
  // The same map until an alert changes or a snooze ends.
  const open = openByCustomer(alerts, now);
  return portfolio.portfolioFigure(
    directory,
    "account managers",
    (rows) => portfolio.accountManagerPerformance(rows, open),
    open,
  );
}

/** The healthiest customers who have not left, highest score first. @param limit 20 at most */
export async function topPerformers({ limit }: { readonly limit: number }): Promise<TopPerformer[]> {
  const ranking = portfolio.portfolioFigure(await getDirectory(), "top performers", portfolio.topPerformers);
  return ranking.slice(0, limit);
}

/** The least healthy customers who have not left, lowest score first, and why. @param limit 50 at most */
export async function needsAttention({ limit }: { readonly limit: number }): Promise<NeedsAttention[]> {
  const today = dateOf(new Date());
  const ranking = portfolio.portfolioFigure(await getDirectory(), `needs attention ${today}`, (rows) =>
    portfolio.needsAttention(rows, today),
  );
  return ranking.slice(0, limit);
}
