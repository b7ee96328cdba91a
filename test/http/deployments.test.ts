import {
  DEPLOYMENT_SORTS,
  type DeploymentRow,
  type NewDeployment,
} from "@success-manager/contract/deployments";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  customer_id = await customer("Nordlicht", { account_manager: "Grace", contact_email: "it@example.com" });
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const NOBODY = "00000000-0000-4000-8000-000000000000";

const customer = async (company_name: string, body: object = {}) =>
  (await api.customers.create({ body: { company_name, ...body } })).body().id;

const newDeployment = (changes: object = {}): z.input<typeof NewDeployment> => ({
  customer_id,
  product_name: "MonetX",
  deployment_date: "2026-01-01",
  version: "4.2",
  environment: "cloud",
  license_type: "Enterprise",
  license_expiry: inDays(1000),
  ...changes,
});
const create = async (changes: object = {}) =>
  (await api.deployments.create({ body: newDeployment(changes) })).body();
const change = (id: string, body: object, headers?: Record<string, string>) =>
  api.deployments.update({ params: { id }, body }, headers);
const remove = (id: string) => api.deployments.remove({ params: { id } });

/** Status and refused fields of a call. */
const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};

describe("before anything is deployed", () => {
  it("lists are empty and figures are 0", async () => {
    expect((await api.deployments.stats({})).body()).toEqual({
      total_active: 0,
      total_inactive: 0,
      by_product: { MonetX: 0, SupportX: 0, GreenX: 0 },
      by_environment: { cloud: 0, on_premise: 0, hybrid: 0 },
      expiring_in_30_days: 0,
      churned_customers: 0,
    });
    const empty = { deployments: [], total: 0, next_cursor: null };
    expect((await api.deployments.list({})).body()).toMatchObject(empty);
    expect((await api.deployments.expiring({})).body()).toMatchObject(empty);
    expect((await api.deployments.byProduct({ params: { name: "GreenX" } })).body()).toMatchObject(empty);
  });
});

describe("a new deployment", () => {
  it("comes back as sent, active unless said otherwise", async () => {
    const sent = newDeployment({ version: " 4.2 " });
    const answer = await api.deployments.create({ body: sent });
    expect([answer.status, answer.headers.get("etag")]).toEqual([201, '"1"']);
    expect(answer.body()).toMatchObject({ ...sent, version: "4.2", is_active: true });
    expect((await create({ is_active: false })).is_active).toBe(false);
  });

  it("may have a license that ends on the day it starts", async () => {
    expect(await create({ deployment_date: "2026-01-01", license_expiry: "2026-01-01" })).toBeTruthy();
  });

  it("needs a customer who exists", async () => {
    expect((await api.deployments.create({ body: newDeployment({ customer_id: NOBODY }) })).status).toBe(404);
  });

  it.each([
    [{ customer_id: "nobody" }, "body.customer_id"],
    [{ product_name: "monetx" }, "body.product_name"],
    [{ product_name: null }, "body.product_name"],
    [{ environment: "moon" }, "body.environment"],
    [{ version: " " }, "body.version"],
    [{ version: "x".repeat(51) }, "body.version"],
    [{ license_type: "x".repeat(101) }, "body.license_type"],
    [{ license_type: "a\u0000" }, "body.license_type"],
    [{ deployment_date: "" }, "body.deployment_date"],
    [{ license_expiry: "2025-12-31" }, "body.license_expiry"],
    [{ is_active: "yes" }, "body.is_active"],
  ])("with %j is refused", async (changes, field) => {
    expect(refusal(await api.deployments.create({ body: newDeployment(changes) }))).toBe(`422 ${field}`);
  });
});

