import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { create } from "tar";
import { afterEach, beforeEach, expect, test } from "vitest";
import lock from "../../../../package-lock.json" with { type: "json" };
import { DYNOXIDE_VERSION, PINNED_SUMS, requireDynoxide } from "./dynoxide-binary.ts";
import { listen } from "./ports.ts";

const PLATFORM = "darwin-arm64";
const SCRIPT = "#!/bin/sh\necho a database\n";

/** What the registry does with the tarball. */
type Behavior = "whole" | "broken off" | "other bytes" | "gone";

let folder: string;
let registry: Server;
let base: string;
let tarball: Buffer;
let downloads: number;
let behavior: Behavior;
let packument: object;

const sumOf = (bytes: Buffer) => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;

/** A package as its publisher makes it; `others` are files that do not belong there. */
async function pack(name: string, others: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const source = await mkdtemp(join(folder, "source-"));
  await mkdir(join(source, "package"));
  const manifest = { name: `@dynoxide/${PLATFORM}`, version: DYNOXIDE_VERSION };
  const files = { "package.json": JSON.stringify(manifest), [name]: SCRIPT, ...others };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(source, "package", file)), { recursive: true });
    await writeFile(join(source, "package", file), content);
  }
  const file = join(source, "package.tgz");
  await create({ gzip: true, cwd: source, file }, ["package"]);
  return readFile(file);
}

