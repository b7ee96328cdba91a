import { randomUUID } from "node:crypto";
import { groups } from "@success-manager/contract";
import { routes } from "@success-manager/contract/dsl/group";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiOf, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { codeOf, type Factor, turnOn } from "../support/second-factor.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { withinAnHour } from "../support/window.ts";

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
beforeEach(async () => {
  for (const counted of ["logins#", "account_logins#", "password_calls#", "second_factor_codes#"])
    await storage.remove(counted);
});

const forgetTries = () => storage.remove("second_factor_codes#");

/** Somebody who has a second factor. */
async function protectedPerson(role: "viewer" | "admin" = "viewer"): Promise<Person & { factor: Factor }> {
  const person = await cloud.person(role);
  return { ...person, factor: await turnOn(person.api) };
}

const logIn = (username: string, password = PASSWORD) =>
  cloud.stranger.auth.login({ form: { username, password } });
async function ticketOf(email: string): Promise<string> {
  const answer = (await logIn(email)).body();
  if (!("ticket" in answer)) throw new Error("Nobody asks for the second factor");
  return answer.ticket;
}
const send = (ticket: string, code: string) => cloud.stranger.auth.secondFactor({ body: { ticket, code } });
const statusOf = async (token: string) => (await apiOf(cloud.apiUrl, token).auth.me({})).status;
const statusesOf = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).sort();
const subjectsTo = async (email: string) => {
  await cloud.settled();
  return (await lettersTo(cloud.inboxUrl, email)).map(({ subject }) => subject);
};
const status = async ({ api }: Pick<Person, "api">) => (await api.account.secondFactor({})).body();
/** A code that is wrong whatever the app shows. */
const wrongCode = (secret: string) => {
  const right = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps));
  return (
    ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !right.includes(code)) ?? ""
  );
};

