import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { sender } from "../support/send.ts";
import { type Storage, storageOf } from "../support/storage.ts";

let cloud: TestCloud;
let storage: Storage;
beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});
beforeEach(() => storage.remove("logins#"));

const admin = () => cloud.admin.api.users;
let counter = 0;
const unused = (name = "user") => `${name}${++counter}@users.example.com`;
const create = async (more: { email?: string; full_name?: string; role?: "admin" | "manager" } = {}) =>
  (
    await admin().create({ body: { email: unused(), full_name: "Somebody", password: PASSWORD, ...more } })
  ).body();
const logIn = async (username: string, password = PASSWORD) =>
  (await cloud.stranger.auth.login({ form: { username, password } })).status;

describe("only admins", () => {
  it.each(["manager", "viewer"] as const)(
    "see and change users; a %s is told so before all else",
    async (role) => {
      const { token, api } = cloud[role];
      expect((await api.users.list({})).status).toBe(403);
      expect((await api.users.get({ params: { user_id: cloud[role].id } })).status).toBe(403);
      const send = sender(cloud.apiUrl);
      for (const [method, path] of [
        ["GET", "/api/v1/users?limit=0"],
        ["POST", "/api/v1/users"],
        ["GET", "/api/v1/users/no-uuid"],
        ["PUT", "/api/v1/users/no-uuid"],
        ["DELETE", "/api/v1/users/no-uuid"],
        ["PUT", "/api/v1/users/no-uuid/activate"],
      ] as const) {
        const body = method === "GET" || method === "DELETE" ? {} : { body: "{not json" };
        expect((await send(method, path, { token, ...body })).status).toBe(403);
        expect((await send(method, path, body)).status).toBe(401);
      }
    },
  );
});

describe("a new user", () => {
  it("is active, has never signed in, and can", async () => {
    const email = `  ${unused("New")}  `;
    const answer = await admin().create({ body: { email, full_name: " New User ", password: PASSWORD } });
    expect(answer.status).toBe(201);
    const user = answer.body();
    expect(user).toEqual({
      id: expect.any(String),
      email: email.trim(),
      full_name: "New User",
      role: "viewer",
      is_active: true,
      last_login: null,
      created_at: user.updated_at,
      updated_at: user.updated_at,
      revision: 1,
    });
    expect(answer.headers.get("etag")).toBe('"1"');
    expect((await admin().get({ params: { user_id: user.id } })).body()).toEqual(user);
    expect(await logIn(user.email)).toBe(200);
  });

  it("of whom twenty are made at once, in different spellings, is made once", async () => {
    const name = unused("twenty");
    const spellings = Array.from({ length: 20 }, (_, n) =>
      n % 2 ? name.toUpperCase() : ` ${name.slice(0, n % 8).toUpperCase()}${name.slice(n % 8)}`,
    );
    const answers = await Promise.all(
      spellings.map((email) => admin().create({ body: { email, full_name: "One", password: PASSWORD } })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(409)]);
    expect((await admin().list({ query: { search: name } })).body().total).toBe(1);
  });

  it.each([
    ["email", { email: "nobody" }],
    ["email", { email: "" }],
    ["full_name", { full_name: "  " }],
    ["full_name", { full_name: null }],
    ["role", { role: "csm" }],
    ["password", { password: "short" }],
    ["password", { password: 12345678 }],
  ])("with a bad %s is refused", async (field, wrong) => {
    const body = JSON.stringify({ email: unused(), full_name: "A", password: PASSWORD, ...wrong });
    const { token } = cloud.admin;
    const headers = { "content-type": "application/json" };
    const answer = await sender(cloud.apiUrl)("POST", "/api/v1/users", { token, headers, body });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ loc: ["body", field] }] });
  });
});

