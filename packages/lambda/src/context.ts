import type { MiddlewareObj } from "@middy/core";
import type { Actor, Endpoint, RawReply } from "@success-manager/contract/dsl/endpoint";
import type { ValidationError } from "@success-manager/contract/problem";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";

/** What the stack finds out about a request on its way to the implementation. */
export interface HttpContext {
  endpoint: Endpoint;
  /** The endpoint's name in its group's table. */
  name: string;
  /** Decoded path parameters. */
  params: Readonly<Record<string, string | undefined>>;
  /** Who calls; absent for public endpoints. */
  actor?: Actor;
  /** Declared query parameters and parsed body, before validation. */
  query?: Readonly<Record<string, string>>;
  payload?: unknown;
  /** What is wrong with single parameters and fields, as far as it is known. */
  errors: ValidationError[];
  /** Validated input by kind: `params`, `query`, `body`, `form`. */
  input: Record<string, unknown>;
  /** Set when the input was checked before the session; what was wrong with it. */
  checked?: { readonly error?: unknown };
  /** What was read together with the session. */
  found?: readonly unknown[];
  /** Set when the call carries an idempotency key: the header, path and body as they came, and what is known of it. */
  keyed?: { readonly header: string; readonly asked: string; record?: unknown; call?: unknown };
}

/** A gateway event that carries its context from one middleware to the next. */
export type HttpEvent = APIGatewayProxyEventV2 & { context: HttpContext };
export type HttpResult = APIGatewayProxyStructuredResultV2;

/** One step of a request's life. */
export type Middleware = MiddlewareObj<HttpEvent, HttpResult, Error, Context>;

/** What an implementation gave back, before it becomes an answer. */
export type Outcome = RawReply | object | null;

/** Who calls, as what is kept of callers names them. */
export const callerOf = ({ kind, id }: Pick<Actor, "kind" | "id">): string => `${kind}:${id}`;
