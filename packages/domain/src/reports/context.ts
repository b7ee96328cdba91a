import { Problem } from "@success-manager/contract/problem";
import { MailError } from "../mail/index.ts";
import type { StoredReport } from "../table/index.ts";
import { StorageError } from "./storage.ts";

/** What work on reports is given from outside: limits, log, clock. */
export interface ReportContext {
  /** Milliseconds until it is cut off. */
  remaining(): number;
  /** Takes note of what went wrong with a report, or with a schedule whose report is due. */
  log(id: string, error: unknown): void;
  /** Told of each report that nobody will try again. */
  onAbandoned(report: StoredReport): void;
  /** The time; that of the clock when absent. */
  now?(): Date;
}

/** The time, as the context has it. */
export const currentTime = ({ now = () => new Date() }: Pick<ReportContext, "now">): Date => now();

/** What a report takes that is begun: contents, PDF and storing it, each with some bad luck. */
export const GENERATION_MS = 12_000;

/** What a mail takes, with some bad luck, and what noting it takes. */
export const DELIVERY_MS = 10_000;

/** Who or what asks for reports. */
export interface Trigger {
  readonly triggered_by: string;
  readonly triggered_by_id?: string | undefined;
}

/** What people read where the hourly job asked for a report. */
export const BY_SCHEDULE: Trigger = { triggered_by: "Schedule" };

const UNEXPECTED = "It broke off for an unexpected reason; the details are in the log.";

/** What a person may read about a report that failed. */
export const errorMessage = (error: unknown): string =>
  error instanceof Problem || error instanceof StorageError || error instanceof MailError
    ? error.message
    : UNEXPECTED;

/** About a report that was taken on as often as it may be, and whose workers never came back. */
export const NOBODY_CAME_BACK =
  "It broke off at each of its attempts without a word. Ask an admin to look at the log before you try again.";
