import { type Call, type Endpoint, IDEMPOTENCY_HEADER, isKeyed, type Reply } from "./dsl/endpoint.ts";
import type { Group } from "./dsl/group.ts";

/** A response of the API: the declared body on success, the error shape otherwise. */
export type ApiResponse<E extends Endpoint> = {
  readonly status: number;
  readonly headers: Headers;
  /** The body as the contract declares it; throws with status and detail when the call failed. */
  body(): Reply<E>;
  /** The body as it came, parsed when it is JSON. */
  readonly raw: unknown;
};

type Calls<G extends Group> = {
  readonly [K in keyof G["endpoints"]]: (
    input: Call<G["endpoints"][K]>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<ApiResponse<G["endpoints"][K]>>;
};

/** What an answer to a write carries, and a request brings that is to see what was written. */
export const CONSISTENCY_HEADER = "x-consistency";
/** Indexes follow within seconds. */
const MARK_MS = 10_000;
/** Of 10 KB that a gateway takes as headers. */
const MOST_MARKS = 4_000;

/** Marks of the newest answers, which go with each call: so callers read their own writes. */
export interface Marks {
  headers(): Readonly<Record<string, string>>;
  take(answer: Headers): void;
}

/** @param now in milliseconds */
export function createMarks(now: () => number = Date.now): Marks {
  let marks: { readonly mark: string; readonly at: number }[] = [];
  return {
    headers() {
      marks = marks.filter(({ at }) => now() - at < MARK_MS);
      const all = marks.map(({ mark }) => mark).join(",");
      const headers: Record<string, string> = {};
      if (all !== "") headers[CONSISTENCY_HEADER] = all;
      return headers;
    },
    take(answer) {
      const mark = answer.get(CONSISTENCY_HEADER);
      if (mark === null) return;
      marks = [...marks, { mark, at: now() }];
      // The newest ones, and one in any case.
      while (marks.length > 1 && marks.reduce((sum, one) => sum + one.mark.length + 1, 0) > MOST_MARKS)
        marks = marks.slice(1);
    },
  };
}

const JSON_CONTENT_TYPE = /^application\/([a-z.+-]*\+)?json/;

function urlOf(base: string, prefix: string, { path }: Endpoint, input: Record<string, unknown>): string {
  const { params = {}, query = {} } = input as {
    params?: Record<string, string>;
    query?: Record<string, unknown>;
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]): [string, string][] =>
      value === undefined ? [] : [[key, String(value)]],
    ),
  ).toString();
  return `${base}${prefix}${filled === "/" ? "" : filled}${search && `?${search}`}`;
}

function bodyOf(input: Record<string, unknown>): { body?: string; type?: string } {
  if (input.form)
    return {
      body: new URLSearchParams(input.form as Record<string, string>).toString(),
      type: "application/x-www-form-urlencoded",
    };
  return input.body === undefined ? {} : { body: JSON.stringify(input.body), type: "application/json" };
}

/** How often a call is sent at most, and how long it is waited in between, in milliseconds. */
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
/** Whoever is to wait longer decides that by themselves: they get the answer that says so. */
const LONGEST_PAUSE_MS = 10_000;

/** Whether a call may be sent again: one that reads, and one that is done once because it carries a key. */
const isRepeatable = (endpoint: Endpoint) => endpoint.method === "GET" || isKeyed(endpoint);

/**
 * How long to wait before a call is sent again; undefined for an answer that holds: too often (429), not reachable (503),
 * or the same call is still running (409 with `Retry-After`).
 */
function pauseAfter(response: Response | undefined, attempt: number): number | undefined {
  if (attempt >= ATTEMPTS) return undefined;
  // Full jitter, so that those who failed together do not come again together.
  const usual = Math.random() * FIRST_PAUSE_MS * 2 ** attempt;
  if (!response) return usual;
  const header = response.headers.get("retry-after");
  const isPassing = [429, 503].includes(response.status) || (response.status === 409 && header !== null);
  if (!isPassing) return undefined;
  const asked = Number(header ?? 0) * 1000;
  if (!Number.isFinite(asked) || asked > LONGEST_PAUSE_MS) return undefined;
  return asked + usual;
}

/** Sends the same request until its answer holds. A broken connection throws when no attempt is left. */
async function sendPatiently(send: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const sent = await send().catch((error: unknown) => ({ error }));
    const response = "error" in sent ? undefined : sent;
    const pause = pauseAfter(response, attempt);
    if (pause === undefined) {
      if (response) return response;
      throw (sent as { error: unknown }).error;
    }
    // Gives the connection back. Nobody waits for that: of an answer that somebody has cloned, it does not end.
    response?.body?.cancel().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Whether calls are sent again where that is safe. */
export type Patience = "usual" | "none";

/**
 * A client of a group, typed from its table: `client(customers, "http://localhost:8000", token).list({})`.
 * An error status is a response too; only a broken connection throws. `always` are headers of every call; `send` sends
 * them, where somebody wants to wait or count. Clients that share `marks` see what each other has written.
 *
 * Each POST carries an `Idempotency-Key` of its own, so it is sent again when the connection breaks or the answer says
 * that it may be (`pauseAfter`), up to four times, and done once. So are calls that read. `patience: "none"` sends each
 * call once and without a key, unless it brings one.
 */
export function client<G extends Group>(
  group: G,
  base: string,
  token?: string,
  always: Readonly<Record<string, string>> = {},
  send: typeof fetch = fetch,
  marks: Marks = createMarks(),
  patience: Patience = "usual",
): Calls<G> {
  const call =
    (endpoint: Endpoint) =>
    async (input: Record<string, unknown>, headers = {}) => {
      const { body, type } = bodyOf(input);
      const isPatient = patience === "usual" && isRepeatable(endpoint);
      const once = {
        ...(isPatient && isKeyed(endpoint) && { [IDEMPOTENCY_HEADER]: `"${crypto.randomUUID()}"` }),
      };
      const sendOnce = () =>
        send(urlOf(base, group.prefix, endpoint, input), {
          method: endpoint.method,
          redirect: "manual",
          headers: {
            ...(token && { authorization: `Bearer ${token}` }),
            ...(type && { "content-type": type }),
            ...once,
            ...marks.headers(),
            ...always,
            ...headers,
          },
          ...(body !== undefined && { body }),
        });
      const response = await (isPatient ? sendPatiently(sendOnce) : sendOnce());
      marks.take(response.headers);
      const text = await response.text();
      const isJson = JSON_CONTENT_TYPE.test(response.headers.get("content-type") ?? "");
      const raw: unknown = isJson && text ? JSON.parse(text) : text;
      return {
        status: response.status,
        headers: response.headers,
        raw,
        body: () => {
          if (response.status < 300) return raw;
          throw new Error(`${endpoint.method} ${group.prefix}${endpoint.path}: ${response.status} ${text}`);
        },
      };
    };
  // What each name takes and gives is known from the table alone, not from a loop over it.
  return Object.fromEntries(
    Object.entries(group.endpoints).map(([name, endpoint]) => [name, call(endpoint)]),
  ) as unknown as Calls<G>;
}
