import { webcrypto } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { unauthorized } from "@success-manager/contract/problem";
import { errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import { config } from "../config.ts";
import type { StoredSession } from "../table/index.ts";

/** What the key is for (RFC 7518, 3.2); imported once, not with every token. */
const HS256 = { name: "HMAC", hash: "SHA-256" };

/** A person waits for the first request of a container: give up on what is not taken up in time, and try again. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

let client: SecretsManagerClient | undefined;

/**
 * A signing key from Secrets Manager, read once per container.
 *
 * @param variable name of the environment variable that holds the secret's ARN
 * @throws when the variable is missing or the secret can't be read; the next call tries again
 */
export function signingKey(
  variable: "ACCESS_KEY_SECRET_ARN" | "REFRESH_KEY_SECRET_ARN",
): () => Promise<webcrypto.CryptoKey> {
  let key: Promise<webcrypto.CryptoKey> | undefined;
  const read = async () => {
    const SecretId = config()[variable];
    if (!SecretId) throw new Error(`${variable} is not set`);
    client ??= new SecretsManagerClient({
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: ANSWER_MS,
        throwOnRequestTimeout: true,
      },
    });
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    if (!SecretString) throw new Error(`The secret of ${variable} is empty`);
    const bytes = new TextEncoder().encode(SecretString);
    return webcrypto.subtle.importKey("raw", bytes, HS256, false, ["sign", "verify"]);
  };
  return () => {
    key ??= read().catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
}

/** Decision 6: access token 30 minutes, refresh token 7 days, HS256 with separate keys; how long a session: config. */
export const ACCESS_SECONDS = 30 * 60;
export const REFRESH_SECONDS = 7 * 24 * 60 * 60;

const ALGORITHM = "HS256";
const INVALID = "The token is not valid or has expired. Sign in again.";

const accessKey = signingKey("ACCESS_KEY_SECRET_ARN");
const refreshKey = signingKey("REFRESH_KEY_SECRET_ARN");

const AccessClaims = z.object({ sub: z.uuid(), sid: z.uuid(), type: z.literal("access"), exp: z.number() });
const RefreshClaims = z.object({ sub: z.uuid(), sid: z.uuid(), jti: z.uuid(), type: z.literal("refresh") });

/** Signs claims that hold from one second to another, both since 1970. */
const sign = (claims: Record<string, string>, from: number, to: number, key: webcrypto.CryptoKey) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
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
    accessKey().then((key) => sign({ sub, sid, type: "access" }, now, accessEnd, key)),
    refreshKey().then((key) => sign({ sub, sid, jti, type: "refresh" }, issued, end, key)),
  ]);
  return { access_token, refresh_token, token_type: "bearer" as const, expires_in: accessEnd - now };
}

/** Clocks of two machines may differ by this much. */
const CLOCK_SECONDS = 60;

/** @param most seconds that a token of this kind can still be good for */
async function claims<T extends z.ZodType>(
  token: string,
  signingKey: () => Promise<webcrypto.CryptoKey>,
  schema: T,
  most: number,
) {
  const key = await signingKey();
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: [ALGORITHM], requiredClaims: ["exp"] });
    // A token that would hold for longer is none of ours, whoever signed it.
    if ((payload.exp ?? Number.POSITIVE_INFINITY) > Date.now() / 1000 + most + CLOCK_SECONDS)
      throw invalidToken();
    return schema.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw unauthorized(INVALID);
    throw error;
  }
}

/** Access tokens that were verified: a page asks a dozen times with the same one, and checking costs as much as the rest. */
const verified = new Map<string, z.infer<typeof AccessClaims>>();
const MAX_VERIFIED = 500;

/**
 * What an access token says. One that was verified before only needs to be still valid.
 *
 * @throws 401 when the token is malformed, expired, of another kind or signed by somebody else
 */
export async function readAccess(token: string): Promise<z.infer<typeof AccessClaims>> {
  const known = verified.get(token);
  if (known && known.exp > Date.now() / 1000) return known;
  verified.delete(token);
  const read = await claims(token, accessKey, AccessClaims, ACCESS_SECONDS);
  const [oldest] = verified.keys();
  if (oldest !== undefined && verified.size >= MAX_VERIFIED) verified.delete(oldest);
  verified.set(token, read);
  return read;
}

/** @throws 401 likewise */
export const readRefresh = (token: string) => claims(token, refreshKey, RefreshClaims, REFRESH_SECONDS);

/** So long after its end a refresh token still tells that a device is known. */
const DEVICE_SECONDS = 180 * 24 * 60 * 60;

/**
 * The session that a refresh token is of, also of one that has ended or expired: whoever holds it has signed in with
 * this device before. Undefined when it is none of ours, or too old. Nobody is signed in by it.
 */
export async function readDevice(
  token: string,
): Promise<{ readonly user_id: string; readonly session_id: string } | undefined> {
  const key = await refreshKey();
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      requiredClaims: ["exp"],
      clockTolerance: DEVICE_SECONDS,
    });
    const { sub: user_id, sid: session_id } = RefreshClaims.parse(payload);
    return { user_id, session_id };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

export const invalidToken = () => unauthorized(INVALID);
