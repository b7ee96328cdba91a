import { createHash, randomBytes, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { decodeJwt, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, apiOf, PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { CLIENT_ID, oidcProvider, type TestProvider, walker } from "../support/oidc-provider.ts";
import { codeOf, turnOn } from "../support/second-factor.ts";
import { storageOf } from "../support/storage.ts";

/** Log-in with a provider, by the real protocol against a real provider (`oidc-provider`). */

const APP = "https://app.example.com";
const CALLBACK = "/api/v1/auth/oidc/callback";

const settingsOf = (issuer: string, more: object = {}) =>
  JSON.stringify({
    ...{ issuer, client_id: CLIENT_ID, client_secret: "a secret of the client, shared with nobody" },
    ...{
      scopes: ["openid", "email", "profile"],
      email_proof: "email_verified",
      mail_domains: ["example.com"],
    },
    ...{ default_role: "viewer", label: "Sign in with Example", origins: [APP, "http://localhost:5173"] },
    ...{ local: true, roles: { claim: "groups", values: { bosses: "admin", leads: "manager" } } },
    ...more,
  });

let provider: TestProvider;
let cloud: TestCloud;
beforeAll(async () => {
  provider = await oidcProvider();
  cloud = await testCloud({ environment: { OIDC: settingsOf(provider.issuer) } });
  await provider.open({ redirectUri: `${cloud.apiUrl}${CALLBACK}` });
});
afterAll(async () => {
  await cloud?.stop();
  await provider?.stop();
});

const base64url = (bytes: Buffer) => bytes.toString("base64url");
const sha256 = (text: string) => base64url(createHash("sha256").update(text).digest());

/** Somebody new at the provider. */
function account(claims: object = {}): { sub: string; email: string } {
  const sub = randomUUID();
  const email = `${sub}@example.com`;
  provider.accounts.set(sub, { email, email_verified: true, name: "Ada Winter", ...claims });
  return { sub, email };
}

type Browser = ReturnType<typeof walker>;

/** Begins a log-in, and goes to the provider and back. */
async function begin(sub: string, browser = walker(), return_to?: string) {
  const code_verifier = base64url(randomBytes(32));
  const query = new URLSearchParams({
    code_challenge: sha256(code_verifier),
    ...(return_to !== undefined && { return_to }),
  });
  const first = await browser.visit(`${cloud.apiUrl}/api/v1/auth/oidc/login?${query}`);
  expect([first.status, await first.text()]).toEqual([302, ""]);
  const authorization = first.headers.get("location") ?? "";
  const back = await browser.signInAtProvider(authorization, sub, `${cloud.apiUrl}${CALLBACK}`);
  return { browser, code_verifier, authorization: new URL(authorization), back };
}

/** What the web app is told in the fragment. */
function told(response: Response): Record<string, string> {
  const url = new URL(response.headers.get("location") ?? "");
  return {
    address: url.origin + url.pathname + url.search,
    ...Object.fromEntries(new URLSearchParams(url.hash.slice(1))),
  };
}

const JSON_ALONE = { headers: { accept: "application/json" } };

async function finish({ browser, back }: { browser: Browser; back: string }) {
  const answer = await browser.visit(back);
  expect(answer.status).toBe(302);
  return told(answer);
}

async function logIn(sub: string, browser = walker()) {
  const begun = await begin(sub, browser);
  const { code = "", ...rest } = await finish(begun);
  expect(rest).toEqual({ address: `${APP}/` });
  const answer = await cloud.stranger.auth.oidcExchange({
    body: { code, code_verifier: begun.code_verifier },
  });
  const tokens = answer.body();
  const api = apiOf(cloud.apiUrl, tokens.access_token);
  return { tokens, api, me: (await api.auth.me({})).body() };
}

/** The status of a log-in that fails on its way back, and the sentence. */
async function refused(sub: string): Promise<[number, string]> {
  const { browser, back } = await begin(sub);
  const answer = await browser.visit(back, JSON_ALONE);
  const { detail } = (await answer.json()) as { detail: string };
  return [answer.status, detail];
}

describe("a log-in with a provider", () => {
  it("makes a user of who comes for the first time, with the role of their groups, and knows them again", async () => {
    const { sub, email } = account({ groups: ["leads", "others"] });
    const first = await logIn(sub);
    expect(first.me).toMatchObject({ email, full_name: "Ada Winter", role: "manager", is_active: true });
    const second = await logIn(sub);
    expect(second.me.id).toBe(first.me.id);
    const refreshed = await cloud.stranger.auth.refresh({
      body: { refresh_token: second.tokens.refresh_token },
    });
    expect(refreshed.status).toBe(200);
  });
});

describe("a user whom the provider knows", () => {
  it("who has an account with the same verified address is linked to it once; password and sessions of before end", async () => {
    const { sub, email } = account();
    const before = await cloud.person("manager", email.toUpperCase());
    // Groups that mean nothing: the default.
    const { me } = await logIn(sub);
    expect(me).toMatchObject({ id: before.id, role: "viewer" });
    expect((await before.api.auth.me({})).status).toBe(401);
    const typed = { username: email, password: PASSWORD };
    expect((await cloud.stranger.auth.login({ form: typed })).status).toBe(401);

    // Somebody else at the provider who got the same address later.
    const other = account({ email });
    expect(await refused(other.sub)).toEqual([403, expect.stringContaining("Somebody else")]);
    expect((await logIn(sub)).me.id).toBe(before.id);
  });

  it("is unlinked by an admin: sessions end, and another person of the same address may come, once invited", async () => {
    const { sub, email } = account();
    const { me, api } = await logIn(sub);
    const { admin } = cloud;
    const unlink = (user_id: string) => admin.api.users.unlink({ params: { user_id } });
    expect((await cloud.manager.api.users.unlink({ params: { user_id: me.id } })).status).toBe(403);
    expect((await unlink(admin.id)).status).toBe(400);
    const other = account({ email });
    expect(await refused(other.sub)).toEqual([403, expect.stringContaining("Somebody else")]);
    // Of twenty at once, one has done it.
    const answers = await Promise.all(Array.from({ length: 20 }, () => unlink(me.id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).not.toContain(500);
    expect((await unlink(me.id)).status).toBe(404);
    expect((await api.auth.me({})).status).toBe(401);
    expect((await admin.api.users.get({ params: { user_id: me.id } })).body().invited_at).not.toBeNull();
    const again = { email, full_name: "Ada Winter", role: "viewer" } as const;
    expect((await admin.api.users.invite({ body: again })).body().id).toBe(me.id);
    expect((await logIn(other.sub)).me.id).toBe(me.id);
    // Who they were before is somebody else now.
    expect(await refused(sub)).toEqual([403, expect.stringContaining("Somebody else")]);
  });

  it("closes the account without a password: by a code of the second factor, or a log-in of just now", async () => {
    const { SessionEntity } = await import("@success-manager/domain/table");
    const withFactor = await logIn(account().sub);
    const { secret, recovery_codes } = await turnOn(withFactor.api);
    const close = (api: Api, body: object) => api.account.close({ body });
    const turnOff = (body: object) => withFactor.api.account.disableSecondFactor({ body });
    for (const body of [{}, { code: "000000" }, { code: codeOf(secret, -1) }, { password: PASSWORD }])
      expect((await turnOff(body)).status, JSON.stringify(body)).toBe(422);
    const [recovery = ""] = recovery_codes;
    expect((await turnOff({ code: recovery })).status).toBe(200);
    expect((await withFactor.api.account.secondFactor({})).body().enabled).toBe(false);
    expect((await close(withFactor.api, {})).status).toBe(200);
    expect((await withFactor.api.auth.me({})).status).toBe(403);

    const late = await logIn(account().sub);
    const sid = String(decodeJwt(late.tokens.access_token).sid);
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    await SessionEntity.patch({ user_id: late.me.id, id: sid })
      .set({ created_at: at(6) })
      .go();
    const refusal = await close(late.api, {});
    expect([refusal.status, JSON.stringify(refusal.raw)]).toEqual([
      422,
      expect.stringContaining("sign in again"),
    ]);
    await SessionEntity.patch({ user_id: late.me.id, id: sid })
      .set({ created_at: at(4) })
      .go();
    expect((await close(late.api, {})).status).toBe(200);
  });

  it("who was invited and has set no password comes in by the provider", async () => {
    const { sub, email } = account({ groups: ["bosses"] });
    const invited = await cloud.admin.api.users.invite({ body: { email, full_name: "Ada", role: "viewer" } });
    const { me } = await logIn(sub);
    expect(me).toMatchObject({ id: invited.body().id, role: "admin", invited_at: null });
  });

  it("is the same one however the address changes at the provider or here", async () => {
    const { sub } = account();
    const { me, api } = await logIn(sub);
    const moved = `${randomUUID()}@example.com`;
    await cloud.admin.api.users.update({ params: { user_id: me.id }, body: { email: moved } });
    provider.accounts.set(sub, { email: `${randomUUID()}@example.com`, email_verified: true });
    expect((await logIn(sub)).me).toMatchObject({ id: me.id, email: moved });
    // Without a password none is confirmed.
    const change = { current_password: PASSWORD, new_password: "Another-Horse-2" };
    expect((await api.auth.changePassword({ body: change })).status).toBe(422);
  });

  it("who signs in twice at once for the first time is one user", async () => {
    const { sub, email } = account();
    const both = await Promise.all([logIn(sub), logIn(sub), logIn(sub)]);
    expect(new Set(both.map(({ me }) => me.id)).size).toBe(1);
    const found = await cloud.admin.api.users.list({ query: { search: email } });
    expect(found.body().total).toBe(1);
  });

  it("who is deactivated stays out, also between the way back and the exchange", async () => {
    const { sub } = account();
    const { me } = await logIn(sub);
    const begun = await begin(sub);
    const { code = "" } = await finish(begun);
    await cloud.admin.api.users.deactivate({ params: { user_id: me.id } });
    const { code_verifier } = begun;
    expect((await cloud.stranger.auth.oidcExchange({ body: { code, code_verifier } })).status).toBe(403);
    expect(await refused(sub)).toEqual([403, "This account is deactivated. Ask an admin."]);
    // One that is known by the address alone, too.
    const other = account();
    const { id } = await cloud.person("viewer", other.email);
    await cloud.admin.api.users.deactivate({ params: { user_id: id } });
    expect((await refused(other.sub))[0]).toBe(403);
  });

  it("has the role that the claim says, at each log-in: the highest of several", async () => {
    const { sub, email } = account({ groups: ["leads"] });
    expect((await logIn(sub)).me.role).toBe("manager");
    const with_ = (claims: object) => provider.accounts.set(sub, { email, email_verified: true, ...claims });
    with_({ groups: ["leads", "bosses"] });
    const { me, api } = await logIn(sub);
    expect(me.role).toBe("admin");
    // A string is one value; names that every object has are none.
    with_({ groups: "leads" });
    expect((await logIn(sub)).me.role).toBe("manager");
    with_({ groups: ["constructor", "__proto__", 1, null] });
    expect((await logIn(sub)).me.role).toBe("viewer");
    // It holds in sessions of before.
    expect((await api.users.list({})).status).toBe(403);
    // Entra says so of groups that are too many for a token.
    const { sub: busy } = account();
    const elsewhere = () => ({ _claim_names: { groups: "src1" } });
    expect((await forging(elsewhere, () => refused(busy)))[0]).toBe(403);
  });
});

describe("whoever is not who the provider vouches for", () => {
  it.each([
    ["an address that is not verified", { email_verified: false }, "verified"],
    ["an address that nobody says is verified", { email_verified: undefined }, "verified"],
    ["no address", { email: undefined }, "tell your e-mail address"],
    [
      "something that is no address",
      { email: "ada@example.com, eve@example.com" },
      "tell your e-mail address",
    ],
    ["an address of another domain", { email: "ada@example.org" }, "another organization"],
    ["one that only ends like ours", { email: "ada@evil-example.com" }, "another organization"],
    ["one with our domain before the @", { email: "ada@example.com@evil.org" }, "e-mail address"],
  ])("stays out with %s", async (_, claims, sentence) => {
    const { sub } = account(claims);
    expect(await refused(sub)).toEqual([403, expect.stringContaining(sentence)]);
    // People are told by the web app.
    const { error, error_description, code } = await finish(await begin(sub));
    expect([error, error_description, code]).toEqual([
      "access_denied",
      expect.stringContaining(sentence),
      undefined,
    ]);
  });

  it("does not come in by an answer that was used, in this browser or another", async () => {
    const { sub } = account();
    const begun = await begin(sub);
    const cookies = new Map(begun.browser.jarOf(cloud.apiUrl));
    const { code = "" } = await finish(begun);
    // The cookie is gone with it.
    expect(begun.browser.jarOf(cloud.apiUrl).size).toBe(0);
    expect((await begun.browser.visit(begun.back, JSON_ALONE)).status).toBe(400);
    // And where somebody has kept it, the state is used.
    const kept = walker();
    for (const [name, value] of cookies) kept.jarOf(cloud.apiUrl).set(name, value);
    expect((await kept.visit(begun.back, JSON_ALONE)).status).toBe(400);
    expect((await walker().visit(begun.back, JSON_ALONE)).status).toBe(400);
    expect(await finish({ ...begun, browser: walker() })).toMatchObject({
      address: `${APP}/`,
      error: "invalid_request",
    });

    const { code_verifier } = begun;
    const exchange = (body: { code: string; code_verifier: string }) =>
      cloud.stranger.auth.oidcExchange({ body });
    expect((await exchange({ code, code_verifier: "x".repeat(43) })).status).toBe(401);
    expect((await exchange({ code: `${code.slice(0, -4)}AAAA`, code_verifier })).status).toBe(401);
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange({ code, code_verifier })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(19).fill(401)]);
  });

  it("ends one log-in by each state, however often the answer comes at once", async () => {
    const { sub } = account();
    const { browser, back } = await begin(sub);
    const cookie = Array.from(browser.jarOf(cloud.apiUrl), ([name, value]) => `${name}=${value}`).join("; ");
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        fetch(back, { redirect: "manual", headers: { cookie, accept: "application/json" } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 302).length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => status !== 302).every(({ status }) => status === 400)).toBe(true);
  });

  it("does not come in by another's answer: state, cookie and issuer belong together", async () => {
    const [victim, attacker] = [walker(), walker()];
    const mine = await begin(account().sub, attacker);
    const theirs = await begin(account().sub, victim);
    // An address with the attacker's code, in the victim's browser.
    expect((await victim.visit(mine.back, JSON_ALONE)).status).toBe(400);
    // The victim's state with the attacker's code: the verifier is another one.
    const mixed = new URL(theirs.back);
    mixed.searchParams.set("code", new URL(mine.back).searchParams.get("code") ?? "");
    expect((await victim.visit(mixed.href, JSON_ALONE)).status).toBe(400);
    const elsewhere = new URL((await begin(account().sub, victim)).back);
    elsewhere.searchParams.set("iss", "https://evil.example");
    expect((await victim.visit(elsewhere.href, JSON_ALONE)).status).toBe(400);
    // A cookie that was changed, or is another kind of token of ours.
    const changed = await begin(account().sub);
    const jar = changed.browser.jarOf(cloud.apiUrl);
    const [name = ""] = [...jar.keys()];
    const other = (jar.get(name) ?? "").replace(/.(?=.$)/, (letter) => (letter === "A" ? "B" : "A"));
    for (const value of [other, cloud.admin.refresh_token, "x"]) {
      jar.set(name, value);
      expect((await changed.browser.visit(changed.back, JSON_ALONE)).status).toBe(400);
    }
  });

  it("is too late with a code after a minute, and with an answer ten minutes after the beginning", async () => {
    const begun = await begin(account().sub);
    const { code = "" } = await finish(begun);
    const storage = storageOf(cloud);
    await storage.change("oidc_login#", () => ({ expires_at: new Date(Date.now() - 1).toISOString() }));
    storage.close();
    const { code_verifier } = begun;
    expect((await cloud.stranger.auth.oidcExchange({ body: { code, code_verifier } })).status).toBe(401);

    const { signOidcTicket } = await import("../../packages/domain/src/auth/tokens.ts");
    const answerAfter = async (minutes: number) => {
      const [state, nonce, verifier] = [sha256(randomUUID()), "x", sha256("y")];
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - minutes * 60_000 });
      const ticket = {
        state,
        nonce,
        code_verifier: verifier,
        code_challenge: sha256("z"),
        return_to: `${APP}/`,
      };
      const signed = await signOidcTicket(ticket);
      vi.useRealTimers();
      const name = createHash("sha256").update(state).digest("hex").slice(0, 16);
      const headers = { accept: "application/json", cookie: `oidc-${name}=${signed}` };
      const answer = await fetch(`${cloud.apiUrl}${CALLBACK}?state=${state}&code=made-up`, { headers });
      return [answer.status, ((await answer.json()) as { detail: string }).detail];
    };
    expect(await answerAfter(11)).toEqual([400, expect.stringContaining("has expired")]);
    // In time it is the provider who refuses it: without its name (RFC 9207).
    expect(await answerAfter(9)).toEqual([400, expect.stringContaining("is not valid")]);
  });

  it("hears so when the log-in is left at the provider", async () => {
    const { browser, authorization } = await begin(account().sub);
    const state = authorization.searchParams.get("state") ?? "";
    const query = new URLSearchParams({ state, error: "access_denied", iss: provider.issuer });
    const answer = await browser.visit(`${cloud.apiUrl}${CALLBACK}?${query}`);
    expect(told(answer)).toMatchObject({ address: `${APP}/`, error: "access_denied" });
  });
});

