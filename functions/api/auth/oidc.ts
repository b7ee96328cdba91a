import { createHash } from "node:crypto";
import type { OidcAnswer, OidcLogin } from "@success-manager/contract/auth";
import type { RawReply, RequestMeta } from "@success-manager/contract/dsl/endpoint";
import { Problem } from "@success-manager/contract/problem";
import { Oidc } from "@success-manager/domain/auth/oidc";
import { logger } from "@success-manager/lambda";

/**
 * The cookie of a log-in that has begun; of each a name of its own, so that two tabs don't take each other's. `__Host-`
 * keeps other hosts of the domain from setting it (RFC 6265bis, 4.1.3.2), and wants TLS, which one machine has not.
 * `Lax`: the provider sends the browser back by a link of another site.
 */
const cookieOf = (state: string, origin: string) => {
  const isSecure = origin.startsWith("https://");
  // Of what the caller sends no letter goes into a header.
  const name = createHash("sha256").update(state).digest("hex").slice(0, 16);
  return {
    name: `${isSecure ? "__Host-" : ""}oidc-${name}`,
    attributes: `Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`,
  };
};

/** In the fragment: it reaches no server, and no log of one. */
const redirectTo = (address: string, facts: Readonly<Record<string, string>> = {}): RawReply => {
  const fragment = new URLSearchParams(facts).toString();
  return { headers: { location: fragment ? `${address}#${fragment}` : address }, body: "" };
};

/** RFC 6749, 4.1.2.1, as far as it has a word. */
const ERRORS: Readonly<Record<number, string>> = {
  400: "invalid_request",
  403: "access_denied",
  429: "temporarily_unavailable",
  503: "temporarily_unavailable",
};

/** Codes and messages of what stood behind a refusal. Not all of it: libraries add answers, which name people. */
function* causesOf(error: Error): Generator<string> {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    yield "code" in cause ? `${cause.code}: ${cause.message}` : cause.message;
}

/**
 * What goes wrong is told to people by the web app, which they came from and are led back to; to programs, which don't
 * ask for pages, by a status as everywhere.
 */
async function orBack(
  { headers }: RequestMeta,
  return_to: string,
  step: () => Promise<RawReply>,
): Promise<RawReply> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Problem && error.cause !== undefined)
      logger.warn("log-in with the provider failed", { status: error.status, causes: [...causesOf(error)] });
    const isPage = /\btext\/html\b/i.test(headers.accept ?? "");
    if (!isPage || !(error instanceof Problem)) throw error;
    const word = ERRORS[error.status] ?? "server_error";
    const { location = "" } =
      redirectTo(return_to, { error: word, error_description: error.message }).headers ?? {};
    const { "retry-after": retry } = error.headers;
    return { headers: { location, ...(retry && { "retry-after": retry }) }, body: "" };
  }
}

/** Leads the browser to the provider. @throws what `Oidc.begin` and `Oidc.returnAddress` throw */
export function login({ code_challenge, return_to }: OidcLogin, meta: RequestMeta): Promise<RawReply> {
  const address = Oidc.returnAddress(return_to);
  return orBack(meta, address, async () => {
    const { location, ticket, state, lasts } = await Oidc.begin(address, code_challenge, meta.origin);
    const { name, attributes } = cookieOf(state, meta.origin);
    return { ...redirectTo(location), cookies: [`${name}=${ticket}; Max-Age=${lasts}; ${attributes}`] };
  });
}

/** Leads the browser from the provider to the web app. @throws what `Oidc.complete` throws */
export async function callback(answer: OidcAnswer, meta: RequestMeta): Promise<RawReply> {
  const { name, attributes } = cookieOf(answer.state ?? "", meta.origin);
  const kept = meta.cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1);
  const ticket = kept === undefined ? undefined : await Oidc.readTicket(kept);
  // Also what was signed for an origin that is none of the web app's any more.
  const address = Oidc.returnAddress(ticket?.return_to);
  return orBack(meta, address, async () => ({
    ...redirectTo(address, { code: await Oidc.complete(answer, ticket, meta) }),
    cookies: [`${name}=; Max-Age=0; ${attributes}`],
  }));
}
