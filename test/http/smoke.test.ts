import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { routes } from "@success-manager/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { groups, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { type Storage, storageOf } from "../support/storage.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PASSED = "ALL API TESTS PASSED!";

let cloud: TestCloud;
/** Between the command and the stage. */
let proxy: ServiceProxy;
let storage: Storage;
beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
  proxy = await serviceProxy();
  proxy.forwardTo(cloud.apiUrl);
  await cloud.admin.api.settings.updateAlerts({ body: { recipients: ["team@example.com"] } });
});
afterAll(async () => {
  storage?.close();
  await proxy?.close();
  await cloud?.stop();
});
afterEach(() => proxy.refuse(undefined));
// More walks a minute than an address may begin: each would wait for the next minute.
beforeEach(async () => {
  for (const counted of ["logins#", "account_logins#", "survey_calls#", "password_calls#"])
    await storage.remove(counted);
});

interface Given {
  readonly by?: Person;
  readonly args?: readonly string[];
  /** On standard input; SMOKE_PASSWORD otherwise. */
  readonly typed?: string;
  readonly password?: string;
}

function start({ by = cloud.admin, args = [], typed, password = PASSWORD }: Given = {}) {
  const stdin = typed === undefined ? [] : ["--password-stdin"];
  const child = spawn(
    process.execPath,
    ["functions/cli/smoke.ts", "--url", proxy.url, "--email", by.email, ...stdin, ...args],
    { cwd: root, env: { ...process.env, SMOKE_PASSWORD: typed === undefined ? password : "" } },
  );
  child.stdin.end(typed);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const result = Promise.all([ended, text(child.stdout), text(child.stderr)]).then(([code, out, err]) => ({
    code,
    out,
    err,
    last: out.trimEnd().split("\n").at(-1),
  }));
  return { child, result };
}
const smoke = (given?: Given) => start(given).result;

/** What a team sees, and what works on: the same before and after. */
async function counts() {
  await cloud.settled();
  const { api } = cloud.admin;
  const query = { limit: 1 };
  const active = { ...query, is_active: true };
  return {
    customers: (await api.customers.list({ query })).body().total,
    deployments: (await api.deployments.list({ query: active })).body().total,
    interactions: (await api.interactions.list({ query })).body().interactions.filter(isByHand).length,
    open_tickets: (await api.tickets.list({ query: { ...query, is_open: true } })).body().total,
    open_alerts: (await api.alerts.list({ query: { ...query, is_resolved: false } })).body().total,
    schedules: (await api.reports.listSchedules({ query })).body().total,
    answers: (await api.csat.list({ query })).body().total,
    links: (await api.surveyRequests.list({ query: { ...query, status: "opened" } })).body().total,
    users: (await api.users.list({ query })).body().total,
    sessions: (await api.account.sessions({})).body().length,
  };
}
const isByHand = ({ ticket_id }: { readonly ticket_id: string | null }) => ticket_id === null;

const BROKEN = { status: 500, body: "Internal Server Error" };

