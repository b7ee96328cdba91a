import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
let admin: Api;
let recommended: typeof import("@success-manager/domain/health").RECOMMENDED;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  admin = cloud.admin.api;
  recommended = (await import("@success-manager/domain/health")).RECOMMENDED;
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const inDays = (days: number) => ago(-days).slice(0, 10);
const today = () => ago(0).slice(0, 10);
const sum = (parts: readonly { readonly points: number }[]) =>
  parts.reduce((all, { points }) => all + points, 0);

/** Each test has an industry of its own, and definitions for it: scores of the others stay as they are. */
const newIndustry = () => `Industry ${randomUUID()}`;
const create = async (industry: string, body: object = {}) =>
  (
    await api.customers.create({ body: { company_name: `Company ${randomUUID()}`, industry, ...body } })
  ).body().id;
const score = async (customer_id: string) =>
  (await api.healthScores.calculate({ params: { customer_id }, body: {} })).body();
const latestOf = async (id: string) => (await api.healthScores.latest({ params: { id } })).body();
const meet = async (customer_id: string, interaction_type: "meeting" | "escalation" = "meeting") =>
  (
    await api.interactions.create({
      body: { customer_id, interaction_type, subject: "Talk", description: "Talk", sentiment: "neutral" },
    })
  ).body().id;
const draft = async (industry: string, changes: object = {}) =>
  (
    await admin.scoreDefinitions.create({
      body: { ...recommended, applies_to: { industries: [industry] }, ...changes },
    })
  ).body();
const publish = (id: string) => admin.scoreDefinitions.publish({ params: { id } });
const published = async (industry: string, changes: object = {}) =>
  (await publish((await draft(industry, changes)).id)).body();
const refused = (answer: { status: number; raw: unknown }) => {
  const { errors = [] } = answer.raw as { errors?: { loc: (string | number)[] }[] };
  return [answer.status, ...new Set(errors.map(({ loc }) => loc.slice(0, 3).join(".")))].join(" ");
};

const products = {
  key: "products",
  source: "products",
  weight: 1,
  missing: "low",
  transform: { type: "linear", from: 0, to: 3 },
} as const;
const carried = { key: "a", source: "satisfaction", window_days: 90, weight: 1, missing: "carry" } as const;

