import { randomUUID } from "node:crypto";
import { type CustomerAccess, type ReportType, type Role, Scope } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import { apiOf, groups, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { withDayLeft } from "../support/window.ts";

// Two systems are compared, of which one is filled long after the other.
await withDayLeft(15 * 60_000);

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

/** An API key with every scope, which sees some of the customers of three. */
const KEY = "Filter Key";
const FILTER = {
  managers: ["Nora North", "Omar Osten", "Vera Vale"],
  industries: ["ENERGY ", "water"],
} as const;
const CALLERS: readonly { readonly name: string }[] = [...TEAM, { name: KEY }];

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
  // Not Cher, who is in another industry.
  [KEY]: ["Aare", "Birs", "Gera"],
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
const KINDS = [
  "customer",
  "deployment",
  "interaction",
  "ticket",
  "outcome",
  "renewal",
  "survey",
  "request",
  "alert",
] as const;
type Kind = (typeof KINDS)[number];

/**
 * A cloud with these customers, each with two of everything, which differ by customer.
 *
 * @param companies of them, in this order
 */
async function world(companies: readonly string[]): Promise<World> {
  // The domain connects to one database: a second cloud needs a domain of its own.
  vi.resetModules();
  // One instance of each function: what a first call has loaded is there for the next.
  const cloud = await testCloud({ maxInstances: 1 });
  const { api } = cloud.admin;
  const people = new Map<string, Person>();
  for (const { name, role, access, team } of TEAM) {
    const email = `${name.replace(" ", ".").toLowerCase()}@example.com`;
    await api.users.create({ body: { email, full_name: name, role, access, team, password: PASSWORD } });
    people.set(name, await cloud.signIn(email));
  }
  people.set(KEY, await filteredKey(cloud, people));
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

/** The key as somebody who calls: it sees customers of some people, in some industries. */
async function filteredKey(
  { admin, apiUrl }: TestCloud,
  people: ReadonlyMap<string, Person>,
  scopes: readonly Scope[] = Scope.options,
): Promise<Person> {
  const account_manager_ids = FILTER.managers.map((name) => people.get(name)?.id ?? "");
  const customers = { account_manager_ids, industries: [...FILTER.industries] };
  const made = await admin.api.apiKeys.create({ body: { name: KEY, scopes: [...scopes], customers } });
  const { id, secret: token } = made.body();
  const nothing = { email: "", refresh_token: "", session_id: "" };
  return { ...nothing, id, token, api: apiOf(apiUrl, token, undefined, undefined, "none") };
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
  for (const [m, amount_after] of ["900000", "950000.50"].entries()) {
    const renewed = { kind: "renewed", effective_on: inDays(0), reason: m === 0 ? "price" : null } as const;
    const { id } = (
      await api.customers.recordOutcome({ params: { id: customer_id }, body: { ...renewed, amount_after } })
    ).body();
    put("outcome", { id });
    if (m === 0) await api.outcomes.correct({ params: { id }, body: { voluntary: true } });
  }
  const { renewals } = (await api.outcomes.renewals({ query: { customer_id } })).body();
  for (const renewal of renewals) put("renewal", renewal);
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
});
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
  it.each(CALLERS)("of $name are those that they see, and no others", async ({ name }) => {
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

/** A list endpoint: where its rows stand in the answer, and which single read allows each of them. */
interface List {
  readonly path: string;
  readonly rows: string;
  readonly idOf?: (row: Body) => string;
  readonly single: (id: string) => string;
  /** What is listed: these items, as far as a test of them holds. Without it, whatever single reads of an admin's list allow. */
  readonly queries?: readonly string[];
}
const customerOf = (row: Body) => String(row.customer_id);
const customer = (id: string) => `/customers/${id}`;

/** Every list that pages through rows of customers. A new one without a case fails. */
const LISTS: Readonly<Record<string, List>> = {
  "customers list": {
    path: "/customers",
    rows: "customers",
    single: customer,
    queries: ["sort_by=company_name&sort_order=asc", "search=a", "industry=Energy", "sort_by=health_score"],
  },
  "deployments list": {
    path: "/deployments",
    rows: "deployments",
    single: (id) => `/deployments/${id}`,
    queries: ["is_active=true"],
  },
  "deployments expiring": {
    path: "/deployments/expiring",
    rows: "deployments",
    single: (id) => `/deployments/${id}`,
    queries: ["days=365"],
  },
  "deployments byProduct": {
    path: "/deployments/by-product/MonetX",
    rows: "deployments",
    single: (id) => `/deployments/${id}`,
  },
  "health-scores atRisk": {
    path: "/health-scores/at-risk",
    rows: "customers",
    idOf: customerOf,
    single: customer,
    queries: ["threshold=100"],
  },
  "csat list": {
    path: "/csat",
    rows: "surveys",
    single: (id) => `/csat/${id}`,
    queries: ["survey_type=nps", "search=feedback", "sort_by=customer_name&sort_order=asc"],
  },
  "survey-requests list": {
    path: "/survey-requests",
    rows: "requests",
    single: (id) => `/survey-requests/${id}`,
    queries: ["status=cancelled", "search=ada", "sort_by=customer_name&sort_order=asc"],
  },
  "alerts list": {
    path: "/alerts",
    rows: "alerts",
    single: (id) => `/alerts/${id}`,
    queries: ["is_resolved=false", "is_resolved=true", "search=alert", "status=active&sort_by=customer_name"],
  },
  "interactions list": {
    path: "/interactions",
    rows: "interactions",
    single: (id) => `/interactions/${id}`,
    queries: [
      "interaction_type=escalation",
      "search=subject",
      "performed_by=grace",
      `start_date=${inDays(-1)}`,
    ],
  },
  "interactions pendingFollowups": {
    path: "/interactions/pending-followups",
    rows: "followups",
    idOf: (row) => String(row.interaction_id),
    single: (id) => `/interactions/${id}`,
    queries: ["include_overdue=false"],
  },
  "tickets list": {
    path: "/tickets",
    rows: "tickets",
    single: (id) => `/tickets/${id}`,
    queries: ["status=resolved", "search=ticket", "sort_by=customer_name&sort_order=asc"],
  },
  "outcomes list": {
    path: "/outcomes",
    rows: "outcomes",
    single: (id) => `/outcomes/${id}`,
    queries: ["reason=price", "sort_by=recorded_at&sort_order=asc", `known_on=${inDays(0)}`, "kind=churned"],
  },
  "outcomes renewals": {
    path: "/renewals",
    rows: "renewals",
    single: (id) => `/renewals/${id}`,
    queries: ["state=open", "stage=renewed", "sort_by=customer_name&sort_order=asc", "sort_by=amount"],
  },
  "outcomes retentionCustomers": {
    path: `/retention/customers?figure=new&period=${inDays(0).slice(0, 4)}`,
    rows: "customers",
    idOf: customerOf,
    single: customer,
    queries: ["by=industry&group=energy"],
  },
  "reports listSchedules": {
    path: "/reports/scheduled",
    rows: "reports",
    single: (id) => `/reports/scheduled/${id}`,
    queries: ["sort_by=report_name"],
  },
  "reports listHistory": {
    path: "/reports/history",
    rows: "history",
    single: (id) => `/reports/history/${id}`,
    queries: ["report_type=health_summary"],
  },
};

/** Lists of one customer, or of a thing of theirs: nothing when the customer is not seen. */
const OF_CUSTOMER: Readonly<Record<string, (id: string) => string>> = {
  "customers timeline": (id) => `/customers/${id}/timeline`,
  "customers outcomes": (id) => `/customers/${id}/outcomes`,
  "customers healthHistory": (id) => `/customers/${id}/health-history`,
  "health-scores history": (id) => `/health-scores/customer/${id}/history`,
  "alerts byCustomer": (id) => `/alerts/customer/${id}?include_resolved=true`,
  "interactions ofCustomer": (id) => `/interactions/customer/${id}`,
  "tickets ofCustomer": (id) => `/tickets/customer/${id}`,
};

/** Reads of one thing, by kind. */
const SINGLE: Readonly<Record<string, readonly [kind: Kind, path: (id: string) => string]>> = {
  "customers get": ["customer", customer],
  "customers scoreChanges": ["customer", (id) => `/customers/${id}/score-changes`],
  "health-scores getOverride": ["customer", (id) => `/health-scores/customer/${id}/override`],
  "health-scores latest": ["customer", (id) => `/health-scores/customer/${id}`],
  "csat summary": ["customer", (id) => `/csat/customer/${id}/summary`],
  "deployments get": ["deployment", (id) => `/deployments/${id}`],
  "interactions get": ["interaction", (id) => `/interactions/${id}`],
  "tickets get": ["ticket", (id) => `/tickets/${id}`],
  "tickets listComments": ["ticket", (id) => `/tickets/${id}/comments`],
  "outcomes get": ["outcome", (id) => `/outcomes/${id}`],
  "outcomes versions": ["outcome", (id) => `/outcomes/${id}/versions`],
  "outcomes renewal": ["renewal", (id) => `/renewals/${id}`],
  "csat get": ["survey", (id) => `/csat/${id}`],
  "survey-requests get": ["request", (id) => `/survey-requests/${id}`],
  "alerts get": ["alert", (id) => `/alerts/${id}`],
};

/** Figures, and lists that come whole: as of a system that holds nothing else. */
const FIGURES: Readonly<Record<string, readonly string[]>> = {
  "customers industries": ["/customers/industries"],
  "customers search": ["/customers/search?q=a", "/customers/search?q=e&limit=3"],
  "customers atRisk": ["/customers/at-risk"],
  "customers expiringSoon": ["/customers/expiring-soon?days=365"],
  "deployments stats": ["/deployments/stats"],
  "health-scores trends": ["/health-scores/trends"],
  "health-scores unknown": ["/health-scores/unknown"],
  "health-scores distribution": ["/health-scores/distribution"],
  "dashboard stats": ["/dashboard/stats"],
  "dashboard healthDistribution": ["/dashboard/health-distribution"],
  "dashboard csatTrends": ["/dashboard/csat-trends"],
  "dashboard customerSegments": ["/dashboard/customer-segments"],
  "dashboard upcomingRenewals": ["/dashboard/upcoming-renewals"],
  "dashboard recentActivity": ["/dashboard/recent-activity?limit=50", "/dashboard/recent-activity?limit=7"],
  "dashboard productPerformance": ["/dashboard/product-performance"],
  "dashboard accountManagerPerformance": ["/dashboard/account-manager-performance"],
  "dashboard overview": ["/dashboard/overview"],
  "dashboard topPerformers": ["/dashboard/top-performers"],
  "dashboard needsAttention": ["/dashboard/needs-attention"],
  "csat analytics": ["/csat/analytics"],
  "survey-requests stats": ["/survey-requests/stats", "/survey-requests/stats?survey_type=nps"],
  "alerts dashboard": ["/alerts/dashboard"],
  "alerts stats": ["/alerts/stats"],
  "interactions summary": ["/interactions/summary"],
  "tickets stats": ["/tickets/stats"],
  "outcomes renewalForecast": [
    "/renewals/forecast",
    "/renewals/forecast?period=next&by=account_manager",
    "/renewals/forecast?by=stage",
  ],
  "outcomes retention": [
    `/retention?period=${inDays(0).slice(0, 4)}`,
    `/retention?period=${inDays(0).slice(0, 4)}&by=account_manager`,
  ],
};

/** Nothing of a customer: the team, its settings, its jobs; and what reports have, which have tests of their own. */
const OF_THE_TEAM = new Set([
  ...["auth me", "account sessions", "account secondFactor", "users list", "users profile", "users get"],
  "customers accountManagers",
  // How scores are calculated; an override is looked up by its customer, who is found in the scope.
  ...["score-definitions list", "score-definitions get"],
  // For admins alone, who see all.
  ...["api-keys list", "api-keys get", "audit list", "audit verify", "personal-data getRun"],
  ...["scheduler list", "settings alerts", "settings reports", "settings branding", "settings notifications"],
  ...["settings systemHealth", "settings tickets", "settings suppressions", "settings security"],
  "settings outcomes",
]);
const OF_REPORTS = new Set([
  ...["reports getSchedule", "reports getHistory", "reports download", "reports tables", "reports dashboard"],
]);

const reads = groups.flatMap(({ name, prefix, endpoints }) =>
  Object.entries(endpoints).flatMap(([endpoint, { method, access, path, sees }]) =>
    method === "GET" && access !== "public"
      ? [{ name: `${name} ${endpoint}`, path: `${prefix}${path}`, sees }]
      : [],
  ),
);

it("every endpoint that reads has a case here: what it lists or tells is compared, or it is refused", () => {
  const cased = new Set([
    ...[LISTS, OF_CUSTOMER, SINGLE, FIGURES].flatMap((table) => Object.keys(table)),
    ...OF_THE_TEAM,
    ...OF_REPORTS,
  ]);
  expect(reads.filter(({ name, sees }) => sees !== "all" && !cased.has(name))).toEqual([]);
  expect([...cased].filter((name) => !reads.some((read) => read.name === name))).toEqual([]);
});

/** All rows of a list, page by page. */
async function walk(person: Person, { path, rows }: List, query: string, by: "cursor" | "skip") {
  const found: Body[] = [];
  let total = -1;
  let at = "";
  do {
    const separator = path.includes("?") ? "&" : "?";
    const { status, body } = await ask(person, `${path}${separator}limit=5&${query}${at}`);
    expect([path, query, status]).toEqual([path, query, 200]);
    found.push(...(body[rows] as Body[]));
    expect(total === -1 || body.total === total).toBe(true);
    total = Number(body.total);
    at = by === "cursor" ? `&cursor=${body.next_cursor}` : `&skip=${found.length}`;
    if (body.next_cursor === null) break;
  } while (found.length < 500);
  return { rows: found, total };
}

/** What does not change while lists are compared is asked once: by who asks and what. */
const memo = new Map<string, Promise<unknown>>();
function once<T>(key: string, asks: () => Promise<T>): Promise<T> {
  const known = (memo.get(key) as Promise<T> | undefined) ?? asks();
  memo.set(key, known);
  return known;
}
const statusOf = (person: Person, path: string) =>
  once(`${person.id} ${path}`, async () => (await ask(person, path)).status);

describe.each(Object.entries(LISTS))("%s", (_, list) => {
  const idOf = list.idOf ?? ((row: Body) => String(row.id));

  it.each(CALLERS)("shows $name what single reads allow, on all pages and in the total", async ({ name }) => {
    const person = all.person(name);
    const mine: string[] = [];
    for (const query of ["", ...(list.queries ?? [])]) {
      const everybody = await once(`${list.path} ${query}`, () =>
        walk(all.cloud.admin, list, query, "cursor"),
      );
      const allowed: string[] = [];
      for (const id of everybody.rows.map(idOf)) {
        const status = await statusOf(person, list.single(id));
        expect([200, 404]).toContain(status);
        if (status === 200) allowed.push(id);
      }
      for (const by of ["cursor", "skip"] as const) {
        const shown = await walk(person, list, query, by);
        expect([query, by, shown.rows.map(idOf)]).toEqual([query, by, allowed]);
        expect([query, by, shown.total]).toEqual([query, by, allowed.length]);
      }
      mine.push(...allowed);
    }
    // Reports are their owner's; of all else those who see somebody see something.
    if (!list.path.startsWith("/reports") && name !== "Sven Sund")
      expect(mine.length > 0).toBe((SEEN[name] ?? []).length > 0);
  });
});

describe("single reads", () => {
  it.each(CALLERS)("of $name find what hangs on their customers, and nothing else", async ({ name }) => {
    const person = all.person(name);
    const seen = new Set(SEEN[name]);
    const answers: unknown[] = [];
    const expected: unknown[] = [];
    for (const [endpoint, [kind, path]] of Object.entries(SINGLE))
      for (const [id, company] of all.items[kind]) {
        answers.push([endpoint, company, await statusOf(person, path(id))]);
        expected.push([endpoint, company, seen.has(company) ? 200 : 404]);
      }
    for (const [endpoint, path] of Object.entries(OF_CUSTOMER)) {
      // One of them lists nothing of a customer whom nobody knows.
      const unknown = await ask(person, path(randomUUID()));
      for (const [company, id] of all.customers) {
        const answer = await ask(person, path(id));
        answers.push([endpoint, company, seen.has(company) ? answer.status : answer]);
        expected.push([endpoint, company, seen.has(company) ? 200 : unknown]);
      }
    }
    expect(answers).toEqual(expected);
  });

  it("of a foreign thing say what they say of one that does not exist", async () => {
    const person = all.person("Nora North");
    for (const [endpoint, [kind, path]] of Object.entries(SINGLE)) {
      const [foreign = ""] = [...all.items[kind]].find(([, company]) => company === "Drau") ?? [];
      const [theirs, nobodys] = [await ask(person, path(foreign)), await ask(person, path(randomUUID()))];
      expect([endpoint, theirs]).toEqual([endpoint, nobodys]);
    }
  });

  it("of a foreign thing ask the table the same as of one that does not exist", async () => {
    const person = all.person("Nora North");
    const asked = async (path: string) => {
      await ask(person, path);
      all.cloud.database.take();
      await ask(person, path);
      return all.cloud.database.take().map(({ operation }) => operation);
    };
    for (const [endpoint, [kind, path]] of Object.entries(SINGLE)) {
      const [foreign = ""] = [...all.items[kind]].find(([, company]) => company === "Drau") ?? [];
      expect([endpoint, await asked(path(foreign))]).toEqual([endpoint, await asked(path(randomUUID()))]);
    }
  });

  it("in a filter find nothing of a foreign customer", async () => {
    const person = all.person("Nora North");
    const drau = all.customers.get("Drau");
    for (const path of [
      "/interactions",
      "/tickets",
      "/csat",
      "/survey-requests",
      "/alerts",
      "/deployments",
    ]) {
      const foreign = await ask(person, `${path}?customer_id=${drau}`);
      const unknown = await ask(person, `${path}?customer_id=${randomUUID()}`);
      expect([path, foreign]).toEqual([path, unknown]);
    }
  });
});

/** What differs between two clouds whatever they hold: ids by the name of what they stand for, moments, numbers. */
function comparable(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => comparable(one, names));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        key === "ticket_number" || key === "number" ? "<number>" : comparable(one, names),
      ]),
    );
  if (typeof value !== "string") return value;
  return value
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => names.get(id) ?? "<id>")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<moment>")
    .replaceAll(/#\d+/g, "#<number>")
    .replaceAll(/(admin|manager|viewer) ?\d+/g, "$1");
}

