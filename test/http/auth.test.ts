import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { withinAMinute } from "../support/minute.ts";
import { FORM_BODY, JSON_BODY, type Received, sender } from "../support/send.ts";
import { type Storage, storageOf } from "../support/storage.ts";

/** About 15 ms: enough to be told from a log-in that hashes nothing, and not much to wait for. */
const COST = { BCRYPT_COST: "8" };

let cloud: TestCloud;
let storage: Storage;
beforeAll(async () => {
  cloud = await testCloud({ environment: COST });
  storage = storageOf(cloud);
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});
// All of these tests come from one address.
const forgetLogIns = () => storage.remove("logins#");
beforeEach(forgetLogIns);

/** Limits are counted per minute of the clock. */
const counted = (work: () => Promise<void>) => () =>
  withinAMinute(async () => {
    await forgetLogIns();
    await work();
  });

const LOGIN = "/api/v1/auth/login";
const logIn = (username: string, password = PASSWORD): Promise<Received> =>
  sender(cloud.apiUrl)("POST", LOGIN, {
    headers: FORM_BODY,
    body: new URLSearchParams({ username, password }).toString(),
  });

let counter = 0;
/** Created through the API, so that the hash costs what the functions' hashes cost. */
const newUser = async (password = PASSWORD) => {
  const email = `Person${++counter}@Example.com`;
  const body = { email, full_name: "A Person", password };
  return (await cloud.admin.api.users.create({ body })).body();
};

describe("a log-in", () => {
  it("is form-encoded and gives two tokens, as OAuth2's password grant does", async () => {
    const { email, last_login } = await newUser();
    expect(last_login).toBeNull();
    const form = { username: email, password: PASSWORD, grant_type: "password", scope: "", client_id: "" };
    const answer = await cloud.stranger.auth.login({ form: { ...form, grant_type: "password" } });
    expect(answer.status).toBe(200);
    const tokens = answer.body();
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: "bearer",
      expires_in: 1800,
    });
    const { api } = await cloud.signIn(email);
    expect((await api.auth.me({})).body().last_login).toMatch(/^\d{4}-.*\.\d{3}Z$/);
  });

  it.each([(email: string) => email.toUpperCase(), (email: string) => `  ${email.toLowerCase()}\t`])(
    "takes the address in any case and with blanks around it",
    async (typed) => {
      const { email } = await newUser();
      expect((await logIn(typed(email))).status).toBe(200);
    },
  );

  it("in JSON is refused", async () => {
    const body = JSON.stringify({ username: cloud.viewer.email, password: PASSWORD });
    const { status, json } = await sender(cloud.apiUrl)("POST", LOGIN, { headers: JSON_BODY, body });
    expect(status).toBe(422);
    expect(json).toMatchObject({ errors: [{ loc: ["body"], type: "content_type" }] });
  });

  it.each([
    ["", ["username", "password"]],
    ["username=ada%40example.com", ["password"]],
    ["password=secret", ["username"]],
    ["username=&password=secret", ["username"]],
    ["username=+++&password=secret", ["username"]],
    ["username=%00&password=secret", ["username"]],
    ["username=ada%40example.com&password=", ["password"]],
    ["username=ada%40example.com&password=secret&grant_type=client_credentials", ["grant_type"]],
  ])("with %j says what is missing or wrong", async (body, fields) => {
    const { status, json } = await sender(cloud.apiUrl)("POST", LOGIN, { headers: FORM_BODY, body });
    expect(status).toBe(422);
    expect(json).toMatchObject({ errors: fields.map((field) => ({ loc: ["body", field] })) });
  });

  it("with a wrong password says the same as with an unknown address", async () => {
    const { email } = await newUser();
    const [wrong, unknown] = [await logIn(email, "Wrong-Horse-1"), await logIn("nobody@example.com")];
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.json).toEqual(unknown.json);
    expect(wrong.headers.get("www-authenticate")).toBe("Bearer");
    expect(unknown.headers.get("www-authenticate")).toBe("Bearer");
  });

  // A machine that is busy with something else may spoil a comparison of times.
  it("takes as long for an unknown address as for a wrong password", { retry: 5 }, async () => {
    const { email } = await newUser();
    const timed = async (username: string) => {
      const start = performance.now();
      await logIn(username, "Wrong-Horse-1");
      return performance.now() - start;
    };
    const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 9; round++) {
      known.push(await timed(email));
      unknown.push(await timed(`nobody${round}@example.com`));
    }
    // Without hashing it would take a fifth.
    expect(median(unknown) / median(known)).toBeGreaterThan(0.5);
    expect(median(unknown) / median(known)).toBeLessThan(2);
  });

  it.each(["no-at-sign", "ﷺ".repeat(254), "İ".repeat(254), "a@b'; --", "*", "login#"])(
    "with the odd address %j is only unknown",
    async (username) => {
      expect((await logIn(username)).status).toBe(401);
    },
  );

  it(
    "works on ten devices at once",
    counted(async () => {
      const { email } = await newUser();
      const answers = await Promise.all(Array.from({ length: 10 }, () => logIn(email)));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    }),
  );

  it("of a deactivated user is forbidden, but only to who knows the password", async () => {
    const { id, email } = await newUser();
    await cloud.admin.api.users.activate({ params: { user_id: id }, body: { is_active: false } });
    expect((await logIn(email)).status).toBe(403);
    expect((await logIn(email, "Wrong-Horse-1")).status).toBe(401);
  });
});

