import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accessibilityViolations, fitsScreenWidth } from "../support/accessibility.ts";
import { picture, sharedBrowser } from "../support/browser.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { putInvitation } from "../support/invitation.ts";
import { type Storage, storageOf } from "../support/storage.ts";

const PHONE = { width: 320, height: 640 };
const DESKTOP = { width: 1280, height: 800 };

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
beforeEach(() => storage.remove("password_calls#"));
afterEach(() => page?.context().close());
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

/** A page that answers with a failure is a complaint of the browser's, not of ours. */
const isStatus = (text: string) => text.startsWith("Failed to load resource");

/** The page of a link, or without a token the one that asks for one. */
async function open(token: string, options: BrowserContextOptions): Promise<void> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  page = await context.newPage();
  complaints = [];
  strangers = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !isStatus(message.text())) complaints.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== cloud.apiUrl) strangers.push(request.url());
  });
  await page.goto(`${cloud.apiUrl}/password${token && `/${token}`}`);
}

const heading = (name: string) => page.getByRole("heading", { level: 1, name }).waitFor();

async function send(password: string, repeated = password): Promise<void> {
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("The same again").fill(repeated);
  await page.getByRole("button", { name: "Set the password" }).click();
}

async function expectGood(name: string): Promise<void> {
  await picture(page, `password-${name}`);
  expect([name, await accessibilityViolations(page)]).toEqual([name, []]);
  expect([name, await fitsScreenWidth(page), complaints, strangers]).toEqual([name, true, [], []]);
}

describe.each([
  ["phone", PHONE, "light"],
  ["desktop", DESKTOP, "dark"],
] as const)("on a %s", (device, viewport, colorScheme) => {
  it.each([true, false])(
    "somebody chooses a password and signs in; JavaScript: %s",
    async (javaScriptEnabled) => {
      const { invited, invitation } = await putInvitation();
      await open(invitation, { viewport, javaScriptEnabled });
      await send("password");
      await page.getByText("is among the first that somebody would guess").waitFor();
      await send("Another-Horse-2", "Another-Horse-3");
      await page.getByText("The two passwords differ").waitFor();
      await send("Another-Horse-2");
      await heading("Your password is set");
      await page.reload();
      await heading("Your password is set");
      expect(await page.context().cookies()).toEqual([]);
      expect((await cloud.signIn(invited, "Another-Horse-2")).id).toBeTruthy();
      await page.goto(`${cloud.apiUrl}/password/${invitation}`);
      await heading("This link has been used");
    },
  );

  it.each([true, false])(
    "somebody who has forgotten the password gets a link, and signs in with another; JavaScript: %s",
    async (javaScriptEnabled) => {
      const { email } = await cloud.person("viewer");
      await open("", { viewport, javaScriptEnabled });
      const ask = async (address: string) => {
        await page.getByLabel("Your e-mail address").fill(address);
        await page.getByRole("button", { name: "Send the link" }).click();
      };
      await ask("nobody");
      await page.getByText("Error: This is not an e-mail address").waitFor();
      expect(await page.getByLabel("Your e-mail address").inputValue()).toBe("nobody");
      await ask(email);
      await heading("Look into your mail");
      await page.reload();
      await heading("Look into your mail");
      await cloud.settled();
      const letters = await lettersTo(cloud.inboxUrl, email);
      expect(letters).toHaveLength(1);
      const [link = ""] = /http:\S+\/password\/[\w-]{43}/.exec(letters[0]?.body.text ?? "") ?? [];
      await page.goto(link);
      await heading("Choose a new password");
      await send("Another-Horse-2");
      await heading("Your password is set");
      expect((await cloud.signIn(email, "Another-Horse-2")).id).toBeTruthy();
    },
  );

  it("every page is accessible and fits", async () => {
    const options = { viewport, colorScheme, bypassCSP: true };
    const { invitation } = await putInvitation();
    await open(invitation, options);
    await expectGood(`form-${device}`);
    await send("password");
    await expectGood(`refused-${device}`);
    await send("Another-Horse-2");
    await heading("Your password is set");
    await expectGood(`done-${device}`);
    await page.context().close();
    await open("cut-off", options);
    await expectGood(`unknown-${device}`);
    await page.context().close();
    await open("", options);
    await expectGood(`forgotten-${device}`);
    await page.getByLabel("Your e-mail address").fill("nobody");
    await page.getByRole("button", { name: "Send the link" }).click();
    await expectGood(`forgotten-refused-${device}`);
    await page.getByLabel("Your e-mail address").fill("nobody@example.com");
    await page.getByRole("button", { name: "Send the link" }).click();
    await heading("Look into your mail");
    await expectGood(`sent-${device}`);
  });

  it.each([
    ["de", "ltr", "Passwort setzen"],
    ["fr", "ltr", "Enregistrer le mot de passe"],
    ["es", "ltr", "Guardar la contraseña"],
    ["ar", "rtl", "تعيين كلمة المرور"],
  ])("speaks %s to whose browser does", async (language, direction, button) => {
    const options = { viewport, colorScheme, bypassCSP: true, locale: language };
    const { invitation } = await putInvitation();
    await open(invitation, options);
    const root = page.locator("html");
    expect([await root.getAttribute("lang"), await root.getAttribute("dir")]).toEqual([language, direction]);
    await expectGood(`form-${language}-${device}`);
    for (const field of ["#password", "#repeated"]) await page.locator(field).fill("password");
    await page.getByRole("button", { name: button }).click();
    await page.locator("#password-fault").waitFor();
    await expectGood(`refused-${language}-${device}`);
    await page.goto(`${cloud.apiUrl}/password`);
    await expectGood(`forgotten-${language}-${device}`);
    await page.goto(`${cloud.apiUrl}/password/cut-off`);
    await expectGood(`unknown-${language}-${device}`);
    expect(await root.getAttribute("lang")).toBe(language);
  });
});
