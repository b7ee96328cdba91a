import { webcrypto } from "node:crypto";
import { Problem, unauthorized } from "@success-manager/contract/problem";
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import type { StoredSession } from "../table/index.ts";
import { type SigningKey, type SigningKeys, signingKeys } from "./keys.ts";

/** Decision 6: access token 30 minutes, refresh token 7 days, HS256 with separate keys; how long a session: config. */
export const ACCESS_SECONDS = 30 * 60;
export const REFRESH_SECONDS = 7 * 24 * 60 * 60;

const ALGORITHM = "HS256";
const INVALID = "The token is not valid or has expired. Sign in again.";

const accessKeys = signingKeys("ACCESS_KEY_SECRET_ARN", ACCESS_SECONDS);
const refreshKeys = signingKeys("REFRESH_KEY_SECRET_ARN", REFRESH_SECONDS);

const AccessClaims = z.object({ sub: z.uuid(), sid: z.uuid(), type: z.literal("access"), exp: z.number() });
const RefreshClaims = z.object({ sub: z.uuid(), sid: z.uuid(), jti: z.uuid(), type: z.literal("refresh") });

/** Signs claims that hold from one second to another, both since 1970. */
const sign = (claims: Record<string, string>, from: number, to: number, { id, key }: SigningKey) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT", kid: id })
    .setIssuedAt(from)
    .setExpirationTime(to)
    .sign(key);

/**
 * The pair of tokens of a session. The refresh token follows from what is stored of the session, and can be made
 * again as long as it is the newest; without the key, what is stored makes none. The access token ends with the
 * session at the latest.
 */
export async function issue(session: StoredSession) {
  const { user_id: sub, id: sid, refresh_id: jti, last_active, expires_at_epoch: end } = session;
  const now = Math.floor(Date.now() / 1000);
  const accessEnd = Math.min(now + ACCESS_SECONDS, end);
  const issued = Math.floor(Date.parse(last_active) / 1000);
  const [access_token, refresh_token] = await Promise.all([
    accessKeys.forSigning().then((key) => sign({ sub, sid, type: "access" }, now, accessEnd, key)),
    refreshKeys.forSigning().then((key) => sign({ sub, sid, jti, type: "refresh" }, issued, end, key)),
  ]);
  return { access_token, refresh_token, token_type: "bearer" as const, expires_in: accessEnd - now };
}

/** So long what is derived from a key can be of use: answers to calls with an idempotency key. */
const DERIVED_SECONDS = 24 * 60 * 60;

const derivedFrom = ({ id, key }: SigningKey) => ({
  id,
  /** HMAC-SHA-256. A text that can't be the beginning of a JWT: with a line break in it. */
  mac: async (text: string) =>
    Buffer.from(await webcrypto.subtle.sign("HMAC", key, new TextEncoder().encode(text))),
});

/** Secrets that follow from the key of access tokens, for what is kept for a day at most. */
export const derivedSecrets = {
  current: async () => derivedFrom(await accessKeys.forSigning()),
  /** Undefined when the key that it follows from has been taken out of use. */
  of: async (id: string | undefined) => {
    const [key] = await accessKeys.forVerifying(id, DERIVED_SECONDS);
    return key && derivedFrom(key);
  },
};

/** Clocks of two machines may differ by this much. */
const CLOCK_SECONDS = 60;

/**
 * What a token says, and the id of the key that signed it.
 *
 * @param most seconds that a token of this kind can still be good for
 */
async function read<T extends z.ZodType>(token: string, keys: SigningKeys, schema: T, most: number) {
  const candidates = await keys.forVerifying(keyIdOf(token));
  try {
    for (const { id, key } of candidates) {
      const payload = await payloadOf(token, key);
      if (payload === undefined) continue;
      // A token that would hold for longer is none of ours, whoever signed it.
      if ((payload.exp ?? Number.POSITIVE_INFINITY) > Date.now() / 1000 + most + CLOCK_SECONDS) break;
      return { claims: schema.parse(payload), kid: id };
    }
  } catch (error) {
    if (!(error instanceof errors.JOSEError || error instanceof z.ZodError)) throw error;
  }
  throw invalidToken();
}

