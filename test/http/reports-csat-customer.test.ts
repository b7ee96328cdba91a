import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { Document } from "@success-manager/pdf/document";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api, TestCloud } from "../support/cloud.ts";
import { portfolioCloud } from "../support/dashboard/cloud.ts";
import { meanOf, npsOf, shareOf } from "../support/dashboard/counting.ts";
import { dayFrom } from "../support/dashboard/days.ts";
import type { CustomerFact } from "../support/dashboard/facts.ts";
import type { ResponseFact } from "../support/dashboard/response-facts.ts";
import { sectionOf } from "../support/document-sections.ts";
import { surveyLink } from "../support/survey-link.ts";

let cloud: TestCloud;
let api: Api;
let facts: readonly CustomerFact[];
let today: string;

/** In scripts from right to left, with accents, marks and what means something elsewhere. */
const ODD = "شركة «النور» <b>&amp;</b> Ωmega \u0000Ünïted".replace("\u0000", "");

beforeAll(async () => {
  ({ cloud, api, facts, today } = await portfolioCloud());
  const { api: manager } = cloud.manager;
  const { id: customer_id } = (await manager.customers.create({ body: { company_name: ODD } })).body();
  // Two links of this period, one of them answered, and two of the one before.
  const [used] = [await surveyLink(cloud, { customer_id }), await surveyLink(cloud, { customer_id })];
  for (const days of [70, 80])
    await surveyLink(cloud, { customer_id, at: new Date(Date.parse(dayFrom(today, -days))) });
  const body = {
    score: 3,
    submitted_by_name: "Ζωή",
    submitted_by_email: "z@example.com",
    feedback_text: "Too slow, and nobody helps us.",
  };
  await cloud.stranger.csat.publicSubmit({ params: { token: used.token }, body });
  await cloud.settled(60_000);
});
afterAll(() => cloud?.stop());

async function report(
  report_type: "csat_analysis" | "customer_overview",
  days: number,
  filters: ReportFilters = {},
): Promise<Document> {
  const { buildDocument } = await import("../../packages/domain/src/reports/document/index.ts");
  const asked = {
    report_name: "Board",
    report_type,
    filters,
    date_from: dayFrom(today, 1 - days),
    date_to: today,
  };
  return buildDocument({ ...asked, triggered_by: "Ada" }, new Date());
}

const onDay = ({ at }: { readonly at: string }) => at.slice(0, 10);
const said: ResponseFact = {
  id: "",
  survey_type: "nps",
  score: 3,
  at: new Date().toISOString(),
  feedback: "",
};
/** All answers of the last days, that of the link included. */
const answersOf = (days: number, before = 0) => {
  const [first, last] = [dayFrom(today, 1 - days - before), dayFrom(today, -before)];
  return [...facts.flatMap(({ responses }) => responses), said].filter(
    (one) => onDay(one) >= first && onDay(one) <= last,
  );
};
const onFive = (answers: readonly ResponseFact[]) =>
  meanOf(
    answers.filter(({ survey_type }) => survey_type !== "nps").map(({ score }) => score),
    2,
  )?.toFixed(2);
const nps = (answers: readonly ResponseFact[]) =>
  npsOf(answers.filter(({ survey_type }) => survey_type === "nps").map(({ score }) => score));
const npsAnswers = (answers: readonly ResponseFact[]) =>
  answers.filter(({ survey_type }) => survey_type === "nps");
const signed = (value: number | null) =>
  value === null ? "" : `${value > 0 ? "+" : ""}${value}`.replace("-", "−");

