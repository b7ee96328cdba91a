import { Product } from "@success-manager/contract/vocabulary";
import {
  amountOf,
  managerOf,
  meanFigure,
  meanOf,
  npsFigure,
  npsOf,
  openAlerts,
  overallOf,
  rounded,
  satisfaction,
  shareOf,
  stays,
} from "./counting.ts";
import { DAY_MS } from "./days.ts";
import type { CustomerFact } from "./facts.ts";
import { upcomingRenewals } from "./recount-groups.ts";

/** The figures of a portfolio, counted from what it consists of; nothing here is shared with what is tested. */

const having = (customers: readonly CustomerFact[], status: CustomerFact["status"]) =>
  customers.filter((customer) => customer.status === status).length;

const churnedIn = (customers: readonly CustomerFact[]) => ({
  churned_customers: having(customers, "churned"),
});

const byStatus = (customers: readonly CustomerFact[]) => ({
  total_customers: customers.filter(stays).length,
  active_customers: having(customers, "active"),
  at_risk_customers: having(customers, "at_risk"),
  churned_customers: having(customers, "churned"),
  onboarding_customers: having(customers, "onboarding"),
});

/** Who has left counts nowhere but beside; what was answered, and alerts that are open, are those of everybody. */
export function stats(customers: readonly CustomerFact[], now: Date) {
  const staying = customers.filter(stays);
  const deployments = staying.flatMap((customer) => customer.deployments);
  const of = (name: Product) => deployments.filter(({ product }) => product === name).length;
  const since = new Date(now.getTime() - 30 * DAY_MS).toISOString();
  const before = staying.filter(({ created_at }) => created_at < since).length;
  const added = staying.length - before;
  return {
    ...byStatus(customers),
    customer_change_percentage: before === 0 ? null : rounded(100 * added, before, 1),
    total_deployments: deployments.length,
    deployments_by_product: { MonetX: of("MonetX"), SupportX: of("SupportX"), GreenX: of("GreenX") },
    total_contract_value: amountOf(staying),
    avg_health_score: meanOf(overallOf(staying), 1),
    unknown_customers: 0,
    avg_csat_score: meanOf(
      satisfaction(customers).map(({ score }) => score),
      2,
    ),
    nps_score: npsOf(
      customers
        .flatMap(({ responses }) => responses)
        .filter(({ survey_type }) => survey_type === "nps")
        .map(({ score }) => score),
    ),
    csat: meanFigure(satisfaction(customers).map(({ score }) => score)),
    nps: npsFigure(
      customers
        .flatMap(({ responses }) => responses)
        .filter(({ survey_type }) => survey_type === "nps")
        .map(({ score }) => score),
    ),
    open_alerts: openAlerts(customers).length,
    critical_alerts: openAlerts(customers).filter(({ severity }) => severity === "critical").length,
  };
}

export const BANDS = { excellent: [80, 100], good: [60, 79], at_risk: [40, 59], critical: [0, 39] } as const;
const within = (value: number, [min, max]: readonly [number, number]) => value >= min && value <= max;

export function healthDistribution(customers: readonly CustomerFact[]) {
  const scores = overallOf(customers.filter(stays));
  const band = (bounds: readonly [number, number]) => {
    const count = scores.filter((score) => within(score, bounds)).length;
    return { min: bounds[0], max: bounds[1], count, percentage: shareOf(count, scores.length) };
  };
  return {
    average_score: meanOf(scores, 1) ?? 0,
    excellent: band(BANDS.excellent),
    good: band(BANDS.good),
    at_risk: band(BANDS.at_risk),
    critical: band(BANDS.critical),
    bands: {
      ...{ low: band(BANDS.excellent).count, medium: band(BANDS.good).count },
      ...{ high: band(BANDS.at_risk).count, critical: band(BANDS.critical).count, unknown: 0 },
    },
    total_scored: scores.length,
    ...churnedIn(customers),
  };
}

export const productPerformance = (customers: readonly CustomerFact[]) => ({
  products: Product.options.map((product) => {
    const users = customers
      .filter(stays)
      .filter(({ deployments }) => deployments.some((d) => d.product === product));
    const deployments = users.flatMap((user) => user.deployments.filter((d) => d.product === product));
    const active = deployments.filter(({ is_active }) => is_active).length;
    const responses = satisfaction(customers).filter(({ about }) => about?.product === product);
    return {
      product,
      deployment_count: deployments.length,
      active_deployments: active,
      inactive_deployments: deployments.length - active,
      active_ratio: deployments.length === 0 ? 0 : rounded(active, deployments.length, 2),
      avg_health_score: meanOf(overallOf(users), 1),
      avg_csat_score: meanOf(
        responses.map(({ score }) => score),
        2,
      ),
      csat: meanFigure(responses.map(({ score }) => score)),
      customer_count: users.length,
    };
  }),
  ...churnedIn(customers),
});

export const accountManagerPerformance = (customers: readonly CustomerFact[]) =>
  [
    ...Map.groupBy(
      customers.filter((customer) => managerOf(customer)),
      (customer) => customer.linked?.id ?? managerOf(customer),
    ).values(),
  ].map((all) => {
    const managed = all.filter(stays);
    const user = all[0]?.linked;
    return {
      account_manager: all[0] ? managerOf(all[0]) : "",
      account_manager_id: user?.id ?? null,
      email: user?.email ?? null,
      customer_count: managed.length,
      avg_health_score: meanOf(overallOf(managed), 1),
      at_risk_customers: having(managed, "at_risk"),
      total_contract_value: amountOf(managed),
      churned_customers: having(all, "churned"),
      active_alerts: openAlerts(managed).length,
    };
  });

export function overview(customers: readonly CustomerFact[], now: Date) {
  const today = now.toISOString().slice(0, 10);
  const since = new Date(now.getTime() - 90 * DAY_MS).toISOString();
  const recent = satisfaction(customers).filter(({ at }) => at >= since);
  const renewals = upcomingRenewals(customers, today);
  const csat = (responses: typeof recent) =>
    meanOf(
      responses.map(({ score }) => score),
      2,
    ) ?? 0;
  return {
    ...byStatus(customers),
    average_health_score: meanOf(overallOf(customers.filter(stays)), 1) ?? 0,
    unknown_customers: 0,
    average_csat: csat(satisfaction(customers)),
    average_csat_90_days: csat(recent),
    csat: meanFigure(satisfaction(customers).map(({ score }) => score)),
    csat_90_days: meanFigure(recent.map(({ score }) => score)),
    total_contract_value: amountOf(customers.filter(stays)),
    contracts_expiring_30_days: renewals.renewals_30_days.length,
    contracts_expiring_90_days: renewals.renewals_90_days.length,
  };
}
