import { randomUUID } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { decodeJwt, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiOf, PASSWORD, type Person, type TestCloud, testCloud, tokensOf } from "../support/cloud.ts";
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

const refresh = (refresh_token: string) => cloud.stranger.auth.refresh({ body: { refresh_token } });
const statusOf = async (token: string) => (await apiOf(cloud.apiUrl, token).auth.me({})).status;

/** Lets time pass since the exchanges of a session. */
const turnBack = ({ id }: Person, milliseconds: number) =>
  storage.change(`session#${id}`, ({ former_refresh_ids }) => ({
    former_refresh_ids: ((former_refresh_ids ?? []) as { rotated_at: number }[]).map((former) => ({
      ...former,
      rotated_at: former.rotated_at - milliseconds,
    })),
  }));

/** Makes the sessions of somebody this old. */
const grow = ({ id }: Person, age: number) =>
  storage.change(`session#${id}`, () => ({ created_at: new Date(Date.now() - age).toISOString() }));

const DAY = 24 * 60 * 60 * 1000;

/** The same person on two devices. */
const twoSessions = async (): Promise<[Person, Person]> => {
  const first = await cloud.person("viewer");
  return [first, await cloud.signIn(first.email)];
};

const expectEnded = async ({ token, refresh_token }: Pick<Person, "token" | "refresh_token">) => {
  expect(await statusOf(token)).toBe(401);
  expect((await refresh(refresh_token)).status).toBe(401);
};

