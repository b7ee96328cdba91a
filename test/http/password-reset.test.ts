import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiOf, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { FORM_BODY, sender } from "../support/send.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { withinAMinute, withinAnHour } from "../support/window.ts";

let cloud: TestCloud;
let storage: Storage;
let ses: ServiceProxy;
beforeAll(async () => {
  ses = await serviceProxy();
  cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_SES: ses.url } });
  ses.forwardTo(cloud.endpoints.ses);
  storage = storageOf(cloud);
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
  await ses?.close();
});
const forgetCalls = async () => {
  for (const counted of ["logins#", "account_logins#", "password_calls#"]) await storage.remove(counted);
};
beforeEach(forgetCalls);

const NEW = "Another-Horse-2";
const ask = (email: string) => cloud.stranger.auth.forgotPassword({ body: { email } });
const set = (token: string, new_password = NEW) =>
  cloud.stranger.auth.setPassword({ body: { token, new_password } });
const validate = async (token: string) =>
  (await cloud.stranger.auth.validateToken({ params: { token } })).body();
const logIn = async (username: string, password = NEW) =>
  (await cloud.stranger.auth.login({ form: { username, password } })).status;
const statusOf = async ({ token }: Pick<Person, "token">) =>
  (await apiOf(cloud.apiUrl, token).auth.me({})).status;

/** The tokens of the links that were mailed to an address, oldest first, once all that was asked for has been sent. */
async function tokensOf(email: string): Promise<string[]> {
  await cloud.settled();
  const letters = await lettersTo(cloud.inboxUrl, email);
  return letters.flatMap(({ body }) => /\/password\/([\w-]{43})\b/.exec(body.text ?? "")?.[1] ?? []);
}
async function tokenFor(email: string): Promise<string> {
  expect((await ask(email)).status).toBe(202);
  return (await tokensOf(email)).at(-1) ?? "";
}
const subjectsOf = async (email: string) => {
  await cloud.settled();
  return (await lettersTo(cloud.inboxUrl, email)).map(({ subject }) => subject);
};

/** Addresses of all kinds that get no link, and how each comes about. */
async function withoutLink() {
  const invited = `${randomUUID()}@example.com`;
  await cloud.admin.api.users.invite({ body: { email: invited, full_name: "Ina" } });
  const deactivated = await cloud.person("viewer");
  await cloud.admin.api.users.deactivate({ params: { user_id: deactivated.id } });
  const elsewhere = await cloud.person("viewer");
  // Who signs in elsewhere has an account here and no password.
  const { LoginEntity } = await import("@success-manager/domain/table");
  await LoginEntity.patch({ email_key: elsewhere.email }).remove(["password_hash"]).go();
  return {
    unknown: `${randomUUID()}@example.com`,
    invited,
    deactivated: deactivated.email,
    elsewhere: elsewhere.email,
  };
}

