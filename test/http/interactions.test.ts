import type { InteractionChanges, NewInteraction } from "@success-manager/contract/interactions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
  customer_id = (await cloud.manager.api.customers.create({ body: { company_name: "Nordlicht" } })).body().id;
});
afterAll(() => cloud?.stop());

const NOBODY = "00000000-0000-4000-8000-000000000000";
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

type Sent = z.input<typeof NewInteraction>;
const newInteraction = (changes: object = {}): Sent => ({
  customer_id,
  interaction_type: "call",
  subject: "Weekly call",
  description: "Talked about the roadmap.",
  ...changes,
});
const log = async (changes: object = {}) =>
  (await api.interactions.create({ body: newInteraction(changes) })).body();
const change = (id: string, body: z.input<typeof InteractionChanges>, headers?: Record<string, string>) =>
  api.interactions.update({ params: { id }, body }, headers);
const read = async (id: string) => (await api.interactions.get({ params: { id } })).body();

/** Status and refused fields of a call. */
const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};

const BAD_FACTS = [
  [{ interaction_type: "ticket" }, "interaction_type"],
  [{ interaction_type: "constructor" }, "interaction_type"],
  [{ interaction_type: null }, "interaction_type"],
  [{ subject: " " }, "subject"],
  [{ subject: "x".repeat(501) }, "subject"],
  [{ subject: 5 }, "subject"],
  [{ subject: "a\u0000" }, "subject"],
  [{ description: "" }, "description"],
  [{ description: "x".repeat(10_001) }, "description"],
  [{ description: null }, "description"],
  [{ sentiment: "angry" }, "sentiment"],
  [{ performed_by: "" }, "performed_by"],
  [{ performed_by: "x".repeat(256) }, "performed_by"],
  [{ performed_by: "\ud800" }, "performed_by"],
  [{ interaction_date: "2026-01-31" }, "interaction_date"],
  [{ interaction_date: "2026-02-30T08:00:00Z" }, "interaction_date"],
  [{ interaction_date: "9999-01-01T08:00:00Z" }, "interaction_date"],
  [{ interaction_date: 1_767_254_400_000 }, "interaction_date"],
  [{ follow_up_required: "yes" }, "follow_up_required"],
  [{ follow_up_date: "tomorrow" }, "follow_up_date"],
  [{ follow_up_date: "2026-02-30" }, "follow_up_date"],
  [{ follow_up_date: 20260131 }, "follow_up_date"],
] as const;

describe("a support ticket that a client calls `support`", () => {
  it("is one, logged, changed and looked for", async () => {
    const logged = await log({ interaction_type: "support" });
    expect(logged.interaction_type).toBe("support_ticket");
    const { id } = await log();
    expect((await change(id, { interaction_type: "support" })).body().interaction_type).toBe(
      "support_ticket",
    );
    await cloud.settled();
    for (const interaction_type of ["support", "support_ticket"] as const) {
      const query = { interaction_type };
      const listed = (await api.interactions.list({ query })).body();
      expect([listed.total, listed.interactions.map((one) => one.id).sort()]).toEqual([
        2,
        [id, logged.id].sort(),
      ]);
      const params = { id: customer_id };
      expect((await api.interactions.ofCustomer({ params, query })).body().total).toBe(2);
    }
  });

  it("is described as what it is", async () => {
    const document = JSON.stringify((await cloud.stranger.docs.openapi({})).raw);
    const told = document.split("Also taken: `support` as `support_ticket`").length - 1;
    // Two bodies and two filters.
    expect(told).toBe(4);
  });
});

