// npm start: synthesizes the CDK app and runs it on this machine until Ctrl-C.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { Cloud } from "./cloud.ts";
import { lockData, requireUnlocked } from "./commands/lock.ts";
import { assemblyFolder, dataFolder, root, runCommand } from "./commands/project.ts";
import { synthesize } from "./commands/synthesis.ts";
import { compileCache } from "./environment.ts";
import { binaryFolder, requireDynoxide } from "./processes/dynoxide-binary.ts";
import { requireFreePort } from "./processes/ports.ts";
import { startCloud } from "./start-cloud.ts";

const usage = `usage: npm start -- [options]
  --port <number>        port of the API (8000)
  --inbox-port <number>  port of the mail inbox (8005)
  --fresh                throw away all local data first
  --no-seed              start without demo data`;

type Options = {
  readonly port: number;
  readonly inboxPort: number;
  readonly fresh: boolean;
  readonly seed: boolean;
};

// Lambda's clock is UTC; without this a function could tell where the developer lives.
process.env.TZ = "UTC";

const began = performance.now();

/**
 * What Ctrl-C does. Until the cloud runs, the way to stop is to leave: the children end with this process. One listener
 * for good: a signal that arrives while listeners are exchanged is lost.
 */
let onSignal: () => void = () => process.exit(130);

await runCommand(async () => {
  const options = readOptions();
  if (options === undefined) return 2;
  const { port, inboxPort } = options;
  await requireUnlocked(dataFolder);
  // Before the slow steps: who has to choose another port should not have waited for it.
  const host = process.env.HOST ?? "127.0.0.1";
  await requireFreePort(host, port, "--port");
  await requireFreePort(host, inboxPort, "--inbox-port");
  if (options.fresh) removeData();
  const lock = await lockData(dataFolder);
  process.on("exit", lock.release);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => onSignal());

  const dynamodb = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  if (dynamodb === undefined) await requireDynoxide({ log: step });
  await synthesize(root, step);
  step(
    `Starting ${dynamodb === undefined ? "database" : `with the database on ${dynamodb}`}, bucket and inbox …`,
  );
  const cloud = await startCloud({
    assembly: assemblyFolder,
    data: dataFolder,
    port,
    inboxPort,
    endpoints: { dynamodb },
    log: console.log,
  });
  try {
    lock.announce(cloud);
    if (options.seed) await seed(cloud);
    step(`Ready: ${cloud.functions.length} functions wait for events`);
    console.log(banner(cloud, options));
    return await ended(cloud);
  } finally {
    await cloud.stop();
  }
});

/** One line for each step, with the seconds since the start. */
function step(what: string): void {
  const seconds = (performance.now() - began) / 1000;
  console.log(`${seconds.toFixed(1).padStart(5)} s  ${what}`);
}

/** All but the database's program, which was fetched and is no data. */
function removeData(): void {
  if (!existsSync(dataFolder)) return;
  for (const name of readdirSync(dataFolder))
    if (name !== basename(binaryFolder)) rmSync(join(dataFolder, name), { recursive: true, force: true });
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "8000" },
        "inbox-port": { type: "string", default: "8005" },
        fresh: { type: "boolean", default: false },
        "no-seed": { type: "boolean", default: false },
      },
    });
    const [port, inboxPort] = [portNumber(values.port), portNumber(values["inbox-port"])];
    if (port === inboxPort && port !== 0) throw new Error(`API and inbox can't both have port ${port}`);
    return {
      port,
      inboxPort,
      fresh: values.fresh,
      seed: !values["no-seed"],
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`${text} is no port number`);
}

async function seed(cloud: Cloud): Promise<void> {
  const script = "functions/cli/seed.ts";
  if (!existsSync(join(root, script))) return;
  step("Looking for demo data, adding it to an empty database …");
  const env = { ...process.env, ...cloud.environment, NODE_COMPILE_CACHE: compileCache };
  const child = spawn(process.execPath, [script, "--if-empty"], { cwd: root, env, stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`seeding failed (exit ${code}); npm start -- --no-seed starts without`);
}

/** Resolves with the exit code: 0 after a signal, 1 when a part of the cloud died. */
function ended(cloud: Cloud): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = () => {
      if (stopping) process.exit(130);
      stopping = true;
      console.log("\nStopping … (Ctrl-C again to stop at once)");
      resolve(0);
    };
    onSignal = stop;
    void cloud.failure.then(() => resolve(1));
  });
}

/** What is printed when everything runs. */
function banner(cloud: Cloud, { seed }: Options): string {
  const api = withLocalhost(cloud.apiUrl);
  const lines = [
    "",
    `  API      ${api}`,
    `  Docs     ${api}/docs`,
    `  Inbox    ${withLocalhost(cloud.inboxUrl)}`,
    ...cloud.schedules.map((run, index) => `  ${index === 0 ? "Next     " : "         "}${describeRun(run)}`),
    ...(seed ? [] : adminHint()),
    "",
    "  Ctrl-C stops everything",
    "",
  ];
  return lines.join("\n");
}

/** Without demo data nobody can sign in yet. */
function adminHint(): string[] {
  if (!existsSync(join(root, "functions/cli/admin-create.ts"))) return [];
  return [
    "",
    "  Nobody has an account unless you made one. An admin, from a second terminal (it asks for a password):",
    '  npm run admin:create -- --email you@example.com --name "Your Name"',
  ];
}

function describeRun({ next, timezone, name }: Cloud["schedules"][number]): string {
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    weekday: "short",
    day: "2-digit",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(next);
  return `${time} ${timezone}  ${name}`;
}

/** People read localhost more easily; programs get the address, which needs no look-up. */
function withLocalhost(url: string): string {
  return url.replace("127.0.0.1", "localhost");
}
