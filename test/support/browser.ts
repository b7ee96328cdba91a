import { type Browser, chromium } from "playwright-core";

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

/**
 * Starts the browser that comes as an npm package; nothing needs to be installed. The caller closes it.
 *
 * @param hosts where it finds a site, by the host (and port) that stands in addresses: `{"app.example.com": "127.0.0.1:8080"}`
 */
export async function startBrowser(hosts: Readonly<Record<string, string>> = {}): Promise<Browser> {
  Object.assign(process.env, AS_IN_LAMBDA);
  const { default: sparticuz } = await import("@sparticuz/chromium");
  return chromium.launch({
    executablePath: await sparticuz.executablePath(),
    args: [
      ...sparticuz.args.filter((flag) => !LAMBDA_ONLY.has(flag) && !CARELESS.has(flag)),
      ...KEEP_TO_ITSELF,
      ...found(hosts),
    ],
    headless: true,
  });
}
