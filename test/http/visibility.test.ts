import { randomUUID } from "node:crypto";
import type { CustomerAccess, Role } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { groups, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";

/**
 * Who sees some customers only. Of each list, all pages and the total are what single reads allow; figures are those of
 * a system that holds nothing else; what a caller does not see does not exist for them.
 */

const MINUTE_MS = 60_000;
const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * MINUTE_MS).toISOString().slice(0, 10);

/** Somebody of the team who sees what their access says. */
interface Seer {
  readonly name: string;
  readonly role: Exclude<Role, "admin">;
  readonly access: CustomerAccess;
  readonly team: string | null;
}

/** `Nora` and `Omar` are of one team, in two spellings; `Sven` is of another. */
const TEAM: readonly Seer[] = [
  { name: "Nora North", role: "manager", access: "owned", team: "North" },
  { name: "Omar Osten", role: "manager", access: "team", team: "NORTH" },
  { name: "Sven Sund", role: "manager", access: "team", team: "South" },
  { name: "Vera Vale", role: "viewer", access: "team", team: "north" },
  { name: "Otto Vale", role: "viewer", access: "owned", team: "North" },
  { name: "Alma Aller", role: "manager", access: "all", team: "North" },
  { name: "Nick Niemand", role: "manager", access: "team", team: null },
];

/** Customers by who manages them: by id, or by a text that names them. */
const CUSTOMERS: readonly { readonly company: string; readonly manager?: string; readonly named?: string }[] =
  [
    { company: "Aare", manager: "Nora North" },
    { company: "Birs", manager: "Omar Osten" },
    { company: "Cher", named: "nora  NORTH" },
    { company: "Drau", manager: "Sven Sund" },
    { company: "Etsch", named: "Somebody Else" },
    { company: "Fulda" },
    { company: "Gera", manager: "Vera Vale" },
    { company: "Havel", named: "Sven Sund" },
  ];
const NORTH = ["Aare", "Birs", "Cher", "Gera"];

/** Whom each of them sees. */
const SEEN: Readonly<Record<string, readonly string[]>> = {
  "Nora North": ["Aare", "Cher"],
  "Omar Osten": NORTH,
  "Sven Sund": ["Drau", "Havel"],
  "Vera Vale": NORTH,
  "Otto Vale": [],
  "Alma Aller": CUSTOMERS.map(({ company }) => company),
  "Nick Niemand": [],
};

interface World {
  readonly cloud: TestCloud;
  readonly people: ReadonlyMap<string, Person>;
  /** By company name. */
  readonly customers: ReadonlyMap<string, string>;
  /** Everything that hangs on a customer, by kind and id: whose it is. */
  readonly items: Readonly<Record<Kind, ReadonlyMap<string, string>>>;
  person(name: string): Person;
}
const KINDS = ["customer", "deployment", "interaction", "ticket", "survey", "request", "alert"] as const;
type Kind = (typeof KINDS)[number];

/**
 * A cloud with these customers, each with two of everything, which differ by customer.
 *
 * @param companies of them, in this order
 */
async function world(companies: readonly string[]): Promise<World> {
  // The domain connects to one database: a second cloud needs a domain of its own.
  vi.resetModules();
  const cloud = await testCloud();
  const { api } = cloud.admin;
  const people = new Map<string, Person>();
  for (const { name, role, access, team } of TEAM) {
    const email = `${name.replace(" ", ".").toLowerCase()}@example.com`;
    await api.users.create({ body: { email, full_name: name, role, access, team, password: PASSWORD } });
    people.set(name, await cloud.signIn(email));
  }
  const customers = new Map<string, string>();
  const items = Object.fromEntries(KINDS.map((kind) => [kind, new Map<string, string>()])) as Record<
    Kind,
    Map<string, string>
  >;
  for (const [n, { company, manager, named }] of CUSTOMERS.entries()) {
    if (!companies.includes(company)) continue;
    const created = await api.customers.create({
      body: {
        company_name: company,
        industry: ["Energy", "Water", "Rail"][n % 3] ?? null,
        contract_value: `${(n + 1) * 10_000}`,
        contract_end_date: inDays(10 * n + 5),
        ...(manager && { account_manager_id: people.get(manager)?.id }),
        ...(named && { account_manager: named }),
      },
    });
    const id = created.body().id;
    customers.set(company, id);
    items.customer.set(id, company);
    await fill(n, id, items, company, api);
  }
  await cloud.settled(60_000);
  const person = (name: string) => {
    const found = people.get(name);
    if (!found) throw new Error(`Nobody is called ${name}`);
    return found;
  };
  return { cloud, people, customers, items, person };
}

