import { randomUUID } from "node:crypto";
import { type CustomerStatus, Language } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import { putBacktest } from "../support/backtest.ts";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
let admin: Api;
let recommended: typeof import("@success-manager/domain/health").RECOMMENDED;
let table: typeof import("@success-manager/domain/table");
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  admin = cloud.admin.api;
  recommended = (await import("@success-manager/domain/health")).RECOMMENDED;
  table = await import("@success-manager/domain/table");
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const dayAgo = (days: number) => ago(days).slice(0, 10);
const newIndustry = () => `Industry ${randomUUID()}`;

/** How many days ago the cuts of these tests lie, and how far each looks ahead. */
const CUTS = [200, 160, 120].map(dayAgo);
const HORIZON = 30;

/** A definition that goes by contacts alone; nobody is left out. */
const byContacts = (industry: string) => ({
  ...recommended,
  name: "Contacts alone",
  applies_to: { industries: [industry] },
  min_coverage: 0,
  measures: recommended.measures
    .filter(({ key }) => key === "contacts")
    .map((one) => ({ ...one, transform: { type: "linear" as const, from: 0, to: 30 } })),
  caps: [],
});
const draft = async (industry: string, changes: object = {}) =>
  (await admin.scoreDefinitions.create({ body: { ...byContacts(industry), ...changes } })).body().id;

/** A customer of two years. */
const customer = async (industry: string, left_on?: string) => {
  const body = { company_name: `Company ${randomUUID()}`, industry, contract_start_date: dayAgo(700) };
  const { id } = (await api.customers.create({ body })).body();
  if (left_on !== undefined)
    (
      await api.customers.recordOutcome({
        params: { id },
        body: { kind: "churned", effective_on: left_on, reason: "unspecified" },
      })
    ).body();
  return id;
};

/** A meeting as it stands in the table. @param recorded how many days ago it was recorded */
async function meeting(customer_id: string, days: number, recorded = days) {
  const [at, created_at] = [ago(days), ago(recorded)];
  await table.InteractionEntity.put({
    ...{ id: randomUUID(), customer_id, interaction_type: "meeting", subject: "Talk", description: "Talk" },
    ...{ sentiment: "neutral", performed_by: "Ada", interaction_date: at, follow_up_required: false },
    ...{ follow_up_due: table.NO_DUE_DATE, performer_key: "ada", search_key: "talk ada" },
    ...{ created_at, updated_at: created_at, revision: 1 },
  }).go();
}

/** Those whom nobody met leave ten days after a cut, the others stay. @param recorded see `meeting` */
async function portfolio(
  industry: string,
  { stay = 14, leave = 12, recorded = undefined as number | undefined } = {},
) {
  const [stayed, left] = await Promise.all([
    Promise.all(Array.from({ length: stay }, () => customer(industry))),
    Promise.all(
      Array.from({ length: leave }, (_, n) => customer(industry, dayAgo([190, 150, 110][n % 3] ?? 0))),
    ),
  ]);
  // One of each group is as the others are not: nothing is sure.
  for (const id of [...stayed.slice(1), ...left.slice(0, 1)])
    for (const days of [260, 230, 185, 145]) await meeting(id, days, recorded ?? days);
  return { stayed, left };
}

type NewBacktest = Parameters<Api["scoreDefinitions"]["startBacktest"]>[0]["body"];
const start = (definition_id: string, more: Partial<NewBacktest> = {}) =>
  admin.scoreDefinitions.startBacktest({
    body: { definition_id, horizon_days: HORIZON, cuts: CUTS, ...more },
  });
const get = async (id: string) => (await admin.scoreDefinitions.getBacktest({ params: { id } })).body();
const WAIT = { timeout: 60_000, interval: 200 };
const ended = (id: string) =>
  vi.waitFor(async () => {
    const found = await get(id);
    // One that came when a run was at its end waits for the watch, which does not run here.
    if (found.status === "pending")
      await cloud.invoke("success-manager-local-jobs-score-backtests", {
        ...{ job: "score_backtests", scheduled_time: new Date().toISOString(), manual: true },
      });
    expect(["completed", "failed"]).toContain(found.status);
    return found;
  }, WAIT);
const done = async (definition_id: string, more: Partial<NewBacktest> = {}) =>
  ended((await start(definition_id, more)).body().id);
const publish = async (id: string) => {
  const answer = await admin.scoreDefinitions.publish({ params: { id } });
  await admin.scoreDefinitions.retire({ params: { id } });
  return answer.body().warnings;
};

