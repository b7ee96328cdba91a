// npm start: synthesizes the CDK app and runs it on this machine until Ctrl-C.
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Cloud } from "./cloud.ts";
import { lockData, requireUnlocked } from "./commands/lock.ts";
import { assemblyFolder, dataFolder, root, runCommand, synthesize } from "./commands/project.ts";
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

await runCommand(async () => {
  const options = readOptions();
  if (options === undefined) return 2;
  await requireUnlocked(dataFolder);
  if (options.fresh) rmSync(dataFolder, { recursive: true, force: true });
  const lock = await lockData(dataFolder);
  // Until the cloud runs, the way to stop is to leave: the children end with this process.
  const leave = () => process.exit(130);
  process.on("exit", lock.release);
  process.on("SIGINT", leave).on("SIGTERM", leave).on("SIGHUP", leave);

  console.log("Synthesizing …");
  await synthesize();
  console.log("Starting …");
  const { port, inboxPort } = options;
  const cloud = await startCloud({
    assembly: assemblyFolder,
    data: dataFolder,
    port,
    inboxPort,
    endpoints: { dynamodb: process.env.AWS_ENDPOINT_URL_DYNAMODB },
    log: console.log,
  });
  try {
    lock.announce(cloud);
    if (options.seed) await seed(cloud);
    console.log(banner(cloud));
    process.off("SIGINT", leave).off("SIGTERM", leave).off("SIGHUP", leave);
    return await ended(cloud);
  } finally {
    await cloud.stop();
  }
});

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
    return {
      port: portNumber(values.port),
      inboxPort: portNumber(values["inbox-port"]),
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
  const env = { ...process.env, ...cloud.environment };
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
    process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
    void cloud.failure.then(() => resolve(1));
  });
}

/** What is printed when everything runs. */
function banner(cloud: Cloud): string {
  const api = withLocalhost(cloud.apiUrl);
  const lines = [
    "",
    `  API      ${api}`,
    `  Docs     ${api}/docs`,
    `  Inbox    ${withLocalhost(cloud.inboxUrl)}`,
    ...cloud.schedules.map((run, index) => `  ${index === 0 ? "Next     " : "         "}${describeRun(run)}`),
    "",
    "  Ctrl-C stops everything",
    "",
  ];
  return lines.join("\n");
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
