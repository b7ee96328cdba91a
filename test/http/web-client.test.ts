import { randomUUID } from "node:crypto";
import { groups } from "@success-manager/contract";
import { routes } from "@success-manager/contract/dsl/group";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JPEG } from "../../packages/domain/src/settings/fixture/photo.ts";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { codeOf } from "../support/second-factor.ts";

/**
 * What the existing React client sends, word for word: aliases, nested objects, other names for types and roles.
 * Each call is one that a page of it makes; what is checked is what that page reads.
 */

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

type Json = Record<string, unknown>;
type Caller = { readonly token: string } | undefined;

async function call<Body = Json>(by: Caller, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${cloud.apiUrl}/api/v1${path}`, {
    method,
    headers: {
      ...(by && { authorization: `Bearer ${by.token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const json: Body = JSON.parse(await answer.text());
  return { status: answer.status, json };
}

/** The answer of a call that must succeed. */
async function ok<Body = Json>(
  by: Caller,
  method: string,
  path: string,
  body?: unknown,
  status = 200,
): Promise<Body> {
  const answer = await call<Body>(by, method, path, body);
  expect([method, path, answer.status, answer.status === status ? undefined : answer.json]).toEqual([
    method,
    path,
    status,
    undefined,
  ]);
  return answer.json;
}

/** What a page reads must be there, whatever its value. */
const expectFields = (value: unknown, fields: string) => {
  const present = Object.keys(value as Json);
  expect(fields.split(" ").filter((field) => !present.includes(field))).toEqual([]);
};

const rowsOf = (page: Json, key: string) => page[key] as Json[];
const newCustomer = async (more: object = {}) =>
  ok(cloud.manager, "POST", "/customers", { company_name: `Client ${randomUUID()}`, ...more }, 201);

describe("the profile page", () => {
  it("saves name and phone, and a new password, of everybody", async () => {
    for (const role of ["admin", "manager", "viewer"] as const) {
      const person = await cloud.person(role);
      const changed = await ok(person, "PUT", "/users/profile", { full_name: "Zoë Zett", phone: "+49 30 1" });
      expect(changed).toMatchObject({ full_name: "Zoë Zett", phone: "+49 30 1" });
      expect(await ok(person, "GET", "/auth/me")).toMatchObject({ full_name: "Zoë Zett", phone: "+49 30 1" });
      const passwords = { current_password: "Correct-Horse-1", new_password: "another staple battery 9" };
      await ok(person, "PUT", "/users/change-password", passwords);
      // The page stays signed in.
      await ok(person, "GET", "/auth/me");
    }
  });

  it("lists sessions and ends them", async () => {
    const person = await cloud.person("viewer");
    const sessions = await ok<Json[]>(person, "GET", "/account/sessions");
    expect(sessions).toHaveLength(1);
    expectFields(sessions[0], "id device_info ip_address last_active is_current");
    expectFields(await ok(person, "DELETE", "/account/sessions"), "message");
    expectFields(await ok(person, "DELETE", `/account/sessions/${sessions[0]?.id}`), "message");
    expect((await call(person, "GET", "/auth/me")).status).toBe(401);
  });
});

describe("the pages of the account", () => {
  const logIn = async (email: string, password: string) => {
    const answer = await fetch(`${cloud.apiUrl}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ username: email, password }).toString(),
    });
    return (await answer.json()) as Json;
  };

  it("reset a forgotten password", async () => {
    const { email } = await cloud.person("viewer");
    for (const address of [email, "nobody@example.com"])
      expectFields(await ok(undefined, "POST", "/auth/forgot-password", { email: address }, 202), "message");
    await cloud.settled();
    const [letter] = await lettersTo(cloud.inboxUrl, email);
    const token = /\/password\/([\w-]{43})\b/.exec(letter?.body.text ?? "")?.[1];
    const validate = `/auth/reset-password/validate/${token}`;
    expect(await ok(undefined, "GET", validate)).toEqual({ valid: true, email, message: null });
    const new_password = "another staple battery 9";
    expectFields(await ok(undefined, "POST", "/auth/reset-password", { token, new_password }), "message");
    expect(await logIn(email, new_password)).toHaveProperty("access_token");
    expect(await ok(undefined, "GET", validate)).toMatchObject({ valid: false, email: null });
    const again = await call(undefined, "POST", "/auth/reset-password", { token, new_password });
    expect([again.status, typeof again.json.detail]).toEqual([409, "string"]);
  });

  it("set a first password by an invitation", async () => {
    const email = `${randomUUID()}@team.example`;
    await ok(cloud.admin, "POST", "/users/invite", { email, full_name: "Ina", role: "user" }, 201);
    const [letter] = await lettersTo(cloud.inboxUrl, email);
    const token = /\/password\/([\w-]{43})\b/.exec(letter?.body.text ?? "")?.[1];
    expect(await ok(undefined, "GET", `/auth/reset-password/validate/${token}`)).toMatchObject({
      valid: true,
    });
    await ok(undefined, "POST", "/auth/reset-password", { token, new_password: "another staple battery 9" });
    expect(await logIn(email, "another staple battery 9")).toHaveProperty("access_token");
  });

  it("set up a second factor, ask for it, and turn it off", async () => {
    const person = await cloud.person("viewer");
    expect(await ok(person, "GET", "/account/2fa/status")).toMatchObject({
      enabled: false,
      has_secret: false,
    });
    const setup = await ok(person, "POST", "/account/2fa/setup");
    expectFields(setup, "secret provisioning_uri qr_code_data");
    const secret = String(setup.secret);
    expectFields(await ok(person, "POST", "/account/2fa/enable", { code: codeOf(secret) }), "message");
    const { ticket } = await logIn(person.email, PASSWORD);
    const signedIn = await ok(undefined, "POST", "/auth/login/second-factor", {
      ticket,
      code: codeOf(secret, 1),
    });
    expectFields(signedIn, "access_token refresh_token");
    expectFields(await ok(person, "DELETE", "/account/2fa/disable", { password: PASSWORD }), "message");
    expect(await ok(person, "GET", "/account/2fa/status")).toMatchObject({ enabled: false });
  });

  it("upload a picture and remove it", async () => {
    const person = await cloud.person("viewer");
    const asked = { bytes: JPEG.length, content_type: "image/jpeg" };
    const { upload_id, url, headers } = await ok<Record<string, string>>(
      person,
      "POST",
      "/users/avatar",
      asked,
    );
    const sent = { method: "PUT", headers: headers as never, body: new Uint8Array(JPEG) };
    expect((await fetch(url ?? "", sent)).status).toBe(200);
    const { avatar_url } = await ok(person, "PUT", "/users/avatar", { upload_id });
    expect((await ok(person, "GET", "/auth/me")).avatar_url).toBe(avatar_url);
    expect((await fetch(String(avatar_url))).status).toBe(200);
    expectFields(await ok(person, "DELETE", "/users/avatar"), "message");
  });

  it("close the account", async () => {
    const person = await cloud.person("viewer");
    const wrong = await call(person, "DELETE", "/account/delete", { password: "Wrong-Horse-1" });
    expect([wrong.status, typeof wrong.json.detail]).toEqual([422, "string"]);
    expectFields(await ok(person, "DELETE", "/account/delete", { password: PASSWORD }), "message");
    expect((await call(person, "GET", "/auth/me")).status).toBe(403);
  });

  it("call nothing that is not there", () => {
    const served = new Set(groups.flatMap((group) => routes(group).map(({ key }) => key)));
    const calls = [
      ...["POST /auth/forgot-password", "GET /auth/reset-password/validate/{token}"],
      ...["POST /auth/reset-password", "POST /auth/login", "POST /auth/login/second-factor"],
      ...["POST /auth/refresh", "POST /auth/logout", "GET /auth/me", "PUT /auth/change-password"],
      ...["GET /account/2fa/status", "POST /account/2fa/setup", "POST /account/2fa/enable"],
      ...["DELETE /account/2fa/disable", "GET /account/sessions", "DELETE /account/sessions"],
      ...["DELETE /account/sessions/{session_id}", "DELETE /account/delete"],
      ...["GET /users/profile", "PUT /users/profile", "PUT /users/change-password"],
      ...["POST /users/invite", "POST /users/avatar", "PUT /users/avatar", "DELETE /users/avatar"],
    ];
    const missing = calls.filter((call) => !served.has(call.replace(" ", " /api/v1")));
    expect(missing).toEqual([]);
  });
});

describe("the team page", () => {
  it("deactivates and reactivates, and knows the role user", async () => {
    const { id } = await cloud.person("manager");
    expect(await ok(cloud.admin, "PUT", `/users/${id}/deactivate`)).toMatchObject({ is_active: false });
    expect(await ok(cloud.admin, "PUT", `/users/${id}/reactivate`)).toMatchObject({ is_active: true });
    expect(await ok(cloud.admin, "PUT", `/users/${id}`, { role: "user" })).toMatchObject({ role: "viewer" });
    expect((await call(cloud.manager, "PUT", `/users/${id}/deactivate`)).status).toBe(403);
  });

  it("invites somebody, who gets a mail with a link", async () => {
    const email = `${randomUUID()}@team.example`;
    const invited = await ok(
      cloud.admin,
      "POST",
      "/users/invite",
      { email, full_name: "Ina", role: "user" },
      201,
    );
    expect(invited).toMatchObject({ email, full_name: "Ina", role: "viewer" });
    expect(await lettersTo(cloud.inboxUrl, email)).toHaveLength(1);
  });

  it("asks for account managers in every role", async () => {
    for (const by of [cloud.admin, cloud.manager, cloud.viewer])
      for (const role of ["csm", "account_manager"]) {
        const users = rowsOf(await ok(by, "GET", `/users?role=${role}&limit=100`), "users");
        expect(users.map(({ id }) => id)).toContain(cloud.manager.id);
        for (const user of users) expectFields(user, "id full_name email role");
      }
    expect((await call(cloud.viewer, "GET", "/users")).status).toBe(403);
  });
});

describe("interactions", () => {
  it("may be of the type support, which is a support ticket", async () => {
    const customer_id = (await newCustomer()).id;
    const body = { customer_id, interaction_type: "support", subject: "Login", description: "Fails" };
    const created = await ok(cloud.manager, "POST", "/interactions", body, 201);
    expect(created.interaction_type).toBe("support_ticket");
    const path = `/interactions?customer_id=${customer_id}&interaction_type=support`;
    expect(rowsOf(await ok(cloud.viewer, "GET", path), "interactions").map(({ id }) => id)).toEqual([
      created.id,
    ]);
  });

  it("have the cards of the page", async () => {
    const summary = await ok(cloud.viewer, "GET", "/interactions/summary");
    expectFields(
      summary,
      "total last_month meetings_this_week negative_count pending_followups overdue_followups",
    );
    for (const card of ["total", "last_month", "meetings_this_week", "negative_count"])
      expect([card, typeof summary[card]]).toEqual([card, "number"]);
  });
});

describe("survey requests", () => {
  const REQUEST =
    "id customer_id customer_name target_email linked_ticket_number sent_by_staff_name custom_message survey_type " +
    "linked_ticket_id sent_by_staff_id csat_response_id unique_survey_token status created_at expires_at sent_at " +
    "reminder_sent_at completed_at";

  const ask = async (more: object = {}) => {
    const customer_id = (await newCustomer({ contact_email: "mona@müller.de", contact_name: "Mona" })).id;
    const body = {
      customer_id,
      survey_type: "general_feedback",
      target_type: "primary",
      expires_in_days: 14,
      custom_message: "How was the rollout?",
      ...more,
    };
    return ok<Json[]>(cloud.manager, "POST", "/survey-requests", body, 201);
  };

  it("are sent, listed, counted, reminded and cancelled", async () => {
    const [request] = await ask();
    expectFields(request, REQUEST);
    expect(request).toMatchObject({
      survey_type: "general_feedback",
      custom_message: "How was the rollout?",
    });
    const path = `/survey-requests/${request?.id}`;
    expectFields(await ok(cloud.viewer, "GET", path), REQUEST);
    const page = await ok(cloud.viewer, "GET", `/survey-requests?customer_id=${request?.customer_id}`);
    expectFields(page, "requests total skip limit");
    expect(page.total).toBe(1);
    const stats = await ok(cloud.viewer, "GET", "/survey-requests/stats");
    expectFields(stats, "total_sent pending completed expired cancelled completion_rate");
    expect((await ok(cloud.manager, "PUT", `${path}/cancel`)).status).toBe("cancelled");
    expect((await call(cloud.manager, "PUT", `${path}/reminder`)).status).toBe(409);
  });

  it("go to one address or to all that are known", async () => {
    const one = await ask({ target_type: "specific", target_email: "only@example.com" });
    expect(one.map(({ target_email }) => target_email)).toEqual(["only@example.com"]);
    expect((await ask({ target_type: "all" })).length).toBeGreaterThan(0);
  });

  it("are answered on the portal, once", async () => {
    const [request] = await ask({ survey_type: "product_feedback" });
    const token = request?.unique_survey_token;
    const survey = await ok(undefined, "GET", `/portal/surveys/view/${token}`);
    expectFields(
      survey,
      "survey_type customer_name linked_ticket_number linked_ticket_subject custom_message",
    );
    expect(survey).toMatchObject({
      is_expired: false,
      is_completed: false,
      custom_message: "How was the rollout?",
    });
    const answer = {
      score: 4,
      feedback_text: "Good",
      submitter_name: "Mona",
      submitter_email: "mona@müller.de",
    };
    const submitted = await call(undefined, "POST", `/portal/surveys/submit/${token}`, answer);
    expect([200, 201]).toContain(submitted.status);
    expect(submitted.json).toMatchObject({ score: 4, survey_type: "product_feedback" });
    expect((await call(undefined, "POST", `/portal/surveys/submit/${token}`, answer)).status).toBe(409);
    expect(await ok(undefined, "GET", `/portal/surveys/view/${token}`)).toMatchObject({ is_completed: true });
    expect((await ok(cloud.viewer, "GET", `/survey-requests/${request?.id}`)).status).toBe("completed");
  });

  it("and surveys know the client's names of types", async () => {
    const customer_id = (await newCustomer()).id;
    for (const [sent, stored] of [
      ["quarterly_review", "quarterly"],
      ["ticket_followup", "post_ticket"],
      ["general_feedback", "general_feedback"],
      ["product_feedback", "product_feedback"],
    ]) {
      const body = {
        customer_id,
        survey_type: sent,
        score: 5,
        submitted_by_name: "A",
        submitted_by_email: "a@b.example",
      };
      expect((await ok(cloud.manager, "POST", "/csat", body, 201)).survey_type).toBe(stored);
      const path = `/csat?customer_id=${customer_id}&survey_type=${sent}`;
      expect((await ok(cloud.viewer, "GET", path)).total).toBe(1);
    }
    const beyond = { customer_id, survey_type: "product_feedback", score: 6, submitted_by_name: "A" };
    expect((await call(cloud.manager, "POST", "/csat", beyond)).status).toBe(422);
  });
});

describe("alerts", () => {
  const raise = (more: object = {}) =>
    ok(
      cloud.manager,
      "POST",
      "/alerts",
      {
        title: "Look",
        description: "At this",
        severity: "high",
        alert_type: "custom",
        customer_id: null,
        ...more,
      },
      201,
    );

  it("may be of one's own kind and about no customer", async () => {
    expect(await raise()).toMatchObject({ alert_type: "custom", customer_id: null, customer_name: null });
    const { id } = await raise({ alert_type: "usage_drop", customer_id: (await newCustomer()).id });
    expect(await ok(cloud.viewer, "GET", `/alerts/${id}`)).toMatchObject({ alert_type: "usage_drop" });
    const dashboard = await ok(cloud.viewer, "GET", "/alerts/dashboard");
    expectFields(dashboard.by_type, "custom usage_drop health_drop");
  });

  it("are resolved with notes, wherever the dialog puts them", async () => {
    const one = await raise();
    const notes = { resolution_notes: "Called them" };
    const resolved = await ok(cloud.manager, "PUT", `/alerts/${one.id}/resolve`, { resolved_by: notes });
    expect(resolved).toMatchObject({ is_resolved: true, ...notes });
    expect(resolved.resolved_by_name).toBe(resolved.resolved_by);
    const ids = [(await raise()).id, (await raise()).id];
    const bulk = { alert_ids: { alert_ids: ids, ...notes } };
    expect(await ok(cloud.manager, "POST", "/alerts/bulk-resolve", bulk)).toMatchObject({
      resolved_count: 2,
    });
    for (const id of ids) expect(await ok(cloud.viewer, "GET", `/alerts/${id}`)).toMatchObject(notes);
    const flat = { alert_ids: [(await raise()).id], ...notes };
    expect(await ok(cloud.manager, "POST", "/alerts/bulk-resolve", flat)).toMatchObject({
      resolved_count: 1,
    });
  });

  it("are snoozed one by one and together", async () => {
    const until = new Date(Date.now() + 4 * 60 * 60 * 1000).toISOString();
    const dialog = { snoozed_until: until, snooze_reason: "Meeting tomorrow" };
    const one = await raise();
    const snoozed = await ok(cloud.manager, "PUT", `/alerts/${one.id}/snooze`, { snooze_days: dialog });
    expect(snoozed).toMatchObject({ is_snoozed: true, snooze_reason: "Meeting tomorrow" });
    const alert_ids = [(await raise()).id, (await raise()).id];
    await ok(cloud.manager, "POST", "/alerts/bulk-snooze", { alert_ids: { alert_ids, ...dialog } });
    for (const id of alert_ids)
      expect(await ok(cloud.viewer, "GET", `/alerts/${id}`)).toMatchObject({ is_snoozed: true });
  });
});

describe("settings", () => {
  it.each(["alerts", "reports", "notifications"])(
    "of %s are read by all and written by admins",
    async (section) => {
      const before = await ok(cloud.viewer, "GET", `/settings/${section}`);
      expect(Object.keys(before).length).toBeGreaterThan(3);
      await ok(cloud.admin, "PUT", `/settings/${section}`, {});
      expect((await call(cloud.viewer, "PUT", `/settings/${section}`, {})).status).toBe(403);
    },
  );

  it("show the system's health from real checks", async () => {
    // A busy machine is told as degraded.
    const status = async () => (await ok(cloud.admin, "GET", "/settings/system/health")).status;
    await expect.poll(status).toBe("ok");
  });
});

describe("tickets", () => {
  it("are opened, listed, counted, changed and commented on", async () => {
    const customer_id = (await newCustomer()).id;
    const body = { customer_id, subject: "Login fails", description: "Since Monday", priority: "high" };
    const ticket = await ok(cloud.viewer, "POST", "/tickets", body, 201);
    expectFields(ticket, "id number customer_id subject priority status sla_breached created_at");
    for (const path of ["/tickets", `/tickets/customer/${customer_id}`])
      expect(rowsOf(await ok(cloud.viewer, "GET", path), "tickets").map(({ id }) => id)).toContain(ticket.id);
    expectFields(
      await ok(cloud.viewer, "GET", "/tickets/stats"),
      "total open_tickets by_status by_priority sla_breached",
    );
    const path = `/tickets/${ticket.id}`;
    await ok(cloud.viewer, "POST", `${path}/comments`, { body: "We are on it" }, 201);
    expect(await ok(cloud.viewer, "PUT", path, { status: "resolved" })).toMatchObject({ status: "resolved" });
    const { comments } = await ok<{ comments: Json[] }>(cloud.viewer, "GET", `${path}/comments`);
    expect(comments.map((one) => one.body)).toEqual(["We are on it"]);
    // The score's support part and the timeline know it as an interaction.
    const interactions = await ok(cloud.viewer, "GET", `/interactions/customer/${customer_id}`);
    expect(rowsOf(interactions, "interactions").map((one) => one.interaction_type)).toEqual([
      "support_ticket",
    ]);
  });
});

describe("lists and charts", () => {
  it("give the most when the export asks for 10 000 rows", async () => {
    for (const [path, most] of [
      ["/customers", 1000],
      ["/interactions", 100],
      ["/alerts", 100],
      ["/csat", 100],
    ] as const)
      expect(await ok(cloud.viewer, "GET", `${path}?limit=10000`)).toMatchObject({ limit: most });
  });

  it("show how a customer's score has changed", async () => {
    const { id } = await newCustomer();
    await ok(cloud.manager, "POST", `/health-scores/calculate/${id}`, {});
    const [row] = rowsOf(await ok(cloud.viewer, "GET", "/customers?limit=1"), "customers");
    expectFields(row, "score_change latest_health_score");
  });
});
