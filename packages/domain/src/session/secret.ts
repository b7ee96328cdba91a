import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

let client: SecretsManagerClient | undefined;

/**
 * A signing key from Secrets Manager, read once per container.
 *
 * @param variable name of the environment variable that holds the secret's ARN
 * @throws when the variable is missing or the secret can't be read; the next call tries again
 */
export function signingKey(variable: string): () => Promise<Uint8Array> {
  let key: Promise<Uint8Array> | undefined;
  const read = async () => {
    const SecretId = process.env[variable];
    if (!SecretId) throw new Error(`${variable} is not set`);
    client ??= new SecretsManagerClient({});
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    if (!SecretString) throw new Error(`The secret of ${variable} is empty`);
    return new TextEncoder().encode(SecretString);
  };
  return () => {
    key ??= read().catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
}
