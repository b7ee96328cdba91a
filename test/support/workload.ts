import { randomUUID } from "node:crypto";
import { ErrorBody } from "@success-manager/contract/error-body";
import { type Api, PASSWORD } from "./cloud.ts";
import { NEW_DEPLOYMENT, NEW_RESPONSE, NEW_SCHEDULE, RECIPIENT } from "./sample-calls.ts";
import type { StoredItem } from "./storage.ts";

/** People who write, several kinds at once, and what was promised to them. */

/** What became of one write. Its label is somewhere in what is stored of it, and nowhere else. */
interface Entry {
  readonly kind: Kind;
  readonly label: string;
  /** `unknown`: told to come back, or not told anything; it may be done or not, but not twice. */
  outcome: "acknowledged" | "refused" | "unknown";
  id?: string;
  /** Of a change: the revision that it answered. */
  revision?: number;
}

/** Where a label stands, by the entity that holds it. */
const LABEL_OF = {
  customer: { entity: "customer", attribute: "company_name" },
  interaction: { entity: "interaction", attribute: "subject" },
  escalation: { entity: "interaction", attribute: "subject" },
  ticket: { entity: "ticket", attribute: "subject" },
  comment: { entity: "ticket_comment", attribute: "body" },
  response: { entity: "survey", attribute: "feedback_text" },
  "answered link": { entity: "survey", attribute: "feedback_text" },
  alert: { entity: "alert", attribute: "title" },
  schedule: { entity: "report_schedule", attribute: "report_name" },
  user: { entity: "user", attribute: "full_name" },
  deployment: { entity: "deployment", attribute: "version" },
  // Changes: the item holds the newest label alone.
  "changed customer": { entity: "customer", attribute: "notes" },
  score: undefined,
} as const;
export type Kind = keyof typeof LABEL_OF;
const KINDS = Object.keys(LABEL_OF) as Kind[];

export interface Workload {
  readonly entries: readonly Entry[];
  /** Answers that nobody should get: a 500, another shape, a 404 of what was acknowledged. */
  readonly faults: readonly string[];
  /** Ends when those at work are done. */
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly raw: unknown;
}

/** Statuses that a kind of write may honestly end in, besides its success. A repeated create may meet its own first try. */
const MAY_CONFLICT: readonly Kind[] = [
  "customer",
  "user",
  "changed customer",
  "answered link",
  "score",
  "escalation",
];

/**
 * Lets `writers` write one after the other, each another kind, until it is stopped.
 *
 * @param apis of managers, each for some writers; @param admin creates users
 * @param random from 0 to 1
 */
