// npm run restore -- settle|prepare|check|mapping: what a restored table needs before it takes over (docs/runbook.md).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CARRIED, checkTable, prepareTable, settle } from "@success-manager/transfer";
import { friendlyError } from "./friendly-error.ts";
import {
  enterStage,
  LOCAL_STAGE,
  parseGeneration,
  rerunInLocalCloud,
  stageSetting,
  tableName,
} from "./target.ts";

const COMMANDS = ["settle", "prepare", "check", "mapping"] as const;
type Command = (typeof COMMANDS)[number];

const usage = `usage: npm run restore -- <command> --generation <n> [options]
  settle      brings into the restored table what happened since and can't be taken back: mails, links, sign-ins
  prepare     gives it what a restore leaves out: TTL, recovery, protection, tags, and last its stream
  check       says what it has of that and what not; changes nothing
  mapping     prints what cdk import --resource-mapping wants; synthesize first
options
  --generation <n>   the restored table
  --stage <stage>    a deployed stage, such as prod; without it, the cloud that npm start runs
  --from <n>         settle: the table that it takes over from; the one that serves when absent
  --without-former   settle: there is none; whatever was due until now counts as done
  --except <names>   settle: what was damaged, and so is not taken over: ${CARRIED.join(",")}`;

interface Options {
  readonly command: Command;
  readonly stage: string | undefined;
  readonly generation: number;
  readonly from: number | undefined;
  readonly withoutFormer: boolean;
  readonly except: readonly string[];
}

const isCommand = (text: string | undefined): text is Command => COMMANDS.some((command) => command === text);

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        stage: { type: "string" },
        generation: { type: "string" },
        from: { type: "string" },
        "without-former": { type: "boolean", default: false },
        except: { type: "string", default: "" },
      },
    });
    const [command] = positionals;
    if (!isCommand(command) || positionals.length > 1) throw new Error("One command is needed.");
    enterStage(values.stage);
    const generation = parseGeneration(values.generation);
    if (generation === undefined) throw new Error("--generation is needed: which table was restored.");
    const except = values.except.split(",").filter(Boolean);
    const unknown = except.filter((name) => !CARRIED.some((carried) => carried === name));
    if (unknown.length > 0) throw new Error(`--except does not know ${unknown.join(", ")}.`);
    return {
      ...{ command, generation, except, stage: values.stage },
      from: parseGeneration(values.from, "--from"),
      withoutFormer: values["without-former"],
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

/** Control characters of a name would act on the terminal. */
const printable = (text: string) => text.replaceAll(/\p{C}/gu, "\u{FFFD}");

async function runSettle(
  client: DynamoDBClient,
  table: string,
  options: Options,
  stage: string,
): Promise<number> {
  const { from, withoutFormer, except } = options;
  const former = withoutFormer ? undefined : tableName(stage, from);
  if (former === table)
    throw new Error(
      `${table} serves already. --from says which table it took over from, or --without-former.`,
    );
  const { carried, signedOut, paused, stopped } = await settle({ client, table, from: former, except });
  for (const [entity, count] of Object.entries(carried)) console.log(`${entity}: ${count} taken over`);
  console.log(`${signedOut} users have to sign in again.`);
  for (const name of paused)
    console.log(`paused: the schedule "${printable(name)}". Nobody knows whether its report went out.`);
  for (const name of stopped)
    console.log(`stopped: the report "${printable(name)}". Its mails may have gone out.`);
  return 0;
}

/** The logical id of the table in the synthesized template, for CloudFormation's import. */
function printMapping(stage: string, table: string): number {
  const folder = fileURLToPath(new URL("../../cdk.out", import.meta.url));
  const file = existsSync(folder)
    ? readdirSync(folder).find((name) => name === `SuccessManagerData-${stage}.template.json`)
    : undefined;
  if (file === undefined) throw new Error(`Synthesize first: npm run synth -- --context stage=${stage}`);
  const { Resources }: { Resources: Record<string, { Properties?: { TableName?: unknown } }> } = JSON.parse(
    readFileSync(join(folder, file), "utf8"),
  );
  const [id] = Object.entries(Resources).find(([, { Properties }]) => Properties?.TableName === table) ?? [];
  if (id === undefined)
    throw new Error(
      `${table} is not in the stack: name its generation in keptTables of infra/stages/${stage}.json, and synthesize again.`,
    );
  console.log(JSON.stringify({ [id]: { TableName: table } }));
  return 0;
}

async function run(options: Options): Promise<number> {
  const { command, generation, stage = LOCAL_STAGE } = options;
  const table = tableName(stage, generation);
  process.env.TABLE_NAME = table;
  const client = new DynamoDBClient({});
  const isProtected = stageSetting(stage, "disposable") !== true;
  const restored = { client, table, stage, isProtected };
  if (command === "mapping") return printMapping(stage, table);
  if (command === "settle") return runSettle(client, table, options, stage);
  if (command === "prepare") await prepareTable(restored);
  const requirements = await checkTable(restored);
  for (const { what, met, found } of requirements)
    console.log(`${met === undefined ? "?   " : met ? "ok  " : "NOT "} ${what}${met ? "" : ` (${found})`}`);
  const missing = requirements.filter(({ met }) => met === false);
  console.log(
    missing.length === 0 ? `\n${table} may take over.` : `\n${table} lacks what is marked with NOT.`,
  );
  return missing.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  if (options.stage === undefined && !process.env.TABLE_NAME) return rerunInLocalCloud();
  try {
    return await run(options);
  } catch (error) {
    console.error(
      friendlyError(error, "Scan, GetItem, PutItem, UpdateItem, DeleteItem, DescribeTable and UpdateTable"),
    );
    return 1;
  }
}

process.exitCode = await main();
