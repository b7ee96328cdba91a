import type { Running } from "../cloud.ts";

/** A request, as it goes over HTTP. */
export interface Sent {
  /** `GET` when absent. */
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Behind `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
  /** In place of a body: the fields of a form. */
  readonly form?: Readonly<Record<string, string>>;
}

/** A call that is measured. */
export interface Call {
  /** Makes the request, and before it what the request needs; neither is measured. */
  readonly prepare: (who: Running) => Sent | Promise<Sent>;
  /** How many rounds at most. */
  readonly most?: number | undefined;
}

export type Calls = Readonly<Record<string, Call>>;

/** Rounds of endpoints without a sign-in: an address may call them 120 times a minute, rounds to warm up included. */
export const PUBLIC_ROUNDS = 30;
