// npm run migrations -- create | up | down | pause | history: changes of what is stored (docs/deploy.md).
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inspect, parseArgs } from "node:util";
import type {
  Counted,
  Direction,
  Migration,
  MigrationStatus,
  RunStatus,
} from "@success-manager/domain/migrations";
import { Umzug } from "umzug";
import { friendlyError } from "./friendly-error.ts";
import { MIGRATIONS_FOLDER, registerMigration, templateOf } from "./migration-file.ts";
import { enterStage, rerunInLocalCloud, tableName } from "./target.ts";

const usage = `usage: npm run migrations -- <command> [options]
  create <name>       a new migration, such as search-forms, with its test
  up                  runs what is pending, in order
  down                undoes the migration that ran last
  pause <name>        has a migration stop after its present batch; up goes on from there
  history             what ran, when, for whom, how long, and what came of it
options
  --stage <stage>     a deployed stage, such as prod; without it, the table of TABLE_NAME or the cloud that npm start
                      runs
  --to <name>         up or down to this migration, included
  --again <name>      up: this migration once more, although it is done
  --before-deploy     up: only those that run before their version is deployed; refuses when this version needs one that
                      is not done
  --dry-run           reads, counts and shows samples; writes nothing
  --here              works in this process instead of the function
  --units <number>    read and write units a second, 200 by default`;

const COMMANDS = ["create", "up", "down", "pause", "history"] as const;
type Command = (typeof COMMANDS)[number];
const isCommand = (text: string | undefined): text is Command => COMMANDS.some((one) => one === text);

