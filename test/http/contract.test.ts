import { randomUUID } from "node:crypto";
import { success } from "@success-manager/contract";
import { type Endpoint, isRaw, isRedirect } from "@success-manager/contract/dsl/endpoint";
import { ErrorBody } from "@success-manager/contract/error-body";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type Api, groups, PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { linksOf, putReport } from "../support/report.ts";
import { strictSchema } from "../support/strict-schema.ts";

/** What the walk finds in the cloud: rows with all that an answer can hold. */
interface World {
  readonly alert: string;
  readonly customer: string;
  readonly deployment: string;
  readonly interaction: string;
  /** A report that was generated and mailed. */
  readonly report: string;
  /** A schedule of reports. */
  readonly schedule: string;
  /** What the links of a recipient's mail end in. */
  readonly mailed: { readonly leave: string; readonly file: string };
  readonly survey: string;
  /** A survey link that nobody has used. */
  readonly link: { readonly id: string; readonly token: string };
  readonly user: string;
}

type Answered = { readonly status: number; readonly headers: Headers; readonly raw: unknown };
type Step = (api: Api, world: World) => Promise<Answered>;

/** One valid call per endpoint of the contract; a new endpoint without one does not compile. */
type Walk = { readonly [G in keyof Api]: { readonly [E in keyof Api[G]]: Step } };

const NEW_CUSTOMER = {
  industry: "Telecommunications",
  contact_name: "Ada",
  contact_email: "ada@example.com",
  contact_phone: "+49 30 1",
  contract_start_date: "2026-01-01",
  contract_end_date: "2031-12-31",
  contract_value: "1250000.50",
  account_manager: "Grace",
  logo_url: "https://example.com/logo.png",
  notes: "A note",
  deployed_products: ["MonetX"],
};

const NEW_DEPLOYMENT = {
  product_name: "MonetX",
  deployment_date: "2026-01-01",
  version: "4.2",
  environment: "cloud",
  license_type: "Enterprise",
} as const;

const NEW_INTERACTION = {
  interaction_type: "call",
  subject: "Weekly call",
  description: "Talked about the roadmap.",
  follow_up_required: true,
  follow_up_date: "2031-01-31",
} as const;

const NEW_ALERT = {
  alert_type: "escalation",
  severity: "critical",
  title: "They are leaving",
  description: "Their CTO said so.",
} as const;

const NEW_SCHEDULE = {
  report_name: "Monthly overview",
  report_type: "customer_overview",
  frequency: "monthly",
  recipients: ["ada@example.com"],
  filters: { days_to_renewal: 90 },
} as const;

const NEW_ANSWER = {
  score: 2,
  submitted_by_name: "Ada",
  submitted_by_email: "ada@example.com",
  feedback_text: "Too slow.",
};

/** Sent by strangers as a part of the walk, too; public endpoints look at nothing else. */
const LOGIN = { username: "", password: PASSWORD };
let counter = 0;
const newEmail = () => `walker${++counter}@example.com`;
const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

