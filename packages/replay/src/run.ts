/** A history, lived through day by day in a local cloud whose clock is virtual (decision 65). */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Api, apiOf, tokensOf } from "@success-manager/contract/api";
import { findJob, type JobId, jobs } from "@success-manager/contract/jobs";
import type { NewScoreDefinition } from "@success-manager/contract/score-definitions";
import { uniqueForm } from "@success-manager/contract/text";
import { daysAfter } from "@success-manager/domain/calendar";
import { type Cloud, type CloudOptions, startCloud } from "@success-manager/local";
import pLimit from "p-limit";
import * as z from "zod";
import type { CustomerHistory, DeploymentRow, OutcomeRow, Plan, Source, Step } from "./history.ts";
import { createObserver, type Observed, type Sight } from "./result.ts";

/** By what customers are scored: version 1, or a definition that is published on the first day. */
export type Scoring =
  | { readonly name: string; readonly definition: undefined }
  | { readonly name: string; readonly definition: z.input<typeof NewScoreDefinition> };

export interface ReplayOptions {
  readonly plan: Plan;
  readonly scoring: Scoring;
  /** After how many days somebody closes an alert about an escalation or a low answer. */
  readonly handledAfter: number;
  /** Folder that `cdk synth` wrote. */
  readonly assembly: string;
  /** Starts the cloud; `startCloud` when absent. */
  readonly start?: (options: CloudOptions) => Promise<Cloud>;
  /** Told after each day. */
  readonly onDay?: (day: string) => void;
  /** Ends the run before its end. */
  readonly signal?: AbortSignal;
}

export interface Replayed extends Observed {
  /** The version by which customers were scored. */
  readonly version: number;
  readonly calls: number;
  /** Milliseconds by what they went to. */
  readonly spent: Readonly<Record<Phase, number>>;
}

/** The daily jobs; what happened; the stream's functions and their mails; looking at what is told. */
type Phase = "jobs" | "events" | "stream" | "look";

/** Customers whose day is filled in at the same time; what happens to one of them happens one after the other. */
const AT_ONCE = 6;
/** An address may sign in a hundred times a minute. */
const SIGN_INS = 80;
const MINUTE_MS = 60_000;
/** An access token lasts 30 minutes. */
const TOKEN_MS = 20 * MINUTE_MS;
/** Of addresses, a list takes so many. */
const MOST_RECIPIENTS = 50;
const PAGE = { customers: 1_000, alerts: 100 } as const;

/** The jobs of a day that tell of customers, in the order of their schedules. */
const DAILY: readonly JobId[] = [
  "daily_health_scores",
  "contract_expiry_check",
  "license_expiry_check",
  "inactivity_check",
  "renewals",
];

/** When a day's events go in, in milliseconds. */
const noonOf = (day: string) => Date.parse(`${day}T12:00:00.000Z`);
/** So many customers at a time; then the clock goes on by more than a function looks back for what has changed. */
const [AT_A_TIME, STEP_MS] = [24, 15_000];

/** The day on which users are made. */
const eveOf = ({ begin }: Plan) => daysAfter(begin, -1);

/** `30 8 * * *` on a day. */
function instantOf(job: JobId, day: string): string {
  const [minute = "", hour = ""] = findJob(job)?.cron.split(" ") ?? [];
  return `${day}T${hour.padStart(2, "0")}:${minute.padStart(2, "0")}:00.000Z`;
}

/** The clock of a cloud, in milliseconds. */
interface Time {
  now(): number;
  set(instant: number): void;
  goOn(ms: number): void;
}

function timeOf(cloud: Cloud, start: number): Time {
  let [at, since] = [start, performance.now()];
  const now = () => at + performance.now() - since;
  const set = (instant: number) => {
    cloud.setTime(new Date(instant));
    [at, since] = [instant, performance.now()];
  };
  return { now, set, goOn: (ms) => set(Math.ceil(now() + ms)) };
}

/** A user of the replay, who signs in on days on which they do something. */
interface Person {
  readonly email: string;
  api(): Promise<Api>;
}

/** What the cloud knows a customer by. */
interface Known {
  readonly id: string;
  readonly person: Person;
  contract_end: string | undefined;
  readonly deployments: Map<DeploymentRow, string>;
}

