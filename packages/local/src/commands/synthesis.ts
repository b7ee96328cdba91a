import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { compileCache } from "../environment.ts";

/** What a synthesis writes, below the repository: templates with their assets, and bundles with their source maps. */
const OUTPUTS = ["cdk.out", ".build"];
/** What it came from and what it came to. */
const RECORD = ".build/synthesis.json";
const Record = z.object({ inputs: z.string(), outputs: z.string() });

/** Folders from which nothing that runs comes; a test holds that nothing imports them. */
const NO_SOURCES = new Set([
  ".git",
  ".local",
  "coverage",
  "docs",
  "events",
  "node_modules",
  "test",
  ...OUTPUTS,
]);
/** Of the files beside the folders, those that tools read; others may be logs that grow just now. */
const SETTINGS = /^\.npmrc$|\.(json|[cm]?[jt]s)$/;

/** Variables that may change what the app makes. It gets these, and those that every program needs; no others. */
const READ_BY_APP = /^(BACKEND_CORS_ORIGINS|CDK_.*|NODE_OPTIONS|OIDC_PROVIDER)$/;
const OF_THE_SYSTEM =
  /^(path|pathext|home|userprofile|appdata|localappdata|systemroot|windir|comspec|tmpdir|temp|tmp)$/i;
/** Would lead the app's output elsewhere, or is ours. */
const WITHHELD = /^(CDK_OUTDIR|CDK_VALIDATION)$/;

/**
 * Runs the CDK app, which writes cdk.out, unless that holds already what the app would write: nothing that it depends on
 * has changed since (all sources and settings of the repository by their contents, installed packages, variables, the
 * version of Node), and nobody has touched what it has written. Answers whether the app ran; throws with its output when
 * it fails.
 *
 * @param root the repository
 */
export async function synthesize(
  root: string,
  log: (line: string) => void = () => undefined,
): Promise<boolean> {
  const inputs = fingerprint(root);
  const record = readRecord(root);
  if (record?.inputs === inputs && record.outputs === stateOfOutputs(root)) {
    log("The CDK app is synthesized: nothing has changed since");
    return false;
  }
  log("Synthesizing the CDK app …");
  await runApp(root);
  // Who edits a file meanwhile gets it with the next start.
  if (fingerprint(root) === inputs) writeRecord(root, { inputs, outputs: stateOfOutputs(root) });
  return true;
}

/** A hash of all that the app depends on. */
function fingerprint(root: string): string {
  const hash = createHash("sha256");
  const add = (name: string, content: string | Buffer) =>
    hash.update(`${name}\0${content.length}\0`).update(content);
  add("node", `${process.version} ${process.arch} ${process.platform}`);
  for (const [name, value] of Object.entries(appEnvironment()).sort(byName))
    if (READ_BY_APP.test(name)) add(name, value ?? "");
  for (const file of sourceFiles(root)) add(file, readFileSync(join(root, file)));
  // What npm has installed; the packages themselves nobody edits.
  const installed = join(root, "node_modules/.package-lock.json");
  if (existsSync(installed)) add("installed", readFileSync(installed));
  return hash.digest("hex");
}

function sourceFiles(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .flatMap((entry) => {
      if (!entry.isDirectory()) return SETTINGS.test(entry.name) ? [entry.name] : [];
      return NO_SOURCES.has(entry.name) ? [] : filesIn(root, entry.name);
    })
    .sort();
}

/** All files of a folder, but those of installed packages. */
function filesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesIn(root, path);
    return statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ? [path] : [];
  });
}

/** Names, sizes and times of what was written: another synthesis or a deployment leaves others. */
function stateOfOutputs(root: string): string {
  const files = OUTPUTS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    filesIn(root, folder),
  );
  const hash = createHash("sha256");
  for (const file of files.sort()) {
    if (file === RECORD) continue;
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function readRecord(root: string): z.output<typeof Record> | undefined {
  try {
    return Record.parse(JSON.parse(readFileSync(join(root, RECORD), "utf8")));
  } catch {
    return undefined;
  }
}

function writeRecord(root: string, record: z.output<typeof Record>): void {
  const file = join(root, RECORD);
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, JSON.stringify(record));
  renameSync(unfinished, file);
}

/** The app reads no other variable, so no other one can change what it makes. */
function appEnvironment(): NodeJS.ProcessEnv {
  const known = Object.entries(process.env).filter(
    ([name]) => (READ_BY_APP.test(name) && !WITHHELD.test(name)) || OF_THE_SYSTEM.test(name),
  );
  return Object.fromEntries(known);
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

async function runApp(root: string): Promise<void> {
  // The bundler of NodejsFunction looks for esbuild on the PATH.
  const path = [join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
  const app = spawn(process.execPath, ["infra/app.ts"], {
    cwd: root,
    env: {
      ...appEnvironment(),
      PATH: path,
      NODE_COMPILE_CACHE: compileCache,
      // Half of the time, and no part of what is written; tests and deployments do it.
      CDK_VALIDATION: "false",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    app.once("error", reject);
    app.once("exit", resolve);
  });
  const [code, output, errors] = await Promise.all([ended, text(app.stdout), text(app.stderr)]);
  if (code !== 0) throw new Error(`infra/app.ts failed (exit ${code}):\n${output}${errors}`.trimEnd());
}