describe("a refresh token", () => {
  it("gives new tokens, and the session goes on", async () => {
    const person = await cloud.person("viewer");
    const first = (await refresh(person.refresh_token)).body();
    expect(first.refresh_token).not.toBe(person.refresh_token);
    const second = (await refresh(first.refresh_token)).body();
    for (const token of [person.token, first.access_token, second.access_token])
      expect(await statusOf(token)).toBe(200);
  });

  it("that comes again within 30 seconds gives the same successor: a second tab, a lost answer", async () => {
    const person = await cloud.person("viewer");
    const first = (await refresh(person.refresh_token)).body();
    await turnBack(person, 20_000);
    const again = (await refresh(person.refresh_token)).body();
    expect(again.refresh_token).toBe(first.refresh_token);
    for (const token of [person.token, first.access_token, again.access_token])
      expect(await statusOf(token)).toBe(200);
    expect((await refresh(again.refresh_token)).status).toBe(200);
  });

  it("that was exchanged twice since gives the newest one, as long as its own 30 seconds last", async () => {
    const person = await cloud.person("viewer");
    const second = (await refresh(person.refresh_token)).body();
    const third = (await refresh(second.refresh_token)).body();
    for (const { refresh_token } of [person, second])
      expect((await refresh(refresh_token)).body().refresh_token).toBe(third.refresh_token);
  });

  it("that is replayed later ends its whole session, access tokens too, and no other session", async () => {
    const [person, elsewhere] = await twoSessions();
    const rotated = (await refresh(person.refresh_token)).body();
    await turnBack(person, 30_000);
    const replay = await refresh(person.refresh_token);
    expect(replay.status).toBe(401);
    expect(replay.headers.get("www-authenticate")).toBe("Bearer");
    await expectEnded({ token: rotated.access_token, refresh_token: rotated.refresh_token });
    expect(await statusOf(person.token)).toBe(401);
    expect(await statusOf(elsewhere.token)).toBe(200);
    expect((await refresh(elsewhere.refresh_token)).status).toBe(200);
  });

  it("that many use at once works for all of them, and one new token remains", async () => {
    for (let round = 0; round < 3; round++) {
      const person = await cloud.person("viewer");
      const answers = await Promise.all(Array.from({ length: 16 }, () => refresh(person.refresh_token)));
      expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
      const tokens = answers.map((answer) => answer.body());
      expect(new Set(tokens.map(({ refresh_token }) => refresh_token)).size).toBe(1);
      for (const { access_token } of tokens) expect(await statusOf(access_token)).toBe(200);
      expect((await refresh(tokens[0]?.refresh_token ?? "")).status).toBe(200);
    }
  });

  it("may be exchanged more often than anybody remembers", async () => {
    const person = await cloud.person("viewer");
    let newest = person.refresh_token;
    for (let n = 0; n < 25; n++) newest = (await refresh(newest)).body().refresh_token;
    expect((await refresh(person.refresh_token)).body().refresh_token).toBe(newest);
    const [session] = await storage.items(`session#${person.id}`);
    expect(session?.former_refresh_ids).toHaveLength(20);
  });

  it("is not taken for an access token, nor an access token for it", async () => {
    const { token, refresh_token } = await cloud.person("viewer");
    expect(await statusOf(refresh_token)).toBe(401);
    expect((await refresh(token)).status).toBe(401);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it.each(["garbage", "a.b.c", "\u0000", "\ud800", `${"x".repeat(2000)}`])("can't be %j", async (value) => {
    expect((await refresh(value)).status).toBe(401);
  });

  it("is a text of some length", async () => {
    expect((await refresh("")).status).toBe(422);
    expect((await refresh("x".repeat(2049))).status).toBe(422);
  });
});

describe("a session", () => {
  it("ends after 30 days, however often it was used", async () => {
    const person = await cloud.person("viewer");
    await grow(person, 30 * DAY - 60_000);
    const { access_token, refresh_token, expires_in } = (await refresh(person.refresh_token)).body();
    expect(expires_in).toBeLessThanOrEqual(60);
    const end = Date.now() / 1000 + 61;
    for (const token of [access_token, refresh_token]) expect(decodeJwt(token).exp).toBeLessThan(end);
    expect(await statusOf(access_token)).toBe(200);
    await grow(person, 30 * DAY);
    expect((await refresh(refresh_token)).status).toBe(401);
  });

  it("lasts as many days as the stage says", async () => {
    vi.stubEnv("SESSION_DAYS", "1");
    try {
      const { refresh_token } = await cloud.person("viewer");
      expect(decodeJwt(refresh_token).exp).toBeLessThanOrEqual((Date.now() + DAY) / 1000);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("signing out", () => {
  it("ends access and refresh at once; other sessions go on", async () => {
    const [here, elsewhere] = await twoSessions();
    expect((await here.api.auth.logout({ body: { refresh_token: here.refresh_token } })).status).toBe(200);
    await expectEnded(here);
    expect(await statusOf(elsewhere.token)).toBe(200);
    expect((await refresh(elsewhere.refresh_token)).status).toBe(200);
  });

  it("needs no body, and can't be done twice", async () => {
    const { api } = await cloud.person("viewer");
    expect((await api.auth.logout({ body: null })).status).toBe(200);
    expect((await api.auth.logout({ body: null })).status).toBe(401);
  });

  it("needs the access token", async () => {
    const person = await cloud.person("viewer");
    const answer = await cloud.stranger.auth.logout({ body: { refresh_token: person.refresh_token } });
    expect(answer.status).toBe(401);
    expect(await statusOf(person.token)).toBe(200);
  });
});

const NEW_PASSWORD = "Another-Horse-2";

describe("a changed password", () => {
  const change = (path: string, token: string) =>
    sender(cloud.apiUrl)("PUT", path, {
      token,
      headers: JSON_BODY,
      body: JSON.stringify({ current_password: PASSWORD, new_password: NEW_PASSWORD }),
    });

  it.each(["/api/v1/auth/me/password", "/api/v1/auth/change-password", "/api/v1/users/change-password"])(
    "at %s keeps the caller's session and ends all others",
    async (path) => {
      const [here, elsewhere] = await twoSessions();
      const third = await cloud.signIn(here.email);
      expect((await change(path, here.token)).status).toBe(200);
      expect(await statusOf(here.token)).toBe(200);
      for (const other of [elsewhere, third]) await expectEnded(other);
      const renewed = (await refresh(here.refresh_token)).body();
      expect(await statusOf(renewed.access_token)).toBe(200);
      const old = await cloud.stranger.auth.login({ form: { username: here.email, password: PASSWORD } });
      expect(old.status).toBe(401);
      expect(await statusOf((await cloud.signIn(here.email, NEW_PASSWORD)).token)).toBe(200);
    },
  );

  it("keeps the caller's session also while its tokens are exchanged", async () => {
    for (let round = 0; round < 4; round++) {
      const here = await cloud.person("viewer");
      const [changed, ...renewed] = await Promise.all([
        change("/api/v1/auth/me/password", here.token),
        ...Array.from({ length: 6 }, () => refresh(here.refresh_token)),
      ]);
      expect(changed.status).toBe(200);
      for (const answer of renewed) expect(await statusOf(tokensOf(answer.body()).access_token)).toBe(200);
    }
  });

  it("is one, of many at once: the others' current password is wrong by then", async () => {
    const [here, elsewhere] = await twoSessions();
    const answers = await Promise.all(
      [here, elsewhere, here, elsewhere].map(({ token }) => change("/api/v1/auth/me/password", token)),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    for (const status of statuses) expect([200, 401, 422]).toContain(status);
  });

  it("of an admin by way of the team's accounts keeps their session, too", async () => {
    const here = await cloud.person("admin");
    const elsewhere = await cloud.signIn(here.email);
    const body = { password: NEW_PASSWORD };
    expect((await here.api.users.update({ params: { user_id: here.id }, body })).status).toBe(200);
    expect(await statusOf(here.token)).toBe(200);
    await expectEnded(elsewhere);
    await cloud.admin.api.users.remove({ params: { user_id: here.id } });
  });

  it("ends nothing when the current one was wrong", async () => {
    const [{ api, token }, elsewhere] = await twoSessions();
    const body = { current_password: "Wrong-Horse-1", new_password: NEW_PASSWORD };
    const answer = await api.auth.changePassword({ body });
    expect(answer.status).toBe(422);
    expect(answer.raw).toEqual({
      detail: "current_password: is wrong",
      errors: [{ loc: ["body", "current_password"], msg: "is wrong", type: "rule" }],
    });
    expect([await statusOf(token), await statusOf(elsewhere.token)]).toEqual([200, 200]);
  });
});

describe("all sessions of a user end", () => {
  it("when an admin sets another password", async () => {
    const [here, elsewhere] = await twoSessions();
    const body = { password: NEW_PASSWORD };
    const answer = await cloud.admin.api.users.update({ params: { user_id: here.id }, body });
    expect(answer.status).toBe(200);
    await expectEnded(here);
    await expectEnded(elsewhere);
    expect(await statusOf((await cloud.signIn(here.email, NEW_PASSWORD)).token)).toBe(200);
  });

  it.each(["activate", "update", "remove"] as const)(
    "when an admin deactivates them by %s, and do not come back with the account",
    async (way) => {
      const person = await cloud.person("viewer");
      const params = { user_id: person.id };
      const { users } = cloud.admin.api;
      const ways = {
        activate: () => users.activate({ params, body: { is_active: false } }),
        update: () => users.update({ params, body: { is_active: false } }),
        remove: () => users.remove({ params }),
      };
      expect((await ways[way]()).status).toBe(200);
      expect(await statusOf(person.token)).toBe(403);
      expect((await refresh(person.refresh_token)).status).toBe(403);
      await users.activate({ params, body: { is_active: true } });
      await expectEnded(person);
      expect(await statusOf((await cloud.signIn(person.email)).token)).toBe(200);
    },
  );

  it("but a log-in that runs at the same time as the change ends with it or uses the new password", async () => {
    const { id, email } = await cloud.person("viewer");
    const login = () => cloud.stranger.auth.login({ form: { username: email, password: PASSWORD } });
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, login)),
      cloud.admin.api.users.update({ params: { user_id: id }, body: { password: NEW_PASSWORD } }),
    ]);
    for (const answer of answers)
      if (answer.status === 200) expect(await statusOf(tokensOf(answer.body()).access_token)).toBe(401);
  });
});

describe("an admin who sets a password", () => {
  it("has the last word against whoever changes it with the old one at the same time", async () => {
    for (let round = 0; round < 4; round++) {
      const { id, email, api } = await cloud.person("viewer");
      const own = { current_password: PASSWORD, new_password: "Thief-Horse-3" };
      await Promise.all([
        api.auth.changePassword({ body: own }),
        cloud.admin.api.users.update({ params: { user_id: id }, body: { password: "Admins-Horse-4" } }),
        api.auth.changePassword({ body: own }),
      ]);
      const statusWith = async (password: string) =>
        (await cloud.stranger.auth.login({ form: { username: email, password } })).status;
      expect(await statusWith("Admins-Horse-4")).toBe(200);
      expect(await statusWith(own.new_password)).toBe(401);
    }
  });
});

describe("a change of role", () => {
  it("counts on the next request, up and down, with the same token", async () => {
    const person = await cloud.person("viewer");
    const create = (company_name: string) => person.api.customers.create({ body: { company_name } });
    const become = (role: "manager" | "viewer") =>
      cloud.admin.api.users.update({ params: { user_id: person.id }, body: { role } });
    expect((await create("Too Early")).status).toBe(403);
    await become("manager");
    expect((await create("Just Right")).status).toBe(201);
    await become("viewer");
    expect((await create("Too Late")).status).toBe(403);
  });
});

describe("an access token", () => {
  const keyOf = async (variable: string) => {
    const client = new SecretsManagerClient({
      endpoint: cloud.endpoints.secrets,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const SecretId = cloud.environment[variable];
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    client.destroy();
    return new TextEncoder().encode(SecretString);
  };
  const signed = (claims: Record<string, unknown>, key: Uint8Array, expires: string | number = "5m") =>
    new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setExpirationTime(expires).sign(key);
  /** The claims of a session that is alive. */
  const claimsOf = async () => {
    const { sub, sid, type } = decodeJwt((await cloud.person("viewer")).token);
    return { sub, sid, type };
  };
  const expectRefused = async (token: string) => {
    const answer = await apiOf(cloud.apiUrl, token).auth.me({});
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(answer.raw).toEqual({ detail: expect.any(String) });
  };

  it("that we could have signed is accepted, so that the refusals below mean something", async () => {
    expect(await statusOf(await signed(await claimsOf(), await keyOf("ACCESS_KEY_SECRET_ARN")))).toBe(200);
  });

  it("is refused when somebody else signed it", async () => {
    const claims = await claimsOf();
    await expectRefused(await signed(claims, new TextEncoder().encode("x".repeat(64))));
    await expectRefused(await signed(claims, await keyOf("REFRESH_KEY_SECRET_ARN")));
  });

  it("is refused when nobody signed it", async () => {
    const claims = await claimsOf();
    await expectRefused(new UnsecuredJWT(claims).setExpirationTime("5m").encode());
    const [header, payload] = (await signed(claims, await keyOf("ACCESS_KEY_SECRET_ARN"))).split(".");
    await expectRefused(`${header}.${payload}.`);
  });

  it("is refused when it has expired", async () => {
    const aSecondAgo = Math.floor(Date.now() / 1000) - 1;
    const key = await keyOf("ACCESS_KEY_SECRET_ARN");
    await expectRefused(await signed(await claimsOf(), key, aSecondAgo));
  });

  it("is refused without an end, and with one that we never give", async () => {
    const key = await keyOf("ACCESS_KEY_SECRET_ARN");
    const claims = await claimsOf();
    await expectRefused(await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(key));
    await expectRefused(await signed(claims, key, "2h"));
    await expectRefused(await signed(claims, key, 8_640_000_000_000));
    expect(await statusOf(await signed(claims, key, "30m"))).toBe(200);
  });

  it("is refused without an end as a refresh token, too", async () => {
    const { iat: _, exp, ...claims } = decodeJwt((await cloud.person("viewer")).refresh_token);
    const key = await keyOf("REFRESH_KEY_SECRET_ARN");
    const bare = () => new SignJWT(claims).setProtectedHeader({ alg: "HS256" });
    expect((await refresh(await bare().sign(key))).status).toBe(401);
    expect((await refresh(await bare().setExpirationTime("8d").sign(key))).status).toBe(401);
    expect(
      (
        await refresh(
          await bare()
            .setExpirationTime(exp ?? 0)
            .sign(key),
        )
      ).status,
    ).toBe(200);
  });

  it.each([
    ["of another kind", { type: "refresh" }],
    ["whose user is no UUID", { sub: "1 OR 1=1" }],
    ["of somebody who never was", { sub: randomUUID() }],
    ["of a session that never was", { sid: randomUUID() }],
    ["without a session", { sid: undefined }],
  ])("is refused %s", async (_, change) => {
    const key = await keyOf("ACCESS_KEY_SECRET_ARN");
    await expectRefused(await signed({ ...(await claimsOf()), ...change }, key));
  });

  it("is refused with somebody else's session", async () => {
    const { sid } = await claimsOf();
    const key = await keyOf("ACCESS_KEY_SECRET_ARN");
    await expectRefused(await signed({ ...(await claimsOf()), sid }, key));
  });

  it("is refused when its user is gone", async () => {
    const person = await cloud.person("viewer");
    await storage.remove(`user#${person.id}`);
    await expectRefused(person.token);
    expect((await refresh(person.refresh_token)).status).toBe(401);
  });

  it.each(["", "Basic YTpi", "Bearer", "Bearer a b", "bearer garbage", `Bearer ${"x".repeat(5000)}`])(
    "is needed: %j is none",
    async (authorization) => {
      const headers = { authorization };
      const { status, headers: answered } = await sender(cloud.apiUrl)("GET", "/api/v1/auth/me", { headers });
      expect(status).toBe(401);
      expect(answered.get("www-authenticate")).toBe("Bearer");
    },
  );

  it("may be announced in any case", async () => {
    const headers = { authorization: `bEARER ${cloud.viewer.token}` };
    expect((await sender(cloud.apiUrl)("GET", "/api/v1/auth/me", { headers })).status).toBe(200);
  });
});