const decimal = (cents: number | undefined) => (cents === undefined ? undefined : (cents / 100).toFixed(2));

/** Lives through the days of a plan. @throws with file and line when the API refuses a row */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { plan, signal, start = startCloud } = options;
  const cloud = await start({
    assembly: options.assembly,
    virtualTime: new Date(noonOf(eveOf(plan))),
    mailEvents: false,
    // A cold start each day takes longer than the day; so all instances stay.
    savesMemory: false,
    environment: { LOG_LEVEL: "CRITICAL", BCRYPT_COST: "4" },
  });
  try {
    signal?.throwIfAborted();
    return await live(cloud, options);
  } finally {
    await cloud.stop();
  }
}

async function live(cloud: Cloud, options: ReplayOptions): Promise<Replayed> {
  const { plan, scoring, signal } = options;
  const time = timeOf(cloud, noonOf(eveOf(plan)));
  let calls = 0;
  const counted: typeof fetch = (...request) => {
    calls += 1;
    return fetch(...request);
  };
  const password = randomBytes(18).toString("base64url");
  const person = (email: string): Person => {
    let signedIn: { readonly api: Api; readonly at: number } | undefined;
    return {
      email,
      api: async () => {
        if (signedIn && time.now() - signedIn.at < TOKEN_MS) return signedIn.api;
        const stranger = apiOf(cloud.apiUrl, undefined, undefined, counted);
        const tokens = tokensOf((await stranger.auth.login({ form: { username: email, password } })).body());
        const api = apiOf(cloud.apiUrl, tokens.access_token, undefined, counted);
        signedIn = { api, at: time.now() };
        return api;
      },
    };
  };

  let today = eveOf(plan);
  await createFirstAdmin(cloud, "admin@example.com", password);
  const admin = person("admin@example.com");
  const managers = await createManagers(await admin.api(), plan, password, person);
  const addresses = [...managers.values()].map(({ email }) => email).slice(0, MOST_RECIPIENTS);
  const recipients = addresses.length > 0 ? addresses : [admin.email];
  (await (await admin.api()).settings.updateAlerts({ body: { recipients } })).body();
  const version = await publish(await admin.api(), scoring);

  const ids = new Map<string, CustomerHistory>();
  const known = new Map<CustomerHistory, Known>();
  /** Alerts to be closed, by day: whose, and of which type. */
  const closing = new Map<string, { readonly customer: CustomerHistory; readonly type: AlertType }[]>();
  const observer = createObserver(plan);
  const spent: Record<Phase, number> = { jobs: 0, events: 0, stream: 0, look: 0 };
  const timed = async <T>(phase: Phase, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    spent[phase] += performance.now() - began;
    return result;
  };
  const limit = pLimit(AT_ONCE);

  for (let day = plan.begin; day <= plan.to; day = daysAfter(day, 1)) {
    today = day;
    signal?.throwIfAborted();
    const isReplayed = day >= plan.from;
    if (isReplayed) await timed("jobs", () => runJobs(cloud, time, day));
    const steps = plan.days.get(day);
    const closed = closing.get(day) ?? [];
    closing.delete(day);
    if (!isReplayed && !steps && closed.length === 0) continue;
    time.set(noonOf(day));
    const of = new Map<CustomerHistory, { steps: readonly Step[]; closes: AlertType[] }>();
    for (const [customer, all] of steps ?? []) of.set(customer, { steps: all, closes: [] });
    for (const { customer, type } of closed) {
      const work = of.get(customer) ?? { steps: [], closes: [] };
      of.set(customer, work);
      work.closes.push(type);
    }
    await timed("events", () => happen(of));
    // Counters and mails follow within the day.
    await timed("stream", () => cloud.settled(60_000));
    if (isReplayed) {
      const sights = await timed("look", async () => look(await admin.api(), ids));
      observer.see(day, sights, await timed("stream", () => takeMails(cloud, managers)));
      options.onDay?.(day);
    }
  }
  return { ...observer.observed(), version, calls, spent };

  /** What happens on a day, of several customers at once. */
  async function happen(
    work: ReadonlyMap<
      CustomerHistory,
      { readonly steps: readonly Step[]; readonly closes: readonly AlertType[] }
    >,
  ): Promise<void> {
    const acting = [...new Set([...work.keys()].map((customer) => managerOf(customer, managers) ?? admin))];
    for (let n = 0; n < acting.length; n += SIGN_INS) {
      if (n > 0) time.goOn(MINUTE_MS);
      await Promise.all(acting.slice(n, n + SIGN_INS).map((one) => limit(() => one.api())));
    }
    const one = async (customer: CustomerHistory, steps: readonly Step[], closes: readonly AlertType[]) => {
      for (const type of closes) await closeOldest(known.get(customer), type);
      for (const step of steps) {
        const alert = await take(step, customer);
        if (!alert) continue;
        const on = alert.on > today ? alert.on : daysAfter(today, 1);
        const list = closing.get(on) ?? [];
        closing.set(on, list);
        list.push({ customer, type: alert.type });
      }
    };
    const all = [...work];
    for (let n = 0; n < all.length; n += AT_A_TIME) {
      if (n > 0) time.goOn(STEP_MS);
      const some = all.slice(n, n + AT_A_TIME);
      await Promise.all(
        some.map(([customer, { steps, closes }]) => limit(() => one(customer, steps, closes))),
      );
    }
  }

  /** Does a step; answers which alert it opens, and when that is closed. */
  async function take(
    step: Step,
    customer: CustomerHistory,
  ): Promise<{ readonly type: AlertType; readonly on: string } | undefined> {
    const { row } = step.kind === "begin" ? { row: customer } : step;
    const failed = (status: number, raw: unknown) => refused(row, status, raw);
    if (step.kind === "begin") {
      const one = await createCustomer(await admin.api(), customer, step.spell.start, failed);
      known.set(customer, one);
      ids.set(one.id, customer);
      return undefined;
    }
    const one = known.get(customer);
    if (!one) throw new Error(`${customer.customer} has no id yet`);
    const api = await one.person.api();
    const { id: customer_id, deployments } = one;
    if (step.kind === "interaction") {
      const { interaction_type, sentiment, subject, description, resolved_on, date } = step.row;
      const usual = interaction_type.replace("_", " ");
      const { status, raw } = await api.interactions.create({
        body: {
          ...{ customer_id, interaction_type, sentiment },
          subject: subject ?? usual,
          description: description ?? subject ?? usual,
        },
      });
      if (status >= 300) throw failed(status, raw);
      const on = resolved_on ?? daysAfter(date, options.handledAfter);
      return interaction_type === "escalation" ? { type: "escalation", on } : undefined;
    }
    if (step.kind === "answer") {
      const { survey_type, score, feedback_text, date } = step.row;
      const { status, raw } = await api.csat.create({
        body: {
          ...{ customer_id, survey_type, score, feedback_text },
          submitted_by_name: customer.company_name.slice(0, 100),
          submitted_by_email: "customer@example.com",
        },
      });
      if (status >= 300) throw failed(status, raw);
      const isLow = survey_type === "nps" ? score <= 6 : score <= 2;
      return isLow ? { type: "low_csat", on: daysAfter(date, options.handledAfter) } : undefined;
    }
    if (step.kind === "deploy") {
      const { product_name, deployment_date, version: installed, environment, license_type } = step.row;
      const license_expiry = step.row.license_expiry ?? one.contract_end ?? deployment_date;
      const { status, raw } = await api.deployments.create({
        body: {
          ...{ customer_id, product_name, deployment_date, environment, license_type },
          ...{ version: installed, license_expiry, is_active: true },
        },
      });
      if (status >= 300) throw failed(status, raw);
      deployments.set(step.row, z.object({ id: z.string() }).parse(raw).id);
      return undefined;
    }
    if (step.kind === "undeploy") {
      const { status, raw } = await api.deployments.remove({
        params: { id: deployments.get(step.row) ?? "" },
      });
      if (status >= 300) throw failed(status, raw);
      return undefined;
    }
    await record(api, one, step.row, failed);
    return undefined;
  }

  async function createCustomer(
    api: Api,
    customer: CustomerHistory,
    start: string,
    failed: (status: number, raw: unknown) => Error,
  ): Promise<Known> {
    const { company_name, industry, contract_value, outcomes, account_manager } = customer;
    const earlier = outcomes.filter(({ effective_on }) => effective_on <= today);
    const contract_end = [customer, ...earlier].findLast((one) => one.contract_end_date)?.contract_end_date;
    const paid = earlier.findLast((one) => one.kind !== "churned" && one.amount_after !== undefined);
    const manager = managerOf(customer, managers);
    const { status, raw } = await api.customers.create({
      body: {
        ...{ company_name, industry, account_manager, status: "active" },
        contract_start_date: start,
        contract_end_date: contract_end !== undefined && contract_end >= start ? contract_end : undefined,
        contract_value: decimal(paid?.amount_after ?? contract_value),
      },
    });
    if (status >= 300) throw failed(status, raw);
    const { id } = z.object({ id: z.string() }).parse(raw);
    return { id, person: manager ?? admin, contract_end, deployments: new Map() };
  }

  /** Records an outcome, and what follows from it for the contract. */
  async function record(
    api: Api,
    one: Known,
    row: OutcomeRow,
    failed: (status: number, raw: unknown) => Error,
  ): Promise<void> {
    const { kind, effective_on, notice_on, amount_before, amount_after, reason, note, competitor } = row;
    const { voluntary, contract_end_date } = row;
    const recorded = await api.customers.recordOutcome({
      params: { id: one.id },
      body: {
        ...{ kind, effective_on, notice_on, reason, note, competitor, voluntary },
        amount_before: decimal(amount_before),
        amount_after: decimal(amount_after),
      },
    });
    if (recorded.status >= 300) throw failed(recorded.status, recorded.raw);
    const contract_value = kind === "churned" ? undefined : decimal(amount_after);
    if (contract_end_date === undefined && contract_value === undefined) return;
    const changed = await api.customers.update({
      params: { id: one.id },
      body: {
        ...(contract_end_date !== undefined && { contract_end_date }),
        ...(contract_value !== undefined && { contract_value }),
      },
    });
    if (changed.status >= 300) throw failed(changed.status, changed.raw);
    if (contract_end_date === undefined) return;
    one.contract_end = contract_end_date;
    for (const [deployment, id] of one.deployments) {
      if (deployment.license_expiry !== undefined || contract_end_date < deployment.deployment_date) continue;
      const { status, raw } = await api.deployments.update({
        params: { id },
        body: { license_expiry: contract_end_date },
      });
      if (status >= 300) throw failed(status, raw);
    }
  }

  /** Closes the oldest open alert of a type, as the account manager would; none where nothing is open any more. */
  async function closeOldest(one: Known | undefined, alert_type: AlertType): Promise<void> {
    if (!one) return;
    const api = await one.person.api();
    const { alerts } = (
      await api.alerts.byCustomer({ params: { id: one.id }, query: { alert_type, limit: 100 } })
    ).body();
    const [oldest] = alerts
      .filter(({ is_resolved }) => !is_resolved)
      .sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
    if (oldest) (await api.alerts.resolve({ params: { id: oldest.id }, body: {} })).body();
  }
}

