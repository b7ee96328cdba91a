import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { keepDeadRecord, toDeadRecord } from "./dead-letters.ts";
import { logger, metrics } from "./telemetry.ts";

/** An item as DynamoDB writes it; what is in it is looked at when it is unmarshalled. */
type Image = Readonly<Record<string, AttributeValue>>;

/** A record of a table's stream, as far as it is of use. */
interface StreamRecord {
  readonly eventID: string;
  readonly eventName?: unknown;
  readonly dynamodb: {
    readonly SequenceNumber: string;
    readonly Keys?: unknown;
    readonly ApproximateCreationDateTime?: number;
    readonly OldImage?: Image;
    readonly NewImage?: Image;
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown) => typeof value === "string" && value !== "";
const isImage = (value: unknown) => value === undefined || isObject(value);

/** By hand: a schema would walk through all images for what is looked at when they are unmarshalled. */
function isRecord(value: unknown): value is StreamRecord {
  if (!isObject(value) || !isText(value.eventID) || !isObject(value.dynamodb)) return false;
  const { SequenceNumber, OldImage, NewImage } = value.dynamodb;
  return isText(SequenceNumber) && isImage(OldImage) && isImage(NewImage);
}

/** @throws when it is no batch of a table's stream */
function recordsIn(event: unknown): readonly StreamRecord[] {
  const records = isObject(event) ? event.Records : undefined;
  if (Array.isArray(records) && records.every(isRecord)) return records;
  throw new TypeError("The event is no batch of a table's stream");
}

type Item = Readonly<Record<string, unknown>>;

/** An item before and after a write. */
export interface StreamChange {
  /** Names the record, the same with every delivery. */
  readonly event_id: string;
  readonly sequence_number: string;
  /** When it was written: seconds since 1970, the same with every delivery. */
  readonly written_at: number | undefined;
  /** Undefined when the item was new. */
  readonly before: Item | undefined;
  /** Undefined when the item was removed. */
  readonly after: Item | undefined;
  /** The whole item, when only some attributes are read otherwise. */
  images(): { readonly before: Item | undefined; readonly after: Item | undefined };
}

/** A record that failed while others did not. */
export interface StreamFailure {
  readonly change: Pick<StreamChange, "event_id" | "sequence_number">;
  readonly error: unknown;
  /** Whether something else than the record is at fault, so that it is to come again. */
  readonly again?: boolean;
}

/** What Lambda takes a partial success from: it goes on from the first of these. */
export interface StreamAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Nothing here computes with numbers that JavaScript can't hold exactly; they must not stop a record. */
function unmarshalled(image: Image | undefined, attributes: readonly string[] | undefined): Item | undefined {
  if (image === undefined) return undefined;
  if (attributes === undefined) return unmarshall(image, { wrapNumbers: Number });
  const some: Record<string, AttributeValue> = {};
  for (const name of attributes) {
    const value = image[name];
    if (value !== undefined) some[name] = value;
  }
  return unmarshall(some, { wrapNumbers: Number });
}

function changesIn(records: readonly StreamRecord[], attributes: readonly string[] | undefined) {
  const changes: StreamChange[] = [];
  const failures: StreamFailure[] = [];
  for (const { eventID: event_id, dynamodb } of records) {
    const ids = { event_id, sequence_number: dynamodb.SequenceNumber };
    const { OldImage, NewImage } = dynamodb;
    const read = (some: readonly string[] | undefined) => ({
      before: unmarshalled(OldImage, some),
      after: unmarshalled(NewImage, some),
    });
    try {
      changes.push({
        ...ids,
        written_at: dynamodb.ApproximateCreationDateTime,
        ...read(attributes),
        images: () => read(undefined),
      });
    } catch (error) {
      failures.push({ change: ids, error });
    }
  }
  return { changes, failures };
}

/** The images stay out of the log: they hold what customers and colleagues wrote. */
function report({ change: { event_id, sequence_number }, error }: StreamFailure): void {
  logger.error("stream record failed", { event_id, sequence_number, error });
}

/**
 * Whether an error is one of our code, which looks at the record, and not of what it asks: such a record fails however
 * often it comes. The SDK and Node name theirs otherwise.
 */
const isOfCode = (error: unknown) =>
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof SyntaxError ||
  error instanceof ReferenceError ||
  (error instanceof Error && error.name === "ZodError");

/** A record that is alone in its batch and older than this may have come before, and never to an end. */
const OLD_MS = 5 * 60_000;
/** How often such a record is tried. */
const MAX_ATTEMPTS = 5;

const ageMs = ({ dynamodb: { ApproximateCreationDateTime: at } }: StreamRecord) =>
  at === undefined ? 0 : Date.now() - at * 1000;

export interface StreamOptions {
  /** Attributes that are read of items before and after; all when absent. */
  readonly attributes?: readonly string[];
  /**
   * Notes that a record is tried, and answers how often it was. Where it fails, so does what it notes in: then nothing
   * is known of the record.
   */
  readonly noteAttempt?: (event_id: string) => Promise<number>;
}

/**
 * A function that follows the table's stream, which Lambda delivers to it again and again until it is handled, for as
 * long as the stream keeps it (24 hours). So two things are told apart:
 *
 * - What the function **asks** fails: the database is down, the mail service takes nothing. `handle` throws, and the
 *   whole batch comes again; or it answers single records as failed `again`. It must not matter to `handle` what comes
 *   twice.
 * - The **record** can't be handled, whatever is tried: `handle` answers it as failed; or it is alone in its batch, to
 *   which Lambda cuts one that fails, and our code breaks on it; or it is old, alone, and was begun five times without
 *   coming to an end. It goes to the dead-letter queue with its content, and the others go on.
 *
 * `npm run dead-letters -- redrive` sends records as `{ Records, redriven: true }`: those that fail are answered then, not
 * put into the queue once more.
 *
 * @param handle is given the milliseconds until Lambda cuts it off
 */
export const createStreamHandler = (
  handle: (changes: readonly StreamChange[], remaining: () => number) => Promise<readonly StreamFailure[]>,
  { attributes, noteAttempt }: StreamOptions = {},
) =>
  middy<unknown, StreamAnswer, Error, Context>()
    .before(({ context }) => logger.addContext(context))
    .onError(({ error }) => logger.error("stream batch failed", { error }))
    .handler(async (event, lambda) => {
      const records = recordsIn(event);
      const isRedriven = isObject(event) && event.redriven === true;
      const failed = await tried();
      failed.forEach(report);
      if (failed.length > 0) {
        metrics.addMetric("StreamRecordsFailed", "Count", failed.length);
        metrics.publishStoredMetrics();
      }
      const left: StreamFailure[] = [];
      for (const failure of failed)
        if (failure.again || isRedriven || !(await isKept(failure))) left.push(failure);
      return {
        batchItemFailures: left.map(({ change }) => ({ itemIdentifier: change.sequence_number })),
      };

      async function tried(): Promise<readonly StreamFailure[]> {
        const { changes, failures } = changesIn(records, attributes);
        const [only, ...others] = records;
        const alone = only && others.length === 0 && !isRedriven ? only : undefined;
        const whole = (record: StreamRecord, error: unknown): StreamFailure[] => [
          { change: { event_id: record.eventID, sequence_number: record.dynamodb.SequenceNumber }, error },
        ];
        if (
          alone &&
          noteAttempt &&
          ageMs(alone) > OLD_MS &&
          (await noteAttempt(alone.eventID)) > MAX_ATTEMPTS
        )
          return whole(alone, new Error(`It was begun ${MAX_ATTEMPTS} times and never came to an end`));
        try {
          return [...failures, ...(await handle(changes, () => lambda.getRemainingTimeInMillis()))];
        } catch (error) {
          if (alone && isOfCode(error)) return whole(alone, error);
          throw error;
        }
      }

      /** Whether the dead-letter queue has it; else it comes again. */
      async function isKept({ change, error }: StreamFailure): Promise<boolean> {
        const record = records.find(({ eventID }) => eventID === change.event_id);
        if (!record) return false;
        try {
          await keepDeadRecord(toDeadRecord(record, error));
          return true;
        } catch (cause) {
          logger.error("stream record not kept", { event_id: change.event_id, error: cause });
          return false;
        }
      }
    });
