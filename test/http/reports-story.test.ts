import { randomUUID } from "node:crypto";
import { type ReportType, ReportType as ReportTypes } from "@success-manager/contract/vocabulary";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { type Letter, lettersTo } from "../support/inbox.ts";
import { linksOf } from "../support/report.ts";
import { putSchedule } from "../support/report-schedule.ts";

/** What reports say first, what their mails say of them, and what becomes of a report that says nothing new. */

const DAY_MS = 24 * 60 * 60 * 1000;
const dayIn = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** More customers at risk than a report lists. */
const AT_RISK = 14;
const NAMES = Array.from({ length: AT_RISK }, (_, n) => `Kestrel ${String(n + 1).padStart(2, "0")} 株式会社`);

let cloud: TestCloud;
let api: Api;
let ids: readonly string[];

beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  ids = await Promise.all(
    NAMES.map(async (company_name, n) => {
      const body = {
        ...{ company_name, status: "at_risk" as const, contract_value: 250_000 + n },
        contract_end_date: dayIn(20 + n),
      };
      return (await api.customers.create({ body })).body().id;
    }),
  );
});
afterAll(() => cloud?.stop());

async function generated(report_type: ReportType, filters: object = {}): Promise<string> {
  const { id, status } = (await api.reports.generate({ body: { report_type, filters } })).body();
  expect(status).toBe("completed");
  const { url } = (await api.reports.download({ params: { id } }, { accept: "application/json" })).body();
  const { pages } = await readPdf(new Uint8Array(await (await fetch(url)).arrayBuffer()));
  return pages.map(({ text }) => text).join(" ");
}

const words = (html = "") =>
  html
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&nbsp;", " ")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ");

describe("a report begins with what it comes to", () => {
  it.each<ReportType>(["executive_summary", "health_summary", "customer_overview"])("%s", async (type) => {
    const text = await generated(type);
    const [story, rest] = [
      text.indexOf("In short"),
      text.search(/Key figures|Overview Customers|Customer base/),
    ];
    expect(story).toBeGreaterThan(0);
    expect(rest).toBeGreaterThan(story);
    const told = text.slice(story, rest);
    expect(told).toContain(
      `${AT_RISK} of ${AT_RISK} customers are at risk; no health score has been calculated yet.`,
    );
    expect(told).toContain(`$3.5M of $3.5M contract value (100.0%) is at risk, with ${AT_RISK} customers`);
    // Five decisions, the most valuable contracts first.
    expect([...told.matchAll(/Secure the renewal/g)]).toHaveLength(5);
    expect(told).toContain("Kestrel 14");
    expect(told).not.toContain("Kestrel 09");
  });

  it("and has the parts that are asked for, the story being one of them", async () => {
    const text = await generated("executive_summary", { sections: ["summary"] });
    expect(text).toContain("In short");
    expect(text).not.toContain("Key figures");
    expect(await generated("executive_summary", { sections: ["renewals"] })).not.toContain("In short");
  });
});

describe("a shortened table", () => {
  it("says where the other rows are: in the annex, when there is one", async () => {
    const short = await generated("executive_summary", { sections: ["at_risk"] });
    expect(short).toContain("and 4 more; with its annex, or with CSV, the report has them all");
    // Neither among the ten most valuable ones nor named beside them.
    expect(short).not.toContain("Kestrel 04");
    const whole = await generated("executive_summary", { sections: ["at_risk"], annex: true });
    expect(whole).toContain("and 4 more, in the annex");
    const annex = whole.slice(whole.indexOf("Annex"));
    expect(NAMES.filter((name) => annex.includes(name.slice(0, 10)))).toEqual(NAMES);
  });
});

const body = (more: object = {}) => ({
  ...{
    report_name: "Executive Summary",
    report_type: "executive_summary" as const,
    frequency: "monthly" as const,
  },
  ...{ recipients: ["ada@example.com"], ...more },
});

