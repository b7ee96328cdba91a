/** Secrets of the stage, in Secrets Manager. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** A person waits for the first request of a container: give up on what is not taken up in time, and try again. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

let client: SecretsManagerClient | undefined;

/** A version of a secret. */
export interface SecretVersion {
  readonly id: string;
  readonly value: string;
  /** When it was made, in milliseconds; 0 when nobody says. */
  readonly since: number;
}

/**
 * A version of a secret; undefined when it has no such version.
 *
 * @param SecretId ARN or name
 * @throws when it can't be read, or holds nothing
 */
export async function readSecret(
  SecretId: string,
  VersionStage: "AWSCURRENT" | "AWSPREVIOUS" = "AWSCURRENT",
): Promise<SecretVersion | undefined> {
  client ??= new SecretsManagerClient({
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });
  const answer = await client
    .send(new GetSecretValueCommand({ SecretId, VersionStage }))
    .catch((error: unknown) => {
      // That of a secret which was never rotated.
      if (VersionStage === "AWSPREVIOUS" && isNotFound(error)) return undefined;
      throw error;
    });
  if (answer === undefined) return undefined;
  const { SecretString, VersionId = "", CreatedDate } = answer;
  if (!SecretString) throw new Error(`The secret ${SecretId} is empty`);
  return { id: VersionId, value: SecretString, since: CreatedDate?.getTime() ?? 0 };
}

const isNotFound = (error: unknown) => error instanceof Error && error.name === "ResourceNotFoundException";
