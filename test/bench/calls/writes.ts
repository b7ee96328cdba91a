import { randomUUID } from "node:crypto";
import { ADMIN, type Running } from "../cloud.ts";
import { customerId, deploymentId, writtenTo } from "../portfolio/ids.ts";
import { type Call, type Calls, PUBLIC_ROUNDS } from "./call.ts";

let written = 0;

/** The customer whose turn it is, so that no customer collects more than others. */
function next({ size }: Running) {
  const n = writtenTo(written++, size);
  return { customer_id: customerId(n), deployment: deploymentId(n, 0) };
}

const CONTACT = {
  interaction_type: "call",
  subject: "Roadmap",
  description: "Talked about what comes next; they liked the plan and want to see it again in spring.",
} as const;
export const newContact = (customer_id: string) => ({ ...CONTACT, customer_id });

const PERSON = { submitted_by_name: "Ada Byron", submitted_by_email: "ada@example.com" };
const SATISFIED = { ...PERSON, score: 9, feedback_text: "Quick help, and friendly people." };
export const newAnswer = (customer_id: string, product_deployment_id: string) => ({
  ...SATISFIED,
  customer_id,
  product_deployment_id,
  survey_type: "nps" as const,
});

const newAlert = (customer_id: string) => ({
  customer_id,
  alert_type: "escalation" as const,
  severity: "high" as const,
  title: "They think of leaving",
  description: "So they said on the phone.",
});

const raised = async (who: Running) =>
  (await who.api.alerts.create({ body: newAlert(next(who).customer_id) })).body().id;
const logged = async (who: Running) =>
  (await who.api.interactions.create({ body: newContact(next(who).customer_id) })).body().id;
const link = async (who: Running) => {
  const { customer_id } = next(who);
  return (await who.api.csat.createLink({ body: { customer_id, survey_type: "nps" } })).body();
};

/** An account may sign in ten times a minute from one address, which may make a hundred. */
const LOGINS_OF_ONE = 8;
const LOGIN_ROUNDS = 20;
const accounts = new Map<Running, { readonly username: string; logins: number }>();

/** Somebody who may sign in once more; whom nobody knows yet when all have done so. */
async function account(who: Running): Promise<string> {
  const known = accounts.get(who);
  if (known && known.logins < LOGINS_OF_ONE) {
    known.logins += 1;
    return known.username;
  }
  const username = `${randomUUID()}@bench.example`;
  const body = { email: username, full_name: "Ada Byron", role: "viewer", password: ADMIN.password } as const;
  (await who.api.users.create({ body })).body();
  accounts.set(who, { username, logins: 1 });
  return username;
}

/** How many alerts are resolved at once; each round makes so many. */
const MANY = 10;
const FEW_ROUNDS = 50;

const write = (prepare: Call["prepare"], most?: number): Call => ({ prepare, most });

/**
 * Calls that write, each to something that was made for it. Those come last that change the directory: for some
 * seconds every request of others reads what has changed there.
 */
export const WRITES: Calls = {
  "POST /alerts": write((who) => ({
    method: "POST",
    path: "/alerts",
    body: newAlert(next(who).customer_id),
  })),
  "PUT /alerts/{id}": write(async (who) => ({
    method: "PUT",
    path: `/alerts/${await raised(who)}`,
    body: { severity: "low" },
  })),
  "PUT /alerts/{id}/snooze": write(async (who) => ({
    method: "PUT",
    path: `/alerts/${await raised(who)}/snooze`,
    body: { snooze_days: 7 },
  })),
  "PUT /alerts/{id}/resolve": write(async (who) => ({
    method: "PUT",
    path: `/alerts/${await raised(who)}/resolve`,
  })),
  [`POST /alerts/bulk-resolve of ${MANY}`]: write(async (who) => {
    const alert_ids = await Promise.all(Array.from({ length: MANY }, () => raised(who)));
    return { method: "POST", path: "/alerts/bulk-resolve", body: { alert_ids } };
  }, FEW_ROUNDS),

  "POST /csat": write((who) => {
    const { customer_id, deployment } = next(who);
    return { method: "POST", path: "/csat", body: newAnswer(customer_id, deployment) };
  }),
  "POST /csat with a low score": write((who) => {
    const { customer_id, deployment } = next(who);
    return { method: "POST", path: "/csat", body: { ...newAnswer(customer_id, deployment), score: 2 } };
  }),
  "POST /csat/survey-link": write((who) => ({
    method: "POST",
    path: "/csat/survey-link",
    body: { customer_id: next(who).customer_id, survey_type: "nps" },
  })),
  "DELETE /csat/survey-link/{id}": write(async (who) => ({
    method: "DELETE",
    path: `/csat/survey-link/${(await link(who)).id}`,
  })),
  "POST /csat/public/submit/{token}": write(
    async (who) => ({
      method: "POST",
      path: `/csat/public/submit/${(await link(who)).token}`,
      body: SATISFIED,
    }),
    PUBLIC_ROUNDS,
  ),

  "POST /interactions": write((who) => ({
    method: "POST",
    path: "/interactions",
    body: newContact(next(who).customer_id),
  })),
  "PUT /interactions/{id}": write(async (who) => ({
    method: "PUT",
    path: `/interactions/${await logged(who)}`,
    body: { follow_up_required: true },
  })),
  "PUT /interactions/{id} with a new date": write(async (who) => ({
    method: "PUT",
    path: `/interactions/${await logged(who)}`,
    body: { interaction_date: "2026-01-01T08:00:00Z" },
  })),
  "DELETE /interactions/{id}": write(async (who) => ({
    method: "DELETE",
    path: `/interactions/${await logged(who)}`,
  })),

  "PUT /customers/{id}": write((who) => ({
    method: "PUT",
    path: `/customers/${next(who).customer_id}`,
    body: { notes: `Wants to see what comes next, ${randomUUID()}` },
  })),
  "POST /health-scores/calculate/{customer_id}": write((who) => ({
    method: "POST",
    path: `/health-scores/calculate/${next(who).customer_id}`,
  })),

  "POST /auth/login": write(
    async (who) => ({
      method: "POST",
      path: "/auth/login",
      form: { username: await account(who), password: ADMIN.password },
    }),
    LOGIN_ROUNDS,
  ),
};