describe("setting up a second factor", () => {
  it("shows a secret for an app, and asks for nothing until a code of it has come", async () => {
    const person = await cloud.person("viewer");
    expect(await status(person)).toEqual({
      enabled: false,
      has_secret: false,
      enabled_at: null,
      required: false,
      recovery_codes_left: 0,
    });
    const setup = (await person.api.account.setUpSecondFactor({})).body();
    expect(setup.secret).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(setup.provisioning_uri);
    expect([uri.protocol, uri.host, decodeURIComponent(uri.pathname)]).toEqual([
      "otpauth:",
      "totp",
      `/Success Manager:${person.email}`,
    ]);
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({
      secret: setup.secret,
      issuer: "Success Manager",
      digits: "6",
      period: "30",
    });
    expect(setup.qr_code_data).toBe(setup.provisioning_uri);
    const [kind, picture = ""] = setup.qr_code.split(",");
    expect(kind).toBe("data:image/svg+xml;base64");
    expect(Buffer.from(picture, "base64").toString()).toMatch(/^<svg /);
    expect(await status(person)).toMatchObject({ enabled: false, has_secret: true });
    expect((await logIn(person.email)).body()).toHaveProperty("access_token");
  });

  it("is done with a code of the newest secret; others are refused", async () => {
    const person = await cloud.person("viewer");
    const enable = (code: string) => person.api.account.enableSecondFactor({ body: { code } });
    expect((await enable("123456")).raw).toEqual({ detail: expect.stringContaining("Set up") });
    const old = (await person.api.account.setUpSecondFactor({})).body().secret;
    const { secret } = (await person.api.account.setUpSecondFactor({})).body();
    for (const code of [wrongCode(secret), codeOf(old), codeOf(secret, -3), codeOf(secret, 3), "x", "12345"])
      expect((await enable(code)).status).toBe(400);
    await forgetTries();
    const code = codeOf(secret);
    const { recovery_codes } = (await enable(` ${code.slice(0, 3)} ${code.slice(3)} `)).body();
    expect(new Set(recovery_codes).size).toBe(10);
    for (const one of recovery_codes)
      expect(one).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    expect(await status(person)).toMatchObject({ enabled: true, recovery_codes_left: 10 });
    expect((await person.api.auth.me({})).body().two_factor_enabled).toBe(true);
    expect((await person.api.account.setUpSecondFactor({})).status).toBe(400);
    expect((await enable(codeOf(secret, 1))).status).toBe(400);
    expect(await subjectsTo(person.email)).toEqual(["Signing in takes a second factor now"]);
  });

  it("ends all other sessions, which were opened without it", async () => {
    const here = await cloud.person("viewer");
    const there = await cloud.signIn(here.email);
    await turnOn(here.api);
    expect([await statusOf(here.token), await statusOf(there.token)]).toEqual([200, 401]);
    const { refresh_token } = here;
    expect((await cloud.stranger.auth.refresh({ body: { refresh_token } })).status).toBe(200);
  });

  it("of twenty at once succeeds once, and one set of recovery codes holds", async () => {
    const person = await cloud.person("viewer");
    const { secret } = (await person.api.account.setUpSecondFactor({})).body();
    const enable = () => person.api.account.enableSecondFactor({ body: { code: codeOf(secret) } });
    const answers = await Promise.all(Array.from({ length: 20 }, enable));
    // Ten codes an hour are looked at.
    const statuses = new Set(statusesOf(answers).filter((status) => status !== 200));
    expect([...statuses].filter((status) => status !== 400 && status !== 429)).toEqual([]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [winner] = answers.filter(({ status }) => status === 200);
    const codes = winner?.body().recovery_codes ?? [];
    for (const code of codes.slice(0, 3))
      expect((await send(await ticketOf(person.email), code)).status).toBe(200);
    expect(await status(person)).toMatchObject({ recovery_codes_left: 7 });
    expect((await subjectsTo(person.email)).filter((one) => one.startsWith("Signing in takes"))).toHaveLength(
      1,
    );
  });

  it("stores neither secret nor recovery codes nor tickets as they are", async () => {
    const { email, factor } = await protectedPerson();
    const ticket = await ticketOf(email);
    const stored = JSON.stringify(await storage.items(""));
    const { Secret } = await import("otpauth");
    const secret = Secret.fromBase32(factor.secret);
    const forms = [
      factor.secret,
      secret.hex,
      Buffer.from(secret.bytes).toString("base64"),
      Buffer.from(secret.bytes).toString("base64url"),
      ticket,
      ...factor.recovery_codes.flatMap((code) => [code, code.replaceAll("-", "")]),
    ];
    for (const form of forms) expect(stored.toLowerCase()).not.toContain(form.toLowerCase());
  });

  it("can't be read with somebody else's item", async () => {
    const [one, other] = [await protectedPerson(), await protectedPerson()];
    const [mine] = await storage.items(`second_factor#${one.id}`);
    await storage.change(`second_factor#${other.id}`, () => ({ secret: mine?.secret }));
    const answer = await send(await ticketOf(other.email), codeOf(one.factor.secret, 1));
    expect(answer.status).toBe(500);
  });
});

describe("signing in with a second factor", () => {
  it("takes the password, then a code: the whole way", async () => {
    const { email, factor } = await protectedPerson();
    const answer = (await logIn(email)).body();
    expect(answer).toEqual({
      second_factor_required: true,
      ticket: expect.stringMatching(/^[\w-]{43}$/),
      expires_in: 300,
    });
    const ticket = "ticket" in answer ? answer.ticket : "";
    expect(await statusOf(ticket)).toBe(401);
    const tokens = (await send(ticket, codeOf(factor.secret, 1))).body();
    expect(await statusOf(tokens.access_token)).toBe(200);
    const { refresh_token } = tokens;
    expect((await cloud.stranger.auth.refresh({ body: { refresh_token } })).status).toBe(200);
  });

  it("with a wrong password says the same as without a second factor", async () => {
    const [without, { email }] = [await cloud.person("viewer"), await protectedPerson()];
    const [one, other] = [await logIn(without.email, "Wrong-Horse-1"), await logIn(email, "Wrong-Horse-1")];
    expect([one.status, one.raw]).toEqual([other.status, other.raw]);
  });

  it("takes each code once: twenty who send the same one at once get one session", async () => {
    const { email, factor } = await protectedPerson();
    const tickets = [];
    for (let n = 0; n < 20; n++) {
      tickets.push(await ticketOf(email));
      if (n % 5 === 4) for (const counted of ["logins#", "account_logins#"]) await storage.remove(counted);
    }
    const [code = "", ...former] = [1, 0, -1].map((steps) => codeOf(factor.secret, steps));
    const halves = [tickets.slice(0, 10), tickets.slice(10)];
    const statuses: number[] = [];
    for (const half of halves) {
      statuses.push(...statusesOf(await Promise.all(half.map((ticket) => send(ticket, code)))));
      await forgetTries();
    }
    expect(statuses.filter((one) => one === 200)).toHaveLength(1);
    expect(statuses.filter((one) => one === 401)).toHaveLength(19);
    // The one that turned the factor on was used, too, and so are all before it.
    for (const used of [code, ...former]) {
      await storage.remove("logins#");
      expect((await send(await ticketOf(email), used)).status).toBe(401);
    }
  });

  it("takes each ticket once, also with another code", async () => {
    const { email, factor } = await protectedPerson();
    const ticket = await ticketOf(email);
    const [first, ...others] = factor.recovery_codes;
    expect((await send(ticket, first ?? "")).status).toBe(200);
    for (const code of [first ?? "", others[0] ?? "", codeOf(factor.secret, 1)])
      expect((await send(ticket, code)).status).toBe(401);
    const another = await ticketOf(email);
    const raced = await Promise.all(others.slice(1, 8).map((code) => send(another, code)));
    expect(raced.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("ends after five wrong codes, and a ticket is worth nothing then", async () => {
    const { email, factor } = await protectedPerson();
    const ticket = await ticketOf(email);
    const wrong = wrongCode(factor.secret);
    for (let n = 0; n < 5; n++) expect((await send(ticket, wrong)).status).toBe(401);
    expect((await send(ticket, codeOf(factor.secret, 1))).raw).toEqual({
      detail: expect.stringContaining("has ended"),
    });
    expect((await send(await ticketOf(email), codeOf(factor.secret, 1))).status).toBe(200);
  });

  it("is tried ten times an hour with however many tickets; where the owner has signed in before, apart", () =>
    withinAnHour(async () => {
      await forgetTries();
      const { id, email, factor } = await protectedPerson();
      const wrong = wrongCode(factor.secret);
      const guess = async () => (await send(await ticketOf(email), wrong)).status;
      const statuses: number[] = [];
      for (let n = 0; n < 12; n++) {
        statuses.push(await guess());
        for (const counted of ["logins#", "account_logins#"]) await storage.remove(counted);
      }
      expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
      const refused = await send(await ticketOf(email), codeOf(factor.secret, 1));
      expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
      // Whoever that is knows the password: its owner is told, once.
      expect((await subjectsTo(email)).filter((one) => one.startsWith("Somebody who knows"))).toHaveLength(1);
      // Strangers have used up what strangers have; the owner comes from an address that is known.
      const { addressHash } = await import("@success-manager/domain/rate-limit");
      const { Sessions } = await import("@success-manager/domain/auth");
      await storage.change(`login#${email}`, () => ({ known_addresses: [addressHash("192.0.2.7")] }));
      const ticket = await ticketOf(email);
      const device = { sourceIp: "192.0.2.7" };
      expect(
        await Sessions.signInWithCode({ ticket, code: codeOf(factor.secret, 1) }, device),
      ).toHaveProperty("access_token");
      expect((await storage.items(`session#${id}`)).length).toBeGreaterThan(0);
    }));

  it.each([
    ["after five minutes", "expired"],
    ["after another password", "password"],
    ["when the account is deactivated", "deactivated"],
    ["when the factor was reset", "reset"],
  ])("ends %s", async (_, how) => {
    const { id, email, factor } = await protectedPerson();
    const ticket = await ticketOf(email);
    const params = { user_id: id };
    const { users } = cloud.admin.api;
    if (how === "expired")
      await storage.change("sign_in_ticket#", () => ({
        expires_at_epoch: Math.floor(Date.now() / 1000) - 1,
      }));
    if (how === "password") await users.update({ params, body: { password: "Another-Horse-2" } });
    if (how === "deactivated") await users.deactivate({ params });
    if (how === "reset") await users.resetSecondFactor({ params });
    expect((await send(ticket, codeOf(factor.secret, 1))).status).toBe(401);
  });

  it.each(["", "x", "a".repeat(43), "\u0000", "../../users"])(
    "with a made-up ticket, %j, is refused",
    async (ticket) => {
      expect([401, 422]).toContain((await send(ticket, "123456")).status);
    },
  );

  it("is not spared by a new password: a reset leaves the factor on", async () => {
    const { email, factor } = await protectedPerson();
    await cloud.stranger.auth.forgotPassword({ body: { email } });
    await cloud.settled();
    const letters = await lettersTo(cloud.inboxUrl, email);
    const token = /\/password\/([\w-]{43})\b/.exec(letters.at(-1)?.body.text ?? "")?.[1] ?? "";
    const new_password = "Another-Horse-2";
    expect((await cloud.stranger.auth.setPassword({ body: { token, new_password } })).status).toBe(200);
    const answer = (await logIn(email, new_password)).body();
    expect(answer).toHaveProperty("ticket");
    const ticket = "ticket" in answer ? answer.ticket : "";
    expect((await send(ticket, codeOf(factor.secret, 1))).status).toBe(200);
  });
});

describe("recovery codes", () => {
  it("let in once each, however they are typed, and their owner is told", async () => {
    const { email, factor, api } = await protectedPerson();
    const [first = "", second = ""] = factor.recovery_codes;
    expect((await send(await ticketOf(email), first.toUpperCase().replaceAll("-", " "))).status).toBe(200);
    expect((await send(await ticketOf(email), first)).status).toBe(401);
    const tickets = [await ticketOf(email), await ticketOf(email), await ticketOf(email)];
    const raced = await Promise.all(tickets.map((ticket) => send(ticket, second)));
    expect(statusesOf(raced)).toEqual([200, 401, 401]);
    expect(await status({ api })).toMatchObject({ recovery_codes_left: 8 });
    expect((await subjectsTo(email)).filter((one) => one.startsWith("A recovery code"))).toHaveLength(2);
  });

  it("are made anew with a code of the app; the former ones end", async () => {
    const { email, factor, api } = await protectedPerson();
    const renew = (code: string) => api.account.renewRecoveryCodes({ body: { code } });
    expect((await renew(wrongCode(factor.secret))).status).toBe(400);
    expect((await renew(factor.recovery_codes[0] ?? "")).status).toBe(400);
    const answers = await Promise.all([1, 1, 1].map((steps) => renew(codeOf(factor.secret, steps))));
    expect(statusesOf(answers)).toEqual([200, 400, 400]);
    const codes = answers.find(({ status }) => status === 200)?.body().recovery_codes ?? [];
    expect((await send(await ticketOf(email), factor.recovery_codes[1] ?? "")).status).toBe(401);
    expect((await send(await ticketOf(email), codes[0] ?? "")).status).toBe(200);
  });
});

describe("turning it off", () => {
  const disable = ({ api }: Pick<Person, "api">, password = PASSWORD) =>
    api.account.disableSecondFactor({ body: { password } });

  it("takes the password, forgets the secret, and is told by mail", async () => {
    const person = await protectedPerson();
    const wrong = await disable(person, "Wrong-Horse-1");
    expect([wrong.status, wrong.raw]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ loc: ["body", "password"] })] }),
    ]);
    expect((await disable(person)).status).toBe(200);
    expect(await status(person)).toMatchObject({ enabled: false, has_secret: false });
    expect((await logIn(person.email)).body()).toHaveProperty("access_token");
    expect((await disable(person)).status).toBe(400);
    expect(await storage.items(`second_factor#${person.id}`)).toEqual([]);
    expect(await subjectsTo(person.email)).toContain("Your second factor was turned off");
  });

  it("by an admin, for who has lost it, ends all sessions; nobody else may, nor an admin for themselves", async () => {
    const person = await protectedPerson();
    const params = { user_id: person.id };
    const reset = ({ api }: Pick<Person, "api">) => api.users.resetSecondFactor({ params });
    for (const by of [cloud.viewer, cloud.manager]) expect((await reset(by)).status).toBe(403);
    expect((await reset(cloud.admin)).status).toBe(200);
    expect(await statusOf(person.token)).toBe(401);
    expect((await logIn(person.email)).body()).toHaveProperty("access_token");
    expect((await reset(cloud.admin)).status).toBe(404);
    expect(await subjectsTo(person.email)).toContain("An admin has reset your second factor");
    const admin = await protectedPerson("admin");
    const own = { user_id: admin.id };
    expect((await admin.api.users.resetSecondFactor({ params: own })).status).toBe(400);
    const nobody = { user_id: randomUUID() };
    expect((await cloud.admin.api.users.resetSecondFactor({ params: nobody })).status).toBe(404);
  });
});