type TokenClaims = Record<string, unknown> & { iat: number };

/** Answers the next token requests with a token of other claims, signed by the provider's own key. */
async function forging<T>(change: (claims: TokenClaims) => object, run: () => Promise<T>): Promise<T> {
  provider.between.handle = async (context, next) => {
    await next();
    const body = context.body as { id_token?: string };
    if (context.path !== "/token" || !body.id_token) return;
    const claims = decodeJwt(body.id_token) as TokenClaims;
    context.body = { ...body, id_token: await provider.sign({ ...claims, ...change(claims) }) };
  };
  try {
    return await run();
  } finally {
    provider.between.handle = undefined;
  }
}

describe("an ID token", () => {
  it.each<[string, (claims: TokenClaims) => object]>([
    ["of another log-in", () => ({ nonce: "another" })],
    ["without a nonce", () => ({ nonce: undefined })],
    ["of another issuer", () => ({ iss: "https://evil.example" })],
    ["for another client", () => ({ aud: "another" })],
    ["for several clients, to another", () => ({ aud: [CLIENT_ID, "another"], azp: "another" })],
    ["that has expired", ({ iat }) => ({ exp: iat - 120 })],
    ["without an end", () => ({ exp: undefined })],
    ["that nobody is the subject of", () => ({ sub: undefined })],
    ["that is good later", ({ iat }) => ({ nbf: iat + 600 })],
  ])("%s lets nobody in", async (_, change) => {
    const { sub } = account();
    expect(await forging(change, () => refused(sub))).toEqual([400, expect.any(String)]);
    const found = await cloud.admin.api.users.list({ query: { search: sub } });
    expect(found.body().total).toBe(0);
  });

  it("of a clock that is half a minute off lets people in", async () => {
    const { sub } = account();
    const late = ({ iat }: TokenClaims) => ({ exp: iat - 30 });
    expect((await forging(late, () => logIn(sub))).me.email).toContain(sub);
  });

  it("that somebody else has signed, or nobody, lets nobody in", async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const { privateKey } = await generateKeyPair("RS256");
    const forgeries: ((token: string, claims: TokenClaims) => Promise<string> | string)[] = [
      (_, claims) => `${encode({ alg: "none" })}.${encode(claims)}.`,
      (token) => `${token.slice(0, -6)}AAAAAA`,
      (_, claims) => new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "first" }).sign(privateKey),
      // By the secret that client and provider share.
      (_, claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "HS256" })
          .sign(new TextEncoder().encode("a secret of the client, shared with nobody")),
    ];
    for (const forge of forgeries) {
      const { sub } = account();
      provider.between.handle = async (context, next) => {
        await next();
        const body = context.body as { id_token?: string };
        if (context.path !== "/token" || !body.id_token) return;
        context.body = {
          ...body,
          id_token: await forge(body.id_token, decodeJwt(body.id_token) as TokenClaims),
        };
      };
      expect((await refused(sub))[0]).toBe(400);
      provider.between.handle = undefined;
    }
  });

  it("of a key that the provider has just changed to lets people in at once", async () => {
    const { sub } = account();
    await logIn(sub);
    await provider.rotateKey();
    expect((await logIn(sub)).me.email).toContain(sub);
  });
});

