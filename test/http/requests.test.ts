import { passwordPage } from "@success-manager/contract/password-page";
import { reportPage } from "@success-manager/contract/report-page";
import { surveyPage } from "@success-manager/contract/survey-page";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionName, type Permission, permissions } from "../../infra/permissions.ts";
import { putBacktest } from "../support/backtest.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { putInvitation } from "../support/invitation.ts";
import { putOidcLogin } from "../support/oidc-provider.ts";
import type { DatabaseRequest } from "../support/recorder.ts";
import { linksOf, putMailableReport } from "../support/report.ts";
import {
  A_KEY,
  avatarRow,
  definitionRow,
  isRead,
  LOGO,
  linkedRow,
  NEW_ALERT,
  NEW_DEPLOYMENT,
  NEW_INTERACTION,
  NEW_OUTCOME,
  NEW_OVERRIDE,
  NEW_RESPONSE,
  NEW_SCHEDULE,
  NEW_TICKET,
  NO_ROWS,
  protectedRows,
  putRun,
  putSuppression,
  RECIPIENT,
  renewalRow,
  type Sample,
  type SampleRows,
  samples,
  type Wants,
  wantedBy,
} from "../support/sample-calls.ts";

let cloud: TestCloud;
let customer: string;
let deployment: string;

beforeAll(async () => {
  // The function of the job that is started here asks the database nothing: what it asks is no part of the call.
  cloud = await testCloud({ environment: { INACTIVITY_JOB_FUNCTION: "success-manager-local-pages-docs" } });
  await putRun();
  const { api, id: account_manager_id } = cloud.manager;
  const body = { company_name: "Company 1", account_manager_id };
  customer = (await api.customers.create({ body })).body().id;
  const facts = { ...NEW_DEPLOYMENT, customer_id: customer, license_expiry: "2030-01-01" };
  deployment = (await api.deployments.create({ body: facts })).body().id;
  const labelled = { product_deployment_id: deployment };
  await api.healthScores.calculate({ params: { customer_id: customer }, body: labelled });
  // Loads what is known of alerts.
  await api.healthScores.calculateAll({});
  // And where reports are made.
  await api.reports.generate({ body: { report_type: "executive_summary" } });
});
afterAll(() => cloud?.stop());

/** Every function has one instance that is warm, and its directory is loaded. */
async function warmUp(): Promise<void> {
  const { api } = cloud.admin;
  await Promise.all([api.customers.list({}), api.deployments.list({}), api.healthScores.trends({})]);
  await api.dashboard.stats({});
  await Promise.all([api.alerts.dashboard({}), api.interactions.list({}), api.csat.list({})]);
  await Promise.all([api.surveyRequests.list({}), api.outcomes.list({})]);
}

