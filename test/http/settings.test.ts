import { hash, randomUUID } from "node:crypto";
import { SECTIONS } from "@success-manager/contract/settings";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from "vitest";
import { toLogo } from "../../packages/domain/src/settings/picture.ts";
import { readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { LOGO, NEW_SCHEDULE } from "../support/sample-calls.ts";
import { JSON_BODY, type Received, sender } from "../support/send.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
  await cloud.admin.api.settings.uploadLogo({ body: { content: LOGO } });
});
afterAll(() => cloud?.stop());

const sections = ["alerts", "reports", "branding", "notifications", "tickets"] as const;
type Section = (typeof sections)[number];

const path = (section: Section) => `/api/v1/settings/${section}`;
const put = (
  section: Section,
  body: unknown,
  headers: Record<string, string> = {},
  token = cloud.admin.token,
): Promise<Received> =>
  sender(cloud.apiUrl)("PUT", path(section), {
    token,
    headers: { ...JSON_BODY, ...headers },
    body: JSON.stringify(body),
  });
const read = async (section: Section) =>
  (await sender(cloud.apiUrl)("GET", path(section), { token: cloud.viewer.token })).json;

const reset = (section: Section) =>
  put(section, Object.fromEntries(Object.keys(SECTIONS[section].defaults).map((name) => [name, null])));
afterEach(async () => {
  for (const section of sections) expect((await reset(section)).status).toBe(200);
});

describe.each(sections)("the settings of %s", (section) => {
  it("are as the decisions say until somebody sets something", async () => {
    expect(await read(section)).toMatchObject(SECTIONS[section].defaults);
  });

  it.each(["viewer", "manager"] as const)("are read by a %s, but not changed", async (role) => {
    expect((await cloud[role].api.settings[section]({})).status).toBe(200);
    expect((await put(section, {}, {}, cloud[role].token)).status).toBe(403);
  });
});

const { png } = await toLogo(Buffer.from(LOGO, "base64"));

const CHANGES = {
  alerts: {
    health_score_threshold: 70,
    health_score_critical_threshold: 50,
    health_drop_points: 20,
    contract_expiry_days: 120,
    contract_expiry_medium_days: 80,
    contract_expiry_high_days: 40,
    contract_expiry_critical_days: 10,
    license_expiry_days: 45,
    license_expiry_high_days: 20,
    license_expiry_critical_days: 5,
    inactivity_days: 20,
    inactivity_high_days: 40,
    recipients: ["ada@example.com"],
    notify_severity: "medium",
  },
  reports: {
    footer_text: "Confidential",
    logo_url: "https://example.com/logo.png",
    default_recipients: ["board@example.com"],
  },
  branding: {
    organization_name: "Extravis",
    accent_color: "#1d5a86",
    logo: `${hash("sha256", png)}.png`,
    reply_to: "success@example.com",
    footer_text: "Extravis, Riga",
  },
  notifications: {
    email_enabled: false,
    alert_digest: false,
    alert_digest_recipients: ["a@example.com"],
    escalation: false,
    escalation_recipients: ["b@example.com"],
    low_score: false,
    low_score_recipients: ["c@example.com"],
  },
  tickets: {
    critical_first_response_hours: 0.5,
    critical_resolution_hours: 6,
    high_first_response_hours: 2,
    high_resolution_hours: 12,
    medium_first_response_hours: 6,
    medium_resolution_hours: 48,
    low_first_response_hours: 12.25,
    low_resolution_hours: 240,
  },
};

/** Each setting of each section, with another value than its default. */
const EACH = sections.flatMap((section) =>
  Object.entries<unknown>(CHANGES[section]).map(([name, value]) => ({ section, name, value })),
);

