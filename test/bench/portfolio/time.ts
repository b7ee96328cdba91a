const DAY_MS = 24 * 60 * 60 * 1000;

/** Instants and days before now; negative ones lie ahead. */
export interface Time {
  readonly now: Date;
  /** ISO instant. */
  instant(daysAgo: number): string;
  /** UTC date. */
  day(daysAgo: number): string;
}

export function timeAt(now: Date): Time {
  const instant = (daysAgo: number) => new Date(now.getTime() - daysAgo * DAY_MS).toISOString();
  return { now, instant, day: (daysAgo) => instant(daysAgo).slice(0, "YYYY-MM-DD".length) };
}
