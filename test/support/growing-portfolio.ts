import { randomBytes, randomUUID } from "node:crypto";
import {
  Environment,
  InteractionType,
  Product,
  ReportFrequency,
  ReportType,
  Severity,
} from "@success-manager/contract/vocabulary";
import { vi } from "vitest";
import { putBacktest } from "./backtest.ts";
import { PASSWORD, type Person, type TestCloud, testCloud } from "./cloud.ts";
import { putReports, storedReport } from "./report.ts";
import { definitionRow, NEW_OVERRIDE, putRun } from "./sample-calls.ts";

/**
 * A cloud whose customers are alike, so that portfolios of two sizes differ in nothing but their size. No two things
 * happen to a customer at once: which of them come first on a page must not be chance, they differ in bytes.
 */
export interface GrowingPortfolio {
  readonly cloud: TestCloud;
  /** One of the customers, with something of everything. */
  readonly customer: string;
  readonly deployment: string;
  readonly interaction: string;
  readonly ticket: string;
  readonly outcome: string;
  /** A renewal of a customer, which has not ended. */
  readonly renewal: string;
  /** That customer, whose score somebody has set. */
  readonly overridden: string;
  /** A score definition that nobody has published. */
  readonly draft: string;
  /** One of the back-tests, of which there are a page, and one for every ten customers. */
  readonly backtest: string;
  readonly survey: string;
  /** A survey request of that customer. */
  readonly request: string;
  readonly alert: string;
  /** A report that was generated and mailed. */
  readonly report: string;
  /** A schedule of reports. */
  readonly schedule: string;
  readonly user: string;
  /** Two who see some customers only, a growing part of them: of their own, and of their team. */
  readonly narrowed: Readonly<Record<"owned" | "team", Person>>;
}

const MINUTE_MS = 60_000;
const NOW = Date.now();

/** Of ten customers the first manages eight; the last of them nobody who has an account. */
const managerOf = (n: number) => `Manager ${n % 5 < 4 ? 0 : n % 10}`;
const minutesAgo = (n: number) => new Date(NOW - n * MINUTE_MS).toISOString();

/**
 * Stamps of a row that came so many minutes more than an hour ago. What is new is read again by each refresh: here it
 * is the team, the totals and one score, together less than 4 KB, which is what a read unit or a half of one covers.
 */
function stamps(n: number) {
  const moment = minutesAgo(60 + n);
  return { created_at: moment, updated_at: moment, changed_at: moment, revision: 1 };
}

/**
 * So many customers, each with a score, two deployments, three contacts, a ticket, two answers, an open alert, a
 * schedule of reports and two reports.
 *
 * @param scores of the one customer whose history is read
 */
export async function growingPortfolio(size: number, scores: number): Promise<GrowingPortfolio> {
  // The domain connects to one database: a second cloud needs a domain of its own.
  vi.resetModules();
  const cloud = await testCloud();
  const ids = Array.from({ length: size }, () => randomUUID());
  const [customer = ""] = ids;
  const narrowed = { owned: await seer(cloud, 0, "owned"), team: await seer(cloud, 4, "team") };
  const deployments = await customers(ids);
  const [interaction = ""] = await contacts(ids);
  const [ticket = ""] = await tickets(ids);
  // A deployment's page looks through its customer's scores, so it is one of another customer, of the same manager.
  const deployment = deployments.at(-9) ?? "";
  const [outcome = ""] = await outcomes(ids);
  const [renewal = ""] = await renewals(ids);
  const [survey = ""] = await answers(ids, deployment);
  const [request = ""] = await links(ids);
  await scored(ids, scores);
  const [alert = ""] = await alerts(ids);
  const reporting = await reports(ids, narrowed.owned.id);
  await putRun();
  await cloud.settled(60_000);
  return {
    cloud,
    customer,
    deployment,
    interaction,
    ticket,
    outcome,
    renewal,
    survey,
    request,
    alert,
    ...reporting,
    user: cloud.viewer.id,
    overridden: customer,
    draft: await definitionRow(cloud.admin.api, "draft"),
    backtest: await backtests(size),
    narrowed,
  };
}

