import { setTimeout as pause } from "node:timers/promises";
import { groups } from "@success-manager/contract";
import type { Api } from "@success-manager/contract/api";
import type { User } from "@success-manager/contract/user";

/** What a step may use: who calls, what earlier steps made, and how to have something taken away again. */
export interface Walk {
  readonly me: Pick<User, "id" | "email" | "role">;
  readonly api: Api;
  /** Without a token: for what customers call, and pages. */
  readonly stranger: Api;
  /** What this run's data is called: nobody else's, not even of a run at the same time. */
  readonly name: string;
  /** Whether surveys are answered as well. Answers can't be deleted, and count in satisfaction figures. */
  readonly answersSurveys: boolean;
  /** Ends when somebody wants the walk to end. */
  readonly signal: AbortSignal;
  /** Ids of what earlier steps made. */
  readonly made: {
    customer?: string;
    deployment?: string;
    link?: { readonly id: string; readonly token: string };
  };
  /** Signs the caller in once more. The session is ended by the undo of the name `session`. */
  signIn(): Promise<{ readonly api: Api; readonly session: string }>;
  /** Loads a file from wherever it is, without the token. */
  load(url: string): Promise<Response>;
  /** Has something taken away at the end, last made first; once for each `what`. Forgotten when `undone`. */
  undo(what: string, how: () => Promise<Answer>): void;
  undone(what: string): void;
}

/** As much of an answer as steps look at. */
export interface Answer {
  readonly status: number;
  readonly raw: unknown;
}

export interface Step {
  /** `name` of the contract's group. */
  readonly group: string;
  readonly title: string;
  /** Whether it is part of this walk; always, when absent. */
  readonly when?: (walk: Walk) => boolean;
  run(walk: Walk): Promise<void>;
}

/** A stage that answers something else than it should. */
function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

async function status(expected: number, call: Promise<Answer>, what: string): Promise<void> {
  const answer = await call;
  check(
    answer.status === expected,
    `${what}: ${answer.status} instead of ${expected} ${JSON.stringify(answer.raw)}`,
  );
}

/** Calls what admins alone may: others have to be refused, which a function of that group does, too. */
async function asAdmin({ me }: Walk, call: Promise<Answer & { body(): unknown }>, what: string) {
  if (me.role === "admin") (await call).body();
  else await status(403, call, `${what} as ${me.role}`);
}

function customerOf({ made }: Walk): string {
  check(made.customer !== undefined, "There is no customer to do this with.");
  return made.customer;
}

function linkOf({ made }: Walk) {
  check(made.link !== undefined, "There is no survey link to do this with.");
  return made.link;
}

const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

/** No token, but of the kind that pages get: they say 404. */
const NO_TOKEN = "smoke-test-of-a-token-that-nobody-got";

const REPORT_SECONDS = 180;

/** An HTML page, or one of its styles. */
async function page(call: Promise<Answer>, part: string, what: string): Promise<void> {
  const { status, raw } = await call;
  check(
    status === 200 && typeof raw === "string" && raw.includes(part),
    `${what}: ${status}, not what it should be`,
  );
}

const ANSWER = { score: 9, submitted_by_name: "Smoke test" };

async function userSteps(walk: Walk): Promise<void> {
  const { api, me } = walk;
  check((await api.users.profile({})).body().id === me.id, "GET /users/profile is about somebody else");
  (await api.users.list({ query: { role: "csm", limit: 5 } })).body();
  await asAdmin(walk, api.users.get({ params: { user_id: me.id } }), "GET /users/{user_id}");
}

/** A second session: opened, listed, ended. */
async function sessionSteps({ api, signIn, undone }: Walk): Promise<void> {
  const { api: other, session } = await signIn();
  const current = (await other.account.sessions({})).body().find(({ is_current }) => is_current);
  check(current !== undefined, "GET /account/sessions does not name the session that asks");
  (await api.account.endSession({ params: { session_id: current.id } })).body();
  undone(session);
  await status(401, other.auth.me({}), "GET /auth/me with a session that was ended");
}

