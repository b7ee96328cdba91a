import { hash } from "bcryptjs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { FORM_BODY, JSON_BODY, type Received, sender } from "../support/send.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { waitOf, withinAMinute } from "../support/window.ts";

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
const forgetLogIns = async () => {
  await storage.remove("logins#");
  await storage.remove("account_logins#");
};
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
    const password = `${"€äß".repeat(9)}Horse1!!!`;
    expect(Buffer.byteLength(password)).toBe(72);
    const { email } = await newUser(password);
    expect((await logIn(email, password)).status).toBe(200);
    expect((await logIn(email, `${password}!`)).status).toBe(401);
    expect((await logIn(email, password.slice(0, -1))).status).toBe(401);
  });

  it.each([
    ["seven letters", "Abcdef1", "must be at least 8 characters"],
    ["four signs of two units each", "🐎🐎🐎🐎", "must be at least 8 characters"],
    [
      "eight letters that are four in NFC",
      "äöüß".normalize("NFD").slice(0, 7),
      "must be at least 8 characters",
    ],
    ["73 letters", "x".repeat(73), "must be at most 72 bytes"],
    ["73 bytes in 25 characters", `${euros(24)}!`, "must be at most 72 bytes"],
    ["2000 letters", "x".repeat(2000), "must be at most 72 bytes"],
    ["a NUL", "Correct\u0000Horse", "must not contain NUL or broken characters"],
    ["a broken character", "Correct\ud800Horse", "must not contain NUL or broken characters"],
  ])("of %s is refused", async (_, password, msg) => {
    const email = `refused${++counter}@example.com`;
    const answer = await cloud.admin.api.users.create({ body: { ...NEW, email, password } });
    expect(answer.status).toBe(422);
    expect(answer.raw).toMatchObject({ detail: `password: ${msg}`, errors: [{ loc: ["body", "password"] }] });
  });

  // A Mac may write a mark behind its letter, other keyboards write one sign for both (UAX #15).
  const ANGSTROM = "\u212bngström-Café-7";
  it.each([
    ["NFC", "NFD"],
    ["NFD", "NFC"],
    ["NFC", "as copied"],
    ["as copied", "NFC"],
    ["as copied", "NFD"],
  ])("that was set in %s signs in when it is typed in %s", async (set, typed) => {
    const form = (name: string) => (name === "as copied" ? ANGSTROM : ANGSTROM.normalize(name));
    const { email } = await newUser(form(set));
    expect((await logIn(email, form(typed))).status).toBe(200);
    expect((await logIn(email, "Angstrom-Cafe-7")).status).toBe(401);
  });

  it("of 72 bytes in NFC may be longer as it is typed", async () => {
    const password = `${"äöüß".repeat(8)}Horse-7!`;
    const { email } = await newUser(password.normalize("NFD"));
    expect((await logIn(email, password)).status).toBe(200);
    expect((await logIn(email, password.normalize("NFD"))).status).toBe(200);
  });

  it.each(["NFD", "as copied"])(
    "that was hashed in %s before we normalized still signs in, in every form, and counts once",
    (form) =>
      counted(async () => {
        const { email } = await newUser();
        const old = form === "NFD" ? ANGSTROM.normalize("NFD") : ANGSTROM;
        const password_hash = await hash(old, 4);
        await storage.change(`login#${email.toLowerCase()}`, () => ({ password_hash }));
        expect((await logIn(email, old)).status).toBe(200);
        expect((await logIn(email, "Wröng-Horse-1")).status).toBe(401);
        if (form === "NFD") expect((await logIn(email, ANGSTROM.normalize("NFC"))).status).toBe(200);
        const [{ attempts } = { attempts: 0 }] = await storage.items("logins#");
        expect(attempts).toBe(form === "NFD" ? 3 : 2);
      })(),
  );

  describe("that is among the first to be guessed", () => {
    const person = { email: "grace.hopper@navy.example.com", full_name: "Grace Brewster Hopper" };
    const COMMON = [
      "password",
      "PASSWORD",
      "drowssap",
      "P@ssw0rd!",
      "P@ssw0rd!2024",
      "Password123!",
      "passwordpassword",
      "12345678",
      "87654321",
      "1234567890",
      "        ",
      "\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0",
      "aaaaaaaa",
      euros(24),
      "abcdefgh",
      "qwertyuiop",
      "1qaz2wsx",
      "iloveyou",
      "Welcome2026!",
      "Summer2026!",
      "letmein!!",
      "2026-01-01",
      "passwort1",
      "Admin@123",
    ];
    const PERSONAL = [
      person.email,
      person.email.toUpperCase(),
      "grace.hopper",
      "Grace.Hopper1",
      "gracehopper2026",
      "hoppergrace",
      "Gr4c3H0pp3r!",
      "Grace Brewster Hopper",
      "navy.example.com",
      "reppohecarg",
    ];
    const refusals = [
      ...COMMON.map((password) => [password, "is among the first that somebody would guess"]),
      ...PERSONAL.map((password) => [password, "is too close to the own name or e-mail address"]),
    ];
    it.each(refusals)("is refused for a new user: %j", async (password = "", msg) => {
      const answer = await cloud.admin.api.users.create({ body: { ...person, password } });
      expect(answer.status).toBe(422);
      expect(answer.raw).toMatchObject({
        detail: expect.stringContaining(`password: ${msg}`),
        errors: [{ loc: ["body", "password"], msg: expect.stringContaining(String(msg)) }],
      });
      if (password.trim().length > 8) expect(JSON.stringify(answer.raw)).not.toContain(password);
    });

    it.each([
      "tulip-rocket-9",
      "correct horse battery",
      "Größe-Straße-7",
      "z8Qd-wp1",
      "Ένας-μακρύς-9",
      "犬と猫と鳥と魚と馬",
    ])("is not %j", async (password) => {
      const email = `fine${++counter}@example.com`;
      expect((await cloud.admin.api.users.create({ body: { ...NEW, email, password } })).status).toBe(201);
      expect((await logIn(email, password)).status).toBe(200);
    });

    it("is refused wherever a password is set, without an attempt being counted", async () => {
      const { id, email, api } = await cloud.person("viewer");
      const local = email.split("@")[0] ?? "";
      for (const new_password of ["password", `${local}2026`, email]) {
        const body = { current_password: PASSWORD, new_password };
        for (const answer of [
          await api.auth.changePassword({ body }),
          await api.users.changePassword({ body }),
        ]) {
          expect(answer.status).toBe(422);
          expect(answer.raw).toMatchObject({ errors: [{ loc: ["body", "new_password"] }] });
        }
        const params = { user_id: id };
        const set = await cloud.admin.api.users.update({ params, body: { password: new_password } });
        expect(set.raw).toMatchObject({ errors: [{ loc: ["body", "password"] }] });
      }
      const moved = await cloud.admin.api.users.update({
        params: { user_id: id },
        body: {
          email: "ada.king@lovelace.example.com",
          full_name: "Ada King",
          password: "ada.king2026",
        },
      });
      expect(moved.status).toBe(422);
      expect((await logIn(email)).status).toBe(200);
    });
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
      await api.auth.updateMe({
        body: { email, full_name: "  New Name ", phone: " 1 ", current_password: PASSWORD },
      })
    ).body();
    expect(changed).toMatchObject({
      id: person.id,
      email,
      full_name: "New Name",
      phone: "1",
      role: "viewer",
    });
    expect((await api.auth.me({})).body()).toEqual(changed);
    expect((await logIn(email)).status).toBe(200);
    expect((await logIn(person.email)).status).toBe(401);
  });

  it("stays when nothing is sent; null clears the phone and nothing else", async () => {
    const { api } = await cloud.person("viewer");
    const before = (await api.auth.updateMe({ body: { phone: "+49 30 1" } })).body();
    const { phone, full_name, email, role } = (
      await api.auth.updateMe({ body: { email: null, full_name: null } })
    ).body();
    expect({ phone, full_name, email, role }).toEqual({
      phone: "+49 30 1",
      full_name: before.full_name,
      email: before.email,
      role: before.role,
    });
    for (const cleared of [null, "", "  "]) {
      await api.auth.updateMe({ body: { phone: "+49 30 1" } });
      expect((await api.auth.updateMe({ body: { phone: cleared } })).body().phone).toBeNull();
    }
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
    const body = { email, current_password: PASSWORD };
    expect((await cloud.viewer.api.auth.updateMe({ body })).status).toBe(409);
  });

  describe("with another e-mail address", () => {
    const updates = [
      ["PUT /auth/me", ({ api }: Person, body: Body) => api.auth.updateMe({ body })],
      ["PUT /users/profile", ({ api }: Person, body: Body) => api.users.updateProfile({ body })],
    ] as const;
    type Body = Parameters<Person["api"]["auth"]["updateMe"]>[0]["body"];

    it.each(updates)("at %s needs the current password", async (_, update) => {
      const person = await cloud.person("viewer");
      const { full_name } = (await person.api.auth.me({})).body();
      const email = `moved${++counter}@example.com`;
      for (const current_password of [undefined, null, "", "Wrong-Horse-1"]) {
        const answer = await update(person, { email, full_name: "New Name", current_password });
        expect(answer.status).toBe(422);
        expect(answer.raw).toMatchObject({ errors: [{ loc: ["body", "current_password"] }] });
      }
      expect((await person.api.auth.me({})).body()).toMatchObject({
        email: person.email,
        full_name,
      });
      expect((await update(person, { email, current_password: PASSWORD })).status).toBe(200);
      expect((await logIn(email)).status).toBe(200);
    });

    it("does not need it for the same address, as forms send it, nor for another spelling", async () => {
      const person = await cloud.person("viewer");
      for (const email of [person.email, ` ${person.email} `, person.email.toUpperCase()])
        expect((await person.api.auth.updateMe({ body: { email, full_name: "Same" } })).status).toBe(200);
    });

    it("tells the old address, and not the new one to it", async () => {
      const person = await cloud.person("viewer");
      const email = `moved${++counter}@example.com`;
      const body = { email, full_name: "Grace Hopper", current_password: PASSWORD };
      await person.api.auth.updateMe({ body });
      const [letter, ...others] = await lettersTo(cloud.inboxUrl, person.email);
      expect(others).toEqual([]);
      expect(letter?.subject).toBe("Your account has another e-mail address now");
      for (const text of [letter?.body.text, letter?.body.html]) {
        expect(text).toContain("Hello Grace Hopper");
        expect(text).toContain("tell an admin");
        expect(text).not.toContain(email);
      }
      expect(await lettersTo(cloud.inboxUrl, email)).toEqual([]);
    });

    it("tells the old address also when an admin changes it, and nobody when nothing else changes", async () => {
      const person = await cloud.person("viewer");
      const params = { user_id: person.id };
      const email = `moved${++counter}@example.com`;
      const respelled = person.email.replace(/^[^@]+/, (local) => local.toUpperCase());
      await cloud.admin.api.users.update({ params, body: { full_name: "Renamed" } });
      await cloud.admin.api.users.update({ params, body: { email: respelled } });
      expect(await lettersTo(cloud.inboxUrl, person.email)).toEqual([]);
      await cloud.admin.api.users.update({ params, body: { email } });
      expect(await lettersTo(cloud.inboxUrl, respelled)).toHaveLength(1);
    });
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

describe("a wrong current password", () => {
  const attempts = [
    [
      "for another password",
      ({ api }: Person) =>
        api.auth.changePassword({
          body: { current_password: "Wrong-Horse-1", new_password: "Another-Horse-2" },
        }),
    ],
    [
      "for another e-mail",
      ({ api }: Person) =>
        api.users.updateProfile({
          body: { email: `x${++counter}@example.com`, current_password: "Wrong-Horse-1" },
        }),
    ],
  ] as const;

  it.each(attempts)("%s counts as a log-in", (_, attempt) =>
    counted(async () => {
      const person = await cloud.person("viewer");
      for (let n = 0; n < 10; n++) expect((await attempt(person)).status).toBe(422);
      const refused = await attempt(person);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await logIn(person.email)).status).toBe(429);
      expect((await person.api.auth.me({})).status).toBe(200);
    })(),
  );
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
      expect(refused.json).toEqual({ detail: `Too many attempts. Try again in ${waitOf(refused)}.` });
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

  describe("at one account, from many addresses", () => {
    /** Each address once, as somebody with many of them would. */
    const guess = async (email: string, count: number, network = "198.51") => {
      const { Sessions } = await import("@success-manager/domain/auth");
      const statuses: number[] = [];
      for (let n = 0; n < count; n++) {
        const form = { username: email, password: "Wrong-Horse-1" };
        const address = `${network}.${n >> 8}.${n & 255}`;
        await Sessions.signIn(form, address).catch((error) => statuses.push(error.status));
      }
      return statuses;
    };
    const signInFrom = async (email: string, address: string) => {
      const { Sessions } = await import("@success-manager/domain/auth");
      const form = { username: email, password: PASSWORD };
      return Sessions.signIn(form, address).then(
        () => 200,
        (error) => error.status,
      );
    };

    it(
      "slow strangers down after thirty an hour, to one a minute in each of eight slots",
      counted(async () => {
        const { email } = await newUser();
        const statuses = await guess(email, 150);
        expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401));
        const later = statuses.slice(30).filter((status) => status === 401);
        expect(later.length).toBeLessThanOrEqual(8);
        expect(statuses.slice(-10)).toEqual(Array(10).fill(429));
        const unknown = await guess(`nobody${counter}@example.com`, 150);
        expect(unknown.slice(0, 30)).toEqual(Array(30).fill(401));
        expect(unknown.slice(-10)).toEqual(Array(10).fill(429));
      }),
    );

    it(
      "never keep its owner out of where they were, nor of an open session",
      counted(async () => {
        const { id, email } = await newUser();
        expect(await signInFrom(email, "203.0.113.7")).toBe(200);
        await guess(email, 150);
        expect(await signInFrom(email, "203.0.113.7")).toBe(200);
        expect(await signInFrom(email, "::ffff:203.0.113.7")).toBe(200);
        const sessions = await storage.items(`session#${id}`);
        expect(sessions).toHaveLength(3);
      }),
    );

    it(
      "let a new address of its owner in with the next minute",
      counted(async () => {
        const { email } = await newUser();
        await guess(email, 150);
        // Whatever slot it has, strangers took it.
        expect(await signInFrom(email, "203.0.113.8")).toBe(429);
        await storage.change("account_logins#", (item) =>
          Object.fromEntries(
            Object.entries(item).map(([name, value]) => [
              name,
              name.startsWith("slot_") ? Number(value) - 1 : value,
            ]),
          ),
        );
        expect(await signInFrom(email, "203.0.113.8")).toBe(200);
        await guess(email, 30, "192.0");
        expect(await signInFrom(email, "203.0.113.8")).toBe(200);
      }),
    );
  });
});
