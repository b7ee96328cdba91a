import type { Person } from "./cloud.ts";
import type { GrowingPortfolio } from "./growing-portfolio.ts";

export type Reading = (
  api: Person["api"],
  portfolio: GrowingPortfolio,
) => Promise<{ readonly status: number }>;

const lastWeek = () => new Date(Date.now() - 7 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

/** Every endpoint that reads, some of them in several ways; named like in the table of access patterns. */
export const READINGS: Readonly<Record<string, Reading>> = {
  "GET /auth/me": (api) => api.auth.me({}),

  "GET /users": (api) => api.users.list({}),
  "GET /users/{user_id}": (api, { user: user_id }) => api.users.get({ params: { user_id } }),

  "GET /customers": (api) => api.customers.list({ query: { limit: 5 } }),
  "GET /customers by score": (api) => api.customers.list({ query: { sort_by: "health_score", limit: 5 } }),
  "GET /customers with a text": (api) => api.customers.list({ query: { search: "pany 7" } }),
  "GET /customers with conditions": (api) =>
    api.customers.list({ query: { industry: "Industry 3", min_health_score: 2 } }),
  "GET /customers from far behind": (api) => api.customers.list({ query: { skip: 1_000 } }),
  "GET /customers/industries": (api) => api.customers.industries({}),
  "GET /customers/account-managers": (api) => api.customers.accountManagers({}),
  "GET /customers/search": (api) => api.customers.search({ query: { q: "pany 7" } }),
  "GET /customers/at-risk": (api) => api.customers.atRisk({ query: { limit: 5 } }),
  "GET /customers/expiring-soon": (api) => api.customers.expiringSoon({ query: { limit: 5 } }),
  "GET /customers/{id}": (api, { customer: id }) => api.customers.get({ params: { id } }),
  "GET /customers/{id}/timeline": (api, { customer: id }) =>
    api.customers.timeline({ params: { id }, query: { limit: 5 } }),
  "GET /customers/{id}/health-history": (api, { customer: id }) =>
    api.customers.healthHistory({ params: { id }, query: { limit: 5 } }),

  "GET /deployments": (api) => api.deployments.list({ query: { limit: 5 } }),
  "GET /deployments/stats": (api) => api.deployments.stats({}),
  "GET /deployments/expiring": (api) => api.deployments.expiring({ query: { days: 365, limit: 5 } }),
  "GET /deployments/by-product/{name}": (api) =>
    api.deployments.byProduct({ params: { name: "GreenX" }, query: { limit: 5 } }),
  "GET /deployments/{id}": (api, { deployment: id }) => api.deployments.get({ params: { id } }),

  "GET /health-scores/customer/{id}": (api, { customer: id }) => api.healthScores.latest({ params: { id } }),
  "GET /health-scores/customer/{id}/history": (api, { customer: id }) =>
    api.healthScores.history({ params: { id }, query: { limit: 5 } }),
  "GET /health-scores/trends": (api) => api.healthScores.trends({}),
  "GET /health-scores/at-risk": (api) => api.healthScores.atRisk({ query: { limit: 5 } }),
  "GET /health-scores/distribution": (api) => api.healthScores.distribution({}),

  "GET /dashboard/stats": (api) => api.dashboard.stats({}),
  "GET /dashboard/health-distribution": (api) => api.dashboard.healthDistribution({}),
  "GET /dashboard/health-trends": (api) => api.dashboard.healthTrends({}),
  "GET /dashboard/health-trends by day": (api) =>
    api.dashboard.healthTrends({ query: { period_type: "daily" } }),
  "GET /dashboard/csat-trends": (api) => api.dashboard.csatTrends({}),
  "GET /dashboard/customer-segments": (api) => api.dashboard.customerSegments({}),
  "GET /dashboard/upcoming-renewals": (api) => api.dashboard.upcomingRenewals({}),
  "GET /dashboard/recent-activity": (api) => api.dashboard.recentActivity({ query: { limit: 5 } }),
  "GET /dashboard/product-performance": (api) => api.dashboard.productPerformance({}),
  "GET /dashboard/account-manager-performance": (api) => api.dashboard.accountManagerPerformance({}),
  "GET /dashboard/overview": (api) => api.dashboard.overview({}),
  "GET /dashboard/top-performers": (api) => api.dashboard.topPerformers({}),
  "GET /dashboard/needs-attention": (api) => api.dashboard.needsAttention({}),

  "GET /csat": (api) => api.csat.list({ query: { limit: 5 } }),
  "GET /csat with days": (api) => api.csat.list({ query: { start_date: lastWeek(), limit: 5 } }),
  "GET /csat with a type": (api) => api.csat.list({ query: { limit: 5, survey_type: "nps" } }),
  "GET /csat with a customer": (api, { customer: customer_id }) => api.csat.list({ query: { customer_id } }),
  "GET /csat/analytics": (api) => api.csat.analytics({}),
  "GET /csat/customer/{customer_id}/summary": (api, { customer: customer_id }) =>
    api.csat.summary({ params: { customer_id } }),
  "GET /csat/{survey_id}": (api, { survey: survey_id }) => api.csat.get({ params: { survey_id } }),

  "GET /alerts": (api) => api.alerts.list({ query: { limit: 5 } }),
  "GET /alerts with days": (api) => api.alerts.list({ query: { date_from: lastWeek(), limit: 5 } }),
  "GET /alerts that are open": (api) =>
    api.alerts.list({ query: { is_resolved: false, sort_by: "severity", limit: 5 } }),
  "GET /alerts that are open, with a text": (api) =>
    api.alerts.list({ query: { status: "active", search: "pany 7" } }),
  "GET /alerts that are open, from far behind": (api) =>
    api.alerts.list({ query: { is_resolved: false, skip: 1_000 } }),
  "GET /alerts/dashboard": (api) => api.alerts.dashboard({}),
  "GET /alerts/stats": (api) => api.alerts.stats({}),
  "GET /alerts/customer/{id}": (api, { customer: id }) => api.alerts.byCustomer({ params: { id } }),
  "GET /alerts/{id}": (api, { alert: id }) => api.alerts.get({ params: { id } }),

  "GET /interactions": (api) => api.interactions.list({ query: { limit: 5 } }),
  "GET /interactions with dates": (api) =>
    api.interactions.list({ query: { start_date: lastWeek(), limit: 5 } }),
  "GET /interactions with a customer": (api, { customer: customer_id }) =>
    api.interactions.list({ query: { customer_id } }),
  "GET /interactions/summary": (api) => api.interactions.summary({}),
  "GET /interactions/pending-followups": (api) => api.interactions.pendingFollowups({ query: { limit: 5 } }),
  "GET /interactions/customer/{id}": (api, { customer: id }) =>
    api.interactions.ofCustomer({ params: { id } }),
  "GET /interactions/{id}": (api, { interaction: id }) => api.interactions.get({ params: { id } }),

  "GET /reports/scheduled": (api) => api.reports.listSchedules({ query: { limit: 5 } }),
  "GET /reports/scheduled/{id}": (api, { schedule: id }) => api.reports.getSchedule({ params: { id } }),
  "GET /reports/history": (api) => api.reports.listHistory({ query: { limit: 5 } }),
  "GET /reports/history with days": (api) =>
    api.reports.listHistory({ query: { limit: 5, date_from: lastWeek() } }),
  "GET /reports/history with a status": (api) =>
    api.reports.listHistory({ query: { limit: 5, status: "completed" } }),
  "GET /reports/history/{id}": (api, { report: id }) => api.reports.getHistory({ params: { id } }),
  "GET /reports/history/{id}/download": (api, { report: id }) =>
    api.reports.download({ params: { id } }, { accept: "application/json" }),
  "GET /reports/dashboard": (api) => api.reports.dashboard({}),

  "GET /scheduler/jobs": (api) => api.scheduler.list({}),
};
