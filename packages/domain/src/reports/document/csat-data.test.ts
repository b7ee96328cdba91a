import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import { countResponses } from "../../surveys/index.ts";
import { csatFromResponses } from "./csat-data.ts";
import { response } from "./fixture/responses.ts";

const period = { date_from: "2026-06-10", date_to: "2026-06-20" };
const nordlicht = { company_name: "Nordlicht", complete: true };
const rows = [
  response({ submitted_at: "2026-06-20T23:59:59.999Z", product: "MonetX" }),
  response({ submitted_at: "2026-06-10T00:00:00.000Z", survey_type: "nps", score: 9 }),
  response({ submitted_at: "2026-06-09T23:59:59.999Z", product: "GreenX", score: 1 }),
];

describe("the responses of a customer", () => {
  it("belong to the period or to the one before it", async () => {
    const found = csatFromResponses(rows, { filters: {}, period }, nordlicht);
    expect(found.current).toEqual([
      { survey_type: "quarterly", score: 5, amount: 1 },
      { survey_type: "nps", score: 9, amount: 1 },
    ]);
    expect(found.previous).toEqual([{ survey_type: "quarterly", score: 1, amount: 1 }]);
    expect([...found.byDate.keys()]).toEqual(["2026-06-20", "2026-06-10"]);
    expect(
      [...found.byProduct].map(([product, { current, previous }]) => [
        product,
        countResponses(current),
        countResponses(previous),
      ]),
    ).toEqual([
      ["MonetX", 1, 0],
      ["SupportX", 0, 0],
      ["GreenX", 0, 1],
    ]);
    expect((await found.newest(0)).rows).toHaveLength(2);
  });

  it("are those of the surveys and the product that are asked for", () => {
    const filters = { survey_types: ["quarterly" as const], product: "GreenX" as const };
    const found = csatFromResponses(rows, { filters, period }, nordlicht);
    expect([countResponses(found.current), countResponses(found.previous), found.links]).toEqual([
      0,
      1,
      undefined,
    ]);
    expect([...found.byProduct.keys()]).toEqual(["GreenX"]);
  });
});
