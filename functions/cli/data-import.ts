// npm run data:import -- --from …: puts an export, DynamoDB's or ours, into a table.
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  type Archive,
  createAnonymizer,
  importTable,
  openArchive,
  storeAt,
  tableDefinition,
} from "@success-manager/transfer";
import { friendlyError } from "./friendly-error.ts";
import { progressLine } from "./progress-line.ts";
import { enterStage, LOCAL_STAGE, parseGeneration, rerunInLocalCloud, tableName } from "./target.ts";

const usage = `usage: npm run data:import -- --from <folder or s3://bucket/prefix/AWSDynamoDB/id> [options]
  --stage <stage>      a deployed stage, such as dev; without it, the cloud that npm start runs
  --generation <n>     which table of the stage; the one that serves when absent
  --create             make the table, without a stream; npm run restore -- prepare turns it on
  --over               put items over those that are there; none are removed
  --with-stream        although the table's stream is on; right only where nobody follows it
  --resume             go on with an import that broke off on this machine
  --parallel <n>       requests at the same time, 1 to 64; 8 by default
  --anonymize          without personal data; needs --seed; refused for prod
  --seed <text>        the same seed gives the same copy; keep it as a secret
  --password-stdin     with --anonymize: everybody's password; without it, nobody can sign in until
                       npm run admin:create`;

interface Options {
  readonly from: string;
  readonly stage: string | undefined;
  readonly generation: number | undefined;
  readonly create: boolean;
  readonly over: boolean;
  readonly withStream: boolean;
  readonly resume: boolean;
  readonly parallel: number;
  readonly seed: string | undefined;
  readonly password: boolean;
}

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        from: { type: "string" },
        stage: { type: "string" },
        generation: { type: "string" },
        create: { type: "boolean", default: false },
        over: { type: "boolean", default: false },
        "with-stream": { type: "boolean", default: false },
        resume: { type: "boolean", default: false },
        parallel: { type: "string", default: "8" },
        anonymize: { type: "boolean", default: false },
        seed: { type: "string" },
        "password-stdin": { type: "boolean", default: false },
      },
    });
    const { from, stage, generation, create, over, resume, parallel, anonymize, seed } = values;
    if (!from) throw new Error("--from is needed.");
    enterStage(stage);
    if (!/^([1-9]|[1-5]\d|6[0-4])$/.test(parallel))
      throw new Error("--parallel takes a number from 1 to 64.");
    if (anonymize !== Boolean(seed)) throw new Error("--anonymize and --seed go together.");
    if (anonymize && stage === "prod") throw new Error("prod takes no anonymized data.");
    if (values["password-stdin"] && !anonymize) throw new Error("--password-stdin goes with --anonymize.");
    return {
      ...{ from, stage, create, over, resume, seed, parallel: Number(parallel) },
      generation: parseGeneration(generation),
      withStream: values["with-stream"],
      password: values["password-stdin"],
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

async function hashOfStdin(): Promise<string> {
  const typed = Buffer.concat(await process.stdin.toArray())
    .toString("utf8")
    .replace(/\r?\n$/, "");
  if (typed.length < 8) throw new Error("The password must have 8 characters at least.");
  const { default: bcrypt } = await import("bcryptjs");
  return bcrypt.hash(typed.normalize("NFC"), 12);
}

/** Which files of an export are in a table already, as noted on this machine. */
async function notes({ summary, store }: Archive, table: string) {
  const name = createHash("sha256").update(`${summary.exportTime} ${store.location} ${table}`).digest("hex");
  const file = `.local/import-${name.slice(0, 16)}.txt`;
  const lines = await readFile(file, "utf8").catch(() => "");
  await mkdir(".local", { recursive: true });
  return {
    done: new Set(lines.split("\n").filter(Boolean)),
    add: (key: string) => appendFile(file, `${key}\n`),
    remove: () => rm(file, { force: true }),
  };
}

async function run(options: Options, table: string, show: (text: string) => void): Promise<void> {
  const { from, create, over, resume, seed, parallel, withStream } = options;
  const hash = options.password ? await hashOfStdin() : undefined;
  const archive = await openArchive(storeAt(from));
  const noted = await notes(archive, table);
  if (!resume) await noted.remove();
  const done = resume ? noted.done : new Set<string>();
  show(`comparing ${archive.files.length} files with their checksums`);
  const { read, written, retried } = await importTable({
    client: new DynamoDBClient({}),
    ...{ table, archive, withStream, parallel, done },
    over: over || done.size > 0,
    create: create ? tableDefinition : undefined,
    transform: seed === undefined ? undefined : createAnonymizer(seed, hash),
    onProgress: (count) => show(`${count} items written`),
    onFile: noted.add,
  });
  await noted.remove();
  const { itemCount } = archive.summary;
  const before = itemCount - read;
  console.log(
    `${written} items written to ${table}, of ${itemCount} in the export${before > 0 ? `; ${before} were there already` : ""}${retried > 0 ? `; ${retried} had to be sent again` : ""}.`,
  );
  if (seed !== undefined)
    console.log("Counters and snapshots were left out: npm run rollups:rebuild -- --write, once it serves.");
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  const { stage = LOCAL_STAGE, generation } = options;
  if (options.stage === undefined && !process.env.TABLE_NAME) return rerunInLocalCloud();
  const table =
    options.stage === undefined && generation === undefined
      ? (process.env.TABLE_NAME ?? "")
      : tableName(stage, generation);
  process.env.TABLE_NAME = table;
  const line = progressLine();
  try {
    await run(options, table, line.show);
    return 0;
  } catch (error) {
    line.end();
    console.error(friendlyError(error, "BatchWriteItem, Scan, DescribeTable and CreateTable"));
    return 1;
  } finally {
    line.end();
  }
}

process.exitCode = await main();