const namesIn = ({ customers, people }: World) =>
  new Map([
    ...Array.from(customers, ([company, id]) => [id, company] as const),
    ...Array.from(people, ([name, { id }]) => [id, name] as const),
  ]);

/** What a warm function asks of the table for somebody. */
async function asked({ cloud, person }: World, name: string, path: string) {
  const origin = `${cloud.apiUrl}/api/v1`;
  // The first call loads what is kept in memory, the second takes what has changed meanwhile.
  for (let n = 0; n < 2; n++) await ask(person(name), path, origin);
  cloud.database.take();
  await ask(person(name), path, origin);
  return cloud.database
    .take()
    .map(({ operation, index = "" }) => `${operation} ${index}`.trim())
    .sort();
}

describe("figures", () => {
  it.each(["Nora North", "Omar Osten", "Sven Sund", "Otto Vale", KEY])(
    "of %s are those of a system that holds their customers alone, and ask the table the same there",
    async (name) => {
      const answers: Record<string, unknown> = {};
      for (const path of Object.values(FIGURES).flat())
        answers[path] = comparable(await ask(all.person(name), path), namesIn(all));
      const part = await world(SEEN[name] ?? []);
      try {
        const origin = `${part.cloud.apiUrl}/api/v1`;
        const expected: Record<string, unknown> = {};
        for (const path of Object.values(FIGURES).flat())
          expected[path] = comparable(await ask(part.person("Alma Aller"), path, origin), namesIn(part));
        const analytics = expected["/csat/analytics"] as { body: Record<string, unknown> };
        analytics.body.top_themes = null;
        expect(answers).toEqual(expected);
        const paths = [...Object.values(FIGURES).flat(), ...Object.values(LISTS).map(({ path }) => path)];
        for (const path of paths)
          expect([path, await asked(all, name, path)]).toEqual([path, await asked(part, name, path)]);
      } finally {
        await part.cloud.stop();
      }
    },
  );

  it.each(["Nora North", KEY])("that can't be told of some customers are refused %s", async (name) => {
    for (const { path, sees } of reads) {
      if (sees !== "all") continue;
      const { status, body } = await ask(
        all.person(name),
        path.replace("/api/v1", "").replace("{run_id}", "2026-01-31T08:00:00.000Z"),
      );
      expect([path, status, body.detail]).toEqual([path, 403, expect.stringContaining("all customers")]);
    }
  });
});
/** Words that a report prints. */
async function printed(person: Person, report_type: ReportType): Promise<string> {
  const made = (await person.api.reports.generate({ body: { report_type } })).body();
  expect([report_type, made.status, made.error_message]).toEqual([report_type, "completed", null]);
  const link = await person.api.reports.download({ params: { id: made.id } }, { accept: "application/json" });
  const { pages } = await readPdf(new Uint8Array(await (await fetch(link.body().url)).arrayBuffer()));
  return pages.map(({ text }) => text).join(" ");
}

