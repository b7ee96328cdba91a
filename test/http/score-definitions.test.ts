import { randomUUID } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
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

  it("shows before it is published who would change band, and writes nothing", async () => {
    const industry = newIndustry();
    const [silent, busy] = [await create(industry), await create(industry)];
    await meet(busy);
    const { id } = await draft(industry);
    await vi.waitFor(
      async () => {
        const preview = (await admin.scoreDefinitions.preview({ params: { id } })).body();
        expect(preview).toMatchObject({
          ...{ customers: 2, sampled: 2 },
          bands_now: { low: 0, medium: 0, high: 1, critical: 1, unknown: 0 },
          bands_then: { unknown: 1 },
        });
        expect(preview.changes.map(({ customer_id, band_then }) => [customer_id, band_then])).toContainEqual([
          ...[silent, "unknown"],
        ]);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect((await api.healthScores.latest({ params: { id: busy } })).status).toBe(404);
  });
});

describe("an unknown customer", () => {
  it("is listed and alerted as such, not as at risk; the alert ends when something is known", async () => {
    const industry = newIndustry();
    const { id: definition } = await published(industry);
    const id = await create(industry, { status: "active" });
    await score(id);
    const listed = async () =>
      (await api.healthScores.unknown({ query: { limit: 100 } }))
        .body()
        .customers.map((one) => one.customer_id);
    expect(await listed()).toContain(id);
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
    await api.healthScores.override({ params: { id }, body });
    await dynamo.send(
      new UpdateCommand({
        TableName: tableName,
        Key: primaryKey("latest_score", id),
        UpdateExpression: "SET #override.ends_at = :past",
        ExpressionAttributeNames: { "#override": "override" },
        ExpressionAttributeValues: { ":past": ago(1) },
      }),
    );
    expect(await score(id)).toMatchObject({ overall_score: 38, override: null });
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
      { timeout: 30_000, interval: 300 },
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
      { timeout: 30_000, interval: 200 },
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