describe("a logged interaction", () => {
  it("comes back as sent, with its customer's and its author's name", async () => {
    const sent = newInteraction({
      interaction_type: "meeting",
      subject: " Kick-off ",
      description: "Überblick: 你好 😀\nSecond line",
      sentiment: "positive",
      performed_by: "Grace",
      interaction_date: "2026-03-01T10:30:00.250+02:00",
      follow_up_required: true,
      follow_up_date: "2026-04-01",
    });
    const answer = await api.interactions.create({ body: sent });
    expect([answer.status, answer.headers.get("etag")]).toEqual([201, '"1"']);
    const logged = answer.body();
    expect(logged).toMatchObject({
      ...sent,
      subject: "Kick-off",
      interaction_date: "2026-03-01T08:30:00.250Z",
      customer_name: "Nordlicht",
      performed_by_name: "Grace",
      author_name: expect.stringContaining("viewer"),
      revision: 1,
    });
    expect(logged.created_at).toBe(logged.updated_at);
    expect(await read(logged.id)).toEqual(logged);
  });

  it("is the author's, now, without follow-up, unless something else is said", async () => {
    const before = new Date().toISOString();
    const logged = await log();
    expect(logged).toMatchObject({
      performed_by: logged.author_name,
      sentiment: "neutral",
      follow_up_required: false,
      follow_up_date: null,
    });
    expect(logged.interaction_date >= before && logged.interaction_date <= new Date().toISOString()).toBe(
      true,
    );
  });

  it("names the user whose id a form sends as the performer", async () => {
    const { full_name } = (await cloud.manager.api.auth.me({})).body();
    const logged = await log({ performed_by: cloud.manager.id });
    expect(logged).toMatchObject({ performed_by: cloud.manager.id, performed_by_name: full_name });
    expect((await change(logged.id, { subject: "New" })).body().performed_by_name).toBe(full_name);
    expect((await change(logged.id, { performed_by: "Ada" })).body().performed_by_name).toBe("Ada");
    expect((await log({ performed_by: NOBODY })).performed_by_name).toBe(NOBODY);
  });

  it("may lie ahead, and may have a follow-up that is over", async () => {
    const logged = await log({ interaction_date: "2999-01-01T00:00:00Z", follow_up_date: "1999-01-01" });
    expect(logged).toMatchObject({
      interaction_date: "2999-01-01T00:00:00.000Z",
      follow_up_date: "1999-01-01",
    });
  });

  it.each([null, ""])("has no follow-up date when a form sends %j", async (follow_up_date) => {
    expect((await log({ follow_up_date })).follow_up_date).toBeNull();
    const dated = await log({ follow_up_date: "2026-04-01" });
    expect((await change(dated.id, { follow_up_date })).body().follow_up_date).toBeNull();
  });

  it("may be as long as it gets", async () => {
    const long = { subject: "x".repeat(500), description: "y".repeat(10_000), performed_by: "z".repeat(255) };
    expect(await log(long)).toMatchObject(long);
  });

  it("needs a customer who exists", async () => {
    const answer = await api.interactions.create({ body: newInteraction({ customer_id: NOBODY }) });
    expect([answer.status, answer.raw]).toEqual([404, { detail: "Customer not found" }]);
    expect(refusal(await api.interactions.create({ body: newInteraction({ customer_id: "x" }) }))).toBe(
      "422 body.customer_id",
    );
  });

  it.each(BAD_FACTS)("with %j is refused", async (changes, field) => {
    expect(refusal(await api.interactions.create({ body: newInteraction(changes) }))).toBe(
      `422 body.${field}`,
    );
  });

  it("needs type, subject and description", async () => {
    const answer = await api.interactions.create({ body: { customer_id } as Sent });
    expect(refusal(answer)).toBe("422 body.interaction_type body.subject body.description");
  });
});

describe("a sentiment", () => {
  const FURIOUS = "The system is down again and the customer is furious about the outage.";

  it("is read from subject and description when none is sent", async () => {
    expect((await log({ description: FURIOUS })).sentiment).toBe("negative");
    expect((await log({ subject: "Very happy customer", description: "See subject" })).sentiment).toBe(
      "positive",
    );
  });

  it.each(["neutral", "positive", "negative"])("that a person gives as %s stays", async (sentiment) => {
    const { id, ...logged } = await log({ description: FURIOUS, sentiment });
    expect(logged.sentiment).toBe(sentiment);
    expect((await change(id, { description: "They are very happy now." })).body().sentiment).toBe(sentiment);
  });

  it("is read anew from other words, until a person gives one", async () => {
    const { id } = await log({ description: FURIOUS });
    const about = async (changes: object) => (await change(id, changes)).body().sentiment;
    expect(await about({ follow_up_required: true })).toBe("negative");
    expect(await about({ description: "They are very happy now." })).toBe("positive");
    expect(await about({ description: FURIOUS, sentiment: "neutral" })).toBe("neutral");
    expect(await about({ description: "They are very happy now." })).toBe("neutral");
  });
});

