import { CONSISTENCY_HEADER } from "@success-manager/contract/client";
import { IDEMPOTENCY_HEADER, isKeyed, REPLAYED_HEADER } from "@success-manager/contract/dsl/endpoint";
import { conflict, Problem } from "@success-manager/contract/problem";
import type { Consistency } from "./consistency.ts";
import { callerOf, type HttpEvent, type HttpResult, type Middleware, type Outcome } from "./context.ts";
import { TIMEOUT_RESERVE_MS, TimedOut } from "./meta.ts";
import { respond } from "./respond.ts";
import { logger } from "./telemetry.ts";

interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Verdict =
  | { readonly kind: "new" | "lost" | "other" }
  | { readonly kind: "done"; readonly answer: KeptAnswer }
  | { readonly kind: "running"; readonly until: number };

interface OpenCall {
  judge(record?: { readonly found: unknown }): Promise<Verdict>;
  begin(): void;
  readonly answered: KeptAnswer | undefined;
  complete(answer: KeptAnswer): Promise<boolean>;
  release(): Promise<void>;
}

interface Call {
  readonly key: string;
  readonly asked: string;
  readonly owner: string;
  readonly until: number;
  readonly toAnswer: (outcome: object) => Promise<KeptAnswer>;
}

/** What remembers calls that carry an `Idempotency-Key` (`packages/domain/src/idempotency`). */
export interface Idempotency<Read> {
  /** Runs a request whose changes may be written together with a record of it. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Whether an error says that somebody else had the key when a change was to be written. */
  isRefused(error: unknown): boolean;
  /** How the record is read together with the session. */
  reads(caller: string, key: string): readonly Read[];
  open(call: Call & { readonly caller: string }): OpenCall;
  openByLink(token: string, call: Call): OpenCall;
}

/** An answer that was given before, on its way out past all that comes first. */
export class Replayed extends Error {
  readonly result: HttpResult;
  constructor({ status, headers, body }: KeptAnswer) {
    super("answered before");
    this.result = { statusCode: status, headers: { ...headers, [REPLAYED_HEADER]: "true" }, body };
  }
}

