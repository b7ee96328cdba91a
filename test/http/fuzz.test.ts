import { groups } from "@success-manager/contract";
import { isRaw, isRedirect, success } from "@success-manager/contract/dsl/endpoint";
import { ErrorBody } from "@success-manager/contract/error-body";
import {
  createOpenApiDocument,
  type Operation,
  operationsOf,
  responsesOf,
} from "@success-manager/contract/openapi";
import { uuid } from "@success-manager/contract/values";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import {
  CANARY,
  type Document,
  encodeBody,
  type GeneratedRequest,
  requestArbitraries,
} from "../support/request-arbitrary.ts";
import { newRows, putRun } from "../support/sample-calls.ts";
import { seedOf } from "../support/seed.ts";
import { inParallel, type Received, rawSender, type SentRaw } from "../support/send.ts";
import {
  changedItems,
  forgetCalls,
  type Storage,
  storageOf,
  tableContents,
  untilQuiet,
} from "../support/storage.ts";
import { strictSchema } from "../support/strict-schema.ts";

/**
 * Requests that are made from the contract's schemas: valid, nearly valid, hostile. FUZZ_CASES says how many, FUZZ_SEED
 * from where; the same seed makes the same requests. `random` takes another one each time.
 */
const CASES = Number(process.env.FUZZ_CASES ?? 3_000);
const SEED = seedOf("FUZZ_SEED");

const operations = groups.flatMap(operationsOf);
const document: Document = JSON.parse(JSON.stringify(createOpenApiDocument(groups, { version: "fuzz" })));
const { requestsOf, takesInput } = requestArbitraries(document);
/** Of one that takes no input, there is little to make. */
const FEW = 3;
const varied = operations.filter(takesInput).length;
const RUNS = Math.ceil((CASES - FEW * (operations.length - varied)) / varied);

let cloud: TestCloud;
let storage: Storage;
let sender: ReturnType<typeof rawSender>;
/** Ids of rows that exist, by the group whose they are; what is created joins them. */
const pools = new Map<string, string[]>();
const add = (pool: string, ...ids: readonly string[]) =>
  pools.set(pool, [...(pools.get(pool) ?? []), ...ids].slice(-200));

/** Whose rows a property or parameter names. */
const POOL_OF: Readonly<Record<string, string>> = {
  ...{ customer_id: "customers", "customers.id": "customers", product_deployment_id: "deployments" },
  ...{ "deployments.id": "deployments", "interactions.id": "interactions", "tickets.id": "tickets" },
  ...{ "alerts.id": "alerts", alert_ids: "alerts", survey_id: "csat", "csat.id": "survey-links" },
  ...{ "survey-requests.id": "survey-requests", "reports.id": "reports", scheduled_report_id: "schedules" },
  ...{ user_id: "users", assigned_to: "users", account_manager_id: "users", session_id: "sessions" },
  ...{ token: "tokens", refresh_token: "refresh tokens" },
};

const counts = { sent: 0, accepted: 0, refused: 0, byStatus: new Map<number, number>() };
const accepted = new Map<string, number>();
/** What was refused for its form alone: it must not have changed anything. */
const refusals: { readonly request: Ready; readonly route: string; readonly isPublic: boolean }[] = [];

beforeAll(async () => {
  cloud = await testCloud({
    environment: { QUOTAS: JSON.stringify({ reports: 1e9, mails: 1e9, jobs: 1e9 }) },
  });
  storage = storageOf(cloud);
  sender = rawSender(cloud.apiUrl);
  await putRun();
  const made = await inParallel(Array.from({ length: 4 }), 2, () => newRows(cloud));
  for (const rows of made) {
    add("customers", rows.customer);
    add("deployments", rows.deployment);
    add("interactions", rows.interaction);
    add("tickets", rows.ticket);
    add("alerts", rows.alert);
    add("csat", rows.survey);
    add("survey-links", rows.link.id);
    add("survey-requests", rows.request);
    add("schedules", rows.schedule);
    // Paths of both kinds of rows have `{id}`.
    add("reports", rows.report, rows.schedule);
    add("users", rows.user);
    add("tokens", rows.link.token, rows.mailed.file, rows.mailed.leave, rows.invitation);
    add("refresh tokens", rows.session.refresh_token);
  }
  add("sessions", (await cloud.person("viewer")).session_id);
});
afterAll(async () => {
  sender?.close();
  storage?.close();
  await cloud?.stop();
  const statuses = [...counts.byStatus].sort(([a], [b]) => a - b).map(([status, n]) => `${n} × ${status}`);
  console.log(`fuzz: ${counts.sent} requests, seed ${SEED}: ${statuses.join(", ")}`);
});

