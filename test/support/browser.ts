import { type Browser, chromium } from "playwright-core";

/** These fit the browser into a Lambda; elsewhere it would end with the first page that is closed. */
const LAMBDA_ONLY = new Set(["--single-process", "--no-zygote"]);

/** What a page asks for is then all that leaves the browser. */
const KEEP_TO_ITSELF = ["--disable-background-networking", "--disable-component-update", "--no-pings"];

/** In a Lambda the package also unpacks the shared libraries that a bare machine lacks; it looks for this name. */
const AS_IN_LAMBDA = { AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" };

/** Starts the browser that comes as an npm package; nothing needs to be installed. The caller closes it. */
export async function startBrowser(): Promise<Browser> {
  Object.assign(process.env, AS_IN_LAMBDA);
  const { default: sparticuz } = await import("@sparticuz/chromium");
  return chromium.launch({
    executablePath: await sparticuz.executablePath(),
    args: [...sparticuz.args.filter((flag) => !LAMBDA_ONLY.has(flag)), ...KEEP_TO_ITSELF],
    headless: true,
  });
}
