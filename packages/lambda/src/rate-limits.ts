import type { HttpResult, Middleware } from "./context.ts";

/** A limit that a request has met: so many in a window of seconds, how many are left, when they are whole again. */
export interface RateLimit {
  readonly quota: number;
  readonly window: number;
  /** Undefined where nobody knows without asking. */
  readonly remaining: number | undefined;
  /** Seconds. */
  readonly reset: number;
}

/** Takes the limits that were met since it was asked last, by their names. */
export type TakeLimits = () => ReadonlyMap<string, RateLimit>;

/**
 * Tells callers what limits they have met, and how far they may still go, on success too
 * (draft-ietf-httpapi-ratelimit-headers-11): `RateLimit-Policy: "logins";q=10;w=60` and `RateLimit: "logins";r=7;t=42`.
 * Names are of letters, digits and dashes, so each is a string of RFC 9651 as it stands.
 */
export function rateLimits(take: TakeLimits): Middleware {
  const add = (response: HttpResult | null | undefined) => {
    const limits = [...take()];
    if (!response || limits.length === 0) return;
    const policies = limits.map(([name, { quota, window }]) => `"${name}";q=${quota};w=${window}`);
    const left = limits.flatMap(([name, { remaining, reset }]) =>
      remaining === undefined ? [] : [`"${name}";r=${remaining};t=${reset}`],
    );
    response.headers = {
      ...response.headers,
      "ratelimit-policy": policies.join(", "),
      ...(left.length > 0 && { ratelimit: left.join(", ") }),
    };
  };
  return {
    // What an earlier request left running is not this one's.
    before: () => void take(),
    after: ({ response }) => add(response),
    onError: ({ response }) => add(response),
  };
}
