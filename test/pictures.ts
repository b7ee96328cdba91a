// npm run pictures: docs/pictures, as people see the product with the demo data. Takes a cloud of its own, and a minute.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { apiOf, tokensOf } from "@success-manager/contract/api";
import { type Cloud, startCloud } from "@success-manager/local";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { prepareBrowser, startBrowser } from "./support/browser.ts";
import { lettersTo } from "./support/inbox.ts";
import { assembly, synthesize } from "./support/synthesize.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "docs/pictures");
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 860 };
/** Of the demo accounts. */
const ADMIN = { username: "admin@extravis.com", password: "Admin@123" };

const save = (name: string, content: Uint8Array) => {
  writeFileSync(join(folder, `${name}.png`), content);
  console.log(`docs/pictures/${name}.png, ${Math.round(content.byteLength / 1000)} KB`);
};

async function seed({ environment }: Cloud): Promise<void> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, ["functions/cli/seed.ts"], { cwd: root, env, stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error("The demo data could not be written");
}

/** Not every machine has a typeface for Arabic; that of printed reports stands in. */
function arabicTypeface(): string {
  const require = createRequire(import.meta.url);
  const file = "@expo-google-fonts/ibm-plex-sans-arabic/400Regular/IBMPlexSansArabic_400Regular.ttf";
  const data = readFileSync(require.resolve(file)).toString("base64");
  return `@font-face { font-family: Arabic; src: url(data:font/ttf;base64,${data}); unicode-range: U+600-6FF }
    body, button, input, textarea { font-family: Arabic, system-ui, sans-serif }`;
}

/** Shows something in a page of its own. */
async function show(
  browser: Browser,
  name: string,
  { address, html }: { readonly address?: string; readonly html?: string },
  options: BrowserContextOptions & {
    readonly fullPage?: boolean;
    readonly style?: string;
    readonly shown?: string;
  },
): Promise<void> {
  const { fullPage = true, style, shown, ...context } = options;
  const page = await browser.newPage({ deviceScaleFactor: 2, bypassCSP: style !== undefined, ...context });
  if (address) await page.goto(address);
  else await page.setContent(html ?? "");
  if (shown) await page.locator(shown).first().waitFor();
  if (style) await page.addStyleTag({ content: style });
  save(name, await page.screenshot({ fullPage }));
  await page.close();
}

/** A page that draws some pages of a PDF side by side. */
const viewer = (pages: readonly number[]) => `<!doctype html>
<body style="margin:0;padding:12px;display:flex;gap:12px;background:#d3dbd7">
<script type="module">
import { getDocument, GlobalWorkerOptions } from "/pdf.min.mjs";
GlobalWorkerOptions.workerSrc = "/pdf.worker.min.mjs";
const data = await (await fetch("/report.pdf")).arrayBuffer();
const printed = await getDocument({ data }).promise;
for (const number of ${JSON.stringify(pages)}) {
  const page = await printed.getPage(number);
  const viewport = page.getViewport({ scale: 1.5 });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [viewport.width, viewport.height];
  document.body.append(canvas);
  await page.render({ canvas, viewport }).promise;
}
document.body.dataset.drawn = "";
</script>`;

/** Pages of a PDF, side by side, drawn by pdf.js in the browser. */
async function showPdf(browser: Browser, name: string, pdf: Uint8Array, pages: readonly number[]) {
  const require = createRequire(import.meta.url);
  const page = await browser.newPage({ viewport: { width: 920 * pages.length, height: 1290 } });
  // Modules are loaded from an origin alone; this one is answered here.
  await page.route("http://pictures.test/**", (route) => {
    const file = new URL(route.request().url()).pathname.slice(1);
    if (file === "") return route.fulfill({ contentType: "text/html", body: viewer(pages) });
    if (file === "report.pdf")
      return route.fulfill({ contentType: "application/pdf", body: Buffer.from(pdf) });
    return route.fulfill({
      path: require.resolve(`pdfjs-dist/build/${file}`),
      contentType: "text/javascript",
    });
  });
  await page.goto("http://pictures.test/");
  await page.waitForSelector("body[data-drawn]");
  save(name, await page.screenshot({ fullPage: true }));
  await page.close();
}

async function main(cloud: Cloud, browser: Browser): Promise<void> {
  const { access_token } = tokensOf((await apiOf(cloud.apiUrl).auth.login({ form: ADMIN })).body());
  const api = apiOf(cloud.apiUrl, access_token);
  const { customers } = (
    await api.customers.list({ query: { sort_by: "contract_value", sort_order: "desc", limit: 1 } })
  ).body();
  const [customer] = customers;
  if (!customer) throw new Error("There are no demo customers");

  const asked = { customer_id: customer.id, survey_type: "nps", send_to: "ada@example.com" } as const;
  const link = (await api.csat.createLink({ body: asked })).body();
  await show(browser, "survey", { address: `${link.survey_url}?score=9` }, { viewport: PHONE });
  const arabic = { address: `${link.survey_url}?score=9&lang=ar` };
  await show(browser, "survey-arabic", arabic, { viewport: PHONE, style: arabicTypeface() });
  const [letter] = await lettersTo(cloud.inboxUrl, "ada@example.com");
  await show(
    browser,
    "survey-mail",
    { html: letter?.body.html ?? "" },
    { viewport: { width: 600, height: 700 } },
  );
  await show(
    browser,
    "survey-mail-dark",
    { html: letter?.body.html ?? "" },
    { viewport: PHONE, colorScheme: "dark" },
  );

  const report = async (body: Parameters<typeof api.reports.generate>[0]["body"]) => {
    const { id } = (await api.reports.generate({ body })).body();
    const file = (await api.reports.download({ params: { id } }, { accept: "application/json" })).body();
    return new Uint8Array(await (await fetch(file.url)).arrayBuffer());
  };
  await showPdf(browser, "report", await report({ report_type: "executive_summary" }), [1, 2]);
  await showPdf(
    browser,
    "report-customer",
    await report({ report_type: "customer_overview", filters: { customer_id: customer.id } }),
    [1, 2],
  );
  const operation = { address: `${cloud.apiUrl}/redoc#tag/customers/operation/customers.create` };
  await show(browser, "docs", operation, {
    viewport: DESKTOP,
    fullPage: false,
    shown: '[id="tag/customers/operation/customers.create"]',
  });
}

mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), "pictures-"));
await synthesize();
const cloud = await startCloud({ assembly, data, schedules: false, environment: { LOG_LEVEL: "CRITICAL" } });
await prepareBrowser();
const browser = await startBrowser();
try {
  await seed(cloud);
  await main(cloud, browser);
} finally {
  await browser.close();
  await cloud.stop();
  rmSync(data, { recursive: true, force: true });
}
