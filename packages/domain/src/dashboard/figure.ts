import type { CustomerRow, Directory } from "../directory/index.ts";

/**
 * A figure of all customers, computed anew only when a row has changed.
 * @param question all that the figure depends on besides the rows, such as the day
 */
export function figureOf<T>(
  directory: Directory,
  question: string,
  compute: (rows: readonly CustomerRow[]) => T,
): T {
  const { customers, memoize } = directory;
  return memoize(`dashboard ${question}`, () =>
    compute(memoize("rows of the dashboard", () => [...customers.values()])),
  );
}