describe("a setting", () => {
  test.each(sections)("of %s is among those tried here", (section) => {
    expect(Object.keys(CHANGES[section]).sort()).toEqual(Object.keys(SECTIONS[section].defaults).sort());
  });

  test.each(EACH)("$name of $section changes alone, and null brings its default back", async (one) => {
    const { section, name, value } = one;
    const changed = await put(section, { [name]: value });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({
      ...SECTIONS[section].defaults,
      [name]: value,
      updated_by: "admin 1",
    });
    expect(await read(section)).toEqual(changed.json);
    expect((await put(section, { [name]: null })).json).toMatchObject(SECTIONS[section].defaults);
  });

  test.each<[section: Section, body: object, field: string]>([
    ["alerts", { health_score_threshold: 101 }, "health_score_threshold"],
    ["alerts", { health_score_threshold: 59.5 }, "health_score_threshold"],
    ["alerts", { health_score_threshold: "60" }, "health_score_threshold"],
    ["alerts", { health_drop_points: 0 }, "health_drop_points"],
    ["alerts", { contract_expiry_days: 0 }, "contract_expiry_days"],
    ["alerts", { inactivity_days: 731 }, "inactivity_days"],
    ["alerts", { notify_severity: "urgent" }, "notify_severity"],
    ["alerts", { recipients: ["nobody"] }, "recipients"],
    ["alerts", { recipients: Array.from({ length: 51 }, (_, n) => `a${n}@example.com`) }, "recipients"],
    ["alerts", { health_score_critical_threshold: 61 }, "health_score_critical_threshold"],
    ["alerts", { health_score_threshold: 39 }, "health_score_critical_threshold"],
    ["alerts", { contract_expiry_high_days: 61 }, "contract_expiry_high_days"],
    ["alerts", { contract_expiry_high_days: 6 }, "contract_expiry_critical_days"],
    ["alerts", { license_expiry_critical_days: 15 }, "license_expiry_critical_days"],
    ["reports", { footer_text: "x".repeat(101) }, "footer_text"],
    ["reports", { footer_text: "\u0000" }, "footer_text"],
    ["reports", { logo_url: "http://example.com/logo.png" }, "logo_url"],
    ["reports", { logo_url: "javascript:alert(1)" }, "logo_url"],
    ["reports", { logo_url: "https://ada:secret@example.com/logo.png" }, "logo_url"],
    ["reports", { default_recipients: "ada@example.com" }, "default_recipients"],
    ["branding", { organization_name: "x".repeat(81) }, "organization_name"],
    ["branding", { accent_color: "#fff" }, "accent_color"],
    ["branding", { accent_color: "#c0c0c0" }, "accent_color"],
    ["branding", { logo: "logo.png" }, "logo"],
    ["branding", { reply_to: "nobody" }, "reply_to"],
    ["notifications", { escalation: "yes" }, "escalation"],
    ["notifications", { low_score_recipients: [1] }, "low_score_recipients"],
    ["tickets", { critical_first_response_hours: 0 }, "critical_first_response_hours"],
    ["tickets", { critical_first_response_hours: 0.3 }, "critical_first_response_hours"],
    ["tickets", { low_resolution_hours: 2_160.25 }, "low_resolution_hours"],
    ["tickets", { low_resolution_hours: "120" }, "low_resolution_hours"],
    ["tickets", { critical_resolution_hours: 0.75 }, "critical_first_response_hours"],
    ["tickets", { high_first_response_hours: 9 }, "high_first_response_hours"],
    ["tickets", { medium_resolution_hours: 121 }, "medium_resolution_hours"],
  ])("of %s that can't be is refused: %j", async (section, body, field) => {
    const before = await read(section);
    const { status, json, text } = await put(section, body);
    expect([status, json]).toEqual([422, { detail: expect.any(String), errors: expect.any(Array) }]);
    expect(json).toMatchObject({ errors: [{ loc: expect.arrayContaining(["body", field]) }] });
    expect(text).not.toContain("secret");
    expect(await read(section)).toEqual(before);
  });

  test("of addresses is kept once each, and a blank text is none", async () => {
    const { json } = await put("alerts", { recipients: [" Ada@example.com ", "ada@EXAMPLE.com", "b@c.de"] });
    expect(json).toMatchObject({ recipients: ["Ada@example.com", "b@c.de"] });
    expect((await put("reports", { footer_text: "  ", logo_url: "" })).json).toMatchObject({
      footer_text: null,
      logo_url: null,
    });
  });
});

