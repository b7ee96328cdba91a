import { parseArgs } from "node:util";

/** What can be measured, in this order. */
export const PARTS = [
  "calls",
  "changes",
  "throughput",
  "cold",
  "lag",
  "checks",
  "scoring",
  "bundles",
] as const;
export type Part = (typeof PARTS)[number];

const isPart = (name: string): name is Part => PARTS.some((part) => part === name);

const usage = `usage: npm run bench -- [options]
  --sizes <numbers>  customers, smallest first: 100,10000
  --rounds <number>  how often each call is made: 100
  --only <parts>     some of ${PARTS.join(",")}
  --json <file>      writes the figures there as well`;

export interface Options {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly wants: (...parts: Part[]) => boolean;
  readonly json: string | undefined;
}

const positive = (text: string) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${text} is no number from 1 on`);
  return number;
};

/** Reads the arguments of this process; ends it with a word about them when they make no sense. */
export function readOptions(): Options {
  try {
    const { sizes, rounds, only, json } = parseArgs({
      options: {
        sizes: { type: "string", default: "100,10000" },
        rounds: { type: "string", default: "100" },
        only: { type: "string", default: PARTS.join(",") },
        json: { type: "string" },
      },
    }).values;
    const parts = only.split(",");
    const unknown = parts.filter((part) => !isPart(part));
    if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(", ")}`);
    return {
      sizes: sizes.split(",").map(positive),
      rounds: positive(rounds),
      wants: (...wanted) => wanted.some((part) => parts.includes(part)),
      json,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}
