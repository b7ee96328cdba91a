import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import * as z from "zod";
import { rememberEnvironment } from "./environment.ts";

/** These fit the browser into a Lambda; elsewhere it would end with the first page that is closed. */
const LAMBDA_ONLY = new Set(["--single-process", "--no-zygote"]);

/** These let a page do what no browser of our users lets it: read other sites' answers, mix in what comes in clear. */
const CARELESS = new Set(["--disable-web-security", "--allow-running-insecure-content"]);

/** What a page asks for is then all that leaves the browser. */
const KEEP_TO_ITSELF = ["--disable-background-networking", "--disable-component-update", "--no-pings"];

/** In a Lambda the package also unpacks the shared libraries that a bare machine lacks; it looks for this name. */
const AS_IN_LAMBDA = { AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" };

const found = (hosts: Readonly<Record<string, string>>) => {
  const rules = Object.entries(hosts).map(([host, address]) => `MAP ${host} ${address}`);
  return rules.length > 0 ? [`--host-resolver-rules=${rules.join(", ")}`] : [];
};

/** Where the package's archives are unpacked: once for a version, and not where the system cleans up. */
const folder = () => {
  const root = new URL("../../", import.meta.url);
  const Manifest = z.object({ devDependencies: z.object({ "@sparticuz/chromium": z.string() }) });
  const { devDependencies } = Manifest.parse(JSON.parse(readFileSync(new URL("package.json", root), "utf8")));
  const name = `node_modules/.cache/chromium-${devDependencies["@sparticuz/chromium"]}`;
  return fileURLToPath(new URL(name, root));
};

/** Unpacks into a folder what is not there yet; answers the program and how to start it. */
async function unpacked(into: string) {
  // The package knows no other way to say where.
  Object.assign(process.env, AS_IN_LAMBDA, { TMPDIR: into });
  const { default: sparticuz } = await import("@sparticuz/chromium");
  return { executablePath: await sparticuz.executablePath(), args: sparticuz.args };
}

/** Unpacks the browser before the workers start, who would run what another one is still writing. */
export async function unpackBrowser(): Promise<void> {
  const whole = folder();
  if (existsSync(whole)) return;
  const partial = `${whole}-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const restore = rememberEnvironment();
  await unpacked(partial).finally(restore);
  try {
    renameSync(partial, whole);
  } catch (error) {
    rmSync(partial, { recursive: true });
    // Another run was quicker.
    if (!existsSync(whole)) throw error;
  }
}

/**
 * Starts the browser that comes as an npm package; nothing needs to be installed. The caller closes it.
 *
 * @param hosts where it finds a site, by the host (and port) that stands in addresses: `{"app.example.com": "127.0.0.1:8080"}`
 */
export async function startBrowser(hosts: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const { TMPDIR } = process.env;
  const { executablePath, args } = await unpacked(folder());
  Object.assign(process.env, TMPDIR !== undefined && { TMPDIR });
  return chromium.launch({
    executablePath,
    args: [
      ...args.filter((flag) => !LAMBDA_ONLY.has(flag) && !CARELESS.has(flag)),
      ...KEEP_TO_ITSELF,
      ...found(hosts),
    ],
    headless: true,
  });
}

declare global {
  /** Modules are loaded anew for each test file; what a worker keeps is here. */
  var testBrowser: Promise<Browser> | undefined;
}

/** The browser of this worker, which its test files use one after the other. It ends with the worker. */
export async function sharedBrowser(): Promise<Browser> {
  const running = await globalThis.testBrowser?.catch(() => undefined);
  if (running?.isConnected()) return running;
  globalThis.testBrowser = startBrowser();
  return globalThis.testBrowser;
}

/** Closes what a test file has left open in it. */
export async function closeContexts(): Promise<void> {
  const running = await globalThis.testBrowser?.catch(() => undefined);
  await Promise.all((running?.contexts() ?? []).map((context) => context.close()));
}