describe("a back-test", () => {
  it("tells whether a score sees who leaves, with all that this rests on; one query for each customer", async () => {
    const industry = newIndustry();
    const { left } = await portfolio(industry);
    // Not the definition's: nobody asks for them.
    await customer("Other");
    const definition = await draft(industry);
    await cloud.settled();
    cloud.database.take();
    const started = await start(definition);
    expect(started.status).toBe(202);
    expect(started.body()).toMatchObject({
      ...{ status: "pending", verdict: null, result: null, finished_at: null, error: null },
      definition: { id: definition, name: "Contacts alone", version: null, revision: 1 },
      ...{ cuts: [...CUTS].sort(), horizon_days: HORIZON, known_by: "recorded" },
    });
    const { result, ...told } = await ended(started.body().id);
    const asked = cloud.database
      .take()
      .filter(({ asking }) => asking === "success-manager-local-jobs-score-backtests");
    expect(asked.filter(({ index }) => index === "byCustomer")).toHaveLength(26);
    expect(told).toMatchObject({
      ...{ status: "completed", progress: { customers: 26, done: 26 }, verdict: "better_than_chance" },
      sentence: expect.stringContaining("Better than chance"),
    });
    if (!result) throw new Error("There is no result");
    expect(result).toMatchObject({
      ...{ customers: 26, departures: 12, rows: 14 * 3 + 4 * (1 + 2 + 3), unscored: 0 },
      base_rate: { count: 12, of: 66 },
      auc: { departures: 12, stayed: 22 },
      falls: { from_band_to_band: true, clear: true },
      control: { holds: true },
      learned: { auc: { departures: 12 } },
      // Nobody else is in use than version 1, which sees them too.
      comparison: { versions: [1], sentence: expect.any(String) },
    });
    // Of 54 rows without a departure 39 have the best score, the other 15 the worst, as 11 of the 12 departures.
    expect(result.auc?.value).toBeCloseTo(((11 / 12) * (39 + 15 / 2) + (1 / 12) * (39 / 2)) / 54, 6);
    expect(result.auc?.low).toBeGreaterThan(0.5);
    expect(result.bands.find(({ band }) => band === "low")).toMatchObject({ tone: "green", departures: 1 });
    expect(result.bands.find(({ band }) => band === "critical")).toMatchObject({
      tone: "red",
      departures: 11,
    });
    expect(result.left_while_green).toMatchObject({
      count: 1,
      customers: [
        { customer_id: left[0], company_name: expect.stringMatching(/^Company/), band: "low", score: 100 },
      ],
    });
    expect(result.measures).toMatchObject([
      { measure: "contacts", alone: { departures: expect.any(Number) } },
    ]);
    expect(result.red_before.map(({ days, of, not_observed }) => [days, of + not_observed])).toEqual([
      [30, 12],
      [60, 12],
      [90, 12],
    ]);
    expect(result.calibration?.bins.reduce((sum, { of }) => sum + of, 0)).toBe(66);
    expect(result.limits.map(({ kind }) => kind)).toEqual([
      ...["contract_dates_as_now", "products_in_part", "no_recording_time", "filters_as_now"],
    ]);
    // Whoever reads it later gets the same.
    expect((await get(told.id)).result).toEqual(result);
    expect((await cloud.viewer.api.scoreDefinitions.getBacktest({ params: { id: told.id } })).status).toBe(
      200,
    );
  });

  it("knows of a day what had been recorded by then; of imported history, when asked, what had happened", async () => {
    const industry = newIndustry();
    await portfolio(industry, { recorded: 5 });
    const definition = await draft(industry);
    const blind = await done(definition);
    expect(blind).toMatchObject({ verdict: "no_better_than_chance" });
    expect(blind.result?.limits.find(({ kind }) => kind === "recorded_later")).toMatchObject({
      count: 13 * 4 + 2,
    });
    const seeing = await done(definition, { known_by: "happened" });
    expect(seeing).toMatchObject({ verdict: "better_than_chance" });
    expect(seeing.result?.leaks).toMatchObject([{ measure: "contacts", kind: "recorded_after_cut" }]);
    expect((await publish(definition)).at(-1)).toBe(
      "These measures may know the outcome, so its back-test promises too much: contacts.",
    );
  });

  it("takes who left on the day of a cut, or before, for nobody; who left the day after, or when the horizon ends, has left", async () => {
    const industry = newIndustry();
    const cut = dayAgo(100);
    const ids: Record<string, string> = {};
    for (const [name, days] of [
      ["before", 101],
      ["same", 100],
      ["after", 99],
      ["last", 70],
      ["later", 69],
    ] as const)
      ids[name] = await customer(industry, dayAgo(days));
    ids.stayed = await customer(industry);
    const { result } = await done(await draft(industry), { cuts: [cut] });
    expect(result).toMatchObject({ rows: 4, customers: 4, departures: 2, verdict: "too_few_departures" });
    expect(result?.sentence).toBe("Too few departures to judge: 2, and 10 are needed.");
  });

  it("counts who came back with their spell of then, not who left on a day that nobody knows", async () => {
    const industry = newIndustry();
    const [returned, undated] = [await customer(industry, dayAgo(150)), await customer(industry)];
    const back = { kind: "reactivated", effective_on: dayAgo(90), reason: "unspecified" } as const;
    (await api.customers.recordOutcome({ params: { id: returned }, body: back })).body();
    await table.CustomerEntity.patch({ id: undated })
      .set({ status: "churned", changed_at: new Date().toISOString() })
      .go();
    const cuts = [160, 120, 80].map(dayAgo);
    const { result } = await done(await draft(industry), { cuts });
    // It was no customer at the second one.
    expect(result).toMatchObject({ rows: 2, customers: 1, departures: 1 });
    expect(result?.limits.find(({ kind }) => kind === "undated")).toMatchObject({ count: 1 });
  });

  it("counts who left twice once, by the last time", async () => {
    const industry = newIndustry();
    const id = await customer(industry, dayAgo(190));
    for (const [kind, days] of [
      ["reactivated", 170],
      ["churned", 110],
    ] as const) {
      const body = { kind, effective_on: dayAgo(days), reason: "unspecified" } as const;
      (await api.customers.recordOutcome({ params: { id }, body })).body();
    }
    // So it is green before both.
    for (const days of [260, 230, 185, 145]) await meeting(id, days);
    const { result } = await done(await draft(industry));
    expect(result).toMatchObject({
      ...{ rows: 3, customers: 1, departures: 1 },
      left_while_green: {
        count: 1,
        customers: [{ customer_id: id, left_on: dayAgo(110), cut: dayAgo(120) }],
      },
    });
  });

  it.each<[string, { stay: number; leave: number }, object]>([
    [
      "nobody",
      { stay: 0, leave: 0 },
      { rows: 0, auc: null, control: null, calibration: null, learned: null },
    ],
    ["nobody who leaves", { stay: 3, leave: 0 }, { rows: 9, departures: 0, auc: null, worst_tenth: null }],
    ["nobody who stays", { stay: 0, leave: 3 }, { departures: 3, auc: expect.anything() }],
  ])("of %s says that nothing can be said", async (_, size, expected) => {
    const industry = newIndustry();
    await portfolio(industry, size);
    const found = await done(await draft(industry));
    expect(found).toMatchObject({ status: "completed", verdict: "too_few_departures", error: null });
    expect(found.result).toMatchObject(expected);
  });

  it("of days before anybody came looks at nobody, and says so", async () => {
    const industry = newIndustry();
    await customer(industry);
    const { result } = await done(await draft(industry), { cuts: ["1999-01-01", dayAgo(100)] });
    expect(result).toMatchObject({ rows: 1 });
    expect(result?.limits.find(({ kind }) => kind === "empty_cuts")).toMatchObject({
      count: 1,
      sentence: "On 1 of 2 days there was nobody to look at.",
    });
  });

  it("narrows to a segment, and counts products from their first day to the last change of who has none any more", async () => {
    const industry = newIndustry();
    const ids = [await customer(industry), await customer(industry)];
    const [one = "", other = ""] = ids;
    for (const [customer_id, days] of [
      [one, 130],
      [other, 300],
    ] as const) {
      await table.DeploymentEntity.put({
        ...{ id: randomUUID(), customer_id, product_name: "GreenX", deployment_date: dayAgo(days) },
        ...{ version: "1", environment: "cloud", license_type: "x", license_expiry: "2030-01-01" },
        ...{ is_active: customer_id === one, created_at: ago(days), changed_at: new Date().toISOString() },
        ...{ updated_at: ago(customer_id === one ? days : 150), revision: 1 },
      }).go();
    }
    const { result } = await done(await draft(industry), { segment: { products: ["GreenX"] } });
    // 200 and 160 days ago the other one had it, 120 days ago the first one.
    expect(result).toMatchObject({ rows: 3, customers: 2 });
  });
});

