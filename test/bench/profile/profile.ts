import type { Profiler } from "node:inspector";

/** What V8 takes down of a thread: stacks, and how long each was seen. */
export type Profile = Profiler.Profile;
export type Frame = Profile["nodes"][number]["callFrame"];

/** Microseconds that each node was on top of the stack, by the node's id. */
export function selfTimes({ samples = [], timeDeltas = [] }: Profile): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  // A sample stands for the time up to the next one; the first delta lies before the first sample.
  for (const [i, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[i + 1] ?? 0));
  return times;
}

/** How V8 names the time in which a thread waits. */
const IDLE = "(idle)";
export const isIdle = ({ functionName }: Frame) => functionName === IDLE;

/** Milliseconds in which a thread did something. */
export function busyMs(profile: Profile): number {
  const times = selfTimes(profile);
  const busy = profile.nodes.filter(({ callFrame }) => !isIdle(callFrame));
  return busy.reduce((sum, { id }) => sum + (times.get(id) ?? 0), 0) / 1000;
}