describe("a provider that does not answer as it should", () => {
  const statusOf = async (browser: Browser, url: string) => {
    const answer = await browser.visit(url, JSON_ALONE);
    return [answer.status, answer.headers.get("retry-after")];
  };

  it("is a 503 with Retry-After, and the same log-in goes on when it is back", async () => {
    const { sub } = account();
    const begun = await begin(sub);
    await provider.pause();
    expect(await statusOf(begun.browser, begun.back)).toEqual([503, "10"]);
    const { error } = await finish(begun);
    expect(error).toBe("temporarily_unavailable");
    await provider.resume();
    expect((await finish(begun)).code).toBeTruthy();
  });

  it.each<[string, NonNullable<TestProvider["between"]["handle"]>]>([
    ["fails", async (context) => void Object.assign(context, { status: 500, body: {} })],
    ["is busy", async (context) => void Object.assign(context, { status: 503, body: {} })],
    ["takes too long", async () => void (await setTimeout(8_000))],
    [
      "answers without end",
      async (context) =>
        void Object.assign(context, { type: "json", body: `{"a":"${"x".repeat(400_000)}"}` }),
    ],
  ])("that %s is a 503 with Retry-After", async (_, handle) => {
    const { browser, back } = await begin(account().sub);
    provider.between.handle = (context, next) => (context.path === "/token" ? handle(context, next) : next());
    try {
      expect(await statusOf(browser, back)).toEqual([503, "10"]);
    } finally {
      provider.between.handle = undefined;
    }
  });

  it("that leads elsewhere is not followed", async () => {
    const { browser, back } = await begin(account().sub);
    const asked: string[] = [];
    provider.between.handle = async (context, next) => {
      asked.push(context.path);
      if (context.path === "/token") context.redirect("/elsewhere");
      else await next();
    };
    try {
      expect((await statusOf(browser, back))[0]).toBe(400);
      expect(asked).toEqual(["/token"]);
    } finally {
      provider.between.handle = undefined;
    }
  });
});

