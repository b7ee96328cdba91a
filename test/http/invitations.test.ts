import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { FORM_BODY, sender } from "../support/send.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { withinAMinute } from "../support/window.ts";

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
  for (const counted of ["logins#", "account_logins#", "password_calls#"]) await storage.remove(counted);
});

const admin = () => cloud.admin.api.users;
let counter = 0;
const unused = () => `invited${++counter}@users.example.com`;
const NEW = "Another-Horse-2";

const invite = (email: string, more: { full_name?: string; role?: "admin" | "manager" | "viewer" } = {}) =>
  admin().invite({ body: { email, full_name: "Grace Hopper", ...more } });

/** The tokens of the links that were mailed to an address, oldest first. */
async function tokensOf(email: string): Promise<string[]> {
  const letters = await lettersTo(cloud.inboxUrl, email);
  return letters.map(({ body }) => /\/password\/([\w-]{43})\b/.exec(body.text ?? "")?.[1] ?? "");
}
const tokenOf = async (email: string) => (await tokensOf(email)).at(-1) ?? "";

const set = (token: string, new_password = NEW) =>
  cloud.stranger.auth.setPassword({ body: { token, new_password } });
const logIn = async (username: string, password = NEW) =>
  (await cloud.stranger.auth.login({ form: { username, password } })).status;

