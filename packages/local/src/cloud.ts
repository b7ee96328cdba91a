import type { Endpoints } from "./environment.ts";

export type CloudOptions = {
  /** Folder that `cdk synth` wrote. */
  readonly assembly: string;
  /** Folder for data that survives; without it a temporary one, removed at the end. */
  readonly data?: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly inboxPort?: number;
  /** Servers that run already, each in place of a child process. Who gives them empties and ends them. */
  readonly endpoints?: {
    readonly dynamodb?: string | undefined;
    readonly s3?: string | undefined;
    readonly ses?: string | undefined;
  };
  /** The file of dynoxide behind `endpoints.dynamodb`: spares reads of a stream in which nothing happens. */
  readonly databaseFile?: string;
  /** Puts something between the functions and DynamoDB, such as a recorder of requests. */
  readonly dynamodbProxy?: (target: string) => Promise<{ url: string; close(): Promise<void> }>;
  /** Additional variables for every function; they win over the template's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether schedules fire. Default true. */
  readonly schedules?: boolean;
  /** Whether the records of table streams reach the functions that are mapped to them. Default true. */
  readonly streams?: boolean;
  /**
   * By how much it takes longer from one attempt to the next until a function gets records of a stream again that it
   * failed on. Default 200. Who looks at many attempts shortens it.
   */
  readonly streamRetryDelayMs?: number;
  /** From one read of a table's stream to the next. Default 50. Longer, functions get more records at once. */
  readonly streamIntervalMs?: number;
  /**
   * Whether what becomes of mails reaches the functions that are subscribed to it. Default true. Without, mails stay as
   * they are when they have been sent.
   */
  readonly mailEvents?: boolean;
  /** Instances that one function may have at the same time. Default: as many as there are cores, at least two. */
  readonly maxInstances?: number;
  /**
   * Whether instances make room for others: an idle one is ended, and a function that has one gets no other as long as
   * memory is short (`functions/capacity.ts`). Default true.
   */
  readonly savesMemory?: boolean;
  /**
   * The instant at which the functions' clock begins, in place of the machine's. `setTime` puts it forward. Schedules
   * don't fire then, and the database is not told which items expire: it would go by the machine's clock.
   */
  readonly virtualTime?: Date;
  /** Receives the output of functions and messages of the cloud itself, line by line. Default: nobody. */
  readonly log?: (line: string) => void;
};

/** The next run of an enabled schedule. */
export type PlannedRun = {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly next: Date;
};

/** What a function made of an event. `payload` is its result, or with `functionError` Lambda's error object. */
export type Invocation = {
  readonly payload: unknown;
  readonly functionError?: string;
  readonly logs: string;
};

/** A cloud that runs. */
export type Cloud = {
  readonly apiUrl: string;
  readonly inboxUrl: string;
  readonly endpoints: Endpoints;
  /** What a program needs to reach this cloud: endpoints, credentials and the template's variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly functions: readonly string[];
  /** Enabled schedules with their next run, soonest first. */
  readonly schedules: readonly PlannedRun[];
  /** The child processes as they are now: one that ended by itself is started again under another number. */
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** Resolves with a sentence when a child ended by itself again and again and everything has been stopped for it. */
  readonly failure: Promise<string>;
  /** Invokes by name or ARN. Throws for an unknown function, not for one that fails. */
  invoke(name: string, event: unknown): Promise<Invocation>;
  /**
   * Resolves when every change written before the call has been delivered to the functions of its stream, or
   * given up by them; at once when no stream is polled. What those functions write is not waited for. Rejects
   * after `limitMs` (a minute).
   */
  settled(limitMs?: number): Promise<void>;
  /**
   * Puts the clock of the functions forward to an instant, from which it goes as the machine's does.
   *
   * @throws without `virtualTime`, and for an instant that is over
   */
  setTime(instant: Date): void;
  /** Ends everything that was started. Calling it again is harmless. */
  stop(): Promise<void>;
};
