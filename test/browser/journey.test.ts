import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sharedBrowser } from "../support/browser.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";

let cloud: TestCloud;
let browser: Browser;
beforeAll(async () => {
  [cloud, browser] = await Promise.all([testCloud(), sharedBrowser()]);
});
afterAll(async () => {
  await cloud?.stop();
});

it("a customer is asked by mail, answers on a phone, and the low score is seen everywhere", async () => {
  const { api } = cloud.manager;
  const customer = (await api.customers.create({ body: { company_name: "Nordlicht" } })).body();
  const params = { id: customer.id };
  const scored = { params: { customer_id: customer.id }, body: {} };
  const before = (await api.healthScores.calculate(scored)).body();

  const send_to = "ada@example.com";
  await api.csat.createLink({ body: { customer_id: customer.id, survey_type: "nps", send_to } });
  const [letter] = await lettersTo(cloud.inboxUrl, send_to);
  const [address = ""] = /http:\/\/\S+\/survey\/[\w-]+/.exec(letter?.body.text ?? "") ?? [];

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await phone.newPage();
  await page.goto(`${address}?score=2`);
  expect(await page.getByRole("radio", { name: /^2\b/ }).isChecked()).toBe(true);
  await page.getByLabel("(optional)").fill("The export fails, and nobody calls back.");
  expect(await page.getByText(`You answer as ${send_to}.`).isVisible()).toBe(true);
  await page.getByRole("button", { name: "Send answer" }).tap();
  await page.getByRole("heading", { name: "Thank you!" }).waitFor();
  await phone.close();
  await cloud.settled();

  const { alerts } = (await api.alerts.byCustomer({ params, query: { alert_type: "low_csat" } })).body();
  expect(alerts).toMatchObject([{ severity: "high", customer_name: "Nordlicht", is_resolved: false }]);
  expect(alerts[0]?.description).toContain("The export fails");

  expect((await api.csat.analytics({})).body()).toMatchObject({
    total_responses: 1,
    nps_score: -100,
    detractors_count: 1,
    response_rate: 100,
  });

  const { items } = (await api.customers.timeline({ params })).body();
  expect(items.map(({ type }) => type)).toContain("csat_survey");
  expect(items.map(({ title }) => title)).toContain(alerts[0]?.title);

  const after = (await api.healthScores.calculate(scored)).body();
  expect(after.support_score).toBeLessThan(before.support_score);
  expect(after.factors.support.details).toMatchObject({ survey_count: 1, mean_satisfaction: 20 });
});