describe("a forgotten password", () => {
  it("is replaced by a mailed link: the whole way", async () => {
    const person = await cloud.person("viewer");
    const other = await cloud.signIn(person.email);
    const token = await tokenFor(person.email);
    const [letter] = await lettersTo(cloud.inboxUrl, person.email);
    expect(letter?.subject).toBe("Choose a new password");
    for (const text of [letter?.body.text, letter?.body.html])
      expect(text).toContain(`${cloud.apiUrl}/password/${token}`);
    expect(await validate(token)).toEqual({ valid: true, email: person.email, message: null });
    expect((await set(token)).status).toBe(200);
    expect([await logIn(person.email), await logIn(person.email, PASSWORD)]).toEqual([200, 401]);
    // All sessions have ended, wherever they were.
    for (const { token, refresh_token } of [person, other]) {
      expect(await statusOf({ token })).toBe(401);
      expect((await cloud.stranger.auth.refresh({ body: { refresh_token } })).status).toBe(401);
    }
    expect(await subjectsOf(person.email)).toEqual(["Choose a new password", "Your password was changed"]);
  });

  it("is found in any spelling of the address", async () => {
    const { email } = await cloud.person("viewer");
    await ask(email.toUpperCase());
    expect(await tokensOf(email)).toHaveLength(1);
  });

  it("says the same of everybody, and asks the same of the table", async () => {
    const { email } = await cloud.person("viewer");
    await cloud.settled();
    const answers = new Set<string>();
    const asked = new Set<string>();
    for (const address of [email, ...Object.values(await withoutLink())]) {
      await cloud.settled();
      cloud.database.take();
      const { status, raw, headers } = await ask(address);
      const requests = cloud.database.take();
      const { "x-request-id": _, date: __, ...same } = Object.fromEntries(headers);
      answers.add(JSON.stringify([status, raw, Object.keys(same), same["content-length"]]));
      asked.add(
        JSON.stringify(requests.map(({ operation, subjects, units }) => [operation, subjects, units])),
      );
    }
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain("202");
    // One write, in which nobody is looked for.
    expect([...asked].map((text) => JSON.parse(text))).toEqual([
      [["TransactWriteItems", ["account_mail", "password_calls"], expect.any(Number)]],
    ]);
  });

  // A machine that is busy with something else may spoil a comparison of times.
  it("takes as long whoever has the address", { retry: 5 }, async () => {
    const { email } = await cloud.person("viewer");
    const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
    const times: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
    for (let round = 0; round < 11; round++) {
      for (const [kind, address] of [
        ["known", email],
        ["unknown", `nobody${round}@example.com`],
      ] as const) {
        const start = performance.now();
        await ask(address);
        times[kind].push(performance.now() - start);
        await storage.remove("password_calls#");
      }
    }
    expect(median(times.unknown) / median(times.known)).toBeGreaterThan(0.5);
    expect(median(times.unknown) / median(times.known)).toBeLessThan(2);
  });

  it("brings no mail to who has no password: unknown, invited, deactivated, or signing in elsewhere", async () => {
    const addresses = await withoutLink();
    await cloud.settled();
    for (const [kind, email] of Object.entries(addresses)) {
      const before = (await lettersTo(cloud.inboxUrl, email)).length;
      expect((await ask(email)).status).toBe(202);
      await cloud.settled();
      expect([kind, (await lettersTo(cloud.inboxUrl, email)).length - before]).toEqual([kind, 0]);
    }
  });

  it.each([
    "",
    "nobody",
    "a@b@c.example",
    "a\r\nBcc: thief@example.com@x.example",
    "a@example.com\nBcc: b@c.example",
  ])("of what is no address, %j, is refused", async (email) => {
    const answer = await ask(email);
    expect([answer.status, answer.raw]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ loc: ["body", "email"] })] }),
    ]);
  });

  it("of a person whose name has line breaks and headers in it is one mail to one address", async () => {
    const { id, email } = await cloud.person("viewer");
    const full_name = "Eve\r\nBcc: thief@example.com\r\n\r\n<b>Hi</b>";
    await cloud.admin.api.users.update({ params: { user_id: id }, body: { full_name } });
    await tokenFor(email);
    const [letter] = await lettersTo(cloud.inboxUrl, email);
    expect(letter?.destination).toEqual({ to: [email], cc: [], bcc: [] });
    expect(await lettersTo(cloud.inboxUrl, "thief@example.com")).toEqual([]);
    expect(letter?.body.html).not.toContain("<b>Hi</b>");
  });

  it("is mailed when the mail service takes mails again, once", async () => {
    const { email } = await cloud.person("viewer");
    ses.refuse({
      status: 400,
      body: "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>",
    });
    expect((await ask(email)).status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    ses.refuse(undefined);
    const [token = ""] = await tokensOf(email);
    expect(await tokensOf(email)).toHaveLength(1);
    expect((await set(token)).status).toBe(200);
  });
});

