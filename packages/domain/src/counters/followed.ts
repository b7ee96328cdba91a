import { DIRECTORY } from "../table/index.ts";
import { ALL_DAYS, type Series } from "./counters.ts";
import type { Sums } from "./tally.ts";

/** The series whose sums of all time every list asks for: small, and a request less when they are at hand. */
const FOLLOWED = [
  "interaction",
  "survey",
  "alert",
  "alert_resolved",
  "follow_up",
] as const satisfies Series[];
export type DirectorySeries = (typeof FOLLOWED)[number];

/** A row of the directory: the counters of a series, of all time. They stand in it as they are stored. */
export interface TotalsRow {
  readonly __edb_e__: "totals";
  readonly series: DirectorySeries;
  readonly changed_at: string;
  /** Grows with every write. */
  readonly revision: number;
}

/** What counters of a series and period carry beside their sums, so that the directory follows them. */
export function directoryAttributes({ series, period }: Pick<Sums, "series" | "period">, now: Date) {
  if (period !== ALL_DAYS || !FOLLOWED.some((followed) => followed === series)) return {};
  const changed_at = now.toISOString();
  return { __edb_e__: "totals", series, changed_at, gsi2pk: DIRECTORY, gsi2sk: `${changed_at}#${series}` };
}