export function startWorkload(
  { apis, admin, stranger }: { readonly apis: readonly Api[]; readonly admin: Api; readonly stranger: Api },
  customers: readonly string[],
  { writers, random }: { readonly writers: number; readonly random: () => number },
): Workload {
  const entries: Entry[] = [];
  const faults: string[] = [];
  const about = [...customers];
  const tickets: string[] = [];
  let stopped = false;
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

  function judge(entry: Entry, { status, headers, raw }: Answer): unknown {
    const title = `${entry.kind} ${entry.label}`;
    if (status < 300) {
      entry.outcome = "acknowledged";
      return raw;
    }
    const isShaped = ErrorBody.safeParse(raw).success;
    if (!isShaped)
      faults.push(`${title}: ${status} is not of the error shape: ${JSON.stringify(raw)?.slice(0, 200)}`);
    if (status === 503) {
      if (!(Number(headers.get("retry-after")) > 0)) faults.push(`${title}: 503 without Retry-After`);
      return undefined;
    }
    if (status === 409 && MAY_CONFLICT.includes(entry.kind)) return undefined;
    if (status < 500) entry.outcome = "refused";
    faults.push(`${title}: ${status} ${JSON.stringify(raw)?.slice(0, 300)}`);
    return undefined;
  }

  async function write(kind: Kind, api: Api): Promise<void> {
    const label = `${kind} ${randomUUID()}`;
    const entry: Entry = { kind, label, outcome: "unknown" };
    const send = async (answer: Promise<Answer>): Promise<Readonly<Record<string, unknown>> | undefined> =>
      (judge(entry, await answer) as Readonly<Record<string, unknown>> | undefined) ?? undefined;
    const customer_id = oneOf(about);
    const score = Math.floor(random() * 11);
    const found = await {
      customer: async () => {
        entries.push(entry);
        const made = await send(api.customers.create({ body: { company_name: label } }));
        if (made) about.push(String(made.id));
        return made;
      },
      interaction: () => {
        entries.push(entry);
        const body = { customer_id, interaction_type: "call", subject: label, description: "Fine." } as const;
        return send(api.interactions.create({ body }));
      },
      escalation: () => {
        entries.push(entry);
        const body = {
          customer_id,
          interaction_type: "escalation",
          subject: label,
          description: "Bad.",
        } as const;
        return send(api.interactions.create({ body }));
      },
      ticket: async () => {
        entries.push(entry);
        const made = await send(
          api.tickets.create({ body: { customer_id, subject: label, description: "Fails." } }),
        );
        if (made) tickets.push(String(made.id));
        return made;
      },
      comment: async () => {
        if (tickets.length === 0) return undefined;
        entries.push(entry);
        return send(api.tickets.addComment({ params: { id: oneOf(tickets) }, body: { body: label } }));
      },
      response: () => {
        entries.push(entry);
        const body = {
          ...NEW_RESPONSE,
          customer_id,
          survey_type: "nps",
          score,
          feedback_text: label,
        } as const;
        return send(api.csat.create({ body }));
      },
      "answered link": async () => {
        const link = await api.csat.createLink({ body: { customer_id, survey_type: "nps" } });
        if (link.status !== 201) return undefined;
        entries.push(entry);
        const body = { ...NEW_RESPONSE, score, feedback_text: label };
        return send(stranger.csat.publicSubmit({ params: { token: link.body().token }, body }));
      },
      alert: () => {
        entries.push(entry);
        const alert = {
          alert_type: "escalation",
          severity: "high",
          title: label,
          description: "Soon.",
        } as const;
        return send(api.alerts.create({ body: { customer_id, ...alert } }));
      },
      schedule: () => {
        entries.push(entry);
        const body = { ...NEW_SCHEDULE, report_name: label, recipients: [RECIPIENT] };
        return send(api.reports.createSchedule({ body }));
      },
      user: () => {
        entries.push(entry);
        const body = { email: `${randomUUID()}@example.com`, full_name: label, password: PASSWORD } as const;
        return send(admin.users.create({ body: { ...body, role: random() < 0.3 ? "admin" : "viewer" } }));
      },
      deployment: () => {
        entries.push(entry);
        return send(api.deployments.create({ body: { ...NEW_DEPLOYMENT, customer_id, version: label } }));
      },
      "changed customer": async () => {
        entries.push(entry);
        entry.id = customer_id;
        const changed = await send(
          api.customers.update({ params: { id: customer_id }, body: { notes: label } }),
        );
        if (changed) entry.revision = Number(changed.revision);
        return undefined;
      },
      score: () => {
        entries.push(entry);
        entry.id = customer_id;
        return send(api.healthScores.calculate({ params: { customer_id }, body: {} })).then(() => undefined);
      },
    }[kind]();
    if (found && typeof found.id === "string") entry.id = found.id;
  }

  const work = async (writer: number) => {
    const api = apis[writer % apis.length] as Api;
    for (let n = writer; !stopped; n++) {
      const kind = KINDS[n % KINDS.length] as Kind;
      // A connection that breaks off tells nothing.
      await write(kind, api).catch(() => new Promise((resolve) => setTimeout(resolve, 50)));
    }
  };
  const working = Promise.all(Array.from({ length: writers }, (_, writer) => work(writer)));
  return {
    entries,
    faults,
    stop: async () => {
      stopped = true;
      await working;
    },
  };
}

type Item = StoredItem & Readonly<Record<string, unknown>>;
const entityOf = (item: Item) => String(item.__edb_e__);

