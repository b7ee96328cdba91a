import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
});
afterAll(() => cloud?.stop());

const createCustomer = (company_name: string, more: object = {}) =>
  api.customers.create({ body: { company_name, ...more } });

const post = async (path: string, body: object, by = cloud.manager) => {
  const answer = await fetch(`${cloud.apiUrl}/api/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${by.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

const get = async (path: string, by = cloud.manager) => {
  const answer = await fetch(`${cloud.apiUrl}/api/v1${path}`, {
    headers: { authorization: `Bearer ${by.token}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

/** The same name to a person: what one creates, another can't create again, and everybody finds. */
const SAME = [
  ["Northwind\u00a0Traders AG", "northwind  traders ag", "no-break space and two blanks"],
  ["Cafe\u0301 Central", "CAFÉ CENTRAL", "decomposed, as a Mac sends it"],
  ["Ｆｕｌｌ　Ｗｉｄｔｈ", "full width", "full width"],
  ["Straßenbau Süd", "STRASSENBAU SÜD", "sharp s in capitals"],
  ["ΟΔΟΣ ΑΕ", "οδος αε", "final sigma"],
  ["Soft\u00adware Zero\u200b Inc", "software zero inc", "invisible characters"],
  ["Oﬃce Supplies", "office supplies", "ligature"],
] as const;

describe("a company name", () => {
  it.each(SAME)("%j is taken for %j: %s", async (name, other) => {
    const created = await createCustomer(name);
    expect(created.status).toBe(201);
    expect((await createCustomer(other)).status).toBe(409);
    const { id } = (created as { body(): { id: string } }).body();
    for (const search of [name, other, other.toUpperCase()]) {
      const { customers } = (await api.customers.list({ query: { search } })).body();
      expect(customers.map((one) => one.id)).toEqual([id]);
    }
  });

  it.each([
    ["Müller & Söhne", "muller & sohne"],
    ["Łódź Łączność", "lodz"],
    ["İstanbul Gıda", "istanbul gida"],
    ["O’Neil–Group", "o'neil-group"],
    ["Ærø Dækservice", "aero daek"],
  ])("%j is found by %j, which may be another customer's name", async (name, search) => {
    await createCustomer(name);
    const { customers } = (await api.customers.list({ query: { search } })).body();
    expect(customers.map(({ company_name }) => company_name)).toEqual([name]);
    const found = (await api.customers.search({ query: { q: search } })).body().customers;
    expect(found.map(({ company_name }) => company_name)).toEqual([name]);
    expect((await createCustomer(search)).status).toBe(201);
  });

  it("has no invisible characters and is one line, while emoji and scripts keep their joiners", async () => {
    for (const [typed, stored] of [
      ["Line\r\nBreak\u2028Ltd", "Line Break Ltd"],
      ["\u202eReversed\u202c Ltd", "Reversed Ltd"],
      ["Bell\u0007 Ltd", "Bell Ltd"],
      ["Family 👨‍👩‍👧 Ltd", "Family 👨‍👩‍👧 Ltd"],
      ["شرکت می‌خواهم", "شرکت می‌خواهم"],
    ] as const)
      expect((await createCustomer(typed)).body()).toMatchObject({ company_name: stored });
  });
});

describe("every search finds what counts as the same", () => {
  /** A text in one spelling, looked for in another. */
  const TEXT = "Übergabe im Café Łódź";
  const LOOKED_FOR = ["ubergabe", "UBERGABE IM CAFE\u0301", "cafe\u00a0 lodz", "Übergabe\u200b im"];
  let customer_id: string;
  beforeAll(async () => {
    customer_id = (await createCustomer("Searched GmbH")).body().id;
    await post("/interactions", {
      customer_id,
      interaction_type: "call",
      subject: TEXT,
      description: "-",
      performed_by: "Zoë Ångström",
    });
    await post("/alerts", { customer_id, alert_type: "escalation", title: TEXT, description: "-" });
    await post("/csat", {
      customer_id,
      survey_type: "nps",
      score: 8,
      feedback_text: TEXT,
      submitted_by_name: "Zoë Ångström",
      submitted_by_email: "zoe@example.com",
    });
    const admin = cloud.admin;
    const user = {
      email: "zoe@team.example",
      full_name: `Zoë ${TEXT}`,
      password: "a long enough pass phrase 7",
    };
    await post("/users", { ...user, role: "viewer" }, admin);
  });

  it.each(["/interactions", "/alerts", "/alerts?is_resolved=false", "/csat", "/users"])(
    "in %s",
    async (path) => {
      for (const search of LOOKED_FOR) {
        const query = `${path.includes("?") ? "&" : "?"}search=${encodeURIComponent(search)}`;
        const { status, body } = await get(`${path}${query}`, cloud.admin);
        expect([status, search, body.total]).toEqual([200, search, 1]);
      }
    },
  );

  it("by the person who spoke with the customer", async () => {
    for (const performer of ["zoe angstrom", "ZOE\u0308", "ångström"]) {
      const { body } = await get(`/interactions?performed_by=${encodeURIComponent(performer)}`);
      expect([performer, body.total]).toEqual([performer, 1]);
    }
  });

  it("and refuses what nobody sees", async () => {
    for (const path of ["/customers", "/interactions", "/alerts", "/csat", "/users"])
      expect((await get(`${path}?search=%E2%80%8B`, cloud.admin)).status).toBe(422);
  });
});

describe("invisible is empty", () => {
  const nothing = ["\u200b", "\u2060", "\u00ad", "\u2800", "\u3164", "\u0301", " \ufeff\n"];

  it.each(nothing)("%j is no name, subject, title or label", async (value) => {
    const { id: customer_id } = (await createCustomer(`Seen ${nothing.indexOf(value)}`)).body();
    const interaction = { customer_id, interaction_type: "call", subject: "s", description: "d" };
    const alert = { customer_id, alert_type: "escalation", title: "t", description: "d" };
    const survey = {
      customer_id,
      survey_type: "nps",
      score: 9,
      submitted_by_name: "A",
      submitted_by_email: "a@b.example",
    };
    const user = { email: "no@team.example", full_name: "N", password: "a long enough pass phrase 7" };
    const refusals = [
      ["company_name", "/customers", {}],
      ["subject", "/interactions", interaction],
      ["description", "/interactions", interaction],
      ["performed_by", "/interactions", interaction],
      ["title", "/alerts", alert],
      ["description", "/alerts", alert],
      ["submitted_by_name", "/csat", survey],
      ["full_name", "/users", user],
      [
        "report_name",
        "/reports/scheduled",
        { report_type: "health_summary", frequency: "weekly", recipients: ["a@b.example"] },
      ],
    ] as const;
    for (const [field, path, body] of refusals) {
      const answer = await post(path, { ...body, [field]: value }, cloud.admin);
      expect([path, field, answer.status, answer.body.detail]).toEqual([
        path,
        field,
        422,
        `${field}: must not be empty`,
      ]);
    }
  });

  it.each(nothing)("%j clears an optional field", async (value) => {
    const created = await createCustomer(`Cleared ${nothing.indexOf(value)}`, {
      industry: value,
      contact_name: value,
      notes: value,
      account_manager: value,
    });
    expect(created.body()).toMatchObject({ industry: null, contact_name: null, notes: null });
  });
});

describe("lists stand in the order in which people sort", () => {
  const SORTED = ["äther Ölwerke", "Company 2", "Company 10", "company 11", "Łuk", "Zulu", "Яна"];
  let ids: string[];
  beforeAll(async () => {
    ids = [];
    for (const name of [...SORTED].reverse()) {
      const created = await createCustomer(`Sorted ${name}`, { industry: name, account_manager: name });
      ids.unshift(created.body().id);
    }
    for (const [n, customer_id] of ids.entries()) {
      await post("/deployments", {
        customer_id,
        product_name: "MonetX",
        deployment_date: "2026-01-01",
        version: `1.${n === 0 ? 2 : 10 + n}`,
        environment: "cloud",
        license_type: SORTED[n],
        license_expiry: "2099-01-01",
      });
      await post("/alerts", { customer_id, alert_type: "escalation", title: "sorted", description: "-" });
      await post("/csat", {
        customer_id,
        survey_type: "nps",
        score: 9,
        submitted_by_name: SORTED[n],
        submitted_by_email: "a@b.example",
      });
    }
  });

  /** All rows of a list, two at a time by cursor. */
  async function walk(path: string, items: string): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    let cursor: unknown = null;
    do {
      const next = cursor === null ? "" : `&cursor=${encodeURIComponent(String(cursor))}`;
      const { status, body } = await get(`${path}&limit=2${next}`);
      expect(status).toBe(200);
      rows.push(...(body[items] as Record<string, unknown>[]));
      cursor = body.next_cursor;
    } while (cursor !== null && rows.length < 100);
    return rows;
  }

  it.each([
    ["/customers?search=sorted&sort_by=company_name", "customers", "company_name", "Sorted "],
    ["/customers?search=sorted&sort_by=industry", "customers", "industry", ""],
    ["/customers?search=sorted&sort_by=account_manager_name", "customers", "account_manager_name", ""],
    ["/deployments?sort_by=license_type", "deployments", "license_type", ""],
    ["/deployments?sort_by=customer_name", "deployments", "customer_name", "Sorted "],
    ["/alerts?is_resolved=false&search=sorted&sort_by=customer_name", "alerts", "customer_name", "Sorted "],
    ["/csat?search=sorted&sort_by=customer_name", "surveys", "customer_name", "Sorted "],
    ["/csat?search=sorted&sort_by=submitted_by_name", "surveys", "submitted_by_name", ""],
  ])("%s, page by page in both directions", async (path, items, field, prefix) => {
    const expected = SORTED.map((name) => `${prefix}${name}`);
    for (const order of ["asc", "desc"]) {
      const rows = await walk(`${path}&sort_order=${order}`, items);
      expect(rows.map((row) => row[field])).toEqual(order === "asc" ? expected : expected.toReversed());
    }
  });

  it("versions by their numbers", async () => {
    const rows = await walk("/deployments?sort_by=version&sort_order=asc", "deployments");
    expect(rows.map(({ version }) => version)).toEqual([
      "1.2",
      "1.11",
      "1.12",
      "1.13",
      "1.14",
      "1.15",
      "1.16",
    ]);
  });

  it("pickers as well", async () => {
    const industries = (await api.customers.industries({})).body();
    expect(industries.filter((name) => SORTED.includes(name))).toEqual(SORTED);
  });
});