describe("an invitation", () => {
  it("makes a user without a password and mails a link to set one", async () => {
    const email = unused();
    const answer = await invite(email, { role: "manager" });
    expect(answer.status).toBe(201);
    const { invitation_expires_at, mail_status, mail_error, ...user } = answer.body();
    expect([mail_status, mail_error]).toEqual(["sent", null]);
    expect(Date.parse(invitation_expires_at) - Date.parse(user.created_at)).toBe(48 * 60 * 60 * 1000);
    expect(user).toMatchObject({ email, full_name: "Grace Hopper", role: "manager", is_active: true });
    expect(user.invited_at).toBe(user.created_at);
    expect((await admin().get({ params: { user_id: user.id } })).body()).toEqual(user);
    for (const password of ["", NEW, PASSWORD, "undefined"].filter(Boolean))
      expect(await logIn(email, password)).toBe(401);
    const [letter] = await lettersTo(cloud.inboxUrl, email);
    expect(letter?.subject).toBe("You are invited to Success Manager");
    const token = await tokenOf(email);
    for (const text of [letter?.body.text, letter?.body.html]) {
      expect(text).toContain(`${cloud.apiUrl}/password/${token}`);
      expect(text).toContain("Hello Grace Hopper, admin 1 has made an account for you.");
    }
  });

  it("sets the first password once: with it they sign in, and are invited no longer", async () => {
    const email = unused();
    const { id } = (await invite(email)).body();
    const token = await tokenOf(email);
    expect((await set(token)).body().message).toContain("You can sign in");
    expect(await logIn(email)).toBe(200);
    expect((await admin().get({ params: { user_id: id } })).body().invited_at).toBeNull();
    const again = await set(token, "Third-Horse-3");
    expect(again.status).toBe(409);
    expect(await logIn(email)).toBe(200);
    expect((await invite(email)).status).toBe(409);
  });

  it("of ten who use its link at once lets one", async () => {
    const email = unused();
    await invite(email);
    const token = await tokenOf(email);
    const passwords = Array.from({ length: 10 }, (_, n) => `Racing-Horse-${n}`);
    const answers = await Promise.all(passwords.map((password) => set(token, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    const winner = passwords[answers.findIndex(({ status }) => status === 200)];
    expect(await logIn(email, winner)).toBe(200);
  });

  it("keeps only the token's hash", async () => {
    const email = unused();
    await invite(email);
    const token = await tokenOf(email);
    expect(token).toHaveLength(43);
    const stored = [...(await storage.items("password_link#")), ...(await storage.items("login#"))];
    expect(JSON.stringify(stored)).not.toContain(token);
    expect(stored.filter(({ password_hash }) => password_hash === undefined).length).toBeGreaterThan(0);
  });

  it("is no longer good after 48 hours, when its user is deactivated, has another address or a password", async () => {
    const ended = async (end: (user: { id: string; email: string }) => Promise<unknown>) => {
      const email = unused();
      const { id } = (await invite(email)).body();
      const token = await tokenOf(email);
      await end({ id, email });
      const status = (await set(token)).status;
      return [status, await logIn(email)];
    };
    const change = (id: string, body: Parameters<ReturnType<typeof admin>["update"]>[0]["body"]) =>
      admin().update({ params: { user_id: id }, body });
    expect(
      await ended(({ id }) =>
        storage.change("password_link#", ({ user_id }) =>
          user_id === id ? { expires_at: new Date(Date.now() - 1).toISOString() } : {},
        ),
      ),
    ).toEqual([410, 401]);
    expect(await ended(({ id }) => admin().deactivate({ params: { user_id: id } }))).toEqual([410, 401]);
    expect(await ended(({ id }) => change(id, { email: unused() }))).toEqual([410, 401]);
    expect(await ended(({ id }) => change(id, { password: PASSWORD }))).toEqual([410, 401]);
  });

  it("made again replaces the link, and corrects name and role", async () => {
    const email = unused();
    const first = (await invite(email)).body();
    const second = await invite(email.toUpperCase(), { full_name: "Grace Brewster Hopper", role: "manager" });
    expect(second.status).toBe(201);
    expect(second.body()).toMatchObject({
      id: first.id,
      email,
      full_name: "Grace Brewster Hopper",
      role: "manager",
    });
    const [old = "", fresh = ""] = await tokensOf(email);
    expect((await set(old)).status).toBe(410);
    expect((await set(fresh)).status).toBe(200);
  });

  it("made by ten at once makes one user, and one link that is good", async () => {
    const email = unused();
    const answers = await Promise.all(Array.from({ length: 10 }, () => invite(email)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map((answer) => answer.body().id)).size).toBe(1);
    const tokens = await tokensOf(email);
    expect(tokens).toHaveLength(10);
    const statuses = [];
    for (const token of tokens) statuses.push((await set(token)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 410)).toHaveLength(9);
  });

  it("goes to nobody who has a password or is deactivated", async () => {
    expect((await invite(cloud.viewer.email)).status).toBe(409);
    expect((await admin().get({ params: { user_id: cloud.viewer.id } })).body().full_name).not.toBe(
      "Grace Hopper",
    );
    const email = unused();
    const { id } = (await invite(email)).body();
    await admin().deactivate({ params: { user_id: id } });
    expect((await invite(email)).raw).toEqual({ detail: expect.stringContaining("deactivated") });
    await admin().reactivate({ params: { user_id: id } });
    expect((await invite(email)).status).toBe(201);
  });

  it("tells nobody at an old address that was never used", async () => {
    const email = unused();
    const { id } = (await invite(email)).body();
    await admin().update({ params: { user_id: id }, body: { email: unused() } });
    expect(await lettersTo(cloud.inboxUrl, email)).toHaveLength(1);
  });

  it("of an admin does not count as an admin who can get in, until the password is set", async () => {
    const email = unused();
    const invited = (await invite(email, { role: "admin" })).body();
    const demote = (by: Person, on: Pick<Person, "id">) =>
      by.api.users.update({ params: { user_id: on.id }, body: { role: "viewer" } });
    for (let round = 0; round < 4; round++) {
      const other = await cloud.person("admin");
      const answers = await Promise.all([demote(other, cloud.admin), demote(cloud.admin, other)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const winner = answers[0]?.status === 200 ? other : cloud.admin;
      const params = { user_id: cloud.admin.id };
      if (winner === other) await other.api.users.update({ params, body: { role: "admin" } });
      await demote(cloud.admin, other);
    }
    await set(await tokenOf(email));
    const person = await cloud.signIn(email, NEW);
    expect((await demote(person, cloud.admin)).status).toBe(200);
    const params = { user_id: cloud.admin.id };
    expect((await person.api.users.update({ params, body: { role: "admin" } })).status).toBe(200);
    expect((await demote(cloud.admin, invited)).status).toBe(200);
  });

  it.each([
    ["email", { email: "nobody" }],
    ["full_name", { full_name: " " }],
    ["role", { role: "owner" }],
    ["phone", { phone: "1".repeat(51) }],
  ])("with a bad %s is refused", async (field, wrong) => {
    const body = { email: unused(), full_name: "A", ...wrong } as Parameters<
      ReturnType<typeof admin>["invite"]
    >[0]["body"];
    const answer = await admin().invite({ body });
    expect(answer.status).toBe(422);
    expect(answer.raw).toMatchObject({ errors: [{ loc: ["body", field] }] });
  });
});

describe("a token to set a password", () => {
  it.each(["x", "a".repeat(43), "\u0000", "../../users"])("is not %j", async (token) => {
    expect((await set(token)).status).toBe(404);
  });

  it("stays good when the password is refused", async () => {
    const email = unused();
    await invite(email);
    const token = await tokenOf(email);
    for (const refused of ["short", "password", "gracehopper1", email]) {
      const answer = await set(token, refused);
      expect(answer.status).toBe(422);
      expect(answer.raw).toMatchObject({ errors: [{ loc: ["body", "new_password"] }] });
    }
    expect((await set(token)).status).toBe(200);
  });

  it("is tried 30 times a minute from an address at most", () =>
    withinAMinute(async () => {
      await storage.remove("password_calls#");
      const tried = Array.from({ length: 40 }, async () => (await set("a".repeat(43))).status);
      const statuses = await Promise.all(tried);
      expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    }));
});

describe("the page of the link", () => {
  const send = (method: string, token: string, form?: Record<string, string>) =>
    sender(cloud.apiUrl)(method, `/password/${token}`, {
      headers: FORM_BODY,
      ...(form && { body: new URLSearchParams(form).toString() }),
    });
  const invited = async () => {
    const email = unused();
    await invite(email, { full_name: 'Grace <b>"Hopper"</b>' });
    return { email, token: await tokenOf(email) };
  };

  it("asks for a password, and opening it changes nothing", async () => {
    const { email, token } = await invited();
    for (let n = 0; n < 3; n++) {
      const page = await send("GET", token);
      expect(page.status).toBe(200);
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(page.headers.get("cache-control")).toBe("no-store");
      expect(page.headers.get("referrer-policy")).toBe("no-referrer");
      expect(page.text).toContain("Choose a password");
      expect(page.text).toContain("Grace &lt;b&gt;&quot;Hopper&quot;&lt;/b&gt;");
      expect(page.text).toContain(email);
      expect(page.text).not.toContain(token);
    }
    expect((await send("HEAD", token)).status).toBe(200);
  });

  it("sets the password, says so, and is used up then", async () => {
    const { email, token } = await invited();
    const sent = await send("POST", token, { password: NEW, repeated: NEW });
    expect([sent.status, sent.headers.get("location")]).toEqual([303, "?done=1"]);
    expect((await send("GET", `${token}?done=1`)).text).toContain("Your password is set");
    expect(await logIn(email)).toBe(200);
    const later = await send("GET", token);
    expect([later.status, later.text]).toEqual([409, expect.stringContaining("This link has been used")]);
    expect((await send("POST", token, { password: "Third-Horse-3", repeated: "Third-Horse-3" })).status).toBe(
      409,
    );
    expect(await logIn(email)).toBe(200);
  });

  it.each([
    [{ password: NEW, repeated: `${NEW}!` }, "The two passwords differ"],
    [{ password: NEW }, "The two passwords differ"],
    [{}, "must be at least 8 characters"],
    [{ password: "password", repeated: "password" }, "is among the first that somebody would guess"],
    [{ password: "gracehopper1", repeated: "gracehopper1" }, "is too close to the own name"],
    [{ password: "x".repeat(73), repeated: "x".repeat(73) }, "must be at most 72 bytes"],
  ])("says what is wrong with %j, and shows no password again", async (form, sentence) => {
    const { email, token } = await invited();
    const page = await send("POST", token, form);
    expect([page.status, page.text]).toEqual([422, expect.stringContaining(sentence)]);
    expect(page.text).toMatch(/<input[^>]*type="password"/);
    expect(page.text).not.toMatch(/<input[^>]*type="password"[^>]*value=/);
    expect(await logIn(email)).toBe(401);
    expect((await send("POST", token, { password: NEW, repeated: NEW })).status).toBe(303);
  });

  it("takes the same password typed in two ways", async () => {
    const { email, token } = await invited();
    const password = "Größe-Straße-7";
    expect((await send("POST", token, { password, repeated: password.normalize("NFD") })).status).toBe(303);
    expect(await logIn(email, password)).toBe(200);
  });

  it("of no link, or one that was replaced, says so", async () => {
    const { email, token } = await invited();
    await invite(email);
    expect((await send("GET", token)).status).toBe(410);
    expect((await send("GET", token)).text).toContain("If you got a newer mail");
    for (const unknown of ["x", "a".repeat(43), "%00", "%F0%9F%90%8E"]) {
      const page = await send("GET", unknown);
      expect([page.status, page.text]).toEqual([404, expect.stringContaining("We can’t find this link")]);
    }
    const json = await sender(cloud.apiUrl)("POST", `/password/${token}`, {
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect([json.status, json.headers.get("content-type")]).toEqual([422, "text/html; charset=utf-8"]);
  });
});
