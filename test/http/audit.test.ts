import type { AuditEntry } from "@success-manager/contract/audit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, PASSWORD, type TestCloud, testCloud, tokensOf } from "../support/cloud.ts";
import { NEW_ALERT, NEW_CUSTOMER, NEW_INTERACTION, NEW_TICKET } from "../support/sample-calls.ts";
import { withinAnHour } from "../support/window.ts";

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

type Query = NonNullable<Parameters<TestCloud["admin"]["api"]["audit"]["list"]>[0]["query"]>;

/** Entries as of now, newest first: the stream is through. */
async function entries(query: Query): Promise<AuditEntry[]> {
  await cloud.settled();
  return (await cloud.admin.api.audit.list({ query })).body().entries;
}

const changed = (entry: AuditEntry | undefined) =>
  Object.fromEntries((entry?.changes ?? []).map(({ field, before, after }) => [field, [before, after]]));

let companies = 0;
async function newCustomer() {
  const body = { ...NEW_CUSTOMER, company_name: `Audited ${++companies}` };
  return (await cloud.manager.api.customers.create({ body })).body();
}

describe("a change", () => {
  it("is noted with who made it, in which request, and each field before and after", async () => {
    const { id } = await newCustomer();
    const { headers } = await cloud.admin.api.customers.update({
      params: { id },
      body: { status: "active", notes: "They moved.", contact_phone: null },
    });
    const [updated, created, ...others] = await entries({ entity: "customer", id });
    expect(others).toEqual([]);
    expect(updated).toMatchObject({
      actor: { kind: "user", id: cloud.admin.id, name: "admin 1" },
      request_id: headers.get("x-request-id"),
      entity: "customer",
      entity_id: id,
      action: "updated",
      is_erased: false,
    });
    expect(changed(updated)).toEqual({
      contact_phone: ["+49 30 1234567", null],
      notes: ["Met them at the fair.", "They moved."],
      status: ["onboarding", "active"],
    });
    expect(created).toMatchObject({ action: "created", actor: { id: cloud.manager.id } });
    expect(changed(created)).toMatchObject({
      contact_name: [null, "Ada Winter"],
      contract_value: [null, 125000050],
    });
  });

  it("is shown as updated_by of the customer, in answers and in lists", async () => {
    const { id, updated_by, company_name } = await newCustomer();
    expect(updated_by).toBe("manager 2");
    const { api } = cloud.admin;
    const body = { notes: "Read by an admin." };
    expect((await api.customers.update({ params: { id }, body })).body().updated_by).toBe("admin 1");
    expect((await api.customers.get({ params: { id } })).body().customer.updated_by).toBe("admin 1");
    const { customers } = (await api.customers.list({ query: { search: company_name } })).body();
    expect(customers.find((one) => one.id === id)?.updated_by).toBe("admin 1");
  });

  it("of a user is theirs who made it, and a sign-in is none", async () => {
    const { id, email, api } = await cloud.person("viewer");
    await cloud.admin.api.users.update({ params: { user_id: id }, body: { role: "manager" } });
    await cloud.stranger.auth.login({ form: { username: email, password: PASSWORD } });
    const [updated, ...others] = await entries({ entity: "user", id });
    expect(changed(updated)).toEqual({ role: ["viewer", "manager"] });
    expect(others).toEqual([]);
    expect((await api.auth.me({})).body().updated_by).toBe("admin 1");
  });

  it("that changes nothing, or was refused, leaves no entry", async () => {
    const { id } = await newCustomer();
    const { api } = cloud.manager;
    await api.customers.update({ params: { id }, body: { notes: NEW_CUSTOMER.notes } });
    const refused = await api.customers.update({ params: { id }, body: { contract_end_date: "2020-01-01" } });
    expect(refused.status).toBe(422);
    expect(await entries({ entity: "customer", id })).toHaveLength(1);
  });

  it("that many make at once is noted for each that was taken", async () => {
    const { id } = await newCustomer();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        cloud.manager.api.customers.update({ params: { id }, body: { notes: `Note ${n}` } }),
      ),
    );
    const taken = answers.filter(({ status }) => status === 200);
    const noted = await entries({ entity: "customer", id, field: "notes", limit: 100 });
    const updates = noted.filter(({ action }) => action === "updated");
    expect(updates.map(({ request_id }) => request_id).sort()).toEqual(
      taken.map(({ headers }) => headers.get("x-request-id")).sort(),
    );
    // Each goes on from the one before.
    const values = updates.toReversed().map((entry) => changed(entry).notes);
    let last: unknown = NEW_CUSTOMER.notes;
    for (const [from, to] of values as [unknown, unknown][]) {
      expect(from).toBe(last);
      last = to;
    }
  });
});

