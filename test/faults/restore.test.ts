import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { groups } from "@success-manager/contract";
import { type Api, apiOf, tokensOf } from "@success-manager/contract/api";
import { type Endpoint, isRaw } from "@success-manager/contract/dsl/endpoint";
import { type Cloud, startCloud } from "@success-manager/local";
import { ATTRIBUTES, createFakes, itemsOf, type Kind, openArchive, storeAt } from "@success-manager/transfer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bundles } from "../../infra/bundle/bundle.ts";
import { bundledOnce, removeFolders, synthesize } from "../infra/synthesized.ts";
import { lettersTo } from "../support/inbox.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { MINUTE_MS, withDayLeft } from "../support/window.ts";

// All of it is compared with what it was some commands before.
await withDayLeft(15 * MINUTE_MS);

/**
 * The drill of docs/runbook.md on one machine: an export stands for the point in time, an import into a table outside of
 * the template for DynamoDB's restore. All else is what the paper says: our commands, and the switch in the settings.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "restore-"));
const data = join(folder, "data");
/** A recount waits for indexes and the stream; here indexes follow at once, and the stream is waited for before it. */
const QUIET = { BCRYPT_COST: "4", LOG_LEVEL: "CRITICAL", REBUILD_SETTLE_MS: "200" };
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
    stdio: ["pipe", "pipe", "pipe"],
  });
  // What --password-stdin reads.
  child.stdin.on("error", () => undefined).end(`${PASSWORD}\n`);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [exit, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (exit !== 0) throw new Error(`${script} ${args.join(" ")}: ${exit}\n${out}${err}`);
  return out;
}

async function signIn(username = "admin@extravis.com", password = PASSWORD) {
  const stranger = apiOf(cloud.apiUrl);
  const tokens = tokensOf((await stranger.auth.login({ form: { username, password } })).body());
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
  code = bundledOnce();
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
  /^(generated_at|checked_at|as_of|now|next_run_time|uptime.*|.*_remaining.*|.*_ms|last_login|last_active|expires_in)$/;
const NOT_DATA = new Set([
  // In the order of their next runs, which changes five times an hour.
  "/api/v1/scheduler/jobs",
  // Whoever looks signs in first, which is noted; of the trail, a test of its own.
  "/api/v1/audit",
  "/api/v1/audit/verify",
  "/api/v1/settings/system/health",
  "/api/v1/account/sessions",
]);

/** A map comes from the database in any order. */
const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Every list and figure that takes no id, as JSON. */
async function everything(email?: string): Promise<Record<string, string>> {
  const { tokens } = await signIn(email);
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
  const NEEDED = [
    ["/search", "?q=a"],
    ["/audit/verify", `?day=${new Date().toISOString().slice(0, 10)}`],
    ["/retention/customers", "?figure=start"],
  ] as const;
  for (const path of paths) {
    const [, query = ""] = NEEDED.find(([end]) => path.endsWith(end)) ?? [];
    const answer = await fetch(`${cloud.apiUrl}${path}${query}`, { headers });
    const body = JSON.stringify(await answer.json(), (key, value) =>
      VOLATILE.test(key) ? undefined : sorted(value),
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

const counters = async () =>
  (await storage.items("rollup#")).map((item) => JSON.stringify(item, (_key, value) => sorted(value))).sort();

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

    const trail = async () => (await admin.audit.list({ query: { entity: "customer", limit: 100 } })).body();
    const changes = await trail();
    await npmRun("data-import", "--from", join(folder, "first"), "--generation", "2", "--create");
    await expect(npmRun("restore", "check", "--generation", "2")).rejects.toThrow(
      /NOT {2}streams its changes/,
    );
    expect(await npmRun("restore", "prepare", "--generation", "2")).toMatch(/may take over/);
    await deploy({ tableGeneration: 2, keptTables: [1] });

    expect(cloud.environment.TABLE_NAME).toBe("success-manager-local-2");
    await cloud.settled(60_000);
    const after = await everything();
    for (const [path, body] of Object.entries(before)) {
      const other = after[path] ?? "";
      const at = [...body].findIndex((letter, n) => letter !== other[n]);
      // Where they differ, not all of it.
      expect(`${path} ${body.slice(at - 60, at + 60)}`).toBe(`${path} ${other.slice(at - 60, at + 60)}`);
    }
    // Nothing was counted a second time, and nothing has drifted.
    expect(await counters()).toEqual(counted);
    expect(await npmRun("rollups-rebuild")).toMatch(/no counter has drifted/);
    // What is written is counted.
    admin = (await signIn()).api;
    // The trail came along, and its chain holds.
    expect(await trail()).toEqual(changes);
    const day = new Date().toISOString().slice(0, 10);
    expect((await admin.audit.verify({ query: { day } })).body().is_valid).toBe(true);
    const total = async () => (await admin.interactions.list({})).body().total;
    const one = await total();
    const { id } = (await admin.customers.list({ query: { limit: 1 } })).body().customers[0] ?? {};
    const body = { customer_id: `${id}`, interaction_type: "call", subject: "s", description: "d" } as const;
    await admin.interactions.create({ body });
    await cloud.settled(60_000);
    expect(await total()).toBe(one + 1);
    // The damaged one is still there to be looked at.
    const looked = await npmRun("data-export", "--generation", "1", "--to", join(folder, "damaged"));
    expect(looked).toMatch(/items of success-manager-local in/);
  });

  it("sends no mail twice, lets nobody in who was kept out, and keeps what customers answered", async () => {
    // Until the point in time.
    const own = await signIn();
    admin = own.api;
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
    await npmRun("rollups-rebuild", "--write");

    const statusWith = async ({ access_token }: { readonly access_token: string }) =>
      (await apiOf(cloud.apiUrl, access_token).customers.list({})).status;
    // One has to sign in again, the other may not.
    expect([await statusWith(own.tokens), await statusWith(former.tokens)]).toEqual([401, 403]);
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
    expect(await npmRun("rollups-rebuild")).toMatch(/no counter has drifted/);
  });
});

