import { hash } from "node:crypto";
import { HttpRequest } from "@smithy/core/protocols";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { config } from "../config.ts";
import { createSigner, database } from "./client.ts";
import type { Upload } from "./presign.ts";
import { sleepWithJitter } from "./retry.ts";

/**
 * Objects in the buckets of snapshots and of files: read whole or in part, and written on a condition; and the start of
 * a function in the background. By the REST protocols themselves: the SDK's clients would have to be loaded just when somebody
 * waits for a cold function.
 */

const CONNECT_MS = 1_000;
/** Until the first byte of an answer. */
const ANSWER_MS = 5_000;
/** Until its last one: 100 MB come in a second or two. */
const WHOLE_MS = 15_000;
const ATTEMPTS = 3;

const requestHandler = new NodeHttpHandler({
  connectionTimeout: CONNECT_MS,
  requestTimeout: ANSWER_MS,
  throwOnRequestTimeout: true,
});

/** Where the bucket is: a host of its own on AWS, a path where S3 stands in on one machine. */
function bucketAddress(bucket: string, region: string) {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const endpoint = config().AWS_ENDPOINT_URL_S3;
  return endpoint === undefined ? `https://${bucket}.s3.${region}.${domain}` : `${endpoint}/${bucket}`;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Asked {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const signers = { s3: createSigner("s3"), lambda: createSigner("lambda") };

/** @param addressOf where a service is, in a region */
async function attempt(
  service: keyof typeof signers,
  addressOf: (region: string) => string,
  { method, path: below, headers = {}, body }: Asked,
): Promise<Answer> {
  const [credentials, region] = [await database.config.credentials(), await database.config.region()];
  const { protocol, hostname, port, host, pathname } = new URL(addressOf(region));
  const path = `${pathname.replace(/\/$/, "")}${below}`;
  const payload = hash("sha256", body ?? "");
  const signed = signers[service](
    { method, path, headers: { host, "x-amz-content-sha256": payload, ...headers }, payload },
    credentials,
    region,
  );
  if (body) signed["content-length"] = String(body.byteLength);
  const where = { protocol, hostname, ...(port && { port: Number(port) }) };
  const { response } = await requestHandler.handle(
    new HttpRequest({ ...where, method, path, headers: signed, body }),
  );
  const chunks: Uint8Array[] = [];
  const stalled = Object.assign(new Error(`${service} stalled`), { name: "TimeoutError" });
  const timer = setTimeout(() => response.body.destroy(stalled), WHOLE_MS);
  try {
    for await (const chunk of response.body) chunks.push(chunk);
  } finally {
    clearTimeout(timer);
  }
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

const isPassing = ({ status }: Answer) => status >= 500 || status === 429;

/** Asks S3; again, up to three times in all, while it is busy or can't be reached. */
async function ask(bucket: string, asked: Asked): Promise<Answer> {
  for (let n = 1; ; n++) {
    const answer = await attempt("s3", (region) => bucketAddress(bucket, region), asked).catch(
      (error: unknown) => {
        if (n >= ATTEMPTS) throw error;
        return undefined;
      },
    );
    if (answer && (n >= ATTEMPTS || !isPassing(answer))) return answer;
    await sleepWithJitter(n);
  }
}

const failure = ({ status, body }: Answer, key: string) =>
  Object.assign(new Error(`S3 answered ${status} for ${key}: ${body.toString().slice(0, 300)}`), {
    name: "ObjectStoreError",
  });

/** An object, or its beginning. */
export interface StoredObject {
  readonly content: Buffer;
  /** Changes with its content. */
  readonly etag: string;
}

const bucketOf = (use: "snapshots" | "files") =>
  use === "files" ? config().REPORTS_BUCKET : config().SNAPSHOTS_BUCKET;

/**
 * Reads an object, or its first bytes. Undefined when there is none, or the deployment names no bucket.
 *
 * @param bytes how many of its first bytes; all when absent
 * @param use which bucket
 * @throws ObjectStoreError when S3 refuses or stays busy
 */
export async function readObject(
  key: string,
  bytes?: number,
  use: "snapshots" | "files" = "snapshots",
): Promise<StoredObject | undefined> {
  const bucket = bucketOf(use);
  if (!bucket) return undefined;
  const headers: Record<string, string> = bytes === undefined ? {} : { range: `bytes=0-${bytes - 1}` };
  const answer = await ask(bucket, { method: "GET", path: `/${key}`, headers });
  // S3 says 403 of what is not there to who may not list the bucket, as no function may.
  if (answer.status === 404 || answer.status === 403) return undefined;
  if (answer.status !== 200 && answer.status !== 206) throw failure(answer, key);
  return { content: answer.body, etag: answer.headers.etag ?? "" };
}

/** Statuses of a write that others were quicker with: the condition failed, or was being decided. */
const OVERTAKEN: readonly number[] = [409, 412];

/**
 * Writes an object whole: whoever reads it meanwhile gets the one before. Answers whether it was written.
 *
 * @param before the etag of the object that it takes the place of; undefined: there must be none
 * @throws ObjectStoreError when S3 refuses or stays busy
 */
export async function writeObject(
  key: string,
  body: Uint8Array,
  before: string | undefined,
  use: "snapshots" | "files" = "snapshots",
): Promise<boolean> {
  const bucket = bucketOf(use);
  if (!bucket) throw new Error(`The deployment names no bucket for ${use}`);
  const headers: Record<string, string> =
    before === undefined ? { "if-none-match": "*" } : { "if-match": before };
  const answer = await ask(bucket, { method: "PUT", path: `/${key}`, headers, body });
  if (OVERTAKEN.includes(answer.status)) return false;
  // What was to be replaced has expired meanwhile.
  if (answer.status === 404 && before !== undefined) return false;
  if (answer.status !== 200) throw failure(answer, key);
  return true;
}

/** Deletes a file; one that is not there is none the less. @throws ObjectStoreError when S3 refuses or stays busy */
export async function deleteFile(key: string): Promise<void> {
  const bucket = bucketOf("files");
  if (!bucket) return;
  const answer = await ask(bucket, { method: "DELETE", path: `/${key}` });
  if (answer.status !== 204 && answer.status !== 200 && answer.status !== 404) throw failure(answer, key);
}

/**
 * An address to which a caller may put a file of exactly this size and type, for a while.
 *
 * @throws when the deployment names no bucket
 */
export async function signUpload(key: string, upload: Omit<Upload, "url">): Promise<string> {
  const bucket = bucketOf("files");
  if (!bucket) throw new Error("The deployment names no bucket for files");
  const [credentials, region] = [await database.config.credentials(), await database.config.region()];
  const { presignPut } = await import("./presign.ts");
  return presignPut({ url: `${bucketAddress(bucket, region)}/${key}`, ...upload }, credentials, region);
}

/** Whether the deployment has a place for objects. */
export const hasObjects = (): boolean => config().SNAPSHOTS_BUCKET !== undefined;

/**
 * Starts a function in the background, once. Answers whether Lambda has taken the event.
 *
 * @throws what keeps it from being reached
 */
export async function invokeInBackground(functionName: string, event: object): Promise<boolean> {
  const { status } = await attempt(
    "lambda",
    (region) =>
      config().AWS_ENDPOINT_URL_LAMBDA ??
      `https://lambda.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`,
    {
      method: "POST",
      path: `/2015-03-31/functions/${functionName}/invocations`,
      headers: { "x-amz-invocation-type": "Event" },
      body: Buffer.from(JSON.stringify(event)),
    },
  );
  return status === 202;
}
