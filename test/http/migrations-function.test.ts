import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { deploymentBody } from "../support/rows.ts";
import { type Storage, type StoredItem, storageOf } from "../support/storage.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const SEARCH_FORMS = "20261128-111358-search-forms";

let cloud: TestCloud;
let storage: Storage;
/** A customer with an interaction, a response, a survey link and a ticket, none of them written plainly. */
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
  const { api } = cloud.manager;
  customer_id = (
    await api.customers.create({ body: { company_name: "Café Ørsted", status: "active" } })
  ).body().id;
  await api.deployments.create({ body: deploymentBody(customer_id) });
  await api.interactions.create({
    body: {
      customer_id,
      interaction_type: "call",
      subject: "Über Łódź",
      description: "Straße",
      performed_by: "José Ünal",
      follow_up_required: true,
      follow_up_date: "2030-01-01",
    },
  });
  await api.csat.create({
    body: {
      customer_id,
      survey_type: "nps",
      score: 9,
      submitted_by_email: "jose@example.com",
      submitted_by_name: "José",
      feedback_text: "Größe",
    },
  });
  await api.csat.createLink({ body: { customer_id, survey_type: "nps" } });
  await api.tickets.create({
    body: { customer_id, subject: "Größe", description: "Zu klein", priority: "low" },
  });
  await cloud.settled();
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

