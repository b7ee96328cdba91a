import type { Known } from "../cloud.ts";
import { type Calls, PUBLIC_ROUNDS } from "./call.ts";

const MONTH_MS = 30 * 24 * 60 * 60 * 1000;
const monthsAgo = (months: number) =>
  new Date(Date.now() - months * MONTH_MS).toISOString().slice(0, "YYYY-MM-DD".length);
const monthAgo = () => monthsAgo(1);

/** Paths behind `/api/v1`, by the name of the call. */
const PATHS: Readonly<Record<string, string | ((known: Known) => string | Promise<string>)>> = {
  "/auth/me": "/auth/me",
  "/users": "/users",

  "/customers?limit=20": "/customers?limit=20",
  "/customers?search=…": "/customers?search=bank&limit=20",
  "/customers?sort_by=company_name&skip=…": ({ size }) =>
    `/customers?sort_by=company_name&skip=${Math.floor(size / 2)}&limit=20`,
  "/customers?sort_by=health_score": "/customers?sort_by=health_score&sort_order=asc&limit=20",
  "/customers/industries": "/customers/industries",
  "/customers/account-managers": "/customers/account-managers",
  "/customers/search?q=…": "/customers/search?q=bank",
  "/customers/at-risk": "/customers/at-risk",
  "/customers/expiring-soon": "/customers/expiring-soon",
  "/customers/{id}": ({ customer }) => `/customers/${customer}`,
  "/customers/{id}/timeline": ({ customer }) => `/customers/${customer}/timeline`,
  "/customers/{id}/health-history": ({ customer }) => `/customers/${customer}/health-history`,
  "/customers/{id}/score-changes?from=…": ({ customer }) =>
    `/customers/${customer}/score-changes?from=${monthsAgo(7)}`,

  "/deployments?limit=20": "/deployments?limit=20",
  "/deployments/stats": "/deployments/stats",
  "/deployments/expiring?days=60": "/deployments/expiring?days=60&limit=20",
  "/deployments/by-product/MonetX": "/deployments/by-product/MonetX?limit=20",
  "/deployments/{id}": ({ deployment }) => `/deployments/${deployment}`,

  "/health-scores/customer/{id}": ({ customer }) => `/health-scores/customer/${customer}`,
  "/health-scores/trends": "/health-scores/trends",
  "/health-scores/distribution": "/health-scores/distribution",
  "/health-scores/at-risk": "/health-scores/at-risk?limit=20",
  "/health-scores/movement?start_date=…": () => `/health-scores/movement?start_date=${monthsAgo(12)}`,

  "/interactions?limit=20": "/interactions?limit=20",
  "/interactions?cursor=…": async ({ cursor }) => `/interactions?cursor=${await cursor()}&limit=20`,
  "/interactions?interaction_type=…&sentiment=…":
    "/interactions?interaction_type=call&sentiment=negative&limit=20",
  "/interactions?follow_up_required=true": "/interactions?follow_up_required=true&limit=20",
  "/interactions?start_date=…": () => `/interactions?start_date=${monthAgo()}&limit=20`,
  "/interactions?customer_id=…": ({ customer }) => `/interactions?customer_id=${customer}&limit=20`,
  "/interactions?search=…": "/interactions?search=usage&limit=20",
  "/interactions?performed_by=…": "/interactions?performed_by=sarah&limit=20",
  "/interactions?skip=…": ({ size }) => `/interactions?skip=${size}&limit=20`,
  "/interactions/summary": "/interactions/summary",
  "/interactions/pending-followups": "/interactions/pending-followups?limit=20",
  "/interactions/pending-followups?include_overdue=false":
    "/interactions/pending-followups?include_overdue=false&limit=20",
  "/interactions/customer/{id}": ({ customer }) => `/interactions/customer/${customer}`,
  "/interactions/{id}": ({ interaction }) => `/interactions/${interaction}`,

  "/csat?limit=20": "/csat?limit=20",
  "/csat?survey_type=nps&max_score=6": "/csat?survey_type=nps&max_score=6&limit=20",
  "/csat?start_date=…": () => `/csat?start_date=${monthAgo()}&limit=20`,
  "/csat?customer_id=…": ({ customer }) => `/csat?customer_id=${customer}&limit=20`,
  "/csat?product_deployment_id=…": ({ deployment }) => `/csat?product_deployment_id=${deployment}&limit=20`,
  "/csat?sort_by=score": "/csat?sort_by=score&limit=20",
  "/csat?sort_by=customer_name": "/csat?sort_by=customer_name&sort_order=asc&limit=20",
  "/csat?sort_by=survey_type&skip=…": ({ size }) =>
    `/csat?sort_by=survey_type&skip=${Math.floor(size / 2)}&limit=20`,
  "/csat?sort_by=submitted_by_name": "/csat?sort_by=submitted_by_name&limit=20",
  "/csat?customer_id=…&sort_by=score": ({ customer }) => `/csat?customer_id=${customer}&sort_by=score`,
  "/csat?search=…": "/csat?search=reports&limit=20",
  "/csat/analytics": "/csat/analytics",
  "/csat/customer/{id}/summary": ({ customer }) => `/csat/customer/${customer}/summary`,
  "/csat/{id}": ({ survey }) => `/csat/${survey}`,

  "/outcomes?limit=20": "/outcomes?limit=20",
  "/outcomes?kind=…&effective_from=…": () => `/outcomes?kind=churned&effective_from=${monthAgo()}&limit=20`,
  "/outcomes?known_on=…": () => `/outcomes?known_on=${monthAgo()}&limit=20`,
  "/retention?period=year": "/retention?period=year",
  "/retention?by=industry": "/retention?by=industry",
  "/retention/customers?figure=churned": "/retention/customers?figure=churned&limit=20",
  "/renewals?limit=20": "/renewals?limit=20",
  "/renewals/forecast": "/renewals/forecast",

  "/survey-requests?status=…": "/survey-requests?status=pending&limit=20",
  "/survey-requests?search=…": "/survey-requests?search=bank&limit=20",
  "/survey-requests?sort_by=status": "/survey-requests?sort_by=status&limit=20",
  "/survey-requests?sort_by=customer_name": "/survey-requests?sort_by=customer_name&limit=20",
  "/survey-requests/stats?survey_type=…": "/survey-requests/stats?survey_type=nps",

  "/alerts?limit=20": "/alerts?limit=20",
  "/alerts?is_resolved=false": "/alerts?is_resolved=false&limit=20",
  "/alerts?is_resolved=false&sort_by=severity": "/alerts?is_resolved=false&sort_by=severity&limit=20",
  "/alerts?is_resolved=false&sort_by=customer_name":
    "/alerts?is_resolved=false&sort_by=customer_name&limit=20",
  "/alerts?is_resolved=false&search=…": "/alerts?is_resolved=false&search=bank&limit=20",
  "/alerts?is_snoozed=true": "/alerts?is_snoozed=true&limit=20",
  "/alerts?is_resolved=true": "/alerts?is_resolved=true&limit=20",
  "/alerts?alert_type=…&severity=…": "/alerts?alert_type=escalation&severity=critical&limit=20",
  "/alerts?date_from=…": () => `/alerts?date_from=${monthAgo()}&limit=20`,
  "/alerts?customer_id=…": ({ customer }) => `/alerts?customer_id=${customer}&limit=20`,
  "/alerts?search=…": "/alerts?search=bank&limit=20",
  "/alerts/stats": "/alerts/stats",
  "/alerts/dashboard": "/alerts/dashboard",
  "/alerts/customer/{id}": ({ customer }) => `/alerts/customer/${customer}`,
  "/alerts/customer/{id}?include_resolved=true": ({ customer }) =>
    `/alerts/customer/${customer}?include_resolved=true`,
  "/alerts/{id}": ({ alert }) => `/alerts/${alert}`,

  "/dashboard/stats": "/dashboard/stats",
  "/dashboard/health-distribution": "/dashboard/health-distribution",
  "/dashboard/health-trends": "/dashboard/health-trends",
  "/dashboard/health-trends?period_type=weekly": "/dashboard/health-trends?period_type=weekly",
  "/dashboard/health-trends?period_type=daily": "/dashboard/health-trends?period_type=daily",
  "/dashboard/csat-trends": "/dashboard/csat-trends",
  "/dashboard/customer-segments": "/dashboard/customer-segments",
  "/dashboard/upcoming-renewals": "/dashboard/upcoming-renewals",
  "/dashboard/recent-activity?limit=10": "/dashboard/recent-activity?limit=10",
  "/dashboard/product-performance": "/dashboard/product-performance",
  "/dashboard/account-manager-performance": "/dashboard/account-manager-performance",
  "/dashboard/overview": "/dashboard/overview",
  "/dashboard/top-performers": "/dashboard/top-performers",
  "/dashboard/needs-attention": "/dashboard/needs-attention",

  "/scheduler/jobs": "/scheduler/jobs",
};

/** Calls that only read. */
export const READS: Calls = {
  ...Object.fromEntries(
    Object.entries(PATHS).map(([name, path]) => [
      name,
      { prepare: async (who: Known) => ({ path: typeof path === "string" ? path : await path(who) }) },
    ]),
  ),
  "/csat/public/info/{token}": {
    prepare: ({ token }) => ({ path: `/csat/public/info/${token}` }),
    most: PUBLIC_ROUNDS,
  },
};