describe("a definition", () => {
  it("scores nobody as a draft; published, it scores those whom it is for", async () => {
    const industry = newIndustry();
    const [id, other] = [await create(industry), await create("Other")];
    const made = await draft(industry);
    expect(made).toMatchObject({ version: null, status: "draft", revision: 1 });
    expect(await score(id)).toMatchObject({ definition_version: 1, coverage: 1, band: "critical" });

    const live = (await publish(made.id)).body();
    expect(live).toMatchObject({ status: "published", published_by: expect.any(String) });
    expect(live.version).toBeGreaterThanOrEqual(2);
    const scored = await score(id);
    expect(scored).toMatchObject({
      ...{ definition_version: live.version, overall_score: 0, coverage: 0.25, band: "unknown" },
      risk_level: "critical",
      measures: [
        { key: "products", value: 0, score: 0, effective_weight: 0.5, state: "measured", evidence: [] },
        { key: "contacts", value: null, score: 0, effective_weight: 0.5, state: "missing", as_of: null },
        { key: "support", score: null, effective_weight: 0, state: "missing" },
        { key: "satisfaction", score: null, effective_weight: 0, state: "missing" },
      ],
    });
    expect(await score(other)).toMatchObject({ definition_version: 1, band: "critical" });

    await admin.scoreDefinitions.retire({ params: { id: made.id } });
    expect((await score(id)).definition_version).toBe(1);
    const { definitions } = (await api.scoreDefinitions.list({})).body();
    expect(definitions.at(-1)).toMatchObject({ version: 1, status: "published" });
    expect(definitions.find((one) => one.id === made.id)).toMatchObject({
      status: "retired",
      version: live.version,
    });
  });

  it("that is published never changes, and neither does version 1", async () => {
    const { id } = await published(newIndustry());
    const { definitions } = (await api.scoreDefinitions.list({})).body();
    for (const one of [id, definitions.at(-1)?.id ?? ""]) {
      const params = { id: one };
      expect((await admin.scoreDefinitions.update({ params, body: { ...recommended } })).status).toBe(409);
      expect((await admin.scoreDefinitions.remove({ params })).status).toBe(409);
      expect((await publish(one)).status).toBe(409);
    }
    expect(
      (await admin.scoreDefinitions.retire({ params: { id: definitions.at(-1)?.id ?? "" } })).status,
    ).toBe(409);
    await admin.scoreDefinitions.retire({ params: { id } });
  });

  it("that contradicts itself by rules that came later is not published, and can be changed", async () => {
    const { dynamo, tableName, primaryKey } = await import("@success-manager/domain/table");
    const industry = newIndustry();
    const { id } = await draft(industry);
    await dynamo.send(
      new UpdateCommand({
        TableName: tableName,
        Key: primaryKey("score_definition", id),
        UpdateExpression: "SET content.bands.low = :low",
        ExpressionAttributeValues: { ":low": 30 },
      }),
    );
    const answer = await publish(id);
    expect(answer.status).toBe(409);
    expect(JSON.stringify(answer.raw)).toContain("bands must fall from low to medium to high");
    const body = { ...recommended, applies_to: { industries: [industry] } };
    await admin.scoreDefinitions.update({ params: { id }, body });
    expect((await publish(id)).status).toBe(200);
    await admin.scoreDefinitions.retire({ params: { id } });
  });

  it.each<[statuses: string[], warns: boolean]>([
    [["at_risk"], true],
    [["active"], true],
    [["onboarding"], true],
    [["active", "at_risk"], true],
    [["active", "onboarding"], true],
    [["active", "onboarding", "at_risk"], false],
    [["active", "onboarding", "at_risk", "churned"], false],
  ])("for %j warns where the score decides who it is for: %s", async (statuses, warns) => {
    const { id, warnings } = await published("", { applies_to: { industries: [newIndustry()], statuses } });
    expect(warnings.some((one) => one.includes("to and fro between two definitions"))).toBe(warns);
    await admin.scoreDefinitions.retire({ params: { id } });
  });

  it("is published by one of those who press at once; nobody else's counts", async () => {
    const drafts = await Promise.all([1, 2, 3, 4].map(() => draft(newIndustry())));
    const same = drafts[0]?.id ?? "";
    const answers = await Promise.all([...drafts.map(({ id }) => id), same, same].map(publish));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    const won = answers.flatMap((answer) => (answer.status === 200 ? [answer.body()] : []));
    expect(new Set(won.map(({ version }) => version)).size).toBe(won.length);
    const { definitions } = (await api.scoreDefinitions.list({})).body();
    const ofThese = definitions.filter(({ id }) => drafts.some((one) => one.id === id));
    expect(ofThese.filter(({ status }) => status === "published").length).toBe(won.length);
    for (const { id } of won) await admin.scoreDefinitions.retire({ params: { id } });
  });

  it.each<[string, object, string]>([
    ["all weights 0", { measures: [{ key: "a", source: "products", weight: 0 }] }, "422 body.measures"],
    ["no measures", { measures: [] }, "422 body.measures"],
    [
      "measures that may all be left out",
      { measures: [{ key: "a", source: "satisfaction", window_days: 90, weight: 1 }] },
      "422 body.measures",
    ],
    [
      "two measures of a key",
      { measures: [1, 2].map(() => ({ key: "a", source: "products", weight: 1 })) },
      "422 body.measures",
    ],
    [
      "a measure of what happened without days",
      { measures: [{ key: "a", source: "contacts", weight: 1, missing: "low" }] },
      "422 body.measures",
    ],
    [
      "a value that is no score taken for one",
      { measures: [{ key: "a", source: "support_load", window_days: 90, weight: 1, missing: "low" }] },
      "422 body.measures",
    ],
    ...[null, 30, 90].map((max_age_days): [string, object, string] => [
      `what is carried for ${max_age_days} days, within its window`,
      { measures: [products, { ...carried, max_age_days }] },
      "422 body.measures",
    ]),
    [
      "a standing figure that is carried",
      { measures: [{ ...products, window_days: 30, missing: "carry", max_age_days: 90 }] },
      "422 body.measures",
    ],
    [
      "two steps from one value on",
      {
        measures: [
          {
            ...products,
            transform: {
              ...{ type: "steps", steps: [1, 1].map((at_least) => ({ at_least, score: 50 })), otherwise: 0 },
            },
          },
        ],
      },
      "422 body.measures.0",
    ],
    [
      "a cap of what happened without days",
      { caps: [{ source: "escalations", at_least: 1, at_most: 60 }] },
      "422 body.caps",
    ],
    [
      "a cap on a silence that its window can't see",
      { caps: [{ source: "days_since_contact", window_days: 60, at_least: 61, at_most: 60 }] },
      "422 body.caps",
    ],
    ["a filter that names nothing", { applies_to: { industries: [] } }, "422 body.applies_to.industries"],
    ["bands in disorder", { bands: { low: 40, medium: 60, high: 80 } }, "422 body.bands"],
    ["a filter by an unknown field", { applies_to: { size: "large" } }, "422 body.applies_to"],
    ["an unknown field", { colour: "red" }, "422 body"],
    ["an unknown source", { measures: [{ key: "a", source: "usage", weight: 1 }] }, "422 body.measures.0"],
    ["a coverage beyond all", { min_coverage: 1.1 }, "422 body.min_coverage"],
  ])("is refused with %s", async (_, changes, expected) => {
    const body = { ...recommended, ...changes } as typeof recommended;
    expect(refused(await admin.scoreDefinitions.create({ body }))).toBe(expected);
  });

  it("is the admins'; all may read it", async () => {
    const body = { ...recommended };
    expect((await api.scoreDefinitions.create({ body })).status).toBe(403);
    const { id } = await draft(newIndustry());
    expect((await cloud.viewer.api.scoreDefinitions.get({ params: { id } })).status).toBe(200);
    expect((await api.scoreDefinitions.publish({ params: { id } })).status).toBe(403);
  });

  it("with the highest priority goes first, then the newest", async () => {
    const industry = newIndustry();
    const id = await create(industry);
    const high = await published(industry, { priority: 9 });
    const low = await published(industry, { priority: 1 });
    expect((await score(id)).definition_version).toBe(high.version);
    await admin.scoreDefinitions.retire({ params: { id: high.id } });
    expect((await score(id)).definition_version).toBe(low.version);
    await admin.scoreDefinitions.retire({ params: { id: low.id } });
  });

  it("that another one comes first for is previewed as changing nobody", async () => {
    const industry = newIndustry();
    const id = await create(industry);
    const first = await published(industry, { priority: 9 });
    const draft = (
      await admin.scoreDefinitions.create({
        body: {
          ...{ ...recommended, applies_to: { industries: [industry] }, priority: 1, min_coverage: 0 },
          measures: [
            {
              ...{ key: "a", source: "products", weight: 1 },
              transform: { type: "linear", from: 1, to: 0 },
            },
          ],
          caps: [],
        },
      })
    ).body();
    const preview = async () => {
      const { bands_now, bands_then, customers, changed, outranked } = (
        await admin.scoreDefinitions.preview({ params: { id: draft.id } })
      ).body();
      return { customers, changed, outranked, isEqual: isDeepStrictEqual(bands_now, bands_then) };
    };
    await vi.waitFor(
      async () => expect(await preview()).toEqual({ customers: 1, changed: 0, outranked: 1, isEqual: true }),
      { timeout: 60_000, interval: 200 },
    );
    await admin.scoreDefinitions.retire({ params: { id: first.id } });
    expect(await preview()).toMatchObject({ customers: 1, changed: 1, outranked: 0, isEqual: false });
    // As it then is.
    await publish(draft.id);
    expect(await score(id)).toMatchObject({ overall_score: 100, band: "low" });
    await admin.scoreDefinitions.retire({ params: { id: draft.id } });
  });

  it("is refused when what is in use would not fit into one item", async () => {
    const names = (n: number) => Array.from({ length: 50 }, (_, k) => `${"業".repeat(92)} ${n} ${k}`);
    const steps = Array.from({ length: 10 }, (_, n) => ({ at_least: n + 0.123456789, score: n }));
    const measures = Array.from({ length: 12 }, (_, n) => ({
      ...products,
      key: `m${n}${"x".repeat(30)}`,
      transform: { type: "steps" as const, steps, otherwise: 100 },
    }));
    const made: string[] = [];
    let answer: Awaited<ReturnType<typeof publish>> | undefined;
    while (made.length < 20) {
      const applies_to = { industries: names(made.length) };
      const { id } = (
        await admin.scoreDefinitions.create({ body: { ...recommended, applies_to, measures, caps: [] } })
      ).body();
      answer = await publish(id);
      if (answer.status !== 200) break;
      made.push(id);
    }
    expect(made.length).toBeGreaterThan(10);
    expect(made.length).toBeLessThan(20);
    expect([answer?.status, answer?.raw]).toEqual([
      409,
      expect.objectContaining({ detail: expect.stringContaining("too long together") }),
    ]);
    expect((await score(await create(newIndustry()))).definition_version).toBe(1);
    for (const id of made) await admin.scoreDefinitions.retire({ params: { id } });
  });

  it("shows before it is published who would change band, and writes nothing", async () => {
    const industry = newIndustry();
    const { id: ofNobody } = await draft(newIndustry());
    expect((await admin.scoreDefinitions.preview({ params: { id: ofNobody } })).body()).toMatchObject({
      ...{ customers: 0, sampled: 0, changed: 0, changes: [], mean_now: null, mean_then: null },
      ...{ shares_now: null, shares_then: null, bands_now: { low: 0, unknown: 0 } },
    });
    const [silent, busy] = [await create(industry), await create(industry)];
    await meet(busy);
    const { id } = await draft(industry);
    await vi.waitFor(
      async () => {
        const preview = (await admin.scoreDefinitions.preview({ params: { id } })).body();
        expect(preview).toMatchObject({
          ...{ customers: 2, sampled: 2, unreadable: 0 },
          bands_now: { low: 0, medium: 0, high: 1, critical: 1, unknown: 0 },
          bands_then: { unknown: 1 },
          // Of all of them there is nothing to estimate.
          shares_now: { high: { value: 0.5, low: 0.5, high: 0.5 }, low: { value: 0, low: 0, high: 0 } },
          shares_then: { unknown: { value: 0.5, low: 0.5, high: 0.5 } },
        });
        expect(preview.changed).toBe(preview.changes.length);
        expect(preview.changes.map(({ customer_id, band_then }) => [customer_id, band_then])).toContainEqual([
          ...[silent, "unknown"],
        ]);
      },
      { timeout: 60_000, interval: 200 },
    );
    expect((await api.healthScores.latest({ params: { id: busy } })).status).toBe(404);
  });
});

