import { readFileSync } from "node:fs";
import * as z from "zod";

/** JSON has no number for what could not be measured. */
const Cell = z.union([z.string(), z.number(), z.null().transform(() => Number.NaN)]);

/** What is measured all through a run, to tell how fast the machine was. No change of ours can touch the loop. */
export const LOOP = "CPU loop";
export const ME = "GET /auth/me";

/** The table of processor time. */
export const CPU = "CPU";

/** The tables of what AWS bills (`measure/costs.ts`), which `cost/` prices. */
export const COSTS = {
  calls: "costs of calls",
  jobs: "costs of jobs",
  records: "costs of counting",
  items: "items",
} as const;

/** Up to here, disturbances of a machine are no matter (`noise`). */
export const CALM = 1.3;

/** What a run of the bench came to, as `--json` writes it. */
export const Results = z.object({
  /** When it began. */
  date: z.string().optional(),
  cores: z.number(),
  /** Of the processor. */
  cpu: z.string().optional(),
  node: z.string().optional(),
  /** Customers of each portfolio. */
  sizes: z.array(z.number()),
  /** How much each customer has. */
  history: z.string().optional(),
  rounds: z.number().optional(),
  /** p95 of the loop, in medians: how much others disturbed the machine. */
  noise: z.number().optional(),
  /** Median milliseconds of what tells how fast the machine was meanwhile. */
  calibration: z.record(z.string(), z.number()).default({}),
  /** Rows by the title of their table; a row is its cells by column. */
  tables: z.record(z.string(), z.array(z.record(z.string(), Cell))),
});
export type Results = z.infer<typeof Results>;
export type Tables = Results["tables"];

/** @throws with a sentence when the file is not there, or was not written by `--json` */
export function readResults(file: string): Results {
  try {
    return Results.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new Error(`${file} holds no figures of the bench (--json writes them)`, { cause: error });
  }
}
