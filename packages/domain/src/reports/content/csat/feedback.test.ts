import { describe, expect, it } from "vitest";
import { feedbackSection } from "./feedback.ts";
import { answer, answered, counted } from "./fixture/answers.ts";

const low = (n: number) =>
  answer({ customer_name: `Company ${n}`, score: 1, submitted_at: `2026-06-${10 + (n % 10)}T08:00:00.000Z` });

describe("feedback", () => {
  it("lists the newest fifteen low scores, and says how many more there are", async () => {
    const rows = Array.from({ length: 20 }, (_, n) => low(n));
    const { blocks } = await feedbackSection(
      answered({ now: counted({ 1: 900, 3: 5 }), newest: async () => ({ rows, whole: false }) }),
    );
    const [table] = blocks;
    expect(table).toMatchObject({ kind: "table", more: 885 });
    expect(table?.kind === "table" && table.rows).toHaveLength(15);
    expect(table?.kind === "table" && table.rows[3]).toEqual([
      "Company 3",
      { text: "1 of 5", tone: "bad" },
      "Quarterly",
      "13 Jun 2026",
    ]);
  });

  it("shows what was written a moment before it was counted", async () => {
    const { blocks } = await feedbackSection(
      answered({ newest: async () => ({ rows: [low(1)], whole: true }) }),
    );
    expect(blocks[0]).toMatchObject({ kind: "table", more: 0 });
  });

  it("says what was looked at", async () => {
    const rows = Array.from({ length: 1_001 }, () => answer({ feedback_text: "Great" }));
    const of = async (all: typeof rows, whole: boolean) => {
      const { blocks } = await feedbackSection(answered({ newest: async () => ({ rows: all, whole }) }));
      return blocks.at(-1);
    };
    expect(await of(rows, true)).toMatchObject({
      text: expect.stringContaining("the newest 1,000 comments"),
    });
    expect(await of(rows.slice(0, 2), false)).toMatchObject({
      text: expect.stringContaining("the newest 2 comments"),
    });
    expect(await of(rows.slice(0, 2), true)).toMatchObject({
      text: expect.stringContaining("the 2 comments of the period"),
    });
    expect(await of([], true)).toMatchObject({ text: "Nobody wrote a comment in this period." });
    expect(await of([], false)).toMatchObject({ text: "The newest answers have no comments." });
  });
});