describe("an unknown customer", () => {
  it("is listed and alerted as such, and nobody's status changes; the alert ends when something is known", async () => {
    const industry = newIndustry();
    const { id: definition } = await published(industry);
    const id = await create(industry, { status: "active" });
    await score(id);
    const listed = async () =>
      (await api.healthScores.unknown({ query: { limit: 100 } }))
        .body()
        .customers.map((one) => one.customer_id);
    expect(await listed()).toContain(id);
    // Beside the number, wherever a score is shown.
    const band = "unknown";
    const query = { industry, band: "unknown" as const };
    const { customers } = (await api.customers.list({ query })).body();
    expect(customers).toMatchObject([{ id, latest_health_score: { band, risk_level: "critical" } }]);
    expect((await api.customers.list({ query: { industry, band: "critical" } })).body().total).toBe(0);
    const q = customers[0]?.company_name ?? "";
    expect((await api.customers.search({ query: { q } })).body().customers).toMatchObject([{ id, band }]);
    const [stats, overview, spread, segments, trends, distribution] = await Promise.all([
      api.dashboard.stats({}).then((answer) => answer.body().unknown_customers),
      api.dashboard.overview({}).then((answer) => answer.body().unknown_customers),
      api.dashboard.healthDistribution({}).then((answer) => answer.body().bands.unknown),
      api.dashboard.customerSegments({}).then((answer) => answer.body().by_band),
      api.healthScores.trends({}).then((answer) => answer.body().bands.unknown),
      api.healthScores.distribution({}).then((answer) => answer.body().bands.unknown),
    ]);
    const counted = segments.find(({ name }) => name === "Unknown")?.count;
    expect([stats, overview, spread, trends, distribution]).toEqual(Array(5).fill(counted));
    expect(counted).toBe((await listed()).length);
    const page = (await api.customers.get({ params: { id } })).body();
    expect(page.customer.status).toBe("active");
    expect(page.overall_health_score).toMatchObject({ band: "unknown", risk_level: "critical" });
    expect(page.active_alerts).toMatchObject([{ title: "Health is unknown", alert_type: "health_drop" }]);
    await meet(id);
    const known = await score(id);
    expect(known).toMatchObject({ coverage: 0.75, band: "critical" });
    expect(await listed()).not.toContain(id);
    const titles = (await api.customers.get({ params: { id } }))
      .body()
      .active_alerts.map(({ title }) => title);
    expect(titles).toEqual(["Health score is critical"]);
    await admin.scoreDefinitions.retire({ params: { id: definition } });
  });
});