/** Rows for calls, so that they do what they are for, and functions that know of them. */
async function prepare(wants: Wants = () => true): Promise<SampleRows> {
  const rows: { -readonly [R in keyof SampleRows]: SampleRows[R] } = { ...NO_ROWS, customer, deployment };
  const { api } = cloud.admin;
  if (wants("user", "session")) {
    const { id, ...session } = await cloud.person("manager");
    Object.assign(rows, { user: id, session });
  }
  const params = { id: customer };
  await api.customers.update({ params, body: { account_manager_id: cloud.manager.id, status: "active" } });
  const about = { customer_id: customer };
  if (wants("ticket")) {
    rows.ticket = (await api.tickets.create({ body: { ...NEW_TICKET, ...about } })).body().id;
    await api.tickets.addComment({ params: { id: rows.ticket }, body: { body: "We look at it." } });
  }
  if (wants("outcome"))
    rows.outcome = (await api.customers.recordOutcome({ params, body: NEW_OUTCOME })).body().id;
  if (wants("renewal")) rows.renewal = await renewalRow(cloud);
  // After the ticket, and after what calls have logged: it is the customer's last one.
  rows.interaction = (await api.interactions.create({ body: { ...NEW_INTERACTION, ...about } })).body().id;
  if (wants("alert")) rows.alert = (await api.alerts.create({ body: { ...NEW_ALERT, ...about } })).body().id;
  const asked = { ...about, survey_type: "nps" } as const;
  if (wants("link"))
    rows.link = (await api.csat.createLink({ body: { ...asked, send_to: "leaver@example.com" } })).body();
  if (wants("request")) {
    const to = { target_type: "specific", target_email: RECIPIENT } as const;
    const [request] = (await api.surveyRequests.create({ body: { ...asked, ...to } })).body();
    rows.request = request?.id ?? "";
  }
  if (wants("survey")) {
    const of = { survey_type: "quarterly", product_deployment_id: deployment } as const;
    rows.survey = (await api.csat.create({ body: { ...NEW_RESPONSE, ...about, ...of } })).body().id;
  }
  if (wants("schedule", "report", "mailed")) {
    const weekly = { ...NEW_SCHEDULE, recipients: [RECIPIENT] };
    rows.schedule = (await api.reports.createSchedule({ body: weekly })).body().id;
    const deliveries = [{ recipient: RECIPIENT, status: "unknown", sent_at: null, error: null }] as const;
    rows.report = await putMailableReport({ scheduled_report_id: rows.schedule, deliveries });
    rows.mailed = await linksOf(rows.schedule, rows.report, RECIPIENT);
  }
  if (wants("invited", "invitation")) Object.assign(rows, await putInvitation());
  if (wants("avatar")) rows.avatar = await avatarRow(cloud);
  if (wants("linked")) rows.linked = await linkedRow(cloud);
  if (wants("protected", "second")) Object.assign(rows, await protectedRows(cloud));
  if (wants("oidcCode")) rows.oidcCode = await putOidcLogin(cloud.viewer.id);
  if (wants("suppression")) rows.suppression = await putSuppression();
  if (wants("apiKey")) rows.apiKey = (await api.apiKeys.create(A_KEY)).body().id;
  if (wants("draft")) rows.draft = await definitionRow(api, "draft");
  if (wants("published")) rows.published = await definitionRow(api, "published");
  if (wants("backtest")) rows.backtest = await putBacktest();
  if (wants("overridden")) {
    await api.healthScores.override({ params, body: NEW_OVERRIDE });
    rows.overridden = customer;
  }
  if (wants("logo")) rows.logo = (await api.settings.uploadLogo({ body: { content: LOGO } })).body().logo;
  return rows;
}

/** Groups whose answers are pages. */
const PAGES = new Set<string>([surveyPage.name, reportPage.name, passwordPage.name, "docs"]);

/** The function that serves a group. */
const serving = (group: string) => functionName(`${PAGES.has(group) ? "pages" : "api"}/${group}`);

/** What its role allows, in the recorder's words. */
function allowedFor(group: string): ReadonlySet<string> {
  const { items = [], queries = [] }: Permission = permissions[serving(group)];
  return new Set([...items, ...queries.map((index) => `Query ${index}`)]);
}

/** What reads the user and the session, once for each call that is not public; and what else it reads. */
const isAuthentication = ({ operation, subjects }: DatabaseRequest) =>
  operation === "BatchGetItem" && subjects.includes("session") && subjects.includes("user");
const readAhead = ({ subjects }: DatabaseRequest) =>
  subjects.filter((subject) => subject !== "session" && subject !== "user");

/** "`Query byType` directory", "`TransactWriteItems` alert, conditions". */
const describeRequest = ({ operation, index, subjects }: DatabaseRequest) =>
  `\`${index ? `${operation} ${index}` : operation}\` ${subjects.join(", ")}`;

/** The same requests, each once with how many there are, in an order that does not depend on chance. */
function summarize(requests: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const request of requests.toSorted()) counts.set(request, (counts.get(request) ?? 0) + 1);
  return [...counts].map(([request, count]) => (count > 1 ? `${count} × ${request}` : request)).join("; ");
}

/** What copies of lists ask with each request but the first. */
const followsCopy = (requests: readonly DatabaseRequest[]) =>
  requests.some(({ subjects }) => subjects.includes("list_changes"));

/** What each call asked of the database. */
const found = new Map<string, string>();

/** Whether a call is about the caller's own account: then it is somebody's who is here for that. */
const isOwn = ({ group, endpoint: { method, access } }: Sample) =>
  access === "member" && (group === "auth" || group === "account" || (group === "users" && method !== "GET"));

