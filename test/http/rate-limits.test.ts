import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { withinAMinute } from "../support/window.ts";

/** `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11). */

let cloud: TestCloud;
let storage: Storage;
beforeAll(async () => {
  cloud = await testCloud({ environment: { QUOTAS: JSON.stringify({ reports: 2, mails: 4, jobs: 3 }) } });
  storage = storageOf(cloud);
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});
const counted = (work: () => Promise<void>) =>
  withinAMinute(async () => {
    for (const kind of ["logins#", "account_logins#", "survey_calls#", "password_calls#", "quota#"])
      await storage.remove(kind);
    await work();
  });

/** A list of structured fields (RFC 9651): strings with parameters that are integers. */
function parse(field: string | null): Record<string, Record<string, number>> | undefined {
  if (field === null) return undefined;
  return Object.fromEntries(
    field.split(", ").map((member) => {
      const [, name = "", parameters = ""] = /^"([a-z-]+)"((?:;[a-z]=\d{1,15})+)$/.exec(member) ?? [];
      expect(name, member).not.toBe("");
      const pairs = parameters.slice(1).split(";");
      return [name, Object.fromEntries(pairs.map((pair) => [pair[0], Number(pair.slice(2))]))];
    }),
  );
}
const told = ({ headers }: { headers: Headers }) => ({
  policy: parse(headers.get("ratelimit-policy")),
  left: parse(headers.get("ratelimit")),
});

const logIn = (username: string, password: string) =>
  cloud.stranger.auth.login({ form: { username, password } });

describe("a log-in tells its limits and what is left of them", () => {
  const policy = { "logins-of-address": { q: 100, w: 60 }, logins: { q: 10, w: 60 } };

  it("when it succeeds, when it fails, and when it is refused", () =>
    counted(async () => {
      const { email } = cloud.viewer;
      const right = await logIn(email, PASSWORD);
      expect(right.status).toBe(200);
      expect(told(right)).toEqual({
        policy,
        left: {
          "logins-of-address": { r: 99, t: expect.any(Number) },
          logins: { r: 9, t: expect.any(Number) },
        },
      });
      for (let r = 8; r >= 0; r--) {
        const wrong = await logIn(email, "Wrong-Horse-1");
        expect([wrong.status, told(wrong).left?.logins?.r]).toEqual([401, r]);
      }
      const refused = await logIn(email, PASSWORD);
      expect(refused.status).toBe(429);
      const { left, ...rest } = told(refused);
      expect(rest).toEqual({ policy });
      expect(left).toMatchObject({ logins: { r: 0 }, "logins-of-address": { r: 90 } });
      expect(Number(refused.headers.get("retry-after"))).toBe(left?.logins?.t);
      // What was refused is not counted: another account of the same address goes on.
      expect(told(await logIn(cloud.manager.email, PASSWORD)).left).toMatchObject({
        "logins-of-address": { r: 89 },
        logins: { r: 9 },
      });
    }));

  it("and nothing of whether there is such an account, or who has signed in to it from here", () =>
    counted(async () => {
      const known = told(await logIn(cloud.admin.email, "Wrong-Horse-1"));
      const unknown = told(await logIn(`${randomUUID()}@example.com`, "Wrong-Horse-1"));
      expect(Object.keys(unknown.policy ?? {})).toEqual(Object.keys(known.policy ?? {}));
      expect(Object.keys(unknown.left ?? {})).toEqual(Object.keys(known.left ?? {}));
      expect(unknown.left?.logins?.r).toBe(known.left?.logins?.r);
      const { refresh_token } = cloud.admin;
      const form = { username: cloud.admin.email, password: "Wrong-Horse-1", refresh_token };
      const device = told(await cloud.stranger.auth.login({ form }));
      expect(device).toMatchObject({ policy, left: { logins: { r: 8 } } });
    }));
});

it("quotas of the hour are told by the calls that spend of them, several at once", () =>
  counted(async () => {
    const { api } = await cloud.person("manager");
    const first = await api.reports.generate({ body: { report_type: "health_summary" } });
    expect(told(first)).toMatchObject({
      policy: { reports: { q: 2, w: 3600 } },
      left: { reports: { r: 1 } },
    });
    expect(told(await api.reports.runScheduled({})).left).toMatchObject({ jobs: { r: 2 } });
    await api.reports.generate({ body: { report_type: "health_summary" } });
    const refused = await api.reports.generate({ body: { report_type: "health_summary" } });
    expect([refused.status, told(refused).left?.reports?.r]).toEqual([429, 0]);
    expect(Number(refused.headers.get("retry-after"))).toBe(told(refused).left?.reports?.t);
  }));

it("surveys and links to set a password tell theirs", () =>
  counted(async () => {
    const { id } = (
      await cloud.manager.api.customers.create({ body: { company_name: randomUUID() } })
    ).body();
    const link = { customer_id: id, survey_type: "nps" } as const;
    const { token } = (await cloud.manager.api.csat.createLink({ body: link })).body();
    const seen = await cloud.stranger.csat.publicInfo({ params: { token } });
    expect(told(seen)).toMatchObject({
      policy: { surveys: { q: 120, w: 60 } },
      left: { surveys: { r: 119 } },
    });
    const body = { score: 9, submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
    // Counted in the transaction of the answer, which tells no numbers.
    const answered = await cloud.stranger.csat.publicSubmit({ params: { token }, body });
    expect(answered.status).toBeLessThan(300);
    expect(told(answered)).toEqual({ policy: { surveys: { q: 120, w: 60 } }, left: undefined });
    const page = await fetch(`${cloud.apiUrl}/survey/${token}`);
    expect(told(page).left).toMatchObject({ surveys: { r: 117 } });

    const set = { token: "x".repeat(43), new_password: "Another-Horse-2" };
    const unknown = await cloud.stranger.auth.setPassword({ body: set });
    expect([unknown.status, told(unknown).left?.["password-links"]?.r]).toEqual([404, 29]);
  }));

it("calls without a limit of ours tell none, also after one that has met some", () =>
  counted(async () => {
    await logIn(cloud.viewer.email, PASSWORD);
    expect(told(await cloud.viewer.api.auth.me({}))).toEqual({ policy: undefined, left: undefined });
    expect(told(await apiOf(cloud.apiUrl).auth.me({}))).toEqual({ policy: undefined, left: undefined });
  }));

it("pages of other origins may read them", () =>
  counted(async () => {
    const answer = await fetch(`${cloud.apiUrl}/api/v1/auth/login`, {
      method: "POST",
      headers: { origin: "http://localhost:5173" },
      body: new URLSearchParams({ username: cloud.viewer.email, password: PASSWORD }),
    });
    const exposed = answer.headers.get("access-control-expose-headers")?.toLowerCase();
    for (const name of ["ratelimit", "ratelimit-policy", "retry-after"]) expect(exposed).toContain(name);
  }));
