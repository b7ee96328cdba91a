import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { sectionOf } from "../support/document-sections.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

/** Spellings of one industry: case, blanks, width, composition, what nobody sees. */
const SPELLINGS = [
  "Café & Hotel",
  "Café & Hotel",
  "café & hotel",
  "CAFÉ  &  HOTEL",
  "Cafe\u0301 & Hotel",
  " Café\u00a0&\u00a0Hotel ",
  "Ca\u200bfé & Ho\u00adtel",
  "Ｃａｆé & Ｈｏｔｅｌ",
];

const create = async (industry: string | undefined, changes: object = {}) => {
  const company_name = `Company ${crypto.randomUUID()}`;
  const body = { company_name, ...(industry !== undefined && { industry }), ...changes };
  return (await cloud.manager.api.customers.create({ body })).body();
};

beforeAll(async () => {
  for (const industry of [...SPELLINGS, "Energy", "energy", undefined, "unknown"])
    await create(industry, { contract_value: "100" });
});

describe("an industry is one, however it is spelled:", () => {
  it("in segments, under the spelling used most", async () => {
    const { by_industry } = (await cloud.viewer.api.dashboard.customerSegments({})).body();
    expect(by_industry).toMatchObject([
      { name: "Café & Hotel", count: 8, total_value: 800 },
      { name: "Energy", count: 2 },
      { name: "Unknown", count: 2 },
    ]);
  });

  it("in the picker, once and in order", async () => {
    const industries = (await cloud.viewer.api.customers.industries({})).body();
    expect(industries).toEqual(["Café & Hotel", "Energy", "unknown"]);
  });

  it.each(SPELLINGS)("in the filter of the list: %j", async (industry) => {
    const list = (await cloud.viewer.api.customers.list({ query: { industry } })).body();
    expect(list.total).toBe(8);
    for (const customer of list.customers) expect(customer.industry).toMatch(/caf|ｃａｆ/iu);
  });

  it("but not where a letter is another one", async () => {
    const { total } = (await cloud.viewer.api.customers.list({ query: { industry: "Cafe & Hotel" } })).body();
    expect(total).toBe(0);
  });

  it("in the filter of reports, where it is named once", async () => {
    const { buildDocument } = await import("../../packages/domain/src/reports/document/index.ts");
    const { ReportFilters } = await import("@success-manager/contract/report-filters");
    const at = new Date();
    const [date_from, date_to] = ["2026-01-01", at.toISOString().slice(0, 10)];
    const filters = ReportFilters.parse({
      industries: ["CAFÉ & HOTEL", "café & hotel"],
      sections: ["overview"],
    });
    expect(filters.industries).toEqual(["CAFÉ & HOTEL"]);
    const asked = { report_name: "Hotels", filters, date_from, date_to, triggered_by: "Ada" };
    const document = await buildDocument({ ...asked, report_type: "health_summary" }, at);
    expect(document.facts).toContainEqual({ label: "Industries", value: "CAFÉ & HOTEL" });
    expect(sectionOf(document, "Overview").tiles.Customers).toBe("8");
  });
});

describe("a product's name", () => {
  it("is kept once", async () => {
    const deployed_products = ["MonetX", "monetx", " MonetX ", "Green\u200bX", "GreenX"];
    const { id, deployed_products: kept } = await create("Energy", { deployed_products });
    expect(kept).toEqual(["MonetX", "GreenX"]);
    const body = { deployed_products: ["A", "a", "B"] };
    const changed = (await cloud.manager.api.customers.update({ params: { id }, body })).body();
    expect(changed.deployed_products).toEqual(["A", "B"]);
  });
});

describe("a performer", () => {
  it("is one person among the busiest", async () => {
    const { id: customer_id } = await create("Energy");
    const facts = { customer_id, interaction_type: "call", subject: "Note", description: "Called." } as const;
    for (const performed_by of ["Zoë Müller", "zoë  müller", "Zoë Müller", "ZOE\u0308 MU\u0308LLER"])
      (await cloud.manager.api.interactions.create({ body: { ...facts, performed_by } })).body();
    await cloud.settled();
    const { top_performers } = (await cloud.viewer.api.interactions.summary({})).body();
    expect(top_performers).toEqual([{ name: "Zoë Müller", count: 4, user_id: null, email: null }]);
  });
});
