import { randomBytes } from "node:crypto";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

/** What Secrets Manager sends, once for each step ("Lambda rotation functions" in its User Guide). */
const RotationStep = z.object({
  Step: z.enum(["createSecret", "setSecret", "testSecret", "finishSecret"]),
  SecretId: z.string().min(1),
  /** The id of the version that is made. */
  ClientRequestToken: z.string().min(1),
});

/** 384 bits as 64 characters: more than HS256 can use (RFC 7518, 3.2 asks for 256). */
const newKey = () => randomBytes(48).toString("base64url");
/** What HS256 asks for. */
const LEAST_BYTES = 32;

/**
 * A step of a rotation of a signing key: a new random version becomes the current one, and the current one the
 * previous, which containers accept for as long as its tokens last (`keys.ts`). Each step may come again. Answers its
 * name.
 *
 * @throws when a step is unknown, or the new version is not there or is none; Secrets Manager tries again
 */
export async function rotateKey(event: unknown): Promise<string> {
  const { Step, SecretId, ClientRequestToken: VersionId } = RotationStep.parse(event);
  const secrets = new SecretsManagerClient();
  const pending = () =>
    secrets.send(new GetSecretValueCommand({ SecretId, VersionId, VersionStage: "AWSPENDING" }));
  switch (Step) {
    case "createSecret": {
      // The value of a version can't be changed: a step that comes again leaves it.
      const exists = await pending().then(
        () => true,
        (error: unknown) => {
          if (error instanceof Error && error.name === "ResourceNotFoundException") return false;
          throw error;
        },
      );
      if (exists) return Step;
      const version = { SecretId, ClientRequestToken: VersionId, VersionStages: ["AWSPENDING"] };
      await secrets.send(new PutSecretValueCommand({ ...version, SecretString: newKey() }));
      return Step;
    }
    case "setSecret":
      // No other system has to know the key.
      return Step;
    case "testSecret": {
      const { SecretString = "" } = await pending();
      if (Buffer.byteLength(SecretString) < LEAST_BYTES)
        throw new Error(`version ${VersionId} is no key: it is shorter than ${LEAST_BYTES} bytes`);
      return Step;
    }
    case "finishSecret": {
      const { VersionIdsToStages = {} } = await secrets.send(new DescribeSecretCommand({ SecretId }));
      const current = Object.keys(VersionIdsToStages).find((id) =>
        VersionIdsToStages[id]?.includes("AWSCURRENT"),
      );
      if (current === VersionId) return Step;
      await secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: "AWSCURRENT",
          MoveToVersionId: VersionId,
          RemoveFromVersionId: current,
        }),
      );
      return Step;
    }
  }
}