/** Back-tests that are done: a page, and a tenth of so many. */
async function backtests(size: number): Promise<string> {
  const ids: string[] = [];
  for (let n = 0; n < 30 + size / 10; n++) ids.push(await putBacktest({ customers: 40 }));
  return ids[0] ?? "";
}

/** One of the account managers whom `customers` names, in the team of the others who have an account. */
async function seer(cloud: TestCloud, n: number, access: "owned" | "team"): Promise<Person> {
  const email = `${access}@example.com`;
  const who = { email, full_name: `Manager ${n}`, role: "manager", access, team: "North" } as const;
  await cloud.admin.api.users.create({ body: { ...who, password: PASSWORD } });
  return cloud.signIn(email);
}

async function customers(ids: readonly string[]) {
  const { CustomerEntity } = await import("@success-manager/domain/table");
  const { DeploymentEntity } = await import("@success-manager/domain/table");
  await CustomerEntity.put(
    ids.map((id, n) => ({
      id,
      company_name: `Company ${n}`,
      industry: `Industry ${n % 7}`,
      contract_value: 10_000_000 * (n % 9),
      contract_end_date: minutesAgo(-(n % 10) * 24 * 60).slice(0, 10),
      account_manager: managerOf(n),
      deployed_products: [],
      status: "active" as const,
      portal_enabled: false,
      ...stamps(n),
    })),
  ).go();
  const deployments = ids.flatMap((customer_id, n) =>
    [0, 1].map((k) => ({
      id: randomUUID(),
      customer_id,
      product_name: Product.options[(n + k) % 3] ?? "MonetX",
      deployment_date: minutesAgo(n * 24 * 60).slice(0, 10),
      version: "1",
      environment: Environment.options[n % 3] ?? "cloud",
      license_type: "Enterprise",
      license_expiry: minutesAgo(-n * 24 * 60).slice(0, 10),
      is_active: true,
      ...stamps(n),
    })),
  );
  await DeploymentEntity.put(deployments).go();
  return deployments.map(({ id }) => id);
}

async function contacts(ids: readonly string[]) {
  const { toStoredInteraction } = await import("@success-manager/domain/interactions");
  const { InteractionEntity, LastInteractionEntity } = await import("@success-manager/domain/table");
  // As the stream would write it, but no new row of the directory.
  await LastInteractionEntity.put(
    ids.map((customer_id, n) => ({ customer_id, dates: [minutesAgo(60 + n)], ...stamps(n) })),
  ).go();
  const rows = ids.flatMap((customer_id, n) =>
    [0, 1, 2].map((k) =>
      toStoredInteraction({
        id: randomUUID(),
        customer_id,
        interaction_type: InteractionType.options[(n + k) % 6] ?? "call",
        subject: "Weekly call",
        description: "Talked about the roadmap and the next quarter.",
        sentiment: "neutral",
        performed_by: "Ada",
        interaction_date: minutesAgo(60 + n + k / 10),
        follow_up_required: k === 0,
        follow_up_date: "2999-01-01",
      }),
    ),
  );
  await InteractionEntity.put(rows).go();
  return rows.map(({ id }) => id);
}

/** A ticket of each customer, all due at once. The first has comments. */
async function tickets(ids: readonly string[]) {
  const { toStoredTicket } = await import("@success-manager/domain/tickets");
  const { TicketCommentEntity, TicketEntity } = await import("@success-manager/domain/table");
  const due = minutesAgo(-24 * 60).replace(/:\d\d\.\d{3}/, ":00.000");
  const rows = ids.map((customer_id, n) => {
    const created_at = minutesAgo(60 + n + 0.7);
    return toStoredTicket({
      id: randomUUID(),
      number: `T-${String(n + 1).padStart(6, "0")}`,
      customer_id,
      subject: "Export fails",
      description: "The nightly export ends after ten minutes.",
      priority: "high",
      status: "open",
      created_by: customer_id,
      created_by_name: "Ada",
      comment_count: n === 0 ? 3 : 0,
      first_response_due_at: due,
      resolution_due_at: due,
      breach_at: due,
      stopped_ms: 0,
      created_at,
      updated_at: created_at,
      revision: 1,
    });
  });
  await TicketEntity.put(rows).go();
  const [{ id: ticket_id } = { id: "" }] = rows;
  const comments = [0, 1, 2].map((n) => ({
    id: randomUUID(),
    ticket_id,
    body: "We look at it.",
    is_internal: false,
    author_id: ticket_id,
    author_name: "Ada",
    created_at: minutesAgo(50 - n),
  }));
  await TicketCommentEntity.put(comments).go();
  return rows.map(({ id }) => id);
}

