import type { ReportDelivery } from "@success-manager/contract/reports";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredReport } from "../table/index.ts";
import {
  abandon,
  beginDelivery,
  claim,
  complete,
  fail,
  failUndelivered,
  finishDelivery,
  isExhausted,
  isGenerated,
  MAX_ATTEMPTS,
  ownsLease,
  recordDelivery,
  release,
  sendAgain,
  settle,
  undelivered,
  withEvents,
} from "./report-state.ts";

const NOW = new Date("2026-11-22T06:00:10.000Z");
const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
const FILE = { file_path: "reports/2026/11/1.pdf", file_size: 4_000 };
const later = (ms: number, from = NOW) => new Date(from.getTime() + ms);

const pending = (recipient: string): ReportDelivery => ({
  recipient,
  status: "pending",
  sent_at: null,
  error: null,
});
const SENT = { status: "sent", sent_at: NOW.toISOString(), error: null } as const;
const REFUSED = { status: "failed", sent_at: null, error: "Refused." } as const;

const report = (recipients: readonly string[], more: Partial<StoredReport> = {}): StoredReport => ({
  id: "1",
  report_name: "Weekly health",
  report_type: "health_summary",
  date_from: "2026-11-15",
  date_to: "2026-11-21",
  status: "pending",
  file_size: 0,
  created_at: NOW.toISOString(),
  triggered_by: "Schedule",
  attempts: 0,
  mail_attempts: 0,
  deliveries: recipients.map(pending),
  due_at: NOW.toISOString(),
  secret: "s",
  revision: 1,
  expires_at_epoch: 0,
  ...more,
});
const done = (recipients: readonly string[]) => complete(claim(report(recipients), NOW), FILE, later(1_000));

describe("a report", () => {
  it("that is taken on is nobody else's for a while, and due again should that one die", () => {
    const held = claim(report([]), NOW);
    expect(held).toMatchObject({ status: "generating", attempts: 1, mail_attempts: 0 });
    expect(ownsLease(held, later(MINUTE_MS))).toBe(true);
    expect(ownsLease(held, later(2 * MINUTE_MS))).toBe(false);
  });

  it("that nobody is to get is done with its file", () => {
    expect(done([])).toMatchObject({ ...FILE, status: "completed", mail_attempts: 0 });
    expect(done([])).not.toHaveProperty("due_at");
    expect(done([]).generated_at).toBe(later(1_000).toISOString());
  });

  it("that has its file is mailed by whoever made it, and not made again", () => {
    const made = done(["ada@example.com"]);
    expect(ownsLease(made, later(MINUTE_MS))).toBe(true);
    expect(made).toMatchObject({ status: "completed", attempts: 1, mail_attempts: 1 });
    expect(claim(made, later(HOUR_MS))).toMatchObject({
      status: "completed",
      attempts: 1,
      mail_attempts: 2,
    });
  });

  it("that failed says why until it has worked", () => {
    const broken = fail(claim(report([]), NOW), "The storage is busy.", NOW);
    expect(broken).toMatchObject({ status: "failed", error_message: "The storage is busy." });
    expect(complete(claim(broken, NOW), FILE, NOW)).not.toHaveProperty("error_message");
  });

  it.each([
    [1, "2026-11-22T07:00:00.000Z"],
    [2, "2026-11-22T08:00:00.000Z"],
    [3, "2026-11-22T10:00:00.000Z"],
    [4, "2026-11-22T14:00:00.000Z"],
    [5, undefined],
  ])("after %i attempts is tried again with the job of %s", (attempts, due_at) => {
    expect(fail(report([], { attempts }), "No.", NOW).due_at).toBe(due_at);
    const unsentYet = { ...done(["ada@example.com"]), mail_attempts: attempts };
    expect(finishDelivery(unsentYet, NOW).due_at).toBe(due_at);
  });

  it("that failed late in an hour waits for half an hour at least", () => {
    fc.assert(
      fc.property(fc.nat({ max: 365 * 24 * HOUR_MS }), fc.integer({ min: 1, max: 4 }), (ms, attempts) => {
        const at = later(ms);
        const due = fail(report([], { attempts }), "No.", at).due_at ?? "";
        const waits = Date.parse(due) - at.getTime();
        expect(Math.abs(waits - HOUR_MS * 2 ** (attempts - 1))).toBeLessThanOrEqual(HOUR_MS / 2);
        expect(due).toMatch(/T\d\d:00:00.000Z$/);
      }),
    );
  });

  it("is mailed again only to those who did not get it", () => {
    const made = done(["ada@example.com", "bob@example.com", "cy@example.com"]);
    const some = recordDelivery(
      recordDelivery(made, "ada@example.com", SENT, NOW),
      "bob@example.com",
      REFUSED,
      NOW,
    );
    expect(undelivered(some).map(({ recipient }) => recipient)).toEqual([
      "bob@example.com",
      "cy@example.com",
    ]);
    expect(finishDelivery(some, NOW).due_at).toBe("2026-11-22T07:00:00.000Z");
    const all = recordDelivery(
      recordDelivery(some, "bob@example.com", SENT, NOW),
      "cy@example.com",
      SENT,
      NOW,
    );
    expect(finishDelivery(all, NOW)).not.toHaveProperty("due_at");
  });

  it("is not mailed again to those who may have got it, and is not wrong for them", () => {
    const begun = beginDelivery(done(["ada@example.com"]), "ada@example.com", "m1", NOW);
    expect(begun.deliveries).toMatchObject([
      { status: "unknown", error: expect.stringMatching(/may have gone out/) },
    ]);
    expect(undelivered(begun)).toEqual([]);
    expect(finishDelivery(begun, NOW)).not.toHaveProperty("due_at");
    expect(failUndelivered(begun, "Down.", NOW).deliveries).toEqual(begun.deliveries);
  });

  it("tells all of those to whom it was not sent the same reason, and nobody else", () => {
    const some = recordDelivery(done(["ada@example.com", "bob@example.com"]), "ada@example.com", SENT, NOW);
    expect(failUndelivered(some, "Down.", NOW).deliveries).toEqual([
      { recipient: "ada@example.com", ...SENT },
      { recipient: "bob@example.com", status: "failed", sent_at: null, error: "Down." },
    ]);
  });

  it("that is given back is due at once, and has lost no attempt", () => {
    const held = claim(report(["ada@example.com"]), NOW);
    expect(release(held, later(5))).toMatchObject({ attempts: 0, due_at: later(5).toISOString() });
    const mailing = claim(done(["ada@example.com"]), NOW);
    expect(release(mailing, NOW)).toMatchObject({ attempts: 1, mail_attempts: 1 });
  });

  it("that is given up is over, and says so where something is missing", () => {
    expect(abandon(claim(report(["ada@example.com"]), NOW), "Gone.", NOW)).toMatchObject({
      status: "failed",
      error_message: "Gone.",
      deliveries: [pending("ada@example.com")],
    });
    const unmailed = abandon(done(["ada@example.com"]), "Gone.", NOW);
    expect(unmailed).toMatchObject({ status: "completed", deliveries: [{ error: "Gone." }] });
    expect(unmailed).not.toHaveProperty("due_at");
  });
});