describe("reports", () => {
  const TYPES = ["health_summary", "csat_analysis", "customer_overview", "executive_summary"] as const;

  it.each(["Nora North", "Omar Osten", KEY])("of %s tell of their customers alone", async (name) => {
    const seen = new Set(SEEN[name]);
    for (const report_type of TYPES) {
      const text = await printed(all.person(name), report_type);
      const named = CUSTOMERS.map(({ company }) => company).filter((company) => text.includes(company));
      expect([report_type, named.filter((company) => !seen.has(company))]).toEqual([report_type, []]);
      expect([report_type, named.length > 0]).toEqual([report_type, true]);
    }
  });

  it("about a foreign customer are refused as about one that does not exist", async () => {
    const { api } = all.person("Nora North");
    const about = (customer_id: string = randomUUID()) =>
      api.reports.generate({ body: { report_type: "customer_overview", filters: { customer_id } } });
    const [foreign, unknown] = [await about(all.customers.get("Drau")), await about()];
    expect([foreign.status, foreign.raw]).toEqual([404, unknown.raw]);
  });

  it.each(["Nora North", KEY])(
    "in the background tell of the customers of who asked for them: %s",
    async (name) => {
      const nora = all.person(name);
      const asked = await nora.api.reports.generate({
        query: { async: true },
        body: { report_type: "customer_overview" },
      });
      const { id } = asked.body();
      await vi.waitFor(
        async () =>
          expect((await nora.api.reports.getHistory({ params: { id } })).body().status).toBe("completed"),
        { timeout: 60_000, interval: 200 },
      );
      const { url } = (
        await nora.api.reports.download({ params: { id } }, { accept: "application/json" })
      ).body();
      const { pages } = await readPdf(new Uint8Array(await (await fetch(url)).arrayBuffer()));
      const text = pages.map((page) => page.text).join(" ");
      expect(text).toContain("Aare");
      expect(text).not.toContain("Drau");
    },
  );

  it("of a schedule tell of the customers of who made it, whoever has them made", async () => {
    const nora = all.person("Nora North");
    const { id } = (
      await nora.api.reports.createSchedule({
        body: {
          report_name: "Hers",
          report_type: "customer_overview",
          frequency: "monthly",
          recipients: ["nora.north@example.com"],
          next_scheduled_at: new Date(Date.now() - MINUTE_MS).toISOString(),
        },
      })
    ).body();
    expect((await all.cloud.admin.api.reports.runScheduled({})).body().results).toMatchObject({
      generated: 1,
    });
    const made = (await nora.api.reports.listHistory({ query: { scheduled_report_id: id } })).body();
    expect(made).toMatchObject({ total: 1, history: [{ status: "completed" }] });
    const [report] = made.history;
    const { url } = (
      await nora.api.reports.download({ params: { id: report?.id ?? "" } }, { accept: "application/json" })
    ).body();
    const { pages } = await readPdf(new Uint8Array(await (await fetch(url)).arrayBuffer()));
    const text = pages.map((page) => page.text).join(" ");
    expect(text).toContain("Aare");
    expect(text).not.toContain("Drau");
    expect(text).toContain("Only those whom its author sees");
    await nora.api.reports.removeSchedule({ params: { id } });
  });

  it("of a key's schedule tell of its customers, also when it is revoked", async () => {
    const { admin } = all.cloud;
    const key = await filteredKey(all.cloud, all.people, ["reports:write"]);
    const { id } = (
      await key.api.reports.createSchedule({
        body: {
          report_name: "A key's",
          report_type: "customer_overview",
          frequency: "monthly",
          recipients: ["nora.north@example.com"],
          next_scheduled_at: new Date(Date.now() - MINUTE_MS).toISOString(),
        },
      })
    ).body();
    await admin.api.apiKeys.revoke({ params: { id: key.id } });
    expect((await admin.api.reports.runScheduled({})).body().results).toMatchObject({ generated: 1 });
    const made = (await admin.api.reports.listHistory({ query: { scheduled_report_id: id } })).body();
    expect(made).toMatchObject({ total: 1, history: [{ status: "completed" }] });
    const link = await admin.api.reports.download(
      { params: { id: made.history[0]?.id ?? "" } },
      { accept: "application/json" },
    );
    const { pages } = await readPdf(new Uint8Array(await (await fetch(link.body().url)).arrayBuffer()));
    const text = pages.map((page) => page.text).join(" ");
    expect(["Aare", "Birs", "Cher", "Drau", "Gera"].filter((company) => text.includes(company))).toEqual(
      SEEN[KEY],
    );
    await admin.api.reports.removeSchedule({ params: { id } });
  });

  it("and schedules are their owner's and those of who sees all; figures count these", async () => {
    const [nora, omar] = [all.person("Nora North"), all.person("Omar Osten")];
    const { id } = (
      await nora.api.reports.createSchedule({
        body: {
          report_name: "Mine",
          report_type: "customer_overview",
          frequency: "monthly",
          recipients: ["nora.north@example.com"],
        },
      })
    ).body();
    const find = async (person: Person) => (await ask(person, `/reports/scheduled/${id}`)).status;
    expect([await find(nora), await find(omar), await find(all.cloud.admin)]).toEqual([200, 404, 200]);
    expect((await omar.api.reports.toggleSchedule({ params: { id } })).status).toBe(404);
    expect((await omar.api.reports.removeSchedule({ params: { id } })).status).toBe(404);
    await nora.api.reports.generate({ body: { report_type: "health_summary" } });
    const [report] = (await nora.api.reports.listHistory({})).body().history;
    const read = async (person: Person, path = "") =>
      (await ask(person, `/reports/history/${report?.id}${path}`)).status;
    expect([await read(nora), await read(omar), await read(all.cloud.admin)]).toEqual([200, 404, 200]);
    expect(await read(omar, "/download")).toBe(404);
    expect(await read(omar, "/tables")).toBe(404);
    await all.cloud.settled(60_000);
    expect((await ask(nora, "/reports/dashboard")).body).toMatchObject({ total_scheduled: 1 });
    expect((await ask(omar, "/reports/dashboard")).body).toMatchObject({ total_scheduled: 0 });
  });

  it("of all customers are not for who sees some by now, though they asked for them", async () => {
    const { cloud } = all;
    const person = await cloud.person("manager");
    const { id } = (await person.api.reports.generate({ body: { report_type: "customer_overview" } })).body();
    expect((await ask(person, `/reports/history/${id}`)).status).toBe(200);
    const changed = await cloud.admin.api.users.update({
      params: { user_id: person.id },
      body: { access: "owned" },
    });
    expect(changed.body()).toMatchObject({ access: "owned" });
    expect((await ask(person, `/reports/history/${id}`)).status).toBe(404);
  });
});