const walk: Walk = {
  auth: {
    login: (api) => api.auth.login({ form: LOGIN }),
    refresh: async (api) => {
      const { refresh_token } = (await api.auth.login({ form: LOGIN })).body();
      return api.auth.refresh({ body: { refresh_token } });
    },
    logout: (api) => api.auth.logout({ body: null }),
    me: (api) => api.auth.me({}),
    updateMe: (api) => api.auth.updateMe({ body: { full_name: "Walker" } }),
    changePassword: (api) =>
      api.auth.changePassword({ body: { current_password: PASSWORD, new_password: PASSWORD } }),
  },
  users: {
    list: (api) => api.users.list({ query: { limit: 2 } }),
    create: (api) =>
      api.users.create({
        body: { email: newEmail(), full_name: "New", role: "manager", password: PASSWORD },
      }),
    get: (api, { user }) => api.users.get({ params: { user_id: user } }),
    update: (api, { user }) =>
      api.users.update({ params: { user_id: user }, body: { full_name: "Changed" } }),
    activate: (api, { user }) => api.users.activate({ params: { user_id: user }, body: { is_active: true } }),
    remove: (api, { user }) => api.users.remove({ params: { user_id: user } }),
  },
  customers: {
    list: (api) => api.customers.list({ query: { limit: 1, sort_by: "health_score" } }),
    create: (api) => api.customers.create({ body: { ...NEW_CUSTOMER, company_name: newEmail() } }),
    industries: (api) => api.customers.industries({}),
    accountManagers: (api) => api.customers.accountManagers({}),
    search: (api) => api.customers.search({ query: { q: "@example" } }),
    atRisk: (api) => api.customers.atRisk({ query: { limit: 2 } }),
    expiringSoon: (api) => api.customers.expiringSoon({ query: { days: 365 } }),
    get: (api, { customer }) => api.customers.get({ params: { id: customer } }),
    update: (api, { customer }) => api.customers.update({ params: { id: customer }, body: { notes: null } }),
    timeline: (api, { customer }) => api.customers.timeline({ params: { id: customer } }),
    healthHistory: (api, { customer }) => api.customers.healthHistory({ params: { id: customer } }),
    remove: (api, { customer }) => api.customers.remove({ params: { id: customer } }),
  },
  deployments: {
    list: (api) => api.deployments.list({ query: { limit: 1 } }),
    create: (api, { customer }) =>
      api.deployments.create({
        body: { ...NEW_DEPLOYMENT, customer_id: customer, license_expiry: inDays(20) },
      }),
    stats: (api) => api.deployments.stats({}),
    expiring: (api) => api.deployments.expiring({}),
    byProduct: (api) => api.deployments.byProduct({ params: { name: "MonetX" } }),
    get: (api, { deployment }) => api.deployments.get({ params: { id: deployment } }),
    update: (api, { deployment }) =>
      api.deployments.update({ params: { id: deployment }, body: { version: "4.3" } }),
    remove: (api, { deployment }) => api.deployments.remove({ params: { id: deployment } }),
  },
  healthScores: {
    calculate: (api, { customer, deployment }) =>
      api.healthScores.calculate({
        params: { customer_id: customer },
        body: { product_deployment_id: deployment },
      }),
    calculateAll: (api) => api.healthScores.calculateAll({}),
    latest: (api, { customer }) => api.healthScores.latest({ params: { id: customer } }),
    history: (api, { customer }) => api.healthScores.history({ params: { id: customer } }),
    trends: (api) => api.healthScores.trends({}),
    atRisk: (api) => api.healthScores.atRisk({ query: { threshold: 100 } }),
    distribution: (api) => api.healthScores.distribution({}),
  },
  dashboard: {
    stats: (api) => api.dashboard.stats({}),
    healthDistribution: (api) => api.dashboard.healthDistribution({}),
    healthTrends: async (api) => {
      await cloud.settled();
      return api.dashboard.healthTrends({ query: { range: "7d" } });
    },
    csatTrends: async (api) => {
      await cloud.settled();
      return api.dashboard.csatTrends({});
    },
    customerSegments: (api) => api.dashboard.customerSegments({}),
    upcomingRenewals: (api) => api.dashboard.upcomingRenewals({}),
    recentActivity: (api) => api.dashboard.recentActivity({}),
    productPerformance: (api) => api.dashboard.productPerformance({}),
    accountManagerPerformance: (api) => api.dashboard.accountManagerPerformance({}),
    overview: (api) => api.dashboard.overview({}),
    topPerformers: (api) => api.dashboard.topPerformers({}),
    needsAttention: (api) => api.dashboard.needsAttention({}),
  },
  csat: {
    list: (api) => api.csat.list({ query: { limit: 1 } }),
    create: (api, { customer, deployment }) =>
      api.csat.create({
        body: {
          ...NEW_ANSWER,
          customer_id: customer,
          survey_type: "quarterly",
          product_deployment_id: deployment,
          ticket_reference: "SUP-1",
        },
      }),
    analytics: async (api) => {
      await cloud.settled();
      return api.csat.analytics({});
    },
    createLink: (api, { customer }) =>
      api.csat.createLink({
        body: { customer_id: customer, survey_type: "nps", send_to: "ada@example.com" },
      }),
    revokeLink: (api, { link: { id } }) => api.csat.revokeLink({ params: { id } }),
    publicInfo: (api, { link: { token } }) => api.csat.publicInfo({ params: { token } }),
    publicSubmit: (api, { link: { token } }) =>
      api.csat.publicSubmit({ params: { token }, body: NEW_ANSWER }),
    summary: async (api, { customer: customer_id }) => {
      await cloud.settled();
      return api.csat.summary({ params: { customer_id } });
    },
    get: (api, { survey: survey_id }) => api.csat.get({ params: { survey_id } }),
  },
  alerts: {
    list: (api) => api.alerts.list({ query: { limit: 1 } }),
    create: (api, { customer }) => api.alerts.create({ body: { ...NEW_ALERT, customer_id: customer } }),
    dashboard: (api) => api.alerts.dashboard({}),
    stats: (api) => api.alerts.stats({}),
    bulkResolve: (api, { alert }) =>
      api.alerts.bulkResolve({ body: { alert_ids: [alert, randomUUID()], resolved_by: "Somebody" } }),
    runChecks: (api) => api.alerts.runChecks({}),
    byCustomer: (api, { customer }) => api.alerts.byCustomer({ params: { id: customer } }),
    get: (api, { alert }) => api.alerts.get({ params: { id: alert } }),
    update: (api, { alert }) => api.alerts.update({ params: { id: alert }, body: { severity: "low" } }),
    resolve: (api, { alert }) => api.alerts.resolve({ params: { id: alert }, body: null }),
    snooze: (api, { alert }) => api.alerts.snooze({ params: { id: alert }, body: { snooze_days: 7 } }),
  },
  scheduler: {
    list: (api) => api.scheduler.list({}),
    run: (api) => api.scheduler.run({ params: { job: "inactivity_check" } }),
  },
  interactions: {
    list: (api) => api.interactions.list({ query: { limit: 1 } }),
    create: (api, { customer }) =>
      api.interactions.create({ body: { ...NEW_INTERACTION, customer_id: customer } }),
    summary: (api) => api.interactions.summary({}),
    pendingFollowups: (api) => api.interactions.pendingFollowups({ query: { limit: 1 } }),
    ofCustomer: (api, { customer }) => api.interactions.ofCustomer({ params: { id: customer } }),
    get: (api, { interaction }) => api.interactions.get({ params: { id: interaction } }),
    update: (api, { interaction }) =>
      api.interactions.update({ params: { id: interaction }, body: { follow_up_date: null } }),
    remove: (api, { interaction }) => api.interactions.remove({ params: { id: interaction } }),
  },
  reports: {
    listSchedules: (api) => api.reports.listSchedules({ query: { limit: 1 } }),
    createSchedule: (api, { customer: customer_id }) =>
      api.reports.createSchedule({
        body: { ...NEW_SCHEDULE, filters: { customer_id }, recipients: ["ada@example.com"] },
      }),
    getSchedule: (api, { schedule: id }) => api.reports.getSchedule({ params: { id } }),
    updateSchedule: (api, { schedule: id }) =>
      api.reports.updateSchedule({ params: { id }, body: { filters: null } }),
    toggleSchedule: (api, { schedule: id }) => api.reports.toggleSchedule({ params: { id } }),
    removeSchedule: (api, { schedule: id }) => api.reports.removeSchedule({ params: { id } }),
    generate: (api) => api.reports.generate({ body: { report_type: "executive_summary" } }),
    listHistory: (api) => api.reports.listHistory({ query: { limit: 1 } }),
    getHistory: (api, { report: id }) => api.reports.getHistory({ params: { id } }),
    download: (api, { report: id }) =>
      api.reports.download({ params: { id } }, { accept: "application/json" }),
    dashboard: async (api) => {
      await cloud.settled();
      return api.reports.dashboard({});
    },
    runScheduled: (api) => api.reports.runScheduled({}),
  },
  survey: {
    open: (api, { link: { token } }) => api.survey.open({ params: { token } }),
    submit: (api, { link: { token } }) =>
      api.survey.submit({ params: { token }, form: { ...NEW_ANSWER, score: `${NEW_ANSWER.score}` } }),
    asset: (api) => api.survey.asset({ params: { file: "survey.css" } }),
  },
  report: {
    ask: (api, { mailed: { leave: token } }) => api.report.ask({ params: { token } }),
    leave: (api, { mailed: { leave: token } }) => api.report.leave({ params: { token } }),
    file: (api, { mailed: { file: token } }) => api.report.file({ params: { token } }),
    asset: (api) => api.report.asset({ params: { file: "site.css" } }),
  },
  docs: {
    swagger: (api) => api.docs.swagger({}),
    redoc: (api) => api.docs.redoc({}),
    asset: (api) => api.docs.asset({ params: { file: "swagger-ui.css" } }),
    openapi: (api) => api.docs.openapi({}),
    health: (api) => api.docs.health({}),
  },
};