/** A renewal of each customer, as the API would write it. */
async function outcomes(ids: readonly string[]) {
  const { factOf } = await import("@success-manager/domain/outcomes");
  const { OutcomeEntity, OutcomeLedgerEntity } = await import("@success-manager/domain/table");
  const rows = ids.map((customer_id, n) => ({
    id: randomUUID(),
    customer_id,
    kind: "renewed" as const,
    effective_on: minutesAgo(60 + n).slice(0, 10),
    amount_before: 10_000_000 * (n % 9),
    amount_after: 10_000_000 * (n % 9),
    reason: "unspecified",
    source: "person" as const,
    is_withdrawn: false,
    created_at: minutesAgo(60 + n),
    recorded_at: minutesAgo(60 + n),
    version: 1,
    revision: 1,
  }));
  await OutcomeEntity.put(rows).go();
  await OutcomeLedgerEntity.put(
    rows.map((row, n) => ({
      customer_id: row.customer_id,
      began_on: "2020-01-01",
      facts: JSON.stringify([factOf(row)]),
      changed_at: minutesAgo(60 + n),
      revision: 1,
    })),
  ).go();
  return rows.map(({ id }) => id);
}

/** The renewal of each customer's term, which somebody works on: what became of them was before it was made. */
async function renewals(ids: readonly string[]) {
  const { renewalId } = await import("@success-manager/domain/renewals");
  const { RenewalEntity } = await import("@success-manager/domain/table");
  const rows = ids.map((customer_id, n) => ({
    id: renewalId(customer_id, 1),
    customer_id,
    number: 1,
    spell: 1,
    term_end: minutesAgo(-(n % 10) * 24 * 60).slice(0, 10),
    stage: "proposal" as const,
    next_step: "Send the offer.",
    created_band: "medium" as const,
    ...{ lead_on: minutesAgo(60).slice(0, 10), lead_band: "medium" as const, lead_score: 70 },
    ...stamps(n),
  }));
  await RenewalEntity.put(rows).go();
  return rows.map(({ id }) => id);
}

async function answers(ids: readonly string[], product_deployment_id: string) {
  const { toStoredSurvey } = await import("@success-manager/domain/surveys");
  const { SurveyEntity } = await import("@success-manager/domain/table");
  const surveys = ids.flatMap((customer_id, n) =>
    (["nps", "quarterly"] as const).map((survey_type, k) =>
      toStoredSurvey(
        {
          id: randomUUID(),
          customer_id,
          survey_type,
          score: 1 + (n % 5),
          submitted_by_name: "Ada",
          submitted_by_email: "ada@example.com",
          submitted_at: minutesAgo(60 + n + k / 10 + 0.5),
          product: Product.options[(n + k) % 3] ?? "MonetX",
          product_deployment_id,
          feedback_text: "Great roadmap",
        },
        "Company",
      ),
    ),
  );
  await SurveyEntity.put(surveys).go();
  return surveys.map(({ id }) => id);
}

/** Three links of each customer, of which two were answered. */
async function links(ids: readonly string[]) {
  const { toStoredLink, toTokenRecord } = await import("@success-manager/domain/surveys");
  const { SurveyLinkEntity } = await import("@success-manager/domain/table");
  const rows = ids.flatMap((customer_id, n) =>
    [0, 1, 2].map((k) => {
      const created_at = minutesAgo(60 + n + k / 10 + 0.7);
      return toStoredLink({
        ...toTokenRecord(randomBytes(32)),
        customer_id,
        customer_name: "Company",
        survey_type: "nps" as const,
        sent_to: "ada@example.com",
        mail_status: "sent",
        sent_at: created_at,
        created_by: customer_id,
        created_by_name: "Ada",
        created_at,
        expires_at: minutesAgo(-30 * 24 * 60),
        ...(k > 0 && { answered_at: created_at, opened_at: created_at, response_id: customer_id, score: 9 }),
        revision: 2,
      });
    }),
  );
  await SurveyLinkEntity.put(rows).go();
  return rows.map(({ id }) => id);
}