describe("a copy without personal data", () => {
  const PERSONAL: ReadonlySet<Kind> = new Set([
    "person",
    "email",
    "emails",
    "company",
    "company_key",
    "phone",
    "text",
    "secret",
    "search",
  ] as const);

  /**
   * Every personal text of an export, and the words of names and addresses; without words that stand in what is not
   * personal, too, such as an industry that a company is named after.
   */
  async function personalTexts(from: string): Promise<Set<string>> {
    const texts = new Set<string>();
    const plain = new Set<string>(["system", "administrator", "example"]);
    const archive = await openArchive(storeAt(from));
    for (const file of archive.files)
      for await (const raw of itemsOf(archive, file)) {
        const item = unmarshall(raw);
        const attributes = ATTRIBUTES[item.__edb_e__];
        if (attributes === undefined || attributes === "dropped") continue;
        for (const name of attributes.plain) plain.add(JSON.stringify(item[name] ?? "").toLowerCase());
        for (const [name, kind] of Object.entries(attributes.personal)) {
          if (!PERSONAL.has(kind)) continue;
          for (const value of [item[name] ?? []].flat().map((one) => String(one).toLowerCase())) {
            texts.add(value);
            if (["person", "email", "company"].includes(kind) && !/^[\da-f-]{36}$/.test(value))
              for (const word of value.split(/[^\p{L}]+/u)) texts.add(word);
          }
        }
      }
    const known = [...plain].join("\n");
    return new Set([...texts].filter((one) => one.length > 4 && !known.includes(one)));
  }

  /** All that a table holds as one text, in small letters; what is compressed too, but not answers, which are encrypted. */
  async function dump(): Promise<string> {
    const readable = (_key: string, value: unknown) =>
      value instanceof Uint8Array && value[0] === 0x1f && value[1] === 0x8b
        ? gunzipSync(value).toString("utf8")
        : value;
    return JSON.stringify(await storage.items(""), readable).toLowerCase();
  }

  it("has nothing of a person anywhere, and answers everything", async () => {
    const from = join(folder, "second");
    const texts = await personalTexts(from);
    expect(texts.size).toBeGreaterThan(500);
    const before = await dump();
    // The search finds what is there.
    expect(
      [...texts].filter((one) => before.includes(JSON.stringify(one).slice(1, -1))).length,
    ).toBeGreaterThan(500);
    const before_totals = (await admin.customers.list({})).body().total;

    const anonymous = ["--anonymize", "--seed", "blue"];
    const to = ["--from", from, "--generation", "4", "--create"];
    await npmRun("data-import", ...to, ...anonymous, "--password-stdin");
    await npmRun("restore", "prepare", "--generation", "4");
    await deploy({ tableGeneration: 4, keptTables: [1, 2, 3] });
    await npmRun("rollups-rebuild", "--write");
    // Whoever has the seed knows where people are.
    const { email } = createFakes("blue");
    const copy = await everything(email("admin@extravis.com"));
    const failing = Object.entries(copy).filter(([, body]) => !body.startsWith("200 "));
    expect(failing).toEqual([]);
    const after = await dump();
    // By itself: five letters may stand in a hash.
    const stands = (one: string) => {
      const isBorder = (at: number) => !/[\p{L}\p{N}]/u.test(after[at] ?? "");
      for (let at = after.indexOf(one); at >= 0; at = after.indexOf(one, at + 1))
        if (isBorder(at - 1) && isBorder(at + one.length)) return true;
      return false;
    };
    expect([...texts].filter((one) => stands(JSON.stringify(one).slice(1, -1)))).toEqual([]);
    for (const one of Object.values(copy)) expect(one.toLowerCase()).not.toContain("extravis");
    await jobs();
    const { api } = await signIn(email("admin@extravis.com"));
    const customers = (await api.customers.list({})).body();
    expect(customers.total).toBe(before_totals);
    // A search finds what it looks for: who answered, and the customer's name, which the response does not hold.
    const [response] = (await api.csat.list({})).body().surveys;
    const { customer } = (await api.customers.get({ params: { id: `${response?.customer_id}` } })).body();
    for (const search of [`${response?.submitted_by_name}`, customer.company_name]) {
      const { surveys } = (await api.csat.list({ query: { search, limit: 100 } })).body();
      expect(surveys.map(({ id }) => id)).toContain(response?.id);
    }
  });
});