describe("a change of an interaction", () => {
  it("keeps what is absent", async () => {
    const before = await log({ follow_up_required: true, follow_up_date: "2026-04-01" });
    const answer = await change(before.id, { follow_up_required: false });
    const after = answer.body();
    expect(after).toEqual({
      ...before,
      follow_up_required: false,
      revision: 2,
      updated_at: after.updated_at,
    });
    expect(after.updated_at > before.updated_at).toBe(true);
    expect(answer.headers.get("etag")).toBe('"2"');
    expect(await read(before.id)).toEqual(after);
  });

  it("changes every field but the customer and the author", async () => {
    const before = await log();
    const changes = {
      interaction_type: "email",
      subject: "Mail",
      description: "Sent the slides.",
      sentiment: "positive",
      performed_by: "Grace",
      interaction_date: "2026-02-01T08:00:00.000Z",
      follow_up_required: true,
      follow_up_date: "2026-02-08",
    } as const;
    const after = (
      await cloud.manager.api.interactions.update({
        params: { id: before.id },
        body: { ...changes, ...{ customer_id: NOBODY, author_name: "Mallory", id: NOBODY } },
      })
    ).body();
    expect(after).toMatchObject({
      ...before,
      ...changes,
      performed_by_id: null,
      performed_by_name: "Grace",
      revision: 2,
      updated_at: after.updated_at,
    });
  });

  it.each(BAD_FACTS)("with %j is refused", async (changes, field) => {
    const { id } = await log();
    expect(refusal(await change(id, changes as object))).toBe(`422 body.${field}`);
    expect((await read(id)).revision).toBe(1);
  });

  it.each([
    "interaction_type",
    "subject",
    "description",
    "sentiment",
    "performed_by",
    "interaction_date",
    "follow_up_required",
  ])("can't clear %s", async (field) => {
    const { id } = await log();
    expect(refusal(await change(id, { [field]: null }))).toBe(`422 body.${field}`);
  });

  it("is refused with an outdated If-Match; of two at once both are kept", async () => {
    const { id } = await log();
    const both = await Promise.all([
      change(id, { subject: "Other" }),
      cloud.manager.api.interactions.update({ params: { id }, body: { performed_by: "Grace" } }),
    ]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await change(id, {}, { "if-match": '"3"' })).body()).toMatchObject({
      subject: "Other",
      performed_by: "Grace",
      revision: 4,
    });
    expect((await change(id, { subject: "Late" }, { "if-match": '"3"' })).status).toBe(412);
    expect((await read(id)).subject).toBe("Other");
  });

  it("must be of one that exists", async () => {
    const params = { id: NOBODY };
    const answers = [
      await change(NOBODY, {}),
      await api.interactions.get({ params }),
      await cloud.manager.api.interactions.remove({ params }),
      await api.interactions.ofCustomer({ params }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });
});

describe("deleting an interaction", () => {
  it("is for managers, and for good", async () => {
    const { id } = await log();
    const params = { id };
    expect((await api.interactions.remove({ params })).status).toBe(403);
    expect((await read(id)).id).toBe(id);
    const gone = await cloud.manager.api.interactions.remove({ params });
    expect([gone.status, gone.raw]).toEqual([200, { message: "The interaction was deleted." }]);
    expect((await api.interactions.get({ params })).status).toBe(404);
    expect((await cloud.manager.api.interactions.remove({ params })).status).toBe(404);
    expect((await change(id, {})).status).toBe(404);
  });

  it("works once for many at the same time", async () => {
    const { id } = await log();
    const answers = await Promise.all(
      times(6, () => cloud.manager.api.interactions.remove({ params: { id } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404, 404]);
  });
});
