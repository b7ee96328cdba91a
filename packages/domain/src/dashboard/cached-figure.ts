import type { CustomerRow, Directory } from "../directory/index.ts";

/**
 * A figure of all customers, computed anew only when a row has changed.
 *
 * @param key names the figure and the values that it depends on besides the rows, such as the day
 * @param source an object that it is made of besides the rows: another one makes the figure anew
 */
export function cachedFigure<T>(
  { customers, memoize }: Directory,
  key: string,
  compute: (rows: readonly CustomerRow[]) => T,
  source?: object,
): T {
  const make = () => ({
    source,
    figure: compute(memoize("rows of the dashboard", () => [...customers.values()])),
  });
  const cached = memoize(`dashboard ${key}`, make);
  if (cached.source !== source) Object.assign(cached, make());
  return cached.figure;
}
