import { randomUUID } from "node:crypto";
import type { StoredReportSchedule } from "@success-manager/domain/table";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { linkToken } from "../../packages/domain/src/reports/links.ts";
import { accessibilityViolations, fitsScreenWidth } from "../support/accessibility.ts";
import { picture, sharedBrowser } from "../support/browser.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { manyCalls } from "../support/report.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { type Storage, storageOf } from "../support/storage.ts";

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };

let cloud: TestCloud;
let storage: Storage;
let browser: Browser;
let page: Page;
/** What the browser had to complain about, and what it got from other hosts. */
let complaints: string[];
let strangers: string[];

beforeAll(async () => {
  [cloud, browser] = await Promise.all([testCloud(), sharedBrowser()]);
  storage = storageOf(cloud);
});
beforeEach(() => storage.remove(manyCalls));
afterEach(() => page?.context().close());
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

const ADA = "ada.lovelace@example.com";
const schedule = (changes: Partial<StoredReportSchedule> = {}) =>
  putSchedule({
    report_name: "Health of the portfolio",
    recipients: [ADA, "grace@example.com"],
    next_scheduled_at: "2031-01-06T06:00:00.000Z",
    secret: randomUUID(),
    ...changes,
  });
const urlOf = (mailed: StoredReportSchedule) =>
  `${cloud.apiUrl}/report/${linkToken(mailed, ADA, "leave")}/leave`;
const recipients = async ({ id }: StoredReportSchedule) =>
  (await cloud.viewer.api.reports.getSchedule({ params: { id } })).body().recipients;

/** A page that answers with a failure is a complaint of the browser's, not of ours. */
const isStatus = (text: string) => text.startsWith("Failed to load resource");

async function open(url: string, options: BrowserContextOptions = {}): Promise<void> {
  const context = await browser.newContext({ viewport: PHONE, reducedMotion: "reduce", ...options });
  page = await context.newPage();
  complaints = [];
  strangers = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !isStatus(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== cloud.apiUrl) strangers.push(request.url());
  });
  await page.goto(url);
}

const button = () => page.getByRole("button", { name: "Send me no more of these reports" });
const heading = (name: string) => page.getByRole("heading", { level: 1, name }).waitFor();
const LEFT = "You get no more of these reports";

/** Every page that there is. */
const PAGES: Readonly<Record<string, (options: BrowserContextOptions) => Promise<void>>> = {
  ask: async (options) => open(urlOf(await schedule()), options),
  long: async (options) =>
    open(urlOf(await schedule({ report_name: "Donaudampfschifffahrt".repeat(12) })), options),
  arabic: async (options) => open(urlOf(await schedule({ report_name: "تقرير الصحة 2026 (Acme)" })), options),
  left: async (options) => {
    await open(urlOf(await schedule()), options);
    await button().click();
    await heading(LEFT);
  },
  unknown: async (options) => open(`${cloud.apiUrl}/report/cut-off/leave`, options),
  lost: async (options) => open(`${cloud.apiUrl}/report/cut-off/file`, options),
  elsewhere: async (options) => open(`${cloud.apiUrl}/report`, options),
  busy: async (options) => {
    cloud.database.fail("UpdateItem", "ConditionalCheckFailedException", 1);
    await open(urlOf(await schedule()), options);
    await heading("One moment, please");
  },
  broken: async (options) => {
    await open(urlOf(await schedule()), options);
    cloud.database.fail("PutItem", "ValidationException", 1);
    await button().click();
    await heading("That didn’t work");
  },
};
const pages = Object.entries(PAGES).map(([name, show]) => ({ name, show }));

describe.each([
  ["phone", PHONE],
  ["desktop", DESKTOP],
])("on a %s", (_, viewport) => {
  it.each([true, false])("a recipient leaves; JavaScript: %s", async (javaScriptEnabled) => {
    const mailed = await schedule();
    await open(urlOf(mailed), { viewport, javaScriptEnabled });
    expect(await page.getByText("a…@example.com").isVisible()).toBe(true);
    await button().click();
    await heading(LEFT);
    expect(await recipients(mailed)).toEqual(["grace@example.com"]);
    await page.reload();
    await heading(LEFT);
    await page.goto(urlOf(mailed));
    await heading(LEFT);
    expect([complaints, strangers, await page.context().cookies()]).toEqual([[], [], []]);
  });
});

describe("every page", () => {
  it.each(pages)(
    "$name is accessible and fits, on phone and desktop, in light and dark",
    async ({ name, show }) => {
      await show({ bypassCSP: true });
      for (const [device, viewport] of [
        ["phone", PHONE],
        ["desktop", DESKTOP],
      ] as const)
        for (const colorScheme of ["light", "dark"] as const) {
          await page.setViewportSize(viewport);
          await page.emulateMedia({ colorScheme });
          const look = `${device}-${colorScheme}`;
          await picture(page, `report-${name}-${look}`);
          expect([look, await accessibilityViolations(page)]).toEqual([look, []]);
          expect([look, await fitsScreenWidth(page)]).toEqual([look, true]);
        }
      expect(await page.locator("h1").count()).toBe(1);
      expect([complaints, strangers]).toEqual([[], []]);
    },
  );
});

describe("a small screen", () => {
  it("of 320 pixels shows all of it, and a button that is large enough for a finger", async () => {
    for (const show of [PAGES.ask, PAGES.long]) {
      await show?.({ viewport: NARROW });
      expect(await fitsScreenWidth(page)).toBe(true);
      const box = await button().boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
      await page.context().close();
    }
  });
});

describe("a person without a mouse", () => {
  it("leaves with the keyboard alone, and sees where they are", async () => {
    const mailed = await schedule();
    await open(urlOf(mailed), { viewport: DESKTOP });
    await page.keyboard.press("Tab");
    expect(await page.locator("button:focus").count()).toBe(1);
    const outline = await page.evaluate<string>(
      "(({ outlineStyle: s, outlineWidth: w }) => `${s} ${w}`)(getComputedStyle(document.activeElement))",
    );
    expect(outline).toBe("solid 3px");
    await page.keyboard.press("Enter");
    await heading(LEFT);
    expect(await recipients(mailed)).toEqual(["grace@example.com"]);
  });
});

describe("a failure", () => {
  it("is got over by pressing again", async () => {
    const mailed = await schedule();
    await open(urlOf(mailed));
    cloud.database.fail("PutItem", "ValidationException", 1);
    await button().click();
    await page.getByRole("button", { name: "Try again" }).click();
    await heading(LEFT);
    expect(await recipients(mailed)).toEqual(["grace@example.com"]);
  });
});
