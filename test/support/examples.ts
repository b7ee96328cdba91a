import { createHash, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { success } from "@success-manager/contract";
import { hasETag } from "@success-manager/contract/openapi";
import type { Example, Examples } from "@success-manager/contract/reference/examples";
import type { Role } from "@success-manager/contract/vocabulary";
import type { Cloud } from "@success-manager/local";
import { decodeJwt } from "jose";
import * as z from "zod";
import { putBacktest } from "./backtest.ts";
import { type Api, apiOf, enter, PASSWORD, type Person, tokensOf } from "./cloud.ts";
import { putInvitation } from "./invitation.ts";
import { providerSettings } from "./oidc-provider.ts";
import { linksOf, putReport } from "./report.ts";
import {
  A_KEY,
  type Answered,
  avatarRow,
  definitionRow,
  isRead,
  LOGO,
  NEW_CUSTOMER,
  NEW_OUTCOME,
  NEW_OVERRIDE,
  newRows,
  putRun,
  putSuppression,
  type Sample,
  type SampleRows,
  samples,
  wantedBy,
} from "./sample-calls.ts";
import { emptyCloud } from "./servers.ts";
import { storageOf } from "./storage.ts";

/** When the examples happen: on a Tuesday, in the middle of a month. */
const NOW = "2026-09-15T09:06:00.000Z";
/** All examples are taken within so long. */
const TAKES_MS = 30 * 60 * 1000;

/** What answers name as the address of the API. */
const API_URL = "https://api.example.com";

export interface DemoCloud extends Cloud {
  readonly admin: Person;
  readonly manager: Person;
  readonly viewer: Person;
  readonly stranger: Api;
  person(role: Role): Promise<Person>;
  /** Ids, numbers of tickets and instants that were there before anybody called. */
  readonly known: ReadonlySet<string>;
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g;
const TICKET_NUMBER = /T-\d{6}/g;
const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/**
 * A cloud with the demo data of `NOW`, at that time: its functions' clocks, and this process's, are shifted.
 * `stop` brings this process's own clock back.
 */
export async function demoCloud(): Promise<DemoCloud> {
  const RealDate = Date;
  const shift = Date.parse(NOW) - Date.now();
  const clock = new URL("./shifted-clock.js", import.meta.url).href;
  const cloud = await emptyCloud({
    maxInstances: 1,
    environment: {
      LOG_LEVEL: "CRITICAL",
      OIDC: await providerSettings(),
      BCRYPT_COST: "4",
      NODE_OPTIONS: `--import ${clock}`,
      CLOCK_SHIFT_MS: String(shift),
    },
  });
  enter(cloud.environment);
  process.env.CLOCK_SHIFT_MS = String(shift);
  await import("./shifted-clock.js");
  const stopped = cloud.stop;
  const stop = async () => {
    await stopped();
    globalThis.Date = RealDate;
  };
  try {
    // After `enter`: the domain reads the table's name when it is loaded.
    const [{ seed }, { Users }, { Sessions }] = await Promise.all([
      import("@success-manager/demo"),
      import("@success-manager/domain/users"),
      import("@success-manager/domain/auth"),
    ]);
    await seed(new Date());
    // Figures are counted by the stream.
    await cloud.settled(60_000);
    let signIns = 0;
    const signIn = async (email: string, password: string): Promise<Person> => {
      const { access_token: token, refresh_token } = tokensOf(
        await Sessions.signIn({ username: email, password }, `203.0.113.${++signIns}`),
      );
      const { sub: id = "", sid } = decodeJwt(token);
      return {
        id,
        email,
        token,
        refresh_token,
        session_id: String(sid),
        api: apiOf(cloud.apiUrl, token, undefined, undefined, "none"),
      };
    };
    const storage = storageOf(cloud);
    const stored = JSON.stringify(await storage.items(""));
    const known = new Set(
      [UUID, TICKET_NUMBER, INSTANT].flatMap((pattern): string[] => stored.match(pattern) ?? []),
    );
    storage.close();
    return Object.assign(cloud, {
      admin: await signIn("admin@extravis.com", "Admin@123"),
      manager: await signIn("sarah.manager@extravis.com", "Manager@123"),
      viewer: await signIn("emily.viewer@extravis.com", "Viewer@123"),
      stranger: apiOf(cloud.apiUrl),
      known,
      stop,
      person: async (role: Role) => {
        const email = `${randomUUID()}@example.com`;
        await Users.create({ email, full_name: "Grace Palmer", role, password: PASSWORD });
        return signIn(email, PASSWORD);
      },
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the reading calls are about: a customer of the demo who has some of everything, and what it has. */
/** A customer of the demo data for whom somebody has set a score. */
async function overriddenRow(api: Api): Promise<string> {
  const [found] = (await api.customers.search({ query: { q: "a" } })).body().customers;
  const id = found?.id ?? "";
  (await api.healthScores.override({ params: { id }, body: NEW_OVERRIDE })).body();
  return id;
}

/** A renewal of the demo data that somebody works on. */
async function renewalOf(api: Api): Promise<string> {
  const query = { stage: "proposal", limit: 1 } as const;
  return (await api.outcomes.renewals({ query })).body().renewals[0]?.id ?? "";
}

async function demoRows(cloud: DemoCloud): Promise<SampleRows> {
  const { manager, admin } = cloud;
  const { api } = manager;
  const [found] = (await api.customers.search({ query: { q: "Tarnwick Networks" } })).body().customers;
  const customer = found?.id ?? "";
  // Some lists are counted a moment after they are written.
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (attempt > 0) await setTimeout(100);
    const query = { customer_id: customer, limit: 1 };
    const [deployment] = (await api.deployments.list({ query })).body().deployments;
    const [interaction] = (await api.interactions.list({ query })).body().interactions;
    const [ticket] = (await api.tickets.list({ query })).body().tickets;
    const [survey] = (await api.csat.list({ query })).body().surveys;
    const [alert] = (await api.alerts.list({ query: { ...query, is_resolved: false } })).body().alerts;
    const [request] = (await api.surveyRequests.list({ query })).body().requests;
    if (!deployment || !interaction || !ticket || !survey || !alert || !request) continue;

    const [schedule] = (await api.reports.listSchedules({ query: { limit: 1 } })).body().reports;
    const [user] = (await admin.api.users.list({ query: { search: "James", limit: 1 } })).body().users;
    if (!schedule || !user) throw new Error("The demo data has no schedules and no James");
    const outcome = (
      await api.customers.recordOutcome({
        params: { id: customer },
        // Its id follows from the reference: what happened on the same day is sorted by id.
        body: { ...NEW_OUTCOME, reference: "CRM-4711" },
      })
    ).body().id;
    const about = { customer_id: customer, product_deployment_id: deployment.id } as const;
    // Mailed, so that there is somebody who can unsubscribe.
    const link = { ...about, survey_type: "nps", send_to: "ada.king@example.com" } as const;
    const [recipient = ""] = schedule.recipients;
    const deliveries = [{ recipient, status: "delivered", sent_at: NOW, error: null }] as const;
    const report = await putReport({ scheduled_report_id: schedule.id, deliveries });
    return {
      ...{ customer, deployment: deployment.id, interaction: interaction.id, ticket: ticket.id, outcome },
      renewal: await renewalOf(api),
      ...{ survey: survey.id, alert: alert.id, request: request.id, user: user.id },
      ...{ schedule: schedule.id, report, mailed: await linksOf(schedule.id, report, recipient) },
      link: (await api.csat.createLink({ body: link })).body(),
      session: { email: "", refresh_token: "" },
      suppression: await putSuppression(),
      apiKey: (await admin.api.apiKeys.create(A_KEY)).body().id,
      logo: (await admin.api.settings.uploadLogo({ body: { content: LOGO } })).body().logo,
      ...(await putInvitation()),
      avatar: await avatarRow(cloud),
      // Reading calls need nobody with a second factor.
      ...{ protected: "", second: { ticket: "", code: "" } },
      linked: "",
      oidcCode: "",
      draft: await definitionRow(admin.api, "draft"),
      published: "",
      overridden: await overriddenRow(api),
      backtest: await putBacktest(),
    };
  }
  throw new Error("Tarnwick Networks of the demo has not some of everything");
}

/** The client, telling what it is called with. */
function watched(api: Api, tell: (call: { input: unknown; headers: unknown }) => void): Api {
  return new Proxy(api, {
    get: (clients, client) =>
      new Proxy(Reflect.get(clients, client), {
        get: (calls, name) => (input: unknown, headers: unknown) => {
          tell({ input, headers });
          return Reflect.get(calls, name)(input, headers);
        },
      }),
  });
}

const lowest = { public: undefined, member: "viewer", manager: "manager", admin: "admin" } as const;

/** Headers that examples show. */
const SHOWN_HEADERS = ["etag", "location", "retry-after"];

const isJson = (headers: Headers) => headers.get("content-type") === "application/json";

/** Lists of answers that have no order. */
const SETS = new Set(["product_deployments", "health_scores_per_product"]);

/** The schema inside what may be absent, empty, or read in another way. */
function inside(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) return inside(schema.def.innerType);
  return schema instanceof z.ZodPipe ? inside(schema.def.out) : schema;
}

/** The same value with its keys in the order of the schema: the database gives those of a map in any order. */
function inOrder(value: unknown, schema?: z.core.$ZodType, name = ""): unknown {
  const known = inside(schema);
  if (Array.isArray(value)) {
    const entries = value.map((entry) =>
      inOrder(entry, known instanceof z.ZodArray ? known.def.element : undefined),
    );
    return SETS.has(name)
      ? entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : entries;
  }
  if (typeof value !== "object" || value === null) return value;
  const shape: Readonly<Record<string, z.core.$ZodType>> = known instanceof z.ZodObject ? known.shape : {};
  const rest = Object.keys(value).filter((key) => !(key in shape));
  const keys = [...Object.keys(shape).filter((key) => key in value), ...rest.sort()];
  return Object.fromEntries(keys.map((key) => [key, inOrder(Reflect.get(value, key), shape[key], key)]));
}

/** The beginning of a page, and of this document itself; nothing of what people can't read. */
function bodyOf({ raw, headers }: Answered, { id, endpoint }: Sample): unknown {
  if (id === "docs.openapi") return { openapi: Object(raw).openapi, info: { title: Object(raw).info.title } };
  if (isJson(headers)) return inOrder(raw, success(endpoint).schema);
  const type = headers.get("content-type") ?? "";
  if (typeof raw !== "string" || raw === "" || !type.startsWith("text/html")) return undefined;
  return `${raw.slice(0, raw.indexOf("</title>") + "</title>".length)}\n…`;
}

/** Takes an example of each operation, and of each kind of failure. */
export async function takeExamples(cloud: DemoCloud): Promise<Examples> {
  await putRun();
  const normalizeOf = normalizer(cloud);
  const taken: Record<string, Example> = {};
  const rows = await demoRows(cloud);
  await cloud.settled();
  const ordinary = samples.filter(({ variant }) => variant === "");
  for (const sample of ordinary.toSorted((a, b) => turnOf(a) - turnOf(b))) {
    const role = lowest[sample.endpoint.access];
    const reads = isRead(sample);
    const caller = role && (reads ? cloud[role] : await cloud.person(role));
    const about = reads ? rows : await newRows(cloud, wantedBy(sample));
    if (caller) await sample.call.prepare?.(caller.api, caller.session_id);
    let request: { input: unknown; headers: unknown } | undefined;
    const api = watched(caller?.api ?? cloud.stranger, (call) => {
      request ??= call;
    });
    const ask = () => sample.call(api, about, caller?.session_id);
    let answer = await ask();
    // A machine that is busy for a moment is told as degraded; the example is of one that is not.
    while (sample.id === "settings.systemHealth" && Object(answer.raw).status !== "ok") answer = await ask();
    if (answer.status >= 400)
      throw new Error(`${sample.title} answers ${answer.status}: ${JSON.stringify(answer.raw)}`);
    await cloud.settled();

    const shown = SHOWN_HEADERS.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null || (name === "etag" && !hasETag(sample.endpoint)) ? [] : [[name, value]];
    });
    const headers = Object.fromEntries(shown);
    const body = bodyOf(answer, sample);
    const input = { ...Object(request?.input), ...(request?.headers ? { headers: request.headers } : {}) };
    const sent = input.body && { body: inOrder(input.body, sample.endpoint.body) };
    taken[sample.id] = normalizeOf(sample.id)({
      request: { ...input, ...sent },
      response: {
        status: answer.status,
        ...(shown.length > 0 && { headers }),
        ...(body !== undefined && { body }),
      },
    });
  }
  // In the order of the contract, whatever the order in which they were made.
  const operations = Object.fromEntries(ordinary.flatMap(({ id }) => (taken[id] ? [[id, taken[id]]] : [])));
  return { operations, errors: normalizeOf("errors")(await takeErrors(cloud, rows)) };
}

/**
 * Those that read come first, so that they find the demo data as it is, then those that work through all of it. So an
 * operation that is new changes no example of others.
 */
function turnOf(sample: Sample): number {
  if (isRead(sample)) return 0;
  return sample.endpoint.costs?.quotas.includes("jobs") ? 1 : 2;
}

async function takeErrors(cloud: DemoCloud, { customer: id }: SampleRows): Promise<Examples["errors"]> {
  const { admin, manager, viewer, stranger } = cloud;
  const { api } = manager;
  const create = { company_name: "Alderbrook Telecom" };
  const known = (await api.customers.get({ params: { id } })).body().customer.company_name;
  const send = async (body: Uint8Array | string, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(`${cloud.apiUrl}/api/v1/customers`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${manager.token}`, ...headers },
      body,
    });
    return { status: response.status, raw: await response.json() };
  };
  const made = (await api.csat.createLink({ body: { customer_id: id, survey_type: "nps" } })).body();
  await api.csat.revokeLink({ params: { id: made.id } });
  const unknown = { form: { username: "nobody@example.com", password: "a wrong one" } };
  const tooOften = async () => {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const answer = await stranger.auth.login(unknown);
      if (answer.status === 429) return answer;
    }
    throw new Error("Nobody stops who guesses passwords");
  };
  const answers = {
    400: await admin.api.users.deactivate({ params: { user_id: admin.id } }),
    401: await stranger.customers.list({}),
    403: await viewer.api.customers.create({ body: create }),
    404: await api.customers.get({ params: { id: randomUUID() } }),
    409: await api.customers.create({ body: { company_name: known } }),
    410: await stranger.csat.publicInfo({ params: { token: made.token } }),
    412: await api.customers.update(
      { params: { id }, body: { notes: "Renewal agreed by phone." } },
      { "if-match": '"0"' },
    ),
    413: await send(JSON.stringify({ notes: "x".repeat(1024 * 1024) }), {}),
    415: await send(JSON.stringify(create), { "content-encoding": "gzip" }),
    422: await api.customers.create({ body: { ...NEW_CUSTOMER, company_name: "", contact_email: "ada" } }),
    429: await tooOften(),
  };
  for (const [status, answer] of Object.entries(answers))
    if (answer.status !== Number(status))
      throw new Error(`${answer.status} instead of ${status}: ${JSON.stringify(answer.raw)}`);
  return Object.fromEntries(Object.entries(answers).map(([status, { raw }]) => [status, raw]));
}

/** 32 bytes in base64url, as tokens of links have them. */
const TOKEN = Buffer.from("for-an-example-there-is-no-token").toString("base64url");

/** A signed token, of which the kind alone is left. */
const jwtOf = (token: string) => {
  const claims = Buffer.from(JSON.stringify({ type: decodeJwt(token).type ?? "access" })).toString(
    "base64url",
  );
  return `${Buffer.from('{"alg":"HS256"}').toString("base64url")}.${claims}.${TOKEN}`;
};

/** Figures that are another each time, whatever is done. */
const MEASURED: Readonly<Record<string, number>> = { latency_ms: 4, lag_ms: 250, file_size: 48_213 };

/** Instants of a schedule, whenever one asks. */
const PLANNED = new Set([
  "next_run",
  "next_run_time",
  "next_scheduled_at",
  "next_scheduled",
  "next_attempt_at",
]);

/** Lists are cut to so many entries when they are longer than three: an example shows what an entry looks like. */
const SHOWN_ROWS = 2;
const MOST_ROWS = 3;
/** Short lists, such as the ten bars of a histogram, stay whole. */
const SHORT = 400;

/** The name of a person's picture, which says nothing; those of logos say what they hold. */
const AVATAR = `${"3d1f".repeat(16)}.png`;

const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w-])(?:[\w-]{86}|[\w-]{64}|[\w-]{43})(?![\w-]|\.png)/g, TOKEN],
  // Too short for a key: no scanner takes it for one.
  [/smk_live_[\dA-Za-z]{71}/g, "smk_live_thereIsNoSuchKey7xQd"],
  [/(?<=avatars\/)[\da-f]{64}\.png/g, AVATAR],
  // A secret of a second factor, as text and as a picture; recovery codes; codes of an app.
  [/\b[A-Z2-7]{32}\b/g, "JBSWY3DPEHPK3PXP".repeat(2)],
  [/^data:image\/svg\+xml;base64,.*$/g, "data:image/svg+xml;base64,PHN2Zy8+"],
  [/^(?:[\da-hjkmnp-tv-z]{4}-){3}[\da-hjkmnp-tv-z]{4}$/g, "7h4k-m2qx-9d0w-c5tz"],
  [/^\d{6}$/g, "123456"],
  [/Company [\da-f-]{36}/g, "Alderbrook Telecom"],
  [/company [\da-f-]{36}/g, "alderbrook telecom"],
  [/[\da-f-]{36}@example\.com/g, "grace.palmer@example.com"],
  [/\bin \d+ seconds?\b/g, "in 42 seconds"],
  [/^127\.0\.0\.1$/g, "203.0.113.7"],
];

/**
 * Makes what is new with each run the same: ids, times, tokens, addresses. What belongs to the demo data stays, as it
 * is the same every time. A new id follows from the operation in which it is seen first, so that another operation
 * changes no example of others.
 */
function normalizer({ apiUrl, known, endpoints }: DemoCloud) {
  const ids = new Map<string, string>();
  const origins = [
    [apiUrl, API_URL],
    [encodeURIComponent(apiUrl), encodeURIComponent(API_URL)],
  ] as const;
  const bucket = new RegExp(`${endpoints.s3}/[^/]+`, "g");
  const began = Date.parse(NOW);

  return (operation: string) => {
    let seen = 0;
    const idFor = (id: string): string => {
      if (known.has(id)) return id;
      const made = ids.get(id) ?? exampleId(operation, seen++);
      ids.set(id, made);
      return made;
    };
    /** Times of this run become its beginning; so do those that follow from it, as far away as they are. */
    const timeFor = (time: string): string => {
      const at = Date.parse(time);
      if (Number.isNaN(at) || at < began) return time;
      // What the demo has planned stays; what it has written just now is of this run, too.
      if (known.has(time) && at > began + TAKES_MS) return time;
      return new Date(at - ((at - began) % TAKES_MS)).toISOString();
    };
    const textOf = (text: string): string => {
      const cursor = /^[\w-]{16,}$/.test(text) ? Buffer.from(text, "base64url").toString() : "";
      if (/^[[{]".*[\]}]$/.test(cursor))
        return Buffer.from(JSON.stringify(stable(JSON.parse(cursor)))).toString("base64url");
      let result = text.replace(bucket, "https://files.example.com");
      for (const [origin, shown] of origins) result = result.replaceAll(origin, shown);
      if (result.includes("X-Amz-Signature=")) result = result.replace(/\?.*$/, "?X-Amz-Signature=example");
      result = result.replace(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g, jwtOf);
      for (const [pattern, shown] of PLAIN) result = result.replace(pattern, shown);
      return result
        .replace(UUID, idFor)
        .replace(TICKET_NUMBER, (number) => (known.has(number) ? number : "T-000123"))
        .replace(INSTANT, timeFor)
        .replace(/\?v=[\w-]{16}/g, "?v=kX3b9QmZ0aTd7RfE");
    };
    const stable = (value: unknown, name = ""): unknown => {
      if (name === "device_info") return "curl/8.5.0";
      if (name === "ends_in") return "7xQd";
      if (name === "file" && operation === "users.avatar") return AVATAR;
      if (typeof value === "string") return PLANNED.has(name) ? value : textOf(value);
      if (typeof value === "number") return MEASURED[name] ?? value;
      if (Array.isArray(value)) {
        const long = value.length > MOST_ROWS && JSON.stringify(value).length > SHORT;
        return (long ? value.slice(0, SHOWN_ROWS) : value).map((entry) => stable(entry));
      }
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, stable(inner, key)]));
    };
    return <T>(value: T): T => stable(value) as T;
  };
}

/** The same UUID for the same words (version 8, RFC 9562). */
function exampleId(...words: readonly (string | number)[]): string {
  const bytes = createHash("sha256").update(words.join("\n")).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
