import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accessibilityViolations, fitsScreenWidth } from "../support/accessibility.ts";
import { sharedBrowser } from "../support/browser.ts";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { type Letter, lettersTo } from "../support/inbox.ts";

/** Every kind of mail that people get, as the inbox has it, on a phone and a desktop, in light and dark. */

let cloud: TestCloud;
let browser: Browser;

beforeAll(async () => {
  [cloud, browser] = await Promise.all([testCloud(), sharedBrowser()]);
  const branding = { organization_name: "Norvane GmbH", accent_color: "#b3261e", footer_text: "Berlin" };
  await cloud.admin.api.settings.updateBranding({ body: branding });
});
afterAll(() => cloud?.stop());

/** Who is written to, and what leads to the mail. */
const KINDS: readonly (readonly [string, (address: string) => Promise<unknown>])[] = [
  [
    "invitation",
    (email) =>
      cloud.admin.api.users.invite({ body: { email, full_name: "Ada نور Lovelace", role: "viewer" } }),
  ],
  [
    "new password",
    async (email) => {
      await cloud.person("viewer", email);
      await cloud.stranger.auth.forgotPassword({ body: { email } });
    },
  ],
  [
    "notice about an account",
    async (email) => {
      const { api } = await cloud.person("viewer", email);
      await api.auth.changePassword({
        body: { current_password: PASSWORD, new_password: "Another-Quiet-Harbour-7" },
      });
    },
  ],
  [
    "alert",
    async (email) => {
      await cloud.admin.api.settings.updateAlerts({ body: { recipients: [email] } });
      const body = { company_name: "شركة النور 2026 (Acme)" };
      const customer_id = (await cloud.manager.api.customers.create({ body })).body().id;
      const escalation = { interaction_type: "escalation", sentiment: "negative" } as const;
      await cloud.viewer.api.interactions.create({
        body: { customer_id, ...escalation, subject: "The CTO called", description: "Nothing works." },
      });
    },
  ],
  [
    "survey",
    async (send_to) => {
      const body = { company_name: "Velmora" };
      const customer_id = (await cloud.manager.api.customers.create({ body })).body().id;
      await cloud.manager.api.csat.createLink({
        body: { customer_id, survey_type: "nps", send_to, language: "fr" },
      });
    },
  ],
  [
    "report",
    async (recipient) => {
      await cloud.admin.api.reports.createSchedule({
        body: {
          ...{ report_name: "Board", report_type: "executive_summary", frequency: "weekly" },
          ...{ recipients: [recipient], attach_csv: true, language: "de" },
          next_scheduled_at: new Date(Date.now() - 60_000).toISOString(),
        },
      });
      await cloud.admin.api.reports.runScheduled({});
    },
  ],
];

async function show({ body: { html = "" } }: Letter, width: number, colorScheme: "light" | "dark") {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  await page.setContent(html);
  // A mail has no landmarks: its reader's program is the page around it.
  const faults = (await accessibilityViolations(page)).filter(
    (fault) => !/^(landmark-one-main|region) /.test(fault),
  );
  const fits = await fitsScreenWidth(page);
  await page.close();
  return { faults, fits };
}

it.each(KINDS)("the mail of kind %s is accessible and fits, in light and dark", async (kind, cause) => {
  const address = `${kind.replaceAll(" ", "-")}@example.com`;
  await cause(address);
  await cloud.settled();
  await expect.poll(() => lettersTo(cloud.inboxUrl, address), { timeout: 20_000 }).not.toEqual([]);
  for (const letter of await lettersTo(cloud.inboxUrl, address)) {
    expect(letter.body.html).toContain("Norvane GmbH");
    for (const width of [360, 1280])
      for (const scheme of ["light", "dark"] as const)
        expect([width, scheme, await show(letter, width, scheme)]).toEqual([
          width,
          scheme,
          { faults: [], fits: true },
        ]);
  }
});