/** What was promised and is not there, is there twice, or is there though it was refused. */
export function brokenPromises({ entries }: Pick<Workload, "entries">, items: readonly Item[]): string[] {
  const holders = new Map<string, Item[]>();
  for (const { entity, attribute } of Object.values(LABEL_OF).filter((one) => one !== undefined))
    for (const item of items.filter((one) => entityOf(one) === entity)) {
      const label = String(item[attribute]);
      const known = holders.get(`${entity} ${label}`) ?? [];
      if (!known.includes(item)) holders.set(`${entity} ${label}`, [...known, item]);
    }
  const byKey = new Map(items.map((item) => [item.pk, item]));
  return entries.flatMap(({ kind, label, outcome, id, revision }) => {
    const where = LABEL_OF[kind];
    if (where === undefined) return [];
    const found = holders.get(`${where.entity} ${label}`) ?? [];
    if (kind === "changed customer") {
      const stored = Number(byKey.get(`customer#${id}`)?.revision);
      if (outcome !== "acknowledged" || revision === undefined) return [];
      if (stored < revision)
        return [`${label} was answered as revision ${revision}, and stored is ${stored}`];
      return stored === revision && found.length !== 1
        ? [`${label} is not what revision ${revision} says`]
        : [];
    }
    if (found.length > 1) return [`${label} is there ${found.length} times`];
    if (outcome === "acknowledged" && found.length === 0) return [`${label} was acknowledged and is lost`];
    if (outcome === "acknowledged" && id !== undefined && kind !== "answered link" && found[0]?.id !== id)
      return [`${label} has another id than was answered`];
    if (outcome === "refused" && found.length > 0) return [`${label} was refused and is there`];
    return [];
  });
}

const sorted = (values: readonly unknown[]) => values.map(String).sort();

/** What belongs together and is not there whole, by the rules of docs/data-model.md. */
export function brokenInvariants(items: readonly Item[]): string[] {
  const broken: string[] = [];
  const of = (entity: string) => items.filter((item) => entityOf(item) === entity);
  const same = (title: string, some: readonly unknown[], others: readonly unknown[]) => {
    const [a, b] = [sorted(some), sorted(others)];
    if (a.join() === b.join()) return;
    const differing = [...a.filter((one) => !b.includes(one)), ...b.filter((one) => !a.includes(one))];
    broken.push(`${title}: ${a.length} and ${b.length}; ${differing.slice(0, 3).join(", ")}`);
  };
  const ids = (entity: string, attribute = "id") => of(entity).map((item) => item[attribute]);

  same("customers and their taken names", ids("customer"), ids("company", "customer_id"));
  same("users and their logins", ids("user"), ids("login", "user_id"));
  const shown = ({ id, full_name, email, role, is_active }: Item) =>
    [id, full_name, email, role, is_active].join("|");
  same("users and what the directory shows of them", of("user").map(shown), of("teammate").map(shown));
  const admins = of("user").filter(({ role, is_active }) => role === "admin" && is_active === true);
  for (const { active } of of("quorum")) same("active admins and their count", [admins.length], [active]);

  same("tickets and their numbers", ids("ticket"), ids("ticket_number", "ticket_id"));
  const interactions = new Set(ids("interaction"));
  for (const { id } of of("ticket"))
    if (!interactions.has(id)) broken.push(`ticket ${id} counts as no interaction`);
  const comments = (id: unknown) => of("ticket_comment").filter(({ ticket_id }) => ticket_id === id).length;
  for (const { id, comment_count } of of("ticket"))
    if (comments(id) !== comment_count)
      broken.push(`ticket ${id} has ${comments(id)} comments, and says ${comment_count}`);

  const open = of("alert_condition").filter(({ state }) => state === "open");
  same(
    "open alerts and the states that name them",
    of("alert")
      .filter(({ is_resolved }) => is_resolved === false)
      .map(({ id, revision }) => `${id} at ${revision}`),
    open.map(({ alert_id, alert_revision }) => `${alert_id} at ${alert_revision}`),
  );

  same(
    "responses by links and answered links",
    of("survey")
      .filter(({ survey_link_id }) => survey_link_id)
      .map(({ id, survey_link_id }) => `${survey_link_id} by ${id}`),
    of("survey_link")
      .filter(({ response_id }) => response_id)
      .map(({ id, response_id }) => `${id} by ${response_id}`),
  );

  for (const { customer_id, revision, calculated_at } of of("latest_score")) {
    const scores = of("score").filter((score) => score.customer_id === customer_id);
    const newest = sorted(scores.map((score) => score.calculated_at)).at(-1);
    if (scores.length !== revision || newest !== calculated_at)
      broken.push(
        `customer ${customer_id} has ${scores.length} scores until ${newest}, and says ${revision} until ${calculated_at}`,
      );
  }
  const scored = new Set(ids("latest_score", "customer_id"));
  for (const { customer_id } of of("score"))
    if (!scored.has(customer_id)) broken.push(`a score of ${customer_id} is no newest one`);

  for (const { job, state, leased_until } of of("job_lock"))
    if (state === "running" && Number(leased_until ?? 0) > Date.now() + 60_000)
      broken.push(`job ${job} is held too long`);
  return broken;
}