type AlertType = "escalation" | "low_csat";

const managerOf = ({ account_manager }: CustomerHistory, managers: ReadonlyMap<string, Person>) =>
  account_manager === undefined ? undefined : managers.get(uniqueForm(account_manager));

function refused({ file, line }: Source, status: number, raw: unknown): Error {
  const detail = z.object({ detail: z.unknown() }).safeParse(raw).data?.detail ?? raw;
  const said = typeof detail === "string" ? detail : JSON.stringify(detail);
  return new Error(`${file} line ${line}: the API refuses it (${status}): ${said}`);
}

async function createFirstAdmin(cloud: Cloud, email: string, password: string): Promise<void> {
  const script = fileURLToPath(new URL("./first-admin.ts", import.meta.url));
  const env: NodeJS.ProcessEnv = { ...process.env, ...cloud.environment, FIRST_ADMIN_PASSWORD: password };
  // A profile of the person's own would outrank the local credentials.
  delete env.AWS_PROFILE;
  const child = spawn(process.execPath, [script, email, "Replay"], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error("the first user could not be created");
}

/** A user for each account manager, who sees their own customers; by the name's unique form. */
async function createManagers(
  api: Api,
  { customers }: Plan,
  password: string,
  person: (email: string) => Person,
): Promise<ReadonlyMap<string, Person>> {
  const names = new Map<string, string>();
  for (const { account_manager } of customers)
    if (account_manager !== undefined && !names.has(uniqueForm(account_manager)))
      names.set(uniqueForm(account_manager), account_manager);
  const managers = new Map<string, Person>();
  for (const [form, full_name] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const email = `manager${managers.size + 1}@example.com`;
    (
      await api.users.create({ body: { email, full_name, role: "manager", access: "owned", password } })
    ).body();
    managers.set(form, person(email));
  }
  return managers;
}

/** Publishes the definition of a scoring; answers the version by which customers are scored then. */
async function publish(api: Api, { definition }: Scoring): Promise<number> {
  if (definition === undefined) return 1;
  const { id } = (await api.scoreDefinitions.create({ body: definition })).body();
  return (await api.scoreDefinitions.publish({ params: { id } })).body().version ?? 1;
}

/** Runs a day's jobs, each at its time. */
async function runJobs(cloud: Cloud, time: Time, day: string): Promise<void> {
  for (const job of DAILY) {
    const scheduled_time = instantOf(job, day);
    const path = jobs.find(({ id }) => id === job)?.runs ?? "";
    const name = cloud.functions.find((one) => one.endsWith(`-${path.replaceAll("/", "-")}`)) ?? path;
    time.set(Date.parse(scheduled_time));
    const { functionError, payload } = await cloud.invoke(name, { job, scheduled_time });
    const outcome = z
      .object({ result: z.string(), progress: z.object({ failed: z.number() }).optional() })
      .safeParse(payload).data;
    // Also one that has run out of time and goes on in the background: days would overlap.
    if (functionError !== undefined || outcome?.result !== "completed")
      throw new Error(`${job} of ${day}: ${JSON.stringify(payload)}`);
    if (outcome.progress && outcome.progress.failed > 0)
      throw new Error(`${job} of ${day} failed for ${outcome.progress.failed}: ${JSON.stringify(payload)}`);
  }
}

/** What is to be seen of all customers at this moment. */
async function look(
  api: Api,
  ids: ReadonlyMap<string, CustomerHistory>,
): Promise<ReadonlyMap<CustomerHistory, Sight>> {
  const seen = new Map<
    CustomerHistory,
    { band: Sight["band"]; score: number | null; alerts: Sight["alerts"] }
  >();
  for (let skip = 0, total = 1; skip < total; skip += PAGE.customers) {
    const page = (await api.customers.list({ query: { skip, limit: PAGE.customers } })).body();
    total = page.total;
    for (const { id, latest_health_score: latest } of page.customers) {
      const customer = ids.get(id);
      if (!customer) continue;
      seen.set(customer, { band: latest?.band ?? null, score: latest?.overall_score ?? null, alerts: [] });
    }
  }
  for (const severity of ["high", "critical"] as const)
    for (let skip = 0, total = 1; skip < total; skip += PAGE.alerts) {
      const query = { is_resolved: false, severity, skip, limit: PAGE.alerts };
      const page = (await api.alerts.list({ query })).body();
      total = page.total;
      for (const { customer_id, alert_type, title } of page.alerts) {
        const customer = customer_id === null ? undefined : ids.get(customer_id);
        const sight = customer && seen.get(customer);
        if (sight) sight.alerts = [...sight.alerts, { alert_type, severity, title }];
      }
    }
  return seen;
}

const Inbox = z.object({
  emails: z.array(z.object({ destination: z.object({ to: z.array(z.string()) }) })),
});

/** How many mails each manager has got since the last look; the inbox is empty then. By the name's unique form. */
async function takeMails(
  cloud: Cloud,
  managers: ReadonlyMap<string, Person>,
): Promise<ReadonlyMap<string, number>> {
  const { emails } = Inbox.parse(await (await fetch(`${cloud.inboxUrl}/store`)).json());
  if (emails.length > 0) await fetch(`${cloud.inboxUrl}/clear-store`, { method: "POST" });
  const nameOf = new Map([...managers].map(([form, { email }]) => [email, form]));
  const mails = new Map<string, number>();
  for (const { destination } of emails)
    for (const to of destination.to) {
      const form = nameOf.get(to) ?? "";
      mails.set(form, (mails.get(form) ?? 0) + 1);
    }
  return mails;
}

/** Where the repository's synthesis is. */
export const assemblyOf = (root: string) => join(root, "cdk.out");