describe("the list of users", () => {
  beforeAll(async () => {
    for (let n = 0; n < 5; n++) await create({ full_name: `Listed Person ${n}`, role: "manager" });
  });
  const list = async (query: Parameters<Person["api"]["users"]["list"]>[0]["query"]) =>
    (await admin().list({ query })).body();

  it("is newest first, and searches name and address in any case", async () => {
    const { users, total } = await list({ search: "LISTED person" });
    expect(total).toBe(5);
    expect(users.map(({ full_name }) => full_name)).toEqual([4, 3, 2, 1, 0].map((n) => `Listed Person ${n}`));
    expect((await list({ search: users[2]?.email.toUpperCase() })).users).toEqual([users[2]]);
    expect((await list({ search: "%" })).total).toBe(0);
  });

  it("filters by role and by whether they are active; an unknown role is nobody's", async () => {
    expect((await list({ role: "manager", search: "listed" })).total).toBe(5);
    expect((await list({ role: "admin", search: "listed" })).total).toBe(0);
    expect(await list({ role: "csm" })).toMatchObject({ users: [], total: 0, next_cursor: null });
    const gone = await create({ full_name: "Listed but gone" });
    await admin().remove({ params: { user_id: gone.id } });
    expect((await list({ is_active: "false", search: "listed" })).users.map(({ id }) => id)).toEqual([
      gone.id,
    ]);
    expect((await list({ is_active: "true", search: "listed" })).total).toBe(5);
    expect((await list({ search: "listed" })).total).toBe(6);
  });

  it("comes in pages, by skip or by cursor", async () => {
    const query = { search: "listed person", limit: 2 } as const;
    const whole = (await list({ ...query, limit: 100 })).users;
    const second = await list({ ...query, skip: 2 });
    expect(second).toMatchObject({ users: whole.slice(2, 4), total: 5, skip: 2, limit: 2 });
    const walked = [];
    let cursor: string | null | undefined;
    do {
      const page = await list({ ...query, ...(cursor && { cursor }) });
      walked.push(...page.users);
      cursor = page.next_cursor;
    } while (cursor);
    expect(walked).toEqual(whole);
    expect(await list({ ...query, skip: 99 })).toMatchObject({ users: [], total: 5, next_cursor: null });
  });

  it("goes on behind a page's last user, even when that user no longer matches", async () => {
    const people = [];
    for (let n = 0; n < 4; n++) people.unshift(await create({ full_name: `Cursor Person ${n}` }));
    const query = { search: "cursor person", is_active: "true", limit: 2 } as const;
    const first = await list(query);
    await admin().remove({ params: { user_id: first.users[1]?.id ?? "" } });
    const second = await list({ ...query, ...(first.next_cursor && { cursor: first.next_cursor }) });
    expect(second.users.map(({ id }) => id)).toEqual(people.slice(2).map(({ id }) => id));
  });

  it.each(["x", randomUUID(), "WyJ4IiwieSJd", "null", "", "\u0000"])(
    "does not take %j for a cursor",
    async (cursor) => {
      const answer = await admin().list({ query: { cursor } });
      expect(answer.status).toBe(422);
      expect(answer.raw).toMatchObject({ errors: [{ loc: ["query", "cursor"] }] });
    },
  );
});

