import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SurveyLink } from "@success-manager/contract/surveys";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionNames } from "../../infra/permissions.ts";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { surveyLink } from "../support/survey-link.ts";

const folder = fileURLToPath(new URL("../../events", import.meta.url));

/** Which function each sample is for; `npm run invoke -- <function> events/<file>.json`. */
const samples: Readonly<Record<string, string>> = {
  "log-in": "api/auth",
  "list-sessions": "api/account",
  "list-users": "api/users",
  "list-api-keys": "api/api-keys",
  "changes-of-users": "api/audit",
  "export-person": "api/personal-data",
  "list-customers": "api/customers",
  "expiring-licenses": "api/deployments",
  "score-distribution": "api/health-scores",
  "portfolio-figures": "api/dashboard",
  "list-jobs": "api/scheduler",
  "alert-settings": "api/settings",
  "negative-contacts": "api/interactions",
  "open-alerts": "api/alerts",
  "urgent-tickets": "api/tickets",
  "outcomes-of-a-kind": "api/outcomes",
  "score-definitions": "api/score-definitions",
  "survey-answers": "api/csat",
  "opened-requests": "api/survey-requests",
  "survey-view": "api/portal",
  "failed-reports": "api/reports",
  "health-check": "pages/docs",
  "survey-style": "pages/survey",
  "report-style": "pages/report",
  "password-style": "pages/password",
  "daily-health": "jobs/health",
  "contract-expiry": "jobs/contract-expiry",
  "license-expiry": "jobs/license-expiry",
  inactivity: "jobs/inactivity",
  renewals: "jobs/renewals",
  "survey-reminders": "jobs/survey-reminders",
  "scheduled-reports": "jobs/scheduled-reports",
  "directory-snapshot": "jobs/directory-snapshot",
  "counters-rebuild": "jobs/counters-rebuild",
  "system-watch": "jobs/system-watch",
  "personal-data": "jobs/personal-data",
  "score-backtests": "jobs/score-backtests",
  migrations: "jobs/migrations",
  "mail-bounced": "events/mail",
  "key-rotation": "keys/rotation",
  "alert-opened": "streams/notifications",
  "customer-left": "streams/notifications",
  "contact-logged": "streams/rollups",
};

let cloud: TestCloud;
let link: SurveyLink;
beforeAll(async () => {
  cloud = await testCloud();
  link = await surveyLink(cloud);
});
afterAll(() => cloud?.stop());

/** The sample as `npm run invoke` sends it, with what the README tells to fill in. */
function sample(name: string): unknown {
  const written = readFileSync(`${folder}/${name}.json`, "utf8")
    .replace("<token>", cloud.admin.token)
    .replaceAll("<survey token>", link.token)
    .replace("<aws.scheduler.scheduled-time>", "2026-06-01T00:00:00Z")
    .replace("admin%40extravis.com", encodeURIComponent(cloud.admin.email))
    .replace("Admin%40123", encodeURIComponent(PASSWORD));
  return JSON.parse(written);
}

/** What a function answers when it has handled its event. */
function success(fn: string): object {
  if (fn.startsWith("jobs/")) return { result: "completed" };
  if (fn.startsWith("events/")) return { handled: 1 };
  if (fn.startsWith("keys/")) return { step: "setSecret" };
  // It is done in the background.
  if (fn === "api/personal-data") return { statusCode: 202 };
  return fn.startsWith("streams/") ? { batchItemFailures: [] } : { statusCode: 200 };
}

describe("the sample events", () => {
  it("are one at least for every function", () => {
    expect(new Set(Object.values(samples))).toEqual(new Set(functionNames));
    const files = readdirSync(folder).map((file) => file.replace(".json", ""));
    expect(files.sort()).toEqual(Object.keys(samples).sort());
  });

  it.each(Object.entries(samples))("%s is one that %s handles", async (name, fn) => {
    const { payload, functionError } = await cloud.invoke(
      `success-manager-local-${fn.replace("/", "-")}`,
      sample(name),
    );
    expect(functionError).toBeUndefined();
    expect(payload).toMatchObject(success(fn));
  });
});
