import { groups, routes } from "@success-manager/contract";
import { GUIDES } from "@success-manager/contract/reference/guides";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityViolations, fitsScreenWidth } from "../support/accessibility.ts";
import { sharedBrowser, picture as takePicture } from "../support/browser.ts";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";

const EMAIL = "admin@extravis.com";
const PHONE = { width: 360, height: 780 };
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
  await page?.context().close();
  await cloud?.stop();
});

/**
 * In place of the page before: one takes seconds to load, so the tests of a group walk through one.
 *
 * @param bypassCSP lets scripts of the test in, which looks whether everybody can use the page
 */
async function open(path: string, viewport = DESKTOP, bypassCSP = false): Promise<void> {
  await page?.context().close();
  const context = await browser.newContext({ viewport, bypassCSP });
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

/** Scrolls to an operation: of so many, Swagger UI renders those that are near. */
async function reach(group: string, name: string) {
  const box = operation(group, name);
  await page.locator(".opblock").first().waitFor();
  const scroll = async () => {
    await page.evaluate("window.scrollBy(0, 300)");
    return box.count();
  };
  await expect.poll(scroll, { timeout: 30_000 }).toBe(1);
  return box;
}

async function authorize(password: string): Promise<void> {
  await page.getByRole("button", { name: "Authorize", exact: true }).first().click();
  const dialog = page.locator(".dialog-ux");
  await dialog.getByLabel("username:").fill(EMAIL);
  await dialog.getByLabel("password:").fill(password);
  await dialog.getByRole("button", { name: "Authorize: apply given" }).click();
}

/** Executes an operation and returns the row that shows its answer. */
async function tryOut(group: string, name: string) {
  const box = await reach(group, name);
  await box.locator(".opblock-summary-control").click();
  await box.getByRole("button", { name: "Execute" }).click();
  const answer = box.locator(".live-responses-table tr.response");
  await answer.waitFor();
  return answer;
}

const statusOf = (answer: Awaited<ReturnType<typeof tryOut>>) =>
  answer.locator(".response-col_status").textContent();

const DEVICES = [
  ["phone", PHONE],
  ["desktop", DESKTOP],
] as const;

/** On a phone and on a desktop: everybody can use what the page shows now, and nobody has to scroll sideways. */
async function expectForEverybody(name: string): Promise<void> {
  for (const [device, viewport] of DEVICES) {
    await page.setViewportSize(viewport);
    await picture(`${name}-${device}`);
    expect([device, await accessibilityViolations(page)]).toEqual([device, []]);
    expect([device, await fitsScreenWidth(page)]).toEqual([device, true]);
  }
}

describe.each(DEVICES)("the page to try the API, on a %s", (device, viewport) => {
  beforeAll(() => open("/docs", viewport));

  it("signs in through its dialog and calls the API on the person's behalf", async () => {
    await page.locator(".opblock").first().waitFor();
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

  it("shows what to send as the example does, and no guides", async () => {
    await page.evaluate("window.scrollTo(0, 0)");
    const box = operation("auth", "login");
    await box.locator(".opblock-summary-control").click();
    expect(await box.locator("textarea, input").first().inputValue()).toBe("grace.palmer@example.com");
    expect(await page.locator(".opblock-tag").first().getAttribute("data-tag")).toBe("auth");
  });
});

describe("the page to try the API", () => {
  it("can be used by everybody: closed, unfolded, and while signing in", async () => {
    await open("/docs", DESKTOP, true);
    const box = operation("auth", "login");
    await box.waitFor();
    await expectForEverybody("docs-closed");
    await box.locator(".opblock-summary-control").click();
    await box.locator(".responses-table").waitFor();
    await expectForEverybody("docs-open");
    await page.getByRole("button", { name: "Authorize", exact: true }).first().click();
    await page.locator(".dialog-ux").waitFor();
    await expectForEverybody("docs-signing-in");
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

  it("says when the password is wrong", async () => {
    await authorize("Wrong-Horse-1");
    const dialog = page.locator(".dialog-ux");
    await dialog.locator(".errors").waitFor();
    await picture("docs-refused");
    expect(await dialog.locator(".errors").textContent()).toContain("Unauthorized");
    await dialog.locator(".btn-done").click();
    // The browser has its word about the refusal, too.
    complaints.splice(0);
  });

  it("stays signed in when it is loaded again, without keeping the password", async () => {
    await authorize(PASSWORD);
    await page.getByRole("button", { name: "Remove authorization" }).waitFor();
    const kept = await page.evaluate<string>("JSON.stringify(localStorage)");
    expect(kept).toContain("access_token");
    expect(kept).not.toContain(PASSWORD);
    await page.reload();
    expect(await statusOf(await tryOut("auth", "me"))).toContain("200");
    expect(complaints).toEqual([]);
  });
});

describe.each(DEVICES)("the page to read, on a %s", (device, viewport) => {
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

describe("the page to read", () => {
  it("shows guides, examples and code, and can be used by everybody", async () => {
    await open("/redoc", DESKTOP, true);
    const create = page.locator('[id="tag/customers/operation/customers.create"]');
    await create.waitFor();
    const text = (await page.locator("#redoc").textContent()) ?? "";
    for (const { title } of GUIDES) expect(text).toContain(title);

    await create.getByRole("tab", { name: "curl" }).click();
    await create.scrollIntoViewIfNeeded();
    await picture("redoc-code");
    expect(await create.textContent()).toContain('curl "$API/api/v1/customers"');
    await create.getByRole("tab", { name: "Typed client" }).click();
    expect(await create.textContent()).toContain("await api.customers.create({");
    await create.getByRole("tab", { name: "409" }).click();
    expect(await create.textContent()).toContain("Another customer has this company name already.");

    // All of it takes axe a minute; the chapters are made of the same parts.
    await page.evaluate(`for (const part of document.querySelectorAll('[data-section-id^="tag/"]'))
      if (!/^tag\\/(guide|auth)/.test(part.dataset.sectionId)) part.remove();`);
    await expectForEverybody("redoc-parts");
  });
});
