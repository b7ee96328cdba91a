/** A name under the horizontal axis. */
export interface AxisLabel {
  /** Of the point that it names. */
  readonly index: number;
  /** Its left end, in points. */
  readonly x: number;
  readonly width: number;
}

/** Free space between two names, in points. */
const APART = 12;

/**
 * Which of the points at `places` get their name printed: every n-th, counted back from the last one, which
 * matters most, with the smallest n at which no two meet. When hardly fewer names would name both ends, those
 * are taken. A name stands under its point, and within 0 to `width`.
 */
export function thinned(
  places: readonly number[],
  widthOf: (index: number) => number,
  width: number,
): readonly AxisLabel[] {
  const widths = new Map<number, number>();
  const labelAt = (index: number): AxisLabel => {
    const own = widths.get(index) ?? Math.min(width, widthOf(index));
    widths.set(index, own);
    const left = (places[index] ?? 0) - own / 2;
    return { index, x: Math.max(0, Math.min(width - own, left)), width: own };
  };
  const last = places.length - 1;
  const every = (step: number) =>
    Array.from({ length: Math.floor(last / step) + 1 }, (_, n) => labelAt(last - n * step)).reverse();
  const steps = Array.from({ length: Math.max(0, last) }, (_, n) => n + 1);
  const smallest = steps.find((step) => isApart(every(step)));
  if (smallest === undefined) return last < 0 ? [] : [labelAt(last)];
  const even = steps.find((step) => step >= smallest && step < smallest * 2 && last % step === 0);
  const chosen = every(even ?? smallest);
  return isApart(chosen) ? chosen : every(smallest);
}

const isApart = (labels: readonly AxisLabel[]) =>
  labels.every((label, n) => {
    const before = labels[n - 1];
    return before === undefined || before.x + before.width + APART <= label.x;
  });
