import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { JSON_BODY, sender } from "../support/send.ts";
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
      for (const query of [{}, { role: "admin" }, { role: "user" }, { role: "CSM" }, { search: "a" }])
        expect((await api.users.list({ query })).status).toBe(403);
      expect((await api.users.get({ params: { user_id: cloud[role].id } })).status).toBe(403);
      const send = sender(cloud.apiUrl);
      for (const [method, path] of [
        ["POST", "/api/v1/users"],
        ["POST", "/api/v1/users/invite"],
        ["GET", "/api/v1/users/no-uuid"],
        ["PUT", "/api/v1/users/no-uuid"],
        ["DELETE", "/api/v1/users/no-uuid"],
        ["PUT", "/api/v1/users/no-uuid/activate"],
        ["PUT", "/api/v1/users/no-uuid/deactivate"],
        ["PUT", "/api/v1/users/no-uuid/reactivate"],
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
      phone: null,
      role: "viewer",
      access: "all",
      team: null,
      is_active: true,
      last_login: null,
      invited_at: null,
      avatar_url: null,
      two_factor_enabled: false,
      created_at: user.updated_at,
      updated_at: user.updated_at,
      updated_by: "admin 1",
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
    expect(await list({ role: "superuser" })).toMatchObject({ users: [], total: 0, next_cursor: null });
    expect((await list({ role: "user", search: "listed" })).total).toBe(0);
    expect((await list({ role: "user" })).users).toEqual((await list({ role: "viewer" })).users);
    expect((await list({ role: "user" })).total).toBeGreaterThan(0);
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

describe("account managers", () => {
  const roles = ["csm", "account_manager"];
  const ask = async (person: Person, query: Parameters<Person["api"]["users"]["list"]>[0]["query"]) =>
    (await person.api.users.list({ query })).body();

  it("are listed for everybody: active managers and admins, by name, and nothing but how to reach them", async () => {
    const managers = await Promise.all([
      create({ full_name: "Picker Zoe", role: "manager" }),
      create({ full_name: "Picker Ämilia", role: "admin" }),
      create({ full_name: "Picker Bob", role: "manager" }),
    ]);
    await create({ full_name: "Picker Viewer" });
    const gone = await create({ full_name: "Picker Gone", role: "manager" });
    await admin().remove({ params: { user_id: gone.id } });
    const [zoe, amilia, bob] = managers.map(({ id, full_name, email, role }) => ({
      id,
      full_name,
      email,
      role,
    }));
    for (const person of [cloud.admin, cloud.manager, cloud.viewer])
      for (const role of roles)
        expect(await ask(person, { role, search: "picker", limit: 100 })).toEqual({
          users: [amilia, bob, zoe],
          total: 3,
          skip: 0,
          limit: 100,
          next_cursor: null,
        });
    const body = { role: "viewer" } as const;
    await admin().update({ params: { user_id: managers[1]?.id ?? "" }, body });
    expect((await ask(cloud.viewer, { role: "csm", search: "picker" })).users).toEqual([bob, zoe]);
  });

  it("come in pages by skip and by cursor", async () => {
    const whole = (await ask(cloud.viewer, { role: "csm" })).users;
    expect(whole.length).toBeGreaterThan(4);
    const walked = [];
    let cursor: string | null | undefined;
    do {
      const page = await ask(cloud.viewer, { role: "csm", limit: 2, ...(cursor && { cursor }) });
      walked.push(...page.users);
      cursor = page.next_cursor;
    } while (cursor);
    expect(walked).toEqual(whole);
    expect((await ask(cloud.viewer, { role: "csm", skip: 1, limit: 2 })).users).toEqual(whole.slice(1, 3));
  });
});

describe("a role `user`", () => {
  it("means viewer wherever a role is taken", async () => {
    const body = { email: unused(), full_name: "Called User", password: PASSWORD, role: "user" } as const;
    const made = (await admin().create({ body })).body();
    expect(made.role).toBe("viewer");
    const params = { user_id: made.id };
    expect((await admin().update({ params, body: { role: "manager" } })).body().role).toBe("manager");
    expect((await admin().update({ params, body: { role: "user" } })).body().role).toBe("viewer");
    const invited = await admin().invite({ body: { email: unused(), full_name: "Invited", role: "user" } });
    expect(invited.body().role).toBe("viewer");
    const own = await admin().update({ params: { user_id: cloud.admin.id }, body: { role: "user" } });
    expect(own.status).toBe(400);
  });
});

describe("the web client's own paths", () => {
  it("change the own profile and password, and are no ids", async () => {
    const person = await cloud.person("viewer");
    const send = sender(cloud.apiUrl);
    const put = (path: string, body: object) =>
      send("PUT", path, { token: person.token, headers: JSON_BODY, body: JSON.stringify(body) });
    const profile = await put("/api/v1/users/profile/", { full_name: "By Client", phone: "+1 555 0100" });
    expect([profile.status, profile.json]).toMatchObject([
      200,
      { full_name: "By Client", phone: "+1 555 0100" },
    ]);
    expect((await person.api.auth.me({})).body()).toEqual(profile.json);
    expect((await person.api.users.profile({})).body()).toEqual(profile.json);
    const passwords = { current_password: PASSWORD, new_password: "Another-Horse-2" };
    expect((await put("/api/v1/users/change-password", passwords)).status).toBe(200);
    expect(await logIn(person.email, "Another-Horse-2")).toBe(200);
    expect((await send("PUT", "/api/v1/users/profile", {})).status).toBe(401);
  });

  it("deactivate and reactivate users without a body", async () => {
    const person = await cloud.person("viewer");
    const params = { user_id: person.id };
    expect((await admin().deactivate({ params })).body()).toMatchObject({ id: person.id, is_active: false });
    expect((await person.api.auth.me({})).status).toBe(403);
    expect((await admin().deactivate({ params })).status).toBe(200);
    expect((await admin().reactivate({ params })).body()).toMatchObject({ is_active: true });
    expect((await person.api.auth.me({})).status).toBe(401);
    expect(await logIn(person.email)).toBe(200);
    expect((await admin().deactivate({ params: { user_id: cloud.admin.id } })).status).toBe(400);
    expect((await admin().deactivate({ params: { user_id: randomUUID() } })).status).toBe(404);
  });
});

describe("changing a user", () => {
  it("keeps what is absent or null, and counts the revision", async () => {
    const user = await create();
    const params = { user_id: user.id };
    const answer = await admin().update({
      params,
      body: { full_name: "Renamed", role: null, email: null, is_active: null, password: null },
    });
    const changed = answer.body();
    expect(changed).toEqual({ ...user, full_name: "Renamed", updated_at: changed.updated_at, revision: 2 });
    expect(answer.headers.get("etag")).toBe('"2"');
    expect((await admin().get({ params })).body()).toEqual(changed);
  });

  it("keeps a phone until null or a blank clears it", async () => {
    const { id } = await create();
    const phoneOf = async (body: object) =>
      (await admin().update({ params: { user_id: id }, body })).body().phone;
    expect(await phoneOf({ phone: " +49 30 1 " })).toBe("+49 30 1");
    expect(await phoneOf({ full_name: "Other" })).toBe("+49 30 1");
    expect(await phoneOf({ phone: " " })).toBeNull();
    expect(await phoneOf({ phone: "1" })).toBe("1");
    expect(await phoneOf({ phone: null })).toBeNull();
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