/** Waits until an export or erasure is done. */
const personalDataRun = (id: string) =>
  expect
    .poll(async () => (await cloud.admin.api.personalData.getRun({ params: { id } })).body().status)
    .not.toBe("pending");

async function recordCall(sample: Sample, rows: SampleRows) {
  const { title, endpoint, call } = sample;
  const caller = isOwn(sample) ? await cloud.signIn(rows.session.email) : cloud.admin;
  await call.prepare?.(caller.api, caller.session_id);
  const record = async () => {
    // What follows from the rows that were made is no part of the call.
    await cloud.settled();
    cloud.database.take();
    const { status, raw } = await call(caller.api, rows, caller.session_id);
    expect(status).toBeLessThan(400);
    // What a job asks that it has started, some time, is no part of it.
    const own = `success-manager-local-${serving(sample.group).replace("/", "-")}`;
    const taken = cloud.database.take().filter(({ asking }) => asking === own);
    // One run of a person at a time.
    if (sample.group === "personal-data" && status === 202) await personalDataRun((raw as { id: string }).id);
    return taken;
  };
  let requests = await record();
  // A copy in memory was loaded, or has taken in what other calls have changed: neither belongs to this one.
  if (isRead(sample) && followsCopy(await record())) requests = await record();
  // Nobody refuses a request locally: what a role lacks would show in AWS only.
  const allowed = allowedFor(sample.group);
  expect(requests.flatMap(({ permissions }) => permissions).filter((used) => !allowed.has(used))).toEqual([]);
  let ahead: string[] = [];
  if (endpoint.access !== "public") {
    const [authentication, ...others] = requests;
    if (!authentication || !isAuthentication(authentication)) throw new Error("Nobody asked who calls");
    ahead = readAhead(authentication);
    requests.splice(0, requests.length, ...others);
  }
  const described = summarize(requests.map(describeRequest));
  found.set(
    title,
    [ahead.length > 0 && `with the session ${ahead.join(", ")}`, described].filter(Boolean).join("; ") ||
      "none",
  );
}

const INTRODUCTION = `# Access patterns

What a warm function asks of the table for each endpoint. Written by \`test/http/requests.test.ts\`, never by hand:

\`\`\`
npx vitest run --project http test/http/requests.test.ts -u
\`\`\`

- A request is named with its index (none: the table itself) and with what the partition keys begin with: [data-model.md](data-model.md) tells what stands there.
- Left out: the \`BatchGetItem\` of user and session that authenticates each call but public ones, and what the stream counts afterwards. "With the session": items that this request reads as well, because their keys follow from the input.
- Lists that read \`list_changes\` are answered from a copy in memory, which asks what has changed ([read-models.md](read-models.md#copies-of-lists)). Checks write 50 alerts in a transaction; scoring reads each customer's timeline and writes 33 scores in a transaction.
- Writing again after somebody else's change comes on top.
- What reading costs in units: [read-costs.md](read-costs.md).

| Endpoint | Requests |
| -------- | -------- |
`;

describe("access patterns", () => {
  describe("of calls that read", () => {
    let rows: SampleRows;
    beforeAll(async () => {
      rows = await prepare();
      await warmUp();
    });
    it.each(samples.filter(isRead))("$title asks what its function may", (sample) =>
      recordCall(sample, rows),
    );
  });

  it.each(samples.filter((sample) => !isRead(sample)))(
    "$title asks what its function may",
    async (sample) => {
      const wanted = wantedBy(sample);
      const wants: Wants = (...rows) => wanted(...rows) || (isOwn(sample) && rows.includes("session"));
      await recordCall(sample, await prepare(wants));
    },
  );

  it("are those of docs/access-patterns.md", async () => {
    const lines = samples.map(({ title }) => {
      const [method, path, ...difference] = title.split(" ");
      const requests = found.get(title);
      if (!requests) throw new Error(`${title} was not called: run the whole file`);
      return `| ${[`\`${method} ${path}\``, ...difference].join(" ")} | ${requests} |\n`;
    });
    await expect(INTRODUCTION + lines.join("")).toMatchFileSnapshot("../../docs/access-patterns.md");
  });
});
