import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, apiOf, type TestCloud, testCloud } from "../support/cloud.ts";
import { putIdentity } from "../support/oidc-provider.ts";
import { NEW_CUSTOMER, NEW_INTERACTION, NEW_TICKET, putUpload } from "../support/sample-calls.ts";
import { turnOn } from "../support/second-factor.ts";

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

const ADA = { name: "Adelaide Winterbourne", email: "Adelaide.Winterbourne@example.com" };
const COMMENT = "Adelaide here: the nightly export takes far too long for us.";
const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
const today = () => inDays(0);

/** A run as it is when it is done. */
async function done(id: string) {
  for (let n = 0; n < 300; n++) {
    const run = (await cloud.admin.api.personalData.getRun({ params: { id } })).body();
    if (run.status !== "pending") return run;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${id} is not done`);
}

const erase = async (body: { email: string } | { user_id: string }) =>
  done((await cloud.admin.api.personalData.erase({ body })).body().id);

/** A customer whose contact is Ada, who has answered a survey, asked for support, and is talked about. */
async function adasTraces(company_name: string) {
  const { api } = cloud.manager;
  const contact = { contact_name: ADA.name, contact_email: ADA.email };
  const customer = (
    await api.customers.create({
      body: { ...NEW_CUSTOMER, ...contact, company_name, contract_end_date: inDays(100) },
    })
  ).body();
  const about = { customer_id: customer.id };
  const { renewals } = (await api.outcomes.renewals({ query: about })).body();
  const next_step = `Call ${ADA.name} about the price.`;
  for (const { id } of renewals)
    (await api.outcomes.updateRenewal({ params: { id }, body: { next_step } })).body();
  const talk = { subject: `Call with ${ADA.name}`, description: `Write to ${ADA.email.toLowerCase()}.` };
  const interaction = (
    await api.interactions.create({ body: { ...NEW_INTERACTION, ...about, ...talk } })
  ).body();
  const requester = { requester_name: ADA.name, requester_email: ADA.email.toUpperCase() };
  const ticket = (await api.tickets.create({ body: { ...NEW_TICKET, ...about, ...requester } })).body();
  await api.tickets.addComment({ params: { id: ticket.id }, body: { body: `${ADA.name} called again.` } });
  const left = { kind: "renewed", effective_on: new Date().toISOString().slice(0, 10) } as const;
  const outcome = (
    await api.customers.recordOutcome({
      params: { id: customer.id },
      body: { ...left, note: `${ADA.name} signed.` },
    })
  ).body();
  // The former version names her, too.
  const corrected = { note: `Ask ${ADA.email}.` };
  (await api.outcomes.correct({ params: { id: outcome.id }, body: corrected })).body();
  const asked = { ...about, survey_type: "nps", send_to: ADA.email } as const;
  const answered = (await api.csat.createLink({ body: asked })).body();
  const open = (await api.csat.createLink({ body: asked })).body();
  const answer = {
    score: 3,
    submitted_by_name: ADA.name,
    submitted_by_email: ADA.email,
    feedback_text: COMMENT,
  };
  const { token } = answered;
  const response = await cloud.stranger.csat.publicSubmit({ params: { token }, body: answer });
  expect(response.status).toBeLessThan(300);
  await cloud.settled();
  return { customer, interaction, ticket, answered, open };
}

/** Everything that the table holds but the runs themselves, as text. */
async function wholeTable(): Promise<string> {
  const { dynamo, tableName } = await import("@success-manager/domain/table");
  const { ScanCommand } = await import("@aws-sdk/lib-dynamodb");
  const items: unknown[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await dynamo.send(new ScanCommand({ TableName: tableName, ExclusiveStartKey }));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return JSON.stringify(items).toLowerCase();
}

/** What stands around each place where a text occurs. */
const around = (all: string, trace: string) =>
  [...all.matchAll(new RegExp(trace.toLowerCase().replace(/[.+]/g, "\\$&"), "g"))].map(({ index }) =>
    all.slice(Math.max(0, index - 200), index + 60),
  );

describe("an export", () => {
  it("holds all that is known of a person, at an address for a while", async () => {
    const { ticket, interaction } = await adasTraces("Exported");
    const answer = await cloud.admin.api.personalData.exportPerson({ body: { email: ADA.email } });
    expect(answer.status).toBe(202);
    const run = await done(answer.body().id);
    expect(run).toMatchObject({ kind: "export", status: "completed" });
    expect(run.counts).toMatchObject({ customer: 1, survey: 1, survey_link: 2, ticket: 1, interaction: 1 });
    const file = await (await fetch(run.file?.url ?? "")).text();
    for (const known of [ADA.name, COMMENT, ticket.id, interaction.id, "called again", `${ADA.name} signed.`])
      expect(file).toContain(known);
    expect(file).not.toMatch(/token_hash|"secret"/);
    expect((await cloud.manager.api.personalData.getRun({ params: { id: run.id } })).status).toBe(403);
  });
});

describe("an erasure", () => {
  it("leaves scores without the person, nothing else of them anywhere, and a chain that holds", async () => {
    const { customer, answered, open, ticket } = await adasTraces("Erased");
    const { api } = cloud.admin;
    const report = (await api.reports.generate({ body: { report_type: "executive_summary" } })).body();
    await cloud.settled();
    const surveys = async () => (await api.csat.list({ query: { customer_id: customer.id } })).body().surveys;
    const before = await surveys();
    expect(await wholeTable()).toContain(ADA.email.toLowerCase());

    // Twenty at once are one run.
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.personalData.erase({ body: { email: ADA.email } })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => answer.body().id)).size).toBe(1);
    const run = await done(answers[0]?.body().id ?? "");
    // Of this test's and the one before.
    expect(run.counts).toMatchObject({
      customer: 2,
      survey: 2,
      survey_link: 4,
      ticket: 2,
      ticket_comment: 2,
      outcome: 2,
      outcome_version: 2,
      renewal: 2,
    });
    expect(run.counts.audit_entry).toBeGreaterThan(0);
    expect(run.counts.report_file).toBeGreaterThan(0);

    await cloud.settled();
    const all = await wholeTable();
    for (const trace of [ADA.email, ADA.name, COMMENT.slice(0, 30), "winterbourne"])
      expect(around(all, trace), trace).toEqual([]);

    const after = await surveys();
    expect(after.map(({ score }) => score)).toEqual(before.map(({ score }) => score));
    expect(after.every(({ feedback_text }) => feedback_text === null)).toBe(true);
    const { customer: shown } = (await api.customers.get({ params: { id: customer.id } })).body();
    expect(shown).toMatchObject({ contact_name: null, contact_email: null, company_name: "Erased" });
    expect((await api.tickets.get({ params: { id: ticket.id } })).body()).toMatchObject({
      requester_name: null,
    });
    // The link that was open is withdrawn.
    const { token } = open;
    const late = { score: 9, submitted_by_name: "Somebody", submitted_by_email: "s@example.com" };
    expect((await cloud.stranger.csat.publicSubmit({ params: { token }, body: late })).status).toBe(410);
    expect(answered.token).not.toBe(token);
    const { headers } = await api.reports.download({ params: { id: report.id } });
    const gone = await fetch(headers.get("location") ?? "http://localhost:1").catch(() => undefined);
    expect(gone?.ok ?? false).toBe(false);

    const verified = (await api.audit.verify({ query: { day: today() } })).body();
    expect(verified).toMatchObject({ is_valid: true, first_problem: null });
    expect(verified.erased).toBeGreaterThan(0);
    const entries = (await api.audit.list({ query: { entity: "customer", id: customer.id } })).body().entries;
    expect(entries.map(({ action, is_erased }) => [action, is_erased])).toContainEqual(["created", true]);
  });

  it("of somebody who is erased already finds nothing", async () => {
    const run = await erase({ email: ADA.email });
    expect(run).toMatchObject({ status: "completed", counts: {} });
  });

  it("keeps an address suppressed, of which a keyed hash is left", async () => {
    const { Suppressions } = await import("@success-manager/domain/mail");
    const email = "leaver@example.com";
    await Suppressions.unsubscribe(email);
    const run = await erase({ email });
    expect(run.counts).toEqual({ suppression: 1 });
    expect(await Suppressions.isUnsubscribed(email)).toBe(true);
    const all = await wholeTable();
    expect(all).not.toContain(email);
    // Whoever tries addresses without the key finds none.
    for (const kind of ["all", "surveys"] as const)
      expect(all).not.toContain(Suppressions.unkeyedId(email, kind));
  });

  it("keeps mail from a person who is imported again, in any spelling, until an admin lets it go there", async () => {
    const email = "imported@example.com";
    const contact = { contact_name: "Imogen Ported", contact_email: email };
    const create = async (company_name: string, contact_email: string) =>
      (
        await cloud.manager.api.customers.create({
          body: { ...NEW_CUSTOMER, ...contact, contact_email, company_name },
        })
      ).body().id;
    await create("Imported", email);
    expect((await erase({ email })).counts).toMatchObject({ customer: 1 });
    const customer_id = await create("Imported again", "Imported@EXAMPLE.com");
    const ask = async () =>
      (
        await cloud.manager.api.csat.createLink({
          body: { customer_id, survey_type: "nps", send_to: "IMPORTED@example.com" },
        })
      ).body();
    expect(await ask()).toMatchObject({ mail_status: "suppressed" });
    const { contact_email_problem } = (
      await cloud.manager.api.customers.get({ params: { id: customer_id } })
    ).body();
    expect(contact_email_problem).toMatchObject({ reason: "erased" });
    const { suppressions } = (await cloud.admin.api.settings.suppressions({ query: { email } })).body();
    expect(suppressions).toMatchObject([
      { email: "[erased]", kind: "all", reason: "erased", expires_at: null },
    ]);
    const id = suppressions[0]?.id ?? "";
    expect((await cloud.admin.api.settings.liftSuppression({ params: { id } })).status).toBe(200);
    expect(await ask()).toMatchObject({ mail_status: "sent" });
  });

  it("finds what was kept without a key, and gives it one, also where the address is known no more", async () => {
    const { Suppressions } = await import("@success-manager/domain/mail");
    const { SuppressionEntity } = await import("@success-manager/domain/table");
    const at = new Date().toISOString();
    const old = async (address: string, email: string) => {
      const id = Suppressions.unkeyedId(address);
      const facts = { bounced_at: at, bounce: "hard", suppressed_at: at, revision: 1 } as const;
      await SuppressionEntity.put({ id, email, ...facts }).go();
      return id;
    };
    const ids = [
      await old("former@example.com", "former@example.com"),
      await old("gone@example.com", "[erased]"),
    ];
    const reasons = () =>
      Promise.all(
        ["former@example.com", "gone@example.com"].map(
          async (email) => (await Suppressions.problemOf(email))?.reason,
        ),
      );
    expect(await reasons()).toEqual(["bounced", "bounced"]);
    await erase({ email: "somebody.else@example.com" });
    const all = await wholeTable();
    for (const id of ids) expect(around(all, id)).toEqual([]);
    expect(await reasons()).toEqual(["bounced", "bounced"]);
  });

  it("meets answers that are given meanwhile: each is refused or without the person", async () => {
    const { api } = cloud.manager;
    const email = "meanwhile@example.com";
    const { id: customer_id } = (
      await api.customers.create({
        body: { ...NEW_CUSTOMER, company_name: "Meanwhile", contact_email: email },
      })
    ).body();
    const links = await Promise.all(
      Array.from({ length: 8 }, async () =>
        (await api.csat.createLink({ body: { customer_id, survey_type: "nps", send_to: email } })).body(),
      ),
    );
    const erasing = erase({ email });
    const answers = await Promise.all(
      links.map(async ({ token }, n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 60));
        const body = {
          score: 8,
          submitted_by_name: "Me",
          submitted_by_email: email,
          feedback_text: "Written meanwhile by me.",
        };
        return cloud.stranger.csat.publicSubmit({ params: { token }, body });
      }),
    );
    await erasing;
    await cloud.settled();
    expect(answers.every(({ status }) => status < 300 || status === 410)).toBe(true);
    expect(await wholeTable()).not.toMatch(/meanwhile@example|written meanwhile/);
    const { surveys } = (await api.csat.list({ query: { customer_id } })).body();
    expect(surveys).toHaveLength(answers.filter(({ status }) => status < 300).length);
  });
});

describe("a run that breaks off", () => {
  /** What is to fail of requests to the database that this process makes; nothing when absent. */
  let fails: ((request: object) => boolean) | undefined;

  beforeAll(async () => {
    const { database, dynamo } = await import("../../packages/domain/src/table/client.ts");
    for (const client of [database, dynamo]) {
      const send = client.send.bind(client) as (command: { readonly input: object }) => Promise<never>;
      vi.spyOn(client, "send").mockImplementation(async (command: { readonly input: object }) => {
        if (fails?.(command.input)) throw new Error("The process was killed");
        return send(command);
      });
    }
  });

  const isWrite = (input: object) =>
    ["Item", "UpdateExpression", "TransactItems"].some((name) => name in input) ||
    ("Key" in input && !("ConsistentRead" in input));

  /** A run that nobody works on: its job could not be started. */
  async function orphan(kind: "erasure" | "export", email: string): Promise<string> {
    const { PersonalData } = await import("@success-manager/domain/personal-data");
    const { find, getRequest, JobLockEntity, PersonalDataEntity } = await import(
      "@success-manager/domain/table"
    );
    // A job that has just been at work still holds its lock, and takes what comes.
    const lock = async () => (await find(getRequest(JobLockEntity, "personal_data")))?.leased_until;
    await expect.poll(lock).toBeUndefined();
    const { PERSONAL_DATA_JOB_FUNCTION: name } = process.env;
    delete process.env.PERSONAL_DATA_JOB_FUNCTION;
    const before = new Set((await pending()).map(({ id }) => id));
    await expect(PersonalData.start(kind, { email }, cloud.admin as never)).rejects.toThrow("not configured");
    process.env.PERSONAL_DATA_JOB_FUNCTION = name;
    const [run] = (await pending()).filter(({ id }) => !before.has(id));
    expect(run && (await PersonalDataEntity.get({ id: run.id }).go()).data?.status).toBe("pending");
    return run?.id ?? "";
  }

  async function pending() {
    const { partitions, queryAll } = await import("@success-manager/domain/table");
    return queryAll<{ readonly id: string }>({ partition: partitions.dueDate("personal_data") });
  }

  /** The job in this process, once. Answers how many runs failed. */
  async function work(): Promise<number> {
    const { personalDataJob } = await import("@success-manager/domain/personal-data");
    const { runAs } = await import("@success-manager/domain/table");
    const job = personalDataJob();
    const context = {
      run_id: new Date().toISOString(),
      remaining: () => 600_000,
      log: () => undefined,
      save: () => undefined,
      checkpoint: async () => undefined,
    };
    const progress = await runAs({ kind: "job", id: "personal_data" }, () =>
      job.run(new Date(), job.start, context),
    );
    return progress.failed;
  }

  const runOf = async (id: string) => (await cloud.admin.api.personalData.getRun({ params: { id } })).body();

  /** Something of everything, by an address. */
  async function traces(email: string, company_name: string) {
    const { api } = cloud.manager;
    const who = { contact_name: "Bertrand Killjoy", contact_email: email };
    const { id: customer_id } = (
      await api.customers.create({ body: { ...NEW_CUSTOMER, ...who, company_name } })
    ).body();
    const requester = { requester_name: who.contact_name, requester_email: email };
    const ticket = (await api.tickets.create({ body: { ...NEW_TICKET, customer_id, ...requester } })).body();
    await api.tickets.addComment({ params: { id: ticket.id }, body: { body: "Bertrand Killjoy called." } });
    const said = { ...NEW_INTERACTION, customer_id, description: `Write to ${email}.` };
    await api.interactions.create({ body: said });
    const response = { survey_type: "nps", score: 2, submitted_by_name: who.contact_name } as const;
    await api.csat.create({
      body: { ...response, customer_id, submitted_by_email: email, feedback_text: `No more, ${email}` },
    });
    await cloud.settled();
  }

  it("is tried again from where it stood, and certifies what one does that is not broken off", async () => {
    await traces("whole@example.com", "Whole");
    const certified = (await erase({ email: "whole@example.com" })).counts;
    expect(certified).toMatchObject({ customer: 1, ticket: 1, ticket_comment: 1, interaction: 1, survey: 1 });
    // Killed before its nth write, wherever that is.
    for (const n of [1, 3, 4, 6, 9, 14, 18, 25]) {
      const email = `killed${n}@example.com`;
      await traces(email, `Killed ${n}`);
      const id = await orphan("erasure", email);
      let writes = 0;
      // A process that is dead writes nothing more; here, for a while, until it has noticed.
      fails = (input) => isWrite(input) && ++writes >= n;
      const failed = await work().catch(() => 1);
      fails = undefined;
      expect([n, failed]).toEqual([n, 1]);
      expect(await work()).toBe(0);
      expect(await runOf(id), String(n)).toMatchObject({ status: "completed", counts: certified });
      expect(await wholeTable()).not.toContain(email);
    }
  });

  it("is tried again by the watch, without anybody asking", async () => {
    const id = await orphan("export", ADA.email);
    const event = { job: "system_watch", scheduled_time: new Date().toISOString() };
    const watch = cloud.functions.find((name) => name.endsWith("jobs-system-watch")) ?? "";
    expect(await cloud.invoke(watch, event)).not.toHaveProperty("error");
    expect(await done(id)).toMatchObject({ status: "completed" });
  });

  it("is given up after so many times, and forgets whom it was about", async () => {
    const { PersonalDataEntity } = await import("@success-manager/domain/table");
    const id = await orphan("erasure", "given.up@example.com");
    const { data } = await PersonalDataEntity.get({ id }).go();
    await PersonalDataEntity.put({ ...(data as NonNullable<typeof data>), attempts: 22 }).go();
    const once = async () => {
      // The first page's end can't be noted; that it has failed can.
      let writes = 0;
      fails = (input) => isWrite(input) && ++writes === 1;
      const failed = await work();
      fails = undefined;
      return failed;
    };
    expect(await once()).toBe(1);
    expect(await runOf(id)).toMatchObject({ status: "pending", error: null });
    expect(await once()).toBe(1);
    expect(await runOf(id)).toMatchObject({ status: "failed", error: expect.stringMatching(/given up/) });
    expect(await wholeTable()).not.toContain("given.up@example.com");
    // Whoever asks again gets another run.
    expect(await erase({ email: "given.up@example.com" })).toMatchObject({ status: "completed" });
  });
});

/** Who somebody is at a provider of log-ins. */
const SUBJECT = "subject-of-bartholomew";

/** The name of the file of a picture that somebody has uploaded. */
async function putPicture(user_id: string, { users }: Api): Promise<string> {
  const upload_id = await putUpload(user_id);
  return (await users.setAvatar({ body: { upload_id } })).body().avatar_url.split("/").at(-1) ?? "";
}

describe("a user", () => {
  it("is erased when they can't sign in any more, also from what they wrote and did", async () => {
    const { id, email, api } = await cloud.person("admin");
    const { full_name } = (await api.auth.updateMe({ body: { full_name: "Bartholomew Quill" } })).body();
    const company = { ...NEW_CUSTOMER, company_name: "Of a user", contact_email: "x@example.com" };
    const { id: customer_id } = (await api.customers.create({ body: company })).body();
    await api.interactions.create({ body: { ...NEW_INTERACTION, customer_id } });
    const { id: ticket } = (await api.tickets.create({ body: { ...NEW_TICKET, customer_id } })).body();
    await api.tickets.addComment({ params: { id: ticket }, body: { body: "We look at it." } });
    const admin = cloud.admin.api;
    expect((await admin.personalData.erase({ body: { user_id: id } })).status).toBe(409);
    expect((await admin.personalData.erase({ body: { email } })).status).toBe(409);
    const picture = await putPicture(id, api);
    await turnOn(api);
    await putIdentity(id, email, SUBJECT);
    const exported = await done((await admin.personalData.exportPerson({ body: { user_id: id } })).body().id);
    const file = await (await fetch(exported.file?.url ?? "")).text();
    for (const known of [email, full_name, SUBJECT, "https://id.example.com", '"entity": "session"'])
      expect(file).toContain(known);
    expect(file).not.toMatch(/password|recovery|refresh/);
    expect(exported.counts).toMatchObject({ user: 1, identity: 1, session: 1 });
    const override = { score: 35, reason: "known_risk", note: `${full_name} has seen it`, days: 30 } as const;
    await api.healthScores.override({ params: { id: customer_id }, body: override });
    const key = (
      await api.apiKeys.create({ body: { name: "Quill sync", scopes: ["customers:read"] } })
    ).body();
    expect(key.created_by).toBe(full_name);
    await admin.users.deactivate({ params: { user_id: id } });
    await cloud.settled();
    const run = await erase({ user_id: id });
    expect((await admin.users.avatar({ params: { file: picture } })).status).toBe(404);
    expect(run.counts).toMatchObject({
      ...{
        user: 1,
        teammate: 1,
        interaction: 2,
        ticket: 1,
        ticket_comment: 1,
        api_key: 1,
        score_override: 1,
      },
      login_and_sessions: 4,
    });
    // What a program calls with is the team's: it goes on, without who made it.
    expect((await apiOf(cloud.apiUrl, key.secret).customers.list({})).status).toBe(200);
    expect((await admin.apiKeys.get({ params: { id: key.id } })).body()).toMatchObject({
      ...{ name: "Quill sync", created_by: "[erased]", created_by_id: id, state: "active" },
    });
    await cloud.settled();
    const all = await wholeTable();
    for (const trace of [email, full_name, picture, SUBJECT, `second_factor#${id}`])
      expect(around(all, trace), trace).toEqual([]);
    expect((await admin.audit.verify({ query: { day: today() } })).body().is_valid).toBe(true);
    const [entry] = (await admin.audit.list({ query: { actor: id } })).body().entries;
    expect(entry?.actor).toEqual({ kind: "user", id, name: null });
  });
});
