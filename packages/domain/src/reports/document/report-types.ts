import type { ReportType } from "@success-manager/contract/vocabulary";
import type { Section } from "@success-manager/pdf/document";
import { getAlertCache } from "../../alerts/index.ts";
import { dashboardStats } from "../../dashboard/index.ts";
import { getDirectory } from "../../directory/index.ts";
import { portfolioOf } from "../../portfolio/index.ts";
import {
  alertCountTiles,
  alertsSection,
  alertTiles,
  customerAlerts,
  openTable,
  portfolioAlerts,
  resolvedTable,
  severityBar,
  typeTable,
  urgentTable,
  urgentTile,
} from "./alerts.ts";
import { atRiskSection } from "./at-risk.ts";
import { readBaseline } from "./baseline.ts";
import { ACCOUNT_MANAGER, CONTRACT_VALUE, CUSTOMER, HEALTH, KEY_CONCERNS, TREND } from "./blocks.ts";
import { csatFromCounters, readCustomerCsat } from "./csat-data.ts";
import { feedbackSection } from "./feedback.ts";
import { filterCustomers, isFiltered, nobodySection, unfilteredNote } from "./filters.ts";
import { customerHealthSection, healthSection } from "./health.ts";
import { healthTrendsSection } from "./health-trend.ts";
import { customerInteractionsSection, portfolioInteractionsSection } from "./interactions.ts";
import { activityTable, kpisSection } from "./kpis.ts";
import { customerOverviewSection, healthOverviewSection } from "./overview.ts";
import { customerProfileSection, portfolioProfileSection } from "./profile.ts";
import {
  buildSections,
  includes,
  type ReportRequest,
  readAlertCounts,
  readCustomer,
  readPeriodActivity,
} from "./query.ts";
import { recommendationsSection } from "./recommendations.ts";
import { customerRenewalsSection, renewalsSection, showsAmounts } from "./renewals.ts";
import { customerSatisfactionSection, satisfactionSection } from "./satisfaction.ts";
import { byProductSection, npsSection, scoresSection } from "./scores.ts";
import { csatTrendsSection, monthlyTrendsSection } from "./trends.ts";

/** What each report is made of: its sections, top to bottom, and what they share. */

/** What a type of report has to say. */
interface ReportContent {
  /** What it is about in particular, such as a customer; the report's own name when absent. */
  readonly subtitle?: string | undefined;
  readonly sections: readonly Section[];
}

/**
 * How healthy customers are: how scores are spread, who is at risk and why, how it went, and what to do.
 * @throws 404 for a customer who is not there
 */
async function healthSummary(request: ReportRequest): Promise<ReportContent> {
  const directory = await getDirectory();
  const portfolio = filterCustomers(directory, request.filters);
  const nobody = nobodySection(portfolio, request.filters);
  if (nobody) return { sections: [nobody] };
  const { rows } = portfolio;
  const one = request.filters.customer_id === undefined ? undefined : rows[0];
  return {
    subtitle: one?.customer.company_name,
    sections: await buildSections(request, [
      [
        "overview",
        () => (one ? customerOverviewSection(request, one) : healthOverviewSection(request, portfolio)),
      ],
      [
        "at_risk",
        () =>
          atRiskSection(rows, {
            order: "score",
            columns: [CUSTOMER, HEALTH, TREND, KEY_CONCERNS, ACCOUNT_MANAGER],
            limit: 25,
          }),
      ],
      ["trends", () => healthTrendsSection(request, rows)],
      ["recommendations", () => recommendationsSection(rows, request.now)],
    ]),
  };
}

/**
 * How satisfied customers were in a period, and what they said. Of all customers from counters, of one from what they
 * answered.
 *
 * @throws 404 for a customer who is not there
 */
async function csatAnalysis(request: ReportRequest): Promise<ReportContent> {
  const { period, filters } = request;
  const data = await (filters.customer_id === undefined
    ? csatFromCounters(request, getDirectory())
    : readCustomerCsat(request, filters.customer_id));
  return {
    subtitle: data.company_name,
    sections: await buildSections(request, [
      ["scores", () => scoresSection(data, period)],
      ["nps", () => npsSection(data, period)],
      ["trends", () => csatTrendsSection(data, request)],
      ["feedback", () => feedbackSection(data)],
      ["by_product", () => byProductSection(data, period)],
    ]),
  };
}