describe("changing a user", () => {
  it("keeps what is absent or null, and counts the revision", async () => {
    const user = await create();
    const params = { user_id: user.id };
    const answer = await admin().update({
      params,
      body: { full_name: "Renamed", role: null, email: null, is_active: null, password: null, phone: "1" },
    });
    const changed = answer.body();
    expect(changed).toEqual({ ...user, full_name: "Renamed", updated_at: changed.updated_at, revision: 2 });
    expect(answer.headers.get("etag")).toBe('"2"');
    expect((await admin().get({ params })).body()).toEqual(changed);
  });

  it("moves the reservation of the address: the new one signs in, the old one is free", async () => {
    const user = await create();
    const email = unused("moved");
    await admin().update({ params: { user_id: user.id }, body: { email } });
    expect(await logIn(email)).toBe(200);
    expect(await logIn(user.email)).toBe(401);
    const next = await create({ email: user.email.toUpperCase() });
    expect(next.id).not.toBe(user.id);
    expect(await logIn(user.email)).toBe(200);
    const back = await admin().update({ params: { user_id: user.id }, body: { email: user.email } });
    expect(back.status).toBe(409);
    expect(await logIn(email)).toBe(200);
  });

  it("changes address and password together", async () => {
    const user = await create();
    const body = { email: unused("both"), password: "Another-Horse-2" };
    await admin().update({ params: { user_id: user.id }, body });
    expect(await logIn(body.email, body.password)).toBe(200);
    expect(await logIn(body.email)).toBe(401);
  });

  it("may respell the address", async () => {
    const { id, email } = await create();
    const respelled = await admin().update({ params: { user_id: id }, body: { email: email.toUpperCase() } });
    expect(respelled.body().email).toBe(email.toUpperCase());
    expect(await logIn(email)).toBe(200);
  });

  it("of ten who want the same address gives it to one", async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => create()));
    const email = unused("wanted");
    const answers = await Promise.all(
      people.map(({ id }) => admin().update({ params: { user_id: id }, body: { email } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    for (const { email: before } of people.filter((_, n) => answers[n]?.status === 409))
      expect(await logIn(before)).toBe(200);
  });

  it("needs the newest revision when If-Match names one", async () => {
    const { id } = await create();
    const params = { user_id: id };
    const etag = (await admin().get({ params })).headers.get("etag") ?? "";
    const rename = (full_name: string, ifMatch: string) =>
      admin().update({ params, body: { full_name } }, { "if-match": ifMatch });
    expect((await rename("First", etag)).status).toBe(200);
    expect((await rename("Second", etag)).status).toBe(412);
    expect((await rename("Third", "*")).status).toBe(200);
    expect((await rename("Fourth", "yesterday")).status).toBe(422);
    const racing = await Promise.all(Array.from({ length: 6 }, (_, n) => rename(`Racer ${n}`, '"3"')));
    expect(racing.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
  });

  it("by several at once keeps all changes", async () => {
    const { id, email: before } = await create();
    const params = { user_id: id };
    const email = unused("kept");
    const answers = await Promise.all([
      admin().update({ params, body: { full_name: "Kept Name" } }),
      admin().update({ params, body: { role: "manager" } }),
      admin().update({ params, body: { email } }),
      admin().update({ params, body: { password: "Another-Horse-2" } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await admin().get({ params })).body()).toMatchObject({
      full_name: "Kept Name",
      role: "manager",
      email,
      revision: 5,
    });
    expect(await logIn(email, "Another-Horse-2")).toBe(200);
    expect(await logIn(before)).toBe(401);
  });

  it("needs a user", async () => {
    const params = { user_id: randomUUID() };
    expect((await admin().get({ params })).status).toBe(404);
    expect((await admin().update({ params, body: { full_name: "A" } })).status).toBe(404);
    expect((await admin().activate({ params, body: { is_active: true } })).status).toBe(404);
    expect((await admin().remove({ params })).status).toBe(404);
  });
});

describe("deleting a user", () => {
  it("keeps the user and the address, and may be repeated", async () => {
    const user = await create();
    const params = { user_id: user.id };
    const [first, second] = [await admin().remove({ params }), await admin().remove({ params })];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body()).toEqual(first.body());
    expect((await admin().get({ params })).body()).toMatchObject({ id: user.id, is_active: false });
    const body = { email: user.email, full_name: "Successor", password: PASSWORD };
    expect((await admin().create({ body })).status).toBe(409);
    expect(await logIn(user.email)).toBe(403);
  });

  it("may be undone", async () => {
    const user = await create();
    const params = { user_id: user.id };
    await admin().remove({ params });
    const active = await admin().activate({ params, body: { is_active: true } });
    expect(active.body()).toMatchObject({ is_active: true });
    expect(await logIn(user.email)).toBe(200);
  });
});

describe("an admin stays", () => {
  it("when trying to demote, deactivate or delete themselves", async () => {
    const params = { user_id: cloud.admin.id };
    for (const answer of [
      await admin().update({ params, body: { role: "viewer" } }),
      await admin().update({ params, body: { is_active: false } }),
      await admin().activate({ params, body: { is_active: false } }),
      await admin().remove({ params }),
    ])
      expect(answer.status).toBe(400);
    const renamed = await admin().update({ params, body: { full_name: "Still Here", role: "admin" } });
    expect(renamed.body()).toMatchObject({ role: "admin", is_active: true });
  });

  it.each(["demote", "deactivate", "delete"] as const)(
    "when the last two %s each other at once, over and over",
    async (way) => {
      const people = [await cloud.person("admin"), await cloud.person("admin")] as const;
      // The cloud's own admin steps aside, so that these two are the last.
      await people[0].api.users.update({ params: { user_id: cloud.admin.id }, body: { role: "viewer" } });
      const act = (by: Person, on: Person) => {
        const params = { user_id: on.id };
        if (way === "demote") return by.api.users.update({ params, body: { role: "viewer" } });
        if (way === "deactivate") return by.api.users.activate({ params, body: { is_active: false } });
        return by.api.users.remove({ params });
      };
      for (let round = 0; round < 4; round++) {
        const [one, other] = [await cloud.signIn(people[0].email), await cloud.signIn(people[1].email)];
        const [first, second] = await Promise.all([act(one, other), act(other, one)]);
        expect([first.status, second.status].filter((status) => status === 200)).toHaveLength(1);
        const winner = first.status === 200 ? one : other;
        const loser = first.status === 200 ? other : one;
        const left = await winner.api.users.list({ query: { role: "admin", is_active: "true" } });
        expect(left.body().users.map(({ id }) => id)).toEqual([winner.id]);
        const params = { user_id: loser.id };
        const body = { role: "admin", is_active: true } as const;
        expect((await winner.api.users.update({ params, body })).status).toBe(200);
      }
      const { api } = await cloud.signIn(people[0].email);
      await api.users.update({ params: { user_id: cloud.admin.id }, body: { role: "admin" } });
      for (const { id } of people) await admin().remove({ params: { user_id: id } });
    },
  );
});