/** Starts the command with the environment of the cloud, on no terminal. */
const command = (...args: readonly string[]) =>
  spawn(process.execPath, ["functions/cli/migrations.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...cloud.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });

async function migrations(...args: readonly string[]) {
  const child = command(...args);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

const PREFIXES = ["interaction#", "survey#", "survey_link#", "ticket#"];
const sources = async () => (await Promise.all(PREFIXES.map((prefix) => storage.items(prefix)))).flat();

/** As the first versions stored them: in lower case. The stream hears of it, as of every change. */
async function age(): Promise<void> {
  for (const prefix of PREFIXES)
    await storage.change(prefix, (item) => ({
      search_key: String(item.subject ?? item.feedback_text ?? item.customer_name).toLowerCase(),
      ...(item.performed_by !== undefined && { performer_key: String(item.performed_by).toLowerCase() }),
    }));
  await cloud.settled();
}

const counters = async () => {
  const rows = await storage.items("rollup#");
  return rows.map(({ revision: _, changed_at: __, gsi2sk: ___, ...sums }) => sums);
};
const byKey = (items: readonly StoredItem[]) => new Map(items.map((item) => [item.pk, item]));

describe("npm run migrations", () => {
  it("has nothing in its history at first, and a dry run that counts, shows and writes nothing", async () => {
    await age();
    const { out } = await migrations("history");
    expect(out).toMatch(new RegExp(`^${SEARCH_FORMS} +pending +backfill\n`));
    const before = await storage.items("");
    const dry = await migrations("up", "--dry-run", "--to", SEARCH_FORMS);
    expect([dry.code, dry.err]).toEqual([0, ""]);
    expect(dry.out).toContain(`${SEARCH_FORMS}: would be 5 read, 5 changed`);
    // Three of the five, those that a scan comes upon first.
    const shown = [...dry.out.matchAll(/^ {4}(\w+)#.*\n((?: {6}.*\n)+)/gm)];
    expect(shown).toHaveLength(3);
    const samples: Readonly<Record<string, RegExp>> = {
      // The second one stands for the ticket.
      interaction: /search_key: ('über łódź' → 'uber lodz strasse'|'größe' → 'grosse)/,
      survey: /search_key: 'größe' → 'grosse'/,
      survey_link: /search_key: 'café ørsted' → 'cafe orsted'/,
      ticket: /search_key: 'größe' → 't-\d+ grosse zu klein'/,
    };
    for (const [, kind = "", change] of shown) expect(change).toMatch(samples[kind] ?? /no sample/);
    expect(await storage.items("")).toEqual(before);
  });

  it("runs it in its function, where nothing is counted again, and lists find what they did not", async () => {
    const found = async () => {
      const { api } = cloud.manager;
      const { interactions } = (await api.interactions.list({ query: { search: "lodz strasse" } })).body();
      return interactions.length;
    };
    expect(await found()).toBe(0);
    const [before, counted] = [await sources(), await counters()];
    const { code, out, err } = await migrations("up", "--to", SEARCH_FORMS);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`${SEARCH_FORMS}: done: 5 read, 5 changed`);
    await cloud.settled();

    // Nothing but the forms, and not the keys of any index.
    const after = byKey(await sources());
    for (const item of before) {
      const { search_key, performer_key, category_key } = after.get(item.pk) as Record<string, unknown>;
      const forms = { search_key, ...(performer_key !== undefined && { performer_key }) };
      expect(after.get(item.pk)).toEqual({
        ...item,
        ...forms,
        // Who has set something is known by the trail; this was a migration.
        ...(item.written_by !== undefined && { written_by: { kind: "job", id: "migrations" } }),
        ...(category_key !== undefined && { category_key }),
      });
    }
    expect(await counters()).toEqual(counted);
    const { rebuild } = await import("@success-manager/domain/counters/rebuild");
    expect(await rebuild({ write: false, settle: async () => undefined })).toMatchObject({ drifts: [] });
    await expect.poll(found).toBe(1);
  });

  it("tells who ran it, when, how long, and what came of it", async () => {
    const { code, out } = await migrations("history");
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `^${SEARCH_FORMS} +done +backfill +\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z +\\d+ s +5 read, 5 changed +\\S.* +[0-9a-f]{12}\n`,
      ),
    );
  });

  it("does it once, unless it is to do it again; then there is nothing left to change", async () => {
    expect(await migrations("up", "--to", SEARCH_FORMS)).toMatchObject({ code: 0 });
    const again = await migrations("up", "--again", SEARCH_FORMS, "--here", "--units", "5000");
    expect([again.code, again.err]).toEqual([0, ""]);
    expect(again.out).toContain(`${SEARCH_FORMS}: done: 5 read, 0 changed`);
    expect((await migrations("history")).out).toMatch(/ {4}before: up \S+, done, /);
  });

  it("goes on where it stood when its process was killed, once its lease has ended", async () => {
    await age();
    // A unit a second, so that it is killed amid its work.
    const child = command("up", "--again", SEARCH_FORMS, "--here", "--units", "1");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await expect.poll(async () => (await migrations("history")).out).toMatch(/running .* [1-9] changed/);
    child.kill("SIGKILL");
    await ended;
    const held = await migrations("up");
    expect([held.code, held.err]).toEqual([
      1,
      expect.stringMatching(/has been running 2026\S+ \(up\) since/),
    ]);
    await storage.change("job_lock#migrations", () => ({ leased_until: 1 }));
    expect((await migrations("history")).out).toContain("stopped");
    const { code, out } = await migrations("up");
    expect([code, out]).toEqual([0, expect.stringContaining(`${SEARCH_FORMS}: done: `)]);
    expect((await sources()).filter(({ search_key }) => /[^\x20-\x7e]/.test(String(search_key)))).toEqual([]);
  });

  it("finds nothing to do about items of the present version, whatever wrote them", async () => {
    const { defineMigration, dryRun } = await import("@success-manager/domain/migrations");
    const table = await import("@success-manager/domain/table");
    const isEntity = (value: unknown): value is typeof table.CustomerEntity =>
      typeof value === "object" && value !== null && "schema" in value;
    // Computed attributes are ElectroDB's own; no migration writes these.
    const all = Object.values(table)
      .filter(isEntity)
      .filter(({ schema }) => !Object.values(schema.attributes).some((attribute) => "set" in attribute));
    expect(all.length).toBeGreaterThan(20);
    const nothing = defineMigration({
      name: "nothing",
      description: "Everything is as it is.",
      kind: "backfill",
      items: { of: all, from: "scan" },
      change: (item) => item,
    });
    const { counted, samples, failures } = await dryRun(nothing, "up", { units: 1_000_000 });
    expect({ samples, failures }).toEqual({ samples: [], failures: [] });
    expect(counted.unchanged).toBeGreaterThan(20);
  });

  it("says what can't be undone, what is unknown, and how it is used", async () => {
    const down = await migrations("down", "--to", SEARCH_FORMS);
    expect(down).toMatchObject({ code: 1 });
    expect(down.err).toContain(`${SEARCH_FORMS} has no way back.`);
    expect(await migrations("up", "--to", "nonsense")).toMatchObject({
      code: 1,
      err: expect.stringContaining("nonsense"),
    });
    for (const args of [
      [],
      ["sideways"],
      ["up", "now"],
      ["create"],
      ["create", "Big Change"],
      ["up", "--units", "0"],
    ]) {
      const { code, err } = await migrations(...args);
      expect([args, code, err]).toEqual([args, 2, expect.stringContaining("usage: npm run migrations")]);
    }
  });

  it("before the first deployment finds no table, and nothing to do", async () => {
    const args = ["up", "--before-deploy", "--stage", "elsewhere"];
    expect(await migrations(...args)).toMatchObject({
      code: 0,
      out: expect.stringContaining("no table yet"),
    });
    const { code, err } = await migrations("up", "--stage", "elsewhere");
    expect([code, err]).toEqual([1, expect.stringContaining("There is no table success-manager-elsewhere")]);
  });
});