describe("npm run smoke", () => {
  it("walks every group of a stage, says so, and leaves nothing that is open or counts as there", async () => {
    const before = await counts();
    proxy.take();
    const { code, out, err, last } = await smoke({ typed: `${PASSWORD}\n` });
    expect([code, err, last], out).toEqual([0, "", PASSED]);
    const asked = proxy.take().map(({ method, path }) => `${method} ${path.split("?")[0]}`);
    const isWalked = ({ key }: { readonly key: string }) => {
      const pattern = new RegExp(`^${key.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);
      return asked.some((call) => pattern.test(call));
    };
    expect(groups.filter((group) => !routes(group).some(isWalked)).map(({ name }) => name)).toEqual([]);
    expect(await counts()).toEqual(before);
    expect(out).not.toContain(PASSWORD);
  });

  it("opens no alert but its own, so that the team gets no mail", async () => {
    const all = async () => (await cloud.admin.api.alerts.list({ query: { limit: 1 } })).body().total;
    const before = await all();
    expect(await smoke()).toMatchObject({ code: 0 });
    await cloud.settled();
    expect(await all()).toBe(before + 1);
    const { emails } = (await (await fetch(`${cloud.inboxUrl}/store`)).json()) as { emails: unknown[] };
    expect(emails).toEqual([]);
  });

  it("passes twice at once, also for a manager, whom admins' endpoints have to refuse", async () => {
    const before = await counts();
    const both = await Promise.all([smoke(), smoke({ by: cloud.manager })]);
    expect(both.map(({ code, last }) => [code, last])).toEqual([
      [0, PASSED],
      [0, PASSED],
    ]);
    expect(await counts()).toEqual(before);
  });

  it("answers a survey when told to, which stays", async () => {
    const { answers, ...before } = await counts();
    expect(await smoke({ args: ["--answer-survey"] })).toMatchObject({ code: 0, last: PASSED });
    expect(await counts()).toEqual({ ...before, answers: answers + 1 });
  });

  it("waits as long as a stage asks it to", async () => {
    let refused = 0;
    proxy.refuse(({ method, path }) => {
      if (method !== "POST" || path !== "/api/v1/alerts" || ++refused > 1) return undefined;
      return { status: 429, body: "", headers: { "retry-after": "2" } };
    });
    const { code, out } = await smoke();
    expect([code, out]).toEqual([0, expect.stringContaining("waits 2 s: too many requests")]);
    expect(refused).toBe(2);
  });

  it.each([
    ["POST", /^\/api\/v1\/tickets$/, "tickets: opened, commented, closed"],
    ["PUT", /^\/api\/v1\/deployments\/[^/]+$/, "deployments: created, changed, read"],
    ["GET", /^\/api\/v1\/alerts\/customer\//, "alerts: raised, changed, resolved"],
    ["GET", /^\/docs$/, "docs: sign of life, docs, description"],
  ])(
    "fails on a stage whose %s %s is broken, names what failed, and cleans up",
    async (method, path, step) => {
      const before = await counts();
      proxy.refuse((asked) => (asked.method === method && path.test(asked.path) ? BROKEN : undefined));
      const { code, out } = await smoke();
      expect(code).toBe(1);
      expect(out).toContain(`FAIL  ${step}`);
      expect(out).not.toContain(PASSED);
      proxy.refuse(undefined);
      expect(await counts()).toEqual(before);
    },
  );

  it("names the request id of a failure", async () => {
    const headers = { "apigw-requestid": "request-of-the-failure" };
    proxy.refuse(({ path }) => (path === "/api/v1/dashboard/stats" ? { ...BROKEN, headers } : undefined));
    const { out } = await smoke();
    expect(out).toMatch(/FAIL {2}dashboard: figures.*\n.* 500 .*\n +request id request-of-the-failure\n/);
  });

  it("takes away a customer although the answer that named it was lost", async () => {
    const before = await counts();
    const made = Promise.withResolvers<void>();
    proxy.refuse(({ method, path, body }) => {
      if (method !== "POST" || path !== "/api/v1/customers") return undefined;
      const input = JSON.parse(body);
      void cloud.manager.api.customers.create({ body: input }).then(() => made.resolve(), made.reject);
      return BROKEN;
    });
    proxy.hold(({ path }) => path.startsWith("/api/v1/customers/search"), made.promise);
    const { code, out } = await smoke();
    expect([code, out]).toEqual([1, expect.stringMatching(/ok +clean-up: customer /)]);
    expect(await counts()).toEqual(before);
  });

  it("cleans up when it is stopped", async () => {
    const before = await counts();
    const { child, result } = start();
    child.stdout.on("data", (chunk) => {
      if (String(chunk).includes("customers: created")) child.kill("SIGINT");
    });
    const { code, out, last } = await result;
    expect([code, last?.trim()]).toEqual([1, "stopped before the end"]);
    expect(out).toMatch(/ok +clean-up: customer /);
    expect(await counts()).toEqual(before);
  });

  it("says when something could not be taken away", async () => {
    proxy.refuse(({ method, path }) =>
      method === "DELETE" && path.startsWith("/api/v1/deployments/") ? BROKEN : undefined,
    );
    const { code, out } = await smoke();
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/FAILED:\n(.*\n)* +clean-up: deployment [\w-]+\n/),
    ]);
  });

  it("says who may not come in", async () => {
    expect(await smoke({ password: "Wrong-Horse-1" })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/FAIL {2}auth: sign in.*\n.* 401 .*\n +request id /),
    });
    expect(await smoke({ by: cloud.viewer })).toMatchObject({
      code: 1,
      out: expect.stringContaining("may only read: take an admin or a manager"),
    });
  });

  it.each([
    [["--url", "https://api.example.com"]],
    [["--email", "ada@example.com"]],
    [["--url", "http://api.example.com", "--email", "ada@example.com"]],
    [["--url", "https://api.example.com/api/v1", "--email", "ada@example.com"]],
    [["--colour"]],
  ])("shows its usage for %j", async (args) => {
    const child = spawn(process.execPath, ["functions/cli/smoke.ts", ...args], { cwd: root });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const [code, err] = await Promise.all([ended, text(child.stderr)]);
    expect([code, err]).toEqual([2, expect.stringContaining("usage: npm run smoke")]);
  });
});
