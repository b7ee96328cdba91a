import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { Document } from "@success-manager/pdf/document";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api, TestCloud } from "../support/cloud.ts";
import { portfolioCloud } from "../support/dashboard/cloud.ts";
import { openAlerts, stays } from "../support/dashboard/counting.ts";
import { dayFrom } from "../support/dashboard/days.ts";
import type { CustomerFact } from "../support/dashboard/facts.ts";
import { sectionOf } from "../support/document-sections.ts";
import { shortDollars } from "../support/printed.ts";

let cloud: TestCloud;
let api: Api;
let facts: readonly CustomerFact[];
let today: string;
beforeAll(async () => {
  ({ cloud, api, facts, today } = await portfolioCloud());
});
afterAll(() => cloud?.stop());

async function report(days: number, filters: ReportFilters = {}): Promise<Document> {
  const { buildDocument } = await import("../../packages/domain/src/reports/document/index.ts");
  const asked = { report_name: "Board", filters, date_from: dayFrom(today, 1 - days), date_to: today };
  return buildDocument({ ...asked, report_type: "customer_overview", triggered_by: "Ada" }, new Date());
}

const within = (at: string, days: number, before = 0) =>
  at.slice(0, 10) >= dayFrom(today, 1 - days - before) && at.slice(0, 10) <= dayFrom(today, -before);

describe("the overview of all customers", () => {
  it("says what the dashboard says", async () => {
    const document = await report(30);
    const stats = (await api.dashboard.stats({})).body();
    const { tiles, bars } = sectionOf(document, "Customer base");
    expect(tiles).toMatchObject({
      Customers: String(stats.total_customers),
      Active: String(stats.active_customers),
      "At risk": String(stats.at_risk_customers),
      Onboarding: String(stats.onboarding_customers),
      Churned: String(stats.churned_customers),
      "Contract value": shortDollars(stats.total_contract_value),
      "New in the period": String(
        facts.filter(stays).filter(({ created_at }) => within(created_at, 30)).length,
      ),
    });
    const { by_industry } = (await api.dashboard.customerSegments({})).body();
    expect(bars[0]).toEqual(
      Object.fromEntries(
        by_industry.map(({ name, count, percentage }) => [name, `${count} (${percentage.toFixed(1)}%)`]),
      ),
    );
    const spread = (await api.dashboard.healthDistribution({})).body();
    const health = sectionOf(document, "Health");
    expect(health.tiles).toMatchObject({
      "Average health": spread.average_score.toFixed(1),
      "Customers with a score": String(spread.total_scored),
    });
    expect(health.parts.map(([, count]) => count)).toEqual([
      spread.excellent.count,
      spread.good.count,
      spread.at_risk.count,
      spread.critical.count,
      stats.total_customers - spread.total_scored,
    ]);
    const { products } = (await api.dashboard.productPerformance({})).body();
    expect(health.tables[0]).toEqual(
      products.map(
        ({ product, active_deployments, inactive_deployments, customer_count, avg_health_score }) => [
          product,
          String(active_deployments),
          String(inactive_deployments),
          String(customer_count),
          avg_health_score?.toFixed(1),
        ],
      ),
    );
    const alerts = (await api.alerts.dashboard({})).body();
    const { tiles: alertTiles, tables } = sectionOf(document, "Alerts");
    expect(alertTiles).toMatchObject({
      "Open alerts": String(alerts.total_unresolved),
      "Critical or high": String(alerts.by_severity.critical + alerts.by_severity.high),
    });
    expect(Object.fromEntries((tables[0] ?? []).map((row) => [row[0], row.at(-1)]))).toEqual({
      Escalation: String(alerts.by_type.escalation),
      "Low CSAT": String(alerts.by_type.low_csat),
    });
  });

  it("counts contacts and alerts of the period and the one before it", async () => {
    const document = await report(20);
    const contacts = facts.flatMap((customer) => customer.interactions);
    const [mine, before] = [0, 20].map((days) => contacts.filter(({ at }) => within(at, 20, days)).length);
    const { tiles, notes, tables } = sectionOf(document, "Interactions");
    const change = (mine ?? 0) - (before ?? 0);
    expect(tiles.Interactions).toBe(String(mine));
    expect(notes.Interactions).toContain(`${change > 0 ? "+" : "−"}${Math.abs(change)} vs`);
    const calls = contacts.filter(
      ({ at, interaction_type }) => interaction_type === "call" && within(at, 20),
    ).length;
    expect(tables[0]?.find(([type]) => type === "Call")?.[1]).toBe(String(calls));
    const raised = facts.flatMap(({ alerts }) => alerts).filter(({ created_at }) => within(created_at, 20));
    expect(sectionOf(document, "Alerts").tiles["Opened in the period"]).toBe(String(raised.length));
  });

  it("lists the contracts that the dashboard lists", async () => {
    const { renewals_60_days, total_value_60_days, count_60_days } = (
      await api.dashboard.upcomingRenewals({ query: { limit: 100 } })
    ).body();
    const { tiles, tables, more } = sectionOf(
      await report(30, { sections: ["renewals"] }),
      "Renewals in the next 60 days",
    );
    expect(tiles).toEqual({
      "Contracts that end": String(count_60_days),
      "Their value": shortDollars(total_value_60_days),
    });
    expect(tables[0]?.map(([name, , , days, health]) => [name, days, health])).toEqual(
      renewals_60_days.map(({ company_name, days_until_renewal: days, health_score }) => [
        company_name,
        days === 0 ? "today" : String(days),
        health_score === null ? "Not scored" : String(health_score),
      ]),
    );
    expect(more[0]).toBe(0);
  });

  it("of some customers says of which figures they are all", async () => {
    const filters: ReportFilters = { status: ["active", "churned"], product: "GreenX" };
    const some = facts.filter(
      ({ status, deployments }) =>
        (status === "active" || status === "churned") &&
        deployments.some(({ product, is_active }) => product === "GreenX" && is_active),
    );
    const document = await report(30, filters);
    const { tiles } = sectionOf(document, "Customer base");
    expect(tiles).toMatchObject({
      Customers: String(some.length),
      Active: String(some.filter(stays).length),
    });
    expect(tiles["At risk"]).toBeUndefined();
    expect(sectionOf(document, "Health").tables[0]?.map(([product]) => product)).toEqual(["GreenX"]);
    const alerts = sectionOf(document, "Alerts").tiles;
    expect(alerts["Open alerts"]).toBe(String(openAlerts(some).length));
    expect(alerts["Opened in the period"]).toBeUndefined();
    for (const part of ["Interactions", "Satisfaction"])
      expect(sectionOf(document, part).about).toContain("counted for all customers together");
  });

  it("of nobody says so, and nothing about everybody", async () => {
    const document = await report(30, { industries: ["Nobody is in it"] });
    expect(document.sections.flatMap(({ blocks }) => blocks)).toMatchObject([
      { kind: "text", text: "No customer meets the filters of this report." },
    ]);
  });
});