/** A request with ids of rows in their places. */
interface Ready {
  readonly method: string;
  readonly path: string;
  readonly sent: SentRaw;
  /** Whether contract and transport accept it; undefined where that is not for the contract alone to say. */
  readonly isValid: boolean | undefined;
}

const placed = <T>(value: T): T => {
  if (typeof value === "string") {
    const [, name = "", index = ""] = /^@row:([\w.-]+):(\d+)$/.exec(value) ?? [];
    const pool = name && (pools.get(POOL_OF[name] ?? "") ?? []);
    if (!pool) return value;
    return (pool[Number(index) % pool.length] ?? "00000000-0000-4000-8000-000000000000") as T;
  }
  if (Array.isArray(value)) return value.map(placed) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, placed(inner)])) as T;
};

/** Percent-encoded; half characters as what they are in UTF-8, which nobody accepts. */
const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

/** What the contract's own schemas say of a request that arrives undamaged. */
function judge({ endpoint }: Operation, { params, query, damage }: GeneratedRequest, body: SentRaw["body"]) {
  if (damage !== undefined) return undefined;
  for (const [name, value] of Object.entries(params))
    if (!(endpoint.params?.[name] ?? uuid).safeParse(value.toWellFormed()).success) return false;
  if (endpoint.query) {
    const declared = query.filter(([name]) => Object.hasOwn(endpoint.query?.shape ?? {}, name));
    if (new Set(declared.map(([name]) => name)).size < declared.length) return false;
    const values = declared.map(([name, value]) => [name, value.toWellFormed()]);
    if (!endpoint.query.safeParse(Object.fromEntries(values)).success) return false;
  }
  if (typeof body !== "string" || (!endpoint.body && !endpoint.form)) return true;
  if (/__proto__|"constructor"/.test(body)) return undefined;
  // The gateway puts this sign in place of bytes that are no UTF-8.
  if (body.includes("\ufffd") || body.includes("\u0000")) return false;
  if (!endpoint.form) return body === "" ? undefined : endpoint.body?.safeParse(JSON.parse(body)).success;
  return endpoint.form.safeParse(Object.fromEntries(new URLSearchParams(body))).success;
}

function ready(operation: Operation, generated: GeneratedRequest): Ready {
  const { route, endpoint } = operation;
  const request = {
    ...generated,
    ...placed({ params: generated.params, query: generated.query, body: generated.body }),
  };
  const { body, headers } = encodeBody(request, endpoint);
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(request.params[name] ?? ""));
  const query = request.query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
  return {
    method: route.method,
    path: query ? `${path}?${query}` : path,
    sent: { headers: { ...headers, ...request.headers }, ...(body !== undefined && { body }) },
    isValid: judge(operation, request, body),
  };
}

/**
 * Calls that may end the session of whoever makes them, or take their account: each has a caller of its own, who may not
 * decide either that everybody else has to set up a second factor first.
 */
const takesCaller = ({ route }: Operation) =>
  /\/auth\/(logout|me|change-password)|\/account\/|\/users\/(profile|change-password)|\/settings\/security/.test(
    route.path,
  ) && route.method !== "GET";

async function callerOf(operation: Operation): Promise<Person | undefined> {
  if (operation.endpoint.access === "public") return undefined;
  return takesCaller(operation) ? cloud.person("viewer") : cloud.admin;
}

/** Where the gateway itself answers: a request line of more than 10 KiB, an escape that is no text. */
const GATEWAY = [400, 414, 417, 431];

/** Statuses that an operation declares. */
const declared = new Map(
  operations.map((operation) => [
    operation.route.key,
    new Set(Object.keys(responsesOf(operation)).map(Number)),
  ]),
);

/** Kinds of refusals that no schema knows of: rules that need what is stored, cursors and tags of earlier answers. */
const BEYOND_SCHEMAS = ["rule", "cursor", "etag"];

const schemas = new Map<string, z.ZodType>();
const answerSchema = ({ route, endpoint }: Operation) => {
  const known = schemas.get(route.key) ?? strictSchema(success(endpoint).schema ?? z.never());
  schemas.set(route.key, known);
  return known;
};

