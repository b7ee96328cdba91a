import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiOf, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { FORM_BODY, sender } from "../support/send.ts";
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
beforeEach(async () => {
  await storage.remove("logins#");
  await storage.remove("account_logins#");
});

const sessionsOf = async ({ api }: Pick<Person, "api">) => (await api.account.sessions({})).body();
const statusOf = async ({ token }: Person) => (await apiOf(cloud.apiUrl, token).auth.me({})).status;

/** Signs in with what a device says it is. */
async function signInWith(email: string, userAgent: string): Promise<Person["api"]> {
  const headers = { ...FORM_BODY, "user-agent": userAgent };
  const body = new URLSearchParams({ username: email, password: PASSWORD }).toString();
  const { json } = await sender(cloud.apiUrl)("POST", "/api/v1/auth/login", { headers, body });
  return apiOf(cloud.apiUrl, (json as { access_token: string }).access_token);
}

describe("where one is signed in", () => {
  it("is listed with device, address and times; the caller's session is marked", async () => {
    const person = await cloud.person("viewer");
    const api = await signInWith(person.email, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0");
    const [here, there, ...others] = await sessionsOf({ api });
    expect(others).toEqual([]);
    expect(here).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      device_info: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
      ip_address: expect.stringMatching(/127\.0\.0\.1|::1/),
      location: null,
      created_at: here?.last_active,
      last_active: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
      is_current: true,
    });
    expect(there).toMatchObject({ id: person.session_id, device_info: "Unknown device", is_current: false });
  });

  it.each([
    ["Evil\tBrowser  1.0", "Evil Browser 1.0"],
    ["x".repeat(3000), "x".repeat(255)],
    ["  ", "Unknown device"],
    ["caf\u00e9\u00ad\u0085 <script>", "caf\u00e9 <script>"],
  ])("shows a device that calls itself %j as %j", async (userAgent, device_info) => {
    const { email } = await cloud.person("viewer");
    const api = await signInWith(email, userAgent);
    expect((await sessionsOf({ api }))[0]).toMatchObject({ device_info, is_current: true });
  });

  it("is used last where tokens were exchanged last", async () => {
    const first = await cloud.person("viewer");
    const second = await cloud.signIn(first.email);
    expect((await sessionsOf(first)).map(({ id }) => id)).toEqual([second.session_id, first.session_id]);
    const { refresh_token } = first;
    const headers = { "user-agent": "Phone" };
    await cloud.stranger.auth.refresh({ body: { refresh_token } }, headers);
    const [used] = await sessionsOf(second);
    expect(used).toMatchObject({ id: first.session_id, device_info: "Phone", is_current: false });
    expect(used && used.last_active > used.created_at).toBe(true);
  });

  it("leaves out what has ended, and everybody else", async () => {
    const here = await cloud.person("viewer");
    const [signedOut, expired] = [await cloud.signIn(here.email), await cloud.signIn(here.email)];
    await cloud.person("viewer");
    await signedOut.api.auth.logout({ body: null });
    await storage.change(`session#${here.id}`, ({ sk }) =>
      sk === expired.session_id ? { expires_at_epoch: Math.floor(Date.now() / 1000) - 1 } : {},
    );
    expect((await sessionsOf(here)).map(({ id }) => id)).toEqual([here.session_id]);
  });

  it("is cut at the newest hundred, whatever lies before and between them", async () => {
    const here = await cloud.person("viewer");
    const { SessionEntity } = await import("@success-manager/domain/table");
    const [kept] = await storage.items(`session#${here.id}`);
    const copies = Array.from({ length: 240 }, (_, n) => ({
      id: `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`,
      user_id: here.id,
      epoch: n % 2 ? Number(kept?.epoch) : 0,
      refresh_id: randomUUID(),
      created_at: "2026-01-01T00:00:00.000Z",
      last_active: "2026-01-01T00:00:00.000Z",
      expires_at_epoch: Number(kept?.expires_at_epoch),
    }));
    await SessionEntity.put(copies).go();
    const listed = await sessionsOf(here);
    expect(listed).toHaveLength(100);
    expect(listed[0]?.id).toBe(here.session_id);
    expect((await here.api.account.endOtherSessions({})).body().message).toMatch(/^All other sessions/);
    expect(await sessionsOf(here)).toHaveLength(1);
  });
});

describe("ending a session", () => {
  it("of one's own signs its device out at once", async () => {
    const here = await cloud.person("viewer");
    const other = await cloud.signIn(here.email);
    const params = { session_id: other.session_id };
    expect((await here.api.account.endSession({ params })).status).toBe(200);
    expect(await statusOf(other)).toBe(401);
    const body = { refresh_token: other.refresh_token };
    expect((await cloud.stranger.auth.refresh({ body })).status).toBe(401);
    expect(await statusOf(here)).toBe(200);
    expect((await here.api.account.endSession({ params })).status).toBe(404);
  });

  it("may be this one", async () => {
    const here = await cloud.person("viewer");
    const params = { session_id: here.session_id };
    expect((await here.api.account.endSession({ params })).status).toBe(200);
    expect(await statusOf(here)).toBe(401);
  });

  it("of somebody else, or of nobody, is not possible", async () => {
    const here = await cloud.person("viewer");
    for (const session_id of [cloud.admin.session_id, randomUUID()])
      expect((await here.api.account.endSession({ params: { session_id } })).status).toBe(404);
    expect(await statusOf(cloud.admin)).toBe(200);
    expect(
      (await cloud.admin.api.account.endSession({ params: { session_id: here.session_id } })).status,
    ).toBe(404);
    expect(await statusOf(here)).toBe(200);
  });

  it("of all others keeps this one, and its refresh token", async () => {
    const here = await cloud.person("viewer");
    const others = [await cloud.signIn(here.email), await cloud.signIn(here.email)];
    const stranger = await cloud.person("viewer");
    const answer = await here.api.account.endOtherSessions({});
    expect(answer.body().message).toBe("All 2 other sessions are ended: their devices are signed out.");
    for (const other of others) expect(await statusOf(other)).toBe(401);
    expect([await statusOf(here), await statusOf(stranger)]).toEqual([200, 200]);
    const body = { refresh_token: here.refresh_token };
    expect((await cloud.stranger.auth.refresh({ body })).status).toBe(200);
    expect((await sessionsOf(here)).map(({ id }) => id)).toEqual([here.session_id]);
    const again = await here.api.account.endOtherSessions({});
    expect(again.body().message).toBe("You are signed in nowhere else.");
    expect(await statusOf(await cloud.signIn(here.email))).toBe(200);
  });

  it("of all others by two at once leaves one of them", async () => {
    for (let round = 0; round < 3; round++) {
      const one = await cloud.person("viewer");
      const other = await cloud.signIn(one.email);
      const answers = await Promise.all([one, other].map(({ api }) => api.account.endOtherSessions({})));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
      expect([await statusOf(one), await statusOf(other)].sort()).toEqual([200, 401]);
    }
  });
});