describe("the overview of one customer", () => {
  it("says what their page says", async () => {
    const rich = facts.find(
      ({ scores, responses, alerts }) => scores.length > 1 && responses.length > 1 && alerts.length > 1,
    );
    if (!rich) throw new Error("somebody has something of everything");
    const page = (await api.customers.get({ params: { id: rich.id } })).body();
    const document = await report(700, { customer_id: rich.id });
    expect(document.subtitle).toBe(page.customer.company_name);
    const { tiles, tables } = sectionOf(document, "Profile");
    const { contract_value, account_manager_name } = page.customer;
    expect(tiles["Contract value"]).toBe(
      contract_value === null ? "Not recorded" : shortDollars(Number(contract_value)),
    );
    expect(tables[0]?.find(([label]) => label === "Account manager")?.[1]).toBe(
      account_manager_name || "Nobody yet",
    );
    expect(sectionOf(document, "Health").tiles).toEqual({
      "Health score": String(page.overall_health_score?.overall_score),
      Adoption: String(page.overall_health_score?.adoption_score),
      Engagement: String(page.overall_health_score?.engagement_score),
      Support: String(page.overall_health_score?.support_score),
      Financial: String(page.overall_health_score?.financial_score),
    });
    const { total_surveys, average_score, nps_score } = page.csat_summary;
    const about = sectionOf(document, "Satisfaction").about;
    expect(about).toContain(`${total_surveys} answers`);
    if (average_score !== null) expect(about).toContain(`average CSAT ${average_score.toFixed(2)} of 5`);
    // One customer hardly gives five answers: fewer make no score.
    const answers = rich.responses.filter(({ survey_type }) => survey_type === "nps").length;
    if (nps_score !== null && answers >= 5)
      expect(about).toContain(`NPS ${nps_score > 0 ? "+" : ""}${nps_score}`.replace("-", "−"));
    else expect(about).not.toContain("NPS");
    const alerts = sectionOf(document, "Alerts");
    expect(alerts.tiles["Open alerts"]).toBe(String(page.active_alerts.length));
    expect(alerts.tiles["Opened in the period"]).toBe(String(rich.alerts.length));
    expect(sectionOf(document, "Interactions").tiles.Interactions ?? "0").toBe(
      String(rich.interactions.length),
    );
  });

  it("who has nothing yet is a decent page", async () => {
    const body = { company_name: "Ничего ещё нет · مرحبا" };
    const { id } = (await cloud.manager.api.customers.create({ body })).body();
    const document = await report(30, { customer_id: id });
    expect(document.subtitle).toBe(body.company_name);
    expect(document.sections.map(({ blocks }) => blocks.at(-1))).toMatchObject([
      { kind: "text", text: "Nothing is to be decided about this customer now." },
      { kind: "table" },
      { kind: "text", text: "No interaction was logged in this period." },
      { kind: "text", text: "No health score has been calculated yet." },
      { kind: "text", text: "Nobody answered a survey in this period." },
      { kind: "text" },
      { kind: "text", text: "No end of a contract or of a license in use is recorded." },
      { kind: "text", text: "Nothing is due: no follow-up is open, and nothing stands out." },
    ]);
    expect(JSON.stringify(document)).not.toMatch(/undefined|null|NaN|N\/A/);
  });

  it("who is not there is not found", async () => {
    const customer_id = "00000000-0000-4000-8000-000000000000";
    await expect(report(30, { customer_id })).rejects.toMatchObject({ status: 404 });
  });
});
