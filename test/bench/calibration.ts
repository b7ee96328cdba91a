import type { Running } from "./cloud.ts";
import { timed } from "./measure/timed.ts";
import { CALM, LOOP, ME } from "./results.ts";
import { quantile } from "./table.ts";

/** A few milliseconds. */
const STEPS = 1_500_000;
const SAMPLES = 5;

/** What never changes: a loop over numbers, which needs a processor and nothing else. */
export function loopMs(): number {
  const from = performance.now();
  let x = 1;
  for (let i = 0; i < STEPS; i++) x = (Math.imul(x, 1_103_515_245) + 12_345) & 0x7fffffff;
  // Whoever compiles the loop must not find out that nobody needs it.
  if (x < 0) throw new Error("This never happens");
  return performance.now() - from;
}

// Slower until it has been compiled.
for (let i = 0; i < SAMPLES; i++) loopMs();

const samples = new Map<string, number[]>([
  [LOOP, []],
  [ME, []],
]);

/** Takes some samples; of a call only where there are clouds to call. */
export async function calibrate(running: readonly Running[] = []): Promise<void> {
  for (let i = 0; i < SAMPLES; i++) {
    samples.get(LOOP)?.push(loopMs());
    for (const one of running) samples.get(ME)?.push(await timed(one, { path: "/auth/me" }));
  }
}

/** Medians of all samples so far, by name. */
export const calibration = (): Record<string, number> =>
  Object.fromEntries(
    [...samples].flatMap(([name, all]) => (all.length > 0 ? [[name, quantile(all, 0.5)]] : [])),
  );

/** How much others disturbed the machine: the loop's p95, in medians. */
export function noise(): number {
  const loop = samples.get(LOOP) ?? [];
  return quantile(loop, 0.95) / quantile(loop, 0.5);
}

/** The same as a sentence. */
export function noiseLine(): string {
  const verdict = noise() < CALM ? "calm" : `not calm, as below ${CALM}: look at medians, and measure again`;
  return `Noise of the machine: p95 ÷ p50 of a CPU loop was ${noise().toFixed(2)} (${verdict}).`;
}
