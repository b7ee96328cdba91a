import { randomUUID } from "node:crypto";
import { Scope } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, type TestCloud, testCloud } from "../support/cloud.ts";
import { NEW_INTERACTION } from "../support/sample-calls.ts";
import { type Storage, storageOf } from "../support/storage.ts";

const [HOUR_MS, DAY_MS] = [60 * 60 * 1000, 24 * 60 * 60 * 1000];

let cloud: TestCloud;
let storage: Storage;
beforeAll(async () => {
  cloud = await testCloud({ maxInstances: 6 });
  storage = storageOf(cloud);
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

type NewKey = Parameters<TestCloud["admin"]["api"]["apiKeys"]["create"]>[0]["body"];

const create = async (body: Partial<NewKey> = {}) =>
  (
    await cloud.admin.api.apiKeys.create({
      body: { name: "Billing sync", scopes: ["customers:read"], ...body },
    })
  ).body();
const withKey = (secret: string) => apiOf(cloud.apiUrl, secret, {}, undefined, "none");
const works = async (secret: string) => (await withKey(secret).customers.list({})).status;
const about = (id: string) => ({ params: { id } });

describe("a new key", () => {
  it("is shown once, looks like one, and is stored as a hash", async () => {
    const { secret, ...key } = await create();
    expect(secret).toMatch(/^smk_live_[0-9A-Za-z]{71}$/);
    expect(key).toMatchObject({ state: "active", last_used_at: null, customers: null, revision: 1 });
    expect(Date.parse(key.expires_at) - Date.parse(key.created_at)).toBe(90 * DAY_MS);
    expect(key.secrets).toEqual([
      { ends_in: secret.slice(-4), created_at: key.created_at, expires_at: key.expires_at },
    ]);
    expect(await works(secret)).toBe(200);
    const { last_used_at, ...shown } = (await cloud.admin.api.apiKeys.get(about(key.id))).body();
    expect(last_used_at).not.toBeNull();
    expect({ ...shown, last_used_at: null }).toEqual(key);
    const stored = JSON.stringify(await storage.items(`api_key#${key.id}`));
    expect(stored).not.toContain(secret.slice(31, 74));
    expect(stored).toContain('"hash"');
  });

  it.each([
    ["without scopes", { scopes: [] }],
    ["with a scope that is none", { scopes: ["users:read" as Scope] }],
    ["for more than a year", { expires_in_days: 366 }],
    ["for no day", { expires_in_days: 0 }],
    ["without a name", { name: " " }],
    ["with a filter of nothing", { customers: {} }],
  ])("%s is refused", async (_, body) => {
    const answer = await cloud.admin.api.apiKeys.create({
      body: { name: "Key", scopes: ["customers:read"], ...body } as NewKey,
    });
    expect(answer.status).toBe(422);
  });

  it("is listed with all others, newest first, page by page", async () => {
    const { api } = cloud.admin;
    const made = [await create(), await create(), await create()].map(({ id }) => id).reverse();
    const first = (await api.apiKeys.list({ query: { limit: 2 } })).body();
    expect(first.api_keys.map(({ id }) => id)).toEqual(made.slice(0, 2));
    expect(JSON.stringify(first)).not.toMatch(/hash|smk_live/);
    const next = (await api.apiKeys.list({ query: { limit: 2, cursor: first.next_cursor ?? "" } })).body();
    expect(next.api_keys[0]?.id).toBe(made[2]);
  });
});

describe("who acts with a key", () => {
  it("is named as the key, and never as a person of that name", async () => {
    const { full_name } = (await cloud.manager.api.auth.me({})).body();
    const key = await create({ name: full_name, scopes: ["interactions:write", "tickets:write"] });
    const body = { company_name: `Company ${randomUUID()}` };
    const customer_id = (await cloud.manager.api.customers.create({ body })).body().id;
    const api = withKey(key.secret);
    const logged = (await api.interactions.create({ body: { ...NEW_INTERACTION, customer_id } })).body();
    expect(logged).toMatchObject({ performed_by: `API key "${full_name}"` });
    const [stored] = await storage.items(`interaction#${logged.id}`);
    expect(stored).toMatchObject({ author_id: key.id, author_name: `API key "${full_name}"` });
    expect(stored).not.toHaveProperty("performed_by_id");
    const ticket = {
      subject: "Export fails",
      description: "It ends.",
      customer_id,
      priority: "low",
    } as const;
    expect((await api.tickets.create({ body: ticket })).body()).toMatchObject({
      created_by_name: `API key "${full_name}"`,
    });
  });

  it("has quotas of its own", async () => {
    const key = await create({ scopes: ["reports:write"] });
    const body = { report_type: "health_summary" } as const;
    const made = await withKey(key.secret).reports.generate({ body });
    expect(made.status).toBe(200);
    expect(made.headers.get("ratelimit-policy")).toMatch(/"reports";q=\d+;w=3600/);
    expect(made.headers.get("ratelimit")).toMatch(/"reports";r=\d+;t=\d+/);
    const quotas = await storage.items("quota#");
    expect(quotas.some(({ reports }) => reports === 1)).toBe(true);
  });

  it("asks the table once, and notes once an hour that it is used", async () => {
    const { id, secret } = await create();
    const asked = async () => {
      cloud.database.take();
      await withKey(secret).customers.industries({});
      return cloud.database.take().map(({ operation, subjects }) => `${operation} ${subjects.join(" ")}`);
    };
    await works(secret);
    await storage.remove("api_key_use#");
    const first = await asked();
    expect(first[0]).toBe("BatchGetItem api_key api_key_use");
    expect(first.filter((one) => one === "UpdateItem api_key_use")).toHaveLength(1);
    expect((await asked()).filter((one) => /api_key/.test(one))).toEqual([
      "BatchGetItem api_key api_key_use",
    ]);
    await storage.change("api_key_use#", () => ({
      last_used_at: new Date(Date.now() - HOUR_MS).toISOString(),
    }));
    const uses = await Promise.all(Array.from({ length: 10 }, () => works(secret)));
    expect(new Set(uses)).toEqual(new Set([200]));
    const { last_used_at } = (await cloud.admin.api.apiKeys.get(about(id))).body();
    expect(Date.now() - Date.parse(last_used_at ?? "")).toBeLessThan(60_000);
  });

  it("is let in though its use can't be noted", async () => {
    const { secret } = await create();
    cloud.database.fail("UpdateItem", "ThrottlingException", 3);
    expect(await works(secret)).toBe(200);
  });
});

describe("a key of every scope", () => {
  it("reaches nothing of people: how they get in, their pictures, keys, the trail, what is known of somebody", async () => {
    const { secret } = await create({ scopes: [...Scope.options] });
    const id = randomUUID();
    const key = withKey(secret);
    const answers = await Promise.all([
      key.settings.security({}),
      key.users.list({}),
      key.users.startAvatar({ body: { bytes: 1_000 } }),
      key.users.removeAvatar({}),
      key.account.secondFactor({}),
      key.account.setUpSecondFactor({}),
      key.account.close({ body: { password: "x" } }),
      key.auth.me({}),
      key.auth.logout({ body: null }),
      key.apiKeys.list({}),
      key.apiKeys.rotate({ ...about(id), body: null }),
      key.audit.list({}),
      key.personalData.exportPerson({ body: { user_id: id } }),
      key.scheduler.run({ params: { job: "health_scores" } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect((await key.settings.alerts({})).status).toBe(200);
  });
});

describe("the secrets of a key", () => {
  it("are two for a while after a rotation, and one before and after", async () => {
    const key = await create();
    const rotate = async (overlap_hours?: number) =>
      (
        await cloud.admin.api.apiKeys.rotate({
          ...about(key.id),
          body: overlap_hours === undefined ? null : { overlap_hours },
        })
      ).body();
    const second = await rotate();
    expect([await works(key.secret), await works(second.secret)]).toEqual([200, 200]);
    expect(Date.parse(second.secrets[1]?.expires_at ?? "") - Date.now()).toBeLessThanOrEqual(24 * HOUR_MS);
    const third = await rotate();
    expect([await works(key.secret), await works(second.secret), await works(third.secret)]).toEqual([
      401, 200, 200,
    ]);
    const fourth = await rotate(0);
    expect([await works(second.secret), await works(third.secret), await works(fourth.secret)]).toEqual([
      401, 401, 200,
    ]);
    expect(fourth.secrets).toHaveLength(1);
  });

  it("end with the overlap", async () => {
    const key = await create();
    await cloud.admin.api.apiKeys.rotate({ ...about(key.id), body: null });
    await storage.change(`api_key#${key.id}`, ({ secrets }) => ({
      secrets: (secrets as { expires_at: string }[]).map((one, n) =>
        n === 1 ? { ...one, expires_at: new Date(Date.now() - 1).toISOString() } : one,
      ),
    }));
    expect(await works(key.secret)).toBe(401);
  });

  it("are two at most when 20 rotate at once, and each answer's is either good or replaced", async () => {
    const key = await create();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => cloud.admin.api.apiKeys.rotate({ ...about(key.id), body: null })),
    );
    const done = answers.filter(({ status }) => status === 201).map((answer) => answer.body());
    for (const { status } of answers) expect([201, 409]).toContain(status);
    expect(done.length).toBeGreaterThan(0);
    const secrets = [key.secret, ...done.map(({ secret }) => secret)];
    const statuses = await Promise.all(secrets.map(works));
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    const [stored] = await storage.items(`api_key#${key.id}`);
    expect(stored?.secrets).toHaveLength(2);
    expect(stored?.revision).toBe(1 + done.length);
  });

  it("end with the key, with the next request, and for good", async () => {
    const key = await create();
    const second = (await cloud.admin.api.apiKeys.rotate({ ...about(key.id), body: null })).body();
    expect((await cloud.admin.api.apiKeys.revoke(about(key.id))).status).toBe(200);
    expect([await works(key.secret), await works(second.secret)]).toEqual([401, 401]);
    expect((await cloud.admin.api.apiKeys.revoke(about(key.id))).status).toBe(200);
    expect((await cloud.admin.api.apiKeys.rotate({ ...about(key.id), body: null })).status).toBe(409);
    expect((await cloud.admin.api.apiKeys.update({ ...about(key.id), body: { name: "Again" } })).status).toBe(
      409,
    );
    expect((await cloud.admin.api.apiKeys.get(about(key.id))).body()).toMatchObject({
      state: "revoked",
      secrets: [],
    });
  });

  it("are changed by who has seen the newest revision, where they say so", async () => {
    const { id } = await create();
    const ifMatch = (tag: string) => ({ "if-match": tag });
    const { api } = cloud.admin;
    expect((await api.apiKeys.rotate({ ...about(id), body: null }, ifMatch('"9"'))).status).toBe(412);
    expect((await api.apiKeys.revoke(about(id), ifMatch('"9"'))).status).toBe(412);
    const renamed = await api.apiKeys.update({ ...about(id), body: { name: "Warehouse" } }, ifMatch('"1"'));
    expect([renamed.status, renamed.headers.get("etag"), renamed.body().name]).toEqual([
      200,
      '"2"',
      "Warehouse",
    ]);
  });
});