describe("a link to reset a password", () => {
  it("works once, and of twenty who use it at once lets one", async () => {
    const { email } = await cloud.person("viewer");
    const token = await tokenFor(email);
    const passwords = Array.from({ length: 20 }, (_, n) => `Racing-Horse-${n}`);
    const answers = await Promise.all(passwords.map((password) => set(token, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
    await storage.remove("password_calls#");
    const winner = passwords[answers.findIndex(({ status }) => status === 200)];
    expect(await logIn(email, winner)).toBe(200);
    expect(await validate(token)).toEqual({
      valid: false,
      email: null,
      message: expect.stringContaining("used already"),
    });
    // One change, one mail.
    expect(
      (await subjectsOf(email)).filter((subject) => subject === "Your password was changed"),
    ).toHaveLength(1);
  });

  it("is replaced by the next one; of twenty that are asked for at once one works, and five are mailed at most", () =>
    withinAnHour(async () => {
      const { email } = await cloud.person("viewer");
      const statuses = [];
      for (let round = 0; round < 7; round++) {
        const answers = await Promise.all(Array.from({ length: 3 }, () => ask(email)));
        statuses.push(...answers.map(({ status }) => status));
        await storage.remove("password_calls#");
      }
      expect(statuses).toEqual(Array(21).fill(202));
      const tokens = await tokensOf(email);
      expect(tokens).toHaveLength(5);
      const valid = [];
      for (const token of tokens) valid.push((await validate(token)).valid);
      // Nobody is locked out by a stranger who asks again and again: the last link that came works.
      expect(valid.filter(Boolean)).toHaveLength(1);
      await storage.remove("password_calls#");
      expect((await set(tokens[valid.indexOf(true)] ?? "")).status).toBe(200);
    }));

  it("is good for an hour, and says so afterwards", async () => {
    const { id, email } = await cloud.person("viewer");
    const token = await tokenFor(email);
    const [link] = (await storage.items("password_link#")).filter(({ user_id }) => user_id === id);
    expect(Date.parse(String(link?.expires_at)) - Date.parse(String(link?.created_at))).toBe(60 * 60 * 1000);
    await storage.change("password_link#", ({ user_id }) =>
      user_id === id ? { expires_at: new Date(Date.now() - 1).toISOString() } : {},
    );
    expect(await validate(token)).toMatchObject({
      valid: false,
      message: expect.stringContaining("expired"),
    });
    expect((await set(token)).status).toBe(410);
    expect(await logIn(email, PASSWORD)).toBe(200);
  });

  it("ends with another password, another address, and with the account", async () => {
    const ended = async (end: (person: Person) => Promise<unknown>) => {
      const person = await cloud.person("viewer");
      const token = await tokenFor(person.email);
      await end(person);
      return (await set(token)).status;
    };
    const body = { current_password: PASSWORD, new_password: "Third-Horse-3" };
    expect(await ended(({ api }) => api.auth.changePassword({ body }))).toBe(410);
    const email = `${randomUUID()}@example.com`;
    expect(await ended(({ api }) => api.auth.updateMe({ body: { email, current_password: PASSWORD } }))).toBe(
      410,
    );
    expect(await ended(({ id }) => cloud.admin.api.users.deactivate({ params: { user_id: id } }))).toBe(410);
  });

  it("is stored as a hash alone", async () => {
    const { email } = await cloud.person("viewer");
    const token = await tokenFor(email);
    expect(token).toHaveLength(43);
    expect(JSON.stringify(await storage.items(""))).not.toContain(token);
  });

  it("stays good when the password is refused", async () => {
    const { email } = await cloud.person("viewer");
    const token = await tokenFor(email);
    for (const refused of ["short", "password", email]) expect((await set(token, refused)).status).toBe(422);
    expect((await set(token)).status).toBe(200);
  });

  it.each(["x", "a".repeat(43), "%00", "../../users"])("is not %j", async (token) => {
    expect(await validate(token)).toMatchObject({ valid: false, email: null });
    expect((await set(token)).status).toBe(404);
  });
});

describe("asking again and again", () => {
  it("is refused to an address after three a minute for an account, for known and unknown ones alike", () =>
    withinAMinute(async () => {
      await forgetCalls();
      const { email } = await cloud.person("viewer");
      for (const address of [email, `${randomUUID()}@example.com`]) {
        const statuses = [];
        for (let n = 0; n < 5; n++) statuses.push((await ask(address)).status);
        expect(statuses).toEqual([202, 202, 202, 429, 429]);
      }
    }));

  it("is refused after thirty a minute for all accounts", () =>
    withinAMinute(async () => {
      await forgetCalls();
      const asked = Array.from({ length: 40 }, async (_, n) => (await ask(`nobody-${n}@example.com`)).status);
      const statuses = await Promise.all(asked);
      expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    }));
});

describe("a changed password", () => {
  it("is told to its owner, whoever has changed it; a first one is no change", async () => {
    const own = await cloud.person("viewer");
    await own.api.auth.changePassword({ body: { current_password: PASSWORD, new_password: NEW } });
    expect(await subjectsOf(own.email)).toEqual(["Your password was changed"]);
    const { id, email } = await cloud.person("viewer");
    await cloud.admin.api.users.update({ params: { user_id: id }, body: { password: NEW } });
    expect(await subjectsOf(email)).toEqual(["Your password was changed"]);
    const invited = `${randomUUID()}@example.com`;
    await cloud.admin.api.users.invite({ body: { email: invited, full_name: "Ina" } });
    const [token = ""] = await tokensOf(invited);
    expect((await set(token)).status).toBe(200);
    expect(await subjectsOf(invited)).toEqual(["You are invited to Success Manager"]);
  });
});

describe("the page for a forgotten password", () => {
  const send = (method: string, path: string, form?: { readonly [field: string]: string }) =>
    sender(cloud.apiUrl)(method, path, {
      headers: FORM_BODY,
      ...(form && { body: new URLSearchParams(form).toString() }),
    });

  it("asks for the address, says the same of everybody, and the mail leads to the page of the link", async () => {
    const { email } = await cloud.person("viewer");
    const page = await send("GET", "/password");
    expect([page.status, page.text]).toEqual([200, expect.stringContaining("Forgotten your password?")]);
    const said = [];
    for (const address of [email, `${randomUUID()}@example.com`]) {
      const sent = await send("POST", "/password", { email: address });
      said.push([sent.status, sent.headers.get("location"), sent.text]);
    }
    expect(said[0]).toEqual(said[1]);
    expect(said[0]?.slice(0, 2)).toEqual([303, "/password?sent=1"]);
    expect((await send("GET", "/password?sent=1")).text).toContain("Look into your mail");
    const [token = ""] = await tokensOf(email);
    expect((await send("GET", `/password/${token}`)).text).toContain("Choose a new password");
    expect((await send("POST", `/password/${token}`, { password: NEW, repeated: NEW })).status).toBe(303);
    expect(await logIn(email)).toBe(200);
    expect(await subjectsOf(email)).toContain("Your password was changed");
  });

  it("says what is no address, and shows it again as it was typed", async () => {
    const page = await send("POST", "/password", { email: '"><script>alert(1)</script>' });
    expect([page.status, page.text]).toEqual([422, expect.stringContaining("This is not an e-mail address")]);
    expect(page.text).not.toContain("<script>alert");
    for (const field of ["email", "address"])
      expect((await send("POST", "/password", { [field]: "" })).status).toBe(422);
  });

  it("offers a new link where one has expired or was replaced", async () => {
    const { id, email } = await cloud.person("viewer");
    const old = await tokenFor(email);
    const token = await tokenFor(email);
    const replaced = await send("GET", `/password/${old}`);
    expect([replaced.status, replaced.text]).toEqual([410, expect.stringContaining('href="/password"')]);
    await storage.change("password_link#", ({ user_id }) =>
      user_id === id ? { expires_at: new Date(Date.now() - 1).toISOString() } : {},
    );
    const expired = await send("GET", `/password/${token}`);
    expect([expired.status, expired.text]).toEqual([410, expect.stringContaining("This link has expired")]);
  });
});
