import type { Calls } from "../calls/index.ts";
import { during, type Portfolio, type Running } from "../cloud.ts";
import { timed } from "./timed.ts";

/** Number of requests to the database, and their read and write units. */
interface Count {
  readonly requests: number;
  readonly units: number;
}

/** What calls ask of the database. */
export type Counts = ReadonlyMap<string, Count>;

export const countOf = (counts: Counts, call: string, size: number) =>
  counts.get(`${call} ${size}`) ?? { requests: Number.NaN, units: Number.NaN };

/** What a call asks of the database, in a warm function. What is counted in the background is no part of it. */
async function counted(running: Running, { prepare }: Calls[string]): Promise<Count> {
  await timed(running, await prepare(running));
  const sent = await prepare(running);
  await running.asked();
  await timed(running, sent);
  const asked = await running.asked();
  return { requests: asked.length, units: asked.reduce((sum, { units }) => sum + units, 0) };
}

/**
 * Counts what each call asks, one portfolio after the other. Each call is made here first.
 *
 * @throws with all calls that fail, so that nobody has to measure again for each of them
 */
export async function requests(calls: Calls, portfolios: readonly Portfolio[]): Promise<Counts> {
  const counts = new Map<string, Count>();
  const failures: string[] = [];
  const countAll = async (running: Running) => {
    for (const [name, call] of Object.entries(calls))
      try {
        counts.set(`${name} ${running.size}`, await counted(running, call));
      } catch (error) {
        failures.push(
          `${name} at ${running.size} customers: ${error instanceof Error ? error.message : error}`,
        );
      }
  };
  for (const portfolio of portfolios) await during(portfolio, ["record"], countAll);
  if (failures.length > 0) throw new Error(`${failures.length} calls fail:\n${failures.join("\n")}`);
  return counts;
}
