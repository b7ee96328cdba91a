import { randomInt } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { type Assembly, type Resource, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";

export type Secret = { readonly name: string; readonly arn: string; readonly value: string };

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
  SecretString: z.string().optional(),
  GenerateSecretString: Generation.optional(),
});
const Stored = z.record(z.string(), z.string());

/**
 * The template's secrets. A generated value is made once and kept in `file`, readable by its owner alone,
 * so that what was signed with it stays valid over restarts.
 */
export function createSecrets(assembly: Assembly, resolver: Resolver, file: string): Secret[] {
  const stored = existsSync(file) ? Stored.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
  const secrets = resourcesOf(assembly, "AWS::SecretsManager::Secret").map((resource) => {
    const name = resolver.nameOf(resource);
    return { name, arn: resolver.refOf(resource), value: stored[name] ?? initialValue(resource, resolver) };
  });
  const values = { ...stored, ...Object.fromEntries(secrets.map(({ name, value }) => [name, value])) };
  writeFileSync(file, `${JSON.stringify(values, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return secrets;
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