/** The id of the key that a token says it is signed with, if it says any. @throws 401 when it is no token */
function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    throw invalidToken();
  }
}

/** What a token says that this key has signed; undefined where another one has. @throws JOSEError when it is not valid */
async function payloadOf(token: string, key: SigningKey["key"], clockTolerance = 0) {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      requiredClaims: ["exp"],
      clockTolerance,
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
    throw error;
  }
}

type AccessToken = { readonly claims: z.infer<typeof AccessClaims>; readonly kid: string };

/** Access tokens that were verified: a page asks a dozen times with the same one, and checking costs as much as the rest. */
const verified = new Map<string, AccessToken>();
const MAX_VERIFIED = 500;

/**
 * What an access token says. One that was verified before only needs to be still valid, and its key, too.
 *
 * @throws 401 when the token is malformed, expired, of another kind or signed by somebody else
 */
export async function readAccess(token: string): Promise<z.infer<typeof AccessClaims>> {
  const known = verified.get(token);
  if (known && known.claims.exp > Date.now() / 1000) {
    const [key] = await accessKeys.forVerifying(known.kid);
    if (key) return known.claims;
  }
  verified.delete(token);
  const found = await read(token, accessKeys, AccessClaims, ACCESS_SECONDS);
  const [oldest] = verified.keys();
  if (oldest !== undefined && verified.size >= MAX_VERIFIED) verified.delete(oldest);
  verified.set(token, found);
  return found.claims;
}

const OidcTicketClaims = z.object({
  type: z.literal("oidc"),
  state: z.string(),
  nonce: z.string(),
  code_verifier: z.string(),
  code_challenge: z.string(),
  return_to: z.string(),
});
/** What a log-in with a provider began with. */
export type OidcTicket = Omit<z.infer<typeof OidcTicketClaims>, "type">;

/** So long somebody may take at the provider. */
export const OIDC_TICKET_SECONDS = 10 * 60;

/** Signs what a log-in began with, for the browser to keep. */
export async function signOidcTicket(ticket: OidcTicket): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const key = await refreshKeys.forSigning();
  return sign({ ...ticket, type: "oidc" }, now, now + OIDC_TICKET_SECONDS, key);
}

/** @throws 401 when it is not ours, or has expired */
export const readOidcTicket = async (ticket: string): Promise<OidcTicket> =>
  (await read(ticket, refreshKeys, OidcTicketClaims, OIDC_TICKET_SECONDS)).claims;

/** @throws 401 likewise */
export const readRefresh = async (token: string) =>
  (await read(token, refreshKeys, RefreshClaims, REFRESH_SECONDS)).claims;

/** So long after its end a refresh token still tells that a device is known. */
const DEVICE_SECONDS = 180 * 24 * 60 * 60;

/**
 * The session that a refresh token is of, also of one that has ended or expired: whoever holds it has signed in with
 * this device before. Undefined when it is none of ours, or too old. Nobody is signed in by it.
 */
export async function readDevice(
  token: string,
): Promise<{ readonly user_id: string; readonly session_id: string } | undefined> {
  try {
    const candidates = await refreshKeys.forVerifying(keyIdOf(token), DEVICE_SECONDS);
    for (const { key } of candidates) {
      const payload = await payloadOf(token, key, DEVICE_SECONDS);
      if (payload === undefined) continue;
      const { sub: user_id, sid: session_id } = RefreshClaims.parse(payload);
      return { user_id, session_id };
    }
  } catch (error) {
    if (!(error instanceof errors.JOSEError || error instanceof z.ZodError || error instanceof Problem))
      throw error;
  }
  return undefined;
}

export const invalidToken = () => unauthorized(INVALID);