async function customerSteps(walk: Walk): Promise<void> {
  const { api, name, made, undo } = walk;
  const body = { company_name: name, notes: "Made by npm run smoke." };
  const dates = { contract_start_date: inDays(-200), contract_end_date: inDays(400) };
  const { id } = (await api.customers.create({ body: { ...body, ...dates } })).body();
  made.customer = id;
  undo(`customer ${id}`, () => api.customers.remove({ params: { id } }));
  const found = (await api.customers.get({ params: { id } })).body();
  check(found.customer.company_name === name, `GET /customers/${id} has another name`);
  const changed = (await api.customers.update({ params: { id }, body: { notes: "Changed." } })).body();
  check(changed.notes === "Changed.", `PUT /customers/${id} changed nothing`);
  (await api.customers.list({ query: { limit: 5 } })).body();
  (await api.customers.search({ query: { q: name } })).body();
  (await api.customers.timeline({ params: { id } })).body();
}

async function deploymentSteps(walk: Walk): Promise<void> {
  const { api, made, undo } = walk;
  const product = { product_name: "MonetX", environment: "cloud", version: "1.0" } as const;
  const license = { license_type: "Enterprise", license_expiry: inDays(400), deployment_date: inDays(-100) };
  const body = { customer_id: customerOf(walk), ...product, ...license };
  const { id } = (await api.deployments.create({ body })).body();
  made.deployment = id;
  const params = { id };
  undo(`deployment ${id}`, () => api.deployments.remove({ params }));
  (await api.deployments.update({ params, body: { version: "1.1" } })).body();
  const { version } = (await api.deployments.get({ params })).body().deployment;
  check(version === "1.1", `PUT /deployments/${id} changed nothing`);
  (await api.deployments.list({ query: { limit: 5 } })).body();
  (await api.deployments.stats({})).body();
}

/** After a score was calculated: without a product it would be so low that an alert opens, and the team gets mails. */
async function deactivationSteps({ api, made, undone }: Walk): Promise<void> {
  const id = made.deployment;
  check(id !== undefined, "There is no deployment to do this with.");
  const params = { id };
  (await api.deployments.remove({ params })).body();
  undone(`deployment ${id}`);
  const { is_active } = (await api.deployments.get({ params })).body().deployment;
  check(!is_active, `DELETE /deployments/${id} left it active`);
}

async function interactionSteps(walk: Walk): Promise<void> {
  const { api, undo, undone } = walk;
  const customer_id = customerOf(walk);
  const body = {
    customer_id,
    interaction_type: "call",
    subject: "Smoke test",
    description: "A test.",
  } as const;
  const { id } = (await api.interactions.create({ body })).body();
  const params = { id };
  undo(`interaction ${id}`, () => api.interactions.remove({ params }));
  (await api.interactions.update({ params, body: { subject: "Smoke test, changed" } })).body();
  const { subject } = (await api.interactions.get({ params })).body();
  check(subject === "Smoke test, changed", `PUT /interactions/${id} changed nothing`);
  (await api.interactions.ofCustomer({ params: { id: customer_id } })).body();
  (await api.interactions.summary({})).body();
  (await api.interactions.remove({ params })).body();
  undone(`interaction ${id}`);
  await status(404, api.interactions.get({ params }), "GET /interactions/{id} of a deleted one");
}

async function linkSteps(walk: Walk): Promise<void> {
  const { api, stranger, made, undo } = walk;
  const body = { customer_id: customerOf(walk), survey_type: "nps", expires_in_days: 1 } as const;
  const { id, token } = (await api.csat.createLink({ body })).body();
  made.link = { id, token };
  undo(`survey link ${id}`, () => api.surveyRequests.cancel({ params: { id } }));
  (await stranger.csat.publicInfo({ params: { token } })).body();
  const beyond = { ...ANSWER, submitted_by_email: walk.me.email, score: 11 };
  await status(
    422,
    stranger.csat.publicSubmit({ params: { token }, body: beyond }),
    "A score beyond the scale",
  );
  (await api.csat.list({ query: { limit: 5 } })).body();
  (await api.csat.analytics({})).body();
}

