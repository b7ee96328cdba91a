import { DAY_MS } from "../calendar.ts";

/** `calculated_at` (ISO) and overall of an earlier score. */
export type TrailPoint = readonly [string, number];

const COMPARED_DAYS = 30;

/**
 * A daily score leaves 31 steps. Somebody who scores by hand all day would leave many more; past this, the
 * one whose neighbours are closest together is dropped. Two times 30 days over 95 bound the gap that this can
 * leave: the comparison may be with a score up to 16 hours older than the newest one that is 30 days old.
 */
const LONGEST = 96;

const boundary = (now: Date) => new Date(now.getTime() - COMPARED_DAYS * DAY_MS).toISOString();

/** The overall score that a trend compares with: the newest that is at least 30 days old. */
export function comparedWith(trail: readonly TrailPoint[], now: Date): number | undefined {
  const limit = boundary(now);
  return trail.findLast(([at]) => at <= limit)?.[1];
}

function thinned(steps: readonly TrailPoint[]): readonly TrailPoint[] {
  if (steps.length <= LONGEST) return steps;
  const times = steps.map(([at]) => Date.parse(at));
  let closest = 1;
  let gap = Number.POSITIVE_INFINITY;
  for (let i = 1; i < steps.length - 1; i++) {
    const left = (times[i + 1] ?? 0) - (times[i - 1] ?? 0);
    if (left < gap) [closest, gap] = [i, left];
  }
  return thinned(steps.toSpliced(closest, 1));
}

/** The trail after one more score: what no later trend can ask for any more is dropped. */
export function extended(trail: readonly TrailPoint[], step: TrailPoint, now: Date): readonly TrailPoint[] {
  const limit = boundary(now);
  const all = [...trail, step];
  const newestOld = all.findLastIndex(([at]) => at <= limit);
  return thinned(newestOld < 0 ? all : all.slice(newestOld));
}

const RADIX = 36;

/**
 * The trail as it is stored, `mib2k3s0:72 mibb4k80:75`: a tenth of what a list takes in the table's wire format,
 * which every cold container reads for every customer.
 */
export const packed = (trail: readonly TrailPoint[]): string =>
  trail.map(([at, overall]) => `${Date.parse(at).toString(RADIX)}:${overall}`).join(" ");

/** What `packed` packed, with instants in milliseconds: for who goes through the trails of all customers. */
export function stepsIn(text: string): (readonly [at: number, overall: number])[] {
  if (text === "") return [];
  return text.split(" ").map((step) => {
    const [at = "", overall = ""] = step.split(":");
    return [Number.parseInt(at, RADIX), Number(overall)];
  });
}

/** What `packed` packed. */
export const unpacked = (text: string): readonly TrailPoint[] =>
  stepsIn(text).map(([at, overall]) => [new Date(at).toISOString(), overall]);