describe("a change of a deployment", () => {
  it("keeps what is absent", async () => {
    const before = await create();
    const after = (await change(before.id, { version: "5.0" })).body();
    expect(after).toEqual({ ...before, version: "5.0", revision: 2, updated_at: after.updated_at });
    expect((await change(before.id, {})).body().revision).toBe(3);
  });

  it("is held to the date rule on the merged deployment", async () => {
    const { id } = await create({ deployment_date: "2026-03-01", license_expiry: "2026-06-30" });
    expect(refusal(await change(id, { license_expiry: "2026-02-28" }))).toBe("422 body.license_expiry");
    expect(refusal(await change(id, { deployment_date: "2026-07-01" }))).toBe("422 body.license_expiry");
    expect((await change(id, { license_expiry: "2026-03-01" })).status).toBe(200);
  });

  it.each(["product_name", "deployment_date", "version", "environment", "license_type", "license_expiry"])(
    "can't clear %s",
    async (field) => {
      const { id } = await create();
      expect(refusal(await change(id, { [field]: null }))).toBe(`422 body.${field}`);
    },
  );

  it("leaves it with its customer, whatever is sent", async () => {
    const { id } = await create();
    expect((await change(id, { customer_id: NOBODY })).body().customer_id).toBe(customer_id);
  });

  it("is refused with an outdated If-Match; of two at once both are kept", async () => {
    const { id } = await create();
    const both = await Promise.all([change(id, { version: "5" }), change(id, { license_type: "Trial" })]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await change(id, {}, { "if-match": '"3"' })).body()).toMatchObject({
      version: "5",
      license_type: "Trial",
    });
    expect((await change(id, {}, { "if-match": '"3"' })).status).toBe(412);
  });

  it("deactivates once, and reactivates", async () => {
    const { id } = await create();
    const gone = (await remove(id)).body();
    expect([gone.is_active, gone.revision]).toEqual([false, 2]);
    expect((await remove(id)).body()).toEqual(gone);
    expect((await change(id, { is_active: true })).body().is_active).toBe(true);
  });

  it("must exist", async () => {
    const answers = [await change(NOBODY, {}), await remove(NOBODY)];
    answers.push(await change(NOBODY, {}, { "if-match": '"1"' }));
    const detail = await api.deployments.get({ params: { id: NOBODY } });
    expect([...answers, detail].map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });
});