/** What is wrong with an answer; undefined when nothing is. */
function faultOf(operation: Operation, { isValid }: Ready, answer: Received): string | undefined {
  const { endpoint, route } = operation;
  const { status, headers, json, text } = answer;
  const short = text.slice(0, 300);
  if (status >= 500) return `${status}: ${short}`;
  if (headers.get("x-content-type-options") !== "nosniff" && !GATEWAY.includes(status))
    return `${status} without security headers`;
  const isDeclared = declared.get(route.key)?.has(status) ?? false;
  if (!isDeclared && !GATEWAY.includes(status)) return `${status} is not declared: ${short}`;
  if (status < 400) {
    if (isValid === false) return `${status}, though the contract refuses it: ${short}`;
    if (isRaw(endpoint.returns) || (isRedirect(endpoint.returns) && status === 307)) return undefined;
    const { error } = answerSchema(operation).safeParse(json);
    return error && `the answer is not as declared: ${JSON.stringify(error.issues.slice(0, 3))}`;
  }
  if (text.includes(CANARY)) return `${status} says again what was sent: ${short}`;
  if (headers.get("content-type")?.startsWith("text/html"))
    return /^\/(survey|report|password)(\/|$)/.test(route.path) ? undefined : `${status} is a page: ${short}`;
  const shape = ErrorBody.strict().safeParse(json);
  if (!shape.success || shape.data.detail === "") return `${status} is not of the error shape: ${short}`;
  if ((shape.data.errors !== undefined) !== (status === 422)) return `${status} with wrong details: ${short}`;
  const isKnown = shape.data.errors?.every(({ type }) => BEYOND_SCHEMAS.includes(type)) ?? true;
  if (isValid && status === 422 && !isKnown) return `refused, though the contract accepts it: ${short}`;
  return undefined;
}

function learn({ route }: Operation, { status, json }: Received) {
  if (status !== 201 && status !== 200) return;
  accepted.set(route.key, (accepted.get(route.key) ?? 0) + 1);
  if (route.method !== "POST" || typeof json !== "object" || json === null) return;
  const { id, token, refresh_token } = json as Readonly<Record<string, unknown>>;
  const pool = route.path.endsWith("/survey-link") ? "survey-links" : (route.path.split("/")[3] ?? "");
  if (typeof id === "string" && status === 201) add(pool, id);
  if (typeof token === "string") add("tokens", token);
  if (typeof refresh_token === "string") add("refresh tokens", refresh_token);
}

describe.concurrent("a request that is made from the contract", () => {
  it.each(operations.map((operation) => ({ operation, key: operation.route.key })))(
    "of $key is answered as the contract says",
    async ({ operation }) => {
      const { endpoint, route } = operation;
      /** Stays as long as no call could have taken their session or account: one that was refused for its form. */
      let caller: Person | undefined;
      const property = fc.asyncProperty(requestsOf(operation), async (generated) => {
        if (endpoint.access === "public" && counts.sent % 40 === 0) await forgetCalls(storage);
        const request = ready(operation, generated);
        caller ??= await callerOf(operation);
        const headers = {
          ...(caller && { authorization: `Bearer ${caller.token}` }),
          ...request.sent.headers,
        };
        const answer = await sender.send(request.method, request.path, { ...request.sent, headers });
        counts.sent += 1;
        counts.byStatus.set(answer.status, (counts.byStatus.get(answer.status) ?? 0) + 1);
        learn(operation, answer);
        if (takesCaller(operation) && answer.status !== 422) caller = undefined;
        const isPublic = endpoint.access === "public";
        if (request.isValid === false) refusals.push({ request, route: route.key, isPublic });
        const fault = faultOf(operation, request, answer);
        if (fault !== undefined) throw new Error(`${request.method} ${request.path.slice(0, 500)}: ${fault}`);
      });
      // No shrinking: rows change meanwhile, and a request that is shown as it was sent says enough.
      const found = await fc.check(property, {
        seed: SEED,
        numRuns: takesInput(operation) ? RUNS : FEW,
        endOnFailure: true,
      });
      if (found.failed)
        throw new Error(
          `FUZZ_SEED=${SEED}, case ${found.numRuns}: ${String(found.errorInstance).slice(0, 1_500)}`,
        );
    },
  );
});

describe("requests that the contract refuses", () => {
  it("were many, and so were those that were accepted", () => {
    expect(refusals.length).toBeGreaterThan(counts.sent / 6);
    const successes = [...accepted.values()].reduce((sum, n) => sum + n, 0);
    expect(successes).toBeGreaterThan(counts.sent / 6);
  });

  it("change nothing", async () => {
    await cloud.settled(60_000);
    const before = await untilQuiet(storage);
    const headers = { authorization: `Bearer ${cloud.admin.token}` };
    const chosen = refusals.filter(({ isPublic }) => !isPublic).slice(0, 1_500);
    await inParallel(chosen, 6, ({ request: { method, path, sent } }) =>
      sender.send(method, path, { ...sent, headers: { ...headers, ...sent.headers } }),
    );
    expect(changedItems(before, await tableContents(storage))).toEqual([]);
  });
});
