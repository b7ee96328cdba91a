import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { Cloud } from "./cloud.ts";
import { type SmallAssembly, writeSmallAssembly } from "./fixture/small-assembly.ts";
import { startCloud } from "./start-cloud.ts";

let small: SmallAssembly;
let cloud: Cloud;
const logged: string[] = [];

beforeAll(async () => {
  small = await writeSmallAssembly();
  cloud = await startCloud({ assembly: small.folder, log: (line) => logged.push(line) });
});
afterAll(async () => {
  await cloud.stop();
  await small.remove();
});

const call = (path: string, init?: RequestInit) => fetch(cloud.apiUrl + path, init);
const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const region = "us-east-1";

test("a request goes through a function to DynamoDB and back", async () => {
  const put = await call("/notes/a%20b", {
    method: "PUT",
    body: "hello",
    headers: { "content-type": "text/plain" },
  });
  expect([put.status, await put.text()]).toEqual([204, ""]);
  const got = await call("/notes/a%20b");
  expect(got.headers.get("content-type")).toBe("application/json");
  expect(await got.json()).toEqual({ id: "a b", text: "hello" });
});

test("a function reads a generated secret, keeps a file and sends a mail", async () => {
  const { secret } = z.object({ secret: z.string() }).parse(await (await call("/secret")).json());
  expect(secret).toMatch(/^[A-Za-z0-9]{48}$/);
  const file = await call("/files", {
    method: "POST",
    body: "kept",
    headers: { "content-type": "text/plain" },
  });
  expect(await file.json()).toEqual({ text: "kept" });
  expect(await (await call("/mails", { method: "POST" })).json()).toEqual({ sent: true });
  const store = await (await fetch(`${cloud.inboxUrl}/store`)).json();
  expect(store).toMatchObject({ emails: [{ subject: "Hello", destination: { to: ["ada@example.com"] } }] });
});

test("the table has the template's index, stream and time to live", async () => {
  const client = new DynamoDBClient({ endpoint: cloud.endpoints.dynamodb, region, credentials });
  const TableName = cloud.environment.TABLE_NAME;
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(["byAuthor"]);
  expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" });
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(TimeToLiveDescription?.AttributeName).toBe("expires_at_epoch");
  client.destroy();
});

test("the SDK's Lambda client invokes functions: with an answer, without, and not at all", async () => {
  const client = new LambdaClient({ endpoint: cloud.endpoints.lambda, region, credentials, maxAttempts: 1 });
  const FunctionName = "small-test-faulty";
  const invoke = (instruction: unknown, more = {}) =>
    client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(instruction), ...more }));

  const answered = await invoke({ print: "said" }, { LogType: "Tail" });
  expect(JSON.parse(answered.Payload?.transformToString() ?? "")).toMatchObject({ name: FunctionName });
  expect(Buffer.from(answered.LogResult ?? "", "base64").toString()).toBe("said\n");
  expect(logged).toContain("[faulty] said");

  const failed = await invoke({ throw: "no" });
  expect(failed.FunctionError).toBe("Unhandled");
  expect((await invoke({}, { InvocationType: "Event" })).StatusCode).toBe(202);
  expect((await invoke({}, { InvocationType: "DryRun" })).StatusCode).toBe(204);
  const byArn = "arn:aws:lambda:us-east-1:000000000000:function:small-test-faulty";
  expect((await invoke({}, { FunctionName: byArn })).StatusCode).toBe(200);
  await expect(invoke({}, { FunctionName: "nobody" })).rejects.toThrow(ResourceNotFoundException);
  const echo = (rest: object) => invoke({}, { FunctionName: "small-test-echo", ...rest });
  for (const Qualifier of ["live", "1", "$LATEST"]) expect((await echo({ Qualifier })).StatusCode).toBe(200);
  expect((await echo({ FunctionName: "small-test-echo:live" })).StatusCode).toBe(200);
  await expect(echo({ Qualifier: "dead" })).rejects.toThrow(ResourceNotFoundException);
  await expect(invoke({}, { FunctionName: `${FunctionName}:live` })).rejects.toThrow(
    ResourceNotFoundException,
  );
  client.destroy();
});

