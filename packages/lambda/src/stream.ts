import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { logger, metrics } from "./telemetry.ts";

/** An item as DynamoDB writes it; what is in it is looked at when it is unmarshalled. */
const Image = z.custom<Record<string, AttributeValue>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** A batch of a table's stream, as far as it is of use. */
const StreamEvent = z.object({
  Records: z.array(
    z.object({
      eventID: z.string().min(1),
      dynamodb: z.object({
        SequenceNumber: z.string().min(1),
        OldImage: Image.optional(),
        NewImage: Image.optional(),
      }),
    }),
  ),
});
type StreamRecord = z.infer<typeof StreamEvent>["Records"][number];

type Item = Readonly<Record<string, unknown>>;

/** An item before and after a write. */
export interface StreamChange {
  /** Names the record, the same with every delivery. */
  readonly event_id: string;
  readonly sequence_number: string;
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
const item = (image: Record<string, AttributeValue> | undefined): Item | undefined =>
  image && unmarshall(image, { wrapNumbers: Number });

function changesIn(records: readonly StreamRecord[]) {
  const changes: StreamChange[] = [];
  const failures: StreamFailure[] = [];
  for (const { eventID: event_id, dynamodb } of records) {
    const ids = { event_id, sequence_number: dynamodb.SequenceNumber };
    try {
      changes.push({ ...ids, before: item(dynamodb.OldImage), after: item(dynamodb.NewImage) });
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
 */
export const createStreamHandler = (
  handle: (changes: readonly StreamChange[]) => Promise<readonly StreamFailure[]>,
) =>
  middy<unknown, StreamAnswer, Error, Context>()
    .before(({ context }) => logger.addContext(context))
    .onError(({ error }) => logger.error("stream batch failed", { error }))
    .handler(async (event) => {
      const { changes, failures } = changesIn(StreamEvent.parse(event).Records);
      const failed = [...failures, ...(await handle(changes))];
      if (failed.length > 0) {
        failed.forEach(report);
        metrics.addMetric("StreamRecordsFailed", "Count", failed.length);
        metrics.publishStoredMetrics();
      }
      return {
        batchItemFailures: failed.map(({ change }) => ({ itemIdentifier: change.sequence_number })),
      };
    });