async function fill(
  n: number,
  customer_id: string,
  items: Readonly<Record<Kind, Map<string, string>>>,
  company: string,
  api: Person["api"],
) {
  const put = (kind: Kind, { id }: { readonly id: string }) => void items[kind].set(id, company);
  const products = ["MonetX", "SupportX", "GreenX"] as const;
  const product_name = products[n % 3] ?? "MonetX";
  const deployment = (
    await api.deployments.create({
      body: {
        customer_id,
        product_name,
        deployment_date: inDays(-10 - n),
        version: "1",
        environment: "cloud",
        license_type: "Enterprise",
        license_expiry: inDays(7 * n + 3),
      },
    })
  ).body();
  put("deployment", deployment);
  for (const [m, interaction_type] of (["call", "meeting", "escalation"] as const).entries())
    put(
      "interaction",
      (
        await api.interactions.create({
          body: {
            customer_id,
            interaction_type,
            sentiment: (["positive", "neutral", "negative"] as const)[(n + m) % 3],
            subject: `Subject ${company} ${m}`,
            description: "They talked.",
            performed_by: n % 2 ? "Grace Palmer" : "James Wilson",
            follow_up_required: m < 2,
            ...(m === 0 && { follow_up_date: inDays(n - 3) }),
          },
        })
      ).body(),
    );
  for (const [m, priority] of (["low", "critical"] as const).entries()) {
    const ticket = (
      await api.tickets.create({
        body: { customer_id, subject: `Ticket ${company} ${m}`, description: "It fails.", priority },
      })
    ).body();
    put("ticket", ticket);
    if (m === 0) await api.tickets.update({ params: { id: ticket.id }, body: { status: "resolved" } });
    items.interaction.set(ticket.id, company);
  }
  for (const [m, survey_type] of (["nps", "quarterly"] as const).entries())
    put(
      "survey",
      (
        await api.csat.create({
          body: {
            customer_id,
            product_deployment_id: deployment.id,
            survey_type,
            score: m === 0 ? 3 + n : 1 + (n % 5),
            submitted_by_name: "Ada Winter",
            submitted_by_email: "ada@example.com",
            feedback_text: `Feedback of ${company} ${m}`,
          },
        })
      ).body(),
    );
  for (const m of [0, 1]) {
    const target_email = `ada${m}@${company.toLowerCase()}.example.com`;
    const asked = await api.surveyRequests.create({
      body: { customer_id, survey_type: "nps", target_type: "specific", target_email },
    });
    for (const one of asked.body()) {
      put("request", one);
      if (m === 0) await api.surveyRequests.cancel({ params: { id: one.id } });
    }
  }
  for (const [m, severity] of (["high", "low"] as const).entries()) {
    const alert = (
      await api.alerts.create({
        body: {
          customer_id,
          alert_type: "custom",
          severity,
          title: `Alert ${company} ${m}`,
          description: "!",
        },
      })
    ).body();
    if (m === 1) await api.alerts.resolve({ params: { id: alert.id }, body: null });
  }
  await api.healthScores.calculate({ params: { customer_id }, body: {} });
  let cursor: string | undefined;
  do {
    const page = (await api.alerts.list({ query: { customer_id, limit: 100, cursor } })).body();
    for (const alert of page.alerts) put("alert", alert);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
}

let all: World;
beforeAll(async () => {
  all = await world(CUSTOMERS.map(({ company }) => company));
}, 120_000);
afterAll(() => all?.cloud.stop());

const base = () => `${all.cloud.apiUrl}/api/v1`;
type Body = Readonly<Record<string, unknown>>;

/** A GET as somebody. */
async function ask(person: Person, path: string, origin = base()) {
  const answer = await fetch(`${origin}${path}`, {
    headers: { authorization: `Bearer ${person.token}`, accept: "application/json" },
  });
  return { status: answer.status, body: (await answer.json()) as Body };
}

describe("customers", () => {
  it.each(TEAM)("of $name are those that they see, and no others", async ({ name }) => {
    const person = all.person(name);
    const seen = SEEN[name] ?? [];
    const { body } = await ask(person, "/customers?limit=100&sort_by=company_name&sort_order=asc");
    const rows = body.customers as readonly { readonly company_name: string }[];
    expect([rows.map(({ company_name }) => company_name), body.total]).toEqual([seen, seen.length]);
    for (const [company, id] of all.customers)
      expect([company, (await ask(person, `/customers/${id}`)).status]).toEqual([
        company,
        seen.includes(company) ? 200 : 404,
      ]);
    const { body: stats } = await ask(person, "/dashboard/stats");
    expect(stats.total_customers).toBe(seen.length);
  });
});
void randomUUID;
void groups;
