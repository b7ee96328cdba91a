import { isRaw, isRedirect, success } from "@success-manager/contract/dsl/endpoint";
import { ErrorBody } from "@success-manager/contract/error-body";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { apiOf, type TestCloud, testCloud } from "../support/cloud.ts";
import { type Fault, type FaultProxy, faultProxy, randomFrom } from "../support/fault-proxy.ts";
import { isRead, newRows, putRun, type SampleRows, samples, wantedBy } from "../support/sample-calls.ts";
import { seedOf } from "../support/seed.ts";
import { inParallel } from "../support/send.ts";
import { forgetCalls, type Storage, storageOf } from "../support/storage.ts";
import { strictSchema } from "../support/strict-schema.ts";
import { brokenInvariants, brokenPromises, startWorkload } from "../support/workload.ts";

/**
 * A database that fails by chance, in every way that it can. FAULT_SECONDS says for how long the workload runs,
 * FAULT_SEED where the chances come from; `random` takes another seed each time.
 */
const SECONDS = Number(process.env.FAULT_SECONDS ?? 5);
const SEED = seedOf("FAULT_SEED");

let cloud: TestCloud;
let storage: Storage;
let faults: FaultProxy;
beforeAll(async () => {
  faults = faultProxy(SEED);
  let dynamodb = "";
  cloud = await testCloud({
    dynamodbProxy: (target) => {
      dynamodb = target;
      return faults.proxy(target);
    },
    environment: { QUOTAS: JSON.stringify({ reports: 1e9, mails: 1e9, jobs: 1e9 }) },
  });
  // Past the faults, which are between functions and database.
  storage = storageOf({ environment: cloud.environment, endpoints: { ...cloud.endpoints, dynamodb } });
  await putRun();
});
afterAll(async () => {
  faults?.end();
  storage?.close();
  await cloud?.stop();
});

const summary = () => {
  const all = [...faults.injected].map(([fault, n]) => `${n} × ${fault}`);
  return `faults: seed ${SEED}: ${faults.passed} requests passed, ${all.join(", ")}`;
};

const manyAdmins = (n: number) => Promise.all(Array.from({ length: n }, () => cloud.person("admin")));

describe("every endpoint, while a fifth of the database's answers fail", () => {
  /** What is wrong with an answer; undefined when nothing is. */
  const faultOf = (
    { endpoint }: (typeof samples)[number],
    { status, headers, raw }: { readonly status: number; readonly headers: Headers; readonly raw: unknown },
  ): string | undefined => {
    if (status >= 500 && status !== 503) return `${status} ${JSON.stringify(raw)?.slice(0, 200)}`;
    if (status >= 400) {
      if (endpoint.access === "public" && typeof raw === "string") return undefined;
      if (!ErrorBody.strict().safeParse(raw).success) return `${status} is not of the error shape`;
      if (status === 503 && !(Number(headers.get("retry-after")) > 0)) return "503 without Retry-After";
      // What was written by a first try, or was there and is gone by it, is all that can be in the way.
      return [409, 404, 412, 503].includes(status) || (status === 401 && endpoint.access === "public")
        ? undefined
        : `${status} ${JSON.stringify(raw)?.slice(0, 200)}`;
    }
    if (isRaw(endpoint.returns) || isRedirect(endpoint.returns)) return undefined;
    const { error } = strictSchema(success(endpoint).schema ?? z.never()).safeParse(raw);
    return error && `${status} is not as declared: ${JSON.stringify(error.issues[0])}`;
  };

  it("answers as the contract says, or says when to come back", async () => {
    const callers = new Map<string, SampleRows>();
    await inParallel(samples, 4, async (sample) => {
      callers.set(sample.title, await newRows(cloud, wantedBy(sample)));
    });
    const people = await inParallel(samples, 4, async (sample) => {
      if (sample.endpoint.access === "public" || isRead(sample)) return undefined;
      const person = await cloud.person("admin");
      await sample.call.prepare?.(person.api, person.session_id);
      return person;
    });
    await cloud.settled();
    faults.begin(0.2);
    const found = await inParallel(samples, 6, async (sample, index) => {
      const person = sample.endpoint.access === "public" ? undefined : (people[index] ?? cloud.admin);
      const api = person?.api ?? cloud.stranger;
      const answer = await sample.call(api, callers.get(sample.title) as SampleRows, person?.session_id);
      return { title: sample.title, status: answer.status, fault: faultOf(sample, answer) };
    });
    faults.end();
    expect(found.filter(({ fault }) => fault !== undefined)).toEqual([]);
    // Most of it works, because it is tried again; what comes in a burst does not.
    expect(found.filter(({ status }) => status < 400).length).toBeGreaterThan(0.7 * found.length);
    await cloud.settled(60_000);
    expect(brokenInvariants(await storage.items(""))).toEqual([]);
  });
});

