import type { JobId } from "@success-manager/contract/jobs";
import type { Counts } from "../table/index.ts";

/** Where a run stands; each job adds what it needs to go on. Stored, so that a fresh invocation can read it. */
export interface Progress {
  readonly finished: boolean;
}

/** What a job works in. */
export interface JobInvocation {
  /** Milliseconds until it is cut off. Nothing is left when its run has been taken over. */
  remaining(): number;
  /** Takes note of a customer, or whatever else the work goes through, for whom it failed. */
  log(id: string, error: unknown): void;
}

/** What the work of a job is given. */
export interface JobContext<P> extends JobInvocation {
  /** Takes note of how far the run got; stored now and then. */
  save(progress: P): void;
}

/** What a job does, apart from being claimed, saved and continued (`run.ts`). */
export interface JobDefinition<P extends Progress> {
  readonly job: JobId;
  /** What it goes through one by one; customers when absent. */
  readonly subject?: "customer" | "report";
  /** Where a new run begins. */
  readonly start: P;
  /**
   * Goes on until all is done or the time is up; doing a part again that was done before does no harm.
   *
   * @param now the run's scheduled time
   */
  run(now: Date, from: P, means: JobContext<P>): Promise<P>;
  /**
   * Does one thing that somebody waits for, beside any run: it needs no claim but its own. Doing it again does no harm.
   *
   * @param id of the thing
   */
  runOne?(id: string, invocation: JobInvocation): Promise<Counts>;
  /** What people are told of a run: how many of what. `failed` counts those for whom it failed. */
  counts(progress: P): Counts & { readonly failed: number };
  /** What somebody is told who comes while another run is at work. */
  readonly busy: string;
}
