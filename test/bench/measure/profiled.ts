import type { Call, Calls, Sent } from "../calls/index.ts";
import type { Running } from "../cloud.ts";
import type { Profiler } from "../profile/profiler.ts";
import { timed } from "./timed.ts";

/** The requests of a call for so many rounds, with what they need; neither is profiled. */
async function requestsOf(running: Running, { prepare, most }: Call, wanted: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let round = 0; round < Math.min(wanted, most ?? wanted); round++) sent.push(await prepare(running));
  return sent;
}

/** Profiles the functions under each call, one call after the other; they are warm when this begins. */
export async function profiledCalls(
  calls: Calls,
  running: Running,
  wanted: number,
  profiler: Profiler,
): Promise<void> {
  for (const [name, call] of Object.entries(calls)) {
    const sent = await requestsOf(running, call, wanted);
    await profiler.during(running, name, async () => {
      for (const one of sent) await timed(running, one);
    });
  }
}
