import { describe, expect, it } from "vitest";
import { clearedExpiry } from "../../alerts/state.ts";
import { refreshPolicy, validity } from "./write.ts";

const HOUR_MS = 60 * 60 * 1000;
const at = new Date("2026-03-01T00:20:00.000Z");
const later = (hours: number) => new Date(at.getTime() + hours * HOUR_MS);
const latest = { ...validity(at), rows: 50_000 };

describe("a new snapshot is due", () => {
  it("when there is none, and there are so many rows that it saves time", () => {
    expect(refreshPolicy(undefined, at)).toEqual({ since: undefined, rows: 2_000 });
  });

  it("when a twentieth of the rows has changed since the last one was complete", () => {
    expect(refreshPolicy(latest, later(1))).toEqual({ since: "2026-03-01T00:10:00.000Z", rows: 2_500 });
  });

  it("when something has changed since a small one", () => {
    expect(refreshPolicy({ ...latest, rows: 0 }, later(1)).rows).toBe(1);
  });

  it("when the last one gets old, though nothing has changed; long before it expires", () => {
    expect(refreshPolicy(latest, later(19)).since).toBe(latest.complete_until);
    expect(refreshPolicy(latest, later(20))).toEqual({ since: undefined, rows: 2_000 });
    expect(Date.parse(latest.expires_at)).toBeGreaterThan(later(20 + 12).getTime());
  });
});

it("a snapshot expires before the end of an alert that it calls open is forgotten", () => {
  expect(Date.parse(latest.expires_at) / 1000).toBeLessThan(clearedExpiry(new Date(latest.complete_until)));
});