describe("who is at risk", () => {
  const start422 = async (definition_id: string, segment: NewBacktest["segment"] = {}) => {
    const { status, raw } = await start(definition_id, { segment });
    return [status, (raw as { errors: { loc: string[]; msg: string }[] }).errors[0]];
  };

  it("is not known of a past day: a back-test of nobody else is refused", async () => {
    const definition = await draft(newIndustry());
    const said = (field: string) => [
      422,
      expect.objectContaining({
        loc: ["body", field],
        msg: expect.stringContaining("who was at risk on a past day is not kept"),
      }),
    ];
    for (const statuses of [["at_risk"], ["at_risk", "churned"]] as const)
      expect(await start422(definition, { statuses: [...statuses] })).toEqual(said("segment"));
    const forThem = await draft("Other", { applies_to: { statuses: ["at_risk"] } });
    expect(await start422(forThem)).toEqual(said("definition_id"));
  });

  it.each<[string, CustomerStatus[] | undefined, CustomerStatus[] | undefined, boolean]>([
    ["the segment names others too", ["active", "at_risk"], undefined, true],
    ["the definition is for others too", undefined, ["at_risk", "active"], true],
    ["nobody asks for them", ["active"], undefined, false],
  ])(
    "counts with the status of before, and a limit says so where it is asked for: %s",
    async (_, of, isFor, told) => {
      const industry = newIndustry();
      const id = await customer(industry);
      (await api.customers.update({ params: { id }, body: { status: "at_risk" } })).body();
      const definition = await draft(industry, {
        applies_to: { industries: [industry], ...(isFor && { statuses: isFor }) },
      });
      const { result } = await done(definition, { segment: of ? { statuses: of } : {} });
      expect(result).toMatchObject({ rows: 3 });
      const limit = result?.limits.find(({ kind }) => kind === "filters_as_now");
      expect(limit?.sentence.includes("naming at_risk finds nobody more")).toBe(told);
    },
  );
});