describe("the options of a schedule", () => {
  it("are off unless somebody says so, are shown, and stay when something else changes", async () => {
    const plain = (await api.reports.createSchedule({ body: body() })).body();
    expect(plain).toMatchObject({ skip_unchanged: false, attach_csv: false });
    const params = { id: plain.id };
    const changed = (await api.reports.updateSchedule({ params, body: { skip_unchanged: true } })).body();
    expect(changed).toMatchObject({ skip_unchanged: true, attach_csv: false });
    await api.reports.updateSchedule({ params, body: { report_name: "Another", attach_csv: true } });
    const { reports } = (await api.reports.listSchedules({})).body();
    expect(reports.find(({ id }) => id === plain.id)).toMatchObject({
      ...{ report_name: "Another", skip_unchanged: true, attach_csv: true },
    });
  });

  it.each([{ skip_unchanged: "yes" }, { attach_csv: 1 }, { filters: { annex: "yes" } }])(
    "%j is refused",
    async (more) => {
      const answer = await api.reports.createSchedule({ body: body(more) as ReturnType<typeof body> });
      expect(answer.status).toBe(422);
    },
  );
});

let ago = 0;

/** The runs of a schedule, one after the other; answers the new mails and what became of the report. */
async function run(id: string, recipient: string) {
  const before = (await lettersTo(cloud.inboxUrl, recipient)).length;
  // Another one each time: what a schedule had before says nothing new.
  ago += 60_000;
  const next_scheduled_at = new Date(Date.now() - ago).toISOString();
  (await api.reports.updateSchedule({ params: { id }, body: { next_scheduled_at } })).body();
  expect((await api.reports.runScheduled({})).body().results).toMatchObject({
    total_due: 1,
    generated: 1,
    failed: 0,
  });
  const [newest] = (await api.reports.listHistory({ query: { scheduled_report_id: id } })).body().history;
  return {
    letters: (await lettersTo(cloud.inboxUrl, recipient)).slice(before),
    status: newest?.deliveries.map(({ status }) => status),
  };
}

const somebody = () => `board-${randomUUID()}@example.com`;

