import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { region } from "../template/references.ts";

/**
 * An operation of DynamoDB (`CreateTable`) or of its streams (`GetRecords`). Rejects with an error that has the name of
 * AWS's exception.
 */
export type DynamoDbCall = (operation: string, input: object) => Promise<unknown>;

export type DynamoDbApi = {
  readonly call: DynamoDbCall;
  /** Ends the connections. */
  close(): void;
};

/** What AWS calls the versions of the two services. */
const TABLES = "DynamoDB_20120810";
const STREAMS = "DynamoDBStreams_20120810";
const OF_STREAMS = new Set(["ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"]);

/**
 * A local database's own protocol. Not by the SDK: it would unpack every attribute of every record of a stream, and
 * functions get them packed as they are; a third of what this process has to do under writes, and 10 MB.
 */
export function createDynamoDbApi(endpoint: string): DynamoDbApi {
  const agent = new Agent({ keepAlive: true });
  const options = {
    agent,
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      // Local databases look who asks, and not at the signature.
      authorization: `AWS4-HMAC-SHA256 Credential=S3RVER/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
      "x-amz-date": "20260101T000000Z",
    },
  };
  return {
    async call(operation, input) {
      const service = OF_STREAMS.has(operation) ? STREAMS : TABLES;
      const headers = { ...options.headers, "x-amz-target": `${service}.${operation}` };
      const { status, body } = await post(endpoint, { ...options, headers }, JSON.stringify(input));
      if (status === 200) return JSON.parse(body);
      throw toError(operation, status, body);
    },
    close: () => agent.destroy(),
  };
}

function post(url: string, options: object, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, options, (answer) => {
      text(answer).then((content) => resolve({ status: answer.statusCode ?? 0, body: content }), reject);
    })
      .on("error", reject)
      .end(body);
  });
}

function toError(operation: string, status: number, body: string): Error {
  const { type, message } = parseError(body);
  const error = new Error(message ?? `${operation} was answered with ${status}`);
  if (type !== undefined) error.name = type;
  return error;
}

/** `{"__type": "com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException", "message": "…"}` */
function parseError(body: string): { type?: string | undefined; message?: string | undefined } {
  try {
    const { __type, message }: { __type?: string; message?: string } = JSON.parse(body);
    return { type: __type?.replace(/^.*#/, ""), message };
  } catch {
    return {};
  }
}
