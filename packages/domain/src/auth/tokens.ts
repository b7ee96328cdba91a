import { webcrypto } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { unauthorized } from "@success-manager/contract/problem";
import { errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import { config } from "../config.ts";

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
