import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { logger, metrics } from "./telemetry.ts";

/** An item as DynamoDB writes it; what is in it is looked at when it is unmarshalled. */
type Image = Readonly<Record<string, AttributeValue>>;

/** A record of a table's stream, as far as it is of use. */
interface StreamRecord {
  readonly eventID: string;
  readonly dynamodb: {
    readonly SequenceNumber: string;
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
}

/** A record that failed while others did not. */
export interface StreamFailure {
  readonly change: Pick<StreamChange, "event_id" | "sequence_number">;
  readonly error: unknown;
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
    try {
      changes.push({
        ...ids,
        written_at: dynamodb.ApproximateCreationDateTime,
        before: unmarshalled(dynamodb.OldImage, attributes),
        after: unmarshalled(dynamodb.NewImage, attributes),
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
 * A function that follows the table's stream. `handle` answers the records that failed by themselves; these are
 * logged, and Lambda is told to deliver the batch again from the first of them on, so it must not matter to `handle`
 * what comes twice. What `handle` throws makes Lambda deliver the whole batch again.
 *
 * @param handle is given the milliseconds until Lambda cuts it off
 * @param attributes that are read of items before and after; all when absent
 */
export const createStreamHandler = (
  handle: (changes: readonly StreamChange[], remaining: () => number) => Promise<readonly StreamFailure[]>,
  attributes?: readonly string[],
) =>
  middy<unknown, StreamAnswer, Error, Context>()
    .before(({ context }) => logger.addContext(context))
    .onError(({ error }) => logger.error("stream batch failed", { error }))
    .handler(async (event, lambda) => {
      const { changes, failures } = changesIn(recordsIn(event), attributes);
      const failed = [...failures, ...(await handle(changes, () => lambda.getRemainingTimeInMillis()))];
      if (failed.length > 0) {
        failed.forEach(report);
        metrics.addMetric("StreamRecordsFailed", "Count", failed.length);
        metrics.publishStoredMetrics();
      }
      return {
        batchItemFailures: failed.map(({ change }) => ({ itemIdentifier: change.sequence_number })),
      };
    });