/** What can happen to a report that somebody takes on, in the order in which it is done. */
type Fate = "dies" | "fails" | "makes it" | "is out of time";

describe("a report, whatever happens to it", () => {
  const RECIPIENTS = ["ada@example.com", "bob@example.com"];
  const fate = fc.record({
    making: fc.constantFrom<Fate>("dies", "fails", "makes it", "is out of time"),
    mails: fc.array(fc.constantFrom("sent", "failed", "unknown", "dies"), { minLength: 2, maxLength: 2 }),
  });

  /** One who takes it on when it is due; answers what is stored when they are done with it, or dead. */
  function round(due: StoredReport, now: Date, { making, mails }: { making: Fate; mails: string[] }) {
    const sent: string[] = [];
    let made = 0;
    if (isExhausted(due)) return { after: abandon(due, "Gone.", now), sent, made };
    let held = claim(due, now);
    if (making === "is out of time") return { after: release(held, now), sent, made };
    if (!isGenerated(held)) {
      if (making === "dies") return { after: held, sent, made };
      if (making === "fails") return { after: fail(held, "No.", now), sent, made };
      held = complete(held, FILE, now);
      made = 1;
    }
    for (const [n, { recipient }] of undelivered(held).entries()) {
      held = beginDelivery(held, recipient, "m1", now);
      // Whoever dies, or hears nothing, may have sent it.
      if (mails[n] !== "failed") sent.push(recipient);
      if (mails[n] === "dies") return { after: held, sent, made };
      if (mails[n] !== "unknown")
        held = recordDelivery(held, recipient, mails[n] === "sent" ? SENT : REFUSED, now);
    }
    return { after: finishDelivery(held, now), sent, made };
  }

  it("comes to an end, is made once at most and mailed to each once at most, and is due until it is done", () => {
    fc.assert(
      fc.property(fc.array(fate, { minLength: 40, maxLength: 60 }), (fates) => {
        let state = report(RECIPIENTS);
        const sent: string[] = [];
        let made = 0;
        let counted = 0;
        for (const fate of fates) {
          if (state.due_at === undefined) break;
          const now = new Date(Date.parse(state.due_at) + 1);
          const before = state;
          const did = round(state, now, fate);
          state = did.after;
          sent.push(...did.sent);
          made += did.made;
          if (state.attempts + state.mail_attempts > before.attempts + before.mail_attempts) counted += 1;
          expect(state.attempts).toBeLessThanOrEqual(MAX_ATTEMPTS);
          expect(state.mail_attempts).toBeLessThanOrEqual(MAX_ATTEMPTS);
          if (state.due_at !== undefined) expect(state.due_at >= now.toISOString()).toBe(true);
        }
        expect(made).toBeLessThanOrEqual(1);
        expect(new Set(sent).size).toBe(sent.length);
        expect(sent.sort()).toEqual(
          state.deliveries
            .flatMap(({ status, recipient }) => (["sent", "unknown"].includes(status) ? [recipient] : []))
            .sort(),
        );
        expect(counted).toBeLessThanOrEqual(2 * MAX_ATTEMPTS);
        if (state.due_at === undefined) {
          const isWhole = isGenerated(state) && undelivered(state).length === 0;
          expect(isWhole || isExhausted(state)).toBe(true);
          expect(isWhole || state.status === "failed" || undelivered(state).every(({ error }) => error)).toBe(
            true,
          );
        } else expect(fates.filter(({ making }) => making === "is out of time").length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what SES tells of mails", () => {
  const delivery = (status: ReportDelivery["status"], mail_id?: string) => ({
    ...{ recipient: "ada@example.com", status, sent_at: null, error: null },
    ...(mail_id && { mail_id }),
  });
  const of = (status: ReportDelivery["status"], mail_id?: string) => ({
    ...done(["ada@example.com"]),
    deliveries: [delivery(status, mail_id)],
  });
  const event = (status: "sent" | "delivered" | "bounced") =>
    ({ status, sent_at: NOW.toISOString(), message_id: "s1", error: null }) as const;

  it("settles the mail that it is about, and no other", () => {
    expect(settle(of("unknown", "m1"), event("delivered"), "m1")).toMatchObject({
      deliveries: [{ status: "delivered", message_id: "s1", sent_at: NOW.toISOString() }],
      mail_events: 1,
    });
    expect(settle(of("unknown", "m2"), event("delivered"), "m1")).toBeUndefined();
    expect(settle(of("bounced", "m1"), event("delivered"), "m1")).toBeUndefined();
    expect(settle(of("suppressed"), event("delivered"), "m1")).toBeUndefined();
  });

  it.each([
    // What is written, what was read for it, what is stored meanwhile, and what stays.
    [of("sent", "m1"), of("unknown", "m1"), of("delivered", "m1"), "delivered"],
    [of("sent", "m1"), of("unknown", "m1"), of("sent", "m1"), "sent"],
    // Somebody wants it sent again: word that it did arrive goes before that …
    [of("pending", "m1"), of("unknown", "m1"), of("delivered", "m1"), "delivered"],
    [of("unknown", "m2"), of("pending", "m1"), of("delivered", "m1"), "delivered"],
    // … and what was known before they decided does not.
    [of("pending"), of("bounced", "m1"), of("bounced", "m1"), "pending"],
    // A mail that went out meanwhile is what counts.
    [of("sent", "m2"), of("pending", "m1"), of("delivered", "m1"), "sent"],
  ])("is kept by whoever writes the report (%#)", (next, read, stored, status) => {
    const after = withEvents(next, read, { ...stored, mail_events: 3 });
    expect([after.deliveries[0]?.status, after.mail_events]).toEqual([status, 3]);
  });

  it("lets a person send again what has not arrived, and waits for word only of what may have", () => {
    const again = (status: ReportDelivery["status"]) => sendAgain(of(status, "m1"), NOW).deliveries[0];
    expect(again("unknown")).toMatchObject({ status: "pending", mail_id: "m1" });
    for (const status of ["bounced", "soft_bounced", "suppressed"] as const)
      expect(again(status)).toEqual(delivery("pending"));
    for (const status of ["sent", "delivered", "complained", "rejected", "left", "deactivated"] as const)
      expect(again(status)?.status).toBe(status);
  });
});