/** Lets an override end in two seconds, as if it had been set for so long. */
async function endsAt(id: string, calculated_at: string, deployment: string) {
  const { dynamo, tableName, primaryKey } = await import("@success-manager/domain/table");
  const soon = new Date(Date.now() + 2_000).toISOString();
  const changed_at = new Date().toISOString();
  await dynamo.send(
    new UpdateCommand({
      TableName: tableName,
      Key: primaryKey("latest_score", id),
      UpdateExpression:
        "SET #override.ends_at = :soon, by_deployment.#deployment.#override.ends_at = :soon, changed_at = :now, gsi2sk = :place, revision = revision + :one",
      ExpressionAttributeNames: { "#override": "override", "#deployment": deployment },
      ExpressionAttributeValues: {
        ...{ ":soon": soon, ":now": changed_at, ":place": `${changed_at}#${id}`, ":one": 1 },
      },
    }),
  );
  await dynamo.send(
    new UpdateCommand({
      TableName: tableName,
      Key: { pk: `scores#${id}`, sk: calculated_at },
      UpdateExpression: "SET #override.ends_at = :soon",
      ExpressionAttributeNames: { "#override": "override" },
      ExpressionAttributeValues: { ":soon": soon },
    }),
  );
}

describe("an override", () => {
  const body = { score: 20, reason: "known_risk", note: "They told us.", days: 30 } as const;

  it("takes the place of the calculated score, which stays beside it, until somebody ends it", async () => {
    const id = await create(newIndustry(), { status: "active", contract_end_date: inDays(400) });
    for (let n = 0; n < 4; n++) await meet(id);
    const params = { id };
    expect(await score(id)).toMatchObject({ overall_score: 65, calculated_score: 65, override: null });
    expect((await cloud.viewer.api.healthScores.override({ params, body })).status).toBe(403);
    const set = (await api.healthScores.override({ params, body })).body();
    expect(set).toMatchObject({ overall_score: 20, calculated_score: 65, band: "critical" });
    expect(set.override).toMatchObject({ score: 20, reason: "known_risk" });
    // The next score keeps to it.
    expect(await score(id)).toMatchObject({ overall_score: 20, calculated_score: 65 });
    expect((await api.healthScores.getOverride({ params })).body().override).toMatchObject({
      ...{ score: 20, note: "They told us.", calculated_score: 65 },
    });
    const change = (await api.customers.scoreChanges({ params })).body();
    expect(change.parts).toEqual([{ kind: "override", measure: null, points: -45, evidence: [] }]);
    expect(change.sentence).toBe("65 → 20: −45 a score that was set by hand");

    expect((await api.healthScores.endOverride({ params })).body()).toMatchObject({
      overall_score: 65,
      override: null,
    });
    expect((await api.healthScores.endOverride({ params })).status).toBe(404);
    expect((await api.healthScores.getOverride({ params })).body()).toEqual({ override: null });
    expect(await score(id)).toMatchObject({ overall_score: 65, override: null });
    expect((await api.customers.scoreChanges({ params })).body()).toMatchObject({ delta: 0, parts: [] });
  });

  it("ends by itself", async () => {
    const { dynamo, tableName, primaryKey } = await import("@success-manager/domain/table");
    const id = await create(newIndustry());
    const { calculated_at } = (await api.healthScores.override({ params: { id }, body })).body();
    await dynamo.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk: `scores#${id}`, sk: calculated_at },
        UpdateExpression: "SET #override.ends_at = :tonight",
        ExpressionAttributeNames: { "#override": "override" },
        ExpressionAttributeValues: { ":tonight": `${today()}T23:59:59.000Z` },
      }),
    );
    const query = { from: today(), to: today() };
    expect((await api.customers.scoreChanges({ params: { id }, query })).body()).toMatchObject({
      ...{ from: { score: 20 }, to: { score: 20 }, delta: 0, parts: [] },
    });
    await dynamo.send(
      new UpdateCommand({
        TableName: tableName,
        Key: primaryKey("latest_score", id),
        UpdateExpression: "SET #override.ends_at = :past",
        ExpressionAttributeNames: { "#override": "override" },
        ExpressionAttributeValues: { ":past": ago(1) },
      }),
    );
    await dynamo.send(
      new UpdateCommand({
        TableName: tableName,
        Key: primaryKey("score_override", id),
        UpdateExpression: "SET ends_at = :past",
        ExpressionAttributeValues: { ":past": ago(1) },
      }),
    );
    expect(await score(id)).toMatchObject({ overall_score: 38, override: null });
    expect((await api.healthScores.getOverride({ params: { id } })).body().override).toBeNull();
    expect((await api.healthScores.endOverride({ params: { id } })).status).toBe(404);
  });

  it("is shown nowhere once it has ended, though nobody scores the customer again", async () => {
    const industry = newIndustry();
    const id = await create(industry, { status: "active", contract_end_date: inDays(400) });
    const deployment = (
      await api.deployments.create({
        body: {
          ...{ customer_id: id, product_name: "MonetX", deployment_date: today(), version: "1" },
          ...{ environment: "cloud", license_type: "Enterprise", license_expiry: inDays(300) },
        },
      })
    ).body().id;
    for (let n = 0; n < 4; n++) await meet(id);
    await api.healthScores.override({ params: { id }, body: { ...body, score: 97 } });
    const labelled = { params: { customer_id: id }, body: { product_deployment_id: deployment } };
    expect((await api.healthScores.calculate(labelled)).body()).toMatchObject({ overall_score: 97 });
    const { company_name: q } = (await api.customers.get({ params: { id } })).body().customer;
    /** What each page and list says of the customer's score. */
    const seen = async () => {
      const page = (await api.customers.get({ params: { id } })).body();
      const listed = (await api.customers.list({ query: { industry } })).body().customers[0];
      const ofDeployment = (await api.deployments.get({ params: { id: deployment } })).body();
      const ofProduct = (
        await api.deployments.byProduct({ params: { name: "MonetX" }, query: { limit: 1000 } })
      ).body();
      const best = (await api.dashboard.topPerformers({ query: { limit: 20 } })).body();
      const below = (await api.customers.list({ query: { industry, max_health_score: 96 } })).body();
      return {
        latest: (await api.healthScores.latest({ params: { id } })).body().overall_score,
        page: page.overall_health_score?.overall_score,
        product: page.health_scores_per_product[0]?.latest_health_score?.overall_score,
        list: listed?.latest_health_score?.overall_score,
        band: (await api.customers.list({ query: { industry, band: "low" } })).body().total,
        below: below.total,
        search: (await api.customers.search({ query: { q } })).body().customers[0]?.health_score,
        deployment: ofDeployment.latest_health_score?.overall_score,
        of_product: ofProduct.deployments.find((one) => one.id === deployment)?.latest_health_score,
        best: best.find(({ customer }) => customer.id === id)?.health_score.overall_score,
      };
    };
    const told = (score: number, is: boolean) => ({
      ...{ latest: score, page: score, product: score, list: score, search: score },
      ...{ deployment: score, of_product: score, band: is ? 1 : 0, below: is ? 0 : 1 },
    });
    expect(await seen()).toEqual({ ...told(97, true), best: 97 });
    const before = (await api.healthScores.latest({ params: { id } })).body();
    await endsAt(id, before.calculated_at, deployment);
    const calculated = before.calculated_score;
    await vi.waitFor(
      async () => {
        const { best, ...others } = await seen();
        expect(others).toEqual(told(calculated, false));
        expect(best === undefined || best === calculated).toBe(true);
      },
      { timeout: 60_000, interval: 300 },
    );
    expect((await api.healthScores.latest({ params: { id } })).body()).toMatchObject({
      ...{ id: before.id, override: null, calculated_score: calculated, risk_level: "medium" },
    });
    // The history says what held then.
    const { health_scores } = (await api.healthScores.history({ params: { id } })).body();
    expect(health_scores[0]).toMatchObject({ overall_score: 97, override: { score: 97 } });
    // Why it moved agrees with the page, before anybody scores the customer again.
    const ended = (await api.customers.scoreChanges({ params: { id } })).body();
    expect(ended).toMatchObject({ to: { score: calculated }, delta: calculated - 97 });
    expect(ended.parts).toEqual([{ kind: "override", measure: null, points: calculated - 97, evidence: [] }]);
    const told_now = { from: 97, to: calculated, delta: calculated - 97 };
    expect((await api.customers.get({ params: { id } })).body().latest_change).toMatchObject(told_now);
    expect((await api.healthScores.latest({ params: { id } })).body().latest_change).toMatchObject(told_now);
    // The next score tells why it is another one.
    await score(id);
    const change = (await api.customers.scoreChanges({ params: { id } })).body();
    expect(change.parts).toEqual([
      { kind: "override", measure: null, points: calculated - 97, evidence: [] },
    ]);
  });

  it("lasts 90 days at most, and needs a reason and a customer", async () => {
    const params = { id: await create(newIndustry()) };
    const refusal = async (changes: object) =>
      refused(await api.healthScores.override({ params, body: { ...body, ...changes } as typeof body }));
    expect(await refusal({ days: 91 })).toBe("422 body.days");
    expect(await refusal({ days: 0 })).toBe("422 body.days");
    expect(await refusal({ reason: "because" })).toBe("422 body.reason");
    expect(await refusal({ score: 101 })).toBe("422 body.score");
    expect((await api.healthScores.override({ params: { id: randomUUID() }, body })).status).toBe(404);
    await api.customers.remove({ params });
    expect((await api.healthScores.override({ params, body })).status).toBe(409);
  });

  it("and who published a definition stand in the audit trail", async () => {
    const id = await create(newIndustry());
    await api.healthScores.override({ params: { id }, body });
    const { id: definition } = await published(newIndustry());
    await admin.scoreDefinitions.retire({ params: { id: definition } });
    await vi.waitFor(
      async () => {
        const of = async (entity: "score_override" | "score_definition", entity_id: string) =>
          (await admin.audit.list({ query: { entity, id: entity_id } })).body().entries;
        expect(await of("score_override", id)).toMatchObject([
          { action: "created", actor: { id: cloud.manager.id } },
        ]);
        const entries = await of("score_definition", definition);
        expect(entries.map(({ action }) => action)).toEqual(["updated", "updated", "created"]);
        expect(entries[1]?.changes).toContainEqual({ field: "status", before: "draft", after: "published" });
      },
      { timeout: 60_000, interval: 300 },
    );
  });
});

