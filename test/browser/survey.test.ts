import type { SurveyLink } from "@success-manager/contract/surveys";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accessibilityViolations, fitsScreenWidth } from "../support/accessibility.ts";
import { picture, sharedBrowser } from "../support/browser.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { manyCalls, surveyLink } from "../support/survey-link.ts";

const PHONE = { width: 390, height: 844 };
const SMALL = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };

let cloud: TestCloud;
let storage: Storage;
let browser: Browser;
let page: Page;
/** What the browser had to complain about, what it got from other hosts, and how often it sent a form. */
let complaints: string[];
let strangers: string[];
let posts: number;

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

const urlOf = ({ token }: Pick<SurveyLink, "token">) => `${cloud.apiUrl}/survey/${token}`;

/** A page that answers with a failure is a complaint of the browser's, not of ours. */
const isStatus = (text: string) => text.startsWith("Failed to load resource");

async function newPage(options: BrowserContextOptions = {}): Promise<void> {
  const context = await browser.newContext({ viewport: PHONE, reducedMotion: "reduce", ...options });
  page = await context.newPage();
  complaints = [];
  strangers = [];
  posts = 0;
  page.on("console", (message) => {
    if (message.type() === "error" && !isStatus(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (request.method() === "POST" && !request.url().endsWith("/opened")) posts += 1;
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== cloud.apiUrl) strangers.push(request.url());
  });
}

async function open(link: Pick<SurveyLink, "token">, options?: BrowserContextOptions): Promise<void> {
  await newPage(options);
  await page.goto(urlOf(link));
}

const score = (value: number) => page.getByRole("radio", { name: new RegExp(`^${value}\\b`) });
const send = () => page.getByRole("button", { name: "Send answer" });
const heading = () => page.getByRole("heading", { level: 1 }).textContent();

async function fill(name = "Ada Lovelace"): Promise<void> {
  await score(4).check();
  await page.getByLabel("(optional)").fill("Quick help.");
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Your e-mail address").fill("ada@example.com");
}

const thanked = () => page.getByRole("heading", { name: "Thank you!" }).waitFor();

const stored = async ({ id }: SurveyLink) =>
  (await storage.items("survey#")).filter((item) => item.survey_link_id === id);

const DAY = 24 * 60 * 60 * 1000;

/** Every page that there is, by its heading. */
const PAGES: Readonly<Record<string, (options: BrowserContextOptions) => Promise<void>>> = {
  nps: async (options) =>
    open(await surveyLink(cloud, { company: `Nordlicht ${crypto.randomUUID()}` }), options),
  ticket: async (options) => {
    const ticket_reference = "X".repeat(100);
    const company = `${"Donaudampfschifffahrt".repeat(8)} ${crypto.randomUUID()}`;
    await open(await surveyLink(cloud, { company, survey_type: "post_ticket", ticket_reference }), options);
    await fill();
  },
  message: async (options) => {
    const custom_message =
      "Dear Ada,\n\nthank you for the workshop on Tuesday. We would like to know what we should do better: five minutes of yours help us to plan the next quarter.\n\nשלום, 2026!\nBest regards, Sarah";
    await open(await surveyLink(cloud, { survey_type: "product_feedback", custom_message }), options);
  },
  general: async (options) => {
    const custom_message = "W".repeat(1_000);
    await open(await surveyLink(cloud, { survey_type: "general_feedback", custom_message }), options);
  },
  arabic: async (options) => {
    const custom_message = "السلام عليكم،\nنودّ معرفة رأيكم في ورشة يوم الثلاثاء.\nSarah";
    await open(
      await surveyLink(cloud, {
        company: `شركة النور ${crypto.randomUUID()}`,
        custom_message,
        language: "ar",
      }),
      options,
    );
    await score(8).check();
  },
  german: async (options) => {
    const send_to = `${crypto.randomUUID()}@example.com`;
    await open(
      await surveyLink(cloud, { survey_type: "general_feedback", language: "de", send_to }),
      options,
    );
    await score(2).check();
  },
  "arabic-refused": async (options) => {
    await open(await surveyLink(cloud, { survey_type: "quarterly", language: "ar" }), options);
    await page.getByRole("button").click();
    await page.locator("#summary").waitFor();
  },
  "arabic-thanks": async (options) => {
    const send_to = `${crypto.randomUUID()}@example.com`;
    await open(await surveyLink(cloud, { language: "ar", send_to }), options);
    await score(10).check();
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "شكرًا جزيلًا لكم!" }).waitFor();
  },
  "arabic-expired": async (options) =>
    open(await surveyLink(cloud, { language: "ar", at: new Date(Date.now() - 8 * DAY) }), options),
  "arabic-unknown": async (options) => open({ token: "cut-off" }, { ...options, locale: "ar-EG" }),
  unsubscribing: async (options) => {
    const link = await surveyLink(cloud, { send_to: `${crypto.randomUUID()}@example.com` });
    await open({ token: `${link.token}/unsubscribe` }, options);
  },
  unsubscribed: async (options) => {
    await PAGES.unsubscribing?.(options);
    await page.getByRole("button", { name: "Send me no more surveys" }).click();
    await page.getByRole("heading", { name: "You get no more surveys" }).waitFor();
  },
  "arabic-unsubscribing": async (options) => {
    const link = await surveyLink(cloud, { send_to: `${crypto.randomUUID()}@example.com`, language: "ar" });
    await open({ token: `${link.token}/unsubscribe` }, options);
  },
  "nothing-to-leave": async (options) => {
    const link = await surveyLink(cloud);
    await open({ token: `${link.token}/unsubscribe` }, options);
  },
  refused: async (options) => {
    await open(await surveyLink(cloud, { survey_type: "quarterly" }), options);
    await send().click();
    await page.getByText("Your answer has not been sent yet").waitFor();
  },
  thanks: async (options) => {
    await open(await surveyLink(cloud), options);
    await fill();
    await send().click();
    await thanked();
  },
  answered: async (options) => {
    await PAGES.thanks?.(options);
    await page.goto(page.url().replace("?thanks=1", ""));
    expect(await heading()).toBe("This survey has been answered");
  },
  expired: async (options) => open(await surveyLink(cloud, { at: new Date(Date.now() - 8 * DAY) }), options),
  revoked: async (options) => {
    const link = await surveyLink(cloud);
    (await cloud.manager.api.csat.revokeLink({ params: { id: link.id } })).body();
    await open(link, options);
  },
  unknown: async (options) => open({ token: "cut-off" }, options),
  busy: async (options) => {
    cloud.database.fail("UpdateItem", "ConditionalCheckFailedException", 1);
    await open(await surveyLink(cloud), options);
    expect(await heading()).toBe("One moment, please");
  },
  broken: async (options) => {
    await open(await surveyLink(cloud), options);
    await fill();
    cloud.database.fail("TransactWriteItems", "ValidationException", 1);
    await send().click();
    await page.getByRole("button", { name: "Try again" }).waitFor();
  },
};
const pages = Object.entries(PAGES).map(([name, show]) => ({ name, show }));

