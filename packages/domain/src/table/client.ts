import { createHmac, hash } from "node:crypto";
import { DynamoDBClient, type ServiceOutputTypes } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { HttpRequest, type HttpResponse } from "@smithy/core/protocols";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { AwsCredentialIdentity } from "@smithy/types";
import { config } from "../config.ts";
import { countUnits } from "./units.ts";

/** Fail a request that the database does not take up in time, so that the SDK can try again elsewhere. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

type Handle = NodeHttpHandler["handle"];

/** Reads answers as bytes. From a stream the SDK would pipe them through further streams: a sixth of a request. */
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

/** What the protocol writes as JSON: all as it is, but for binary values ("B"), which are base64. */
function encode(input: object): string {
  const text = JSON.stringify(input);
  if (!text.includes('"B":{')) return text;
  return JSON.stringify(input, function (key, value) {
    const given: unknown = this[key];
    return given instanceof Uint8Array ? Buffer.from(given).toString("base64") : value;
  });
}

const toBinary = (key: string, value: unknown) =>
  key === "B" && typeof value === "string" ? Buffer.from(value, "base64") : value;

/** The reverse of `encode`. */
const decode = (text: string): ServiceOutputTypes => ({
  $metadata: { httpStatusCode: 200 },
  ...JSON.parse(text, text.includes('"B":"') ? toBinary : undefined),
});

const hmac = (key: string | Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();

/** A request that is to be signed. */
interface Signable {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

/**
 * Signs requests of one service (Signature Version 4) as the SDK does, with headers of our own choice alone: of these
 * it needs no copies and no escaping, which takes the SDK's signer three times as long.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createSigner(service: string) {
  /** Of a day, and of credentials, which change every few hours. */
  let derived: { readonly from: string; readonly key: Uint8Array } | undefined;
  const keyOf = (secret: string, day: string, region: string) => {
    const from = `${day} ${region} ${secret}`;
    if (derived?.from !== from) {
      const key = [day, region, service, "aws4_request"].reduce<string | Uint8Array>(hmac, `AWS4${secret}`);
      derived = { from, key: Buffer.from(key) };
    }
    return derived.key;
  };

  /**
   * Headers of a request that is signed at an instant.
   *
   * @param headers their names in small letters; without those that signing adds
   * @param path with all but letters, digits and `-_.~/` escaped
   * @param payload the SHA-256 of the body, in hexadecimal digits
   */
  return (
    { method, path, headers: given, payload }: Signable,
    { accessKeyId, secretAccessKey, sessionToken }: AwsCredentialIdentity,
    region: string,
    at = new Date(),
  ) => {
    const instant = at.toISOString().replace(/\.\d+|[:-]/g, "");
    const day = instant.slice(0, 8);
    const headers: Record<string, string> = { ...given, "x-amz-date": instant };
    if (sessionToken) headers["x-amz-security-token"] = sessionToken;
    const sorted = Object.keys(headers).sort();
    const names = sorted.join(";");
    const lines = sorted.map((name) => `${name}:${headers[name]}\n`);
    const request = `${method}\n${path}\n\n${lines.join("")}\n${names}\n${payload}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${instant}\n${scope}\n${hash("sha256", request)}`;
    const signature = createHmac("sha256", keyOf(secretAccessKey, day, region))
      .update(text)
      .digest("hex");
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return headers;
  };
}

/** What an attempt came to: an answer, or why there is none. */
type Attempt = { readonly response: HttpResponse } | { readonly error: unknown };
/** How the stack's steps carry it to the last of them, which takes it once. */
type Attempted = { readonly attempts?: Attempt[] };

/** Every answer says what it took: some 60 bytes, which the line of a request adds up (`lambda/src/telemetry.ts`). */
const COUNTED = { ReturnConsumedCapacity: "TOTAL" } as const;

function counting<T extends { readonly output: object }>(operation: string, answer: T): T {
  const { ConsumedCapacity } = answer.output as {
    readonly ConsumedCapacity?: Parameters<typeof countUnits>[1];
  };
  countUnits(operation, ConsumedCapacity);
  return answer;
}

/**
 * Sends what the SDK would send, without its stack of middleware, which costs more than all the rest of a request
 * (`test/bench/results.md`). Address, credentials and sockets are the SDK's. An attempt that is not answered
 * by 200 is given to the stack as its first one, so that errors, waiting and further attempts are the SDK's, too.
 */
function sendDirectly(client: DynamoDBClient): DynamoDBClient {
  const { config, middlewareStack } = client;
  const sign = createSigner("dynamodb");
  /** Where requests go: where the stack sent the first one. */
  let place: HttpRequest | undefined;

  async function attempt(operation: string, input: object): Promise<Attempt> {
    try {
      const [credentials, region] = [await config.credentials(), await config.region()];
      const [host, target] = [place?.headers.host ?? "", `DynamoDB_20120810.${operation}`];
      const body = encode(input);
      const headers = sign(
        {
          method: "POST",
          path: "/",
          headers: { "content-type": "application/x-amz-json-1.0", host, "x-amz-target": target },
          payload: hash("sha256", body),
        },
        credentials,
        region,
      );
      headers["content-length"] = String(Buffer.byteLength(body));
      return await requestHandler.handle(new HttpRequest({ ...place, headers, body }));
    } catch (error) {
      return { error };
    }
  }

  middlewareStack.add(
    (next, { commandName = "" }) => {
      const operation = commandName.replace(/Command$/, "");
      return async (given) => {
        const args = { ...given, input: { ...given.input, ...COUNTED } };
        if (!place) return counting(operation, await next(args));
        const first = await attempt(operation, args.input);
        if ("response" in first && first.response.statusCode === 200) {
          const output = decode(first.response.body.toString());
          return counting(operation, { output, response: first.response });
        }
        const attempted: typeof args & Attempted = { ...args, attempts: [first] };
        return counting(operation, await next(attempted));
      };
    },
    { step: "initialize", priority: "high" },
  );

  middlewareStack.add(
    (next) => (args: Parameters<typeof next>[0] & Attempted) => {
      if (HttpRequest.isInstance(args.request)) place ??= args.request;
      const attempt = args.attempts?.pop();
      if (!attempt) return next(args);
      return "error" in attempt ? Promise.reject(attempt.error) : Promise.resolve(attempt);
    },
    { step: "deserialize", priority: "low" },
  );
  return client;
}

/**
 * The database, told and answering attribute values. How often it is asked is the deployment's choice
 * (AWS_MAX_ATTEMPTS).
 */
export const database = sendDirectly(new DynamoDBClient({ requestHandler, cacheMiddleware: true }));

/** The same with plain values, by the SDK alone: for ElectroDB, and for what is rarely asked. */
export const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler }));

/** The table's name, from the deployment. */
export const tableName = config().TABLE_NAME;

/** Where every entity lives. */
export const table = { client: dynamo, table: tableName };
