import { SECTIONS } from "@success-manager/contract/settings";
import { openState, reconcileHealthAlerts, storedDetection } from "@success-manager/domain/alerts";
import { detectEscalation } from "@success-manager/domain/interactions";
import { detectLowScore } from "@success-manager/domain/surveys";
import { describe, expect, it } from "vitest";
import { onDailyCheck } from "./alert-rules.ts";
import { counts, demoOn } from "./fixture/demo.ts";

const NOW = "2026-03-31T15:30:00.000Z";
const DAYS = ["2026-01-01T00:00:00.000Z", NOW, "2027-07-04T08:30:00.000Z", "2028-02-29T23:59:59.999Z"];
const settings = SECTIONS.alerts.defaults;
const HOUR_MS = 60 * 60 * 1000;

const portfolios = new Map(DAYS.map((now) => [now, demoOn(now)]));
const seededAt = (now: string) => portfolios.get(now) ?? [];
const alertsOf = (now: string) => seededAt(now).flatMap(({ alerts }) => alerts);
const hoursBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / HOUR_MS;

describe.each(DAYS)("the demo's alerts on %s", (now) => {
  it("leave the checks of that day and another score nothing to do", () => {
    const at = new Date(now);
    const waiting = seededAt(now).flatMap(({ customer, deployments, interactions, scores, states }) => {
      const dates = interactions.map(({ interaction_date }) => interaction_date);
      const score = scores.at(-1);
      return [
        ...onDailyCheck({ customer, deployments, dates, states }, at),
        ...(score ? reconcileHealthAlerts({ customer, score, previous: score, states, settings }) : []),
      ];
    });
    expect(waiting).toEqual([]);
  });

  it("are one for each low score and each escalation, from its moment on", () => {
    for (const { customer, surveys, interactions, alerts } of seededAt(now)) {
      const name = customer.company_name;
      const expected = [
        ...surveys.map((one) => [one.submitted_at, detectLowScore(one, name)] as const),
        ...interactions.map(
          (one) => [one.interaction_date, detectEscalation(one, undefined, undefined, name)[0]] as const,
        ),
      ].flatMap(([created_at, finding]) => (finding ? [{ ...finding, created_at }] : []));
      const once = alerts.filter(({ condition }) => /^(survey|interaction)#/.test(condition));
      expect(once).toHaveLength(expected.length);
      for (const one of expected) expect(once).toContainEqual(expect.objectContaining(one));
    }
  });

  it("are open once per condition at most, each with its state as it is stored with it", () => {
    for (const { customer, alerts, states } of seededAt(now)) {
      const open = alerts.filter(({ is_resolved }) => !is_resolved);
      expect(new Set(open.map(({ condition }) => condition)).size).toBe(open.length);
      const openStates = states.filter(({ state }) => state === "open");
      expect(openStates).toHaveLength(open.length);
      for (const alert of open) {
        const state = openStates.find(({ alert_id }) => alert_id === alert.id);
        const { found, reference, band } = state ?? {};
        expect(state).toEqual(openState(alert, undefined, new Date(now), { found, reference, band }));
        expect([alert.customer_id, alert.updated_at]).toEqual([customer.id, now]);
      }
    }
  });

  it("remember what a person resolved while it lasts", () => {
    const handled = seededAt(now).flatMap(({ states }) => states.filter(({ state }) => state !== "open"));
    const alerts = new Map(alertsOf(now).map((alert) => [alert.id, alert]));
    expect(handled.length).toBeGreaterThan(0);
    for (const { alert_id, state, expires_at_epoch } of handled) {
      expect([state, expires_at_epoch]).toEqual(["acknowledged", undefined]);
      expect(alerts.get(alert_id)).toMatchObject({
        is_resolved: true,
        resolved_by: expect.stringMatching(/ /),
      });
    }
  });

  it("are about as many as a portfolio of that kind has", () => {
    const open = (status: string) =>
      seededAt(now)
        .filter(({ customer }) => customer.status === status)
        .map(({ alerts }) => alerts.filter(({ is_resolved }) => !is_resolved).length)
        .sort((a, b) => a - b);
    expect(alertsOf(now).length).toSatisfy((count: number) => count >= 25 && count <= 70);
    expect(open("onboarding")[0]).toSatisfy((count: number) => count >= 1 && count <= 2);
    expect(open("churned")[0]).toSatisfy((count: number) => count <= 3);
    expect(open("at_risk").at(0)).toBeGreaterThanOrEqual(2);
    expect(open("at_risk").at(-1)).toBeLessThanOrEqual(9);
    expect(open("active").at(-1)).toBeLessThanOrEqual(4);
    expect(open("active").filter((count) => count <= 2).length).toBeGreaterThanOrEqual(8);
  });

  it("are of every type and severity, open ones too", () => {
    const open = alertsOf(now).filter(({ is_resolved }) => !is_resolved);
    expect(Object.keys(counts(open.map(({ severity }) => severity)))).toHaveLength(4);
    expect(Object.keys(counts(open.map(({ alert_type }) => alert_type)))).toHaveLength(5);
  });
});

describe("people of the demo", () => {
  const alerts = alertsOf(NOW);
  const once = alerts.filter(({ condition }) => /^(survey|interaction)#/.test(condition));

  it("have dealt with about two of five things that happened, within a week, older ones more often", () => {
    const byTime = [...once].sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
    const share = (some: typeof once) => some.filter(({ is_resolved }) => is_resolved).length / some.length;
    expect(share(once)).toBeGreaterThan(0.3);
    expect(share(once)).toBeLessThan(0.55);
    expect(share(byTime.slice(0, once.length / 2))).toBeGreaterThan(share(byTime.slice(once.length / 2)));
    for (const { created_at, resolved_at, resolved_by } of once.filter(({ is_resolved }) => is_resolved)) {
      expect(["Sarah Johnson", "James Wilson"]).toContain(resolved_by);
      expect(hoursBetween(created_at, resolved_at ?? "")).toSatisfy((h: number) => h > 0 && h <= 8 * 24);
    }
  });

  it("raise alerts themselves, and put off two about contracts", () => {
    const manual = alerts.filter(({ condition }) => condition.startsWith("manual#"));
    expect(manual.length).toBeGreaterThanOrEqual(3);
    expect(new Set(manual.map(({ created_by }) => created_by))).toEqual(
      new Set(["Sarah Johnson", "James Wilson"]),
    );
    expect(manual.some(({ is_resolved }) => is_resolved)).toBe(true);
    const snoozed = alerts.filter(({ snoozed_until }) => snoozed_until && snoozed_until > NOW);
    expect(snoozed.map(({ condition, is_resolved }) => [condition, is_resolved])).toEqual([
      ["contract", false],
      ["contract", false],
    ]);
  });

  it("leave to the system what begins and ends by itself", () => {
    const bySystem = alerts.filter(({ condition }) => !condition.startsWith("manual#"));
    expect(new Set(bySystem.map(({ created_by }) => created_by))).toEqual(new Set(["system"]));
    const lasting = bySystem.filter(({ condition }) => /^(contract|license|inactivity)/.test(condition));
    const resolvers = new Set(lasting.map(({ resolved_by }) => resolved_by));
    expect(resolvers).toEqual(new Set([undefined, "system"]));
  });

  it("saw a contract's alert from 90 days before its end on", () => {
    for (const { alerts, customer } of seededAt(NOW)) {
      const contract = alerts.find(({ condition }) => condition === "contract");
      if (!contract) continue;
      expect(hoursBetween(contract.created_at, `${customer.contract_end_date}T00:00:00Z`)).toBe(90 * 24);
    }
  });

  it("see in a state what the rules detected last", () => {
    const [low] = seededAt(NOW).flatMap(({ surveys, customer, states }) =>
      surveys.flatMap((survey) => {
        const detection = detectLowScore(survey, customer.company_name);
        const state = states.find(({ condition }) => condition === detection?.condition);
        return detection && state ? [{ detection, state }] : [];
      }),
    );
    expect(low?.state.found).toBe(low && storedDetection(low.detection).found);
  });
});