describe("lists and figures", () => {
  let bob: string;
  beforeAll(async () => {
    bob = await customer("bob's bakery", { account_manager_id: cloud.manager.id });
    for (const [days, product_name, environment] of [
      [-1, "MonetX", "cloud"],
      [0, "MonetX", "hybrid"],
      [7, "SupportX", "cloud"],
      [8, "SupportX", "on_premise"],
      [30, "SupportX", "cloud"],
      [31, "GreenX", "cloud"],
      [60, "GreenX", "cloud"],
    ] as const)
      await create({
        customer_id: bob,
        license_expiry: inDays(days),
        deployment_date: inDays(-100 - days),
        product_name,
        environment,
      });
    await create({ customer_id: bob, license_expiry: inDays(5), is_active: false, product_name: "GreenX" });
  });

  const expiring = async (days?: number) =>
    (await api.deployments.expiring({ query: days === undefined ? {} : { days } })).body();

  it("licenses expire from today to the last day, both included, soonest first", async () => {
    const { deployments, total } = await expiring(30);
    expect(deployments.map((d) => d.days_until_expiry)).toEqual([0, 7, 8, 30]);
    expect(deployments.map((d) => d.urgency)).toEqual(["critical", "critical", "high", "high"]);
    expect(total).toBe(4);
    expect((await expiring()).total).toBe(4);
    expect((await expiring(31)).deployments.at(-1)).toMatchObject({ urgency: "medium" });
    expect((await expiring(29)).total).toBe(3);
    expect((await expiring(1)).deployments[0]).toMatchObject({
      customer_name: "bob's bakery",
      customer_contact_email: null,
      account_manager: "manager 2",
      license_expiry: inDays(0),
    });
  });

  it("figures count products and environments of active deployments", async () => {
    const mine = (await api.deployments.list({ query: { customer_id: bob, is_active: true } })).body();
    const all = (await api.deployments.list({})).body();
    const stats = (await api.deployments.stats({})).body();
    expect(stats.total_active + stats.total_inactive).toBe(all.total);
    expect(mine.total).toBe(7);
    const active = all.deployments.filter((d) => d.is_active);
    expect(stats.total_active).toBe(active.length);
    expect(stats.by_product.GreenX).toBe(2);
    expect(stats.by_environment).toMatchObject({ hybrid: 1, on_premise: 1 });
    expect(stats.expiring_in_30_days).toBe(4);
  });

  it("a product's deployments come newest first, with customer and labelled score", async () => {
    const name = "SupportX" as const;
    const rows = (await api.deployments.byProduct({ params: { name } })).body();
    expect(rows.deployments.map((d) => d.license_expiry)).toEqual([inDays(7), inDays(8), inDays(30)]);
    expect(rows.deployments[0]).toMatchObject({
      customer_name: "bob's bakery",
      customer_status: "onboarding",
      latest_health_score: null,
      health_trend: null,
    });
    const labelled = rows.deployments[1]?.id ?? "";
    const body = { product_deployment_id: labelled };
    const { overall_score } = (
      await api.healthScores.calculate({ params: { customer_id: bob }, body })
    ).body();
    // A later score without a label does not take the label's place.
    await api.healthScores.calculate({ params: { customer_id: bob }, body: {} });
    const after = (await api.deployments.byProduct({ params: { name } })).body().deployments;
    expect(after.map((d) => d.latest_health_score)).toEqual([null, overall_score, null]);
    expect(after[1]?.health_trend).toBe("stable");
    const green = await api.deployments.byProduct({
      params: { name: "GreenX" },
      query: { is_active: false },
    });
    expect(green.body().total).toBe(1);
  });

  it("an unknown product is refused", async () => {
    const answer = await api.deployments.byProduct({ params: { name: "Other" } });
    expect(refusal(answer)).toBe("422 path.name");
  });

  it("a deployment's page shows its customer and the newest ten scores with its label", async () => {
    const { id } = await create({ customer_id: bob });
    const bare = (await api.deployments.get({ params: { id } })).body();
    expect(bare).toMatchObject({ latest_health_score: null, health_score_history: [] });
    const params = { customer_id: bob };
    for (let n = 0; n < 11; n++)
      await api.healthScores.calculate({ params, body: { product_deployment_id: id } });
    const last = (await api.healthScores.calculate({ params, body: {} })).body();
    const detail = (await api.deployments.get({ params: { id } })).body();
    expect(detail.deployment).toMatchObject({ id, customer_id: bob });
    expect(detail.customer).toMatchObject({ id: bob, company_name: "bob's bakery", industry: null });
    expect(detail.health_score_history).toHaveLength(10);
    expect(detail.latest_health_score).toEqual(detail.health_score_history[0]);
    const instants = detail.health_score_history.map(({ calculated_at }) => calculated_at);
    expect(instants).toEqual(instants.toSorted().reverse());
    expect(instants[0] && instants[0] < last.calculated_at).toBe(true);
  });

  it("a row is the deployment with its customer's name, and nothing else", async () => {
    const id = await customer("Only Row");
    const deployment = await create({ customer_id: id });
    const { deployments } = (await api.deployments.list({ query: { customer_id: id } })).body();
    expect(deployments).toEqual([{ ...deployment, customer_name: "Only Row" }]);
  });

  it("filters by product, environment, state and customer", async () => {
    const total = async (query: object) => (await api.deployments.list({ query })).body().total;
    expect(await total({ customer_id: bob, product_name: "GreenX" })).toBe(3);
    expect(await total({ customer_id: bob, product_name: "GreenX", is_active: false })).toBe(1);
    expect(await total({ environment: "hybrid" })).toBe(1);
    expect(await total({ customer_id: NOBODY })).toBe(0);
  });

  it.each(DEPLOYMENT_SORTS)("is sorted by %s in both orders, ties by id", async (sort_by) => {
    const shown = (row: DeploymentRow) => {
      const value = row[sort_by];
      return typeof value === "boolean" ? Number(value) : String(value ?? "").toLowerCase();
    };
    for (const sort_order of ["asc", "desc"] as const) {
      const { deployments } = (await api.deployments.list({ query: { sort_by, sort_order } })).body();
      const sign = sort_order === "asc" ? 1 : -1;
      const expected = deployments.toSorted((a, b) => {
        const [x, y] = [shown(a), shown(b)];
        return sign * (x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : 1);
      });
      expect(deployments.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    }
  });

  it("pages by cursor, every deployment once", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    let total: number;
    do {
      const page = (
        await api.deployments.list({ query: { sort_by: "product_name", limit: 4, cursor } })
      ).body();
      seen.push(...page.deployments.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
      total = page.total;
    } while (cursor);
    expect(new Set(seen).size).toBe(total);
    expect(seen).toHaveLength(total);
  });

  it.each([
    ["", "sort_by=customer"],
    ["", "limit=0"],
    ["", "is_active=maybe"],
    ["", "customer_id=bob"],
    ["/expiring", "days=0"],
    ["/expiring", "days=366"],
    ["/by-product/GreenX", "skip=-1"],
  ])("refuses %s?%s", async (path, query) => {
    const answer = await fetch(`${cloud.apiUrl}/api/v1/deployments${path}?${query}`, {
      headers: { authorization: `Bearer ${cloud.viewer.token}` },
    });
    expect(refusal({ status: answer.status, raw: await answer.json() })).toBe(
      `422 query.${query.split("=")[0]}`,
    );
  });
});

describe("who may", () => {
  it("read is everybody who is signed in; change, managers and admins", async () => {
    const { id } = await create();
    const statuses = async (who: Api["deployments"]) => {
      const answers = await Promise.all([
        who.list({}),
        who.stats({}),
        who.expiring({}),
        who.byProduct({ params: { name: "MonetX" } }),
        who.get({ params: { id } }),
        who.create({ body: newDeployment() }),
        who.update({ params: { id }, body: {} }),
        who.remove({ params: { id } }),
      ]);
      return answers.map(({ status }) => status).join(" ");
    };
    expect(await statuses(cloud.viewer.api.deployments)).toBe("200 200 200 200 200 403 403 403");
    expect(await statuses(cloud.admin.api.deployments)).toBe("200 200 200 200 200 201 200 200");
    expect(await statuses(cloud.stranger.deployments)).toBe("401 401 401 401 401 401 401 401");
  });
});