/** After the pages have shown the link. */
async function cancelledLinkSteps(walk: Walk): Promise<void> {
  const { api, stranger, undone } = walk;
  const { id, token } = linkOf(walk);
  (await api.surveyRequests.cancel({ params: { id } })).body();
  undone(`survey link ${id}`);
  const body = { ...ANSWER, submitted_by_email: walk.me.email };
  await status(
    410,
    stranger.csat.publicSubmit({ params: { token }, body }),
    "An answer to a withdrawn survey",
  );
}

async function answerSteps(walk: Walk): Promise<void> {
  const { api, stranger, undo, undone } = walk;
  const customer_id = customerOf(walk);
  const link = { customer_id, survey_type: "nps", expires_in_days: 1 } as const;
  const { id, token } = (await api.csat.createLink({ body: link })).body();
  undo(`survey link ${id}`, () => api.surveyRequests.cancel({ params: { id } }));
  const body = { ...ANSWER, submitted_by_email: walk.me.email };
  (await stranger.csat.publicSubmit({ params: { token }, body })).body();
  undone(`survey link ${id}`);
  const { is_completed } = (await stranger.portal.viewSurvey({ params: { token } })).body();
  check(is_completed, "A survey that was answered is not shown as such");
}

async function alertSteps(walk: Walk): Promise<void> {
  const { api, undo, undone } = walk;
  const customer_id = customerOf(walk);
  // The lowest severity: a team may want mails about higher ones.
  const text = { severity: "low", title: "Smoke test", description: "A test." } as const;
  const { id } = (await api.alerts.create({ body: { customer_id, alert_type: "custom", ...text } })).body();
  const params = { id };
  undo(`alert ${id}`, () => api.alerts.resolve({ params, body: null }));
  (await api.alerts.update({ params, body: { title: "Smoke test, changed" } })).body();
  (await api.alerts.byCustomer({ params: { id: customer_id } })).body();
  (await api.alerts.stats({})).body();
  (await api.alerts.resolve({ params, body: null })).body();
  undone(`alert ${id}`);
  const { is_resolved, title } = (await api.alerts.get({ params })).body();
  check(is_resolved && title === "Smoke test, changed", `GET /alerts/${id} does not show what was changed`);
}

async function outcomeSteps(walk: Walk): Promise<void> {
  const { api } = walk;
  const customer = { id: customerOf(walk) };
  const body = { kind: "renewed", effective_on: inDays(0), note: "A test." } as const;
  const { id } = (await api.customers.recordOutcome({ params: customer, body })).body();
  const params = { id };
  (await api.outcomes.correct({ params, body: { note: null } })).body();
  check(
    (await api.outcomes.versions({ params })).body().total === 2,
    `Outcome ${id} has not kept its versions`,
  );
  check(
    (await api.customers.outcomes({ params: customer })).body().total === 1,
    `Outcome ${id} is not listed`,
  );
  (await api.outcomes.list({ query: { limit: 5 } })).body();
  (await api.outcomes.retention({ query: { by: "industry" } })).body();
  (await api.outcomes.retentionCustomers({ query: { figure: "start", limit: 5 } })).body();
  check((await api.outcomes.withdraw({ params })).body().is_withdrawn, `Outcome ${id} was not withdrawn`);
}