describe("what is tested", () => {
  it("is what was there at the start, whatever becomes of the draft", async () => {
    const industry = newIndustry();
    await customer(industry);
    const [changed, deleted] = [await draft(industry), await draft(industry)];
    const started = [(await start(changed)).body().id, (await start(deleted)).body().id];
    await admin.scoreDefinitions.update({
      params: { id: changed },
      body: { ...byContacts(industry), name: "Other" },
    });
    await admin.scoreDefinitions.remove({ params: { id: deleted } });
    for (const id of started)
      expect(await ended(id)).toMatchObject({
        status: "completed",
        definition: { name: "Contacts alone", revision: 1 },
        result: { rows: 3 },
      });
    expect((await admin.scoreDefinitions.get({ params: { id: deleted } })).status).toBe(404);
    expect(await publish(changed)).toEqual([
      "This draft was changed after its last back-test: whether it tells who leaves is not known.",
    ]);
  });

  it("may be version 1, or a published version, which is compared with nothing but itself where it is in use", async () => {
    const industry = newIndustry();
    await customer(industry);
    const definition = await draft(industry);
    (await admin.scoreDefinitions.publish({ params: { id: definition } })).body();
    const { definitions } = (await api.scoreDefinitions.list({})).body();
    const one = definitions.at(-1)?.id ?? "";
    const [published, first] = [
      await done(definition),
      await done(one, { segment: { industries: [industry] } }),
    ];
    expect(published).toMatchObject({
      definition: { version: expect.any(Number) },
      result: { comparison: null },
    });
    expect(first).toMatchObject({
      definition: { version: 1 },
      result: { rows: 3, comparison: { versions: [published.definition.version] } },
    });
    await admin.scoreDefinitions.retire({ params: { id: definition } });
  });
});

