import { webcrypto } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
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