describe("the mail of a report", () => {
  it("says what the report says, with its figures, its chart, and its tables", async () => {
    const recipient = somebody();
    const { id } = await putSchedule({ ...body(), recipients: [recipient], attach_csv: true });
    const { letters } = await run(id, recipient);
    const [letter] = letters;
    const text = await generated("executive_summary");
    for (const part of [letter?.body.text, words(letter?.body.html)]) {
      expect(part).toContain(`${AT_RISK} of ${AT_RISK} customers are at risk`);
      expect(part).toContain("$3.5M of $3.5M contract value (100.0%) is at risk, with 14 customers");
      for (const label of [
        "Average health",
        "Customers at risk",
        "Contract value at risk",
        "CSAT in the period",
      ]) {
        expect(part).toContain(label);
        expect(text).toContain(label);
      }
      expect(part).toMatch(/Customers by health/);
      expect(part).toMatch(/Not scored:? 14 \(100\.0%\)/);
    }
    const names = letter?.attachments.map(({ filename }) => filename) ?? [];
    expect(names[0]).toMatch(/^Executive summary, .+ \d{4}\.pdf$/);
    expect(names).toEqual(expect.arrayContaining(["Decide now.csv", "Customers at risk.csv"]));
    await expectTables(letter, recipient);
  });

  /** By the link in the mail, and over the API. */
  async function expectTables(letter: Letter | undefined, recipient: string) {
    const attached = Object.fromEntries(
      (letter?.attachments ?? [])
        .filter(({ filename = "" }) => filename.endsWith(".csv"))
        .map(({ filename, content }) => [filename, Buffer.from(content, "base64").toString()]),
    );
    // For machines: amounts to the cent, days as ISO 8601.
    expect(attached["Decide now.csv"]).toMatch(/^[^,\r\n]+,\d+\.\d{2},[^\r\n]*,\d{4}-\d{2}-\d{2},/m);
    const unzip = (zip: ArrayBuffer) =>
      Object.fromEntries(
        Object.entries(unzipSync(new Uint8Array(zip))).map(([name, bytes]) => [
          name,
          Buffer.from(bytes).toString(),
        ]),
      );
    const [link = ""] = /http\S+\/report\/\S+\/tables/.exec(letter?.body.text ?? "") ?? [];
    expect(words(letter?.body.html)).toContain("All tables as CSV, in one ZIP file");
    const loaded = await fetch(link);
    expect(loaded.headers.get("content-type")).toBe("application/zip");
    expect(loaded.headers.get("content-disposition")).toMatch(/Executive summary, .+\.zip/);
    expect(unzip(await loaded.arrayBuffer())).toEqual(attached);
    const { history } = (await api.reports.listHistory({ query: { limit: 20 } })).body();
    const report = history.find(({ deliveries }) => deliveries.some((one) => one.recipient === recipient));
    expect(report?.has_tables).toBe(true);
    const params = { id: report?.id ?? "" };
    const { url } = (await api.reports.tables({ params }, { accept: "application/json" })).body();
    expect(unzip(await (await fetch(url)).arrayBuffer())).toEqual(attached);
  }

  it("brings no tables where nobody wants them, and there are none to load", async () => {
    const recipient = somebody();
    const { id } = await putSchedule({ ...body(), recipients: [recipient] });
    const [letter] = (await run(id, recipient)).letters;
    expect(letter?.attachments).toHaveLength(1);
    expect(letter?.body.text).not.toContain("/tables");
    const { history } = (await api.reports.listHistory({ query: { limit: 20 } })).body();
    const report = history.find(({ deliveries }) => deliveries.some((one) => one.recipient === recipient));
    expect(report?.has_tables).toBe(false);
    const refused = await api.reports.tables({ params: { id: report?.id ?? "" } });
    expect([refused.status, refused.raw]).toMatchObject([
      404,
      { detail: expect.stringContaining("`attach_csv`") },
    ]);
    const { file } = await linksOf(id, report?.id ?? "", recipient);
    expect((await fetch(`${cloud.apiUrl}/report/${file}/tables`)).status).toBe(404);
  });

  it("names the file after the customer, in any script", async () => {
    const recipient = somebody();
    const [customer_id = ""] = ids;
    const schedule = {
      ...body(),
      report_type: "customer_overview" as const,
      report_name: "Customer Overview",
    };
    const { id } = await putSchedule({ ...schedule, filters: { customer_id }, recipients: [recipient] });
    const [letter] = (await run(id, recipient)).letters;
    expect(letter?.attachments[0]?.filename).toMatch(/^Kestrel 01 株式会社, Customer overview, .+\.pdf$/);
    const [report] = (await api.reports.listHistory({ query: { scheduled_report_id: id } })).body().history;
    const { url } = (
      await api.reports.download({ params: { id: report?.id ?? "" } }, { accept: "application/json" })
    ).body();
    const header = (await fetch(url)).headers.get("content-disposition") ?? "";
    expect(decodeURIComponent(header.split("filename*=UTF-8''")[1] ?? "")).toBe(
      letter?.attachments[0]?.filename,
    );
  });

  it("says the same when another worker sends it later", async () => {
    const recipient = somebody();
    const { id } = await putSchedule({ ...body(), recipients: [recipient] });
    /** What a function does that has just started, at a time. */
    const work = async (now: Date) => {
      vi.resetModules();
      const { processDue } = await import("../../packages/domain/src/reports/due.ts");
      return processDue(
        { triggered_by: "Schedule" },
        { remaining: () => 60_000, log: () => undefined, onAbandoned: () => undefined, now: () => now },
      );
    };
    vi.stubEnv("AWS_ENDPOINT_URL_SES", "http://127.0.0.1:9");
    expect(await work(new Date())).toMatchObject({ generated: 1, mailed: 0 });
    vi.unstubAllEnvs();
    const [report] = (await api.reports.listHistory({ query: { scheduled_report_id: id } })).body().history;
    expect(report?.deliveries).toMatchObject([{ status: "failed" }]);
    const later = new Date(Date.parse(report?.next_attempt_at ?? "") + 1000);
    expect(await work(later)).toMatchObject({ generated: 0, mailed: 1 });
    const [letter] = await lettersTo(cloud.inboxUrl, recipient);
    expect(letter?.body.text).toContain("contract value (100.0%) is at risk");
  });
});