describe("publishing", () => {
  it("warns of a draft that nobody has tested, or that does no better; it publishes all the same", async () => {
    const industry = newIndustry();
    await portfolio(industry);
    const untested = await draft(industry);
    expect(await publish(untested)).toEqual([
      "Nobody has back-tested this draft: whether it tells who leaves is not known.",
    ]);
    const good = await draft(industry);
    (await admin.scoreDefinitions.publish({ params: { id: good } })).body();
    // The same once more can't be better.
    const same = await draft(industry);
    const tested = await done(same);
    expect(tested.result?.comparison).toMatchObject({ verdict: "no_better", difference: { difference: 0 } });
    expect(await publish(same)).toEqual([
      expect.stringMatching(/^It does no better than what is in use: AUC 0\.\d\d against 0\.\d\d/),
    ]);
    // Products tell nothing here.
    const blind = await draft(industry, {
      measures: recommended.measures.filter(({ key }) => key === "products"),
    });
    expect((await done(blind)).verdict).toBe("no_better_than_chance");
    expect(await publish(blind)).toEqual([
      expect.stringMatching(/^No better than chance/),
      expect.stringMatching(/^It does no better than what is in use/),
    ]);
    await admin.scoreDefinitions.retire({ params: { id: good } });
  });

  it("says nothing of a draft that does better than what is in use", async () => {
    const industry = newIndustry();
    await portfolio(industry);
    const blind = await draft(industry, {
      measures: recommended.measures.filter(({ key }) => key === "products"),
    });
    (await admin.scoreDefinitions.publish({ params: { id: blind } })).body();
    const better = await draft(industry);
    expect((await done(better)).result?.comparison).toMatchObject({ verdict: "better" });
    expect(await publish(better)).toEqual([]);
    await admin.scoreDefinitions.retire({ params: { id: blind } });
  });
});

describe("bad input", () => {
  it.each<[string, object, string]>([
    ["no definition", { definition_id: undefined }, "422 body.definition_id"],
    ["a day ahead", { cuts: [dayAgo(-10)] }, "422 body.cuts"],
    ["a day whose horizon is not over", { cuts: [dayAgo(HORIZON - 1)] }, "422 body.cuts"],
    ["no days", { cuts: [] }, "422 body.cuts"],
    ["too many days", { cuts: Array.from({ length: 37 }, (_, n) => dayAgo(100 + n)) }, "422 body.cuts"],
    ["days that are none", { cuts: ["2026-02-30"] }, "422 body.cuts"],
    ["too many months", { cuts: 37 }, "422 body.cuts"],
    ["half a month", { cuts: 1.5 }, "422 body.cuts"],
    ["no horizon", { horizon_days: 0 }, "422 body.horizon_days"],
    ["an unknown segment", { segment: { size: "large" } }, "422 body.segment"],
    ["unknown knowledge", { known_by: "guessed" }, "422 body.known_by"],
    ["an unknown field", { colour: "red" }, "422 body"],
    ["an unknown definition", { definition_id: randomUUID() }, "404"],
  ])("is refused: %s", async (_, changes, expected) => {
    const body = {
      definition_id: randomUUID(),
      horizon_days: HORIZON,
      cuts: CUTS,
      ...changes,
    } as NewBacktest;
    const { status, raw } = await admin.scoreDefinitions.startBacktest({ body });
    const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
    expect([status, ...new Set(errors.map(({ loc }) => loc.slice(0, 2).join(".")))].join(" ")).toBe(expected);
  });

  it("takes the last day whose horizon is over, and each day once", async () => {
    const definition = await draft(newIndustry());
    const last = dayAgo(HORIZON + 1);
    const answer = await start(definition, { cuts: [last, dayAgo(200), last] });
    expect(answer.body().cuts).toEqual([dayAgo(200), last]);
    const second = (await start(definition, { cuts: 14 })).body();
    const months = second.cuts;
    expect(months).toHaveLength(14);
    expect(months.every((day) => day.endsWith("-01") && day <= last)).toBe(true);
    expect(months.at(-1)?.slice(0, 7)).toBe(last.slice(0, 7));
    for (const id of [answer.body().id, second.id]) await ended(id);
  });
});

