import type { NewCustomer } from "@success-manager/contract/customers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
});
afterAll(() => cloud?.stop());

const NOBODY = "00000000-0000-4000-8000-000000000000";
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

type Body = z.input<typeof NewCustomer>;
let names = 0;
const create = async (body: Partial<Body> = {}) =>
  (await api.customers.create({ body: { company_name: `Company ${++names}`, ...body } })).body();
const read = async (id: string) => (await api.customers.get({ params: { id } })).body().customer;
const change = (id: string, body: object, headers?: Record<string, string>) =>
  api.customers.update({ params: { id }, body }, headers);

/** Status and refused fields of a call. */
const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};

describe("a new customer", () => {
  it("comes back as sent, with what was left out at its default", async () => {
    const sent = {
      company_name: "  Full House AG ",
      industry: "Retail",
      contact_name: "Ada Byron",
      contact_email: "ada@example.com",
      contact_phone: "+41 44 000 00 00",
      deployed_products: ["MonetX", "Something of their own"],
      contract_start_date: "2026-01-01",
      contract_end_date: "2027-01-01",
      contract_value: 125000.5,
      account_manager_id: cloud.viewer.id,
      account_manager: "Somebody Else",
      status: "active" as const,
      logo_url: "https://example.com/logo.png",
      notes: "Line one\nLine two",
      portal_enabled: true,
    };
    const answer = await api.customers.create({ body: sent });
    expect([answer.status, answer.headers.get("etag")]).toEqual([201, '"1"']);
    const customer = answer.body();
    expect(customer).toMatchObject({ ...sent, company_name: "Full House AG", contract_value: "125000.50" });
    expect(customer.account_manager_name).toBe(customer.account_manager_info?.full_name);
    expect(await read(customer.id)).toEqual(customer);

    expect(await create({ company_name: "Bare AG" })).toMatchObject({
      industry: null,
      contract_value: null,
      account_manager_name: "",
      account_manager_info: null,
      deployed_products: [],
      status: "onboarding",
      portal_enabled: false,
      revision: 1,
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["no name", {}, "body.company_name"],
    ["a blank name", { company_name: "  " }, "body.company_name"],
    ["a name of null", { company_name: null }, "body.company_name"],
    ["a name with NUL", { company_name: "a\u0000b" }, "body.company_name"],
    ["a name of 256 characters", { company_name: "x".repeat(256) }, "body.company_name"],
    ["an address that is none", { contact_email: "nobody" }, "body.contact_email"],
    ["a value of 1e15", { contract_value: 1e15 }, "body.contract_value"],
    ["a value of 1e21", { contract_value: 1e21 }, "body.contract_value"],
    ["three decimals", { contract_value: 1.001 }, "body.contract_value"],
    ["three decimals as text", { contract_value: "1.001" }, "body.contract_value"],
    ["a negative value", { contract_value: -1 }, "body.contract_value"],
    ["a value in words", { contract_value: "much" }, "body.contract_value"],
    ["a script as logo", { logo_url: "javascript:alert(1)" }, "body.logo_url"],
    ["a logo over http", { logo_url: "http://example.com/logo.png" }, "body.logo_url"],
    ["NUL in the logo", { logo_url: "https://example.com/a\u0000.png" }, "body.logo_url"],
    ["a logo that is none", { logo_url: "logo" }, "body.logo_url"],
    ["an unknown manager", { account_manager_id: NOBODY }, "body.account_manager_id"],
    ["a manager who is no id", { account_manager_id: "ada" }, "body.account_manager_id"],
    ["an unknown status", { status: "happy" }, "body.status"],
    ["a day that is none", { contract_end_date: "2026-02-30" }, "body.contract_end_date"],
    [
      "an end on the day of the start",
      { contract_start_date: "2026-01-01", contract_end_date: "2026-01-01" },
      "body.contract_end_date",
    ],
    ["notes without end", { notes: "x".repeat(10_001) }, "body.notes"],
  ])("with %s is refused", async (_, body, field) => {
    const named = "company_name" in body || field === "body.company_name" ? {} : { company_name: "Refused" };
    const answer = await api.customers.create({ body: { ...named, ...body } as Body });
    expect(refusal(answer)).toBe(`422 ${field}`);
    expect(JSON.stringify(answer.raw)).not.toContain("javascript");
  });

  it.each([
    ["1234.5", "1234.50"],
    ["0", "0.00"],
    [0, "0.00"],
    [0.07, "0.07"],
    ["9999999999999.99", "9999999999999.99"],
    [9999999999999.99, "9999999999999.99"],
  ])("is worth %j exactly: %s", async (contract_value, expected) => {
    const { id } = await create({ contract_value });
    expect((await read(id)).contract_value).toBe(expected);
  });

  it("has nothing where blanks were sent", async () => {
    const customer = await create({ industry: "  ", notes: "", contact_phone: " ", account_manager: "" });
    expect(customer).toMatchObject({
      industry: null,
      notes: null,
      contact_phone: null,
      account_manager: null,
    });
  });
});

describe("a company name", () => {
  it("belongs to one of 20 who take it at once", async () => {
    const answers = await Promise.all(
      times(20, (n) =>
        api.customers.create({ body: { company_name: n % 2 ? "Contested  Name" : " CONTESTED name " } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect((await api.customers.list({ query: { search: "contested" } })).body().total).toBe(1);
  });

  it("is free again after a rename, and can change its case", async () => {
    const { id } = await create({ company_name: "Old Name" });
    const { id: other } = await create({ company_name: "Other Name" });
    expect((await change(other, { company_name: "OLD NAME" })).status).toBe(409);
    expect((await change(id, { company_name: "OLD name" })).body().company_name).toBe("OLD name");
    expect((await change(id, { company_name: "New Name" })).status).toBe(200);
    expect((await change(other, { company_name: "Old Name" })).status).toBe(200);
    expect((await api.customers.create({ body: { company_name: "Other Name" } })).status).toBe(201);
  });

  it("stays taken after its customer has left", async () => {
    const { id } = await create({ company_name: "Gone But Known" });
    await api.customers.remove({ params: { id } });
    expect((await api.customers.create({ body: { company_name: "gone but known" } })).status).toBe(409);
  });

  it("is taken by one of many who rename to it at once", async () => {
    const all = await Promise.all(times(6, () => create()));
    const answers = await Promise.all(all.map(({ id }) => change(id, { company_name: "Wanted By All" })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  });
});

describe("a change", () => {
  const whole = {
    industry: "Retail",
    contact_name: "Ada",
    contact_email: "ada@example.com",
    contact_phone: "1",
    contract_start_date: "2026-01-01",
    contract_end_date: "2027-01-01",
    contract_value: 100,
    account_manager: "Bob",
    logo_url: "https://example.com/a.png",
    notes: "n",
  };

  it("clears with null and keeps what is absent", async () => {
    const before = await create({ ...whole, account_manager_id: cloud.manager.id });
    const { revision, updated_at, ...kept } = (await change(before.id, {})).body();
    expect(before).toMatchObject(kept);
    expect(revision).toBe(2);
    expect(updated_at > before.updated_at).toBe(true);

    const nothing = Object.fromEntries([...Object.keys(whole), "account_manager_id"].map((k) => [k, null]));
    expect((await change(before.id, nothing)).body()).toMatchObject({
      ...nothing,
      company_name: before.company_name,
      account_manager_name: "",
      account_manager_info: null,
    });
    expect(await read(before.id)).toMatchObject(nothing);
  });

  it("treats blank text as null", async () => {
    const { id } = await create(whole);
    expect((await change(id, { industry: " ", notes: "" })).body()).toMatchObject({
      industry: null,
      notes: null,
      contact_name: "Ada",
    });
  });

  it.each(["company_name", "status", "deployed_products", "portal_enabled"])(
    "can't clear %s",
    async (field) => {
      const { id } = await create();
      expect(refusal(await change(id, { [field]: null }))).toBe(`422 body.${field}`);
    },
  );

  it("is held to the date rule on the merged customer", async () => {
    const { id } = await create({ contract_start_date: "2026-06-01", contract_end_date: "2026-12-31" });
    expect(refusal(await change(id, { contract_end_date: "2026-05-31" }))).toBe("422 body.contract_end_date");
    expect(refusal(await change(id, { contract_start_date: "2027-01-01" }))).toBe(
      "422 body.contract_end_date",
    );
    const both = { contract_start_date: "2027-01-01", contract_end_date: "2028-01-01" };
    expect((await change(id, both)).status).toBe(200);
    const open = { contract_start_date: null, contract_end_date: "2020-01-01" };
    expect((await change(id, open)).status).toBe(200);
  });

  it("is refused with an outdated If-Match, and done with the current one", async () => {
    const { id } = await create();
    expect((await change(id, { notes: "a" }, { "if-match": '"1"' })).headers.get("etag")).toBe('"2"');
    expect((await change(id, { notes: "b" }, { "if-match": '"1"' })).status).toBe(412);
    expect((await change(id, { notes: "b" }, { "if-match": "yesterday's" })).status).toBe(422);
    expect((await read(id)).notes).toBe("a");
  });

  it("of several people at once to different fields is kept whole", async () => {
    const { id } = await create();
    const fields = { notes: "n", industry: "i", contact_name: "c", contact_phone: "p" };
    const answers = await Promise.all(Object.entries(fields).map(([key, v]) => change(id, { [key]: v })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await read(id)).toMatchObject({ ...fields, revision: 5 });
  });

  it("names an unknown customer or manager", async () => {
    expect((await change(NOBODY, { notes: "x" })).status).toBe(404);
    expect((await change("not-an-id", { notes: "x" })).status).toBe(422);
    const { id } = await create();
    expect(refusal(await change(id, { account_manager_id: NOBODY }))).toBe("422 body.account_manager_id");
  });
});

describe("a customer who leaves", () => {
  it("is churned once, and can still be read", async () => {
    const { id, company_name } = await create({ status: "active" });
    await api.healthScores.calculate({ params: { customer_id: id }, body: {} });
    const message = `${company_name} is marked as churned.`;
    for (let n = 0; n < 2; n++)
      expect((await api.customers.remove({ params: { id } })).body()).toEqual({ message });
    expect(await read(id)).toMatchObject({ status: "churned" });
    expect((await api.customers.healthHistory({ params: { id } })).body().total).toBe(1);
    // The score, the alert that it opened and that ended with the customer, and that they have left.
    const { items } = (await api.customers.timeline({ params: { id } })).body();
    expect(items.map(({ type }) => type).sort()).toEqual(["alert", "health_score", "outcome"]);
    const after = (await read(id)).revision;
    await api.customers.remove({ params: { id } });
    expect((await read(id)).revision).toBe(after);
  });

  it("must exist", async () => {
    const params = { id: NOBODY };
    const answers = await Promise.all([
      api.customers.remove({ params }),
      api.customers.get({ params }),
      api.customers.timeline({ params }),
      api.customers.healthHistory({ params }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });
});

describe("a customer's page and timeline", () => {
  it("show interactions, surveys and scores, newest first, all pages once", async () => {
    const { toStoredInteraction } = await import("@success-manager/domain/interactions");
    const { InteractionEntity } = await import("@success-manager/domain/table");
    const { toStoredSurvey } = await import("@success-manager/domain/surveys");
    const { SurveyEntity } = await import("@success-manager/domain/table");
    const { id: customer_id } = await create({ status: "active" });
    const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    await InteractionEntity.put(
      times(7, (n) =>
        toStoredInteraction({
          id: crypto.randomUUID(),
          customer_id,
          interaction_type: "call",
          subject: `Call ${n}`,
          description: "Talked",
          sentiment: "neutral",
          performed_by: "Ada",
          interaction_date: at(n + 1),
          follow_up_required: false,
        }),
      ),
    ).go();
    await SurveyEntity.put(
      times(3, (n) =>
        toStoredSurvey(
          {
            id: crypto.randomUUID(),
            customer_id,
            survey_type: n === 0 ? "nps" : "post_ticket",
            score: n === 0 ? 9 : n + 3,
            submitted_by_name: "Bob",
            submitted_at: at(n + 1),
          },
          "Nordlicht",
        ),
      ),
    ).go();
    for (let n = 0; n < 2; n++) await api.healthScores.calculate({ params: { customer_id }, body: {} });

    const detail = (await api.customers.get({ params: { id: customer_id } })).body();
    expect(detail.recent_interactions.map(({ subject }) => subject)).toEqual(times(5, (n) => `Call ${n}`));
    expect(detail.csat_summary).toMatchObject({ total_surveys: 3, average_score: 4.5, nps_score: 100 });
    expect(detail.overall_health_score?.engagement_score).toBe(70);

    const timeline = async (query: object) =>
      (await api.customers.timeline({ params: { id: customer_id }, query })).body();
    const whole = await timeline({});
    // 7 interactions, 3 surveys, the first of two scores, which are the same, and the alert that it opened.
    expect(whole).toMatchObject({ total: 12, next_cursor: null });
    await cloud.settled();
    expect(whole.items.map(({ date }) => date)).toEqual(
      whole.items
        .map(({ date }) => date)
        .toSorted()
        .reverse(),
    );
    expect(new Set(whole.items.map(({ title }) => title))).toContain("NPS Survey");
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await timeline({ limit: 5, ...(cursor && { cursor }) });
      expect(page.total).toBe(12);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(whole.items.map(({ id }) => id));
    const skipped = await timeline({ skip: 10, limit: 5 });
    expect(skipped.items.map(({ id }) => id)).toEqual(seen.slice(10));
    expect(skipped.total).toBe(12);
    expect((await timeline({ skip: 1_000 })).items).toEqual([]);
  });

  it("show scores that moved notably, at once or little by little, and none of the daily rest", async () => {
    const { decideScore, EQUAL_WEIGHTS, writeDecisions } = await import("@success-manager/domain/health");
    const { CustomerEntity, InteractionEntity } = await import("@success-manager/domain/table");
    const { toStoredInteraction } = await import("@success-manager/domain/interactions");
    const { id } = await create({ status: "active" });
    const { data: customer } = await CustomerEntity.get({ id }).go();
    if (!customer) throw new Error("the customer is there");
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
    const meetings = times(4, (n) =>
      toStoredInteraction({
        ...{ id: crypto.randomUUID(), customer_id: id, interaction_type: "meeting" as const },
        ...{ subject: `Meeting ${n}`, description: "Talked", sentiment: "neutral" as const },
        ...{ performed_by: "Ada", interaction_date: ago(380 - 20 * n).toISOString() },
        ...{ follow_up_required: false },
      }),
    );
    await InteractionEntity.put(meetings).go();
    let latest: Parameters<typeof decideScore>[0]["latest"];
    // Daily scores of a year.
    for (let day = 365; day >= 1; day--) {
      const now = ago(day);
      const interactions = meetings.filter(({ interaction_date }) => interaction_date <= now.toISOString());
      const input = { customer, latest, deployments: [], interactions, responses: [] };
      const decision = decideScore(input, now, EQUAL_WEIGHTS);
      expect(await writeDecisions([{ ...decision, statusChange: undefined, alerts: [] }])).toEqual([]);
      latest = decision.latest;
    }
    await cloud.settled();
    const page = async (query: object = {}) =>
      (await api.customers.timeline({ params: { id }, query })).body();
    const { items, total } = await page();
    const scores = items.filter(({ type }) => type === "health_score");
    expect(total).toBe(items.length);
    expect(items.filter(({ type }) => type === "interaction")).toHaveLength(4);
    // Up with the meetings, down again as they get old.
    expect(scores.length).toBeGreaterThan(2);
    expect(scores.length).toBeLessThan(10);
    const changes = scores.slice(0, -1).reverse();
    expect(scores.at(-1)?.metadata).not.toHaveProperty("change");
    let score = Number(scores.at(-1)?.metadata.overall_score);
    for (const { description, metadata } of changes) {
      expect(metadata.previous_score).toBe(score);
      expect(Math.abs(Number(metadata.change))).toBeGreaterThanOrEqual(5);
      score += Number(metadata.change);
      expect(metadata.overall_score).toBe(score);
      expect(description).toContain(`${metadata.previous_score} → ${score}: `);
      const points = [...(description ?? "").matchAll(/([−+])(\d+) /g)].map(([, sign, n]) =>
        sign === "−" ? -Number(n) : Number(n),
      );
      expect(points.reduce((sum, one) => sum + one, 0)).toBe(metadata.change);
    }
    expect(changes.at(-1)?.description).toContain("older than 90 days");

    const newest = changes.at(-1);
    const expected = {
      ...{ from: newest?.metadata.previous_score, to: newest?.metadata.overall_score },
      ...{ delta: newest?.metadata.change, since: newest?.metadata.since, at: newest?.date },
      sentence: newest?.description?.split(". Trend")[0],
    };
    expect((await api.customers.get({ params: { id } })).body().latest_change).toEqual(expected);
    expect((await api.healthScores.latest({ params: { id } })).body().latest_change).toEqual(expected);

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const next = await page({ limit: 3, ...(cursor && { cursor }) });
      expect(next.total).toBe(total);
      seen.push(...next.items.map((item) => item.id));
      cursor = next.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(items.map((item) => item.id));
  });

  it("show the alerts that are open, and in time those that were", async () => {
    const { id } = await create({ status: "active", contract_end_date: "2020-01-01" });
    const score = () => api.healthScores.calculate({ params: { customer_id: id }, body: {} });
    const page = async () => (await api.customers.get({ params: { id } })).body();
    const alerts = async () =>
      (await api.customers.timeline({ params: { id } })).body().items.filter(({ type }) => type === "alert");
    await score();
    const [alert] = (await page()).active_alerts;
    expect(alert).toMatchObject({
      alert_type: "health_drop",
      severity: "critical",
      title: "Health score is critical",
      is_resolved: false,
    });
    const shown = {
      id: alert?.id,
      date: alert?.created_at,
      title: alert?.title,
      description: alert?.description,
    };
    const metadata = { alert_type: "health_drop", severity: "critical" };
    expect(await alerts()).toMatchObject([{ ...shown, metadata: { ...metadata, is_resolved: false } }]);
    await change(id, { status: "churned" });
    expect((await page()).active_alerts).toEqual([]);
    expect(await alerts()).toMatchObject([{ ...shown, metadata: { ...metadata, is_resolved: true } }]);
  });

  it("leave out alerts that are snoozed, until their time has passed", async () => {
    const { id } = await create({ status: "active" });
    await api.healthScores.calculate({ params: { customer_id: id }, body: {} });
    const { alertStatesOf } = await import("@success-manager/domain/alerts");
    const { AlertStateEntity } = await import("@success-manager/domain/table");
    const [condition] = await alertStatesOf(id);
    if (!condition) throw new Error("no alert");
    const until = (ms: number) =>
      AlertStateEntity.put({ ...condition, snoozed_until: new Date(Date.now() + ms).toISOString() }).go();
    const open = async () => (await api.customers.get({ params: { id } })).body().active_alerts.length;
    await until(60_000);
    expect(await open()).toBe(0);
    await until(-1);
    expect(await open()).toBe(1);
  });

  it("know all of a long history, and what is further back than its newest entries", async () => {
    const { toStoredInteraction } = await import("@success-manager/domain/interactions");
    const { InteractionEntity } = await import("@success-manager/domain/table");
    const { toStoredSurvey } = await import("@success-manager/domain/surveys");
    const { SurveyEntity } = await import("@success-manager/domain/table");
    const { id: customer_id } = await create({ status: "active" });
    const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    const putInteractions = (n: number, hour: number) =>
      InteractionEntity.put(
        times(n, (i) =>
          toStoredInteraction({
            id: crypto.randomUUID(),
            customer_id,
            interaction_type: "email",
            subject: "Mail",
            description: "Wrote",
            sentiment: "neutral",
            performed_by: "Ada",
            interaction_date: at(hour + i / 1_000),
            follow_up_required: false,
          }),
        ),
      ).go();
    const surveys = (survey_type: "nps" | "quarterly", scores: readonly number[], hour: number) =>
      SurveyEntity.put(
        scores.map((score, i) =>
          toStoredSurvey(
            {
              id: crypto.randomUUID(),
              customer_id,
              survey_type,
              score,
              submitted_by_name: "Bob",
              submitted_at: at(hour + i / 1_000),
            },
            "Nordlicht",
          ),
        ),
      ).go();
    await putInteractions(60, 1);
    await surveys("nps", [9, 10, 0], 3);
    await putInteractions(450, 4);
    await surveys("quarterly", [1, 2, 4, 5], 6);
    await api.healthScores.calculate({ params: { customer_id }, body: {} });
    await cloud.settled();
    cloud.database.take();
    const { csat_summary, recent_interactions } = (
      await api.customers.get({ params: { id: customer_id } })
    ).body();
    const histories = cloud.database.take().filter(({ index }) => index === "byCustomer");
    expect(histories).toHaveLength(3);
    expect(csat_summary).toMatchObject({ total_surveys: 7, average_score: 3, nps_score: 33 });
    expect(csat_summary.recent_surveys.map(({ score }) => score)).toEqual([9, 10, 0, 1, 2]);
    expect(recent_interactions).toHaveLength(5);
    const timeline = (
      await api.customers.timeline({ params: { id: customer_id }, query: { limit: 2 } })
    ).body();
    // 510 interactions, 7 surveys, a score, and the alert that it opened.
    expect(timeline.total).toBe(519);
  });

  it.each(["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "tomorrow"])(
    "survive a cursor of %s that nobody gave out",
    async (instant) => {
      const { id } = await create();
      await api.healthScores.calculate({ params: { customer_id: id }, body: {} });
      const cursor = Buffer.from(JSON.stringify([instant, "x"])).toString("base64url");
      const answers = [
        await api.customers.timeline({ params: { id }, query: { cursor } }),
        await api.customers.healthHistory({ params: { id }, query: { cursor } }),
        await api.healthScores.history({ params: { id }, query: { cursor, start_date: "2026-01-01" } }),
      ];
      for (const { status } of answers) expect([200, 422]).toContain(status);
    },
  );
});

describe("who may", () => {
  it("read is everybody who is signed in; change, managers and admins", async () => {
    const { id } = await create();
    const [viewer, stranger] = [cloud.viewer.api.customers, cloud.stranger.customers];
    const reads = (who: Api["customers"]) => [
      who.list({}),
      who.industries({}),
      who.accountManagers({}),
      who.get({ params: { id } }),
      who.timeline({ params: { id } }),
      who.healthHistory({ params: { id } }),
    ];
    const writes = (who: Api["customers"]) => [
      who.create({ body: { company_name: "Not For Me" } }),
      who.update({ params: { id }, body: { notes: "x" } }),
      who.remove({ params: { id } }),
    ];
    const statuses = async (calls: Promise<{ status: number }>[]) =>
      new Set((await Promise.all(calls)).map(({ status }) => status));
    expect(await statuses(reads(viewer))).toEqual(new Set([200]));
    expect(await statuses(writes(viewer))).toEqual(new Set([403]));
    expect(await statuses([...reads(stranger), ...writes(stranger)])).toEqual(new Set([401]));
    expect((await cloud.admin.api.customers.update({ params: { id }, body: {} })).status).toBe(200);
  });
});
