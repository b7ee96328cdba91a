// npm run replay -- --history <folder> --from … --to …: lives through a history and prints what the system would have told.
import { accessSync, constants, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { NewScoreDefinition } from "@success-manager/contract/score-definitions";
import { date } from "@success-manager/contract/values";
import { daysBetween } from "@success-manager/domain/calendar";
import { RECOMMENDED } from "@success-manager/domain/health";
import { requireDynoxide, synthesize } from "@success-manager/local";
import { render } from "@success-manager/pdf";
import * as z from "zod";
import { type DateOrder, describeFormat, type History, type Plan, planOf, readHistory } from "./history.ts";
import { documentOf, printResult } from "./print.ts";
import { judge, type ReplayResult } from "./result.ts";
import { assemblyOf, replay, type Scoring } from "./run.ts";

const usage = `usage: npm run replay -- --history <folder> --from <day> --to <day> [options]
  --history <folder>     CSV files, as below
  --from, --to <day>     first and last day of the replay, as 2025-01-01; five years at most
  --version <1|2>        by which score: 2 is the recommended one, and the usual; may be repeated
  --definition <file>    a score definition of your own, the JSON of POST /score-definitions; may be repeated
  --horizon <days>       a warning is right when the customer leaves within so many days (90)
  --handled-after <days> when alerts about escalations and low answers are closed, unless the history says it (14)
  --dates <dmy|mdy>      how days like 05-06-2024 are read; without it, they are refused
  --json <file>          everything as JSON
  --pdf <file>           the result as PDF
  --help

Several scores are replayed one after the other; the first is told of in full.

The history: UTF-8, a heading of column names, commas (or semicolons), quoted fields as in RFC 4180. Days as 2024-01-31,
or as 31-01-2024 where they can be read one way only. * is required; the others may be left out or empty.

${describeFormat()}`;

const MOST_DAYS = 5 * 366;

interface Options {
  readonly folder: string;
  readonly from: string;
  readonly to: string;
  readonly scorings: readonly [Scoring, ...Scoring[]];
  readonly horizon: number;
  readonly handledAfter: number;
  readonly order: DateOrder;
  readonly json: string | undefined;
  readonly pdf: string | undefined;
}

const VERSIONS: Readonly<Record<string, Scoring>> = {
  "1": { name: "The specification's score", definition: undefined },
  "2": { name: RECOMMENDED.name, definition: RECOMMENDED },
};

function dayOption(name: string, given: string | undefined): string {
  const { success, data } = date.safeParse(given);
  if (!success) throw new Error(`--${name} must be a day like 2025-01-31`);
  return data;
}

function numberOption(name: string, given: string, most: number): number {
  const value = Number(given);
  if (!/^\d{1,5}$/.test(given) || value < 1 || value > most)
    throw new Error(`--${name} must be a whole number from 1 to ${most}`);
  return value;
}

function definitionIn(file: string): Scoring {
  const { success, data, error } = NewScoreDefinition.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (success) return { name: data.name, definition: data };
  throw new Error(
    `${file}: ${error.issues.map(({ path, message }) => `${path.map(String).join(".")} ${message}`).join("; ")}`,
  );
}

/** What was asked for; undefined for `--help`. @throws with a sentence when it makes no sense */
function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      history: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      version: { type: "string", multiple: true, default: [] },
      definition: { type: "string", multiple: true, default: [] },
      horizon: { type: "string", default: "90" },
      "handled-after": { type: "string", default: "14" },
      dates: { type: "string", default: "iso" },
      json: { type: "string" },
      pdf: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (values.history === undefined) throw new Error("--history is needed: a folder with the files");
  const [from, to] = [dayOption("from", values.from), dayOption("to", values.to)];
  if (to < from) throw new Error("--to must not be before --from");
  if (daysBetween(from, to) >= MOST_DAYS) throw new Error("five years at most");
  const order = z.enum(["iso", "dmy", "mdy"]).safeParse(values.dates).data;
  if (order === undefined) throw new Error("--dates must be dmy or mdy");
  const versions = values.version.map((version) => {
    const scoring = VERSIONS[version];
    if (!scoring) throw new Error("--version must be 1 or 2");
    return scoring;
  });
  const [first = VERSIONS["2"], ...others] = [...versions, ...values.definition.map(definitionIn)];
  if (!first) throw new Error("no score");
  return {
    ...{ folder: values.history, from, to, order, json: values.json, pdf: values.pdf },
    scorings: [first, ...others],
    horizon: numberOption("horizon", values.horizon, 730),
    handledAfter: numberOption("handled-after", values["handled-after"], 730),
  };
}

/** What of the files is taken, and what not. */
function summaryOf({ rows, unread, reasons }: History, { customers, leftOut }: Plan): string {
  const counted = Object.entries(rows).map(([name, count]) => `${name.replace("_", " ")} ${count}`);
  return [
    `Read: ${counted.join(", ")}. Customers that are replayed: ${customers.length}.`,
    ...[...leftOut].sort(([a], [b]) => (a < b ? -1 : 1)).map(([why, count]) => `Left out: ${count} ${why}`),
    ...unread.map(({ file, columns }) => `Left out: columns of ${file}: ${columns.join(", ")}`),
    ...(reasons.size > 0
      ? [
          `Kept as notes, because they are no reasons of the tree: ${[...reasons]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([reason, count]) => `${reason} (${count})`)
            .join(", ")}`,
        ]
      : []),
    "",
    "",
  ].join("\n");
}

const began = performance.now();
/** Not into the result: that is the same each time. */
const step = (what: string) => console.error(`${((performance.now() - began) / 1000).toFixed(1)} s  ${what}`);

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const { from, to, horizon, handledAfter } = options;
  const history = readHistory(options.folder, options.order);
  const plan = planOf(history, from, to);
  // Before hours have gone into what nobody can be given.
  for (const file of [options.json, options.pdf])
    if (file !== undefined) accessSync(dirname(file), constants.W_OK);
  if (plan.customers.length === 0) throw new Error("nobody was a customer between these days");
  process.stdout.write(summaryOf(history, plan));
  await requireDynoxide({ log: step });
  await synthesize(process.cwd(), step);
  const results: ReplayResult[] = [];
  for (const scoring of options.scorings) {
    let shown = performance.now();
    const replayed = await replay({
      ...{ plan, scoring, handledAfter, signal, assembly: assemblyOf(process.cwd()) },
      onDay: (day) => {
        if (performance.now() - shown < 5_000 && day !== to) return;
        shown = performance.now();
        step(`${scoring.name}: ${day}`);
      },
    });
    results.push(judge(plan, replayed, { name: scoring.name, horizon, handledAfter }));
  }
  const [first, ...others] = results;
  if (!first) return;
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify([first, ...others], null, 2)}\n`);
  if (options.pdf !== undefined) writeFileSync(options.pdf, await render(documentOf([first, ...others])));
  process.stdout.write(printResult([first, ...others]));
}

async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  if (options === undefined) {
    console.log(usage);
    return 0;
  }
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(130);
      console.error("Stopping … (Ctrl-C again to stop at once)");
      stopping.abort(new Error("stopped"));
    });
  try {
    await run(options, stopping.signal);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return stopping.signal.aborted ? 130 : 1;
  }
}

process.exitCode = await main();