describe("why a score moved", () => {
  it("is told by parts that add up, with what they go by; what is deleted later keeps its points", async () => {
    const id = await create(newIndustry(), { contract_end_date: inDays(400) });
    const params = { id };
    const first = await score(id);
    const [meeting, escalation] = [await meet(id), await meet(id, "escalation")];
    const second = await score(id);
    const told = async () => (await api.customers.scoreChanges({ params, query: { to: today() } })).body();
    const change = await told();
    expect(change).toMatchObject({
      from: { score: first.overall_score, definition_version: 1 },
      to: { score: second.overall_score },
      delta: second.overall_score - first.overall_score,
    });
    expect(sum(change.parts)).toBe(change.delta);
    expect(change.parts.map(({ kind, measure }) => [kind, measure])).toEqual([
      ["behaviour", "engagement"],
      ["behaviour", "support"],
    ]);
    expect(change.parts[0]?.evidence).toMatchObject([
      { type: "interaction", id: meeting, what: "meeting", removed: false },
    ]);
    expect(change.sentence).toMatch(/^50 → 51: .*a meeting, −. an escalation$/);
    await api.interactions.remove({ params: { id: escalation } });
    const after = await told();
    expect(after.parts.map(({ points }) => points)).toEqual(change.parts.map(({ points }) => points));
    expect(after.parts[1]?.evidence).toMatchObject([{ id: escalation, removed: true }]);
    // The next score is without it: corrected records, not behaviour.
    const third = await score(id);
    const corrected = await told();
    expect(corrected.delta).toBe(third.overall_score - first.overall_score);
    expect(sum(corrected.parts)).toBe(corrected.delta);
    expect(corrected.parts.find(({ kind }) => kind === "data")?.points).toBeGreaterThan(0);
  });

  it("names another version as the reason", async () => {
    const industry = newIndustry();
    const id = await create(industry, { contract_end_date: inDays(10) });
    for (let n = 0; n < 3; n++) await meet(id);
    const before = await score(id);
    const { id: definition } = await published(industry);
    const after = await score(id);
    const change = (await api.customers.scoreChanges({ params: { id } })).body();
    expect(change.parts).toEqual([
      {
        ...{ kind: "definition", measure: null, evidence: [] },
        points: after.overall_score - before.overall_score,
      },
    ]);
    await admin.scoreDefinitions.retire({ params: { id: definition } });
  });

  it("is nothing of a customer without scores; days in disorder and strangers are refused", async () => {
    const params = { id: await create(newIndustry()) };
    expect((await api.customers.scoreChanges({ params })).body()).toMatchObject({
      from: null,
      to: null,
      delta: 0,
    });
    const asked = (query: object) => api.customers.scoreChanges({ params, query });
    expect((await asked({ from: "2026-02-01", to: "2026-01-01" })).status).toBe(422);
    expect((await asked({ from: "2024-01-01", to: "2026-01-01" })).status).toBe(422);
    expect((await api.customers.scoreChanges({ params: { id: randomUUID() } })).status).toBe(404);
  });

  it("is summed up for all customers", async () => {
    const id = await create(newIndustry());
    const movement = async () => (await api.healthScores.movement({})).body();
    const before = await movement();
    await score(id);
    for (let n = 0; n < 4; n++) await meet(id);
    await score(id);
    await vi.waitFor(
      async () => {
        const after = await movement();
        expect(after.improved).toBeGreaterThan(before.improved);
        expect(after.points).toBe(sum(after.parts));
        const gained = ({ parts }: typeof after) =>
          parts.find(({ kind, measure }) => kind === "behaviour" && measure === "engagement")?.gained ?? 0;
        expect(gained(after)).toBeGreaterThanOrEqual(gained(before) + 15);
      },
      { timeout: 60_000, interval: 200 },
    );
  });
});