describe("the analysis of satisfaction", () => {
  it("over all time says what the API says", async () => {
    const document = await report("csat_analysis", 600);
    const found = (await api.csat.analytics({})).body();
    const { tiles, tables } = sectionOf(document, "Scores");
    expect(tiles).toMatchObject({
      "CSAT in the period (1–5)": found.avg_csat?.toFixed(2),
      "NPS in the period": signed(found.nps_score),
      "Answers in the period": String(found.total_responses),
      "Response rate in the period": `${found.response_rate.toFixed(1)}%`,
    });
    const byType = Object.values(found.by_survey_type).map(({ count, average }) => [
      String(count),
      average.toFixed(2),
    ]);
    expect(tables[0]?.map((row) => [row[2], row[3]])).toEqual(expect.arrayContaining(byType));
    const { promoters_count, passives_count, detractors_count } = found;
    expect(sectionOf(document, "Net promoter score").parts).toEqual([
      ["Promoters", promoters_count],
      ["Passives", passives_count],
      ["Detractors", detractors_count],
    ]);
    const products = sectionOf(document, "By product");
    const means = found.by_product.filter(({ avg_score }) => avg_score !== null);
    expect(products.tables[0]).toMatchObject(
      means.map(({ product, avg_score, csat, distribution }) => {
        const count = Object.values(distribution).reduce((sum, given) => sum + given, 0);
        const interval = `${csat.low?.toFixed(2)} to ${csat.high?.toFixed(2)}`;
        return [product, avg_score?.toFixed(2), interval, expect.any(String), String(count)];
      }),
    );
    // Of fewer than five answers no net promoter score is printed.
    const answers = (product: string) =>
      npsAnswers(answersOf(600)).filter(({ about }) => about?.product === product);
    expect((products.tables[1] ?? []).map(([product, score]) => [product, score])).toEqual(
      found.by_product.flatMap(({ product, nps_score }) =>
        answers(product).length < 5 ? [] : [[product, signed(nps_score)]],
      ),
    );
  });

  it("over some days is what a count by hand comes to", async () => {
    const document = await report("csat_analysis", 60);
    const [mine, before] = [answersOf(60), answersOf(60, 60)];
    expect(before).not.toHaveLength(0);
    const { tiles, notes, bars, texts } = sectionOf(document, "Scores");
    expect(tiles).toMatchObject({
      "CSAT in the period (1–5)": onFive(mine),
      "NPS in the period": signed(nps(mine)),
      "Answers in the period": String(mine.length),
      "Response rate in the period": "50.0%",
    });
    const difference = Math.round(100 * Number(onFive(mine)) - 100 * Number(onFive(before))) / 100;
    expect(notes["CSAT in the period (1–5)"]).toContain(
      `${difference > 0 ? "+" : "−"}${Math.abs(difference).toFixed(2)} vs`,
    );
    expect(notes["Response rate in the period"]).toContain("+50.0 points vs");
    expect(texts.join()).toContain("Of 2 survey links made in this period, 1 has been answered");
    const fives = mine.filter(({ survey_type }) => survey_type !== "nps");
    const best = fives.filter(({ score }) => score === 5).length;
    const [, count, share] = /^(\d+)(?: \((.*)%\))?$/.exec(bars[0]?.["5, best"] ?? "") ?? [];
    expect([Number(count), Number(share ?? 0)]).toEqual([best, shareOf(best, fives.length)]);
  });

  it("has a chart for each scale, month by month as the API has it", async () => {
    const days = (Date.parse(today) - Date.parse(`${dayFrom(today, -380).slice(0, 7)}-01`)) / 86_400_000 + 1;
    const { lines, bars } = sectionOf(await report("csat_analysis", days), "Trends");
    const trends = (
      await api.dashboard.csatTrends({ query: { start_date: dayFrom(today, 1 - days) } })
    ).body();
    const [csat, npsLine] = lines.map((chart) => chart.lines[0]?.values);
    expect(csat).toEqual(trends.overall.map(({ avg_score }) => avg_score));
    expect(npsLine).toEqual(
      trends.nps.map(({ nps_score, response_count }) => (response_count < 5 ? null : nps_score)),
    );
    expect(Object.values(bars[0] ?? {})).toEqual(
      trends.overall.map(({ response_count }, n) =>
        String(response_count + (trends.nps[n]?.response_count ?? 0)),
      ),
    );
    expect(lines.map(({ range }) => range)).toEqual([
      [1, 5],
      [-100, 100],
    ]);
  });

  it("lists the newest low scores and what was said with them", async () => {
    const { tables, more, quotes, bars, texts } = sectionOf(await report("csat_analysis", 400), "Feedback");
    const low = answersOf(400)
      .filter(({ survey_type, score }) => score <= (survey_type === "nps" ? 6 : 2))
      .sort((a, b) => (a.at < b.at ? 1 : -1));
    expect(tables[0]?.[0]?.slice(0, 3)).toEqual([ODD, "3 of 10", "NPS"]);
    expect(tables[0]?.map((row) => row[1])).toEqual(
      low.slice(0, 15).map(({ score, survey_type }) => `${score} of ${survey_type === "nps" ? 10 : 5}`),
    );
    expect(more[0]).toBe(low.length - 15);
    const blame = quotes.find(({ tone }) => tone === "bad")?.by;
    expect(blame).toMatch(/^NPS: 3 of 10 · /);
    expect(blame?.endsWith(` · Ζωή · ${ODD}`)).toBe(true);
    const comments = answersOf(400).filter(({ feedback }) => feedback).length + 1;
    expect(texts.at(-1)).toContain(`the ${comments} comments of the period`);
    // One complaint is no theme yet; that help was quick is said again and again.
    const quick = answersOf(400).filter(({ feedback }) => feedback === "Quick help.").length;
    expect(bars.map((words) => words.quick)).toEqual([String(quick)]);
  });

  it("takes the surveys, the product and the parts that are asked for", async () => {
    const document = await report("csat_analysis", 400, {
      survey_types: ["nps"],
      product: "MonetX",
      sections: ["scores", "by_product"],
    });
    const mine = answersOf(400).filter(
      ({ survey_type, about }) => survey_type === "nps" && about?.product === "MonetX",
    );
    expect(document.sections.map(({ heading }) => heading)).toEqual(["Scores", "By product"]);
    const { tiles } = sectionOf(document, "Scores");
    expect(tiles).toEqual({
      "CSAT in the period (1–5)": "No answers",
      "Answers in the period": String(mine.length),
      "NPS in the period": signed(nps(mine)),
    });
    expect(sectionOf(document, "By product").tables).toEqual([
      [["MonetX", signed(nps(mine)), expect.stringMatching(/ to /), "no data", String(mine.length)]],
    ]);
  });

  it("of one customer is made of what they answered, and of nobody else", async () => {
    const customer = facts.find(
      ({ responses }) => responses.filter((one) => onDay(one) >= dayFrom(today, -399)).length > 2,
    );
    if (!customer) throw new Error("somebody answered more than twice");
    const document = await report("csat_analysis", 400, { customer_id: customer.id });
    const mine = customer.responses.filter((one) => onDay(one) >= dayFrom(today, -399));
    expect(document.subtitle).toBe(customer.company_name);
    const { tiles } = sectionOf(document, "Scores");
    expect(tiles["Answers in the period"]).toBe(String(mine.length));
    expect(tiles["CSAT in the period (1–5)"]).toBe(onFive(mine));
    expect(tiles["Response rate in the period"]).toBeUndefined();
  });

  it("costs three queries of counters, one of answers and a look at the directory, at any size", async () => {
    await report("csat_analysis", 30);
    cloud.database.take();
    await report("csat_analysis", 30);
    const asked = cloud.database.take().map(({ operation, index }) => `${operation} ${index ?? ""}`.trim());
    expect(asked.filter((name) => name === "Query")).toHaveLength(3);
    // Whoever asks for the directory while somebody else does shares the request.
    const others = asked.filter((name) => name === "Query byType");
    expect([2, 3]).toContain(others.length);
    // The settings: who reports, and what stands at the foot of a report.
    expect(asked.filter((name) => name === "BatchGetItem")).toHaveLength(1);
    expect(asked).toHaveLength(4 + others.length);
  });
});
