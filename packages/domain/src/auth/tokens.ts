import type { webcrypto } from "node:crypto";
import { unauthorized } from "@success-manager/contract/problem";
import { errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import { signingKey } from "./signing-key.ts";

/** Decision 6: access token 30 minutes, refresh token 7 days, HS256 with separate keys. */
export const ACCESS_SECONDS = 30 * 60;
export const REFRESH_SECONDS = 7 * 24 * 60 * 60;

const ALGORITHM = "HS256";
const INVALID = "The token is not valid or has expired. Sign in again.";

const accessKey = signingKey("ACCESS_KEY_SECRET_ARN");
const refreshKey = signingKey("REFRESH_KEY_SECRET_ARN");

const AccessClaims = z.object({ sub: z.uuid(), sid: z.uuid(), type: z.literal("access") });
const RefreshClaims = z.object({ sub: z.uuid(), sid: z.uuid(), jti: z.uuid(), type: z.literal("refresh") });

const sign = (claims: Record<string, string>, seconds: number, key: webcrypto.CryptoKey) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
    .setIssuedAt()
    .setExpirationTime(`${seconds}s`)
    .sign(key);

/** The pair of tokens of a session; the refresh token is good once. */
export async function issue(sub: string, sid: string, jti: string) {
  const [access_token, refresh_token] = await Promise.all([
    accessKey().then((key) => sign({ sub, sid, type: "access" }, ACCESS_SECONDS, key)),
    refreshKey().then((key) => sign({ sub, sid, jti, type: "refresh" }, REFRESH_SECONDS, key)),
  ]);
  return { access_token, refresh_token, token_type: "bearer" as const, expires_in: ACCESS_SECONDS };
}

async function claims<T extends z.ZodType>(
  token: string,
  signingKey: () => Promise<webcrypto.CryptoKey>,
  schema: T,
) {
  const key = await signingKey();
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: [ALGORITHM] });
    return schema.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw unauthorized(INVALID);
    throw error;
  }
}

/** @throws 401 when the token is malformed, expired, of another kind or signed by somebody else */
export const readAccess = (token: string) => claims(token, accessKey, AccessClaims);
/** @throws 401 likewise */
export const readRefresh = (token: string) => claims(token, refreshKey, RefreshClaims);

export const invalidToken = () => unauthorized(INVALID);