describe("who may", () => {
  it("start and delete one are admins, and read it all who see all customers", async () => {
    const id = await putBacktest();
    const params = { id };
    const email = "sees-some@example.com";
    const some = {
      email,
      full_name: "Sees Some",
      role: "manager",
      access: "owned",
      password: "Correct-Horse-1",
    };
    await admin.users.create({ body: some as never });
    const narrowed = (await cloud.signIn(email)).api;
    expect((await api.scoreDefinitions.startBacktest({ body: { definition_id: randomUUID() } })).status).toBe(
      403,
    );
    expect((await api.scoreDefinitions.removeBacktest({ params })).status).toBe(403);
    expect((await api.scoreDefinitions.getBacktest({ params })).status).toBe(200);
    expect((await narrowed.scoreDefinitions.getBacktest({ params })).status).toBe(403);
    expect((await narrowed.scoreDefinitions.listBacktests({})).status).toBe(403);
    expect(
      (await narrowed.reports.generate({ body: { report_type: "score_backtest" } as never })).status,
    ).toBe(403);
    expect((await admin.scoreDefinitions.removeBacktest({ params })).status).toBe(200);
    expect((await admin.scoreDefinitions.removeBacktest({ params })).status).toBe(404);
    expect((await admin.scoreDefinitions.getBacktest({ params })).status).toBe(404);
  });

  it("read, turns pages, the newest first, without results", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++)
      ids.unshift(await putBacktest({ customers: 20 }, { created_at: ago(-1 - n) }));
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (
        await api.scoreDefinitions.listBacktests({ query: { limit: 2, ...(cursor && { cursor }) } })
      ).body();
      expect(page.backtests.length).toBeLessThanOrEqual(2);
      expect(page.backtests.every((one) => !("result" in one) && one.sentence !== null)).toBe(true);
      found.push(...page.backtests.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && found.length < 5);
    expect(found.slice(0, 5)).toEqual(ids);
    for (const id of ids) await admin.scoreDefinitions.removeBacktest({ params: { id } });
  });
});