describe("writes", () => {
  it.each(["Nora North", KEY])("to what is foreign find nothing, and change nothing: %s", async (name) => {
    const nora = all.person("Nora North");
    const id = (kind: Kind) => [...all.items[kind]].find(([, company]) => company === "Drau")?.[0] ?? "";
    const customer_id = id("customer");
    const { api } = all.person(name);
    const before = (await ask(all.cloud.admin, `/customers/${customer_id}`)).body;
    const answers = [
      await api.customers.update({ params: { id: customer_id }, body: { notes: "Mine now." } }),
      await api.customers.update({ params: { id: customer_id }, body: { account_manager_id: nora.id } }),
      await api.customers.remove({ params: { id: customer_id } }),
      await api.deployments.create({
        body: {
          customer_id,
          product_name: "MonetX",
          deployment_date: inDays(-1),
          version: "1",
          environment: "cloud",
          license_type: "Enterprise",
          license_expiry: inDays(9),
        },
      }),
      await api.deployments.update({ params: { id: id("deployment") }, body: { version: "2" } }),
      await api.deployments.remove({ params: { id: id("deployment") } }),
      await api.healthScores.calculate({ params: { customer_id }, body: {} }),
      await api.interactions.create({
        body: { customer_id, interaction_type: "call", subject: "Hello", description: "!" },
      }),
      await api.interactions.update({ params: { id: id("interaction") }, body: { subject: "Other" } }),
      await api.interactions.remove({ params: { id: id("interaction") } }),
      await api.tickets.create({ body: { customer_id, subject: "Hello", description: "!" } }),
      await api.tickets.update({ params: { id: id("ticket") }, body: { status: "closed" } }),
      await api.tickets.addComment({ params: { id: id("ticket") }, body: { body: "Hello" } }),
      await api.customers.recordOutcome({
        params: { id: customer_id },
        body: { kind: "churned", effective_on: inDays(0) },
      }),
      await api.outcomes.correct({ params: { id: id("outcome") }, body: { note: "Hello" } }),
      await api.outcomes.withdraw({ params: { id: id("outcome") } }),
      await api.outcomes.updateRenewal({ params: { id: id("renewal") }, body: { stage: "lost" } }),
      await api.csat.create({
        body: {
          customer_id,
          survey_type: "nps",
          score: 9,
          submitted_by_name: "Ada",
          submitted_by_email: "ada@example.com",
        },
      }),
      await api.csat.createLink({ body: { customer_id, survey_type: "nps" } }),
      await api.csat.revokeLink({ params: { id: id("request") } }),
      await api.surveyRequests.create({
        body: { customer_id, survey_type: "nps", target_type: "specific", target_email: "a@example.com" },
      }),
      await api.surveyRequests.remind({ params: { id: id("request") } }),
      await api.surveyRequests.cancel({ params: { id: id("request") } }),
      await api.alerts.create({
        body: { customer_id, alert_type: "custom", severity: "low", title: "Hello", description: "!" },
      }),
      await api.alerts.update({ params: { id: id("alert") }, body: { severity: "low" } }),
      await api.alerts.resolve({ params: { id: id("alert") }, body: null }),
      await api.alerts.snooze({ params: { id: id("alert") }, body: { snooze_days: 7 } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expect((await ask(all.cloud.admin, `/customers/${customer_id}`)).body).toEqual(before);
  });

  it("of many alerts at once leave foreign ones alone, as if they were unknown", async () => {
    const { api } = all.person("Nora North");
    const foreign = [...all.items.alert].filter(([, company]) => company === "Drau").map(([id]) => id);
    const answer = (await api.alerts.bulkResolve({ body: { alert_ids: foreign } })).body();
    expect(answer).toMatchObject({ resolved_count: 0, unknown: foreign });
    const snoozed = await api.alerts.bulkSnooze({ body: { alert_ids: foreign, snooze_days: 1 } });
    expect(snoozed.body()).toMatchObject({ snoozed_count: 0, unknown: foreign });
  });

  it("of jobs by hand score and check the caller's customers alone", async () => {
    const { api } = all.person("Nora North");
    expect((await api.healthScores.calculateAll({})).body()).toMatchObject({ total_customers: 2, failed: 0 });
    const drau = all.customers.get("Drau") ?? "";
    const score = async () => (await ask(all.cloud.admin, `/health-scores/customer/${drau}`)).body;
    const before = await score();
    expect((await api.alerts.runChecks({})).body().message).toContain("All of your customers are checked");
    expect(await score()).toEqual(before);
  });

  it("a new customer is theirs, or of whom they name and see", async () => {
    const [nora, omar, sven] = ["Nora North", "Omar Osten", "Sven Sund"].map((name) => all.person(name));
    if (!nora || !omar || !sven) throw new Error("Somebody is missing");
    const create = (person: Person, account_manager_id?: string) =>
      person.api.customers.create({
        body: { company_name: `New ${randomUUID()}`, ...(account_manager_id && { account_manager_id }) },
      });
    const own = (await create(nora)).body();
    expect(own.account_manager_id).toBe(nora.id);
    expect((await ask(nora, `/customers/${own.id}`)).status).toBe(200);
    expect((await create(nora, omar.id)).status).toBe(422);
    const teammates = (await create(omar, nora.id)).body();
    expect(teammates.account_manager_id).toBe(nora.id);
    expect((await create(omar, sven.id)).status).toBe(422);
    // Handed on: with the next request it is the other's, in functions that are warm.
    const handedOn = await nora.api.customers.update({
      params: { id: own.id },
      body: { account_manager_id: sven.id },
    });
    expect(handedOn.status).toBe(200);
    const seen = async (person: Person) => [
      (await ask(person, `/customers/${own.id}`)).status,
      (await ask(person, `/customers?search=${encodeURIComponent(own.company_name)}`)).body.total as number,
    ];
    expect([await seen(nora), await seen(omar), await seen(sven)]).toEqual([
      [404, 0],
      [404, 0],
      [200, 1],
    ]);
  });

  it("a new customer of a key is as its filter asks", async () => {
    const [key, omar] = [all.person(KEY), all.person("Omar Osten")];
    const create = (facts: object) =>
      key.api.customers.create({ body: { company_name: `New ${randomUUID()}`, ...facts } });
    const beyond = [
      await create({}),
      await create({ industry: "Energy" }),
      await create({ account_manager_id: omar.id, industry: "Rail" }),
      await create({ account_manager_id: all.person("Sven Sund").id, industry: "Energy" }),
    ];
    expect(beyond.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
    const { id } = (await create({ account_manager_id: omar.id, industry: "energy" })).body();
    expect((await ask(key, `/customers/${id}`)).status).toBe(200);
    // In another industry it is the key's no more, from the next request on.
    await omar.api.customers.update({ params: { id }, body: { industry: "Rail" } });
    expect((await ask(key, `/customers/${id}`)).status).toBe(404);
    await omar.api.customers.remove({ params: { id } });
  });

  it("a taken name is taken, and no more is said of whose it is", async () => {
    const { api } = all.person("Nora North");
    const answer = await api.customers.create({ body: { company_name: "DRAU" } });
    expect([answer.status, answer.raw]).toEqual([
      409,
      { detail: "Another customer has this company name already." },
    ]);
  });

  it("an alert about no customer is raised by who sees all", async () => {
    const alert = { alert_type: "custom", severity: "low", title: "!", description: "!" } as const;
    const body = { ...alert, customer_id: null };
    expect((await all.person("Nora North").api.alerts.create({ body })).status).toBe(422);
    const raised = (await all.person("Alma Aller").api.alerts.create({ body })).body();
    expect((await ask(all.person("Nora North"), `/alerts/${raised.id}`)).status).toBe(404);
  });

  it("admins see all, and nobody becomes one who sees less", async () => {
    const { api } = all.cloud.admin;
    const person = { full_name: "Ada Admin", password: PASSWORD, role: "admin" } as const;
    const refused = await api.users.create({
      body: { ...person, email: `${randomUUID()}@example.com`, access: "owned" },
    });
    expect(refused.status).toBe(422);
    const nick = all.person("Nick Niemand");
    const promoted = await api.users.update({ params: { user_id: nick.id }, body: { role: "admin" } });
    expect(promoted.body()).toMatchObject({ role: "admin", access: "all" });
    expect((await ask(nick, "/customers")).body.total).toBeGreaterThanOrEqual(CUSTOMERS.length);
  });
});