const GROUP_OF: Readonly<Record<string, keyof Api>> = { "health-scores": "healthScores" };
const isGroup = (name: string): name is keyof Api => name in walk;

const endpoints = groups.flatMap((group) =>
  Object.entries<Endpoint>(group.endpoints).map(([name, endpoint]) => {
    const key = GROUP_OF[group.name] ?? group.name;
    const steps: Readonly<Record<string, Step>> = isGroup(key) ? walk[key] : {};
    return { title: `${group.name}.${name}`, endpoint, step: steps[name] };
  }),
);
const stepOf = ({ title, step }: (typeof endpoints)[number]): Step => {
  if (!step) throw new Error(`The walk does not call ${title}`);
  return step;
};

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
  LOGIN.username = cloud.viewer.email;
});
afterAll(() => cloud?.stop());

/** Fresh rows, scored and with products, so that no list of an answer is empty where it need not be. */
async function world(): Promise<World> {
  const { manager, admin } = cloud;
  const soon = { company_name: newEmail(), contract_end_date: inDays(20) };
  const company = { ...NEW_CUSTOMER, ...soon, account_manager_id: manager.id };
  const { id: customer } = (await manager.api.customers.create({ body: company })).body();
  const facts = { ...NEW_DEPLOYMENT, customer_id: customer, license_expiry: inDays(20) };
  const { id: deployment } = (await manager.api.deployments.create({ body: facts })).body();
  const body = { product_deployment_id: deployment };
  (await manager.api.healthScores.calculate({ params: { customer_id: customer }, body })).body();
  const contact = { ...NEW_INTERACTION, customer_id: customer };
  const { id: interaction } = (await manager.api.interactions.create({ body: contact })).body();
  const raised = { ...NEW_ALERT, customer_id: customer };
  const { id: alert } = (await manager.api.alerts.create({ body: raised })).body();
  const about = {
    customer_id: customer,
    survey_type: "onboarding",
    product_deployment_id: deployment,
  } as const;
  const { id: survey } = (await manager.api.csat.create({ body: { ...NEW_ANSWER, ...about } })).body();
  const link = (await manager.api.csat.createLink({ body: about })).body();
  const asked = { ...NEW_SCHEDULE, recipients: [...NEW_SCHEDULE.recipients] };
  const { id: schedule } = (await manager.api.reports.createSchedule({ body: asked })).body();
  const report = await putReport({ scheduled_report_id: schedule });
  const mailed = await linksOf(schedule, report, "ada@example.com");
  const person = { email: newEmail(), full_name: "Walked On", password: PASSWORD };
  const { id: user } = (await admin.api.users.create({ body: person })).body();
  return { alert, customer, deployment, interaction, mailed, report, schedule, survey, link, user };
}

