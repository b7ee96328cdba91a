import type { StoredReport } from "../../table/index.ts";

/** What work on reports is given from outside. */
export interface Means {
  /** Milliseconds until it is cut off. */
  remaining(): number;
  /** Takes note of what went wrong with a report, or with a schedule whose report is due. */
  log(id: string, error: unknown): void;
  /** Told of each report that nobody will try again. */
  givenUp(report: StoredReport): void;
  /** The time; that of the clock when absent. */
  now?(): Date;
}

/** The time, as the means have it. */
export const timeOf = ({ now = () => new Date() }: Pick<Means, "now">): Date => now();

/** What a report takes that is begun: contents, PDF and storing it, each with some bad luck. */
export const GENERATING_MS = 12_000;

/** What a mail takes, with some bad luck. */
export const MAILING_MS = 6_000;

/** Who or what asks for reports. */
export interface Trigger {
  readonly triggered_by: string;
  readonly triggered_by_id?: string | undefined;
}

/** What people read where the hourly job asked for a report. */
export const BY_SCHEDULE: Trigger = { triggered_by: "Schedule" };
