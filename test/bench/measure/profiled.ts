import type { Calls } from "../calls/index.ts";
import type { Running } from "../cloud.ts";
import type { Profiler } from "../profile/profiler.ts";
import { requestsOf } from "./cpu.ts";
import { timed } from "./timed.ts";

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