describe("where the browser comes back to", () => {
  const beginAt = (return_to: string) =>
    walker().visit(
      `${cloud.apiUrl}/api/v1/auth/oidc/login?${new URLSearchParams({ code_challenge: sha256("x"), return_to })}`,
    );

  it.each([
    "https://evil.example/",
    "//evil.example/",
    "https://app.example.com@evil.example/",
    "https://app.example.com.evil.example/",
    "https://user:secret@app.example.com/",
    "http://app.example.com/",
    "https://app.example.com:8443/",
    "javascript:alert(1)",
    "data:text/html,x",
    "https:/\\evil.example",
    "/relative",
    "",
  ])("is never %s", async (address) => {
    expect((await beginAt(address)).status).toBe(422);
  });

  it("is the page of the web app that asked", async () => {
    const { sub } = account();
    const answer = await finish(await begin(sub, walker(), "http://localhost:5173/login?next=%2Falerts#old"));
    expect(answer).toEqual({
      address: "http://localhost:5173/login?next=%2Falerts",
      code: expect.any(String),
    });
  });
});

it("what log-in pages ask for says how people sign in here", async () => {
  expect((await cloud.stranger.auth.methods({})).body()).toEqual({
    password: true,
    oidc: { label: "Sign in with Example", login_url: `${cloud.apiUrl}/api/v1/auth/oidc/login` },
  });
});