async function ticketSteps(walk: Walk): Promise<void> {
  const { api, undo, undone } = walk;
  const customer_id = customerOf(walk);
  const text = { subject: "Smoke test", description: "A test.", priority: "low" } as const;
  const { id } = (await api.tickets.create({ body: { customer_id, ...text } })).body();
  const params = { id };
  const close = () => api.tickets.update({ params, body: { status: "closed" } });
  undo(`ticket ${id}`, close);
  (await api.tickets.addComment({ params, body: { body: "A test.", is_internal: true } })).body();
  (await api.tickets.listComments({ params })).body();
  (await api.tickets.ofCustomer({ params: { id: customer_id } })).body();
  (await api.tickets.stats({})).body();
  (await close()).body();
  undone(`ticket ${id}`);
  check((await api.tickets.get({ params })).body().status === "closed", `Ticket ${id} was not closed`);
}

async function reportSteps(walk: Walk): Promise<void> {
  const { api, signal, load } = walk;
  const body = { report_type: "customer_overview", customer_id: customerOf(walk) } as const;
  let report = (await api.reports.generate({ body })).body();
  const until = Date.now() + REPORT_SECONDS * 1000;
  while (report.status !== "completed") {
    check(report.status !== "failed", `Report ${report.id} failed`);
    check(Date.now() < until, `Report ${report.id} took longer than ${REPORT_SECONDS} seconds`);
    await pause(1000, undefined, { signal });
    report = (await api.reports.getHistory({ params: { id: report.id } })).body();
  }
  const accept = { accept: "application/json" };
  const link = await api.reports.download({ params: { id: report.id } }, accept);
  const { url } = link.raw as { readonly url?: unknown };
  check(link.status === 200 && typeof url === "string", `No address of the file: ${link.status}`);
  const file = await load(url);
  const start = Buffer.from(await file.arrayBuffer()).toString("latin1", 0, 5);
  check(
    file.status === 200 && start === "%PDF-",
    `The file of report ${report.id} is no PDF: ${file.status}`,
  );
}

async function scheduleSteps(walk: Walk): Promise<void> {
  const { api, name, me, undo, undone } = walk;
  const report = { report_name: name, report_type: "customer_overview", frequency: "monthly" } as const;
  // Paused, and to the caller alone: it sends nothing, whenever this happens.
  const body = { ...report, recipients: [me.email], is_active: false };
  const { id } = (await api.reports.createSchedule({ body })).body();
  const params = { id };
  undo(`schedule ${id}`, () => api.reports.removeSchedule({ params }));
  (await api.reports.updateSchedule({ params, body: { frequency: "weekly" } })).body();
  const { frequency } = (await api.reports.getSchedule({ params })).body();
  check(frequency === "weekly", `PUT /reports/scheduled/${id} changed nothing`);
  (await api.reports.dashboard({})).body();
  (await api.reports.removeSchedule({ params })).body();
  undone(`schedule ${id}`);
  await status(404, api.reports.getSchedule({ params }), "GET /reports/scheduled/{id} of a removed one");
}

async function settingSteps(walk: Walk): Promise<void> {
  const { settings } = walk.api;
  for (const read of [settings.alerts, settings.reports, settings.notifications, settings.tickets])
    (await read({})).body();
  const health = await settings.systemHealth({});
  if (walk.me.role !== "admin") return status(403, Promise.resolve(health), "GET /settings/system/health");
  const { status: state, checks } = health.body();
  check(state !== "down", `The system is down: ${JSON.stringify(checks)}`);
}

async function personalDataSteps({ api: { personalData }, me }: Walk): Promise<void> {
  // Erases and collects nothing: a walk must not.
  const answer = personalData.exportPerson({ body: {} });
  await status(me.role === "admin" ? 422 : 403, answer, "POST /personal-data/exports of nobody");
}

async function auditSteps({ api: { audit }, me }: Walk): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const [list, verified] = [
    await audit.list({ query: { limit: 1 } }),
    await audit.verify({ query: { day } }),
  ];
  if (me.role !== "admin") return status(403, Promise.resolve(list), "GET /audit");
  list.body();
  const { is_valid, first_problem } = verified.body();
  check(is_valid, `The audit trail of today does not hold: ${JSON.stringify(first_problem)}`);
}

