import { readFileSync } from "node:fs";
import type { Group } from "@success-manager/contract/dsl/group";
import { reportPage } from "@success-manager/contract/report-page";
import { surveyPage } from "@success-manager/contract/survey-page";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionName, type Permission, permissions } from "../../infra/permissions.ts";
import { groups, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { linksOf, putReport } from "../support/report.ts";

let cloud: TestCloud;
let customer: string;
let deployment: string;
let names = 0;

beforeAll(async () => {
  // The function of the job that is started here asks the database nothing: what it asks is no part of the call.
  cloud = await testCloud({ environment: { INACTIVITY_JOB_FUNCTION: "success-manager-dev-pages-docs" } });
  const { api, id: account_manager_id } = cloud.manager;
  const body = { company_name: "Nordlicht", account_manager_id };
  customer = (await api.customers.create({ body })).body().id;
  deployment = (await newDeployment()).body().id;
  const labelled = { product_deployment_id: deployment };
  await api.healthScores.calculate({ params: { customer_id: customer }, body: labelled });
  // Loads what is known of alerts.
  await api.healthScores.calculateAll({});
  // And where reports are made.
  await api.reports.generate({ body: { report_type: "executive_summary" } });
});
afterAll(() => cloud?.stop());

const newName = () => `Company ${++names}`;
const newDeployment = () =>
  cloud.manager.api.deployments.create({
    body: {
      customer_id: customer,
      product_name: "MonetX",
      deployment_date: "2026-01-01",
      version: "1",
      environment: "cloud",
      license_type: "Enterprise",
      license_expiry: "2030-01-01",
    },
  });

const logged = (api: Person["api"], customer_id: string) =>
  api.interactions.create({
    body: {
      customer_id,
      interaction_type: "call",
      subject: "Call",
      description: "Talked about the roadmap.",
    },
  });

const raised = (api: Person["api"], customer_id: string) =>
  api.alerts.create({
    body: { customer_id, alert_type: "escalation", title: "They are leaving", description: "So they say." },
  });

const answered = (score: string) => ({
  score,
  submitted_by_name: "Ada",
  submitted_by_email: "ada@example.com",
  feedback_text: "Quick help.",
});

const ANSWER = { score: 1, submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
const recorded = (api: Person["api"], customer_id: string, product_deployment_id: string) =>
  api.csat.create({
    body: { ...ANSWER, customer_id, product_deployment_id, survey_type: "quarterly", feedback_text: "Slow" },
  });

const RECIPIENT = "ada@example.com";
const scheduled = (api: Person["api"], filters?: { readonly customer_id: string }) =>
  api.reports.createSchedule({
    body: {
      report_name: "Weekly health",
      report_type: "health_summary",
      frequency: "weekly",
      recipients: [RECIPIENT],
      ...(filters && { filters }),
    },
  });

type Call = (who: {
  readonly api: Person["api"];
  /** Somebody who was created for this call alone. */
  readonly other: Person;
  readonly customer: string;
  readonly deployment: string;
  /** An open alert of the customer. */
  readonly alert: string;
  /** The customer's newest contact. */
  readonly interaction: string;
  /** An answer of the customer. */
  readonly survey: string;
  /** A survey link that nobody has used. */
  readonly link: string;
  /** Of a survey link that nobody has used. */
  readonly token: string;
  /** A schedule of reports, which is not due. */
  readonly schedule: string;
  /** A report that came of it, and was mailed. */
  readonly report: string;
  /** What the links in that mail end in: to leave the schedule, and to the file. */
  readonly mailed: { readonly leave: string; readonly file: string };
}) => Promise<{ readonly status: number }>;

/** One call of each endpoint, as the table of the domain's README names it. */
const CALLS: Readonly<Record<string, Call>> = {
  "POST /auth/login": ({ api, other }) =>
    api.auth.login({ form: { username: other.email, password: PASSWORD } }),
  "POST /auth/refresh": ({ api, other }) =>
    api.auth.refresh({ body: { refresh_token: other.refresh_token } }),
  "POST /auth/logout": ({ other }) => other.api.auth.logout({ body: {} }),
  "GET /auth/me": ({ api }) => api.auth.me({}),
  "PUT /auth/me": ({ other }) => other.api.auth.updateMe({ body: { full_name: "New" } }),
  "PUT /auth/me with a new e-mail": ({ other }) =>
    other.api.auth.updateMe({ body: { email: `new-${other.email}` } }),
  "PUT /auth/me/password": ({ other }) =>
    other.api.auth.changePassword({ body: { current_password: PASSWORD, new_password: "Another-Horse-2" } }),

  "GET /users": ({ api }) => api.users.list({}),
  "POST /users": ({ api }) =>
    api.users.create({
      body: { email: `${++names}@example.com`, full_name: "A", role: "viewer", password: PASSWORD },
    }),
  "GET /users/{user_id}": ({ api, other }) => api.users.get({ params: { user_id: other.id } }),
  "PUT /users/{user_id}": ({ api, other }) =>
    api.users.update({ params: { user_id: other.id }, body: { full_name: "New" } }),
  "DELETE /users/{user_id}": ({ api, other }) => api.users.remove({ params: { user_id: other.id } }),
  "PUT /users/{user_id}/activate": ({ api, other }) =>
    api.users.activate({ params: { user_id: other.id }, body: { is_active: false } }),

  "GET /customers": ({ api }) => api.customers.list({}),
  "POST /customers": ({ api }) => api.customers.create({ body: { company_name: newName() } }),
  "POST /customers with an account manager": ({ api, other }) =>
    api.customers.create({ body: { company_name: newName(), account_manager_id: other.id } }),
  "GET /customers/industries": ({ api }) => api.customers.industries({}),
  "GET /customers/account-managers": ({ api }) => api.customers.accountManagers({}),
  "GET /customers/search": ({ api }) => api.customers.search({ query: { q: "nord" } }),
  "GET /customers/at-risk": ({ api }) => api.customers.atRisk({}),
  "GET /customers/expiring-soon": ({ api }) => api.customers.expiringSoon({}),
  "GET /customers/{id}": ({ api, customer: id }) => api.customers.get({ params: { id } }),
  "PUT /customers/{id}": async ({ api, other, customer: id }) =>
    api.customers.update({ params: { id }, body: { account_manager_id: other.id } }),
  "PUT /customers/{id} that has an account manager": ({ api, customer: id }) =>
    api.customers.update({ params: { id }, body: { notes: "n" } }),
  "PUT /customers/{id} with a new name": ({ api, other, customer: id }) =>
    api.customers.update({ params: { id }, body: { company_name: newName(), account_manager_id: other.id } }),
  "PUT /customers/{id} with another contract end": ({ api, customer: id }) =>
    api.customers.update({ params: { id }, body: { contract_end_date: "2031-01-01" } }),
  "DELETE /customers/{id}": ({ api, customer: id }) => api.customers.remove({ params: { id } }),
  "GET /customers/{id}/timeline": ({ api, customer: id }) => api.customers.timeline({ params: { id } }),
  "GET /customers/{id}/timeline from a cursor": ({ api, customer: id }) => {
    const cursor = Buffer.from(JSON.stringify(["2099-01-01T00:00:00Z", "x"])).toString("base64url");
    return api.customers.timeline({ params: { id }, query: { cursor } });
  },
  "GET /customers/{id}/health-history": ({ api, customer: id }) =>
    api.customers.healthHistory({ params: { id } }),

  "GET /deployments": ({ api }) => api.deployments.list({}),
  "POST /deployments": () => newDeployment(),
  "GET /deployments/stats": ({ api }) => api.deployments.stats({}),
  "GET /deployments/expiring": ({ api }) => api.deployments.expiring({}),
  "GET /deployments/by-product/{name}": ({ api }) =>
    api.deployments.byProduct({ params: { name: "MonetX" } }),
  "GET /deployments/{id}": ({ api, deployment: id }) => api.deployments.get({ params: { id } }),
  "PUT /deployments/{id}": ({ api, deployment: id }) =>
    api.deployments.update({ params: { id }, body: { is_active: true } }),
  "PUT /deployments/{id} with another license end": ({ api, deployment: id }) =>
    api.deployments.update({ params: { id }, body: { license_expiry: "2031-01-01" } }),
  "DELETE /deployments/{id}": ({ api, deployment: id }) => api.deployments.remove({ params: { id } }),

  "POST /health-scores/calculate/{customer_id}": ({ api, customer: customer_id }) =>
    api.healthScores.calculate({ params: { customer_id }, body: {} }),
  "POST /health-scores/calculate-all": ({ api }) => api.healthScores.calculateAll({}),
  "GET /health-scores/customer/{id}": ({ api, customer: id }) => api.healthScores.latest({ params: { id } }),
  "GET /health-scores/customer/{id}/history": ({ api, customer: id }) =>
    api.healthScores.history({ params: { id } }),
  "GET /health-scores/trends": ({ api }) => api.healthScores.trends({}),
  "GET /health-scores/at-risk": ({ api }) => api.healthScores.atRisk({}),
  "GET /health-scores/distribution": ({ api }) => api.healthScores.distribution({}),

  "GET /dashboard/stats": ({ api }) => api.dashboard.stats({}),
  "GET /dashboard/health-distribution": ({ api }) => api.dashboard.healthDistribution({}),
  "GET /dashboard/health-trends": ({ api }) => api.dashboard.healthTrends({}),
  "GET /dashboard/csat-trends": ({ api }) => api.dashboard.csatTrends({}),
  "GET /dashboard/customer-segments": ({ api }) => api.dashboard.customerSegments({}),
  "GET /dashboard/upcoming-renewals": ({ api }) => api.dashboard.upcomingRenewals({}),
  "GET /dashboard/recent-activity": ({ api }) => api.dashboard.recentActivity({}),
  "GET /dashboard/product-performance": ({ api }) => api.dashboard.productPerformance({}),
  "GET /dashboard/account-manager-performance": ({ api }) => api.dashboard.accountManagerPerformance({}),
  "GET /dashboard/overview": ({ api }) => api.dashboard.overview({}),
  "GET /dashboard/top-performers": ({ api }) => api.dashboard.topPerformers({}),
  "GET /dashboard/needs-attention": ({ api }) => api.dashboard.needsAttention({}),

  "GET /csat": ({ api }) => api.csat.list({}),
  "GET /csat with days": ({ api }) =>
    api.csat.list({ query: { start_date: "2026-01-01", survey_type: "quarterly" } }),
  "GET /csat with a customer": ({ api, customer: customer_id }) => api.csat.list({ query: { customer_id } }),
  "GET /csat with a text": ({ api }) => api.csat.list({ query: { search: "roadmap" } }),
  "GET /csat with a deployment": ({ api, deployment: product_deployment_id }) =>
    api.csat.list({ query: { product_deployment_id, sort_by: "score" } }),
  "POST /csat": ({ api, customer, deployment }) => recorded(api, customer, deployment),
  "GET /csat/analytics": ({ api }) => api.csat.analytics({}),
  "POST /csat/survey-link": ({ api, customer: customer_id }) =>
    api.csat.createLink({ body: { customer_id, survey_type: "nps", send_to: "ada@example.com" } }),
  "DELETE /csat/survey-link/{id}": ({ api, link: id }) => api.csat.revokeLink({ params: { id } }),
  "GET /csat/public/info/{token}": ({ api, token }) => api.csat.publicInfo({ params: { token } }),
  "POST /csat/public/submit/{token}": ({ api, token }) =>
    api.csat.publicSubmit({ params: { token }, body: ANSWER }),
  "GET /csat/customer/{customer_id}/summary": ({ api, customer: customer_id }) =>
    api.csat.summary({ params: { customer_id } }),
  "GET /csat/{survey_id}": ({ api, survey: survey_id }) => api.csat.get({ params: { survey_id } }),

  "GET /alerts": ({ api }) => api.alerts.list({}),
  "GET /alerts with days": ({ api }) => api.alerts.list({ query: { date_from: "2026-01-01" } }),
  "GET /alerts with a text": ({ api }) => api.alerts.list({ query: { search: "leaving" } }),
  "GET /alerts with a customer": ({ api, customer: customer_id }) =>
    api.alerts.list({ query: { customer_id } }),
  "GET /alerts that are open": ({ api }) =>
    api.alerts.list({ query: { is_resolved: false, sort_by: "customer_name" } }),
  "POST /alerts": ({ api, customer }) => raised(api, customer),
  "GET /alerts/dashboard": ({ api }) => api.alerts.dashboard({}),
  "GET /alerts/stats": ({ api }) => api.alerts.stats({}),
  "POST /alerts/bulk-resolve": ({ api, alert }) => api.alerts.bulkResolve({ body: { alert_ids: [alert] } }),
  "POST /alerts/run-checks": ({ api }) => api.alerts.runChecks({}),
  "GET /alerts/customer/{id}": ({ api, customer: id }) => api.alerts.byCustomer({ params: { id } }),
  "GET /alerts/customer/{id} with resolved ones": ({ api, customer: id }) =>
    api.alerts.byCustomer({ params: { id }, query: { include_resolved: true } }),
  "GET /alerts/{id}": ({ api, alert: id }) => api.alerts.get({ params: { id } }),
  "PUT /alerts/{id}": ({ api, alert: id }) =>
    api.alerts.update({ params: { id }, body: { severity: "low" } }),
  "PUT /alerts/{id}/resolve": ({ api, alert: id }) => api.alerts.resolve({ params: { id }, body: null }),
  "PUT /alerts/{id}/snooze": ({ api, alert: id }) =>
    api.alerts.snooze({ params: { id }, body: { snooze_days: 1 } }),

  "GET /scheduler/jobs": ({ api }) => api.scheduler.list({}),
  "POST /scheduler/jobs/{job}/run": ({ api }) => api.scheduler.run({ params: { job: "inactivity_check" } }),

  "GET /interactions": ({ api }) => api.interactions.list({}),
  "GET /interactions with dates": ({ api }) =>
    api.interactions.list({ query: { start_date: "2026-01-01", sentiment: "neutral" } }),
  "GET /interactions with a text": ({ api }) => api.interactions.list({ query: { search: "roadmap" } }),
  "GET /interactions with a customer": ({ api, customer: customer_id }) =>
    api.interactions.list({ query: { customer_id } }),
  "POST /interactions": ({ api, customer: customer_id }) => logged(api, customer_id),
  "GET /interactions/summary": ({ api }) => api.interactions.summary({}),
  "GET /interactions/pending-followups": ({ api }) => api.interactions.pendingFollowups({}),
  "GET /interactions/customer/{id}": ({ api, customer: id }) =>
    api.interactions.ofCustomer({ params: { id } }),
  "GET /interactions/{id}": ({ api, interaction: id }) => api.interactions.get({ params: { id } }),
  "PUT /interactions/{id}": ({ api, interaction: id }) =>
    api.interactions.update({ params: { id }, body: { follow_up_required: false } }),
  "PUT /interactions/{id} with a new date": ({ api, interaction: id }) =>
    api.interactions.update({ params: { id }, body: { interaction_date: "2026-01-01T08:00:00Z" } }),
  "DELETE /interactions/{id}": ({ api, interaction: id }) => api.interactions.remove({ params: { id } }),

  "GET /reports/scheduled": ({ api }) => api.reports.listSchedules({ query: { is_active: true } }),
  "GET /reports/scheduled with another order": ({ api }) =>
    api.reports.listSchedules({ query: { sort_by: "report_name" } }),
  "POST /reports/scheduled": ({ api }) => scheduled(api),
  "POST /reports/scheduled with a customer": ({ api, customer: customer_id }) =>
    scheduled(api, { customer_id }),
  "GET /reports/scheduled/{id}": ({ api, schedule: id }) => api.reports.getSchedule({ params: { id } }),
  "PUT /reports/scheduled/{id}": ({ api, schedule: id }) =>
    api.reports.updateSchedule({ params: { id }, body: { frequency: "daily" } }),
  "PUT /reports/scheduled/{id} with another customer": ({ api, schedule: id, customer: customer_id }) =>
    api.reports.updateSchedule({ params: { id }, body: { filters: { customer_id } } }),
  "DELETE /reports/scheduled/{id}": ({ api, schedule: id }) => api.reports.removeSchedule({ params: { id } }),
  "PUT /reports/scheduled/{id}/toggle": ({ api, schedule: id }) =>
    api.reports.toggleSchedule({ params: { id } }),
  "POST /reports/generate": ({ api }) => api.reports.generate({ body: { report_type: "executive_summary" } }),
  "POST /reports/generate with health": ({ api }) =>
    api.reports.generate({ body: { report_type: "health_summary" } }),
  "POST /reports/generate with answers": ({ api }) =>
    api.reports.generate({ body: { report_type: "csat_analysis" } }),
  "POST /reports/generate with customers": ({ api }) =>
    api.reports.generate({ body: { report_type: "customer_overview" } }),
  "POST /reports/generate with a customer": ({ api, customer: customer_id }) =>
    api.reports.generate({ body: { report_type: "customer_overview", customer_id } }),
  "GET /reports/history": ({ api }) => api.reports.listHistory({ query: { status: "completed" } }),
  "GET /reports/history with days": ({ api }) =>
    api.reports.listHistory({ query: { date_from: "2026-01-01" } }),
  "GET /reports/history with a schedule": ({ api, schedule: scheduled_report_id }) =>
    api.reports.listHistory({ query: { scheduled_report_id } }),
  "GET /reports/history/{id}": ({ api, report: id }) => api.reports.getHistory({ params: { id } }),
  "GET /reports/history/{id}/download": ({ api, report: id }) => api.reports.download({ params: { id } }),
  "GET /reports/dashboard": ({ api }) => api.reports.dashboard({}),
  "POST /reports/run-scheduled": ({ api }) => api.reports.runScheduled({}),

  "GET /survey/{token}": ({ api, token }) => api.survey.open({ params: { token } }),
  "POST /survey/{token}": ({ api, token }) => api.survey.submit({ params: { token }, form: answered("9") }),
  "POST /survey/{token} with a low score": ({ api, token }) =>
    api.survey.submit({ params: { token }, form: answered("1") }),
  "GET /survey/assets/{file}": ({ api }) => api.survey.asset({ params: { file: "survey.css" } }),

  "GET /report/{token}/leave": ({ api, mailed: { leave: token } }) => api.report.ask({ params: { token } }),
  "POST /report/{token}/leave": ({ api, mailed: { leave: token } }) =>
    api.report.leave({ params: { token } }),
  "GET /report/{token}/file": ({ api, mailed: { file: token } }) => api.report.file({ params: { token } }),
  "GET /report/assets/{file}": ({ api }) => api.report.asset({ params: { file: "site.css" } }),
};

const readme = readFileSync(new URL("../../packages/domain/README.md", import.meta.url), "utf8");

/** Rows of the README's table of access patterns: the call, and how it describes the requests. */
const documented = new Map(
  [...readme.matchAll(/^\| `((?:GET|POST|PUT|DELETE) [^`]+)`([^|]*)\|([^|]*)\|/gm)].map(
    ([, endpoint = "", condition = "", requests = ""]) => [endpoint + condition.trimEnd(), requests],
  ),
);

/** What a row says, spelled out for so many customers and sorted: "`A`, `B`; per 33 customers `C`". */
const spelledOut = (row: string, customersThere: number) =>
  row
    .split(";")
    .flatMap((clause) => {
      const requests = [...clause.matchAll(/`([^`]+)`/g)].map(([, request = ""]) => request);
      const [, per, size = "1"] = /(per) (?:(\d+) )?customers?/.exec(clause) ?? [];
      const times = per ? Math.ceil(customersThere / Number(size)) : 1;
      return Array.from({ length: times }, () => requests).flat();
    })
    .sort();

const endpointsOf = ({ prefix, endpoints }: Group) =>
  Object.values(endpoints).map(
    ({ method, path }) => `${method} ${prefix.replace("/api/v1", "")}${path === "/" ? "" : path}`,
  );

const AUTHENTICATION = "BatchGetItem";

/** Groups whose answers are pages. */
const PAGES = new Set<string>([surveyPage.name, reportPage.name]);

/** What the role of the function that serves an endpoint allows, in the recorder's words. */
function allowedFor(name: string): ReadonlySet<string> {
  const [, group = ""] = /^\w+ \/([\w-]+)/.exec(name) ?? [];
  const kind = PAGES.has(group) ? "pages" : "api";
  const { items = [], queries = [] }: Permission = permissions[functionName(`${kind}/${group}`)];
  return new Set([...items, ...queries.map((index) => `Query ${index}`)]);
}

/** What a call finds, so that each does what it is for, and functions that are warm and know of it. */
async function prepared(): Promise<Parameters<Call>[0]> {
  const { api } = cloud.admin;
  const other = await cloud.person("manager");
  const params = { id: customer };
  await api.customers.update({ params, body: { account_manager_id: cloud.manager.id, status: "active" } });
  // Every function has one instance that is warm, and its directory is loaded.
  await Promise.all([api.customers.list({}), api.deployments.list({}), api.healthScores.trends({})]);
  await api.dashboard.stats({});
  await Promise.all([api.alerts.dashboard({}), api.interactions.list({}), api.csat.list({})]);
  const { id: interaction } = (await logged(api, customer)).body();
  const { id: alert } = (await raised(api, customer)).body();
  const invited = { customer_id: customer, survey_type: "nps" } as const;
  const { id: link, token } = (await api.csat.createLink({ body: invited })).body();
  const { id: survey } = (await recorded(api, customer, deployment)).body();
  const { id: schedule } = (await scheduled(api)).body();
  const report = await putReport({ scheduled_report_id: schedule });
  const mailed = await linksOf(schedule, report, RECIPIENT);
  const rows = { customer, deployment, interaction, alert, survey, schedule, report };
  return { api, other, ...rows, link, token, mailed };
}

/** The requests of a call in a warm container, without those that authenticate. */
async function requestsOf(name: string, call: Call, who: Parameters<Call>[0]): Promise<readonly string[]> {
  cloud.database.take();
  const { status } = await call(who);
  expect(status).toBeLessThan(400);
  const asked = cloud.database.take();
  // Nobody refuses a request locally: what a role lacks would show in AWS only.
  const allowed = allowedFor(name);
  expect(asked.flatMap((request) => request.permissions).filter((used) => !allowed.has(used))).toEqual([]);
  const requests = asked.map(({ operation, index }) => (index ? `${operation} ${index}` : operation));
  const isPublic = /^(POST \/auth\/(login|refresh)|\w+ \/(survey|report|csat\/public)\/)/.test(name);
  if (!isPublic) requests.splice(requests.indexOf(AUTHENTICATION), 1);
  return requests.sort();
}

describe("the table of access patterns", () => {
  it("has a row for every endpoint, and none for anything else", () => {
    // The docs ask the database nothing: their function may not.
    const endpoints = groups.filter(({ name }) => name !== "docs").flatMap(endpointsOf);
    const known = new Set(Object.keys(CALLS).map((name) => name.replace(/ (with|that|from) .*/, "")));
    expect([...known].sort()).toEqual(endpoints.sort());
    expect([...documented.keys()].sort()).toEqual(Object.keys(CALLS).sort());
  });

  const isReading = ([name]: [string, Call]) => name.startsWith("GET ");
  const expectDocumented = async (name: string, call: Call, who: Parameters<Call>[0]) => {
    const { total } = (await cloud.admin.api.customers.list({})).body();
    expect(await requestsOf(name, call, who)).toEqual(spelledOut(documented.get(name) ?? "", total));
  };

  describe("of calls that read", () => {
    let who: Parameters<Call>[0];
    beforeAll(async () => {
      who = await prepared();
    });
    it.each(Object.entries(CALLS).filter(isReading))("says what %s asks of the database", (name, call) =>
      expectDocumented(name, call, who),
    );
  });

  const isWriting = (entry: [string, Call]) => !isReading(entry);
  it.each(Object.entries(CALLS).filter(isWriting))("says what %s asks of the database", async (name, call) =>
    expectDocumented(name, call, await prepared()),
  );
});
