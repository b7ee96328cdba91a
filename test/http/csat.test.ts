import { randomUUID } from "node:crypto";
import type { NewSurvey } from "@success-manager/contract/surveys";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { deploymentBody } from "../support/rows.ts";

let cloud: TestCloud;
/** A viewer's: reading and recording is for all. */
let api: Api;
let customer_id: string;
let deployment: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
  customer_id = await newCustomer("Nordlicht");
  deployment = await newDeployment(customer_id);
});
afterAll(() => cloud?.stop());

const newCustomer = async (company_name: string) =>
  (await cloud.manager.api.customers.create({ body: { company_name } })).body().id;

const newDeployment = async (customer_id: string, is_active = true) =>
  (
    await cloud.manager.api.deployments.create({
      body: deploymentBody(customer_id, { is_active }),
    })
  ).body().id;

type Sent = z.input<typeof NewSurvey>;
const newSurvey = (changes: object = {}): Sent => ({
  customer_id,
  survey_type: "quarterly",
  score: 4,
  submitted_by_name: "Ada",
  submitted_by_email: "ada@example.com",
  ...changes,
});
const record = async (changes: object = {}) => (await api.csat.create({ body: newSurvey(changes) })).body();

const detailOf = ({ raw }: { raw: unknown }) => (raw as { detail: string }).detail;

describe("a recorded response", () => {
  it("comes back as sent, with its author and what is shown beside it", async () => {
    const sent = {
      ...newSurvey(),
      product_deployment_id: deployment,
      score: 5,
      submitted_by_name: " Ada ",
      submitted_by_email: " ada@example.com ",
      feedback_text: "Überblick: 你好 😀 <script>alert(1)</script>\nSecond line ",
      ticket_reference: " SUP-1 ",
      linked_ticket_id: randomUUID(),
      submitted_at: "2020-01-01T00:00:00Z",
      entered_by_staff_id: cloud.admin.id,
    };
    const before = new Date().toISOString();
    const answer = await api.csat.create({ body: sent });
    expect(answer.status).toBe(201);
    const survey = answer.body();
    expect(survey.submitted_at >= before).toBe(true);
    const feedback = "Überblick: 你好 😀 <script>alert(1)</script>\nSecond line";
    expect(survey).toEqual({
      id: expect.any(String),
      customer_id,
      product_deployment_id: deployment,
      survey_type: "quarterly",
      score: 5,
      feedback_text: feedback,
      submitted_by_name: "Ada",
      submitted_by_email: "ada@example.com",
      submitted_at: survey.submitted_at,
      ticket_reference: "SUP-1",
      linked_ticket_id: null,
      survey_request_id: null,
      submitted_by_customer_user_id: null,
      entered_by_staff_id: cloud.viewer.id,
      submitted_anonymously: false,
      submitted_via: "manual_entry",
      customer_name: "Nordlicht",
      product: "MonetX",
      feedback,
      submitted_by: "Ada",
      respondent_email: "ada@example.com",
    });
    expect((await api.csat.get({ params: { survey_id: survey.id } })).body()).toEqual(survey);
    expect((await api.csat.list({ query: { customer_id } })).body().surveys).toContainEqual(survey);
  });

  it("needs no text, ticket or deployment", async () => {
    const survey = await record({ feedback_text: " ", ticket_reference: "", product_deployment_id: null });
    expect(survey).toMatchObject({
      product_deployment_id: null,
      product: null,
      feedback_text: null,
      feedback: null,
      ticket_reference: null,
    });
  });

  it("may be about a deployment that is switched off, but not about another customer's", async () => {
    const off = await newDeployment(customer_id, false);
    expect((await record({ product_deployment_id: off })).product).toBe("MonetX");
    const others = await newDeployment(await newCustomer("Südlicht"));
    for (const product_deployment_id of [others, randomUUID()]) {
      const answer = await api.csat.create({ body: newSurvey({ product_deployment_id }) });
      expect([answer.status, detailOf(answer)]).toEqual([
        422,
        "product_deployment_id: must be the id of a deployment of this customer",
      ]);
    }
  });

  it.each([
    ["quarterly_review", "quarterly"],
    ["ticket_followup", "post_ticket"],
    ["support", "post_ticket"],
    ["feature", "product_feedback"],
    ["general_feedback", "general_feedback"],
    ["onboarding", "onboarding"],
    ["nps", "nps"],
  ])("of type %s is one of type %s", async (survey_type, expected) => {
    expect((await record({ survey_type })).survey_type).toBe(expected);
  });

  it.each([
    ["nps", 0, 10],
    ["quarterly", 1, 5],
    ["post_ticket", 1, 5],
    ["onboarding", 1, 5],
    ["general_feedback", 1, 5],
    ["product_feedback", 1, 5],
  ] as const)("of type %s has a score from %i to %i", async (survey_type, min, max) => {
    const send = (score: number) => api.csat.create({ body: newSurvey({ survey_type, score }) });
    const answers = await Promise.all([min - 1, min, max, max + 1].map(send));
    expect(answers.map(({ status }) => status)).toEqual([422, 201, 201, 422]);
    expect([answers[0], answers[3]].map((refused) => refused && detailOf(refused))).toEqual([
      `score: must be at least ${min}`,
      `score: must be at most ${max}`,
    ]);
  });

  it.each([
    [{ score: 4.5 }, "score"],
    [{ score: "4" }, "score"],
    [{ score: true }, "score"],
    [{ score: null }, "score"],
    [{ score: undefined }, "score"],
    [{ score: 1e300 }, "score"],
    [{ survey_type: "weekly" }, "survey_type"],
    [{ survey_type: "constructor" }, "survey_type"],
    [{ survey_type: undefined }, "survey_type"],
    [{ survey_type: 1 }, "survey_type"],
    [{ submitted_by_name: " " }, "submitted_by_name"],
    [{ submitted_by_name: "x".repeat(256) }, "submitted_by_name"],
    [{ submitted_by_name: "\u0000" }, "submitted_by_name"],
    [{ submitted_by_email: "ada" }, "submitted_by_email"],
    [{ submitted_by_email: undefined }, "submitted_by_email"],
    [{ feedback_text: "x".repeat(5001) }, "feedback_text"],
    [{ feedback_text: "\ud800" }, "feedback_text"],
    [{ ticket_reference: "x".repeat(101) }, "ticket_reference"],
    [{ customer_id: "1" }, "customer_id"],
    [{ product_deployment_id: "1" }, "product_deployment_id"],
  ])("is refused with %j", async (changes, field) => {
    const { status, raw } = await api.csat.create({ body: newSurvey(changes) });
    const { errors } = raw as { errors: { loc: string[] }[] };
    expect([status, ...errors.map(({ loc }) => loc.join("."))]).toEqual([422, `body.${field}`]);
  });

  it("needs a customer, and somebody who is signed in", async () => {
    const body = newSurvey({ customer_id: randomUUID() });
    expect((await api.csat.create({ body })).status).toBe(404);
    expect((await cloud.stranger.csat.create({ body: newSurvey() })).status).toBe(401);
  });

  it("that nobody gave is not found", async () => {
    expect((await api.csat.get({ params: { survey_id: randomUUID() } })).status).toBe(404);
    expect((await api.csat.get({ params: { survey_id: "1" } })).status).toBe(422);
  });
});

