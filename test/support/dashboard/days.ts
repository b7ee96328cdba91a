export const DAY_MS = 24 * 60 * 60 * 1000;

/** The date so many days after another, in UTC. */
export const dayFrom = (date: string, days: number) =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

/** Whole days from one date to another. */
export const daysTo = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / DAY_MS;

/** All days from the first to the last, both included; none when they are the wrong way round. */
export const daysOf = (first: string, last: string): string[] =>
  Array.from({ length: Math.max(0, daysTo(first, last) + 1) }, (_, n) => dayFrom(first, n));
