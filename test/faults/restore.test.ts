import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { groups } from "@success-manager/contract";
import { type Api, apiOf } from "@success-manager/contract/api";
import { type Endpoint, isRaw } from "@success-manager/contract/dsl/endpoint";
import { type Cloud, startCloud } from "@success-manager/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bundles } from "../../infra/bundle/bundle.ts";
import { bundledOnce, removeFolders, synthesize } from "../infra/synthesized.ts";
import { lettersTo } from "../support/inbox.ts";
import { type Storage, storageOf } from "../support/storage.ts";

/**
 * The drill of docs/runbook.md on one machine: an export stands for the point in time, an import into a table outside of
 * the template for DynamoDB's restore. All else is what the paper says: our commands, and the switch in the settings.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "restore-"));
const data = join(folder, "data");
const QUIET = { BCRYPT_COST: "4", LOG_LEVEL: "CRITICAL" };
const DAY_MS = 24 * 60 * 60 * 1000;
const PASSWORD = "Admin@123";
/** Who gets a scheduled report, mails about alerts, a survey. */
const [BOARD, TEAM, CUSTOMER] = ["board@example.com", "team@example.com", "ada@example.com"];

let code: Bundles;
let cloud: Cloud;
let storage: Storage;
let admin: Api;

/** A command as a person types it; what it printed. @throws with all it said, when it fails */
async function npmRun(script: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [`functions/cli/${script}.ts`, ...args], {
    cwd: root,
    env: { ...process.env, ...cloud.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [exit, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (exit !== 0) throw new Error(`${script} ${args.join(" ")}: ${exit}\n${out}${err}`);
  return out;
}

async function signIn(username = "admin@extravis.com", password = PASSWORD) {
  const stranger = apiOf(cloud.apiUrl);
  const tokens = (await stranger.auth.login({ form: { username, password } })).body();
  return { tokens, api: apiOf(cloud.apiUrl, tokens.access_token) };
}

/** Starts the cloud with these settings of the stage, on the same data. */
async function deploy(settings: Readonly<Record<string, unknown>>): Promise<void> {
  storage?.close();
  await cloud?.stop();
  const { folder: assembly } = await synthesize(settings, code);
  cloud = await startCloud({ assembly, data, schedules: false, environment: QUIET });
  storage = storageOf(cloud);
}

beforeAll(async () => {
  code = await bundledOnce();
  await deploy({});
  await npmRun("seed");
  await cloud.settled(60_000);
  admin = (await signIn()).api;
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
  removeFolders();
  rmSync(folder, { recursive: true, force: true });
});

/** What tells about the moment of asking or about who asks, not about the data. */
const VOLATILE =
  /^(generated_at|checked_at|as_of|now|uptime.*|.*_remaining.*|.*_ms|last_login|last_active|expires_in)$/;
const NOT_DATA = new Set(["/api/v1/settings/system/health", "/api/v1/account/sessions"]);

/** Every list and figure that takes no id, as JSON. */
async function everything(): Promise<Record<string, string>> {
  const { tokens } = await signIn();
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const paths = groups.flatMap(({ prefix, endpoints }) =>
    Object.values(endpoints).flatMap(({ method, path, returns }: Endpoint) =>
      method === "GET" && !path.includes("{") && !isRaw(returns)
        ? [`${prefix}${path === "/" ? "" : path}`]
        : [],
    ),
  );
  expect(paths.length).toBeGreaterThan(20);
  const found: Record<string, string> = {};
  for (const path of paths) {
    const answer = await fetch(`${cloud.apiUrl}${path}`, { headers });
    const body = JSON.stringify(await answer.json(), (key, value) =>
      VOLATILE.test(key) ? undefined : value,
    );
    if (!NOT_DATA.has(path)) found[path] = `${answer.status} ${body}`;
  }
  return found;
}

const subjects = async (address: string) =>
  (await lettersTo(cloud.inboxUrl, address)).map(({ subject }) => `${address}: ${subject}`);

/** What the clock would start: reports that are due, checks that mail what they open. */
async function jobs(): Promise<void> {
  const JOBS = { "contract-expiry": "contract_expiry_check", "scheduled-reports": "scheduled_reports" };
  for (const [name, job] of Object.entries(JOBS)) {
    const event = { job, scheduled_time: new Date().toISOString() };
    const { functionError, payload } = await cloud.invoke(`success-manager-local-jobs-${name}`, event);
    expect(functionError, JSON.stringify(payload)).toBeUndefined();
  }
  await cloud.settled(60_000);
}

const counters = async () => (await storage.items("rollup#")).map((item) => JSON.stringify(item)).sort();

describe("a table that was damaged", () => {
  it("is taken over from by a copy of it, which shows all as it was", async () => {
    const before = await everything();
    const counted = await counters();
    const exported = await npmRun("data-export", "--to", join(folder, "first"));
    expect(exported).toMatch(/^\d+ items of success-manager-local in \d+ files/);
    // Damage.
    await storage.remove("customer#");
    await storage.remove("scores#");
    expect(await everything()).not.toEqual(before);

    await npmRun("data-import", "--from", join(folder, "first"), "--generation", "2", "--create");
    await expect(npmRun("restore", "check", "--generation", "2")).rejects.toThrow(
      /NOT {2}streams its changes/,
    );
    expect(await npmRun("restore", "prepare", "--generation", "2")).toMatch(/may take over/);
    await deploy({ tableGeneration: 2, keptTables: [1] });

    expect(cloud.environment.TABLE_NAME).toBe("success-manager-local-2");
    await cloud.settled(60_000);
    expect(await everything()).toEqual(before);
    // Nothing was counted a second time, and nothing has drifted.
    expect(await counters()).toEqual(counted);
    expect(await npmRun("rollups-rebuild", "--settle", "0")).toMatch(/no counter has drifted/);
    // What is written is counted.
    admin = (await signIn()).api;
    const total = async () => (await admin.interactions.list({})).body().total;
    const one = await total();
    const { id } = (await admin.customers.list({ query: { limit: 1 } })).body().customers[0] ?? {};
    const body = { customer_id: `${id}`, interaction_type: "call", subject: "s", description: "d" } as const;
    await admin.interactions.create({ body });
    await cloud.settled(60_000);
    expect(await total()).toBe(one + 1);
    // The damaged one is still there to be looked at.
    await expect(npmRun("restore", "check", "--generation", "1")).resolves.toMatch(/may take over/);
  });

  it("sends no mail twice, lets nobody in who was kept out, and keeps what customers answered", async () => {
    // Until the point in time.
    await admin.settings.updateAlerts({ body: { recipients: [TEAM] } });
    const contract_end_date = new Date(Date.now() + 5 * DAY_MS).toISOString().slice(0, 10);
    const company = { company_name: "Alderbrook", status: "active", contract_end_date } as const;
    const customer_id = (await admin.customers.create({ body: company })).body().id;
    const email = "eve@example.com";
    const eve = { email, full_name: "Eve", role: "manager", password: "Correct-Horse-1" } as const;
    const eveId = (await admin.users.create({ body: eve })).body().id;
    const former = await signIn(email, eve.password);
    const schedule = { report_name: "Board", report_type: "executive_summary", frequency: "daily" } as const;
    const { id } = (
      await admin.reports.createSchedule({ body: { ...schedule, recipients: [BOARD] } })
    ).body();
    const due = `${new Date(Date.now() - DAY_MS / 24).toISOString().slice(0, 16)}:00.000Z`;
    await storage.change(`report_schedule#${id}`, () => ({
      ...{ anchor: due, next_scheduled_at: due, gsi3sk: `${due}#${id}` },
    }));
    const link = { customer_id, survey_type: "nps", send_to: CUSTOMER } as const;
    const { token } = (await admin.csat.createLink({ body: link })).body();
    await cloud.settled(60_000);
    await npmRun("data-export", "--to", join(folder, "second"));

    // After it: mails go out, an answer comes, somebody is kept out, numbers are told to people.
    await jobs();
    const answer = { score: 2, submitted_by_name: "Ada", submitted_by_email: CUSTOMER } as const;
    await apiOf(cloud.apiUrl).csat.publicSubmit({ params: { token }, body: answer });
    await admin.users.deactivate({ params: { user_id: eveId } });
    const ticket = { customer_id, subject: "s", description: "d", priority: "low" } as const;
    const { number } = (await admin.tickets.create({ body: ticket })).body();
    await cloud.settled(60_000);
    for (const address of [BOARD, TEAM])
      expect(await lettersTo(cloud.inboxUrl, address), address).not.toEqual([]);
    const history = (await admin.reports.listHistory({})).body();
    await storage.remove("customer#");
    await storage.remove("interaction#");

    await npmRun("data-import", "--from", join(folder, "second"), "--generation", "3", "--create");
    const settled = await npmRun("restore", "settle", "--generation", "3", "--from", "2");
    expect(settled).toMatch(/survey: 1 taken over/);
    expect(settled).toMatch(/report_schedule: 1 taken over/);
    expect(settled).not.toMatch(/paused|stopped/);
    expect(await npmRun("restore", "prepare", "--generation", "3")).toMatch(/may take over/);
    const sent = (await Promise.all([BOARD, TEAM, CUSTOMER].map(subjects))).flat();
    await deploy({ tableGeneration: 3, keptTables: [1, 2] });
    await npmRun("rollups-rebuild", "--write", "--settle", "0");

    const old = await former.api.customers.list({});
    expect(old.status).toBe(401);
    expect((await admin.customers.list({})).status).toBe(401);
    const eves = { form: { username: email, password: eve.password } };
    expect((await apiOf(cloud.apiUrl).auth.login(eves)).status).toBeGreaterThanOrEqual(400);
    admin = (await signIn()).api;
    expect((await admin.customers.get({ params: { id: customer_id } })).status).toBe(200);

    await jobs();
    await cloud.settled(60_000);
    const now = (await Promise.all([BOARD, TEAM, CUSTOMER].map(subjects))).flat();
    // The inbox may have forgotten the mails from before, but has got none of them again.
    expect(now.filter((subject) => sent.includes(subject)).length).toBeLessThanOrEqual(sent.length);
    expect(now.filter((subject) => !sent.includes(subject))).toEqual([]);
    expect(new Set(now).size).toBe(now.length);

    expect((await admin.reports.listHistory({})).body()).toEqual(history);
    expect((await apiOf(cloud.apiUrl).csat.publicSubmit({ params: { token }, body: answer })).status).toBe(
      409,
    );
    const responses = (await admin.csat.list({ query: { customer_id } })).body();
    expect(responses.total).toBe(1);
    const next = (await admin.tickets.create({ body: ticket })).body();
    expect(Number(next.number.replace(/\D/g, ""))).toBeGreaterThan(Number(number.replace(/\D/g, "")));
    await cloud.settled(60_000);
    expect(await npmRun("rollups-rebuild", "--settle", "1")).toMatch(/no counter has drifted/);
  });
});
