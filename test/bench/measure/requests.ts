import { CALLS } from "../calls/index.ts";
import { open, type Portfolio } from "../cloud.ts";
import { timed } from "./timed.ts";

/** What calls ask of the database: number of requests, and read and write units. */
export type Counts = ReadonlyMap<string, { readonly requests: number; readonly units: number }>;

export const countOf = (counts: Counts, call: string, size: number) =>
  counts.get(`${call} ${size}`) ?? { requests: Number.NaN, units: Number.NaN };

/** What each call asks of the database, in a warm function. What is counted in the background is no part of it. */
export async function requests(portfolios: readonly Portfolio[]): Promise<Counts> {
  const counts = new Map<string, { requests: number; units: number }>();
  for (const portfolio of portfolios) {
    const running = await open(portfolio, "record");
    for (const [name, { prepare }] of Object.entries(CALLS)) {
      await timed(running, await prepare(running));
      const sent = await prepare(running);
      await running.asked();
      await timed(running, sent);
      const asked = await running.asked();
      const units = asked.reduce((sum, request) => sum + request.units, 0);
      counts.set(`${name} ${portfolio.size}`, { requests: asked.length, units });
    }
    await running.stop();
  }
  return counts;
}