describe.each([
  ["phone", PHONE],
  ["desktop", DESKTOP],
])("on a %s", (device, viewport) => {
  it.each([true, false])("a survey is answered; JavaScript: %s", async (javaScriptEnabled) => {
    const link = await surveyLink(cloud, { company: `Nordlicht ${device} ${javaScriptEnabled}` });
    await open(link, { viewport, javaScriptEnabled });
    expect(await page.getByRole("radio").count()).toBe(11);
    expect(await page.locator(":checked").count()).toBe(0);
    await fill();
    await send().click();
    await thanked();
    expect(await page.getByText(`Nordlicht ${device}`).isVisible()).toBe(true);
    await page.reload();
    await thanked();
    expect(await stored(link)).toMatchObject([
      { score: 4, feedback_text: "Quick help.", submitted_by_name: "Ada Lovelace" },
    ]);
    expect([complaints, strangers, posts]).toEqual([[], [], 1]);
  });

  it.each([true, false])("what is missing is pointed out; JavaScript: %s", async (javaScriptEnabled) => {
    const link = await surveyLink(cloud, { survey_type: "onboarding" });
    await open(link, { viewport, javaScriptEnabled });
    await page.getByLabel("Your name").fill("Ada");
    await send().click();
    const summary = page.getByRole("group", { name: "Your answer has not been sent yet" });
    await summary.waitFor();
    expect(await page.locator("#summary:focus").count()).toBe(1);
    expect(await page.title()).toMatch(/^Not sent yet: How satisfied/);
    expect(await page.getByLabel("Your name").inputValue()).toBe("Ada");

    await summary.getByRole("link", { name: "Choose a number" }).click();
    expect(await page.locator("#score-1:focus").count()).toBe(1);
    await summary.getByRole("link", { name: "Enter your e-mail" }).click();
    const address = page.locator("#submitted_by_email:focus");
    expect(await address.getAttribute("aria-invalid")).toBe("true");
    const described = page.locator(`#${await address.getAttribute("aria-describedby")}`);
    expect(await described.textContent()).toBe("Error: Enter your e-mail address.");

    await address.fill("ada@example.com");
    await score(5).check();
    await send().click();
    await thanked();
    expect(await stored(link)).toMatchObject([{ score: 5, submitted_by_name: "Ada" }]);
  });
});

