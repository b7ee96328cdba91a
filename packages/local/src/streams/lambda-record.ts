import { createHash } from "node:crypto";
import { region } from "../template/references.ts";

/** An item in DynamoDB's JSON, binary values in base64. */
type ItemImage = Readonly<Record<string, unknown>>;

/** A record as the database's protocol has it. */
export type StreamRecord = {
  readonly eventName: string;
  readonly eventVersion?: string;
  readonly dynamodb: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime?: number;
    readonly Keys: ItemImage;
    readonly NewImage?: ItemImage;
    readonly OldImage?: ItemImage;
    readonly SequenceNumber: string;
    readonly SizeBytes?: number;
    readonly StreamViewType?: string;
  };
  readonly userIdentity?: object | null;
};

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
 * Turns a record of the database into the one that Lambda hands to a function: both have the same images. `streamArn`
 * is what the database calls its stream. It tells a table from one that was created later under the
 * same name and counts from one again, so it goes into the event's id.
 */
export function toLambdaRecord(
  { eventName, eventVersion = "1.1", dynamodb, userIdentity }: StreamRecord,
  streamArn: string,
  eventSourceARN: string,
): LambdaRecord {
  const { Keys, NewImage, OldImage, SequenceNumber } = dynamodb;
  return {
    eventID: createHash("sha256").update(`${streamArn} ${SequenceNumber}`).digest("hex").slice(0, 32),
    eventName,
    eventVersion,
    eventSource: "aws:dynamodb",
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: dynamodb.ApproximateCreationDateTime ?? 0,
      Keys,
      ...(NewImage && { NewImage }),
      ...(OldImage && { OldImage }),
      SequenceNumber,
      SizeBytes: dynamodb.SizeBytes ?? 0,
      StreamViewType: dynamodb.StreamViewType ?? "",
    },
    // Nobody else is ever named there ("DynamoDB Streams and Time to Live", Developer Guide).
    ...(userIdentity && {
      userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
    }),
    eventSourceARN,
  };
}
