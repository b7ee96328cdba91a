import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { config } from "../config.ts";

/** Fail a request that the database does not take up in time, so that the SDK can try again elsewhere. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

type Handle = NodeHttpHandler["handle"];

/** Hands answers to the SDK as bytes. From a stream it would pipe them through further streams: a sixth of a request. */
class BytesHandler extends NodeHttpHandler {
  override async handle(...sent: Parameters<Handle>): ReturnType<Handle> {
    const { response } = await super.handle(...sent);
    const { body } = response;
    const chunks: Uint8Array[] = [];
    // The handler's own limit ends with the first byte.
    const stalled = Object.assign(new Error("The answer stalled"), { name: "TimeoutError" });
    const timer = setTimeout(() => body.destroy(stalled), ANSWER_MS);
    await new Promise((resolve, reject) => {
      body.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      body.on("end", resolve);
      body.on("error", reject);
    }).finally(() => clearTimeout(timer));
    response.body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    return { response };
  }
}

/** The sockets of a container. */
const requestHandler = new BytesHandler({
  connectionTimeout: CONNECT_MS,
  requestTimeout: ANSWER_MS,
  throwOnRequestTimeout: true,
});

/**
 * Steps of the SDK that cost time with every request and tell nobody anything here: the logger copies every answer to
 * leave out what is sensitive, also when nobody logs; DynamoDB asks neither for the SDK's name nor for loops of
 * invocations.
 */
const UNUSED = ["loggerMiddleware", "getUserAgentMiddleware", "recursionDetectionMiddleware"];

/** How often a client tries is the deployment's choice (AWS_MAX_ATTEMPTS). */
function createClient(options: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({ requestHandler, ...options });
  for (const step of UNUSED) client.middlewareStack.remove(step);
  const { signer } = client.config;
  let made: ReturnType<typeof signer> | undefined;
  // There is one region: without this, each request makes a signer of its own from a copy of all settings.
  client.config.signer = (scheme) => {
    made ??= signer(scheme);
    return made;
  };
  return client;
}

/**
 * For reading, most of what is asked: steps are put together once, not with every request, and values are converted
 * once. What is told to it and what it answers are attribute values.
 */
export const reader = createClient({ cacheMiddleware: true });

/** For writing: values stand in many places of a transaction, and the document client knows all of them. */
export const dynamo = DynamoDBDocumentClient.from(createClient(), {
  marshallOptions: { removeUndefinedValues: true },
});

/** The table's name, from the deployment. */
export const tableName = config().TABLE_NAME;

/** Where every entity lives. */
export const table = { client: dynamo, table: tableName };