describe("a deletion", () => {
  it("says who deleted it, and what was there", async () => {
    const { id: customer_id } = await newCustomer();
    const { api } = cloud.manager;
    const { id } = (await api.interactions.create({ body: { ...NEW_INTERACTION, customer_id } })).body();
    const { headers } = await cloud.admin.api.interactions.remove({ params: { id } });
    const [deleted, created] = await entries({ entity: "interaction", id });
    expect(deleted).toMatchObject({
      action: "deleted",
      actor: { id: cloud.admin.id, name: "admin 1" },
      request_id: headers.get("x-request-id"),
    });
    expect(changed(deleted)).toMatchObject({ subject: ["Weekly call", null] });
    expect(created?.action).toBe("created");
  });
});

describe("what belongs together", () => {
  it("has one request: a ticket is noted once, though an interaction stands for it", async () => {
    const { id: customer_id } = await newCustomer();
    const { body, headers } = await cloud.manager.api.tickets.create({
      body: { ...NEW_TICKET, customer_id },
    });
    const { id } = body();
    await cloud.manager.api.tickets.addComment({ params: { id }, body: { body: "We look at it." } });
    expect((await entries({ entity: "ticket", id })).at(-1)?.request_id).toBe(headers.get("x-request-id"));
    expect(await entries({ entity: "interaction", id })).toEqual([]);
    const comments = await entries({ entity: "ticket_comment", actor: cloud.manager.id });
    expect(changed(comments[0])).toMatchObject({ body: [null, "We look at it."], ticket_id: [null, id] });
  });

  it("what people do with alerts is noted", async () => {
    const { id: customer_id } = await newCustomer();
    const { api } = cloud.manager;
    const { id } = (await api.alerts.create({ body: { ...NEW_ALERT, customer_id } })).body();
    await api.alerts.resolve({ params: { id }, body: { resolution_notes: "Called them." } });
    const [resolved, created] = await entries({ entity: "alert", id });
    expect(created?.action).toBe("created");
    expect(changed(resolved)).toMatchObject({
      is_resolved: [false, true],
      resolution_notes: [null, "Called them."],
    });
  });
});

describe("settings", () => {
  it("are noted by section", async () => {
    await cloud.admin.api.settings.updateAlerts({ body: { inactivity_days: 45 } });
    const [entry] = await entries({ entity: "settings", id: "alerts" });
    expect(entry).toMatchObject({ actor: { id: cloud.admin.id } });
    expect(changed(entry).values).toEqual([null, { inactivity_days: 45 }]);
  });
});

describe("secrets", () => {
  it("are never noted: of a password, that it changed", async () => {
    const person = await cloud.person("viewer");
    const body = { current_password: PASSWORD, new_password: "Another-Horse-7" };
    expect((await person.api.users.changePassword({ body })).status).toBe(200);
    const noted = await entries({ entity: "user", id: person.id, field: "password" });
    expect(noted.map(changed)).toEqual([{ password: ["hidden", "hidden"] }]);
    const all = JSON.stringify(await entries({ limit: 100 }));
    expect(all).not.toMatch(/\$2[aby]\$|Another-Horse|token_hash|refresh_id/);
  });
});