describe("people who write, while a tenth to a third of the database's answers fail", () => {
  it("lose nothing that was acknowledged, find nothing twice, and counters equal a recount", async () => {
    const customers = await inParallel(Array.from({ length: 6 }), 3, async (_, n) => {
      const body = { company_name: `Faults ${n}` };
      return (await cloud.admin.api.customers.create({ body })).body().id;
    });
    const people = await manyAdmins(3);
    const workload = startWorkload(
      {
        apis: people.map(({ token }) => apiOf(cloud.apiUrl, token)),
        admin: cloud.admin.api,
        stranger: cloud.stranger,
      },
      customers,
      { writers: 8, random: randomFrom(SEED) },
    );
    const end = Date.now() + SECONDS * 1000;
    const acknowledged = () => workload.entries.filter(({ outcome }) => outcome === "acknowledged").length;
    // A slow machine takes longer for as many.
    for (let n = 0; Date.now() < end || acknowledged() <= 30; n++) {
      // Answers that never come are rare: who waits for one writes nothing for five seconds.
      faults.begin([0.1, 0.2, 0.33][n % 3] ?? 0.1, { "no answer": 0.05 });
      await forgetCalls(storage);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await workload.stop();
    faults.end();
    const outcomes = Map.groupBy(workload.entries, ({ outcome }) => outcome);
    const counts = [...outcomes].map(([outcome, entries]) => `${entries.length} ${outcome}`);
    console.log(`${summary()}; writes: ${counts.join(", ")}`);

    expect(workload.faults).toEqual([]);
    await cloud.settled(60_000);
    const items = await storage.items("");
    expect(brokenPromises(workload, items)).toEqual([]);
    expect(brokenInvariants(items)).toEqual([]);
    const { rebuild } = await import("@success-manager/domain/counters/rebuild");
    const { drifts, moving, unreadable } = await rebuild({ write: false, settle: () => cloud.settled() });
    expect({ drifts, moving, unreadable }).toEqual({ drifts: [], moving: [], unreadable: [] });

    const usual: Fault[] = ["throttled", "conflict", "reset after", "error after", "half an answer"];
    for (const fault of usual) expect(faults.injected.get(fault) ?? 0).toBeGreaterThan(0);
  });
});

describe("what checks it", () => {
  const item = (__edb_e__: string, values: Readonly<Record<string, unknown>>) => ({
    ...{ pk: `${__edb_e__}#${values.id}`, sk: __edb_e__, __edb_e__ },
    ...values,
  });
  const entry = (outcome: "acknowledged" | "refused" | "unknown") => ({
    entries: [{ kind: "ticket", label: "T", outcome, id: "1" } as const],
  });
  const ticket = item("ticket", { id: "1", subject: "T", comment_count: 0 });
  const counted = [item("ticket_number", { ticket_id: "1" }), item("interaction", { id: "1" })];

  it("sees what is lost, doubled, another one, or there though it was refused", () => {
    expect(brokenPromises(entry("acknowledged"), [ticket])).toEqual([]);
    expect(brokenPromises(entry("acknowledged"), [])).toEqual([expect.stringContaining("is lost")]);
    const other = item("ticket", { id: "2", subject: "T" });
    expect(brokenPromises(entry("unknown"), [ticket, other])).toEqual([expect.stringContaining("2 times")]);
    expect(brokenPromises(entry("acknowledged"), [other])).toEqual([expect.stringContaining("another id")]);
    expect(brokenPromises(entry("refused"), [ticket])).toEqual([expect.stringContaining("was refused")]);
    expect(brokenPromises(entry("unknown"), [])).toEqual([]);
  });

  it.each([
    ["a ticket without its number", [ticket, item("interaction", { id: "1" })]],
    ["a ticket that counts as no interaction", [ticket, item("ticket_number", { ticket_id: "1" })]],
    ["a comment that is not counted", [ticket, ...counted, item("ticket_comment", { ticket_id: "1" })]],
    ["a name that is taken by nobody", [item("company", { customer_id: "1" })]],
    ["a user who can't sign in", [item("user", { id: "1" }), item("teammate", { id: "1" })]],
    ["an open alert without its state", [item("alert", { id: "1", is_resolved: false, revision: 1 })]],
    ["a state that names no open alert", [item("alert_condition", { state: "open", alert_id: "1" })]],
    ["a response whose link is unanswered", [item("survey", { id: "1", survey_link_id: "2" })]],
    ["a score that is nobody's newest", [item("score", { customer_id: "1", calculated_at: "2026" })]],
  ])("sees %s", (_, items) => expect(brokenInvariants(items)).toHaveLength(1));

  it("finds nothing where all is there", () => expect(brokenInvariants([ticket, ...counted])).toEqual([]));
});