it("scoring by version 2 asks the table as often as by version 1", async () => {
  const industry = newIndustry();
  const id = await create(industry, { contract_end_date: inDays(400) });
  const asked = async () => {
    await score(id);
    cloud.database.take();
    await score(id);
    return cloud.database
      .take()
      .map(({ operation, index }) => `${operation} ${index ?? ""}`.trim())
      .sort();
  };
  const one = await asked();
  const { id: definition } = await published(industry);
  expect(await asked()).toEqual(one);
  await admin.scoreDefinitions.retire({ params: { id: definition } });
});

describe("85 → 60", () => {
  /** Days on which the job scores: 400, 310, 220, 130 and 89 before the end of the contract, and one behind it. */
  const LOOKS = [0, 90, 180, 270, 311, 401];
  const at = (day: number) => new Date(Date.parse(ago(1)) - (401 - day) * DAY_MS);
  const dayOf = (day: number) => at(day).toISOString().slice(0, 10);
  /** Four calls and a ticket within the 90 days before each look. */
  const CALLS = [
    -80, -60, -40, -20, 20, 40, 60, 80, 110, 130, 150, 170, 200, 220, 240, 260, 280, 300, 330, 350,
  ];
  const TICKETS = [-50, 50, 140, 230, 360];

  async function behaves(industry: string) {
    const dates = { contract_start_date: inDays(-900), contract_end_date: dayOf(400) };
    const id = await create(industry, { status: "active", ...dates });
    for (const product_name of ["MonetX", "SupportX", "GreenX"] as const)
      await api.deployments.create({
        body: {
          ...{ customer_id: id, product_name, deployment_date: inDays(-900), version: "1" },
          ...{ environment: "cloud", license_type: "Enterprise", license_expiry: inDays(300) },
        },
      });
    const happened = (interaction_type: "call" | "support_ticket") => async (day: number) =>
      api.interactions.create({
        body: {
          ...{ customer_id: id, interaction_type, subject: "Talk", description: "Talk" },
          ...{ sentiment: "neutral", interaction_date: at(day).toISOString() },
        },
      });
    const answers = await Promise.all([
      ...[...CALLS, 370, 390].map(happened("call")),
      ...TICKETS.map(happened("support_ticket")),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    return id;
  }

  it("is the calendar's doing by version 1, and nothing at all by version 2", async () => {
    const industry = newIndustry();
    const { id: definition } = await published(industry);
    const [one, two] = [await behaves(newIndustry()), await behaves(industry)];
    const job = cloud.functions.find((known) => known.endsWith("-jobs-health")) ?? "";
    for (const day of LOOKS) {
      const event = { job: "daily_health_scores", scheduled_time: at(day).toISOString() };
      expect((await cloud.invoke(job, event)).payload).toMatchObject({ result: "completed" });
    }
    const scores = async (id: string) =>
      (await api.healthScores.history({ params: { id } }))
        .body()
        .health_scores.map(({ overall_score }) => overall_score)
        .reverse();
    const changes = async (id: string, from: number, to: number) => {
      const query = { from: dayOf(from), to: dayOf(to) };
      const { delta, parts, sentence } = (await api.customers.scoreChanges({ params: { id }, query })).body();
      return {
        delta,
        parts: parts.map(({ kind, measure, points }) => ({ kind, measure, points })),
        sentence,
      };
    };
    expect(await scores(one)).toEqual([85, 85, 85, 80, 72, 60]);
    const calendar = (points: number) => ({
      ...{ delta: points, parts: [{ kind: "calendar", measure: "financial", points }] },
    });
    expect(await changes(one, 0, 311)).toEqual({
      ...calendar(-13),
      sentence: "85 → 72: −13 the end of the contract comes closer",
    });
    expect(await changes(one, 311, 401)).toMatchObject(calendar(-12));
    expect(await changes(one, 180, 401)).toMatchObject(calendar(-25));
    expect(await scores(two)).toEqual([79, 79, 79, 79, 79, 79]);
    for (const [from, to] of [
      [0, 311],
      [180, 401],
    ] as const)
      expect(await changes(two, from, to)).toMatchObject({ delta: 0, parts: [] });
    await admin.scoreDefinitions.retire({ params: { id: definition } });
  });
});

describe("a year of many scores", () => {
  it("is explained in time, by an answer that does not grow with them", async () => {
    const { BatchWriteCommand } = await import("@aws-sdk/lib-dynamodb");
    const { dynamo, tableName } = await import("@success-manager/domain/table");
    const id = await create(newIndustry());
    for (let n = 0; n < 3; n++) await meet(id);
    await score(id);
    const { Item: first } = await dynamo.send(
      new GetCommand({
        TableName: tableName,
        Key: { pk: `scores#${id}`, sk: (await latestOf(id)).calculated_at },
      }),
    );
    const evidence = [1, 2, 3, 4, 5].map((n) => [`${randomUUID()}`, ago(n), "meeting"]);
    const MANY = 4_000;
    const scores = Array.from({ length: MANY }, (_, n) => {
      const calculated_at = new Date(Date.parse(ago(350)) + n * 7_000_000).toISOString();
      const points = n % 2 === 0 ? 7 : -7;
      const movement = [["behaviour", "contacts", "contacts", points, 90, [["meeting", 1]], evidence]];
      return {
        ...first,
        ...{ sk: calculated_at, calculated_at, overall_score: n % 2 === 0 ? 57 : 50 },
        movement: JSON.stringify(movement),
      };
    });
    for (let n = 0; n < MANY; n += 25)
      await dynamo.send(
        new BatchWriteCommand({
          RequestItems: {
            [tableName]: scores.slice(n, n + 25).map((Item) => ({ PutRequest: { Item } })),
          },
        }),
      );
    cloud.database.take();
    const answer = await api.customers.scoreChanges({
      params: { id },
      query: { from: inDays(-352), to: inDays(-10) },
    });
    // A page of the table holds 1 MB.
    const queries = cloud.database.take().filter(({ operation }) => operation === "Query").length;
    expect(queries).toBeLessThanOrEqual(2 + Math.ceil((MANY * JSON.stringify(scores[0]).length) / 1e6));
    const { delta, parts } = answer.body();
    expect(sum(parts)).toBe(delta);
    expect(parts.length).toBeLessThanOrEqual(1);
    expect(JSON.stringify(answer.raw).length).toBeLessThan(10_000);
  });
});

describe("outcomes that a key with a filter imports", () => {
  it("are those of its customers; others do not exist for it", async () => {
    const industry = newIndustry();
    const [seen, hidden] = [await create(industry), await create(newIndustry())];
    const key = (
      await admin.apiKeys.create({
        body: {
          ...{ name: `Import ${randomUUID()}`, scopes: ["outcomes:read", "outcomes:write"] },
          customers: { industries: [industry] },
        },
      })
    ).body();
    const { apiOf } = await import("../support/cloud.ts");
    const byKey = apiOf(cloud.apiUrl, key.secret, undefined, undefined, "none");
    const renewed = { kind: "renewed", effective_on: today(), amount_after: "100" } as const;
    const outcomes = [seen, hidden, randomUUID()].map((customer_id) => ({ customer_id, ...renewed }));
    const answer = (await byKey.outcomes.import({ body: { outcomes } })).body();
    expect(answer).toEqual({
      ...{ recorded: 1, unchanged: 0 },
      failed: [1, 2].map((index) => expect.objectContaining({ index, detail: "Customer not found" })),
    });
    const recorded = (await admin.outcomes.list({ query: { customer_id: hidden } })).body();
    expect(recorded.total).toBe(0);
  });
});