describe("API keys", () => {
  it("are named by what they change, and noted with what was changed of them, but their secrets", async () => {
    const { admin, apiUrl } = cloud;
    const scopes = ["customers:read", "customers:write"] as const;
    const made = (await admin.api.apiKeys.create({ body: { name: "Sync", scopes: [...scopes] } })).body();
    const about = { params: { id: made.id } };
    const { customers } = apiOf(apiUrl, made.secret, undefined, undefined, "none");
    const { id } = await newCustomer();
    const answer = await customers.update({ params: { id }, body: { notes: "By a program." } });
    expect(answer.body().updated_by).toBe('API key "Sync"');
    const [updated] = await entries({ entity: "customer", id });
    expect(updated).toMatchObject({
      actor: { kind: "key", id: made.id, name: 'API key "Sync"' },
      request_id: answer.headers.get("x-request-id"),
    });
    expect((await entries({ actor: made.id })).map((entry) => entry.entity_id)).toEqual([id]);

    await admin.api.apiKeys.update({ ...about, body: { name: "Nightly sync" } });
    const { secret } = (await admin.api.apiKeys.rotate({ ...about, body: null })).body();
    await admin.api.apiKeys.revoke(about);
    const [revoked, rotated, renamed, created, ...others] = await entries({
      entity: "api_key",
      id: made.id,
    });
    expect(others).toEqual([]);
    expect(created).toMatchObject({ action: "created", actor: { kind: "user", id: admin.id } });
    expect(changed(created)).toMatchObject({ scopes: [null, scopes], secrets: [null, "hidden"] });
    expect(changed(renamed)).toEqual({ name: ["Sync", "Nightly sync"] });
    expect(changed(rotated)).toEqual({ secrets: ["hidden", "hidden"] });
    expect(changed(revoked)).toMatchObject({ revoked_at: [null, expect.any(String)] });
    const told = JSON.stringify(await entries({ limit: 100 }));
    for (const one of [made.secret, secret]) {
      expect(told).not.toContain(one);
      // By itself: four letters stand in many ids.
      expect(told).not.toContain(JSON.stringify(one.slice(-4)));
    }
  });
});

describe("people who come and go", () => {
  it("sign in and out", async () => {
    const { id, email } = await cloud.person("viewer");
    const form = { username: email, password: PASSWORD };
    const { access_token } = tokensOf((await cloud.stranger.auth.login({ form })).body());
    const { apiOf } = await import("../support/cloud.ts");
    await apiOf(cloud.apiUrl, access_token).auth.logout({ body: null });
    const [out, signIn] = await entries({ actor: id });
    expect(signIn).toMatchObject({ entity: "session", action: "signed_in", actor: { kind: "user", id } });
    expect(out).toMatchObject({ entity: "session", action: "signed_out", entity_id: signIn?.entity_id });
    expect(Object.keys(changed(signIn))).toEqual(expect.arrayContaining(["ip_address"]));
  });

  it("fail to sign in, which is noted with the 1st and 10th time, for an account or for all unknown ones", () =>
    withinAnHour(async () => {
      const { id, email } = await cloud.person("viewer");
      const form = { username: email, password: "wrong" };
      for (let n = 0; n < 10; n++) await cloud.stranger.auth.login({ form });
      for (let n = 0; n < 3; n++)
        await cloud.stranger.auth.login({ form: { username: `nobody${n}@example.com`, password: "wrong" } });
      const noted = await entries({ entity: "sign_in", id });
      expect(noted.map((entry) => changed(entry).attempts?.[1])).toEqual([10, 1]);
      const hour = new Date().toISOString().slice(0, 13);
      const unknown = await entries({ entity: "sign_in", id: "unknown" });
      expect(unknown.filter(({ at }) => at.startsWith(hour))).toHaveLength(1);
    }));
});

describe("jobs", () => {
  it("are noted as a run with its counts and who started it, not by each score", async () => {
    const { id } = await newCustomer();
    await cloud.admin.api.healthScores.calculateAll({});
    const [completed, started] = await entries({ entity: "job", id: "daily_health_scores" });
    expect(started).toMatchObject({ action: "started", actor: { kind: "user", id: cloud.admin.id } });
    expect(completed).toMatchObject({
      action: "completed",
      actor: { kind: "job", id: "daily_health_scores" },
    });
    expect(changed(completed).counts?.[1]).toMatchObject({ calculated: expect.any(Number) });
    // A score moved it to at_risk: that is noted, by the job.
    const moved = (await entries({ entity: "customer", id })).filter(({ actor }) => actor.kind === "job");
    expect(moved.every((entry) => "status" in changed(entry))).toBe(true);
  });
});

