import { isPlottable } from "./scale.ts";

/** Narrower than this, in points, a part could be taken for a flaw of the paper. */
const MIN_PART_WIDTH = 2.5;

/** Less than nothing, and what can't be plotted, is no part of a whole. */
export const toAmount = (value: number): number => (isPlottable(value) ? Math.max(0, value) : 0);

/**
 * Widths of the parts of a bar, in points, that add up to `width`: in proportion, but each part of more than 0 wide
 * enough to be seen, which the wider ones make space for. All 0 when the parts are.
 */
export function partWidths(values: readonly number[], width: number): readonly number[] {
  const amounts = values.map(toAmount);
  const visibleParts = amounts.filter((amount) => amount > 0).length;
  const minWidth = visibleParts === 0 ? 0 : Math.min(MIN_PART_WIDTH, width / visibleParts);
  let narrow = new Set<number>();
  for (;;) {
    const remaining = width - narrow.size * minWidth;
    const total = amounts.reduce((sum, amount, index) => sum + (narrow.has(index) ? 0 : amount), 0);
    const widths = amounts.map((amount, index) =>
      narrow.has(index) ? minWidth : total > 0 ? (amount / total) * remaining : 0,
    );
    const widened = new Set(
      widths.flatMap((own, index) => ((amounts[index] ?? 0) > 0 && own <= minWidth ? [index] : [])),
    );
    if (widened.size === narrow.size) return widths;
    narrow = widened;
  }
}
