// npm run keys:rotate -- --stage prod: changes the keys that sign tokens; nobody is signed out.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { friendlyError } from "./friendly-error.ts";
import { enterStage, rerunInLocalCloud } from "./target.ts";

const usage = `usage: npm run keys:rotate -- [options]
  --stage <stage>  a deployed stage, such as prod; without it, the cloud that npm start runs
  --key <key>      access or refresh; without it, both
  --compromised    somebody has the key: everybody who has a token of it has to sign in again`;

/** How long Secrets Manager may take for a rotation. */
const MOST_MS = 5 * 60_000;

type Use = "access" | "refresh";

function readOptions() {
  const { stage, key, compromised } = parseArgs({
    options: {
      stage: { type: "string" },
      key: { type: "string" },
      compromised: { type: "boolean", default: false },
    },
  }).values;
  enterStage(stage);
  if (key !== undefined && key !== "access" && key !== "refresh")
    throw new Error("--key takes access or refresh.");
  const uses: readonly Use[] = key === undefined ? ["access", "refresh"] : [key];
  return { stage, uses, compromised };
}

const client = new SecretsManagerClient();

/** The secret of a stage's key. It has no name that is known before: infra/data.ts describes it. */
async function secretOf(stage: string, use: Use): Promise<string> {
  const description = `Signs ${use} tokens of Success Manager (${stage})`;
  const { SecretList = [] } = await client.send(
    new ListSecretsCommand({ Filters: [{ Key: "description", Values: [description] }] }),
  );
  const found = SecretList.filter(({ Description }) => Description === description);
  const [{ ARN } = {}] = found;
  if (found.length !== 1 || ARN === undefined)
    throw new Error(
      `There are ${found.length} secrets described as ${JSON.stringify(description)} in this account and region, and there must be one.`,
    );
  return ARN;
}

async function versionsOf(SecretId: string) {
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId }));
  const at = (stage: string) => Versions.find(({ VersionStages }) => VersionStages?.includes(stage));
  return { current: at("AWSCURRENT"), previous: at("AWSPREVIOUS") };
}

/** @throws when tokens of the key before the current one may still be in use: a rotation would end them */
async function requirePause(SecretId: string, use: Use): Promise<void> {
  const { current, previous } = await versionsOf(SecretId);
  const { ACCESS_SECONDS, REFRESH_SECONDS, keySpreadMs } = await import("@success-manager/domain/auth");
  const lifetime = use === "access" ? ACCESS_SECONDS : REFRESH_SECONDS;
  const made = current?.CreatedDate?.getTime() ?? 0;
  const until = made + keySpreadMs() + lifetime * 1000;
  if (previous !== undefined && Date.now() < until)
    throw new Error(
      `The ${use} key was changed at ${new Date(made).toISOString()}. Tokens of the one before are good until ${new Date(until).toISOString()}: wait, or say --compromised, which signs their owners out.`,
    );
}

/** Has Secrets Manager rotate a key, and waits until the new one is the current one. */
async function rotate(SecretId: string, use: Use): Promise<void> {
  const before = (await versionsOf(SecretId)).current?.VersionId;
  await client.send(new RotateSecretCommand({ SecretId }));
  for (const end = Date.now() + MOST_MS; Date.now() < end; await sleep(500)) {
    const now = (await versionsOf(SecretId)).current?.VersionId;
    if (now !== before) {
      console.log(`The ${use} key is ${now} now.`);
      return;
    }
  }
  throw new Error(
    `The ${use} key was not changed within ${MOST_MS / 60_000} minutes. The log of the function keys-rotation says why; the old key goes on.`,
  );
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return 2;
  }
  const { stage = process.env.STAGE, uses, compromised } = options;
  if (options.stage === undefined && !process.env.TABLE_NAME) return rerunInLocalCloud();
  try {
    const secrets: { readonly use: Use; readonly id: string }[] = [];
    for (const use of uses) secrets.push({ use, id: await secretOf(stage ?? "", use) });
    if (!compromised) for (const { id, use } of secrets) await requirePause(id, use);
    for (const { id, use } of secrets) {
      await rotate(id, use);
      // The version before the current one is accepted: that must not be the one that somebody has.
      if (compromised) await rotate(id, use);
    }
    console.log(
      compromised
        ? "Tokens of the keys before are refused within five minutes: their owners sign in again."
        : "New tokens are signed with it within six minutes. Nobody is signed out.",
    );
    return 0;
  } catch (error) {
    console.error(friendlyError(error, "ListSecrets, ListSecretVersionIds and RotateSecret", "secrets"));
    return 1;
  }
}

process.exitCode = await main();
