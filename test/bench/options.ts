import { parseArgs } from "node:util";
import { type Calls, callsNamed } from "./calls/index.ts";
import { HISTORIES, type HistoryName, isHistory } from "./portfolio/history.ts";

/** What can be measured, in this order. */
export const PARTS = {
  cold: "first lists of new functions, and what they keep in memory; from the table, then from snapshots",
  reports: "each type of report as PDF, its first in a new function, and the file",
  costs:
    "what AWS bills of each call and each job: units, those of counting apart, processor time, bytes; see docs/cost.md",
  calls: "time of each call, and what it asks of the database",
  cpu: "processor time and allocations of each call, by thread; largest size",
  micro: "processor time of what every call is made of: a request to the database, a token, a validation",
  changes: "calls that are answered from the directory, after a change",
  throughput: "calls a second at 16 connections, largest size",
  lag: "from a write to its being counted",
  checks: "each check of alerts",
  scoring: "the daily scores of all customers",
  backtest: "a back-test of all customers at 12 days, from its start to its result",
  memory: "what the local cloud needs: after a start, after each call, under a mixed load of four minutes",
  bundles: "size and load time of every function",
} as const;
export type Part = keyof typeof PARTS;

const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);
/** Those that are measured when none is named. Costs are for docs/cost.md alone, and take as long as all others. */
const ALL = Object.keys(PARTS)
  .filter((part) => part !== "costs")
  .join(",");
const SIZES = "100,10000";
const ROUNDS = "100";

const usage = `usage: npm run bench -- [options]
  --sizes <numbers>    customers of each portfolio, smallest first; default ${SIZES}
  --history <name>     how much each customer has: ${Object.keys(HISTORIES).join(" or ")}; default full. Light is for 100000 customers:
                       2 deployments, 2 contacts, 1 answer and 1 score each, and every other an alert
  --rounds <number>    how often each call is made; default ${ROUNDS}
  --only <parts>       some of the parts below, separated by commas; default all but costs
  --calls <texts>      of the calls, those whose names contain one of these: --calls /dashboard/,timeline
  --json <file>        writes the figures there as well
  --compare <file>     compares the figures with those that --json has written there: ratios new ÷ old, and what got
                       worse or better than noise explains. It is a report: the exit code does not depend on it
  --to <file>          with --compare: compares these figures, and measures nothing
  --profile <folder>   profiles the functions under calls (with cpu) and reports (largest size), first lists and scoring, apart from
                       the measuring of calls and reports: a .cpuprofile of each function there (for the DevTools of a browser, or
                       speedscope), in terms of the sources, and the functions and packages that took longest here
  --help               this text

parts:
${Object.entries(PARTS)
  .map(([part, what]) => `  ${part.padEnd(18)} ${what}`)
  .join("\n")}

examples:
  npm run bench -- --sizes 100,1000 --rounds 20 --only calls --json before.json
  npm run bench -- --sizes 100,1000 --rounds 20 --only calls --compare before.json
  npm run bench -- --sizes 1000 --only cpu --calls /customers --profile profiles
  npm run bench -- --compare before.json --to after.json
`;

export interface Options {
  readonly sizes: readonly number[];
  readonly history: HistoryName;
  readonly rounds: number;
  readonly wants: (...parts: Part[]) => boolean;
  readonly calls: Calls;
  readonly json: string | undefined;
  readonly compare: string | undefined;
  /** What is compared, when nothing is to be measured. */
  readonly to: string | undefined;
  readonly profile: string | undefined;
}

const positive = (typed: string) => {
  const number = Number(typed);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${typed} is no number from 1 on`);
  return number;
};

/** @throws with a sentence when they make no sense */
export function optionsOf(args: readonly string[]): Options | "help" {
  const { help, sizes, history, rounds, only, calls, json, compare, to, profile } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      sizes: { type: "string", default: SIZES },
      history: { type: "string", default: "full" },
      rounds: { type: "string", default: ROUNDS },
      only: { type: "string", default: ALL },
      calls: { type: "string", default: "" },
      json: { type: "string" },
      compare: { type: "string" },
      to: { type: "string" },
      profile: { type: "string" },
    },
  }).values;
  if (help) return "help";
  const parts = only.split(",");
  const unknown = parts.filter((part) => !isPart(part));
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(", ")}`);
  const chosen = callsNamed(calls);
  if (Object.keys(chosen).length === 0) throw new Error(`there is no call whose name contains ${calls}`);
  if (!isHistory(history)) throw new Error(`there is no history ${history}`);
  if (to !== undefined && compare === undefined) throw new Error("--to says what --compare compares with");
  return {
    sizes: sizes.split(",").map(positive),
    history,
    rounds: positive(rounds),
    wants: (...wanted) => wanted.some((part) => parts.includes(part)),
    calls: chosen,
    json,
    compare,
    to,
    profile,
  };
}

/** Reads the arguments of this process; ends it with a word about them when they make no sense. */
export function readOptions(): Options {
  try {
    const options = optionsOf(process.argv.slice(2));
    if (options !== "help") return options;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