/** Somebody with just enough rights, in a session of their own: some steps end it. */
const lowest = { self: "viewer", member: "viewer", manager: "manager", admin: "admin" } as const;
const below = { self: undefined, member: undefined, manager: "viewer", admin: "manager" } as const;

const expectFailure = ({ status, raw }: Answered, expected: number) => {
  expect(status).toBe(expected);
  ErrorBody.omit({ errors: true }).strict().parse(raw);
};

describe("every endpoint of the contract", () => {
  /** What reading and refused calls find: they leave it as it is. */
  let unchanged: World;
  beforeAll(async () => {
    unchanged = await world();
  });

  it.each(endpoints)("$title answers those who may call it as the contract says", async (entry) => {
    const { access, method } = entry.endpoint;
    const reads = method === "GET";
    const person = access === "public" ? undefined : lowest[access];
    const caller = person && (reads ? cloud[person] : await cloud.person(person));
    const answer = await stepOf(entry)(caller?.api ?? cloud.stranger, reads ? unchanged : await world());
    const { endpoint } = entry;
    const { schema, ...usual } = success(endpoint);
    // The walk asks for the address itself.
    const status = isRedirect(endpoint.returns) ? 200 : usual.status;
    expect([answer.status, answer.status === status ? undefined : answer.raw]).toEqual([status, undefined]);
    if (isRaw(endpoint.returns)) {
      expect(answer.headers.get("content-type")).toBeTruthy();
      expect(answer.raw || answer.headers.get("location")).toBeTruthy();
      return;
    }
    expect(answer.headers.get("content-type")).toBe("application/json");
    const { error } = strictSchema(schema ?? z.never()).safeParse(answer.raw);
    // A wrong row comes as often as the list is long.
    expect(error?.issues.slice(0, 3) ?? []).toEqual([]);
  });

  const guarded = endpoints.filter(({ endpoint }) => endpoint.access !== "public");
  it.each(guarded)("$title refuses strangers", async (entry) => {
    const anything = {
      alert: randomUUID(),
      customer: randomUUID(),
      deployment: randomUUID(),
      interaction: randomUUID(),
      report: randomUUID(),
      schedule: randomUUID(),
      mailed: { leave: randomUUID(), file: randomUUID() },
      survey: randomUUID(),
      link: { id: randomUUID(), token: randomUUID() },
      user: randomUUID(),
    };
    const answer = await stepOf(entry)(cloud.stranger, anything);
    expectFailure(answer, 401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  const restricted = endpoints.flatMap((entry) => {
    const { access } = entry.endpoint;
    const role = access === "public" ? undefined : below[access];
    return role ? [{ ...entry, role }] : [];
  });
  describe("that not everybody may call", () => {
    const look = async ({
      alert,
      customer,
      deployment,
      interaction,
      link,
      schedule,
      survey,
      user,
    }: World) => [
      (await cloud.admin.api.customers.get({ params: { id: customer } })).body(),
      (await cloud.admin.api.deployments.get({ params: { id: deployment } })).body(),
      (await cloud.admin.api.users.get({ params: { user_id: user } })).body(),
      (await cloud.admin.api.interactions.get({ params: { id: interaction } })).body(),
      (await cloud.admin.api.alerts.get({ params: { id: alert } })).body(),
      (await cloud.admin.api.reports.getSchedule({ params: { id: schedule } })).body(),
      (await cloud.admin.api.csat.get({ params: { survey_id: survey } })).body(),
      (await cloud.stranger.csat.publicInfo({ params: { token: link.token } })).body(),
      (await cloud.admin.api.users.list({})).body().total,
      (await cloud.admin.api.customers.list({})).body().total,
    ];
    let seen: unknown[];
    beforeAll(async () => {
      await cloud.settled();
      seen = await look(unchanged);
    });

    it.each(restricted)("$title refuses a $role, and changes nothing", async (entry) => {
      expectFailure(await stepOf(entry)(cloud[entry.role].api, unchanged), 403);
      const before = seen;
      seen = await look(unchanged);
      expect(seen).toEqual(before);
    });
  });
});

describe("a strict schema", () => {
  const Page = z.object({ rows: z.array(z.object({ id: z.string() })).nullable() });

  it("accepts what is declared and refuses what is not, at every depth", () => {
    const accepts = (value: unknown) => strictSchema(Page).safeParse(value).success;
    expect(accepts({ rows: [{ id: "1" }] })).toBe(true);
    expect(accepts({ rows: null })).toBe(true);
    expect(accepts({ rows: [{ id: "1", secret: "2" }] })).toBe(false);
    expect(accepts({ rows: [], total: 1 })).toBe(false);
    expect(accepts({})).toBe(false);
  });
});
