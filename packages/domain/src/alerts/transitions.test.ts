import { describe, expect, it } from "vitest";
import type { StoredAlert } from "../table/index.ts";
import { edited, resolved, snoozed } from "./transitions.ts";

const AT = new Date("2026-06-15T10:00:00.000Z");

const open: StoredAlert = {
  id: "a1",
  customer_id: "c1",
  condition: "contract",
  alert_type: "contract_expiry",
  severity: "medium",
  title: "Contract ends",
  description: "Soon.",
  created_at: "2026-06-01T00:00:00.000Z",
  created_by: "system",
  is_resolved: false,
  updated_at: "2026-06-01T00:00:00.000Z",
  revision: 4,
};
const ended: StoredAlert = {
  ...open,
  is_resolved: true,
  resolved_by: "Grace",
  resolved_at: "2026-06-02T00:00:00.000Z",
};
const asleep: StoredAlert = {
  ...open,
  snoozed_until: "2026-07-01T00:00:00.000Z",
  snoozed_by: "Grace",
  snooze_reason: "Holiday",
};

describe("resolving", () => {
  it("names who and when, and ends a snooze", () => {
    expect(resolved(asleep, "Ada", AT)).toEqual({
      ...open,
      is_resolved: true,
      resolved_by: "Ada",
      resolved_at: AT.toISOString(),
      updated_at: AT.toISOString(),
      revision: 5,
    });
  });

  it("what is resolved changes nothing", () => {
    expect(resolved(ended, "Ada", AT)).toBe(ended);
    expect(edited(ended, { is_resolved: true }, "Ada", AT)).toBe(ended);
  });
});

describe("editing", () => {
  it("changes what is named", () => {
    expect(edited(open, { title: "Call them", severity: "high" }, "Ada", AT)).toEqual({
      ...open,
      title: "Call them",
      severity: "high",
      updated_at: AT.toISOString(),
      revision: 5,
    });
  });

  it("with what it says already changes nothing", () => {
    expect(edited(open, {}, "Ada", AT)).toBe(open);
    const { alert_type, severity, title, description, is_resolved } = open;
    expect(edited(open, { alert_type, severity, title, description, is_resolved }, "Ada", AT)).toBe(open);
  });

  it("keeps a snooze", () => {
    expect(edited(asleep, { title: "Call them" }, "Ada", AT)).toMatchObject({
      snoozed_until: asleep.snoozed_until,
      snoozed_by: "Grace",
      snooze_reason: "Holiday",
    });
  });

  it("reopens without resolver and time", () => {
    const again = { ...open, description: "After all.", updated_at: AT.toISOString(), revision: 5 };
    expect(edited(ended, { is_resolved: false, description: "After all." }, "Ada", AT)).toEqual(again);
  });
});

describe("a snoozed alert", () => {
  it("is back when a person raises its severity, and says so", () => {
    expect(edited(asleep, { severity: "critical" }, "Ada", AT)).toEqual({
      ...open,
      severity: "critical",
      unsnooze_reason: "Ada raised its severity from medium to critical.",
      updated_at: AT.toISOString(),
      revision: 5,
    });
    expect(edited(asleep, { severity: "low", title: "Later" }, "Ada", AT)).toMatchObject({
      snoozed_until: "2026-07-01T00:00:00.000Z",
    });
  });

  it("that is snoozed again, or resolved, says no more why it was back", () => {
    const back = { ...open, unsnooze_reason: "Its severity rose from low to medium." };
    expect(snoozed(back, { snooze_days: 1 }, "Ada", AT)).not.toHaveProperty("unsnooze_reason");
    expect(resolved(back, "Ada", AT)).not.toHaveProperty("unsnooze_reason");
    expect(edited(back, { title: "Later" }, "Ada", AT)).toHaveProperty("unsnooze_reason");
  });
});

describe("what somebody wrote when they resolved an alert", () => {
  it("is kept with it, and gone when it is opened again", () => {
    const done = resolved(open, "Ada", AT, "They renewed.");
    expect(done).toMatchObject({ is_resolved: true, resolution_notes: "They renewed." });
    expect(resolved(done, "Grace", AT, "Me too")).toBe(done);
    expect(edited(done, { is_resolved: false }, "Ada", AT)).not.toHaveProperty("resolution_notes");
    expect(edited(open, { is_resolved: true, resolution_notes: "Called." }, "Ada", AT).resolution_notes).toBe(
      "Called.",
    );
    expect(resolved(open, "Ada", AT, null)).not.toHaveProperty("resolution_notes");
  });
});

describe("snoozing", () => {
  it("lasts so many days from now on, and replaces the snooze before", () => {
    expect(snoozed(asleep, { snooze_days: 10 }, "Ada", AT)).toEqual({
      ...open,
      snoozed_until: "2026-06-25T10:00:00.000Z",
      snoozed_by: "Ada",
      snoozed_level: 4,
      updated_at: AT.toISOString(),
      revision: 5,
    });
  });

  it("lasts until a moment, 90 days ahead at most", () => {
    const until = (snoozed_until: string) => snoozed(open, { snoozed_until }, "Ada", AT).snoozed_until;
    expect(until("2026-06-15T10:00:00.001Z")).toBe("2026-06-15T10:00:00.001Z");
    expect(until("2026-09-13T10:00:00.000Z")).toBe("2026-09-13T10:00:00.000Z");
    expect(() => until("2026-06-15T10:00:00.000Z")).toThrow("snoozed_until: must lie ahead");
    expect(() => until("2026-09-13T10:00:00.001Z")).toThrow("snoozed_until: must lie ahead");
  });

  it("prefers days to a moment", () => {
    const both = { snooze_days: 1, snoozed_until: "2026-06-30T00:00:00.000Z" };
    expect(snoozed(open, both, "Ada", AT).snoozed_until).toBe("2026-06-16T10:00:00.000Z");
  });

  it("is not for resolved alerts", () => {
    expect(() => snoozed(ended, { snooze_days: 1 }, "Ada", AT)).toThrow("Reopen it");
  });
});