/** The package's page in the registry; npm's own check is by what stands in `dist`. */
const pageOf = (platform: string, dist: object) => ({
  name: `@dynoxide/${platform}`,
  "dist-tags": { latest: DYNOXIDE_VERSION },
  versions: {
    [DYNOXIDE_VERSION]: {
      name: `@dynoxide/${platform}`,
      version: DYNOXIDE_VERSION,
      dist: { tarball: `${base}/tarball.tgz`, ...dist },
    },
  },
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynoxide-"));
  downloads = 0;
  behavior = "whole";
  registry = createServer((request, response) => {
    if (request.url === "/tarball.tgz") {
      downloads += 1;
      if (behavior === "gone") return void response.writeHead(404).end();
      response.writeHead(200, { "content-length": tarball.length });
      if (behavior === "whole") return void response.end(tarball);
      if (behavior === "other bytes")
        return void response.end(Buffer.from(tarball).fill(0, tarball.length - 8));
      response.write(tarball.subarray(0, tarball.length / 2), () => response.destroy());
      return;
    }
    const found = decodeURIComponent(request.url ?? "").startsWith(`/@dynoxide/${PLATFORM}`);
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(found ? packument : { error: "Not found" }));
  });
  base = `http://127.0.0.1:${await listen(registry, 0)}`;
  tarball = await pack("dynoxide");
  packument = pageOf(PLATFORM, { integrity: sumOf(tarball) });
});
afterEach(async () => {
  registry.close();
  registry.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({
  ...process.env,
  npm_config_registry: base,
  npm_config_cache: join(folder, "cache"),
  npm_config_fetch_retries: "0",
  // Where npm is, and what it needs; a dynoxide is not there.
  PATH: process.env.PATH,
});
const bin = () => join(folder, "bin");
const lines: string[] = [];
const fetchIt = (options: Parameters<typeof requireDynoxide>[0] = {}) => {
  lines.length = 0;
  return requireDynoxide({
    platform: PLATFORM,
    environment: environment(),
    folder: bin(),
    pinned: {},
    log: (line) => lines.push(line),
    ...options,
  });
};

/** What stands beside the lock; a binary has a name that says version and platform. */
const kept = async () => (await readdir(bin())).filter((name) => !name.startsWith("fetching.sqlite"));
const BINARY = `dynoxide-${DYNOXIDE_VERSION}-${PLATFORM}`;

test("the platform's package is fetched once, checked, and kept: one line says so", async () => {
  const path = await fetchIt();
  expect(path).toBe(join(bin(), BINARY));
  expect((await promisify(execFile)(path)).stdout).toBe("a database\n");
  expect(lines).toEqual([expect.stringMatching(/^Fetching the database .* SHA-512 as the registry says …$/)]);
  expect(await kept()).toEqual([BINARY]);
  expect(await fetchIt()).toBe(path);
  expect([downloads, lines]).toEqual([1, []]);
});

test("a sum that is pinned here outweighs the registry's", async () => {
  const pinned = { [PLATFORM]: sumOf(tarball) };
  await fetchIt({ pinned });
  expect(lines).toEqual([expect.stringContaining("SHA-512 as pinned in this repository")]);
  await rm(bin(), { recursive: true });

  // A mirror that was taken over changes package and sum together.
  tarball = await pack("dynoxide", { README: "something else" });
  packument = pageOf(PLATFORM, { integrity: sumOf(tarball) });
  await expect(fetchIt({ pinned })).rejects.toThrow(/has another SHA-512 than as pinned in this repository/);
  expect(await kept()).toEqual([]);
});

test.each<[string, Behavior, () => void]>([
  ["whose bytes are others", "other bytes", () => undefined],
  ["that breaks off", "broken off", () => undefined],
  ["that the registry lists and does not have", "gone", () => undefined],
  ["with a wrong sum", "whole", () => (packument = pageOf(PLATFORM, { integrity: sumOf(Buffer.from("x")) }))],
  ["with SHA-1 alone", "whole", () => (packument = pageOf(PLATFORM, { shasum: "0".repeat(40) }))],
])(
  "a package %s leaves nothing, says what else can be done, and the next try is a new one",
  async (_what, how, set) => {
    behavior = how;
    set();
    await expect(fetchIt()).rejects.toThrow(
      /^no database for darwin-arm64: (?!undefined)[^\n]+\.\nInstead, .*PATH.*AWS_ENDPOINT_URL_DYNAMODB.*DynamoDB Local/,
    );
    expect(await kept()).toEqual([]);
    behavior = "whole";
    packument = pageOf(PLATFORM, { integrity: sumOf(tarball) });
    expect(await fetchIt()).toBe(join(bin(), BINARY));
  },
);

test("a registry without the package is named as the reason, with the alternatives", async () => {
  await expect(fetchIt({ platform: "plan9-mips" })).rejects.toThrow(
    `no database for plan9-mips: the registry has no @dynoxide/plan9-mips@${DYNOXIDE_VERSION}.\nInstead, put a dynoxide`,
  );
  packument = { ...pageOf(PLATFORM, {}), versions: {} };
  await expect(fetchIt()).rejects.toThrow(`the registry has no @dynoxide/${PLATFORM}@${DYNOXIDE_VERSION}.`);
  expect(downloads).toBe(0);
});

test("a registry that nobody answers for is an error of one line and the alternatives", async () => {
  registry.close();
  registry.closeAllConnections();
  await expect(fetchIt()).rejects.toThrow(
    /^no database for darwin-arm64: npm view .* failed: .+\.\nInstead, /,
  );
});

test("starts at once, in one process and in several, fetch it once", async () => {
  const script = `
    import { requireDynoxide } from ${JSON.stringify(new URL("./dynoxide-binary.ts", import.meta.url).href)};
    console.log(await requireDynoxide(${JSON.stringify({ platform: PLATFORM, folder: bin(), pinned: {} })}));
  `;
  const elsewhere = Array.from({ length: 3 }, async () => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      env: environment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    return (await text(child.stdout)).trim();
  });
  const paths = await Promise.all([fetchIt(), fetchIt(), ...elsewhere]);
  expect(new Set(paths)).toEqual(new Set([join(bin(), BINARY)]));
  expect(downloads).toBe(1);
});

test("what a start left that was killed in the middle is removed by the next", async () => {
  await mkdir(join(bin(), "partial-abc"), { recursive: true });
  await writeFile(join(bin(), "partial-abc", "dynoxide"), "half");
  await fetchIt();
  expect(await kept()).toEqual([BINARY]);
});

test("of a package the binary alone is taken, whatever else it holds", async () => {
  tarball = await pack("dynoxide", { "lib/dynoxide": "another", "install.js": "process.exit(1)" });
  packument = pageOf(PLATFORM, { integrity: sumOf(tarball) });
  const path = await fetchIt();
  expect(await kept()).toEqual([BINARY]);
  expect(await readFile(path, "utf8")).toBe(SCRIPT);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
});

test("a package without the binary is refused", async () => {
  tarball = await pack("dynoxide.txt");
  packument = pageOf(PLATFORM, { integrity: sumOf(tarball) });
  await expect(fetchIt()).rejects.toThrow(/^no database for darwin-arm64: /);
  expect(await kept()).toEqual([]);
});

test("on Windows the binary is an .exe", async () => {
  const platform = "win32-x64";
  tarball = await pack("dynoxide.exe");
  registry.removeAllListeners("request").on("request", (request, response) => {
    if (request.url === "/tarball.tgz") return void response.end(tarball);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(pageOf(platform, { integrity: sumOf(tarball) })));
  });
  expect(await fetchIt({ platform })).toBe(join(bin(), `dynoxide-${DYNOXIDE_VERSION}-win32-x64.exe`));
});

test("a binary on the PATH comes first, and nothing is fetched", async () => {
  const own = join(folder, "own");
  await mkdir(own);
  await writeFile(join(own, "dynoxide"), SCRIPT);
  await chmod(join(own, "dynoxide"), 0o755);
  const env = { ...environment(), PATH: `${process.env.PATH}${delimiter}${own}` };
  expect(await fetchIt({ environment: env })).toBe(join(own, "dynoxide"));
  expect([downloads, lines]).toEqual([0, []]);
});

test("what npm ci installs is what is pinned", () => {
  const { integrity, version } = lock.packages["node_modules/@dynoxide/linux-x64"];
  expect([version, integrity]).toEqual([DYNOXIDE_VERSION, PINNED_SUMS["linux-x64"]]);
});