async function docSteps({ stranger: { docs } }: Walk): Promise<void> {
  (await docs.health({})).body();
  await status(302, docs.home({}), "GET /");
  await page(docs.swagger({}), "<html", "GET /docs");
  await page(docs.redoc({}), "<html", "GET /redoc");
  const { status: answered, raw } = await docs.openapi({});
  const { paths = {} } = raw as { readonly paths?: object };
  check(answered === 200, `GET /openapi.json: ${answered}`);
  const missing = groups.filter(
    ({ prefix }) => prefix.startsWith("/api/") && !Object.keys(paths).some((path) => path.startsWith(prefix)),
  );
  const names = missing.map(({ name }) => name).join(", ");
  check(missing.length === 0, `The stage is older than this checkout: /openapi.json has no ${names}`);
}

/** A line of the walk. */
const step = (group: string, title: string, run: (walk: Walk) => Promise<unknown>): Step => ({
  group,
  title,
  run: async (walk) => void (await run(walk)),
});

/** The walk: every group of the contract at least once (`test/house/smoke.test.ts`), and last what ends the customer. */
export const steps: readonly Step[] = [
  step("docs", "sign of life, docs, description", docSteps),
  step("auth", "who is signed in", async ({ api }) => (await api.auth.me({})).body()),
  step("account", "a second session: opened, listed, ended", sessionSteps),
  step("users", "own profile, account managers", userSteps),
  step("settings", "read", settingSteps),
  step("api-keys", "listed", async (walk) => {
    await asAdmin(walk, walk.api.apiKeys.list({ query: { limit: 1 } }), "GET /api-keys");
  }),
  step("audit", "list, check a day", auditSteps),
  step("personal-data", "refuse nobody in particular", personalDataSteps),
  step("scheduler", "jobs and runs", async (walk) => {
    await asAdmin(walk, walk.api.scheduler.list({}), "GET /scheduler/jobs");
    const run_id = "2000-01-01T00:00:00.000Z";
    await status(404, walk.api.scheduler.getRun({ params: { run_id } }), "A run that never was");
  }),
  step("customers", "created, read, changed, listed, found", customerSteps),
  step("deployments", "created, changed, read", deploymentSteps),
  step("interactions", "created, changed, read, deleted", interactionSteps),
  step("health-scores", "calculated, read", async (walk) => {
    const customer_id = customerOf(walk);
    (await walk.api.healthScores.calculate({ params: { customer_id }, body: {} })).body();
    (await walk.api.healthScores.latest({ params: { id: customer_id } })).body();
    (await walk.api.healthScores.distribution({})).body();
  }),
  step("score-definitions", "listed, read", async (walk) => {
    const { definitions } = (await walk.api.scoreDefinitions.list({})).body();
    (await walk.api.scoreDefinitions.get({ params: { id: definitions.at(-1)?.id ?? "" } })).body();
  }),
  step("deployments", "deactivated", deactivationSteps),
  step("csat", "survey link made and shown, a wrong answer refused", linkSteps),
  step("survey-requests", "listed, read", async (walk) => {
    (await walk.api.surveyRequests.list({ query: { customer_id: customerOf(walk) } })).body();
    (await walk.api.surveyRequests.get({ params: { id: linkOf(walk).id } })).body();
    (await walk.api.surveyRequests.stats({})).body();
  }),
  step("portal", "shows the survey", async (walk) =>
    (await walk.stranger.portal.viewSurvey({ params: { token: linkOf(walk).token } })).body(),
  ),
  step("survey", "page with the survey", async (walk) => {
    const { survey } = walk.stranger;
    await page(survey.open({ params: { token: linkOf(walk).token } }), "<form", "GET /survey/{token}");
    await page(survey.asset({ params: { file: "survey.css" } }), "{", "GET /survey/assets/survey.css");
  }),
  step("csat", "survey withdrawn: no answer taken", cancelledLinkSteps),
  { ...step("csat", "survey answered", answerSteps), when: (walk) => walk.answersSurveys },
  step("alerts", "raised, changed, resolved", alertSteps),
  step("tickets", "opened, commented, closed", ticketSteps),
  step("outcomes", "recorded, corrected, withdrawn; retention", outcomeSteps),
  step("reports", "generated, downloaded", reportSteps),
  step("reports", "schedule created, changed, removed", scheduleSteps),
  step("report", "page of a mail", async ({ stranger: { report } }) => {
    await status(404, report.ask({ params: { token: NO_TOKEN } }), "GET /report/{token}/leave");
    await page(report.asset({ params: { file: "site.css" } }), "{", "GET /report/assets/site.css");
  }),
  step("password", "page of an invitation", async ({ stranger: { password } }) => {
    await status(404, password.open({ params: { token: NO_TOKEN } }), "GET /password/{token}");
    await page(password.asset({ params: { file: "site.css" } }), "{", "GET /password/assets/site.css");
  }),
  step("dashboard", "figures", async ({ api: { dashboard } }) => {
    (await dashboard.stats({})).body();
    (await dashboard.overview({})).body();
    (await dashboard.needsAttention({})).body();
  }),
  step("customers", "marked as churned", async (walk) => {
    const id = customerOf(walk);
    (await walk.api.customers.remove({ params: { id } })).body();
    walk.undone(`customer ${id}`);
    const { customer } = (await walk.api.customers.get({ params: { id } })).body();
    check(customer.status === "churned", `DELETE /customers/${id} left it as it was`);
  }),
];