it("the cookie of a log-in is for no script, and for no other site's requests", async () => {
  const { headers } = await fetch(`${cloud.apiUrl}/api/v1/auth/oidc/login?code_challenge=${sha256("x")}`, {
    redirect: "manual",
  });
  const [cookie = ""] = headers.getSetCookie();
  expect(cookie).toMatch(/^oidc-[\da-f]{16}=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
  const { searchParams } = new URL(headers.get("location") ?? "");
  expect(Object.fromEntries(searchParams)).toMatchObject({
    response_type: "code",
    code_challenge_method: "S256",
    scope: "openid email profile",
    redirect_uri: `${cloud.apiUrl}${CALLBACK}`,
  });
  for (const name of ["state", "nonce", "code_challenge"])
    expect(searchParams.get(name)).toMatch(/^[\w-]{43}$/);
});

it("the last active admin stays one, whatever the claim says", async () => {
  const { sub, email } = account({ groups: ["bosses"] });
  const { me, api } = await logIn(sub);
  const { users } = (await api.users.list({ query: { role: "admin", is_active: true } })).body();
  const others = users.flatMap((user) => (user.id === me.id ? [] : [{ params: { user_id: user.id } }]));
  for (const other of others) (await api.users.deactivate(other)).body();
  provider.accounts.set(sub, { email, email_verified: true, groups: [] });
  expect((await logIn(sub)).me).toMatchObject({ id: me.id, role: "admin" });
  for (const other of others) (await api.users.reactivate(other)).body();
  expect((await logIn(sub)).me.role).toBe("viewer");
});
