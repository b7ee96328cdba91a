/** A label under the horizontal axis. */
export interface AxisLabel {
  /** Of the point that it names. */
  readonly index: number;
  /** Its left end, in points. */
  readonly x: number;
  readonly width: number;
}

/** Free space between two labels, in points. */
const MIN_GAP = 12;

/**
 * Which of the points at `xs` get a label: every n-th, counted back from the last one, which matters most, with the
 * smallest n at which no two labels overlap. When hardly fewer labels would name both ends, those are taken. A label
 * stands under its point, and within 0 to `width`.
 */
export function axisLabels(
  xs: readonly number[],
  widthOf: (index: number) => number,
  width: number,
): readonly AxisLabel[] {
  const widths = new Map<number, number>();
  const labelAt = (index: number): AxisLabel => {
    const own = widths.get(index) ?? Math.min(width, widthOf(index));
    widths.set(index, own);
    const left = (xs[index] ?? 0) - own / 2;
    return { index, x: Math.max(0, Math.min(width - own, left)), width: own };
  };
  const last = xs.length - 1;
  const every = (step: number) =>
    Array.from({ length: Math.floor(last / step) + 1 }, (_, n) => labelAt(last - n * step)).reverse();
  const steps = Array.from({ length: Math.max(0, last) }, (_, n) => n + 1);
  const smallest = steps.find((step) => hasGaps(every(step)));
  if (smallest === undefined) return last < 0 ? [] : [labelAt(last)];
  const bothEnds = steps.find((step) => step >= smallest && step < smallest * 2 && last % step === 0);
  const chosen = every(bothEnds ?? smallest);
  return hasGaps(chosen) ? chosen : every(smallest);
}

const hasGaps = (labels: readonly AxisLabel[]) =>
  labels.every((label, n) => {
    const before = labels[n - 1];
    return before === undefined || before.x + before.width + MIN_GAP <= label.x;
  });

/** A label beside the vertical axis, before it is placed. */
export interface SideLabel {
  /** Where its middle should be, in points. */
  readonly center: number;
  readonly height: number;
}

/**
 * Tops of labels beside an axis from 0 to `height`, in the order of `labels`: each as near to its center as the
 * others let it, none on another. Together they should not be higher than the axis; if they are, the last ones reach
 * beyond it.
 */
export function declutterLabels(labels: readonly SideLabel[], height: number): readonly number[] {
  const byCenter = labels
    .map((_, index) => index)
    .sort((a, b) => (labels[a]?.center ?? 0) - (labels[b]?.center ?? 0));
  const tops: number[] = labels.map(() => 0);
  let bottom = 0;
  for (const index of byCenter) {
    const label = labels[index];
    if (label === undefined) continue;
    const top = Math.max(bottom, label.center - label.height / 2);
    tops[index] = top;
    bottom = top + label.height;
  }
  let end = height;
  for (const index of byCenter.toReversed()) {
    const own = labels[index]?.height ?? 0;
    const top = Math.max(0, Math.min(tops[index] ?? 0, end - own));
    tops[index] = top;
    end = top;
  }
  return tops;
}
