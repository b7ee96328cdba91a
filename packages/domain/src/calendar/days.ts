/** Days as the contract writes them: `YYYY-MM-DD`, in UTC (decision 2). */

export const DAY_MS = 24 * 60 * 60 * 1000;

const midnight = (date: string) => Date.parse(`${date}T00:00:00Z`);

/** The UTC date of an instant. */
export const dateOf = (instant: Date) => instant.toISOString().slice(0, 10);

/** The date so many days after another. */
export const daysAfter = (date: string, days: number) => dateOf(new Date(midnight(date) + days * DAY_MS));

/** Whole days from one date to another; negative when it has passed. */
export const daysBetween = (from: string, to: string) => Math.round((midnight(to) - midnight(from)) / DAY_MS);

/** Days since the last Monday: 0 on a Monday, 6 on a Sunday. */
export const daysSinceMonday = (date: string) => (new Date(midnight(date)).getUTCDay() + 6) % 7;