const s3Client = () => new S3Client({ endpoint: cloud.endpoints.s3, region, credentials });

test("the bucket answers signed requests and presigned addresses that are still good, and nobody else", async () => {
  const client = s3Client();
  const Bucket = cloud.environment.BUCKET_NAME;
  const object = { Bucket, Key: "reports/kept.txt" };
  await client.send(new PutObjectCommand({ ...object, Body: "kept" }));
  const signed = await getSignedUrl(client, new GetObjectCommand(object), { expiresIn: 60 });
  expect(await (await fetch(signed)).text()).toBe("kept");
  const past = { expiresIn: 60, signingDate: new Date(Date.now() - 120_000) };
  const expired = await getSignedUrl(client, new GetObjectCommand(object), past);
  const [bare = ""] = signed.split("?");
  const bucket = `${cloud.endpoints.s3}/${Bucket}`;

  const refused: [string, string, RequestInit?][] = [
    ["expired", expired],
    ["signed for another file", signed.replace("kept.txt", "other.txt")],
    ["signature changed", signed.replace(/X-Amz-Signature=.{8}/, "X-Amz-Signature=00000000")],
    ["signed for reading", signed, { method: "PUT", body: "changed" }],
    ["read without", bare],
    ["looked at without", bare, { method: "HEAD" }],
    ["written without", bare, { method: "PUT", body: "changed" }],
    ["deleted without", bare, { method: "DELETE" }],
    ["listed without", `${bucket}?list-type=2`],
    ["several deleted without", `${bucket}?delete`, { method: "POST", body: "<Delete/>" }],
    ["all buckets without", `${cloud.endpoints.s3}/`],
    ["a form without", bucket, { method: "POST", body: new FormData() }],
    [
      "another's key",
      bare,
      { headers: { authorization: "AWS nobody:bm90aGluZw==", date: new Date().toUTCString() } },
    ],
  ];
  for (const [what, url, init] of refused)
    expect([what, (await fetch(url, init)).status]).toEqual([what, 403]);
  expect(await (await fetch(bare)).text()).toContain("<Code>AccessDenied</Code>");
  expect(await (await fetch(signed)).text()).toBe("kept");
  client.destroy();
});

test("pages of the origins that the bucket names may read its files, those of others may not", async () => {
  const client = s3Client();
  const object = { Bucket: cloud.environment.BUCKET_NAME, Key: "a.txt" };
  const file = await getSignedUrl(client, new GetObjectCommand(object));
  client.destroy();
  const allowed = async (origin: string, asked: Record<string, string> = {}, method = "GET") => {
    const { headers } = await fetch(file, { method, headers: { origin, ...asked } });
    return headers.get("access-control-allow-origin");
  };
  for (const origin of ["https://app.example.com", "null"]) expect(await allowed(origin)).toBe(origin);
  for (const origin of ["https://evil.example", "http://app.example.com"])
    expect(await allowed(origin)).toBeNull();

  const app = "https://app.example.com";
  const instruction = (method: string, headers: string) => ({
    "access-control-request-method": method,
    "access-control-request-headers": headers,
  });
  expect(await allowed(app, instruction("GET", "content-type"), "OPTIONS")).not.toBeNull();
  expect(await allowed(app, instruction("GET", "x-other"), "OPTIONS")).toBeNull();
  expect(await allowed(app, instruction("PUT", "content-type"), "OPTIONS")).toBeNull();
});

test("the cloud says what it runs", async () => {
  expect(cloud.functions).toEqual([
    "small-test-changes",
    "small-test-echo",
    "small-test-faulty",
    "small-test-notes",
  ]);
  expect(cloud.schedules).toMatchObject([
    { name: "morning", cron: "cron(0 8 * * ? *)", timezone: "Europe/Berlin" },
  ]);
  expect(cloud.environment).toMatchObject({ TABLE_NAME: "small-data-Notes", API_URL: cloud.apiUrl });
  expect(await cloud.invoke("small-test-faulty", {})).toMatchObject({
    payload: { name: "small-test-faulty" },
  });
  await expect(cloud.invoke("nobody", {})).rejects.toThrow(
    /no function nobody; there are small-test-changes/,
  );
});