/** One score of each customer, and the history of the first. */
async function scored(ids: readonly string[], scores: number) {
  const { HealthScores } = await import("@success-manager/domain/health");
  const { HealthScoreEntity, LatestScoreEntity, ScoreOverrideEntity } = await import(
    "@success-manager/domain/table"
  );
  const [customer = "", ...others] = ids;
  const { factors } = await HealthScores.calculate(customer);
  const figures = (n: number) => ({
    overall_score: n % 101,
    adoption_score: 50,
    engagement_score: 50,
    support_score: 50,
    financial_score: 50,
    risk_level: "medium" as const,
    score_trend: "stable" as const,
    calculated_at: minutesAgo(60 + n),
  });
  await LatestScoreEntity.put(
    others.map((customer_id, n) => ({
      id: randomUUID(),
      customer_id,
      ...figures(n),
      trail: "",
      by_deployment: {},
      changed_at: minutesAgo(60 + n),
      revision: 1,
    })),
  ).go();
  await HealthScoreEntity.put(
    Array.from({ length: scores - 1 }, (_, n) => ({
      id: randomUUID(),
      customer_id: customer,
      ...figures(n),
      // One a day: what is told of a period reads as many as it has days.
      calculated_at: minutesAgo((n + 1) * 24 * 60),
      factors: JSON.stringify(factors),
    })),
  ).go();
  const { reason } = NEW_OVERRIDE;
  await ScoreOverrideEntity.put({
    ...{ customer_id: customer, score: NEW_OVERRIDE.score, reason, set_by: "Ada Admin" },
    ...{ set_at: minutesAgo(60), ends_at: minutesAgo(-60), revision: 1 },
  }).go();
}

async function alerts(customers: readonly string[]) {
  const { commit } = await import("@success-manager/domain/table");
  const { openWrites } = await import("@success-manager/domain/alerts");
  const ids: string[] = [];
  for (const [n, customer_id] of customers.entries()) {
    const id = randomUUID();
    ids.push(id);
    const created_at = minutesAgo(60 + n);
    const alert = {
      id,
      customer_id,
      condition: `manual#${id}`,
      alert_type: "escalation" as const,
      severity: Severity.options[n % 4] ?? "low",
      title: "They are leaving",
      description: "So they say.",
      is_resolved: false,
      created_at,
      created_by: "system",
      updated_at: created_at,
      revision: 1,
    };
    await commit(openWrites(alert, undefined, new Date(created_at)));
  }
  return ids;
}

/** @param own_id whose most of them are */
async function reports(customers: readonly string[], own_id: string) {
  const { ReportScheduleEntity } = await import("@success-manager/domain/table");
  const schedules = customers.map((customer_id, n) => {
    const { created_at, updated_at, revision } = stamps(n);
    return {
      id: randomUUID(),
      report_name: "Weekly health",
      report_type: ReportType.options[n % 4] ?? "health_summary",
      frequency: ReportFrequency.options[n % 4] ?? "weekly",
      recipients: ["ada@example.com"],
      filters: { customer_id },
      anchor: "2999-01-01T06:00:00.000Z",
      next_scheduled_at: "2999-01-01T06:00:00.000Z",
      is_active: n % 2 === 0,
      created_by: "Ada",
      created_by_id: n % 5 < 4 ? own_id : customer_id,
      created_at,
      updated_at,
      secret: "s".repeat(43),
      revision,
    };
  });
  await ReportScheduleEntity.put(schedules).go();
  const made = schedules.flatMap(({ id: scheduled_report_id, report_type }, n) =>
    [0, 1].map((k) =>
      storedReport({
        ...{ scheduled_report_id, report_type, created_at: minutesAgo(60 + n + k / 10) },
        ...(n % 5 < 4 && { owner_id: own_id, is_narrowed: true }),
      }),
    ),
  );
  await putReports(made);
  return { schedule: schedules[0]?.id ?? "", report: made[0]?.id ?? "" };
}
