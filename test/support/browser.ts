import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, posix, win32 } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import * as z from "zod";
import { rememberEnvironment } from "./environment.ts";

/** These fit the browser into a Lambda; elsewhere it would end with the first page that is closed. */
const LAMBDA_ONLY = new Set(["--single-process", "--no-zygote"]);

/** These let a page do what no browser of our users lets it: read other sites' answers, mix in what comes in clear. */
const CARELESS = new Set(["--disable-web-security", "--allow-running-insecure-content"]);

/** These draw as a graphics card would, which is more work than to draw without one. */
const DRAWING = new Set([
  ...["--ignore-gpu-blocklist", "--in-process-gpu"],
  ...["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
]);

/** What a page asks for is then all that leaves the browser. */
const KEEP_TO_ITSELF = ["--disable-background-networking", "--disable-component-update", "--no-pings"];

/** In a Lambda the package also unpacks the shared libraries that a bare machine lacks; it looks for this name. */
const AS_IN_LAMBDA = { AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" };

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Chrome and Chromium are installed, on this kind of system, the ordinary one first. */
export function browserCandidates(platform: NodeJS.Platform, environment: Environment): string[] {
  if (platform === "darwin") {
    const roots = ["/Applications", posix.join(environment.HOME ?? "/", "Applications")];
    return ["Google Chrome", "Chromium"].flatMap((name) =>
      roots.map((root) => posix.join(root, `${name}.app`, "Contents", "MacOS", name)),
    );
  }
  if (platform === "win32") {
    const { ProgramFiles, "ProgramFiles(x86)": x86, LOCALAPPDATA } = environment;
    const roots = [ProgramFiles, x86, LOCALAPPDATA].filter((root) => root !== undefined);
    return ["Google\\Chrome", "Chromium"].flatMap((name) =>
      roots.map((root) => win32.join(root, name, "Application", "chrome.exe")),
    );
  }
  const names = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];
  const roots = [...(environment.PATH ?? "").split(":"), "/usr/bin", "/usr/local/bin", "/snap/bin"];
  const inPath = names.flatMap((name) => roots.filter(Boolean).map((root) => posix.join(root, name)));
  return [...new Set([...inPath, "/opt/google/chrome/chrome"])];
}

/**
 * The browser that `CHROMIUM` names, else one that is installed; undefined when the packaged one is left.
 *
 * @param runs whether a file is a program that runs: some systems have a `chromium-browser` that only says how to get one
 * @throws a sentence, when `CHROMIUM` names none, or when there is none and the package has none for this system
 */
export function findBrowser(
  { platform, arch }: { readonly platform: NodeJS.Platform; readonly arch: string } = process,
  environment: Environment = process.env,
  runs: (file: string) => boolean = isBrowser,
): string | undefined {
  const { CHROMIUM } = environment;
  if (CHROMIUM) {
    if (runs(CHROMIUM)) return CHROMIUM;
    throw new Error(`CHROMIUM is ${CHROMIUM}, which is no browser that runs`);
  }
  const installed = browserCandidates(platform, environment).find(runs);
  if (installed !== undefined || (platform === "linux" && arch === "x64")) return installed;
  throw new Error(
    "no browser for the tests: install Chrome or Chromium, or set CHROMIUM to the path of one. " +
      `The one that comes with npm ci runs on Linux x64 alone, and this is ${platform} ${arch}.`,
  );
}

function isBrowser(file: string): boolean {
  if (!existsSync(file)) return false;
  // On Windows this would open a window.
  if (process.platform === "win32") return true;
  return spawnSync(file, ["--version"], { timeout: 20_000, stdio: "ignore" }).status === 0;
}

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
  const executablePath = await sparticuz.executablePath();
  process.env.FONTCONFIG_FILE = fontSettings(into);
  return { executablePath, args: sparticuz.args };
}

/**
 * Says where the browser finds typefaces: those of the package, and of the system. The package's own settings look for
 * them in /tmp alone, and without any the browser ends with the first text.
 */
function fontSettings(into: string): string {
  const file = join(into, "typefaces.conf");
  const folders = [join(into, "fonts"), "/usr/share/fonts"];
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders
      .map((path) => `<dir>${path}</dir>`)
      .join("")}<cachedir>${join(into, "fonts-cache")}</cachedir></fontconfig>`,
  );
  return file;
}

/** Decides on a browser before the workers start; unpacks it, lest one runs what another is still writing. */
export async function prepareBrowser(): Promise<void> {
  const installed = findBrowser();
  if (installed !== undefined) {
    // The workers inherit it.
    process.env.CHROMIUM = installed;
    return;
  }
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

/** The browser's program and how to start it. */
async function program() {
  const executablePath = findBrowser();
  if (executablePath !== undefined) return { executablePath, args: [] };
  const { TMPDIR } = process.env;
  const packaged = await unpacked(folder());
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  return packaged;
}

/**
 * Starts a browser: the one that `CHROMIUM` names, one that is installed, or the one that comes as an npm package.
 * The caller closes it.
 *
 * @param hosts where it finds a site, by the host (and port) that stands in addresses: `{"app.example.com": "127.0.0.1:8080"}`
 */
export async function startBrowser(hosts: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const { executablePath, args } = await program();
  return chromium.launch({
    executablePath,
    args: [
      ...args.filter((flag) => ![LAMBDA_ONLY, CARELESS, DRAWING].some((set) => set.has(flag))),
      "--disable-gpu",
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

/** Takes a picture of a page into test/browser/screenshots, for people to look at; a build server has nobody who does. */
export async function picture(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  if (!process.env.CI) await page.screenshot({ path: `test/browser/screenshots/${name}.png`, fullPage });
}
