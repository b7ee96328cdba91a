/** A tile narrower than this, in points, has no space for an amount in figures. */
export const MIN_COLUMN_WIDTH = 88;

/**
 * How many columns a grid of `count` items gets in `width` points: as many as fit, evenly over the rows, so that 7
 * are 4 and 3, not 5 and 2. At least 2, because a single item as wide as the page looks like a banner.
 */
export function gridColumns(count: number, width: number, gap: number, minWidth = MIN_COLUMN_WIDTH): number {
  const fitting = Math.max(2, Math.floor((width + gap) / (minWidth + gap)));
  const rows = Math.max(1, Math.ceil(count / fitting));
  return Math.max(2, Math.ceil(count / rows));
}

/** Cuts a list into rows of `columns`. */
export function gridRows<T>(items: readonly T[], columns: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / columns) }, (_, row) =>
    items.slice(row * columns, (row + 1) * columns),
  );
}
