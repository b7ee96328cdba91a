import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import { alertState } from "../../alerts/fixture/states.ts";
import { createAlertCache } from "../../alerts/open-alerts.ts";
import { customer, TODAY } from "../../portfolio/fixture/rows.ts";
import type { AlertState } from "../../table/index.ts";
import {
  alertCountTiles,
  alertsSection,
  alertTiles,
  openTable,
  portfolioAlerts,
  severityBar,
  typeTable,
  urgentTable,
  urgentTile,
} from "./alerts.ts";
import { leftOutOf, partsIn, rowsIn, textsIn, tilesIn } from "./fixture/printed.ts";

const NOW = new Date(`${TODAY}T12:00:00Z`);
const PERIOD = { date_from: "2026-05-01", date_to: "2026-05-31" };
const customers = new Map([["c1", customer("c1")]]);

async function alertsOf(open: readonly Partial<AlertState>[], keeps?: (customer_id: string) => boolean) {
  const states = open.map((changes, n) => ({
    ...alertState({
      customer_id: "c1",
      condition: `manual#${n}`,
      alert_type: "escalation",
      severity: "high",
      title: `Alert ${n}`,
      description: "So they say.",
    }),
    alert_id: `a${n}`,
    ...changes,
  }));
  const send = async (receive: (page: readonly AlertState[]) => void) => receive(states);
  const cache = createAlertCache({ loadAll: send, loadSince: (_, receive) => send(receive) }, () =>
    NOW.getTime(),
  );
  await cache.refresh();
  return portfolioAlerts(cache, NOW, keeps);
}

const created = (day: number) => ({ created_at: `2026-06-0${day}T10:00:00.000Z` });
const OPEN: readonly Partial<AlertState>[] = [
  { ...created(1), severity: "critical" },
  created(5),
  { ...created(3), customer_id: "nobody knows" },
  { ...created(9), severity: "medium", alert_type: "low_csat" },
  { ...created(8), severity: "critical", snoozed_until: "2026-06-16T00:00:00.000Z" },
  { ...created(7), severity: "critical", snoozed_until: "2026-06-15T00:00:00.000Z" },
];

describe("open alerts", () => {
  it("are counted without snoozed ones; critical and high ones are listed, the worst first, then the newest", async () => {
    const alerts = await alertsOf(OPEN);
    const section = alertsSection(alerts, {
      blocks: [...severityBar(alerts), urgentTable(alerts, { customers, limit: 10 })],
    });
    expect(partsIn(section)).toEqual(["Critical: 2", "High: 2", "Medium: 1", "Low: 0"]);
    expect(textsIn(section)).toEqual(["1 alert is snoozed and not counted."]);
    expect(rowsIn(section)).toEqual([
      "Company c1 | Alert 5 | Critical | 7 Jun ’26",
      "Company c1 | Alert 0 | Critical | 1 Jun ’26",
      "Company c1 | Alert 1 | High | 5 Jun ’26",
      "Unknown customer | Alert 2 | High | 3 Jun ’26",
    ]);
  });

  it("are counted by type and severity, the most frequent type first", async () => {
    const alerts = await alertsOf(OPEN);
    const section = alertsSection(alerts, {
      blocks: [alertTiles(alerts, [urgentTile(alerts)]), typeTable(alerts)],
    });
    expect(tilesIn(section)).toEqual([
      "Open alerts: 5 (and 1 snoozed)",
      "Critical or high: 4 (of 2 customers)",
    ]);
    expect(rowsIn(section)).toEqual(["Escalation | 2 | 2 | 0 | 0 | 4", "Low CSAT | 0 | 0 | 1 | 0 | 1"]);
  });

  it("of some customers are theirs alone", async () => {
    const { open, snoozed } = await alertsOf(OPEN, (id) => id === "nobody knows");
    expect([open.map(({ title }) => title), snoozed]).toEqual([["Alert 2"], []]);
  });

  it("of one customer are all listed, with what is snoozed until when", async () => {
    const [snoozed] = openTable(await alertsOf(OPEN.slice(3, 5)), NOW, 1);
    if (snoozed?.kind !== "table") throw new Error("there is a table");
    expect(rowsIn({ heading: "", blocks: [snoozed] })).toEqual([
      "Alert 1 | Escalation | Critical | 8 Jun ’26 | Snoozed until 16 Jun ’26",
    ]);
    expect(snoozed.more).toBe(1);
  });

  it("are as many as fit; how many more is said, and none is a sentence", async () => {
    const many = await alertsOf(Array.from({ length: 25 }, () => ({})));
    const table = urgentTable(many, { customers, limit: 10 });
    expect(leftOutOf({ heading: "", blocks: [table] })).toBe(15);
    expect(urgentTable(await alertsOf([{ severity: "low" }]), { customers, limit: 10 })).toEqual({
      kind: "text",
      text: "No open alert is critical or high.",
    });
  });
});

describe("a section without open alerts", () => {
  it("is a sentence", async () => {
    const none = await alertsOf([]);
    expect(textsIn(alertsSection(none, { blocks: [typeTable(none)] }))).toEqual(["No alert is open."]);
    const quiet = { ...none, changed: 0 };
    expect(textsIn(alertsSection(quiet, { blocks: [typeTable(quiet)] }))).toEqual([
      "No alert is open, and none was opened in this period.",
    ]);
  });

  it("has figures when some were opened in the period", async () => {
    const alerts = { ...(await alertsOf([])), changed: 1 };
    const tiles = alertCountTiles(
      { opened: { current: 1, previous: 3 }, resolved: { current: 0, previous: 0 } },
      PERIOD,
    );
    const section = alertsSection(alerts, { blocks: [alertTiles(alerts, tiles), typeTable(alerts)] });
    expect(tilesIn(section)).toEqual([
      "Open alerts: 0 (none snoozed)",
      "Opened in the period: 1 (−2 vs Apr)",
      "Resolved in the period: 0 (unchanged vs Apr)",
    ]);
    expect(textsIn(section)).toEqual(["No alert is open."]);
  });
});
