import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import type { Registry } from "../functions/pool.ts";
import type { Secret, Secrets, SecretVersion } from "../resources/secrets.ts";
import { respondJson } from "./server.ts";

/** A refusal, by the name that the SDK throws it under. */
class Refusal extends Error {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const missing = () =>
  new Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");

const OfSecret = z.object({ SecretId: z.string() });
const OfVersion = OfSecret.extend({ VersionId: z.string().optional(), VersionStage: z.string().optional() });
const NewVersion = OfSecret.extend({
  ClientRequestToken: z.string().default(() => randomUUID()),
  SecretString: z.string(),
  VersionStages: z.array(z.string()).default(["AWSCURRENT"]),
});
const StageMove = OfSecret.extend({
  VersionStage: z.string(),
  MoveToVersionId: z.string(),
  RemoveFromVersionId: z.string().optional(),
});
const ByDescription = z.object({
  Filters: z.tuple([z.object({ Key: z.literal("description"), Values: z.tuple([z.string()]) })]),
});

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/** Secrets Manager's JSON protocol: values with their versions, and rotation by a function of the template. */
export function createSecretsEndpoint(secrets: Secrets, registry: Registry, log: (line: string) => void) {
  const find = ({ SecretId }: z.infer<typeof OfSecret>): Secret => {
    const secret = secrets.all.find(({ name, arn }) => name === SecretId || arn === SecretId);
    if (secret === undefined) throw missing();
    return secret;
  };
  const operations: Readonly<Record<string, (request: unknown) => object>> = {
    GetSecretValue(request) {
      const wanted = OfVersion.parse(request);
      const secret = find(wanted);
      const stage = wanted.VersionStage ?? (wanted.VersionId === undefined ? "AWSCURRENT" : undefined);
      const version = secret.versions.find(
        ({ id, stages }) =>
          (wanted.VersionId === undefined || id === wanted.VersionId) &&
          (stage === undefined || stages.includes(stage)),
      );
      if (version === undefined) throw missing();
      return {
        ...named(secret),
        SecretString: version.value,
        VersionId: version.id,
        VersionStages: version.stages,
        CreatedDate: version.created / 1000,
      };
    },
    PutSecretValue(request) {
      const {
        ClientRequestToken: id,
        SecretString: value,
        VersionStages,
        ...wanted
      } = NewVersion.parse(request);
      const secret = find(wanted);
      const existing = secret.versions.find((version) => version.id === id);
      if (existing !== undefined && existing.value !== value)
        throw new Refusal("ResourceExistsException", "You can't modify an existing version.");
      if (existing === undefined)
        secret.versions = [...secret.versions, { id, value, created: Date.now(), stages: [] }];
      for (const stage of VersionStages) move(secret, stage, id);
      secrets.save();
      return { ...named(secret), VersionId: id, VersionStages };
    },
    DescribeSecret(request) {
      const secret = find(OfSecret.parse(request));
      return { ...described(secret), VersionIdsToStages: stagesOf(secret.versions) };
    },
    ListSecretVersionIds(request) {
      const secret = find(OfSecret.parse(request));
      const Versions = secret.versions.map(({ id, stages, created }) => ({
        VersionId: id,
        VersionStages: stages,
        CreatedDate: created / 1000,
      }));
      return { ...named(secret), Versions };
    },
    ListSecrets(request) {
      const [{ Values }] = ByDescription.parse(request).Filters;
      const prefix = Values[0].toLowerCase();
      const found = secrets.all.filter(({ description }) => description.toLowerCase().startsWith(prefix));
      return { SecretList: found.map(described) };
    },
    UpdateSecretVersionStage(request) {
      const { VersionStage, MoveToVersionId, RemoveFromVersionId, ...wanted } = StageMove.parse(request);
      const secret = find(wanted);
      const holder = secret.versions.find(({ stages }) => stages.includes(VersionStage));
      if (holder !== undefined && holder.id !== MoveToVersionId && holder.id !== RemoveFromVersionId)
        throw new Refusal("InvalidParameterException", `${VersionStage} is attached to ${holder.id}.`);
      if (!secret.versions.some(({ id }) => id === MoveToVersionId)) throw missing();
      move(secret, VersionStage, MoveToVersionId);
      secrets.save();
      return named(secret);
    },
    RotateSecret(request) {
      const secret = find(OfSecret.parse(request));
      const pool = secret.rotatedBy === undefined ? undefined : registry.find(secret.rotatedBy);
      if (pool === undefined)
        throw new Refusal("InvalidRequestException", "No Lambda rotation function ARN is associated.");
      const VersionId = randomUUID();
      void (async () => {
        for (const Step of STEPS) {
          const event = { Step, SecretId: secret.arn, ClientRequestToken: VersionId };
          const { functionError, payload } = await pool.run(JSON.stringify(event));
          if (functionError === undefined) continue;
          log(`${secret.name}: rotation failed at ${Step}: ${payload}`);
          return;
        }
        // The label goes with the rotation.
        for (const version of secret.versions)
          version.stages = version.stages.filter((stage) => stage !== "AWSPENDING");
        secrets.save();
      })();
      return { ...named(secret), VersionId };
    },
  };
  return {
    accepts: (message: IncomingMessage) => targetOf(message).startsWith("secretsmanager."),
    answer(message: IncomingMessage, body: string, response: ServerResponse) {
      const name = targetOf(message).slice("secretsmanager.".length);
      try {
        const operation = operations[name];
        if (operation === undefined)
          throw new Refusal("InvalidRequestException", `secretsmanager.${name} is not emulated`);
        respondJson(response, 200, operation(JSON.parse(body)));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        respondJson(response, 400, { __type: error.name, message: error.message });
      }
    },
  };
}

const named = ({ name, arn }: Secret) => ({ ARN: arn, Name: name });
const described = (secret: Secret) => ({ ...named(secret), Description: secret.description });

const stagesOf = (versions: readonly SecretVersion[]) =>
  Object.fromEntries(versions.map(({ id, stages }) => [id, stages]));

/** Gives a label to a version. The version that was current becomes the previous one; one without labels is gone. */
function move(secret: Secret, stage: string, to: string): void {
  const from = secret.versions.find(({ stages }) => stages.includes(stage));
  if (from?.id === to) return;
  const give = (version: SecretVersion, label: string) => [...without(version, label), label];
  for (const version of secret.versions) {
    if (version.id === to) version.stages = give(version, stage);
    else if (version === from && stage === "AWSCURRENT")
      version.stages = give({ ...version, stages: without(version, stage) }, "AWSPREVIOUS");
    else if (stage === "AWSCURRENT" && from !== undefined) version.stages = without(version, "AWSPREVIOUS");
    else version.stages = without(version, stage);
  }
  secret.versions = secret.versions.filter(({ stages }) => stages.length > 0);
}

const without = ({ stages }: SecretVersion, label: string) => stages.filter((other) => other !== label);

const targetOf = (message: IncomingMessage) => String(message.headers["x-amz-target"] ?? "");