interface Options {
  readonly command: Command;
  /** What `create` and `pause` are about. */
  readonly name: string;
  readonly stage: string | undefined;
  readonly to: string | undefined;
  readonly again: string | undefined;
  readonly beforeDeploy: boolean;
  readonly dryRun: boolean;
  readonly here: boolean;
  readonly units: number;
}

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        stage: { type: "string" },
        to: { type: "string" },
        again: { type: "string" },
        "before-deploy": { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        here: { type: "boolean", default: false },
        units: { type: "string", default: "200" },
      },
    });
    const [command, name = "", ...rest] = positionals;
    if (!isCommand(command)) throw new Error(command ? `There is no command ${command}.` : "Which command?");
    const isNamed = command === "create" || command === "pause";
    if (rest.length > 0 || isNamed !== (name !== ""))
      throw new Error(isNamed ? `${command} takes one name.` : `${command} takes no name; see --to.`);
    if (command === "create" && !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
      throw new Error("A name is made of lower-case letters, digits and dashes, such as search-forms.");
    const { stage, to, again, here, units } = values;
    enterStage(stage);
    if (!/^[1-9]\d{0,5}$/.test(units)) throw new Error("--units takes a number from 1 to 999999.");
    return {
      ...{ command, name, stage, to, again, here, units: Number(units) },
      beforeDeploy: values["before-deploy"],
      dryRun: values["dry-run"],
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

const fileOf = (name: string) => join(MIGRATIONS_FOLDER, `${name}.ts`);

/** Tells a file that was changed after it ran from one that was not; empty where there is no file. */
const checksumOf = (name: string) =>
  existsSync(fileOf(name))
    ? createHash("sha256")
        .update(readFileSync(fileOf(name)))
        .digest("hex")
        .slice(0, 12)
    : "";

/** Who asks, for the history. */
async function identity(stage: string | undefined): Promise<string> {
  if (stage === undefined) return userInfo().username;
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const { Arn = "unknown" } = await new STSClient().send(new GetCallerIdentityCommand());
  // Whoever pushed the button, where a workflow signs in.
  return process.env.GITHUB_ACTOR ? `${process.env.GITHUB_ACTOR}, ${Arn}` : Arn;
}

/** Control characters of a value would act on the terminal. */
const printable = (text: string) => text.replaceAll(/\p{C}/gu, "\u{FFFD}");

const number = new Intl.NumberFormat("en");

function counts({ read, changed, overtaken, throttled, failed }: Counted): string {
  const some = (count: number, what: string) => (count > 0 ? [`${number.format(count)} ${what}`] : []);
  return [
    `${number.format(read)} read`,
    `${number.format(changed)} changed`,
    ...some(failed, "failed"),
    ...some(overtaken, "looked at again"),
    ...some(throttled, "times throttled"),
  ].join(", ");
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Prints how far something is: one line that changes on a terminal, else a line every few seconds. */
function createProgress(name: string) {
  const EVERY_MS = 5_000;
  let last = 0;
  return {
    tell(counted: Counted): void {
      if (process.stdout.isTTY) process.stdout.write(`\r\u001B[K  ${name}: ${counts(counted)}`);
      else if (Date.now() - last >= EVERY_MS) {
        last = Date.now();
        console.log(`  ${name}: ${counts(counted)}`);
      }
    },
    end(line: string): void {
      if (process.stdout.isTTY) process.stdout.write("\r\u001B[K");
      console.log(`  ${name}: ${line}`);
    },
  };
}

const LOOK_MS = 1_000;
/** How long nobody may work on a run that goes on all the same: Lambda tries again after one minute and after two. */
const PATIENCE_MS = { deployed: 4 * 60_000, local: 15_000 };

type Domain = typeof import("@success-manager/domain/migrations");

/** What a command works with. */
interface Target extends Options {
  readonly domain: Domain;
}

/** Follows a run until it is over. @throws a sentence when it did not end well */
async function follow({ domain, stage }: Target, name: string, run_id: string): Promise<void> {
  const patience = stage === undefined ? PATIENCE_MS.local : PATIENCE_MS.deployed;
  const progress = createProgress(name);
  let held = Date.now();
  for (;;) {
    const status: RunStatus = await domain.runStatus(name, run_id);
    progress.tell(status.counted);
    if (status.isHeld) held = Date.now();
    if (status.state !== "running") {
      progress.end(`${status.state}: ${counts(status.counted)}`);
      for (const { key, error } of status.failures)
        console.error(`    ${printable(key)}: ${printable(error)}`);
      if (status.state === "failed" || status.state === "paused")
        throw new Error(status.error ?? `${name} was paused; up goes on from there.`);
      return;
    }
    if (Date.now() - held > patience)
      throw new Error(
        `Nobody works on ${name} any more. ${status.error ?? ""} The log of jobs/migrations says why; up goes on where it stood.`,
      );
    await pause(LOOK_MS);
  }
}

/** Works on a run in this process; Ctrl-C pauses it. */
const workHere =
  (target: Target, name: string) =>
  async ({ scheduled_time }: { readonly scheduled_time: string }): Promise<void> => {
    const { migrationJob, migrations, pause: pauseMigration } = target.domain;
    const { run } = await import("@success-manager/domain/jobs");
    const onSignal = () => void pauseMigration(name).catch(() => undefined);
    process.once("SIGINT", onSignal);
    try {
      await Promise.all([
        follow(target, name, scheduled_time),
        run(migrationJob(migrations), scheduled_time, {
          remaining: () => Number.POSITIVE_INFINITY,
          log: () => undefined,
          continueInBackground: async () => undefined,
        }),
      ]);
    } finally {
      process.off("SIGINT", onSignal);
    }
  };

async function dryRun({ domain, units }: Target, migration: Migration, direction: Direction): Promise<void> {
  const progress = createProgress(migration.name);
  const { counted, failures, samples } = await domain.dryRun(migration, direction, {
    units,
    onBatch: (reached) => progress.tell(reached),
  });
  progress.end(`would be ${counts(counted)}`);
  for (const { key, before, set, remove } of samples) {
    console.log(`    ${printable(key)}`);
    const show = (value: unknown) =>
      inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 });
    for (const [name, value] of Object.entries(set))
      console.log(`      ${printable(name)}: ${show(before[name])} → ${show(value)}`);
    for (const name of remove) console.log(`      ${printable(name)}: ${show(before[name])} → gone`);
  }
  for (const { key, error } of failures) console.error(`    ${printable(key)}: ${printable(error)}`);
  if (counted.failed > 0) throw new Error(`${counted.failed} items could not be changed.`);
}

/** Runs one migration in one direction. */
async function perform(target: Target, migration: Migration, direction: Direction): Promise<void> {
  const { domain, stage, units, here, again } = target;
  const { name } = migration;
  if (target.dryRun) return dryRun(target, migration, direction);
  console.log(`${direction === "up" ? "Running" : "Undoing"} ${name}: ${migration.description}`);
  const run_id = await domain
    .start(migration, direction, {
      by: await identity(stage),
      units,
      checksum: checksumOf(name),
      again: again === name,
      ...(here && { invoke: workHere(target, name) }),
    })
    .catch((error: unknown) => {
      // Its cause is about the function, not about the table.
      if (!(error instanceof Error) || error.name !== "ServiceUnavailable") throw error;
      const why = error.cause instanceof Error ? error.cause.message : error.message;
      throw new Error(
        `${process.env.MIGRATIONS_JOB_FUNCTION} can't be started: ${why}. --here needs no function.`,
      );
    });
  if (!here) await follow(target, name, run_id);
}

function umzugOf(target: Target): Umzug {
  const { migrations, history } = target.domain;
  return new Umzug({
    migrations: migrations.map((migration) => ({
      name: migration.name,
      path: fileOf(migration.name),
      up: () => perform(target, migration, "up"),
      down: () => perform(target, migration, "down"),
    })),
    storage: {
      // A migration that failed on its way down is neither done nor pending: down goes on with it.
      executed: async () =>
        (await history(migrations))
          .filter(
            ({ state, stored }) => state === "done" || (state !== "pending" && stored?.direction === "down"),
          )
          .map(({ name }) => name),
      // The run notes what came of it itself: it may outlive this process.
      logMigration: async () => undefined,
      unlogMigration: async () => undefined,
    },
    logger: undefined,
    create: { folder: MIGRATIONS_FOLDER, template: templateOf },
  });
}

async function up(target: Target): Promise<void> {
  const { domain, to, again, beforeDeploy } = target;
  const umzug = umzugOf(target);
  if (again !== undefined) {
    await umzug.up({ migrations: [again], rerun: "ALLOW" });
    return;
  }
  const pending = new Set((await umzug.pending()).map(({ name }) => name));
  if (beforeDeploy) {
    const { first, missing } = domain.beforeDeployment(domain.migrations, domain.required, pending);
    await umzug.up({ migrations: [...first] });
    if (missing.length > 0)
      throw new Error(
        `This version needs ${missing.join(" and ")}, which is not done. Deploy the version before it, run its migrations, then deploy this one.`,
      );
    return;
  }
  if (to !== undefined && !domain.migrations.some(({ name }) => name === to))
    throw new Error(`There is no migration ${to} in this version.`);
  const wanted = [...pending].filter((name) => to === undefined || name <= to);
  const ran = await umzug.up({ migrations: wanted });
  if (ran.length === 0) console.log("Nothing is pending.");
}

async function down(target: Target): Promise<void> {
  const { to } = target;
  const undone = await umzugOf(target).down(to === undefined ? {} : { to });
  if (undone.length === 0) console.log("No migration of this version has run.");
}

function historyLines({ name, state, migration, stored, counted }: MigrationStatus): string[] {
  const kind = (migration ?? stored)?.kind ?? "";
  const line = [name.padEnd(44), state.padEnd(8), kind.padEnd(8)];
  if (!stored) return [line.join("  ").trimEnd()];
  const changed = migration && stored.checksum !== "" && stored.checksum !== checksumOf(name);
  const [, ...earlier] = [stored, ...stored.earlier];
  return [
    [
      ...line,
      stored.started_at,
      duration(stored.worked_ms),
      counts(counted),
      printable(stored.by),
      stored.checksum,
    ].join("  "),
    ...(migration ? [] : ["    not in this version"]),
    ...(changed ? ["    its file has been changed since"] : []),
    ...(stored.error ? [`    ${stored.error}`] : []),
    ...stored.failures.map(({ key, error }) => `    ${printable(key)}: ${printable(error)}`),
    ...earlier.map((run) => `    before: ${run.direction} ${run.run_id}, ${run.state}, ${printable(run.by)}`),
  ];
}

async function history({ domain }: Target): Promise<void> {
  const all = await domain.history(domain.migrations);
  if (all.length === 0) console.log("There are no migrations.");
  for (const one of all) console.log(historyLines(one).join("\n"));
}

async function create(target: Target): Promise<void> {
  const stamp = new Date().toISOString().replace(/\..*/, "").replaceAll(/[-:]/g, "").replace("T", "-");
  const name = `${stamp}-${target.name}`;
  // It is not among those that are loaded, so it can't be found as pending.
  await umzugOf(target).create({
    name: `${name}.ts`,
    prefix: "NONE",
    allowExtension: ".ts",
    skipVerify: true,
  });
  registerMigration(name);
  console.log(`${fileOf(name)} and its test are there. The test fails until it has cases.`);
}

const ACTIONS: Readonly<Record<Command, (target: Target) => Promise<void>>> = {
  create,
  up,
  down,
  pause: async ({ domain, name }) => {
    await domain.pause(name);
    console.log(`${name} stops after its present batch; up goes on from there.`);
  },
  history,
};

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  const { command, stage, beforeDeploy } = options;
  if (command !== "create" && stage === undefined && !process.env.TABLE_NAME) return rerunInLocalCloud();
  // The domain reads the table's name when it is loaded.
  if (stage !== undefined) process.env.TABLE_NAME = tableName(stage);
  process.env.MIGRATIONS_JOB_FUNCTION ??= `success-manager-${stage ?? "local"}-jobs-migrations`;
  try {
    const domain = await import("@success-manager/domain/migrations");
    await ACTIONS[command]({ ...options, domain });
    return 0;
  } catch (error) {
    if (beforeDeploy && isFirstDeployment(error)) {
      console.log("There is no table yet, so there is nothing to migrate.");
      return 0;
    }
    console.error(friendlyError(error, "GetItem, BatchGetItem, PutItem, UpdateItem and Query"));
    return 1;
  }
}

const isFirstDeployment = (error: unknown): boolean =>
  error instanceof Error && (error.name === "ResourceNotFoundException" || isFirstDeployment(error.cause));

process.exitCode = await main();