describe("a schedule that skips what is not new", () => {
  it("mails the first report, none that says the same, and the next one that does not", async () => {
    const recipient = somebody();
    const { id } = await putSchedule({ ...body(), recipients: [recipient], skip_unchanged: true });
    const one = await run(id, recipient);
    expect([one.letters.length, one.status?.[0]]).toEqual([1, expect.stringMatching(/^(sent|delivered)$/)]);
    for (const _ of [1, 2]) {
      const same = await run(id, recipient);
      expect([same.letters.length, same.status]).toEqual([0, ["unchanged"]]);
    }
    const [customer = ""] = ids;
    (await api.customers.update({ params: { id: customer }, body: { contract_value: 999_000 } })).body();
    const next = await run(id, recipient);
    expect(next.letters).toHaveLength(1);
    expect((await run(id, recipient)).status).toEqual(["unchanged"]);
  });

  it("is one that says so: others are mailed whatever they say", async () => {
    const recipient = somebody();
    const { id } = await putSchedule({ ...body(), recipients: [recipient] });
    for (const _ of [1, 2]) expect((await run(id, recipient)).letters).toHaveLength(1);
  });
});

describe("four answers to NPS", () => {
  /** The report about a back-test has no answers to surveys. */
  const types = ReportTypes.options.filter((type) => type !== "score_backtest");
  const [three, one] = [[10, 9, 10], [0]];
  /** Of 4 answers +50, of 5 with another 10 +60. */
  const printed = /[+−](50|60)\b/;
  const answer = async (customer_id: string, score: number) => {
    const said = { submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
    const answered = await api.csat.create({ body: { customer_id, survey_type: "nps", score, ...said } });
    expect(answered.status).toBe(201);
  };
  const about = (text: string) =>
    [...text.matchAll(/(NPS|[Nn]et promoter score)[^.]{0,120}/g)].map(([found]) => found).join("\n");

  it("are no score in any report and in no mail; a fifth one makes it one", async () => {
    const [customer_id = ""] = ids;
    for (const score of [...three, ...one]) await answer(customer_id, score);
    await cloud.settled();
    const everywhere: readonly (readonly [ReportType, object])[] = [
      ...types.map((type) => [type, {}] as const),
      ...(["customer_overview", "csat_analysis", "health_summary"] as const).map(
        (type) => [type, { customer_id }] as const,
      ),
      ["csat_analysis", { survey_types: ["nps"] }],
    ];
    const read = () => Promise.all(everywhere.map(([type, filters]) => generated(type, filters)));
    const few = await read();
    expect(few.filter((text) => /NPS/.test(text)).length).toBeGreaterThan(4);
    for (const text of few) expect(about(text)).not.toMatch(printed);
    const mails = async () => {
      const found: string[] = [];
      for (const report_type of types) {
        const recipient = somebody();
        const filters = { date_from: dayIn(-30), date_to: dayIn(0) };
        const { id } = await putSchedule({ ...body(), report_type, filters, recipients: [recipient] });
        const [letter] = (await run(id, recipient)).letters;
        expect(letter).toBeDefined();
        found.push(`${letter?.body.text} ${words(letter?.body.html)}`);
      }
      return found;
    };
    for (const text of await mails()) expect(about(text)).not.toMatch(printed);

    await answer(customer_id, 10);
    await cloud.settled();
    const enough = (await read()).filter((text) => printed.test(about(text)));
    expect(enough.length).toBeGreaterThan(3);
    for (const text of enough) expect(about(text)).toMatch(/\+60/);
    // With what it is worth.
    for (const text of enough) expect(about(text)).toMatch(/95%|[+−]\d+ to \+\d+/);
    expect((await mails()).some((text) => printed.test(about(text)))).toBe(true);
  });
});

describe("what reports say of a score that goes by a definition", () => {
  const industry = `Industry ${randomUUID()}`;
  let id: string;
  let silent: string;
  let definition: string;
  const create = async (body: object = {}) =>
    (
      await api.customers.create({ body: { company_name: `Osprey ${randomUUID()}`, industry, ...body } })
    ).body().id;
  const talk = (interaction_type: "meeting" | "escalation") =>
    api.interactions.create({
      body: { customer_id: id, interaction_type, subject: "Talk", description: "Talk", sentiment: "neutral" },
    });
  const score = async (customer_id: string) =>
    (await api.healthScores.calculate({ params: { customer_id }, body: {} })).body();

  beforeAll(async () => {
    const { RECOMMENDED } = await import("@success-manager/domain/health");
    const admin = cloud.admin.api;
    const body = { ...RECOMMENDED, applies_to: { industries: [industry] } };
    definition = (await admin.scoreDefinitions.create({ body })).body().id;
    await admin.scoreDefinitions.publish({ params: { id: definition } });
    [id, silent] = [await create(), await create()];
    for (const product_name of ["MonetX", "SupportX", "GreenX"] as const)
      await api.deployments.create({
        body: {
          ...{ customer_id: id, product_name, environment: "cloud", version: "1", license_type: "annual" },
          ...{ deployment_date: dayIn(-200), license_expiry: dayIn(200) },
        },
      });
    for (let n = 0; n < 6; n++) await talk("meeting");
  });
  afterAll(() => cloud.admin.api.scoreDefinitions.retire({ params: { id: definition } }));

  const overview = () => generated("customer_overview", { customer_id: id });

  it("are its measures as the API has them, and the limit that holds it", async () => {
    const free = await score(id);
    const text = await overview();
    expect(text).toContain(`the score goes by version ${free.definition_version} of its definition`);
    expect(text).toContain(`What the calculated score of ${free.overall_score} is made of`);
    for (const { key, score: points, effective_weight } of free.measures)
      expect(text).toMatch(
        new RegExp(
          `${key} ${points ?? "Not recorded"} ${(100 * effective_weight).toFixed(1)}% `.replaceAll(
            ".",
            "\\.",
          ),
        ),
      );
    expect(text).toContain("nothing is known");
    expect(text).not.toContain("a limit of the definition holds");
    await talk("escalation");
    expect((await score(id)).overall_score).toBe(60);
    const limited = await overview();
    expect(limited).toMatch(/What is measured comes to \d+; a limit of the definition holds\./);
    expect(limited).toContain("97 → 60: −34 the limit for open escalations, −3 an escalation.");
  });

  it("is that somebody has set it, until when, and what is calculated", async () => {
    await api.healthScores.override({
      params: { id },
      body: { score: 20, reason: "known_risk", note: "They told us.", days: 30 },
    });
    const text = await overview();
    expect(text).toMatch(/Set by hand until \d{1,2} \w{3,4} \d{4}; calculated is 60\./);
    expect(text).toContain("What the calculated score of 60 is made of");
  });

  it("is of how many too little is known", async () => {
    expect((await score(silent)).band).toBe("unknown");
    for (const type of ["health_summary", "customer_overview"] as const)
      expect(await generated(type, { industries: [industry] })).toContain(
        "Of 1 customer too little is known to say how healthy they are",
      );
    for (const type of ["health_summary", "customer_overview"] as const)
      expect(await generated(type, { customer_id: silent })).toMatch(
        /Too little is known: the health score is \d+/,
      );
  });

  it("is when and why a customer has left", async () => {
    const of = { params: { id } };
    await api.customers.recordOutcome({
      ...of,
      body: { kind: "churned", effective_on: dayIn(0), reason: "price" },
    });
    expect(await overview()).toMatch(/is over: the customer left on \d{1,2} \w{3,4} \d{4} \(Price\)\./);
  });
});