describe("a team that asks for a second factor", () => {
  const ask = (who: "nobody" | "admins" | "everybody" | null) =>
    cloud.admin.api.settings.updateSecurity({ body: { second_factor_required_for: who } });
  beforeAll(() => ask("everybody"));
  afterAll(() => ask(null));

  it("lets people without one do nothing but set one up, and everything afterwards", async () => {
    const { email } = await cloud.person("admin");
    const person = await cloud.signIn(email);
    expect(await status(person)).toMatchObject({ enabled: false, required: true });
    const open = [];
    for (const group of groups)
      for (const { key, path, method, name } of routes(group)) {
        const endpoint = (group.endpoints as Readonly<Record<string, { access: string }>>)[name];
        if (endpoint?.access === "public" || name === "logout") continue;
        const answer = await fetch(cloud.apiUrl + path.replaceAll(/\{\w+\}/g, randomUUID()), {
          method,
          headers: { authorization: `Bearer ${person.token}`, "content-type": "application/json" },
          ...(method !== "GET" && { body: "{}" }),
        });
        const text = await answer.text();
        if (answer.status === 403)
          expect([key, text]).toEqual([key, expect.stringContaining("second factor")]);
        else open.push(key);
      }
    expect(open.sort()).toEqual([
      "GET /api/v1/account/2fa/status",
      "GET /api/v1/auth/me",
      "GET /api/v1/users/profile",
      "POST /api/v1/account/2fa/enable",
      "POST /api/v1/account/2fa/setup",
    ]);
    const { secret } = await turnOn(person.api);
    expect((await person.api.customers.list({})).status).toBe(200);
    const tokens = (await send(await ticketOf(email), codeOf(secret, 1))).body();
    expect((await apiOf(cloud.apiUrl, tokens.access_token).customers.list({})).status).toBe(200);
    expect((await person.api.account.disableSecondFactor({ body: { password: PASSWORD } })).status).toBe(403);
  });

  it("reaches sessions that are open, with their next token", async () => {
    await ask("nobody");
    const person = await cloud.person("viewer");
    await ask("everybody");
    expect((await person.api.customers.list({})).status).toBe(200);
    const { refresh_token } = person;
    const { access_token } = (await cloud.stranger.auth.refresh({ body: { refresh_token } })).body();
    expect((await apiOf(cloud.apiUrl, access_token).customers.list({})).status).toBe(403);
    // The same session: its former token is no way around.
    expect((await person.api.customers.list({})).status).toBe(403);
  });

  it("may ask admins alone", async () => {
    await ask("admins");
    const [admin, manager] = [await cloud.person("admin"), await cloud.person("manager")];
    expect((await admin.api.customers.list({})).status).toBe(403);
    expect((await manager.api.customers.list({})).status).toBe(200);
    await ask("everybody");
  });

  it("takes no other word for it, and lets no manager change it", async () => {
    const body = { second_factor_required_for: "some" as "nobody" };
    expect((await cloud.admin.api.settings.updateSecurity({ body })).status).toBe(422);
    expect((await cloud.manager.api.settings.updateSecurity({ body: {} })).status).toBe(403);
  });
});