/** Structured field strings (RFC 8941, as the draft wants it), and what most clients send: the key alone. */
const QUOTED = /^"([\x21\x23-\x5b\x5d-\x7e]{1,255})"$/;
const BARE = /^(?!")[\x21-\x7e]{1,255}$/;

/** The key that a header holds; undefined when it is none. */
function keyIn(header: string): string | undefined {
  const trimmed = header.trim();
  return QUOTED.exec(trimmed)?.[1] ?? BARE.exec(trimmed)?.[0];
}

/** @throws 422 for what is no key */
function parseKey(header: string): string {
  const key = keyIn(header);
  if (key !== undefined) return key;
  throw refused("must be 1 to 255 visible ASCII characters, such as a UUID", "idempotency_key");
}

const refused = (msg: string, type: string) =>
  new Problem(422, `${IDEMPOTENCY_HEADER}: ${msg}`, {
    errors: [{ loc: ["header", IDEMPOTENCY_HEADER], msg, type }],
  });

/** Path and body as they came: what is read of them later changes neither. */
const askedBy = ({ rawPath, rawQueryString, body = "", isBase64Encoded }: HttpEvent) =>
  `${rawPath.replace(/(?<=.)\/$/, "")}?${rawQueryString}\n${isBase64Encoded ? Buffer.from(body, "base64").toString("latin1") : body}`;

/** Whether a request may be one that is remembered; before its route is known. */
export const mayBeKeyed = ({ headers, requestContext }: Pick<HttpEvent, "headers" | "requestContext">) =>
  headers[IDEMPOTENCY_HEADER.toLowerCase()] !== undefined && requestContext.http.method === "POST";

/** For functions whose calls are never remembered. */
export const forgetful: Idempotency<never> = {
  run: (work) => work(),
  isRefused: () => false,
  reads: () => [],
  open: () => {
    throw new Error("This function remembers no calls");
  },
  openByLink: () => {
    throw new Error("This function remembers no calls");
  },
};

/** Takes the key of a call, before anything changes what came. */
export const takeKey = (): Middleware => ({
  before: ({ event }) => {
    const { context } = event;
    const header = event.headers[IDEMPOTENCY_HEADER.toLowerCase()];
    if (header === undefined || context.endpoint.method !== "POST") return;
    if (context.endpoint.keyed === false)
      throw refused(
        "is not taken here: this answer is not kept, and a second call does no harm",
        "idempotency_key",
      );
    if (isKeyed(context.endpoint)) context.keyed = { header, asked: askedBy(event) };
  },
});

/** What is read with the session of a call that has a key: its record, after all else. */
export function recordReads<Read>(
  { reads }: Idempotency<Read>,
  { context: { keyed } }: HttpEvent,
  caller: string,
): readonly Read[] {
  const key = keyed && keyIn(keyed.header);
  return key === undefined ? [] : reads(caller, key);
}

/** Seconds until a call that runs is asked for again: most take less than one. */
const SOON = "1";

/** @throws what the caller is answered instead; nothing for a call that is to be done */
function settle(verdict: Verdict): void {
  switch (verdict.kind) {
    case "new":
      return;
    case "done":
      throw new Replayed(verdict.answer);
    case "running":
      throw new Problem(409, "The same call is still running. Ask again in a moment.", {
        headers: { "retry-after": SOON },
      });
    case "other":
      throw refused(
        "was used for another call already; each call has a key of its own",
        "idempotency_reused",
      );
    case "lost":
      throw conflict(
        "This call was done already, and its answer is not kept: it is too large, or the signing keys were replaced. Look at what is there.",
      );
  }
}

/** Failures that may be the trace of the same call: what it made is there, or it was faster. */
const TRACES = new Set([400, 404, 409, 410, 412]);

/**
 * Answers a call that comes again with the same `Idempotency-Key` as it was answered before, and has it done once.
 * Remembered are answers of calls that succeeded. What failed has changed nothing, so it is tried anew.
 */
export function idempotency<Read>(store: Idempotency<Read>, { mark }: Consistency): Middleware {
  const toAnswer = async (event: HttpEvent, outcome: Outcome): Promise<KeptAnswer> => {
    const { statusCode = 200, headers = {}, body = "" } = await respond(event, outcome);
    const written = mark();
    const kept = { ...headers, ...(written !== undefined && { [CONSISTENCY_HEADER]: written }) };
    return {
      status: statusCode,
      headers: Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, String(value)])),
      body,
    };
  };
  const openOf = ({ event, context: lambda }: { event: HttpEvent; context: LambdaClock }) => {
    const { keyed, actor, params } = event.context;
    if (!keyed) return undefined;
    const call: Call = {
      key: parseKey(keyed.header),
      asked: keyed.asked,
      owner: event.requestContext.requestId,
      until: Date.now() + lambda.getRemainingTimeInMillis() + TIMEOUT_RESERVE_MS,
      toAnswer: (outcome) => toAnswer(event, outcome),
    };
    return actor
      ? store.open({ ...call, caller: callerOf(actor) })
      : store.openByLink(params.token ?? "", call);
  };
  return {
    before: async (request) => {
      const { context } = request.event;
      const call = openOf(request);
      if (!call || !context.keyed) return;
      Object.assign(context.keyed, { call });
      // By a link, only who fails looks: links are used once anyway, and strangers must not make a function read.
      if (context.actor) settle(await call.judge({ found: context.keyed.record }));
      call.begin();
    },
    after: async (request) => {
      const call = callOf(request.event);
      if (!call) return;
      const { answered } = call;
      if (answered) {
        request.response = { statusCode: answered.status, headers: answered.headers, body: answered.body };
        return;
      }
      const { statusCode = 200, headers = {}, body = "" } = request.response ?? {};
      const written = mark();
      const all = { ...headers, ...(written !== undefined && { [CONSISTENCY_HEADER]: written }) };
      const texts = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]));
      try {
        const isKept = await call.complete({ status: statusCode, headers: texts, body });
        if (!isKept) settle(await call.judge());
      } catch (error) {
        if (error instanceof Replayed) request.response = error.result;
        // It is done, and its caller must know: only who asks again meets one that seems to run.
        else logger.error("answer not kept", { error });
      }
    },
    onError: async (request) => {
      const call = callOf(request.event);
      const { error } = request;
      if (!call || error instanceof Replayed) return;
      const isTrace = store.isRefused(error) || (error instanceof Problem && TRACES.has(error.status));
      try {
        if (error instanceof TimedOut) return;
        await call.release();
        if (isTrace) settle(await call.judge());
        // Who had it has failed meanwhile, and gave it free.
        if (store.isRefused(error)) settle({ kind: "running", until: 0 });
      } catch (better) {
        if (better instanceof Replayed || better instanceof Problem) request.error = better;
        else logger.error("key not given free", { error: better });
      }
    },
  };
}

interface LambdaClock {
  getRemainingTimeInMillis(): number;
}

const callOf = ({ context }: HttpEvent): OpenCall | undefined => context?.keyed?.call as OpenCall | undefined;
