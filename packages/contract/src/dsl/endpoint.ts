import * as z from "zod";
import type { CustomerScope } from "../api-keys.ts";
import type { IfMatch } from "../problem.ts";
import type { User } from "../user.ts";
import type { Role, Scope } from "../vocabulary.ts";

/** Who may call an endpoint: anybody, any signed-in user, managers and admins, admins. */
export type Access = "public" | "member" | "manager" | "admin";
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A 201 answer with a body of this schema. */
export interface Created<T extends z.ZodType = z.ZodType> {
  readonly status: 201;
  readonly schema: T;
}

/** A 202 answer, always: what follows from the call is not known yet, and is told to nobody who calls. */
export interface Noted<T extends z.ZodType = z.ZodType> {
  readonly status: 202;
  readonly schema: T;
}

/** An answer that may come before all is done: 202 as long as something is pending, else 200. */
export interface Accepted<T extends z.ZodType = z.ZodType> {
  readonly status: 200;
  readonly schema: T;
  /** Whether there is more to come. */
  isPending(body: z.output<T>): boolean;
}

/** The address of a file, for a short while. */
export interface FileLink {
  readonly url: string;
  readonly expires_at: string;
}

/**
 * A file outside the API: a redirect to it, its link as JSON for callers that accept JSON alone, or the file itself for
 * a page of another origin, which can't follow the redirect.
 */
export interface Redirect {
  readonly status: 307;
  readonly fileType: string;
  readonly schema: z.ZodType<FileLink>;
}

/** An answer that is not JSON from a schema: a page, a file, a redirect. */
export interface RawResponse {
  readonly contentType: string;
  readonly status: 200 | 302 | 303;
  /** What its failures are: JSON as everywhere in the API, or pages as well. */
  readonly failures: "json" | "page";
}

/** What a user may do so often in an hour: it takes much of us, or reaches people outside. */
export type Quota = "reports" | "mails" | "jobs";

/** One of each of these quotas. @property when only calls with this field in their body cost something */
export interface Costs {
  readonly quotas: readonly Quota[];
  readonly when?: string;
}

/** What an endpoint of the table says about itself, besides method and path. */
export interface EndpointShape {
  /** One line for the docs, in the imperative: "List customers". */
  readonly summary: string;
  readonly access: Access;
  /** `all` where the answer can't be told of some customers: who sees only some is refused (403). */
  readonly sees?: "all";
  /** Schemas of path parameters that are not UUIDs, by name. */
  readonly params?: Readonly<Record<string, z.ZodType<string>>>;
  readonly query?: z.ZodObject;
  /** JSON body. */
  readonly body?: z.ZodType;
  /** `application/x-www-form-urlencoded` body. */
  readonly form?: z.ZodObject;
  readonly returns: z.ZodType | Created | Noted | Accepted | Redirect | RawResponse;
  /** The field of the answer whose revision is the ETag, when it is not the answer itself that has one. */
  readonly resource?: string;
  /** Statuses of expected failures beside those that follow from access, input and costs (401, 403, 422, 429). */
  readonly errors?: readonly (400 | 401 | 403 | 404 | 409 | 410 | 412 | 413 | 429)[];
  /** What calls spend of their user's quotas; they may be answered with 429. */
  readonly costs?: Costs;
  /** False for a POST that takes no `Idempotency-Key`: its answer is made of secrets that end soon (tokens of a sign-in). */
  readonly keyed?: false;
  /** Whether only people may call it, never an API key: it is about the caller's own account, or about the team's. */
  readonly people?: true;
  /** Whether it may be called by who has to set up a second factor before anything else. */
  readonly beforeSecondFactor?: true;
  /** Further paths in the group that mean the same endpoint. */
  readonly alias?: readonly string[];
}

export type Endpoint<
  M extends Method = Method,
  P extends string = string,
  S extends EndpointShape = EndpointShape,
> = S & { readonly method: M; readonly path: P };

type ParamName<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never;

/** The signed-in user who makes a request, as of this request. */
export interface UserActor extends User {
  readonly kind: "user";
  readonly session_id: string;
  /** Whether the team asks them for a second factor, which they do not have. */
  readonly must_set_up_factor?: true;
}

/** The API key that makes a request, as of this request. It may no more than its scopes, and nothing that admins may. */
export interface KeyActor {
  readonly kind: "key";
  readonly id: string;
  /** As who did something is shown: `API key "Billing sync"`. */
  readonly full_name: string;
  readonly role: Exclude<Role, "admin">;
  readonly scopes: readonly Scope[];
  /** Which customers it sees; all when absent. */
  readonly customers?: CustomerScope;
}

/** Who makes a request. */
export type Actor = UserActor | KeyActor;

/** What every request carries beside its declared input. */
export interface RequestMeta {
  readonly requestId: string;
  /** The caller's address as the gateway sees it, or the edge in front of it; never a header of the caller's own. */
  readonly sourceIp: string;
  /** Where the API is reached, such as `https://api.example.com`: for links that leave it. Never a header. */
  readonly origin: string;
  /** What `If-Match` names, where the endpoint can answer 412 and the caller sent more than `*`. */
  readonly ifMatch?: IfMatch;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** `name=value`, as the browser sends them. */
  readonly cookies: readonly string[];
  /** Milliseconds until the request is cut off. */
  remaining(): number;
}

type Param<E extends Endpoint, Name extends string> = E extends {
  readonly params: { readonly [K in Name]: infer S extends z.ZodType };
}
  ? z.output<S>
  : string;

