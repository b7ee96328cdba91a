/** A tile narrower than this has no room for an amount in figures. */
const NARROWEST = 88;

/**
 * How many columns `count` things get in `width` points: as many as fit, evenly over the rows, so that 7 are 4
 * and 3, not 5 and 2. At least 2, because a single thing as wide as the page looks like a banner.
 */
export function columnsFor(count: number, width: number, gap: number, narrowest = NARROWEST): number {
  const fitting = Math.max(2, Math.floor((width + gap) / (narrowest + gap)));
  const rows = Math.max(1, Math.ceil(count / fitting));
  return Math.max(2, Math.ceil(count / rows));
}

/** Cuts a list into rows of `columns`. */
export function rowsOf<T>(things: readonly T[], columns: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(things.length / columns) }, (_, row) =>
    things.slice(row * columns, (row + 1) * columns),
  );
}
