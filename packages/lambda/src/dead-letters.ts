import { brotliCompressSync, constants } from "node:zlib";
import type { SQSClient } from "./dead-letter-client.ts";

/** A record of the table's stream in the dead-letter queue, for `npm run dead-letters`. */
export interface DeadRecord {
  readonly source: "dynamodb-stream";
  /** Name of the function that could not handle it. */
  readonly function: string;
  readonly failed_at: string;
  readonly event_id: string;
  readonly event_name: string | undefined;
  /** Keys of the item, as DynamoDB writes them. */
  readonly keys: unknown;
  /** Seconds since 1970. */
  readonly written_at: number | undefined;
  readonly error: { readonly name: string; readonly message: string };
  /**
   * The whole record: its JSON by Brotli, in base64. So it holds characters that SQS refuses, and is no personal data in
   * plain sight of who only looks into the queue. Null when it is longer than a message may be.
   */
  readonly content: string | null;
}

/**
 * A message has 256 KB in queues that were made before August 2025, and 1 MiB since (SQS Developer Guide, "Message
 * quotas"); this leaves room for the rest of it. Two images of 400 KB of text, the most that DynamoDB holds, fit in;
 * ours are a few KB. One that is longer is left out: `npm run rollups:rebuild` counts the item.
 */
const MAX_CONTENT = 250_000;

/** Brotli, whose window spans both images: gzip would write what they have in common twice. */
const compress = (text: string) =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });

interface Described {
  readonly eventID: string;
  readonly eventName?: unknown;
  readonly dynamodb: { readonly Keys?: unknown; readonly ApproximateCreationDateTime?: number };
}

export function toDeadRecord(record: Described, error: unknown, now = new Date()): DeadRecord {
  const content = compress(JSON.stringify(record)).toString("base64");
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return {
    source: "dynamodb-stream",
    function: process.env.AWS_LAMBDA_FUNCTION_NAME ?? "",
    failed_at: now.toISOString(),
    event_id: record.eventID,
    event_name: typeof record.eventName === "string" ? record.eventName : undefined,
    keys: record.dynamodb.Keys,
    written_at: record.dynamodb.ApproximateCreationDateTime,
    error: { name, message: message.slice(0, 1_000) },
    content: content.length <= MAX_CONTENT ? content : null,
  };
}

let client: SQSClient | undefined;

/** Puts a record into the dead-letter queue. @throws when SQS does not take it, or there is no queue */
export async function keepDeadRecord(record: DeadRecord): Promise<void> {
  const QueueUrl = process.env.DEAD_LETTER_QUEUE_URL;
  if (!QueueUrl) throw new Error("There is no dead-letter queue");
  const { SendMessageCommand, SQSClient } = await import("./dead-letter-client.ts");
  client ??= new SQSClient({});
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(record) }));
}
