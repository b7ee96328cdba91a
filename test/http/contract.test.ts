import { success } from "@success-manager/contract";
import { isAccepted, isRaw, isRedirect } from "@success-manager/contract/dsl/endpoint";
import { ErrorBody } from "@success-manager/contract/error-body";
import { hasETag } from "@success-manager/contract/openapi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { apiOf, type TestCloud, testCloud } from "../support/cloud.ts";
import {
  type Answered,
  isRead,
  newRows,
  putRun,
  type Sample,
  type SampleRows,
  samples,
  wantedBy,
} from "../support/sample-calls.ts";
import { strictSchema } from "../support/strict-schema.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
  await putRun();
});
afterAll(() => cloud?.stop());

/** Somebody with just enough rights, in a session of their own: some steps end it. */
const lowest = { member: "viewer", manager: "manager", admin: "admin" } as const;
const below = { member: undefined, manager: "viewer", admin: "manager" } as const;

const expectFailure = ({ status, raw }: Answered, expected: number) => {
  expect(status).toBe(expected);
  ErrorBody.omit({ errors: true }).strict().parse(raw);
};

describe("every endpoint of the contract", () => {
  /** What reading and refused calls find: they leave it as it is. */
  let unchanged: SampleRows;
  beforeAll(async () => {
    unchanged = await newRows(cloud);
    await cloud.settled();
  });

  it.each(samples)("$title answers those who may call it as the contract says", async (sample) => {
    const { endpoint, call } = sample;
    const { access, returns } = endpoint;
    const role = access === "public" ? undefined : lowest[access];
    const caller = role && (isRead(sample) ? cloud[role] : await cloud.person(role));
    const rows = isRead(sample) ? unchanged : await newRows(cloud, wantedBy(sample));
    if (caller) await call.prepare?.(caller.api, caller.session_id);
    const answer = await call(caller?.api ?? cloud.stranger, rows, caller?.session_id);
    const { schema, ...usual } = success(endpoint);
    // The sample asks for the address itself.
    const isPending = isAccepted(returns) && answer.status === 202 && returns.isPending(answer.raw as never);
    const status = isRedirect(returns) ? 200 : isPending ? 202 : usual.status;
    expect([answer.status, answer.status === status ? undefined : answer.raw]).toEqual([status, undefined]);
    if (isRaw(returns)) {
      expect(answer.headers.get("content-type")).toBeTruthy();
      expect(answer.raw || answer.headers.get("location")).toBeTruthy();
      return;
    }
    expect(answer.headers.get("content-type")).toBe("application/json");
    const { error } = strictSchema(schema ?? z.never()).safeParse(answer.raw);
    // A wrong row comes as often as the list is long.
    expect(error?.issues.slice(0, 3) ?? []).toEqual([]);
  });

  const guarded = samples.filter(({ endpoint }) => endpoint.access !== "public");
  it.each(guarded)("$title refuses strangers", async ({ call }) => {
    const answer = await call(cloud.stranger, unchanged);
    expectFailure(answer, 401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  const restricted = samples.flatMap((sample) => {
    const { access } = sample.endpoint;
    const role = access === "public" ? undefined : below[access];
    return role ? [{ ...sample, role }] : [];
  });
  describe("that not everybody may call", () => {
    const look = async () => {
      const { alert, customer, deployment, interaction, link, request, schedule, survey, user } = unchanged;
      const { admin, stranger } = cloud;
      return [
        (await admin.api.customers.get({ params: { id: customer } })).body(),
        (await admin.api.deployments.get({ params: { id: deployment } })).body(),
        (await admin.api.users.get({ params: { user_id: user } })).body(),
        (await admin.api.interactions.get({ params: { id: interaction } })).body(),
        (await admin.api.alerts.get({ params: { id: alert } })).body(),
        (await admin.api.reports.getSchedule({ params: { id: schedule } })).body(),
        (await admin.api.csat.get({ params: { survey_id: survey } })).body(),
        (await admin.api.surveyRequests.get({ params: { id: request } })).body(),
        (await admin.api.surveyRequests.list({})).body().total,
        (await stranger.csat.publicInfo({ params: { token: link.token } })).body(),
        (await admin.api.users.list({})).body().total,
        (await admin.api.customers.list({})).body().total,
      ];
    };
    let seen: unknown[];
    beforeAll(async () => {
      await cloud.settled();
      seen = await look();
    });

    it.each(restricted)("$title refuses a $role, and changes nothing", async ({ call, role }) => {
      expectFailure(await call(cloud[role].api, unchanged), 403);
      const before = seen;
      seen = await look();
      expect(seen).toEqual(before);
    });
  });
});

describe("every change that takes If-Match", () => {
  const Revised = z.object({ revision: z.int().min(0) });
  const takesIfMatch = samples.filter(({ endpoint }) => endpoint.errors?.includes(412));

  /** The call that shows what a change is about: of its group, with an ETag, at the beginning of its path. */
  function reading({ group, endpoint }: Sample): Sample {
    const found = samples.find(
      (other) =>
        other.group === group &&
        isRead(other) &&
        hasETag(other.endpoint) &&
        `${endpoint.path}/`.startsWith(`${other.endpoint.path}/`),
    );
    // The client changes its own account at another path as well.
    const own = samples.find(({ title }) => title === "GET /auth/me");
    if (found === undefined && endpoint.path === "/profile" && own !== undefined) return own;
    if (found === undefined) throw new Error(`nothing shows what ${endpoint.path} changes`);
    return found;
  }

  it.each(takesIfMatch)(
    "$title is refused on another revision, and done on the one that was read",
    async (sample) => {
      const rows = await newRows(cloud, wantedBy(sample, reading(sample)));
      const { access } = sample.endpoint;
      const person = await cloud.person(access === "public" ? "viewer" : lowest[access]);
      const read = async () => {
        const { status, headers, raw } = await reading(sample).call(person.api, rows);
        return { status, etag: headers.get("etag") ?? "none", raw };
      };
      const change = (ifMatch: string) =>
        sample.call(apiOf(cloud.apiUrl, person.token, { "if-match": ifMatch }), rows);

      const before = await read();
      expect(before).toMatchObject({ status: 200, etag: expect.stringMatching(/^"(0|[1-9]\d*)"$/) });
      // Weak tags never match here, and one that we never gave names nothing (RFC 9110, 13.1.1).
      for (const other of ['"999999"', `W/${before.etag}`, '"a", "b"', '""'])
        expectFailure(await change(other), 412);
      expect(await read()).toEqual(before);

      const { status, headers, raw } = await change(`"999999", ${before.etag}`);
      expect([status, status < 300 ? undefined : raw]).toEqual([success(sample.endpoint).status, undefined]);
      const revised = Revised.safeParse(raw);
      expect(revised.success).toBe(hasETag(sample.endpoint));
      if (revised.success) {
        expect(headers.get("etag")).toBe(`"${revised.data.revision}"`);
        expect(revised.data.revision).toBeGreaterThan(Number(before.etag.slice(1, -1)));
      }
      // What is gone says so; what is still there has moved on.
      const again = await change(before.etag);
      expect([404, 412]).toContain(again.status);
      const after = await read();
      if (after.status === 200) expect(again.status).toBe(412);
      if (after.status === 200 && revised.success) expect(after.etag).toBe(`"${revised.data.revision}"`);
    },
  );
});

describe("a strict schema", () => {
  const Page = z.object({ rows: z.array(z.object({ id: z.string() })).nullable() });

  it("accepts what is declared and refuses what is not, at every depth", () => {
    const accepts = (value: unknown) => strictSchema(Page).safeParse(value).success;
    expect(accepts({ rows: [{ id: "1" }] })).toBe(true);
    expect(accepts({ rows: null })).toBe(true);
    expect(accepts({ rows: [{ id: "1", secret: "2" }] })).toBe(false);
    expect(accepts({ rows: [], total: 1 })).toBe(false);
    expect(accepts({})).toBe(false);
  });
});
