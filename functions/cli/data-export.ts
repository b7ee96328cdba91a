// npm run data:export -- --to …: all items of a table, as files in the format of DynamoDB's own export.
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createAnonymizer, exportTable, storeAt } from "@success-manager/transfer";
import { friendlyError } from "./friendly-error.ts";
import { progressLine } from "./progress-line.ts";
import { enterStage, LOCAL_STAGE, parseGeneration, rerunInLocalCloud, tableName } from "./target.ts";

const usage = `usage: npm run data:export -- --to <folder or s3://bucket/prefix> [options]
  --stage <stage>      a deployed stage, such as prod; without it, the cloud that npm start runs
  --generation <n>     which table of the stage; the one that serves when absent
  --segments <n>       parts that are read at the same time, 1 to 64; 4 by default
  --resume <id>        go on with an export that broke off: the name of its folder in AWSDynamoDB
  --anonymize          without personal data; needs --seed
  --seed <text>        the same seed gives the same copy; keep it as a secret`;

interface Options {
  readonly to: string;
  readonly stage: string | undefined;
  readonly generation: number | undefined;
  readonly segments: number;
  readonly resume: string | undefined;
  readonly seed: string | undefined;
}

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { to, stage, generation, segments, resume, anonymize, seed } = parseArgs({
      options: {
        to: { type: "string" },
        stage: { type: "string" },
        generation: { type: "string" },
        segments: { type: "string", default: "4" },
        resume: { type: "string" },
        anonymize: { type: "boolean", default: false },
        seed: { type: "string" },
      },
    }).values;
    if (!to) throw new Error("--to is needed.");
    enterStage(stage);
    if (!/^([1-9]|[1-5]\d|6[0-4])$/.test(segments))
      throw new Error("--segments takes a number from 1 to 64.");
    if (anonymize !== Boolean(seed)) throw new Error("--anonymize and --seed go together.");
    return {
      ...{ to, stage, seed, segments: Number(segments), generation: parseGeneration(generation) },
      resume: resume === undefined ? undefined : basename(resume),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  const { to, stage = LOCAL_STAGE, generation, segments, resume, seed } = options;
  if (options.stage === undefined && !process.env.TABLE_NAME) return rerunInLocalCloud();
  const table =
    options.stage === undefined && generation === undefined
      ? (process.env.TABLE_NAME ?? "")
      : tableName(stage, generation);
  process.env.TABLE_NAME = table;
  const line = progressLine();
  try {
    const { location, items, files, bytes } = await exportTable({
      client: new DynamoDBClient({}),
      store: storeAt(to),
      ...{ table, segments, resume },
      transform: seed === undefined ? undefined : createAnonymizer(seed),
      onProgress: (count) => line.show(`${count} items read`),
    });
    line.end();
    console.log(`${items} items of ${table} in ${files} files, ${Math.ceil(bytes / 1024)} KB: ${location}`);
    return 0;
  } catch (error) {
    line.end();
    console.error(friendlyError(error, "Scan and DescribeTable"));
    return 1;
  }
}

process.exitCode = await main();
