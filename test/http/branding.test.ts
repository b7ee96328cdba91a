import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { linkToken } from "../../packages/domain/src/reports/links.ts";
import { readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { NEW_CUSTOMER } from "../support/sample-calls.ts";
import { sender } from "../support/send.ts";

let cloud: TestCloud;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud({ environment: { ORGANIZATION: "Stage Ltd" } });
  customer_id = (
    await cloud.manager.api.customers.create({ body: { ...NEW_CUSTOMER, company_name: "Velmora Mobile" } })
  ).body().id;
});
afterAll(() => cloud?.stop());

const NOTHING = {
  organization_name: null,
  accent_color: null,
  logo: null,
  reply_to: null,
  footer_text: null,
};
afterEach(async () => {
  expect((await cloud.admin.api.settings.updateBranding({ body: NOTHING })).status).toBe(200);
});

const set = (body: object) => cloud.admin.api.settings.updateBranding({ body });
const svg = (color: string) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10"><rect width="30" height="10" fill="${color}"/></svg>`,
  ).toString("base64");
const upload = (content: string) => cloud.admin.api.settings.uploadLogo({ body: { content } });

/** The mail that asks somebody for their opinion. */
async function asked() {
  const target_email = `${randomUUID()}@example.com`;
  const body = { customer_id, survey_type: "nps", target_type: "specific", target_email } as const;
  expect((await cloud.manager.api.surveyRequests.create({ body })).status).toBe(201);
  const [letter] = await lettersTo(cloud.inboxUrl, target_email);
  if (!letter) throw new Error("Nobody was asked");
  return letter;
}

describe("who asks and reports", () => {
  it("is the stage's organization until an admin says it, then theirs", async () => {
    const before = await asked();
    expect(before.from).toContain("Stage Ltd");
    expect(before.body.html).toContain("Stage Ltd");
    await set({
      organization_name: "Extravis Ölhandel",
      reply_to: "success@example.com",
      footer_text: "Extravis · Riga",
    });
    const after = await asked();
    expect(after.from).toContain("Extravis Ölhandel");
    expect(after.replyTo).toEqual(["success@example.com"]);
    expect(after.body.html).toContain("Extravis Ölhandel");
    expect(after.body.html).toContain("Extravis · Riga");
    expect(after.body.text).toMatch(/Extravis · Riga\n?$/);
    expect(after.body.html).not.toContain("Stage Ltd");
  });

  it("is text in mails, and no header, whatever it is", async () => {
    await set({ organization_name: `A" <eve@example.com>, <script>alert(1)</script>` });
    const letter = await asked();
    expect(letter.body.html).not.toContain("<script>");
    expect(letter.from).toContain("success-manager@example.com");
    expect(letter.destination).toMatchObject({ cc: [], bcc: [] });
  });

  it.each(["viewer", "manager"] as const)("is read by a %s, but not changed", async (role) => {
    const { api } = cloud[role];
    expect((await api.settings.branding({})).body()).toMatchObject(NOTHING);
    expect((await api.settings.updateBranding({ body: { organization_name: "Us" } })).status).toBe(403);
    expect((await api.settings.uploadLogo({ body: { content: svg("#000") } })).status).toBe(403);
  });
});

it("stands on a report: its name or logo, its color, its footer", async () => {
  const print = async () => {
    const { id } = (
      await cloud.manager.api.reports.generate({ body: { report_type: "executive_summary" } })
    ).body();
    const file = await cloud.manager.api.reports.download({ params: { id } }, { accept: "application/json" });
    return new Uint8Array(await (await fetch(file.body().url)).arrayBuffer());
  };
  await set({ organization_name: "Nordlicht GmbH", footer_text: "Kiel" });
  const named = await readPdf(await print());
  expect(named.info).toMatchObject({ Author: "Nordlicht GmbH" });
  expect(named.pages[0]?.text).toMatch(/Nordlicht GmbH(?! ·)/);
  for (const { text } of named.pages) {
    expect(text).toContain("Nordlicht GmbH · Executive Summary");
    expect(text).toContain("Kiel");
  }
  const { logo } = (await upload(svg("#1d5a86"))).body();
  await set({ logo });
  const pictured = await print();
  expect(Buffer.from(pictured).includes("/Subtype /Image")).toBe(true);
  expect((await readPdf(pictured)).pages[0]?.text).not.toMatch(/Nordlicht GmbH(?! ·)/);
});

