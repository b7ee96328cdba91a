import { randomInt, randomUUID } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { type Assembly, type Resource, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";

/** A value of a secret, and the labels that it has: `AWSCURRENT`, `AWSPREVIOUS`, `AWSPENDING`. */
export type SecretVersion = {
  readonly id: string;
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  stages: readonly string[];
};

export type Secret = {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  /** ARN of the function that rotates it. */
  readonly rotatedBy: string | undefined;
  versions: readonly SecretVersion[];
};

export type Secrets = {
  readonly all: readonly Secret[];
  /** Keeps what was changed in them. */
  save(): void;
};

const Generation = z.object({
  PasswordLength: z.coerce.number().default(32),
  ExcludeCharacters: z.string().default(""),
  ExcludeLowercase: z.boolean().default(false),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  IncludeSpace: z.boolean().default(false),
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().optional(),
});

const Properties = z.object({
  Description: z.string().default(""),
  SecretString: z.string().optional(),
  GenerateSecretString: Generation.optional(),
});
const RotationProperties = z.object({ SecretId: z.string(), RotationLambdaARN: z.string() });
const StoredVersion = z.object({
  id: z.string(),
  value: z.string(),
  created: z.number(),
  stages: z.array(z.string()),
});
/** By name; a mere text was kept before secrets had versions. */
const Stored = z.record(
  z.string(),
  z.union([z.array(StoredVersion), z.string().transform((value) => [firstVersion(value)])]),
);

const firstVersion = (value: string) => ({
  id: randomUUID(),
  value,
  created: Date.now(),
  stages: ["AWSCURRENT"],
});

/**
 * The template's secrets. A generated value is made once and kept in `file`, readable by its owner alone,
 * so that what was signed with it stays valid over restarts.
 */
export function createSecrets(assembly: Assembly, resolver: Resolver, file: string): Secrets {
  const stored = existsSync(file) ? Stored.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
  const rotations = resourcesOf(assembly, "AWS::SecretsManager::RotationSchedule").map((resource) =>
    resolver.properties(resource, RotationProperties),
  );
  const all = resourcesOf(assembly, "AWS::SecretsManager::Secret").map((resource) => {
    const name = resolver.nameOf(resource);
    const arn = resolver.refOf(resource);
    return {
      name,
      arn,
      description: resolver.properties(resource, Properties).Description,
      rotatedBy: rotations.find(({ SecretId }) => SecretId === arn)?.RotationLambdaARN,
      versions: stored[name] ?? [firstVersion(initialValue(resource, resolver))],
    };
  });
  const save = () => {
    const values = { ...stored, ...Object.fromEntries(all.map(({ name, versions }) => [name, versions])) };
    writeFileSync(file, `${JSON.stringify(values, null, 2)}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
  };
  save();
  return { all, save };
}

function initialValue(resource: Resource, resolver: Resolver): string {
  const { SecretString, GenerateSecretString } = resolver.properties(resource, Properties);
  if (SecretString !== undefined) return SecretString;
  const rule = GenerateSecretString ?? Generation.parse({});
  const password = generate(rule);
  if (rule.GenerateStringKey === undefined) return password;
  const template = z.record(z.string(), z.unknown()).parse(JSON.parse(rule.SecretStringTemplate ?? "{}"));
  return JSON.stringify({ ...template, [rule.GenerateStringKey]: password });
}

/** Character classes as Secrets Manager documents them for GetRandomPassword. */
function generate(rule: z.output<typeof Generation>): string {
  const alphabet = [
    rule.ExcludeLowercase ? "" : "abcdefghijklmnopqrstuvwxyz",
    rule.ExcludeUppercase ? "" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    rule.ExcludeNumbers ? "" : "0123456789",
    rule.ExcludePunctuation ? "" : "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    rule.IncludeSpace ? " " : "",
  ].join("");
  const allowed = [...alphabet].filter((character) => !rule.ExcludeCharacters.includes(character));
  return Array.from({ length: rule.PasswordLength }, () => allowed[randomInt(allowed.length)]).join("");
}