/** The customer base: who they are and how they fare. */
async function portfolioOverview(request: ReportRequest): Promise<ReportContent> {
  const { filters, period, now } = request;
  const directory = await getDirectory();
  const portfolio = filterCustomers(directory, filters);
  const nobody = nobodySection(portfolio, filters);
  if (nobody) return { sections: [nobody] };
  const { rows } = portfolio;
  const filtered = isFiltered(filters);
  const unfiltered = (counted: string) => (filtered ? unfilteredNote(counted) : undefined);
  return {
    sections: await buildSections(request, [
      ["profile", () => portfolioProfileSection(portfolio, request)],
      ["health", () => healthSection(portfolio, request)],
      ["interactions", () => portfolioInteractionsSection(request, unfiltered("Interactions are"))],
      [
        "alerts",
        async () => {
          const ids = new Set(rows.map(({ customer }) => customer.id));
          const [cache, counts] = await Promise.all([
            getAlertCache(),
            filtered ? undefined : readAlertCounts(period),
          ]);
          const alerts = {
            ...portfolioAlerts(cache, now, (customer_id) => !filtered || ids.has(customer_id)),
            changed: counts && counts.opened.current + counts.resolved.current,
          };
          const tiles = counts ? alertCountTiles(counts, period) : [];
          return alertsSection(alerts, {
            about: "Open alerts as of now, without snoozed ones.",
            blocks: [alertTiles(alerts, [urgentTile(alerts), ...tiles]), typeTable(alerts)],
          });
        },
      ],
      [
        "csat",
        async () =>
          satisfactionSection(await csatFromCounters({ period, filters: {} }, directory), period, {
            about: unfiltered("Answers are"),
          }),
      ],
      ["renewals", () => renewalsSection(rows, request, { summary: "totals", limit: 40 })],
    ]),
  };
}

/** One customer: who they are, how they fare, and what has happened with them. @throws 404 */
async function customerOverview(request: ReportRequest, customer_id: string): Promise<ReportContent> {
  const data = await readCustomer(request, customer_id);
  return {
    subtitle: data.customer.company_name,
    sections: await buildSections(request, [
      ["profile", () => customerProfileSection(data, request)],
      ["health", () => customerHealthSection(data, request)],
      ["interactions", () => customerInteractionsSection(data, request, 25)],
      [
        "alerts",
        () => {
          const { resolved, openedTile, ...alerts } = customerAlerts(data, request);
          return alertsSection(alerts, {
            blocks: [
              alertTiles(alerts, [openedTile]),
              ...openTable(alerts, request.now, 20),
              ...resolvedTable(resolved, 20),
            ],
          });
        },
      ],
      ["csat", () => customerSatisfactionSection(data, request, 10)],
      ["renewals", () => customerRenewalsSection(data, request, 30)],
    ]),
  };
}

/** Everything at a glance: key figures and how they changed, alerts, renewals, who is at risk, and trends. */
async function executiveSummary(request: ReportRequest): Promise<ReportContent> {
  const { filters, period, now } = request;
  const needsActivity = includes(request, "kpis") || includes(request, "alerts");
  // Asked for together, so that all of them look at the same refresh of what is in memory.
  const [{ customers }, cache, stats, activity] = await Promise.all([
    getDirectory(),
    getAlertCache(),
    dashboardStats(now),
    needsActivity ? readPeriodActivity(request) : undefined,
  ]);
  const portfolio = portfolioOf(customers.values());
  const { rows } = portfolio;
  const alerts = portfolioAlerts(cache, now);
  const { include_trends = true } = filters;
  return {
    sections: await buildSections(request, [
      ...(activity
        ? ([
            [
              "kpis",
              async () =>
                kpisSection({
                  request,
                  portfolio,
                  stats,
                  activity,
                  baseline: await readBaseline(request, rows),
                }),
            ],
            [
              "alerts",
              () =>
                alertsSection(alerts, {
                  heading: "Alerts and activity",
                  blocks: [...severityBar(alerts), urgentTable(alerts, { customers, limit: 10 })],
                  always: [activityTable(activity, period)],
                }),
            ],
          ] as const)
        : []),
      ["renewals", () => renewalsSection(rows, request, { summary: "byMonth", limit: 15 })],
      [
        "at_risk",
        () => {
          const amounts = showsAmounts(request);
          return atRiskSection(rows, {
            order: amounts ? "value" : "score",
            columns: [CUSTOMER, ...(amounts ? [CONTRACT_VALUE] : []), HEALTH, KEY_CONCERNS, ACCOUNT_MANAGER],
            limit: 10,
          });
        },
      ],
      ...(include_trends ? ([["trends", () => monthlyTrendsSection(request)]] as const) : []),
    ]),
  };
}

interface ReportDefinition {
  /** As it is printed and mailed. */
  readonly title: string;
  readonly build: (request: ReportRequest) => Promise<ReportContent>;
}

export const REPORT_TYPES: Readonly<Record<ReportType, ReportDefinition>> = {
  health_summary: { title: "Customer Health Summary", build: healthSummary },
  csat_analysis: { title: "CSAT Analysis", build: csatAnalysis },
  customer_overview: {
    title: "Customer Overview",
    build: (request) => {
      const { customer_id } = request.filters;
      return customer_id === undefined ? portfolioOverview(request) : customerOverview(request, customer_id);
    },
  },
  executive_summary: { title: "Executive Summary", build: executiveSummary },
};