describe("every page", () => {
  it.each(pages)(
    "$name is accessible and fits, on phone and desktop, in light and dark",
    async ({ name, show }) => {
      await show({ bypassCSP: true });
      for (const [device, viewport] of [
        ["phone", SMALL],
        ["desktop", DESKTOP],
      ] as const)
        for (const colorScheme of ["light", "dark"] as const) {
          await page.setViewportSize(viewport);
          await page.emulateMedia({ colorScheme });
          const look = `${device}-${colorScheme}`;
          await picture(page, `survey-${name}-${look}`);
          expect([look, await accessibilityViolations(page)]).toEqual([look, []]);
          expect([look, await fitsScreenWidth(page)]).toEqual([look, true]);
        }
      expect(await page.locator("h1").count()).toBe(1);
      expect([complaints, strangers]).toEqual([[], []]);
    },
  );
});

describe("a person without a mouse", () => {
  it("answers with the keyboard alone, and sees where they are", async () => {
    const link = await surveyLink(cloud);
    await open(link, { viewport: DESKTOP });
    const outlined = () =>
      page.evaluate<string>(
        `(({ activeElement: a }) => { const { outlineStyle, outlineWidth } = getComputedStyle(a.type === "radio" ? a.nextElementSibling : a); return outlineStyle + " " + outlineWidth; })(document)`,
      );
    const press = async (...keys: readonly string[]) => {
      for (const key of keys) await page.keyboard.press(key);
      expect(await outlined()).toBe("solid 3px");
    };
    await press("Tab", "Space");
    expect(await score(0).isChecked()).toBe(true);
    await press("ArrowRight", "ArrowRight", "ArrowDown");
    expect(await score(3).isChecked()).toBe(true);
    await press("Tab");
    await page.keyboard.type("By keys");
    await press("Tab");
    await page.keyboard.type("Grace");
    await press("Tab");
    await page.keyboard.type("grace@example.com");
    await press("Tab");
    expect(await page.locator("button:focus").count()).toBe(1);
    await page.keyboard.press("Enter");
    await thanked();
    expect(await stored(link)).toMatchObject([
      {
        score: 3,
        feedback_text: "By keys",
        submitted_by_name: "Grace",
        submitted_by_email: "grace@example.com",
      },
    ]);
  });
});

describe("a person who listens", () => {
  it("hears the question, what the ends mean, and what each field is for", async () => {
    await open(await surveyLink(cloud));
    const question = "How likely are you to recommend us to a friend or colleague?";
    expect(await page.getByRole("group", { name: question }).count()).toBe(1);
    for (const name of ["0 Not at all likely", "5", "10 Extremely likely"])
      expect(await page.getByRole("radio", { name, exact: true }).count()).toBe(1);
    const name = page.getByRole("textbox", { name: "Your name" });
    const address = page.getByRole("textbox", { name: "Your e-mail address" });
    expect(await name.getAttribute("autocomplete")).toBe("name");
    expect(await address.getAttribute("autocomplete")).toBe("email");
    expect(await page.getByRole("textbox", { name: "(optional)" }).getAttribute("aria-describedby")).toBe(
      "limit",
    );
    for (const field of [name, address, score(7)]) expect(await field.getAttribute("required")).toBe("");
  });
});

