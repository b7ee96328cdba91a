import { describe, expect, it } from "vitest";
import { scoreLine } from "./score-line.ts";

const asked = (date_from: string, date_to: string) => ({
  period: { date_from, date_to },
  now: new Date("2026-06-30T12:00:00Z"),
});
const at = (calculated_at: string, overall_score: number) => ({ calculated_at, overall_score });

describe("the line of a customer's scores", () => {
  it("holds each score until the next one, from the first that is known", () => {
    const scores = [
      at("2026-06-05T09:00:00.000Z", 70),
      at("2026-06-05T02:00:00.000Z", 50),
      at("2026-06-03T02:00:00.000Z", 40),
    ];
    const line = scoreLine(scores, asked("2026-06-02", "2026-06-07"));
    expect(line?.points).toEqual(["2 Jun", "3 Jun", "4 Jun", "5 Jun", "6 Jun", "7 Jun"]);
    expect(line?.lines[0]?.values).toEqual([null, 40, 40, 70, 70, 70]);
    const earlier = scoreLine(
      [...scores, at("2026-04-01T02:00:00.000Z", 90)],
      asked("2026-06-02", "2026-06-07"),
    );
    expect(earlier?.lines[0]?.values[0]).toBe(90);
  });

  it("ends today", () => {
    const line = scoreLine([at("2026-06-01T02:00:00.000Z", 40)], asked("2026-06-28", "2026-07-20"));
    expect(line?.lines[0]?.values).toEqual([40, 40, 40]);
  });

  it("is none of a single point", () => {
    expect(
      scoreLine([at("2026-06-30T02:00:00.000Z", 40)], asked("2026-06-01", "2026-06-30")),
    ).toBeUndefined();
    expect(scoreLine([], asked("2026-06-01", "2026-06-30"))).toBeUndefined();
  });
});
