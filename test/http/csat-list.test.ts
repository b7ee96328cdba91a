import { randomUUID } from "node:crypto";
import type { NewSurvey, Survey, SurveyFilter } from "@success-manager/contract/surveys";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { deploymentBody } from "../support/rows.ts";

let cloud: TestCloud;
/** A viewer's: reading and recording is for all. */
let api: Api;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
  customer_id = await newCustomer("Nordlicht");
});
afterAll(() => cloud?.stop());

const newCustomer = async (company_name: string) =>
  (await cloud.manager.api.customers.create({ body: { company_name } })).body().id;

const newDeployment = async (customer_id: string) =>
  (
    await cloud.manager.api.deployments.create({
      body: deploymentBody(customer_id),
    })
  ).body().id;

type Sent = z.input<typeof NewSurvey>;
const newSurvey = (changes: object = {}): Sent => ({
  customer_id,
  survey_type: "quarterly",
  score: 4,
  submitted_by_name: "Ada",
  submitted_by_email: "ada@example.com",
  ...changes,
});
const record = async (changes: object = {}) => (await api.csat.create({ body: newSurvey(changes) })).body();

type Query = z.input<typeof SurveyFilter>;
const list = async (query: Query = {}) => (await api.csat.list({ query })).body();

describe("the list of responses", () => {
  /** Responses of the past, oldest first, of three customers: a day between each. */
  const stored: { id: string; survey_type: string; score: number; day: string; customer_id: string }[] = [];
  const DAY_MS = 86_400_000;
  let customers: string[];
  let about: string;

  beforeAll(async () => {
    const { toStoredSurvey } = await import("@success-manager/domain/surveys");
    const { SurveyEntity } = await import("@success-manager/domain/table");
    customers = [await newCustomer("Alpha"), await newCustomer("Beta"), await newCustomer("Gamma")];
    about = await newDeployment(customers[0] ?? "");
    const start = Date.UTC(2024, 0, 1, 12);
    const types = ["nps", "quarterly", "post_ticket", "onboarding"] as const;
    const surveys = Array.from({ length: 60 }, (_, n) => {
      const survey_type = types[n % 4] ?? "nps";
      const owner = customers[n % 3] ?? "";
      const submitted_at = new Date(start + n * DAY_MS).toISOString();
      const id = randomUUID();
      const score = survey_type === "nps" ? n % 11 : 1 + (n % 5);
      stored.push({ id, survey_type, score, day: submitted_at.slice(0, 10), customer_id: owner });
      return toStoredSurvey(
        {
          id,
          customer_id: owner,
          survey_type,
          score,
          submitted_by_name: `Person ${String(n).padStart(2, "0")}`,
          submitted_by_email: `person${n}@example.com`,
          submitted_at,
          ...(n % 10 === 0 && { feedback_text: `A Needle in number ${n}` }),
          ...(n % 6 === 0 && { product_deployment_id: about, product: "MonetX" }),
        },
        ["Alpha", "Beta", "Gamma"][n % 3] ?? "",
      );
    });
    await SurveyEntity.put(surveys).go();
    await cloud.settled();
  });

  /** All of these rows that a test keeps, newest first, as ids. */
  const expected = (keep: (row: (typeof stored)[number]) => boolean) =>
    stored
      .filter(keep)
      .map(({ id }) => id)
      .reverse();
  const idsOf = ({ surveys }: { surveys: readonly Survey[] }) => surveys.map(({ id }) => id);
  const days = { start_date: "2024-01-01", end_date: "2024-02-29" };

  it("is newest first, by pages, with skip and with cursors", async () => {
    const all = expected(() => true);
    const whole = await list({ ...days, limit: 100 });
    expect(idsOf(whole)).toEqual(all);
    expect(whole).toMatchObject({ total: 60, skip: 0, limit: 100, next_cursor: null });
    const second = await list({ ...days, limit: 25, skip: 25 });
    expect([idsOf(second), second.total]).toEqual([all.slice(25, 50), 60]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ ...days, limit: 7, ...(cursor && { cursor }) });
      expect(page.total).toBe(60);
      seen.push(...idsOf(page));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(all);
    expect((await list({ ...days, skip: 60 })).surveys).toEqual([]);
    expect((await list({ ...days, skip: 1_000_000_000 })).total).toBe(60);
  });

  it("turns round, also by cursors", async () => {
    const all = expected(() => true).reverse();
    const first = await list({ ...days, sort_order: "asc", limit: 40 });
    const rest = await list({ ...days, sort_order: "asc", limit: 40, cursor: first.next_cursor ?? "" });
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(all);
    expect(rest.next_cursor).toBeNull();
  });

  it("takes both days whole", async () => {
    const query = { start_date: "2024-01-10", end_date: "2024-01-12" };
    expect(idsOf(await list(query))).toEqual(
      expected(({ day }) => day >= query.start_date && day <= query.end_date),
    );
    expect((await list(query)).total).toBe(3);
    expect((await list({ start_date: "2024-01-10", end_date: "2024-01-10" })).total).toBe(1);
    expect(await list({ end_date: "2023-12-31" })).toMatchObject({ surveys: [], total: 0 });
  });

  it.each([
    [{ survey_type: "nps" }],
    [{ survey_type: "quarterly_review" }],
    [{ min_score: 4 }],
    [{ max_score: 1 }],
    [{ min_score: 3, max_score: 3 }],
    [{ survey_type: "nps", min_score: 9 }],
    [{ survey_type: "onboarding", min_score: 9 }],
  ] as const)("is narrowed by %j, and counts what is left", async (filter: Query) => {
    const type = filter.survey_type === "quarterly_review" ? "quarterly" : filter.survey_type;
    const ids = expected(
      ({ survey_type, score }) =>
        (!type || survey_type === type) &&
        score >= Number(filter.min_score ?? 0) &&
        score <= Number(filter.max_score ?? 10),
    );
    const page = await list({ ...days, ...filter, limit: 100 });
    expect([idsOf(page), page.total]).toEqual([ids, ids.length]);
    const first = await list({ ...days, ...filter, limit: 2 });
    expect([idsOf(first), first.total]).toEqual([ids.slice(0, 2), ids.length]);
    expect(first.next_cursor === null).toBe(ids.length <= 2);
  });

  it("of a customer holds that customer's alone", async () => {
    const [, beta = ""] = customers;
    const ids = expected((row) => row.customer_id === beta);
    const page = await list({ customer_id: beta });
    expect([idsOf(page), page.total]).toEqual([ids, 20]);
    expect(page.surveys[0]?.customer_name).toBe("Beta");
    const nps = await list({ customer_id: beta, survey_type: "nps", limit: 2 });
    const npsIds = expected((row) => row.customer_id === beta && row.survey_type === "nps");
    expect([idsOf(nps), nps.total]).toEqual([npsIds.slice(0, 2), npsIds.length]);
    const january = await list({ customer_id: beta, start_date: "2024-01-01", end_date: "2024-01-31" });
    expect(january.total).toBe(expected((row) => row.customer_id === beta && row.day < "2024-02-01").length);
    expect(await list({ customer_id: randomUUID() })).toMatchObject({ surveys: [], total: 0 });
  });

  it("of a deployment is its customer's, as far as it is about it", async () => {
    const ids = stored.filter((_, n) => n % 6 === 0).map(({ id }) => id);
    const page = await list({ product_deployment_id: about });
    expect([idsOf(page), page.total]).toEqual([ids.reverse(), 10]);
    expect((await list({ product_deployment_id: about, customer_id: customers[1] })).total).toBe(0);
    expect((await list({ product_deployment_id: randomUUID() })).total).toBe(0);
  });

  it.each([
    ["needle", 6],
    ["NEEDLE in number 3", 1],
    ["person 07", 1],
    ["person7@example", 1],
    ["gamma", 20],
    ["%", 0],
    ["nothing of the kind", 0],
  ])("is searched for %j in feedback, person and company", async (search, count) => {
    const page = await list({ ...days, search });
    expect([page.surveys.length, page.total]).toEqual([count, count]);
    expect((await list({ ...days, search, limit: 2 })).surveys).toEqual(page.surveys.slice(0, 2));
  });

  it("finds a company by the name that it has now, and shows that", async () => {
    const id = await newCustomer("Before");
    const survey = await record({ customer_id: id });
    await cloud.manager.api.customers.update({ params: { id }, body: { company_name: "Afterwards" } });
    const found = await list({ search: "AFTERWARDS" });
    expect(found.surveys).toEqual([{ ...survey, customer_name: "Afterwards" }]);
    expect((await api.csat.get({ params: { survey_id: survey.id } })).body().customer_name).toBe(
      "Afterwards",
    );
  });

  it.each(["score", "survey_type", "customer_name", "submitted_by_name"] as const)(
    "is sorted by %s, both ways, by pages",
    async (sort_by) => {
      const sorted = async (sort_order: "asc" | "desc") => {
        const first = await list({ ...days, sort_by, sort_order, limit: 35 });
        expect(first.total).toBe(60);
        const rest = await list({ ...days, sort_by, sort_order, limit: 35, cursor: first.next_cursor ?? "" });
        return [...first.surveys, ...rest.surveys];
      };
      const ascending = await sorted("asc");
      const values = ascending.map((survey) => survey[sort_by] ?? "");
      expect(values).toEqual(values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      expect(new Set(ascending.map(({ id }) => id)).size).toBe(60);
      expect((await sorted("desc")).map(({ id }) => id)).toEqual(ascending.map(({ id }) => id).reverse());
    },
  );

  it("shows a response at once, before anything is counted", async () => {
    const id = await newCustomer("Impatient");
    for (let n = 1; n <= 3; n++) {
      const survey = await record({ customer_id: id, survey_type: "nps", score: 10 });
      const mine = await list({ customer_id: id });
      expect(mine.surveys[0]).toEqual(survey);
      expect(mine.total).toBe(n);
      const all = await list({ limit: 1 });
      expect(all.surveys).toEqual([survey]);
    }
  });

  it.each([
    [{ sort_by: "customer" }, "sort_by"],
    [{ sort_by: "metadata" }, "sort_by"],
    [{ sort_order: "up" }, "sort_order"],
    [{ limit: 0 }, "limit"],
    [{ skip: -1 }, "skip"],
    [{ survey_type: "weekly" }, "survey_type"],
    [{ customer_id: "x" }, "customer_id"],
    [{ start_date: "2024-02-30" }, "start_date"],
    [{ start_date: "2024-02-01", end_date: "2024-01-01" }, "end_date"],
    [{ min_score: 11 }, "min_score"],
    [{ min_score: 5, max_score: 4 }, "max_score"],
    [{ cursor: "x" }, "cursor"],
    [{ search: "" }, "search"],
  ])("refuses %j", async (query, field) => {
    const { status, raw } = await api.csat.list({ query: query as Query });
    const { errors } = raw as { errors: { loc: string[] }[] };
    expect([status, ...errors.map(({ loc }) => loc.join("."))]).toEqual([422, `query.${field}`]);
  });

  it("takes cursors that nobody gave out", async () => {
    const forged = (value: unknown, id: string) =>
      Buffer.from(JSON.stringify([value, id])).toString("base64url");
    const at = "2024-01-10T12:00:00.000Z";
    for (const cursor of [forged(at, "x".repeat(90)), forged(at, "~"), forged("9999-01-01T00:00:00Z", "")])
      for (const sort_order of ["asc", "desc"] as const)
        expect((await api.csat.list({ query: { ...days, cursor, sort_order } })).status).toBe(200);
    for (const cursor of [forged(7, "x"), forged(at, "x".repeat(2000))])
      expect((await api.csat.list({ query: { cursor } })).status).toBe(422);
    const byScore = await api.csat.list({ query: { ...days, sort_by: "score", cursor: forged(at, "x") } });
    expect(byScore.status).toBe(200);
  });
});
