// npm run rollups:rebuild [-- --write]: compares the counters with what they count, and the snapshots of lists with the
// table, and sets them right.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Drift, Rebuild } from "@success-manager/domain/counters/rebuild";
import type { CheckedCopy } from "@success-manager/domain/lists/rebuild";
import { friendlyError } from "./friendly-error.ts";
import { requireStageName, rerunInLocalCloud, tableName } from "./target.ts";

const usage = `usage: npm run rollups:rebuild -- [options]
  --write             set the counters right and take new snapshots, instead of only comparing them
  --stage <stage>     a deployed stage, such as prod; without it, the table of TABLE_NAME or the cloud that npm start
                      runs
  --settle <seconds>  how long the stream may take to follow a write, 5 by default`;

interface Options {
  readonly write: boolean;
  readonly stage: string | undefined;
  readonly settle: string;
}

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { write, stage, settle } = parseArgs({
      options: {
        write: { type: "boolean", default: false },
        stage: { type: "string" },
        settle: { type: "string", default: "5" },
      },
    }).values;
    requireStageName(stage);
    if (!/^\d{1,3}$/.test(settle)) throw new Error("--settle takes a number of seconds, up to 999.");
    return { write, stage, settle };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

/** More lines than this nobody reads. */
const MAX_LINES = 100;

/** Control characters of a name would act on the terminal. */
const printable = (text: string) => text.replaceAll(/\p{C}/gu, "\u{FFFD}");

function list(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  console.log(`\n${title}`);
  for (const line of lines.slice(0, MAX_LINES)) console.log(`  ${printable(line)}`);
  if (lines.length > MAX_LINES) console.log(`  and ${lines.length - MAX_LINES} more`);
}

const line = ({ series, period, counter, stored, counted }: Drift) =>
  `${series}  ${period}  ${counter}: stored ${stored}, counted ${counted}`;

function print({ items, drifts, repaired, moving, given_up, unreadable }: Rebuild, write: boolean): void {
  list("Counters that did not say what they should:", drifts.map(line));
  list("Changed all the time, so not compared; run this again in a quieter hour:", moving);
  list("Too many performers for one day, so not counted:", given_up);
  list("Items that can't be counted:", unreadable);
  const right = drifts.length === 0 ? "no counter has drifted" : `${drifts.length} counters had drifted`;
  const done = write && drifts.length > 0 ? `, ${repaired} of them are right now` : "";
  console.log(`\n${items} items counted: ${right}${done}.`);
  if (!write && drifts.length > 0) console.log("Set them right with: npm run rollups:rebuild -- --write");
}

function printLists(checked: readonly CheckedCopy[], write: boolean): void {
  const wrong = checked.flatMap(({ entity, wrong }) => wrong.map((id) => `${entity} ${id}`));
  list("Rows that a snapshot, with what changed since, does not show as they are:", wrong);
  const rows = checked.reduce((sum, one) => sum + one.rows, 0);
  const right = wrong.length === 0 ? "all as they are" : `${wrong.length} not as they are`;
  const done = checked.some(({ renewed }) => renewed) ? "; new snapshots were taken" : "";
  console.log(`${rows} rows of lists compared with their snapshots: ${right}${done}.`);
  if (!write && wrong.length > 0) console.log("Take new ones with: npm run rollups:rebuild -- --write");
}

async function compare({ write, stage, settle }: Options): Promise<number> {
  // The domain reads the table's name when it is loaded.
  if (stage !== undefined) process.env.TABLE_NAME = tableName(stage);
  const { rebuild } = await import("@success-manager/domain/counters/rebuild");
  const { checkCopies } = await import("@success-manager/domain/lists/rebuild");
  const options = { write, settle: () => pause(Number(settle) * 1000) };
  const result = await rebuild(options);
  print(result, write);
  const lists = await checkCopies(options);
  printLists(lists, write);
  const wrong = lists.reduce((sum, one) => sum + (one.renewed ? 0 : one.wrong.length), 0);
  const { drifts, repaired, moving, unreadable } = result;
  const left = drifts.length - repaired + moving.length + unreadable.length + wrong;
  return left === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  if (options.stage === undefined && !process.env.TABLE_NAME) return rerunInLocalCloud();
  try {
    return await compare(options);
  } catch (error) {
    console.error(friendlyError(error, "Query, BatchGetItem and PutItem"));
    return 1;
  }
}

process.exitCode = await main();