describe("closing one's own account", () => {
  it("takes the password, deactivates it and ends all sessions", async () => {
    const person = await cloud.person("viewer");
    const other = await cloud.signIn(person.email);
    const close = (password: string) => person.api.account.close({ body: { password } });
    expect((await close("Wrong-Horse-1")).status).toBe(422);
    expect((await close(PASSWORD)).status).toBe(200);
    for (const { token } of [person, other]) expect(await statusOf(token)).toBe(403);
    expect((await logIn(person.email)).status).toBe(403);
    const params = { user_id: person.id };
    expect((await cloud.admin.api.users.get({ params })).body().is_active).toBe(false);
    await cloud.admin.api.users.reactivate({ params });
    expect((await logIn(person.email)).status).toBe(200);
  });

  it("is refused to the last admin, however many leave at once", async () => {
    const admins = [cloud.admin, await cloud.person("admin"), await cloud.person("admin")];
    const active = (await cloud.admin.api.users.list({ query: { role: "admin", is_active: true } })).body()
      .users;
    for (const { id } of active)
      if (!admins.some((admin) => admin.id === id))
        await cloud.admin.api.users.deactivate({ params: { user_id: id } });
    const answers = await Promise.all(
      admins.map(({ api }) => api.account.close({ body: { password: PASSWORD } })),
    );
    expect(statusesOf(answers)).toEqual([200, 200, 409]);
  });
});