/**
 * Finds what was made although the answer that would have named it was lost, and has it taken away with the rest.
 * Lists lag a little; so this comes after a failure only, when some time has passed.
 */
export async function findLost({ api, name, made, undo }: Walk): Promise<void> {
  const { customers } = (await api.customers.search({ query: { q: name } })).body();
  const found = customers.filter((row) => row.company_name === name).map(({ id }) => id);
  const own = new Set(made.customer === undefined ? found : [...found, made.customer]);
  for (const customer_id of own) {
    const row = (await api.customers.get({ params: { id: customer_id } })).body().customer;
    if (row.status !== "churned")
      undo(`customer ${customer_id}`, () => api.customers.remove({ params: { id: customer_id } }));
    const of = { params: { id: customer_id } };
    const finds = [
      async () => {
        for (const { id } of (await api.deployments.list({ query: { customer_id, is_active: true } })).body()
          .deployments)
          undo(`deployment ${id}`, () => api.deployments.remove({ params: { id } }));
      },
      async () => {
        for (const { id } of (await api.tickets.ofCustomer({ ...of, query: { is_open: true } })).body()
          .tickets)
          undo(`ticket ${id}`, () => api.tickets.update({ params: { id }, body: { status: "closed" } }));
      },
      async () => {
        for (const { id, ticket_id } of (await api.interactions.ofCustomer(of)).body().interactions)
          if (!ticket_id) undo(`interaction ${id}`, () => api.interactions.remove({ params: { id } }));
      },
      async () => {
        for (const { id } of (await api.alerts.byCustomer(of)).body().alerts)
          undo(`alert ${id}`, () => api.alerts.resolve({ params: { id }, body: null }));
      },
      async () => {
        for (const { id, status } of (await api.surveyRequests.list({ query: { customer_id } })).body()
          .requests)
          if (status !== "completed" && status !== "cancelled")
            undo(`survey link ${id}`, () => api.surveyRequests.cancel({ params: { id } }));
      },
    ];
    // One list that is broken is no reason to leave what the others show.
    await Promise.allSettled(finds.map((find) => find()));
  }
  for (const { id, report_name } of (
    await api.reports.listSchedules({ query: { sort_by: "created_at" } })
  ).body().reports)
    if (report_name === name) undo(`schedule ${id}`, () => api.reports.removeSchedule({ params: { id } }));
}