describe("the job", () => {
  /** In this process, once. */
  async function work(remaining = () => 600_000) {
    const { backtestsJob } = await import("@success-manager/domain/backtests");
    const job = backtestsJob();
    const context = {
      run_id: new Date().toISOString(),
      ...{ remaining, log: () => undefined, save: () => undefined, checkpoint: async () => undefined },
    };
    return table.runAs({ kind: "job", id: job.id }, () => job.run(new Date(), job.start, context));
  }

  /** A back-test whose worker has died, so many times. */
  const orphan = (attempts: number, status = "running") =>
    putBacktest(
      { customers: 20 },
      { status, attempts, result: undefined, verdict: undefined, finished_at: undefined },
    );

  it("does both of two that are started at once, each once", async () => {
    const industry = newIndustry();
    await customer(industry);
    const definition = await draft(industry);
    const answers = await Promise.all([1, 2, 3].map(() => start(definition)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    const ids = answers.map((one) => one.body().id);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect((await ended(id)).status).toBe("completed");
  });

  it("begins one anew whose worker died, and gives it up after three times", async () => {
    const [again, last] = [await orphan(1), await orphan(3)];
    await work();
    expect(await get(again)).toMatchObject({ status: "completed", error: null, result: expect.anything() });
    expect(await get(last)).toMatchObject({
      ...{ status: "failed", result: null, finished_at: expect.any(String) },
      error: expect.stringContaining("broke off 3 times"),
    });
  });

  it("stores nothing of one that is deleted while it is at it, and leaves the rest alone", async () => {
    const industry = newIndustry();
    await portfolio(industry, { stay: 2, leave: 1 });
    const [gone, other] = [await orphan(0, "pending"), await orphan(0, "pending")];
    let asked = 0;
    await work(() => {
      // It asks between reading and storing.
      if (asked++ === 0) void admin.scoreDefinitions.removeBacktest({ params: { id: gone } });
      return 600_000;
    });
    await expect
      .poll(async () => (await admin.scoreDefinitions.getBacktest({ params: { id: gone } })).status)
      .toBe(404);
    await work();
    expect((await admin.scoreDefinitions.getBacktest({ params: { id: gone } })).status).toBe(404);
    expect((await get(other)).status).toBe("completed");
  });

  it("leaves the next one to a fresh invocation when its time is nearly up; one alone that is too long fails in words", async () => {
    await customer(newIndustry());
    const first = await orphan(0, "pending");
    expect(await work(() => 30_000)).toMatchObject({ failed: 1 });
    expect(await get(first)).toMatchObject({
      status: "failed",
      error: "It takes longer than one run may: take fewer days, or a segment.",
    });
    const [one, two] = [await orphan(0, "pending"), await orphan(0, "pending")];
    expect(await work(() => 120_000)).toMatchObject({ done: 1, finished: false });
    const statuses = [(await get(one)).status, (await get(two)).status].sort();
    expect(statuses).toEqual(["completed", "pending"]);
    await work();
    expect([(await get(one)).status, (await get(two)).status]).toEqual(["completed", "completed"]);
  });

  it("is started by the watch for what is pending", async () => {
    const id = await orphan(0, "pending");
    const { systemWatch } = await import("@success-manager/domain/jobs");
    const watch = systemWatch(() => undefined);
    const context = {
      run_id: new Date().toISOString(),
      ...{
        remaining: () => 60_000,
        log: () => undefined,
        save: () => undefined,
        checkpoint: async () => undefined,
      },
    };
    await watch.run(new Date(), watch.start, context);
    expect(await ended(id)).toMatchObject({ status: "completed" });
  });
});

describe("the report about a back-test", () => {
  const LEAKS = ["contacts", "products"].map((measure) => ({
    ...{ measure, kind: "too_good" as const, sentence: "It may know." },
  }));
  const generate = (body: object) =>
    admin.reports.generate({ body: { report_type: "score_backtest", ...body } as never });
  /** The printed pages of a report. */
  async function printed(body: object): Promise<readonly string[]> {
    const report = (await generate(body)).body();
    expect(report).toMatchObject({ status: "completed", error_message: null });
    const file = await fetch(`${cloud.apiUrl}/api/v1/reports/history/${report.id}/download`, {
      headers: { authorization: `Bearer ${cloud.admin.token}` },
    });
    return (await readPdf(new Uint8Array(await file.arrayBuffer()))).pages.map(({ text }) => text);
  }

  it.each(Language.options)("is one page in %s, whatever came of it", async (language) => {
    for (const [made, changes] of [
      [{}, {}],
      [{ sight: 0 }, {}],
      [{ customers: 40, leaving: 2 }, {}],
      [{ customers: 30, leaving: 0 }, {}],
      [{}, { leaks: LEAKS }],
    ] as const) {
      const backtest_id = await putBacktest(made, {}, changes);
      expect([made, changes, (await printed({ backtest_id, language })).length]).toEqual([made, changes, 1]);
    }
  });

  it("gives the answer in a sentence, with its figures", async () => {
    const told = async (made: object) => {
      const id = await putBacktest(made);
      return { result: (await get(id)).result, page: (await printed({ backtest_id: id })).join(" ") };
    };
    const { result, page } = await told({});
    const pairs = Math.round(100 * (result?.auc?.value ?? 0));
    expect(page).toContain("Yes: it tells who will leave better than chance.");
    expect(page).toContain(`in ${pairs} of 100 pairs`);
    expect(page).toContain(`Customers who left ${result?.departures}`);
    expect(page).toContain("It does better than the score in use");
    for (const { share, of } of result?.bands ?? [])
      expect(page).toContain(`${(100 * (share ?? 0)).toFixed(1)}% of ${of}`);
    expect((await told({ sight: 0 })).page).toContain("No: it tells who will leave no better than a coin.");
    const few = await told({ customers: 40, leaving: 2 });
    expect(few.page).toContain(
      `Nobody can say yet: of the customers with a score ${few.result?.auc?.departures} left`,
    );
    // What can't be judged is not printed.
    expect(few.page).not.toContain("What each measure tells");
    expect((await told({ customers: 30, leaving: 0 })).page).toContain("a score 0 left");
  });

  it("is about the newest completed one where none is named; there has to be one", async () => {
    for (;;) {
      const { backtests } = (await admin.scoreDefinitions.listBacktests({ query: { limit: 50 } })).body();
      for (const { id } of backtests) await admin.scoreDefinitions.removeBacktest({ params: { id } });
      if (backtests.length === 0) break;
    }
    const none = await generate({});
    expect([none.status, JSON.stringify(none.raw)]).toEqual([
      409,
      expect.stringContaining("No back-test is completed"),
    ]);
    const [old, failed] = [
      await putBacktest({ customers: 40 }, { created_at: ago(2) }),
      await putBacktest({ customers: 40 }, { status: "failed", result: undefined, error: "Too long." }),
    ];
    const report = (await generate({})).body();
    expect(report).toMatchObject({ status: "completed", filters: { backtest_id: old } });
    expect((await generate({ backtest_id: failed })).status).toBe(409);
    expect((await generate({ backtest_id: randomUUID() })).status).toBe(404);
    expect((await generate({ filters: { backtest_id: old, date_from: "2026-01-01" } })).status).toBe(422);
    expect(
      (await admin.reports.generate({ body: { report_type: "health_summary", backtest_id: old } as never }))
        .status,
    ).toBe(422);
  });
});