describe("a password", () => {
  const NEW = { full_name: "A Person" };
  const euros = (count: number) => "€".repeat(count);

  it("of 72 bytes is kept whole: a longer one that begins with it does not sign in", async () => {
    const password = euros(24);
    const { email } = await newUser(password);
    expect((await logIn(email, password)).status).toBe(200);
    expect((await logIn(email, `${password}!`)).status).toBe(401);
    expect((await logIn(email, euros(23))).status).toBe(401);
  });

  it.each([
    ["seven letters", "Abcdef1", "must be at least 8 characters"],
    ["73 letters", "x".repeat(73), "must be at most 72 bytes"],
    ["73 bytes in 25 characters", `${euros(24)}!`, "must be at most 72 bytes"],
    ["a NUL", "Correct\u0000Horse", "must not contain NUL or broken characters"],
    ["a broken character", "Correct\ud800Horse", "must not contain NUL or broken characters"],
  ])("of %s is refused", async (_, password, msg) => {
    const email = `refused${++counter}@example.com`;
    const answer = await cloud.admin.api.users.create({ body: { ...NEW, email, password } });
    expect(answer.status).toBe(422);
    expect(answer.raw).toMatchObject({ detail: `password: ${msg}`, errors: [{ loc: ["body", "password"] }] });
  });

  it("keeps its blanks", async () => {
    const { email } = await newUser("  Correct  Horse  ");
    expect((await logIn(email, "  Correct  Horse  ")).status).toBe(200);
    expect((await logIn(email, "Correct  Horse")).status).toBe(401);
  });
});

describe("a person's own profile", () => {
  it("changes name and address, and the sessions go on", async () => {
    const person = await cloud.person("viewer");
    const email = `moved${++counter}@example.com`;
    const { api } = person;
    const changed = (
      await api.auth.updateMe({ body: { email, full_name: "  New Name ", phone: "1" } })
    ).body();
    expect(changed).toMatchObject({ id: person.id, email, full_name: "New Name", role: "viewer" });
    expect((await api.auth.me({})).body()).toEqual(changed);
    expect((await logIn(email)).status).toBe(200);
    expect((await logIn(person.email)).status).toBe(401);
  });

  it("stays when nothing is sent, and null clears nothing", async () => {
    const { api } = await cloud.person("viewer");
    const before = (await api.auth.me({})).body();
    const { full_name, email, role } = (
      await api.auth.updateMe({ body: { email: null, full_name: null, phone: null } })
    ).body();
    expect({ full_name, email, role }).toEqual({
      full_name: before.full_name,
      email: before.email,
      role: before.role,
    });
    expect((await api.auth.updateMe({ body: {} })).status).toBe(200);
  });

  it.each([
    ["full_name", "   "],
    ["full_name", "x".repeat(256)],
    ["full_name", "A\u0000B"],
    ["email", "no address"],
    ["email", `${"x".repeat(250)}@example.com`],
    ["email", "a\ud800@example.com"],
    ["phone", "1".repeat(51)],
  ])("refuses a %s of %j", async (field, value) => {
    const answer = await cloud.viewer.api.auth.updateMe({ body: { [field]: value } });
    expect(answer.status).toBe(422);
    expect(answer.raw).toMatchObject({ errors: [{ loc: ["body", field] }] });
  });

  it("can't take somebody else's address, in any case", async () => {
    const email = cloud.admin.email.toUpperCase();
    expect((await cloud.viewer.api.auth.updateMe({ body: { email } })).status).toBe(409);
  });

  it("changes only on the revision that If-Match names", async () => {
    const { api } = await cloud.person("viewer");
    const stale = (await api.auth.me({})).headers.get("etag") ?? "";
    const fresh = await api.auth.updateMe({ body: { full_name: "One" } }, { "if-match": stale });
    expect(fresh.status).toBe(200);
    const refused = await api.auth.updateMe({ body: { full_name: "Two" } }, { "if-match": stale });
    expect(refused.status).toBe(412);
    expect((await api.auth.me({})).body().full_name).toBe("One");
  });
});

describe("too many log-ins", () => {
  it(
    "lock an account out for the rest of the minute, and no other account",
    counted(async () => {
      const [tried, other] = [await newUser(), await newUser()];
      for (let attempt = 1; attempt <= 10; attempt++)
        expect(
          (await logIn(attempt % 2 ? tried.email : tried.email.toUpperCase(), "Wrong-Horse-1")).status,
        ).toBe(401);
      const refused = await logIn(tried.email);
      expect(refused.status).toBe(429);
      const seconds = Number(refused.headers.get("retry-after"));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(refused.json).toEqual({ detail: `Too many attempts. Try again in ${seconds} seconds.` });
      expect((await logIn(other.email)).status).toBe(200);
    }),
  );

  it(
    "at once are counted one by one",
    counted(async () => {
      const { email } = await newUser();
      const answers = await Promise.all(Array.from({ length: 20 }, () => logIn(email, "Wrong-Horse-1")));
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    }),
  );

  it(
    "from one address end at 100, whatever the accounts, and a header does not help",
    counted(async () => {
      const { email } = await newUser();
      const attempts = Array.from({ length: 100 }, (_, n) => logIn(`guess${n}@example.com`));
      for (const { status } of await Promise.all(attempts)) expect(status).toBe(401);
      expect((await logIn(email)).status).toBe(429);
      const disguised = await sender(cloud.apiUrl)("POST", LOGIN, {
        headers: { ...FORM_BODY, "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9" },
        body: new URLSearchParams({ username: email, password: PASSWORD }).toString(),
      });
      expect(disguised.status).toBe(429);
      expect((await cloud.viewer.api.auth.me({})).status).toBe(200);
    }),
  );
});