describe("a small screen", () => {
  it.each(["nps", "ticket", "refused"])(
    "of 320 pixels shows all of %s, large enough for a finger",
    async (name) => {
      for (const viewport of [NARROW, PHONE]) {
        await PAGES[name]?.({ viewport });
        expect(await fitsScreenWidth(page)).toBe(true);
        const targets = await page
          .locator("label.choice, input:not([type=radio]), textarea, button, .summary a")
          .all();
        expect(targets.length).toBeGreaterThan(8);
        for (const target of targets) {
          const box = await target.boundingBox();
          expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
        }
        await page.context().close();
      }
    },
  );

  it.each([
    [320, 2],
    [360, 2],
    [390, 2],
    [430, 2],
    [1280, 1],
  ])("of %i pixels has the numbers of a recommendation in %i rows, all of one size", async (width, rows) => {
    await open(await surveyLink(cloud), { viewport: { width, height: 800 } });
    const found = await boxes("label.choice");
    expect(found).toHaveLength(11);
    expect(new Set(found.map(({ y }) => y)).size).toBe(rows);
    expectOneSize(found);
  });
});

/** Where elements are, in whole pixels. */
const boxes = async (selector: string) => {
  const found = await Promise.all(
    (await page.locator(selector).all()).map((element) => element.boundingBox()),
  );
  return found.map((box) => box ?? { x: 0, y: 0, width: 0, height: 0 });
};

