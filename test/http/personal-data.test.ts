import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, apiOf, type TestCloud, testCloud } from "../support/cloud.ts";
import { NEW_CUSTOMER, NEW_INTERACTION, NEW_TICKET, putUpload } from "../support/sample-calls.ts";
import { turnOn } from "../support/second-factor.ts";

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

const ADA = { name: "Adelaide Winterbourne", email: "Adelaide.Winterbourne@example.com" };
const COMMENT = "Adelaide here: the nightly export takes far too long for us.";
const today = () => new Date().toISOString().slice(0, 10);

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
    await api.customers.create({ body: { ...NEW_CUSTOMER, ...contact, company_name } })
  ).body();
  const about = { customer_id: customer.id };
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

  it("keeps an address suppressed", async () => {
    const { Suppressions } = await import("@success-manager/domain/mail");
    const email = "leaver@example.com";
    await Suppressions.unsubscribe(email);
    const run = await erase({ email });
    expect(run.counts).toEqual({ suppression: 1 });
    expect(await Suppressions.isUnsubscribed(email)).toBe(true);
    expect(await wholeTable()).not.toContain(email);
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

/** Who somebody is at a provider of log-ins. */
const SUBJECT = "subject-of-bartholomew";

async function putIdentity(user_id: string, email: string): Promise<void> {
  const { commit, emailKey, IdentityEntity, LoginEntity, putItem, updateItem } = await import(
    "@success-manager/domain/table"
  );
  const identity = { id: "identity of bartholomew", issuer: "https://id.example.com", subject: SUBJECT };
  await commit([
    putItem(IdentityEntity.create({ ...identity, user_id, created_at: new Date().toISOString() })),
    updateItem(LoginEntity.patch({ email_key: emailKey(email) }).set({ identity_id: identity.id })),
  ]);
}

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
    const admin = cloud.admin.api;
    expect((await admin.personalData.erase({ body: { user_id: id } })).status).toBe(409);
    expect((await admin.personalData.erase({ body: { email } })).status).toBe(409);
    const picture = await putPicture(id, api);
    await turnOn(api);
    await putIdentity(id, email);
    const key = (
      await api.apiKeys.create({ body: { name: "Quill sync", scopes: ["customers:read"] } })
    ).body();
    expect(key.created_by).toBe(full_name);
    await admin.users.deactivate({ params: { user_id: id } });
    await cloud.settled();
    const run = await erase({ user_id: id });
    expect((await admin.users.avatar({ params: { file: picture } })).status).toBe(404);
    expect(run.counts).toMatchObject({ user: 1, teammate: 1, interaction: 1, api_key: 1 });
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