describe("pages of people who have a link", () => {
  const pages = async () => {
    const mailed = await putSchedule({ report_name: "Weekly health", recipients: ["ada@example.com"] });
    const email = `${randomUUID()}@example.com`;
    await cloud.admin.api.users.invite({ body: { email, full_name: "Ada" } });
    const [letter] = await lettersTo(cloud.inboxUrl, email);
    const [, password = ""] = /(\/password\/[\w-]+)/.exec(letter?.body.text ?? "") ?? [];
    const report = `/report/${linkToken(mailed, "ada@example.com", "leave")}/leave`;
    const send = sender(cloud.apiUrl);
    // Also those that say that something is wrong.
    const paths = [report, password, "/report/unknown/leave", "/report/unknown/file", "/password/unknown"];
    return Promise.all(paths.map(async (path) => [path, (await send("GET", path)).text] as const));
  };

  it("name the stage's organization in the product's colors, until an admin says otherwise", async () => {
    for (const [path, text] of await pages()) {
      expect(text, path).toContain("<bdi>Stage Ltd</bdi>");
      expect(text, path).not.toMatch(/survey\/(logos|themes)|<footer/);
    }
  });

  it("show the logo, the color and the footer of who sends them", async () => {
    const { logo } = (await upload(svg("#1d5a86"))).body();
    await set({ organization_name: "A <b>", accent_color: "#1D3A8F", logo, footer_text: "A <i> · Riga" });
    for (const [path, text] of await pages()) {
      expect(text, path).toContain(`<img src="/survey/logos/${logo}" alt="A &lt;b&gt;"`);
      expect(text, path).toContain('<link rel="stylesheet" href="/survey/themes/1d3a8f.css">');
      expect(text, path).toContain('<footer class="aside">A &lt;i&gt; · Riga</footer>');
      expect(text, path).not.toContain("Stage Ltd");
    }
  });
});

describe("the accent color", () => {
  it("is that of buttons and links, and a lighter one in the dark", async () => {
    await set({ accent_color: "#1D3A8F" });
    const { html = "" } = (await asked()).body;
    expect(html).toContain('bgcolor="#1d3a8f"');
    expect(html).not.toContain("var(--accent)");
    expect(html).not.toContain("#1f6f50");
    expect(html).toMatch(
      /prefers-color-scheme:dark[^}]*\{[\s\S]*\[style\*="color:#1d3a8f"\]\{color:#[0-9a-f]{6} !important\}/,
    );
  });

  it("must be one on which white can be read; the answer names one that would do", async () => {
    const refused = await set({ accent_color: "#ffd400" });
    expect(refused.status).toBe(422);
    const { errors } = refused.raw as { errors: { loc: string[]; msg: string }[] };
    expect(errors[0]?.loc).toEqual(["body", "accent_color"]);
    const [, better = ""] = /(#[0-9a-f]{6}) would do/.exec(errors[0]?.msg ?? "") ?? [];
    expect((await set({ accent_color: better })).status).toBe(200);
  });

  it.each(["green", "#12345", "#12345g", "1f6f50", "#1f6f50;}body{display:none", ""])(
    "is no %j",
    async (accent_color) => {
      expect((await set({ accent_color })).status).toBe(422);
    },
  );

  it("makes the colors of pages, for light and for dark", async () => {
    const css = await cloud.stranger.survey.theme({ params: { file: "1d3a8f.css" } });
    expect(css.headers.get("content-type")).toMatch(/^text\/css/);
    expect(css.raw).toMatch(
      /^:root\{--accent:#1d3a8f;.*\}\n@media \(prefers-color-scheme:dark\)\{:root\{--accent:#/,
    );
    // Also of one that nobody could read.
    expect((await cloud.stranger.survey.theme({ params: { file: "ffff00.css" } })).raw).not.toContain(
      "--accent:#ffff00",
    );
    expect((await cloud.stranger.survey.theme({ params: { file: "x.css" } })).status).toBe(422);
  });
});

describe("a logo", () => {
  it("is drawn anew, kept under what it holds, and shown in mails once it is set", async () => {
    const uploaded = (await upload(svg("#1d5a86"))).body();
    expect(uploaded).toMatchObject({
      width: 480,
      height: 160,
      url: expect.stringContaining(`/survey/logos/${uploaded.logo}`),
    });
    expect((await upload(svg("#1d5a86"))).body().logo).toBe(uploaded.logo);
    expect((await asked()).body.html).not.toContain("<img");

    const picture = await fetch(uploaded.url);
    expect(picture.status).toBe(200);
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect(picture.headers.get("cache-control")).toMatch(/immutable/);
    const bytes = Buffer.from(await picture.arrayBuffer());
    expect(bytes.byteLength).toBe(uploaded.bytes);
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");

    expect((await set({ logo: uploaded.logo })).body().logo).toBe(uploaded.logo);
    const { html = "" } = (await asked()).body;
    expect(html).toContain(`src="${uploaded.url}"`);
    expect(html).toContain('alt="Stage Ltd"');
  });

  it("must have been uploaded", async () => {
    const refused = await set({ logo: `${"0".repeat(64)}.png` });
    expect([refused.status, refused.raw]).toMatchObject([422, { errors: [{ loc: ["body", "logo"] }] }]);
    expect((await cloud.stranger.survey.logo({ params: { file: `${"0".repeat(64)}.png` } })).status).toBe(
      404,
    );
    expect((await cloud.stranger.survey.logo({ params: { file: "../reports.png" } })).status).not.toBe(200);
  });

  it.each([
    ["no Base64", "<svg>"],
    ["a text", Buffer.from("hello").toString("base64")],
    [
      "an SVG with a script",
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
      ).toString("base64"),
    ],
    ["more than 512 KB", "A".repeat(700_004)],
  ])("is not %s", async (_, content) => {
    const refused = await upload(content);
    expect([refused.status, refused.raw]).toMatchObject([422, { errors: [{ loc: ["body", "content"] }] }]);
  });

  it("is the same for two who upload it at once", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => upload(svg("#862d1d"))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map((answer) => answer.body().logo)).size).toBe(1);
  });
});
