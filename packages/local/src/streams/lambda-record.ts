import { createHash } from "node:crypto";
import type { _Record as StreamRecord } from "@aws-sdk/client-dynamodb-streams";
import { region } from "../template/references.ts";

/** An item in DynamoDB's JSON, binary values in base64. */
type ItemImage = Readonly<Record<string, unknown>>;

/** A record of a stream in the shape in which Lambda hands it to a function. */
export type LambdaRecord = {
  /** The same for every delivery of a record, different for any two records. */
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  readonly eventSource: "aws:dynamodb";
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: ItemImage;
    readonly NewImage?: ItemImage;
    readonly OldImage?: ItemImage;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  /** Only of items that the time to live has removed. */
  readonly userIdentity?: { readonly type: "Service"; readonly principalId: "dynamodb.amazonaws.com" };
};

/**
 * Turns a record of the database into the one that Lambda hands to a function. `streamArn` is what the database
 * calls its stream. It tells a table from one that was created later under the
 * same name and counts from one again, so it goes into the event's id.
 */
export function toLambdaRecord(
  record: StreamRecord,
  streamArn: string,
  eventSourceARN: string,
): LambdaRecord {
  const { Keys, NewImage, OldImage, ApproximateCreationDateTime: created, ...rest } = record.dynamodb ?? {};
  const SequenceNumber = sequenceNumberOf(record);
  return {
    eventID: createHash("sha256").update(`${streamArn} ${SequenceNumber}`).digest("hex").slice(0, 32),
    eventName: record.eventName ?? "",
    eventVersion: record.eventVersion ?? "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: (created?.getTime() ?? 0) / 1000,
      Keys: toPlainJson(Keys),
      ...(NewImage && { NewImage: toPlainJson(NewImage) }),
      ...(OldImage && { OldImage: toPlainJson(OldImage) }),
      SequenceNumber,
      SizeBytes: rest.SizeBytes ?? 0,
      StreamViewType: rest.StreamViewType ?? "",
    },
    // Nobody else is ever named there ("DynamoDB Streams and Time to Live", Developer Guide).
    ...(record.userIdentity && {
      userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
    }),
    eventSourceARN,
  };
}

/** Throws for a record without a number, which no server makes. */
export function sequenceNumberOf(record: StreamRecord): string {
  const number = record.dynamodb?.SequenceNumber;
  if (number === undefined) throw new Error(`stream record ${record.eventID} has no sequence number`);
  return number;
}

function toPlainJson(item: object = {}): ItemImage {
  const text = JSON.stringify(item, (_name, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
  );
  return JSON.parse(text);
}