describe("a low score", () => {
  const alertsOf = async (id: string) =>
    (await api.alerts.byCustomer({ params: { id }, query: { include_resolved: true } })).body().alerts;

  it.each([
    ["nps", 0, "high"],
    ["nps", 3, "high"],
    ["nps", 4, "medium"],
    ["nps", 6, "medium"],
    ["nps", 7, undefined],
    ["quarterly", 1, "high"],
    ["quarterly", 2, "medium"],
    ["quarterly", 3, undefined],
    ["onboarding", 2, "medium"],
    ["general_feedback", 2, "medium"],
    ["product_feedback", 1, "high"],
    ["post_ticket", 1, "high"],
  ] as const)("of type %s and score %i alerts: %s", async (survey_type, score, severity) => {
    const id = await newCustomer(`Low ${survey_type} ${score}`);
    await record({ customer_id: id, survey_type, score });
    expect((await alertsOf(id)).map((alert) => alert.severity)).toEqual(severity ? [severity] : []);
  });

  it("tells the team who said what", async () => {
    const company = "<b>Grump</b> & Söhne";
    const id = await newCustomer(company);
    const product_deployment_id = await newDeployment(id);
    await record({
      customer_id: id,
      product_deployment_id,
      score: 2,
      feedback_text: "Too slow <script>alert(1)</script>",
      ticket_reference: "SUP-9",
    });
    const [alert] = await alertsOf(id);
    expect(alert).toMatchObject({
      alert_type: "low_csat",
      title: "Low score in a quarterly survey",
      created_by: "system",
      is_resolved: false,
      description: [
        `${company} answered a quarterly survey with 2 of 5.`,
        "About: MonetX, SUP-9",
        "From: Ada, ada@example.com",
        "Feedback: Too slow <script>alert(1)</script>",
      ].join("\n"),
    });
  });

  it("has an alert of its own each time", async () => {
    const id = await newCustomer("Twice");
    await Promise.all([1, 1, 2].map((score) => record({ customer_id: id, score })));
    expect(await alertsOf(id)).toHaveLength(3);
  });
});