describe("who changes settings at the same time", () => {
  test("loses nothing, also the first time", async () => {
    const { contract_expiry_critical_days: _, ...changes } = CHANGES.alerts;
    const answers = await Promise.all(
      [
        { inactivity_days: changes.inactivity_days },
        { health_drop_points: changes.health_drop_points },
        { license_expiry_days: changes.license_expiry_days },
      ].map((body) => put("alerts", body)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await read("alerts")).toMatchObject({
      inactivity_days: changes.inactivity_days,
      health_drop_points: changes.health_drop_points,
      license_expiry_days: changes.license_expiry_days,
    });
  });

  test("on an outdated version is told so", async () => {
    const { headers } = await put("alerts", { inactivity_days: 40 });
    const version = headers.get("etag") ?? "";
    expect(version).toMatch(/^"\d+"$/);
    expect((await put("alerts", { inactivity_days: 41 }, { "if-match": version })).status).toBe(200);
    expect((await put("alerts", { inactivity_days: 42 }, { "if-match": version })).status).toBe(412);
    expect(await read("alerts")).toMatchObject({ inactivity_days: 41 });
  });

  test("may send the whole section back", async () => {
    const before = await read("reports");
    expect((await put("reports", before)).json).toMatchObject(SECTIONS.reports.defaults);
  });
});

test("what is stored of a section and can't be any more is as its default", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.keys(CHANGES.alerts)), fc.anything()), (stored) => {
      const read = SECTIONS.alerts.read(stored);
      expect(Object.keys(read)).toEqual(Object.keys(SECTIONS.alerts.defaults));
      expect(SECTIONS.alerts.read({ ...read })).toEqual(read);
    }),
  );
  expect(SECTIONS.alerts.read({ inactivity_days: "many", health_drop_points: 20 })).toEqual({
    ...SECTIONS.alerts.defaults,
    health_drop_points: 20,
  });
});

describe("the settings of reports", () => {
  const schedule = (body: object) =>
    sender(cloud.apiUrl)("POST", "/api/v1/reports/scheduled", {
      token: cloud.manager.token,
      headers: JSON_BODY,
      body: JSON.stringify({ ...NEW_SCHEDULE, ...body }),
    });

  test.each([
    ["is silent about them", {}],
    ["has none", { recipients: [] }],
    ["says null", { recipients: null }],
  ])("name who gets the reports of a schedule that %s", async (_, body) => {
    const refused = await schedule(body);
    expect([refused.status, refused.json]).toMatchObject([
      422,
      { errors: [{ loc: ["body", "recipients"] }] },
    ]);
    await put("reports", { default_recipients: ["board@example.com", "cfo@example.com"] });
    expect((await schedule(body)).json).toMatchObject({
      recipients: ["board@example.com", "cfo@example.com"],
    });
    expect((await schedule({ recipients: ["ada@example.com"] })).json).toMatchObject({
      recipients: ["ada@example.com"],
    });
  });

  test("are printed on the next report, and stand in its mail", async () => {
    const footer_text = `Extravis · streng vertraulich ${randomUUID()}`;
    await put("reports", { footer_text, logo_url: "https://example.com/logo.png" });
    const recipient = `board-${randomUUID()}@example.com`;
    await putSchedule({ recipients: [recipient] });
    await cloud.manager.api.reports.runScheduled({});
    const [letter] = await lettersTo(cloud.inboxUrl, recipient);
    expect(letter?.body.text).toContain(footer_text);
    expect(letter?.body.html).toContain('src="https://example.com/logo.png"');
    const body = { report_type: "health_summary" } as const;
    const { id } = (await cloud.manager.api.reports.generate({ body })).body();
    const file = await cloud.manager.api.reports.download({ params: { id } }, { accept: "application/json" });
    const pdf = await readPdf(new Uint8Array(await (await fetch(file.body().url)).arrayBuffer()));
    for (const { text } of pdf.pages) expect(text).toContain(footer_text);
  });
});