describe("the list", () => {
  it("goes through all entries page by page, each once", async () => {
    const all = await entries({ limit: 100 });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 7, ...(cursor && { cursor }) };
      const page = (await cloud.admin.api.audit.list({ query })).body();
      expect(page.entries.length).toBeLessThanOrEqual(7);
      seen.push(...page.entries.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor && seen.length < 100);
    expect(seen.slice(0, all.length)).toEqual(all.map(({ id }) => id));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(seen.toSorted().reverse());
  });

  it("has ranges of time", async () => {
    const today = new Date().toISOString().slice(0, 10);
    expect((await entries({ from: today, to: today })).length).toBeGreaterThan(0);
    expect(await entries({ to: "2026-01-01" })).toEqual([]);
    expect(await entries({ from: "2999-01-01" })).toEqual([]);
  });

  it("refuses an id without entity, ends in the wrong order and cursors of others", async () => {
    const { api } = cloud.admin;
    for (const query of [
      { id: "1" },
      { from: "2026-02-01", to: "2026-01-01" },
      { cursor: Buffer.from('["2026-01-01T00:00:00.000Z","x"]').toString("base64url") },
      { cursor: "nonsense" },
    ])
      expect((await api.audit.list({ query })).status).toBe(422);
  });
});

/** Records of the stream: so many customers that somebody has made. */
const recordsOf = (name: string, length: number) =>
  Array.from({ length }, (_, n) => ({
    sequence_number: `77${name.length}${n}`,
    written_at: Math.floor(Date.now() / 1000),
    images: () => ({
      before: undefined,
      after: {
        ...{ __edb_e__: "customer", pk: `customer#${name}-${n}`, sk: "customer", id: `${name}-${n}` },
        status: "active",
        written_by: { kind: "user", id: "somebody", name: "Some Body", request_id: `r${n}` },
      },
    }),
  }));

