import { groups, routes } from "@success-manager/contract";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fitsScreenWidth } from "../support/accessibility.ts";
import { sharedBrowser, picture as takePicture } from "../support/browser.ts";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";

const EMAIL = "admin@extravis.com";
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 900 };

let cloud: TestCloud;
let browser: Browser;
let page: Page;
/** What went wrong on the page, and which other hosts it got something from. */
let complaints: string[];
let strangers: string[];

beforeAll(async () => {
  [cloud, browser] = await Promise.all([testCloud(), sharedBrowser()]);
  await cloud.person("admin", EMAIL);
});
afterAll(async () => {
  await cloud?.stop();
});
afterEach(() => page?.context().close());

async function open(path: string, viewport = DESKTOP): Promise<void> {
  const context = await browser.newContext({ viewport });
  page = await context.newPage();
  complaints = [];
  strangers = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfinished", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== cloud.apiUrl) strangers.push(request.url());
  });
  await page.goto(cloud.apiUrl + path);
}

const picture = (name: string) => takePicture(page, name, { fullPage: false });

/** Swagger UI escapes the dot of an operation's id in the id of its box. */
const operation = (group: string, name: string) =>
  page.locator(`[id="operations-${group}-${group}\\\\.${name}"]`);

async function authorize(password: string): Promise<void> {
  await page.getByRole("button", { name: "Authorize" }).click();
  const dialog = page.locator(".dialog-ux");
  await dialog.getByLabel("username:").fill(EMAIL);
  await dialog.getByLabel("password:").fill(password);
  await dialog.getByRole("button", { name: "Apply given OAuth2 credentials" }).click();
}

/** Executes an operation and returns the row that shows its answer. */
async function tryOut(group: string, name: string) {
  const box = operation(group, name);
  await box.locator(".opblock-summary-control").click();
  await box.getByRole("button", { name: "Execute" }).click();
  const answer = box.locator(".live-responses-table tr.response");
  await answer.waitFor();
  return answer;
}

const statusOf = (answer: Awaited<ReturnType<typeof tryOut>>) =>
  answer.locator(".response-col_status").textContent();

describe.each([
  ["phone", PHONE],
  ["desktop", DESKTOP],
])("the page to try the API, on a %s", (device, viewport) => {
  it("signs in through its dialog and calls the API on the person's behalf", async () => {
    await open("/docs", viewport);
    await operation("auth", "me").waitFor();
    await picture(`docs-${device}`);
    expect(await fitsScreenWidth(page)).toBe(true);

    await authorize(PASSWORD);
    const dialog = page.locator(".dialog-ux");
    await dialog.getByRole("button", { name: "Remove authorization" }).waitFor();
    await picture(`docs-signed-in-${device}`);
    await dialog.locator(".btn-done").click();

    const answer = await tryOut("auth", "me");
    expect(await statusOf(answer)).toContain("200");
    expect(await answer.locator(".response-col_description").textContent()).toContain(EMAIL);
    await answer.scrollIntoViewIfNeeded();
    await picture(`docs-me-${device}`);
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  });
});

describe("the page to try the API", () => {
  it("stays signed in when it is loaded again, without keeping the password", async () => {
    await open("/docs");
    await authorize(PASSWORD);
    await page.getByRole("button", { name: "Remove authorization" }).waitFor();
    const kept = await page.evaluate<string>("JSON.stringify(localStorage)");
    expect(kept).toContain("access_token");
    expect(kept).not.toContain(PASSWORD);
    await page.reload();
    expect(await statusOf(await tryOut("auth", "me"))).toContain("200");
    expect(complaints).toEqual([]);
  });

  it("says when the password is wrong", async () => {
    await open("/docs");
    await authorize("Wrong-Horse-1");
    await page.locator(".dialog-ux .errors").waitFor();
    await picture("docs-refused");
    expect(await page.locator(".dialog-ux .errors").textContent()).toContain("Unauthorized");
  });

  it("lists every route of the contract", async () => {
    await open("/docs");
    await operation("auth", "me").waitFor();
    // Of so many, Swagger UI renders those that are near.
    const seen = new Set<string>();
    const scrollThrough = async () => {
      const end = await page.evaluate<number>("document.documentElement.scrollHeight");
      for (let position = 0; position < end; position += 400) {
        await page.evaluate(`window.scrollTo(0, ${position})`);
        for (const id of await page.locator(".opblock").evaluateAll((boxes) => boxes.map((box) => box.id)))
          seen.add(id);
      }
      return seen.size;
    };
    await expect.poll(scrollThrough, { timeout: 30_000 }).toBe(groups.flatMap(routes).length);
  });
});

describe.each([
  ["phone", PHONE],
  ["desktop", DESKTOP],
])("the page to read, on a %s", (device, viewport) => {
  it("shows every route of the contract, and gets nothing from other hosts", async () => {
    await open("/redoc", viewport);
    const sections = page.locator('[data-section-id*="/operation/"], [id^="operation/"]');
    await sections.first().waitFor();
    await picture(`redoc-${device}`);
    const text = await page.locator("#redoc").textContent();
    for (const { endpoints } of groups)
      for (const { summary } of Object.values(endpoints)) expect(text).toContain(summary);
    expect(await fitsScreenWidth(page)).toBe(true);
    expect(strangers).toEqual([]);
    // Redoc would like to show its logo from elsewhere; the page's policy says no, and it shows none.
    expect(complaints.filter((text) => !text.includes("cdn.redoc.ly"))).toEqual([]);
    expect(await page.locator("img").count()).toBe(0);
  });
});