/** What an implementation receives: only what the endpoint declares, already validated. */
export type Request<E extends Endpoint> = {
  readonly params: { readonly [Name in ParamName<E["path"]>]: Param<E, Name> };
  readonly meta: RequestMeta;
} & (E extends { readonly query: infer Q extends z.ZodType } ? { readonly query: z.output<Q> } : unknown) &
  (E extends { readonly body: infer B extends z.ZodType } ? { readonly body: z.output<B> } : unknown) &
  (E extends { readonly form: infer F extends z.ZodType } ? { readonly form: z.output<F> } : unknown) &
  (E extends { readonly access: "public" }
    ? unknown
    : E extends { readonly access: "admin" } | { readonly people: true }
      ? { readonly actor: UserActor }
      : { readonly actor: Actor });

/** What an implementation of a `rawResponse` returns. `body` bytes are sent base64-encoded through the gateway. */
export interface RawReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** As `Set-Cookie` has them. */
  readonly cookies?: readonly string[];
  readonly body: string | Uint8Array;
}

/** What an implementation returns: the body of the success answer. */
export type Reply<E extends Endpoint> = E["returns"] extends z.ZodType
  ? z.output<E["returns"]>
  : E["returns"] extends { readonly schema: infer T extends z.ZodType }
    ? z.output<T>
    : RawReply;

/** What a caller passes: the same input before validation. */
export type Call<E extends Endpoint> = ([ParamName<E["path"]>] extends [never]
  ? unknown
  : { readonly params: Readonly<Record<ParamName<E["path"]>, string>> }) &
  (E extends { readonly query: infer Q extends z.ZodType } ? { readonly query?: z.input<Q> } : unknown) &
  (E extends { readonly body: infer B extends z.ZodType } ? { readonly body: z.input<B> } : unknown) &
  (E extends { readonly form: infer F extends z.ZodType } ? { readonly form: z.input<F> } : unknown);

const endpoint =
  <M extends Method>(method: M) =>
  <const P extends string, const S extends EndpointShape>(path: P, shape: S): Endpoint<M, P, S> => ({
    ...shape,
    method,
    path,
  });

/** `get("/{id}", { summary, access, returns })`: an endpoint of a group's table; the path is relative to it. */
export const get = endpoint("GET");
export const post = endpoint("POST");
export const put = endpoint("PUT");
export const patch = endpoint("PATCH");
export const del = endpoint("DELETE");

type OwnAccount<E extends Readonly<Record<string, Endpoint>>> = {
  readonly [K in keyof E]: E[K] & { readonly people: true; readonly keyed: false };
};

/**
 * Endpoints about signing in and the caller's own account: API keys may call none of them, and their answers, which may
 * hold tokens and codes, are remembered for nobody.
 */
export const ownAccount = <const E extends Readonly<Record<string, Endpoint>>>(endpoints: E): OwnAccount<E> =>
  // `Object.fromEntries` forgets which names there are.
  Object.fromEntries(
    Object.entries(endpoints).map(([name, one]) => [name, { ...one, people: true, keyed: false }]),
  ) as unknown as OwnAccount<E>;

/** Marks the answer as 201 Created. */
export const created = <T extends z.ZodType>(schema: T): Created<T> => ({ status: 201, schema });

/** Marks the answer as 202 Accepted, whatever comes of it. */
export const noted = <T extends z.ZodType>(schema: T): Noted<T> => ({ status: 202, schema });

/** Marks the answer as one that may come before all is done: 202 as long as `isPending` says so of it. */
export const accepted = <T extends z.ZodType>(
  schema: T,
  isPending: (body: z.output<T>) => boolean,
): Accepted<T> => ({ status: 200, schema, isPending });

const FileLinkSchema = z
  .object({
    url: z.url().meta({ description: "Where the file is; whoever has it can read the file" }),
    expires_at: z.iso.datetime({ precision: 3 }),
  })
  .meta({ id: "FileAddress" });

/** Marks the answer as a redirect to a file of this content type outside the API. */
export const redirect = (fileType: string): Redirect => ({
  status: 307,
  fileType,
  schema: FileLinkSchema,
});

/** Marks the answer as a file of this content type, or as the way to one; the implementation sends it whole. */
export const rawResponse = (contentType: string, status: RawResponse["status"] = 200): RawResponse => ({
  contentType,
  status,
  failures: "json",
});

/** Marks the answer as a page for people, or as the way to one; so are its failures. */
export const page = (status: RawResponse["status"] = 200): RawResponse => ({
  contentType: "text/html",
  status,
  failures: "page",
});

type Returns = EndpointShape["returns"];

/** The header by which a call says that it is the same as an earlier one, and the one that marks its answer. */
export const IDEMPOTENCY_HEADER = "Idempotency-Key";
export const REPLAYED_HEADER = "idempotent-replayed";

/** Whether an endpoint takes an `Idempotency-Key`. Pages do not: forms send no headers. */
export const isKeyed = ({ method, returns, keyed }: Endpoint): boolean =>
  method === "POST" && keyed !== false && !isRaw(returns);

export const isRaw = (returns: Returns): returns is RawResponse => "contentType" in returns;
export const isAccepted = (returns: Returns): returns is Accepted =>
  !(returns instanceof z.ZodType) && "isPending" in returns;
export const isRedirect = (returns: Returns): returns is Redirect =>
  !(returns instanceof z.ZodType) && returns.status === 307;

/** The status and schema of an endpoint's success answer; no schema for a `rawResponse`. */
export function success(endpoint: Endpoint): {
  status: 200 | 201 | 202 | 302 | 303 | 307;
  schema?: z.ZodType;
} {
  const { returns } = endpoint;
  if (returns instanceof z.ZodType) return { status: 200, schema: returns };
  if (isRaw(returns)) return { status: returns.status };
  return { status: returns.status, schema: returns.schema };
}