describe("the chain", () => {
  const today = () => new Date().toISOString().slice(0, 10);
  /** The same in one page and in many: what holds of a day does not depend on how it is looked at. */
  const verify = async (day = today()) => {
    const ask = async (query: { readonly limit?: number; readonly cursor?: string }) =>
      (await cloud.admin.api.audit.verify({ query: { day, ...query } })).body();
    const whole = await ask({});
    expect(whole.next_cursor).toBeNull();
    let page = await ask({ limit: 25 });
    for (; page.next_cursor !== null; page = await ask({ limit: 25, cursor: page.next_cursor })) {
      expect(page.head).toBeNull();
      pages += 1;
    }
    // In a page alone it may not be known that an entry is another one's.
    const told = ({ first_problem, ...rest }: typeof whole) => ({ ...rest, id: first_problem?.entry_id });
    expect(told(page)).toEqual(told(whole));
    return whole;
  };
  let pages = 0;

  it("takes no cursor but its own", async () => {
    const day = today();
    for (const cursor of ["x", "e30", Buffer.from('{"phase":"links"}').toString("base64url")])
      expect((await cloud.admin.api.audit.verify({ query: { day, cursor } })).status).toBe(422);
  });

  /** The table, past all that keeps it. */
  async function table() {
    const { dynamo, tableName, auditPartitions, queryAll } = await import("@success-manager/domain/table");
    const { DeleteCommand, PutCommand } = await import("@aws-sdk/lib-dynamodb");
    type Stored = Record<string, unknown> & { readonly pk: string; readonly sk: string };
    const read = (partition: Parameters<typeof queryAll>[0]["partition"]) =>
      queryAll<Stored>({ partition, consistent: true });
    const put = (Item: object) => dynamo.send(new PutCommand({ TableName: tableName, Item }));
    const remove = ({ pk, sk }: Stored) =>
      dynamo.send(new DeleteCommand({ TableName: tableName, Key: { pk, sk } }));
    return {
      put,
      remove,
      entries: () => read(auditPartitions.month(today().slice(0, 7))),
      links: () => read(auditPartitions.chain(today())),
    };
  }

  it("holds for what was written, and for a day of which there is nothing", async () => {
    await newCustomer();
    await cloud.settled();
    const { entries: count, ...found } = await verify();
    expect(found).toMatchObject({ is_valid: true, first_problem: null, erased: 0 });
    expect(count).toBeGreaterThan(20);
    expect(await verify("2026-01-01")).toMatchObject({ is_valid: true, entries: 0, head: null });
  });

  it("tells what was changed, in whichever attribute", async () => {
    const { put, entries } = await table();
    const all = await entries();
    const [, , victim] = all;
    if (!victim) throw new Error("no entry");
    const damages: Record<string, unknown>[] = [
      { changes: '[["status","active","churned"]]' },
      { actor_id: "somebody-else" },
      { actor_name: "Somebody Else" },
      { action: "deleted" },
      { subject_id: "another" },
      { request_id: "another" },
      { at: "2026-01-01T00:00:00.000Z" },
      { personal: '[["notes","a","b"]]' },
    ];
    for (const damage of damages) {
      await put({ ...victim, ...damage });
      const { is_valid, first_problem } = await verify();
      expect({ is_valid, first_problem }, JSON.stringify(damage)).toMatchObject({
        is_valid: false,
        first_problem: { entry_id: victim.sk, kind: expect.stringMatching(/changed|reordered/) },
      });
    }
    await put(victim);
    expect((await verify()).is_valid).toBe(true);
  });

  it("tells what was removed, inserted and reordered, and of several the first", async () => {
    const { put, remove, entries } = await table();
    const all = await entries();
    const [first, second, third, fourth] = all;
    const last = all.at(-1);
    if (!first || !second || !third || !fourth || !last) throw new Error("too few entries");

    for (const victim of [first, third, last]) {
      await remove(victim);
      expect((await verify()).first_problem).toMatchObject({ kind: "removed", entry_id: victim.sk });
      await put(victim);
    }

    const sk = `${String(second.at)}#${"9".repeat(40)}`;
    const inserted = { ...second, sk, sequence: "9".repeat(40) };
    await put(inserted);
    expect((await verify()).first_problem).toMatchObject({ kind: "inserted", entry_id: sk });
    await remove(inserted);

    const place = ({ pk, sk }: typeof second) => ({ pk, sk });
    await put({ ...third, ...place(second) });
    await put({ ...second, ...place(third) });
    expect((await verify()).first_problem).toMatchObject({ kind: "reordered", entry_id: second.sk });
    await put(second);
    await put(third);

    await remove(fourth);
    await put({ ...second, actor_id: "somebody" });
    expect((await verify()).first_problem).toMatchObject({ kind: "changed", entry_id: second.sk });
    await put(second);
    await put(fourth);
    expect((await verify()).is_valid).toBe(true);
  });

  it("tells of links that were changed, removed with their entries, and put in another order", async () => {
    const { put, remove, entries, links } = await table();
    const { audit } = await import("@success-manager/domain/audit/stream");
    await audit(recordsOf("together", 3));
    const chain = await links();
    const [first, second, third] = chain;
    if (!first || !second || !third) throw new Error("too few links");
    const all = await entries();
    const namedBy = ({ position }: typeof first) => all.filter(({ link }) => link === position);

    await put({ ...second, hash: first.hash });
    expect((await verify()).first_problem).toMatchObject({ position: 2, kind: "changed" });
    await put(second);
    const long = chain.findLast(({ entries }) => (entries as string[]).length > 1);
    if (!long) throw new Error("no link of several entries");
    await put({ ...long, entries: (long.entries as string[]).toReversed() });
    expect((await verify()).first_problem).toMatchObject({ position: long.position, kind: "reordered" });
    await put(long);

    await remove(second);
    for (const entry of namedBy(second)) await remove(entry);
    expect((await verify()).first_problem).toMatchObject({ kind: "removed", position: 2 });
    for (const entry of namedBy(second)) await put(entry);
    await put(second);

    await put({ ...third, sk: second.sk });
    await put({ ...second, sk: third.sk });
    const reordered = (await verify()).first_problem;
    expect(reordered?.kind).toBe("reordered");
    await put(second);
    await put(third);
    expect((await verify()).is_valid).toBe(true);
  });

  it("notes records once that come again, together and at once", async () => {
    const { audit } = await import("@success-manager/domain/audit/stream");
    const before = (await verify()).entries;
    const records = recordsOf("again", 120);
    await Promise.all([
      audit(records),
      audit(records.slice(40)),
      audit(records.slice(0, 90)),
      audit(records),
    ]);
    await audit(records);
    const { is_valid, entries: after } = await verify();
    expect({ is_valid, added: after - before }).toEqual({ is_valid: true, added: 120 });
    expect(pages).toBeGreaterThan(50);
  });
});
