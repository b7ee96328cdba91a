// npm run rollups:rebuild [-- --write]: has the counters compared with what they count, and the snapshots of lists with
// the table, and set right. The job counters_rebuild does it; this starts it and says how it goes.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { jobFunctionVariable } from "@success-manager/contract/jobs";
import type { Drift } from "@success-manager/domain/counters/rebuild";
import type { RebuildProgress } from "@success-manager/domain/jobs";
import { friendlyError } from "./friendly-error.ts";
import { enterStage, functionName, rerunInLocalCloud, tableName } from "./target.ts";

const usage = `usage: npm run rollups:rebuild -- [options]
  --write             set the counters right and take new snapshots, instead of only comparing them
  --stage <stage>     a deployed stage, such as prod; without it, the table of TABLE_NAME or the cloud that npm start
                      runs`;

interface Options {
  readonly write: boolean;
  readonly stage: string | undefined;
}

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { write, stage } = parseArgs({
      options: {
        write: { type: "boolean", default: false },
        stage: { type: "string" },
      },
    }).values;
    enterStage(stage);
    return { write, stage };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

/** Control characters of a name would act on the terminal. */
const printable = (text: string) => text.replaceAll(/\p{C}/gu, "\u{FFFD}");

/** @param all how many there are; lines are those that were kept */
function list(title: string, lines: readonly string[], all: number): void {
  if (all === 0) return;
  console.log(`\n${title}`);
  for (const line of lines) console.log(`  ${printable(line)}`);
  if (all > lines.length) console.log(`  and ${all - lines.length} more`);
}

const line = ({ series, period, counter, stored, counted }: Drift) =>
  `${series}  ${period}  ${counter}: stored ${stored}, counted ${counted}`;

/** What a run found, as `jobs/rebuild-job.ts` keeps it. */
function printResult({ report, ...found }: RebuildProgress): void {
  const { write, items, drifted, repaired, rows, wrong_rows, renewed_rows } = found;
  list("Counters that did not say what they should:", report.drifts.map(line), drifted);
  list(
    "Changed all the time, so not compared; run this again in a quieter hour:",
    report.moving,
    found.moving,
  );
  list("Too many performers for one day, so not counted:", report.given_up, found.given_up);
  list("Items that can't be counted:", report.unreadable, found.unreadable);
  const right = drifted === 0 ? "no counter has drifted" : `${drifted} counters had drifted`;
  const done = write && drifted > 0 ? `, ${repaired} of them are right now` : "";
  console.log(`\n${items} items counted: ${right}${done}.`);
  list("Rows that a snapshot, with what changed since, does not show as they are:", report.rows, wrong_rows);
  const shown = wrong_rows === 0 ? "all as they are" : `${wrong_rows} not as they are`;
  const renewed = renewed_rows > 0 ? "; new snapshots were taken" : "";
  console.log(`${rows} rows of lists compared with their snapshots: ${shown}${renewed}.`);
  if (!write && drifted + wrong_rows > 0)
    console.log("Set them right with: npm run rollups:rebuild -- --write");
}

/** How often one asks how a run goes. */
const POLL_MS = 500;
/** A run is handed from one invocation to the next; for so long nobody may hold it. */
const LOST_MS = 90_000;

/** Starts a run, or follows the one that is at work, until it has ended. Answers 0 when all is right then. */
async function follow({ write, stage }: Options): Promise<number> {
  // The domain reads these when it is loaded.
  if (stage !== undefined) {
    process.env.TABLE_NAME = tableName(stage);
    process.env[jobFunctionVariable("jobs/counters-rebuild")] = functionName(stage, "jobs/counters-rebuild");
  }
  const { runState, startManualRun } = await import("@success-manager/domain/jobs");
  const busy = "The counters are being compared right now. Try again when that has finished.";
  const run_id = await startManualRun("counters_rebuild", busy, { options: { write } });
  console.log(`Run ${run_id} has started in the background; it goes on without this command.`);
  let said = "";
  let seenAt = Date.now();
  for (;;) {
    await pause(POLL_MS);
    const { state, progress, counts, error, held } = await runState<RebuildProgress>(
      "counters_rebuild",
      run_id,
    );
    if (state === "completed" && progress) {
      printResult(progress);
      const { moving, unreadable, drifted, repaired, wrong_rows, renewed_rows } = progress;
      const left = drifted - repaired + moving + unreadable + wrong_rows - renewed_rows;
      return left === 0 ? 0 : 1;
    }
    if (state === "failed") throw new Error(error ?? "The run failed; its function's log says why.");
    if (held) seenAt = Date.now();
    if (Date.now() - seenAt > LOST_MS)
      throw new Error("The run has stopped without a word; its function's log says why. Start it again.");
    const now = `${counts.items ?? 0} items counted, ${counts.rows ?? 0} rows of lists compared`;
    if (now !== said) console.log(now);
    said = now;
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  if (options.stage === undefined && !process.env.TABLE_NAME) return rerunInLocalCloud();
  try {
    return await follow(options);
  } catch (error) {
    console.error(
      friendlyError(error, "GetItem, BatchGetItem, PutItem and UpdateItem, and lambda:InvokeFunction"),
    );
    return 1;
  }
}

process.exitCode = await main();