function expectOneSize(found: readonly { readonly width: number; readonly height: number }[]) {
  for (const side of ["width", "height"] as const) {
    const sizes = found.map((box) => box[side]);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
}

describe("the mail", () => {
  const mailed = async (asked: Parameters<typeof surveyLink>[1], options: BrowserContextOptions) => {
    const send_to = `${crypto.randomUUID()}@example.com`;
    const link = await surveyLink(cloud, { ...asked, send_to });
    const [letter] = await lettersTo(cloud.inboxUrl, send_to);
    await newPage(options);
    await page.setContent(letter?.body.html ?? "");
    return link;
  };

  it.each([
    ["nps", "en", 320],
    ["nps", "en", 360],
    ["nps", "ar", 360],
    ["quarterly", "de", 430],
    ["nps", "fr", 1280],
    ["nps", "ar", 1280],
  ] as const)(
    "of %s in %s at %i pixels fits, with buttons of one size for the scores",
    async (survey_type, language, width) => {
      const custom_message = language === "ar" ? undefined : "Dear Ada,\nthank you for the workshop.";
      await mailed({ survey_type, language, custom_message }, { viewport: { width, height: 800 } });
      await picture(page, `survey-mail-${survey_type}-${language}-${width}`);
      expect(await fitsScreenWidth(page)).toBe(true);
      const found = await boxes(".score a");
      expect(found).toHaveLength(survey_type === "nps" ? 11 : 5);
      expect(new Set(found.map(({ y }) => y)).size).toBe(survey_type === "nps" ? 2 : 1);
      expectOneSize(found);
      for (const box of found) {
        expect(box.height).toBeGreaterThanOrEqual(44);
        expect(box.width).toBeGreaterThanOrEqual(30);
      }
      // In Arabic the lowest number is on the right.
      const [lowest, next] = found;
      expect((lowest?.x ?? 0) < (next?.x ?? 0)).toBe(language !== "ar");
      // A mail has no landmarks: its reader's program is the page around it.
      const faults = await accessibilityViolations(page);
      expect(faults.filter((fault) => !/^(landmark-one-main|region) /.test(fault))).toEqual([]);
    },
  );

  it.each([true, false])(
    "leads to the page with the score chosen, which is sent by hand alone; JavaScript: %s",
    async (javaScriptEnabled) => {
      const link = await mailed({}, { javaScriptEnabled });
      await page.getByRole("link", { name: "9", exact: true }).click();
      await page.waitForURL("**?score=9");
      expect(await score(9).isChecked()).toBe(true);
      expect(await page.getByText("What do you value most?").isVisible()).toBe(true);
      expect(await page.getByLabel("Your name").count()).toBe(0);
      expect([await stored(link), posts]).toEqual([[], 0]);
      await score(7).check();
      await send().click();
      await thanked();
      expect(await stored(link)).toMatchObject([{ score: 7 }]);
    },
  );
});

describe("the comment", () => {
  it.each([true, false])(
    "is asked for in words that suit the score; JavaScript: %s",
    async (javaScriptEnabled) => {
      await open(await surveyLink(cloud), { javaScriptEnabled });
      const asked = async () => {
        const all = await page.locator(".ask").all();
        const shown = await Promise.all(
          all.map(async (one) => ((await one.isVisible()) ? one.textContent() : null)),
        );
        return shown.filter((text) => text !== null);
      };
      expect(await asked()).toEqual(["What is the main reason?"]);
      for (const [value, question] of [
        [0, "What fell short of your expectations, and what should we do better?"],
        [6, "What fell short of your expectations, and what should we do better?"],
        [7, "What is missing for a 9 or a 10?"],
        [8, "What is missing for a 9 or a 10?"],
        [9, "What do you value most?"],
        [10, "What do you value most?"],
      ] as const) {
        await score(value).check();
        expect(await asked()).toEqual([question]);
      }
      expect(
        await page.getByRole("textbox", { name: "What do you value most? (optional)", exact: true }).count(),
      ).toBe(1);
    },
  );
});

describe("an Arabic reader", () => {
  it("answers from right to left", async () => {
    const send_to = `${crypto.randomUUID()}@example.com`;
    const link = await surveyLink(cloud, { language: "ar", send_to });
    await open(link, { viewport: DESKTOP });
    expect(await page.evaluate("[document.dir, document.documentElement.lang].join()")).toBe("rtl,ar");
    const found = await boxes("label.choice");
    expect(found.map(({ x }) => x)).toEqual(found.map(({ x }) => x).toSorted((a, b) => b - a));
    await score(2).check();
    await page.getByRole("textbox").fill("الدعم بطيء");
    expect(await page.locator("#limit").textContent()).toBe("الأحرف المتبقية: 4,990");
    await page.getByRole("button", { name: "إرسال الإجابة" }).click();
    await page.getByRole("heading", { name: "شكرًا جزيلًا لكم!" }).waitFor();
    expect(await stored(link)).toMatchObject([
      { score: 2, feedback_text: "الدعم بطيء", submitted_by_email: send_to },
    ]);
    expect([complaints, strangers]).toEqual([[], []]);
  });
});

describe("a look at the survey", () => {
  it("is noted when a person sees the page, and not when a program fetches it", async () => {
    const opened = async ({ id }: SurveyLink) => (await storage.items(`survey_link#${id}`))[0]?.opened_at;
    const link = await surveyLink(cloud);
    await open(link, { javaScriptEnabled: false });
    expect(await opened(link)).toBeUndefined();
    await page.context().close();
    await open(link);
    await expect.poll(() => opened(link)).toEqual(expect.any(String));
    const at = await opened(link);
    await page.reload();
    expect(await opened(link)).toBe(at);
  });
});

describe("the page's colours and motion", () => {
  const style = (name: string) => page.evaluate<string>(`getComputedStyle(document.body).${name}`);
  const transition = () =>
    page.evaluate<string>(`getComputedStyle(document.querySelector("button")).transitionDuration`);

  it("are those that the reader prefers", async () => {
    const link = await surveyLink(cloud);
    await open(link, { colorScheme: "light", reducedMotion: "reduce" });
    expect([await style("backgroundColor"), await transition()]).toEqual(["rgb(255, 255, 255)", "0s"]);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "no-preference" });
    expect(await style("backgroundColor")).not.toBe("rgb(255, 255, 255)");
    expect(await transition()).not.toBe("0s");
  });
});

