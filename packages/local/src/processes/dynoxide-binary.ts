import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { extract } from "tar";
import * as z from "zod";
import manifest from "../../../../package.json" with { type: "json" };

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Where fetched binaries are kept. */
export const binaryFolder = join(root, ".local", "bin");

/** The version that npm installs where it can; other platforms get the same. */
export const DYNOXIDE_VERSION = manifest.optionalDependencies["@dynoxide/linux-x64"];

/**
 * SHA-512 of the packages of that version, as npm writes them. The registry's own sum finds a broken download and
 * nothing else: whoever could change the package there, or a mirror or proxy on the way, could change the sum with
 * it, and what is fetched is run. A sum that stands here was seen once and holds from then on. The other platforms
 * have none yet, since the registry that we could ask had no packages for them; add it with the first that is seen.
 */
export const PINNED_SUMS: Readonly<Record<string, string>> = {
  "linux-x64":
    "sha512-sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg==",
};

export type BinaryOptions = {
  /** As in `darwin-arm64`. */
  readonly platform?: string;
  /** Environment of npm, and with its PATH where binaries are looked for. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Where fetched binaries are kept. */
  readonly folder?: string;
  readonly pinned?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
};

/**
 * Path of the dynoxide binary: of the npm package that `npm ci` has installed, else the PATH's, else the one that was
 * fetched before; else fetches it through npm, with npm's own settings for registry and proxy. Of several that do so
 * at once, in one process or many, one fetches. Rejects with a sentence that says what else can be done.
 */
export async function requireDynoxide({
  platform = `${process.platform}-${process.arch}`,
  environment = process.env,
  folder = binaryFolder,
  pinned = PINNED_SUMS,
  log = () => undefined,
}: BinaryOptions = {}): Promise<string> {
  const name = platform.startsWith("win32") ? "dynoxide.exe" : "dynoxide";
  const fetched = join(folder, `dynoxide-${DYNOXIDE_VERSION}-${platform}${name.slice("dynoxide".length)}`);
  const path = environment.PATH ?? environment.Path ?? "";
  const inPath = path.split(delimiter).filter(Boolean);
  const candidates = [packaged(platform, name), ...inPath.map((entry) => join(entry, name)), fetched];
  const found = candidates.find((candidate) => candidate !== undefined && isExecutable(candidate));
  if (found !== undefined) return found;

  mkdirSync(folder, { recursive: true });
  const unlock = await lock(join(folder, "fetching.sqlite"));
  try {
    // Somebody else may have fetched it meanwhile.
    if (!isExecutable(fetched))
      await fetchBinary({ platform, name, environment, folder, pinned, log, fetched });
    return fetched;
  } finally {
    unlock();
  }
}

function packaged(platform: string, name: string): string | undefined {
  try {
    const found = createRequire(import.meta.url).resolve(`@dynoxide/${platform}/package.json`);
    return join(dirname(found), name);
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A lock between processes that the system lifts when its owner dies: SQLite's on a file. Answers what lifts it. */
async function lock(file: string): Promise<() => void> {
  const database = new DatabaseSync(file, { timeout: 0 });
  for (;;) {
    try {
      database.exec("BEGIN EXCLUSIVE");
      return () => database.close();
    } catch (error) {
      if (!(error instanceof Error && /locked|busy/.test(error.message))) throw error;
      await sleep(50);
    }
  }
}

async function fetchBinary(
  options: Required<BinaryOptions> & { name: string; fetched: string },
): Promise<void> {
  const { platform, name, environment, folder, pinned, log, fetched } = options;
  const spec = `@dynoxide/${platform}@${DYNOXIDE_VERSION}`;
  // What a process left behind that was killed: nobody else is at it, we have the lock.
  for (const left of globSync(join(folder, "partial-*"))) rmSync(left, { recursive: true, force: true });
  const partial = mkdtempSync(join(folder, "partial-"));
  try {
    const expected =
      pinned[platform] ?? sha512Of(await npm(["view", spec, "dist.integrity", "--json"], environment));
    if (expected === undefined) throw new Error(`the registry names no SHA-512 of ${spec}`);
    const source = pinned[platform] === undefined ? "as the registry says" : "as pinned in this repository";
    log(`Fetching the database for ${platform}: ${spec} through npm into .local/bin, SHA-512 ${source} …`);
    await npm(["pack", spec, "--pack-destination", partial, "--ignore-scripts", "--json"], environment);
    const [tarball] = globSync(join(partial, "*.tgz"));
    if (tarball === undefined) throw new Error(`npm pack ${spec} has written no file`);
    const sum = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    if (sum !== expected)
      throw new Error(`${spec} has another SHA-512 than ${source}; nothing of it is kept`);
    // The one file, wherever an archive might want to put others.
    await extract({ file: tarball, cwd: partial, filter: (path) => path === `package/${name}`, strip: 1 });
    chmodSync(join(partial, name), 0o755);
    renameSync(join(partial, name), fetched);
  } catch (error) {
    throw new Error(
      `no database for ${platform}: ${error instanceof Error ? error.message : error}.\n` +
        "Instead, put a dynoxide binary on the PATH (https://github.com/nubo-db/dynoxide), or start with " +
        "AWS_ENDPOINT_URL_DYNAMODB set to a DynamoDB that runs already; DynamoDB Local will do.",
    );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** The strongest sum of npm's list; others, SHA-1 above all, are no proof. */
const sha512Of = (integrity: unknown): string | undefined =>
  typeof integrity === "string" ? integrity.split(" ").find((sum) => sum.startsWith("sha512-")) : undefined;

const NpmError = z.object({
  error: z.object({ code: z.string().optional(), summary: z.string().optional() }),
});

/** Runs npm and answers what it prints as JSON. Rejects with its own words, in one line. */
async function npm(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<unknown> {
  // Within `npm start` the npm that runs it; it is JavaScript, so no shell is needed on Windows either.
  const own = environment.npm_execpath ?? "";
  const isOwn = basename(own) === "npm-cli.js";
  const child = spawn(isOwn ? process.execPath : "npm", [...(isOwn ? [own] : []), ...args], {
    cwd: root,
    env: { ...environment, npm_config_update_notifier: "false", npm_config_dry_run: "false" },
    stdio: ["ignore", "pipe", "pipe"],
    shell: !isOwn && process.platform === "win32",
    windowsHide: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`npm could not be started (${error.message})`)));
    child.once("close", resolve);
  });
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const answer = parseJson(output);
  if (code === 0) return answer;
  const { data } = NpmError.safeParse(answer);
  const told = data?.error.summary ?? errors.trim().split("\n")[0] ?? "";
  const missing = ["E404", "ETARGET"].includes(data?.error.code ?? "");
  throw new Error(
    missing ? `the registry has no ${args[1]}` : `npm ${args[0]} ${args[1]} failed: ${told.split("\n")[0]}`,
  );
}

function parseJson(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}