describe("an impatient person", () => {
  it("who presses again while the answer is on its way sends once", async () => {
    const link = await surveyLink(cloud);
    await open(link);
    await fill();
    const { x = 0, y = 0, width = 0, height = 0 } = (await send().boundingBox()) ?? {};
    const press = () => page.mouse.click(x + width / 2, y + height / 2);
    const { promise: slow, resolve: arrive } = Promise.withResolvers<void>();
    await page.route("**/survey/*", (route) => slow.then(() => route.continue()));
    await Promise.all([page.waitForRequest(urlOf(link)), press()]);
    await press();
    arrive();
    await thanked();
    expect([posts, (await stored(link)).length]).toEqual([1, 1]);
  });

  it("who clicks twice without JavaScript has answered once, and is told so", async () => {
    const link = await surveyLink(cloud);
    await open(link, { javaScriptEnabled: false });
    await fill();
    await send().dblclick();
    await page.getByRole("heading", { name: /^(Thank you!|This survey has been answered)$/ }).waitFor();
    expect(await stored(link)).toHaveLength(1);
  });
});

describe("what was typed", () => {
  it("survives a failure: the page that tells of it sends it again", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const link = await surveyLink(cloud);
      await open(link, { javaScriptEnabled });
      await fill("Ada & <b>Grace</b>");
      await page.getByLabel("(optional)").fill('First "line"\nsecond');
      cloud.database.fail("TransactWriteItems", "ValidationException", 1);
      await send().click();
      await page.getByRole("button", { name: "Try again" }).click();
      await thanked();
      expect(await stored(link)).toMatchObject([
        { score: 4, feedback_text: 'First "line"\nsecond', submitted_by_name: "Ada & <b>Grace</b>" },
      ]);
      await page.context().close();
    }
  });

  it("survives that the page is loaded again, until it has been sent", async () => {
    const link = await surveyLink(cloud);
    await open(link);
    await fill();
    await page.goto("about:blank");
    await page.goto(urlOf(link));
    expect(await score(4).isChecked()).toBe(true);
    expect(await page.getByLabel("(optional)").inputValue()).toBe("Quick help.");
    expect(await page.getByLabel("Your name").inputValue()).toBe("Ada Lovelace");
    // Also in another tab of the same browser, whose link has chosen another score.
    const other = await page.context().newPage();
    await other.goto(`${urlOf(link)}?score=10`);
    expect(await other.locator(":checked").inputValue()).toBe("10");
    expect(await other.getByLabel("(optional)").inputValue()).toBe("Quick help.");
    await other.close();
    await send().click();
    await thanked();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    expect(await page.evaluate("localStorage.length")).toBe(0);
    expect(await page.context().cookies()).toEqual([]);
  });

  it("is forgotten when the survey has ended, whether or not its page is opened again", async () => {
    const [link, another] = [await surveyLink(cloud), await surveyLink(cloud)];
    await open(link);
    await fill();
    const kept = () => page.evaluate<string[]>("Object.keys(localStorage)");
    expect(await kept()).toEqual([`draft /survey/${link.token}`]);
    (await cloud.manager.api.csat.revokeLink({ params: { id: link.id } })).body();
    await page.goto(urlOf(link));
    expect(await kept()).toEqual([]);
    await page.evaluate(
      `localStorage.setItem("draft /survey/x", JSON.stringify({ expires: "2026-01-01T00:00:00.000Z", fields: [] })); localStorage.setItem("other", "stays")`,
    );
    await page.goto(urlOf(another));
    expect(await kept()).toEqual(["other"]);
  });

  it("survives a dead network, and can be sent when it is back", async () => {
    const link = await surveyLink(cloud);
    await open(link);
    await fill();
    await page.context().setOffline(true);
    await send().click();
    await page.waitForURL("chrome-error://chromewebdata/");
    await page.context().setOffline(false);
    await page.goto(urlOf(link));
    expect(await page.getByLabel("Your name").inputValue()).toBe("Ada Lovelace");
    await send().click();
    await thanked();
    expect(await stored(link)).toHaveLength(1);
  });

  it("is counted while it is typed", async () => {
    await open(await surveyLink(cloud));
    const count = page.locator("#limit");
    expect(await count.textContent()).toBe("Up to 5,000 characters");
    await page.getByLabel("(optional)").fill("Hello\nworld");
    expect(await count.textContent()).toBe("4,989 characters left");
    expect(await page.getByRole("status").textContent()).toBe("");
    await page.getByLabel("(optional)").fill("x".repeat(5003));
    expect(await count.textContent()).toBe("3 characters too many");
    await page.getByRole("status").filter({ hasText: "3 characters too many" }).waitFor();
  });
});
