import { hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { HttpRequest } from "@smithy/core/protocols";
import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

const instantOf = (text = "") => new Date(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));

/** How the SDK's own signer signs these headers. */
async function signature(
  headers: Readonly<Record<string, string>>,
  body: string,
  signingDate: Date,
  { credentials = { accessKeyId: "local", secretAccessKey: "local" }, region = "us-east-1" },
) {
  const signer = new SignatureV4({
    ...{ credentials, region, service: "dynamodb", applyChecksum: false },
    sha256: Hash.bind(null, "sha256"),
  });
  const request = new HttpRequest({
    method: "POST",
    hostname: "any",
    path: "/",
    headers: { ...headers },
    body,
  });
  const signed = ["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"];
  const options = {
    signingDate,
    signableHeaders: new Set(signed),
    unsignableHeaders: new Set(Object.keys(headers).filter((name) => !signed.includes(name))),
  };
  return (await signer.sign(request, options)).headers.authorization;
}

type Answer = (response: ServerResponse, body: string) => void;
interface Asked {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What a database answers next; to all else it answers as it should. No real one breaks when told. */
const answers: Answer[] = [];
const asked: Asked[] = [];
let item: object = {};
const send = (response: ServerResponse, status: number, body: string) => {
  const headers = { "content-type": "application/x-amz-json-1.0", "content-length": Buffer.byteLength(body) };
  response.writeHead(status, headers);
  return response;
};
const server = createServer(async (request, response) => {
  asked.push({ headers: request.headers, body: await text(request) });
  const body = JSON.stringify({ Item: item });
  const answer = answers.shift();
  if (answer) answer(response, body);
  else send(response, 200, body).end(body);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", `http://127.0.0.1:${port}`);
vi.stubEnv("AWS_REGION", "us-east-1");
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
vi.stubEnv("AWS_MAX_ATTEMPTS", "3");
const { createSigner, database, tableName } = await import("./client.ts");
const { find } = await import("./read.ts");
const { commitOne } = await import("./write.ts");

afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answers.length = 0;
  asked.length = 0;
  item = { name: { S: "thing" } };
});

const key = { pk: "thing#1", sk: "thing" };
const thing = {
  key,
  parse: ({ Item }: { Item: Record<string, unknown> }) => ({ data: Item.name }),
};
const put = () => commitOne({ Put: { TableName: tableName, Item: key, ConditionExpression: "x" } });

const cutShort: Answer = (response, body) => send(response, 200, body).write(body.slice(0, 5));
const failure =
  (status: number, name: string, more = {}): Answer =>
  (response) => {
    const body = JSON.stringify({
      __type: `com.amazonaws.dynamodb.v20120810#${name}`,
      message: "no",
      ...more,
    });
    send(response, status, body).end(body);
  };
/** Failures that pass, so that the same is asked once more. */
const PASSING: [string, Answer][] = [
  [
    "breaks off in the middle",
    (response, body) => {
      send(response, 200, body).write(body.slice(0, 5), () => response.destroy());
    },
  ],
  ["is none", (response) => response.destroy()],
  ["is an error of the database", failure(500, "InternalServerError")],
  ["asks to be slower", failure(400, "ThrottlingException")],
  ["stalls in the middle", cutShort],
];

/** The first request of a process goes through the SDK's stack, which finds out where to; later ones don't. */
describe.each(["first", "later"])("the answer to a %s request", (which) => {
  beforeAll(async () => {
    if (which === "later") await find(thing);
  });
  test.each(PASSING)("that %s is asked for again", async (_, answer) => {
    answers.push(answer);
    if (which === "first") vi.resetModules();
    const { find } = await import("./read.ts");
    expect(await find(thing)).toBe("thing");
    expect(asked.length).toBe(2);
    expect(asked[1]?.body).toBe(asked[0]?.body);
  });
});

test("no more is tried than the deployment says, and the SDK names the error", async () => {
  await find(thing);
  asked.length = 0;
  answers.push(...Array(5).fill(failure(500, "InternalServerError")));
  await expect(find(thing)).rejects.toMatchObject({
    name: "InternalServerError",
    $metadata: { attempts: 3 },
  });
  expect(asked.length).toBe(3);
});

test("a condition that failed is told at once", async () => {
  expect(await put()).toBe(true);
  asked.length = 0;
  answers.push(failure(400, "ConditionalCheckFailedException"));
  expect(await put()).toBe(false);
  expect(asked.length).toBe(1);
});

test("a canceled transaction says why", async () => {
  const { commit } = await import("./write.ts");
  answers.push(
    failure(400, "TransactionCanceledException", {
      CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Message: "no" }],
    }),
  );
  const one = { Put: { TableName: tableName, Item: key } };
  expect(await commit([one, { Put: { TableName: tableName, Item: { ...key, pk: "thing#2" } } }])).toEqual([
    1,
  ]);
  expect(asked.length).toBe(1);
  await commit([one]);
  const tokens = asked.map(({ body }) => JSON.parse(body).ClientRequestToken);
  expect(tokens[0]).toMatch(/^[\w-]{36}$/);
  expect(tokens[1]).not.toBe(tokens[0]);
});

test("binary values go and come as base64, also deep inside; others called alike stay as they are", async () => {
  await find(thing);
  const bytes = new Uint8Array([0, 250, 7]);
  const stored = {
    pk: { S: 'thing"B":{"' },
    plain: { B: bytes },
    deep: { M: { B: { S: "text" }, list: { L: [{ B: Buffer.from(bytes) }] } } },
  };
  asked.length = 0;
  await database.send(new PutItemCommand({ TableName: tableName, Item: stored }));
  const sent = JSON.parse(asked[0]?.body ?? "").Item;
  expect(sent).toEqual({
    pk: stored.pk,
    plain: { B: "APoH" },
    deep: { M: { B: { S: "text" }, list: { L: [{ B: "APoH" }] } } },
  });
  item = sent;
  const parse = ({ Item }: { Item: Record<string, unknown> }) => ({ data: Item });
  expect(await find({ key, parse })).toEqual({
    pk: 'thing"B":{"',
    plain: Buffer.from(bytes),
    deep: { B: "text", list: [Buffer.from(bytes)] },
  });
});

describe("a direct request", () => {
  test("goes without the SDK's stack, signed", async () => {
    await find(thing);
    asked.length = 0;
    await find(thing);
    const [{ headers, body } = { headers: {}, body: "" }] = asked;
    expect(headers).not.toHaveProperty("amz-sdk-request");
    expect(headers).toMatchObject({ host: `127.0.0.1:${port}`, "x-amz-target": "DynamoDB_20120810.GetItem" });
    const { authorization, ...given } = headers as Record<string, string>;
    expect(authorization).toBe(await signature(given, body, instantOf(given["x-amz-date"]), {}));
  });

  const text = fc.string({ minLength: 1, unit: fc.constantFrom(..."abcXYZ019+/=") });
  test("is signed as the SDK's signer signs it, whatever it says, whoever sends it, and when", async () => {
    const sign = createSigner("dynamodb");
    const request = fc.record({ host: text, target: text, body: fc.string({ unit: "grapheme" }) });
    const credentials = fc.record(
      { accessKeyId: text, secretAccessKey: text, sessionToken: text },
      { requiredKeys: ["accessKeyId", "secretAccessKey"] },
    );
    const at = fc.date({ min: new Date("2026-01-01"), max: new Date("2040-01-01"), noInvalidDate: true });
    await fc.assert(
      fc.asyncProperty(request, credentials, at, async (request, credentials, at) => {
        const { host, target, body } = request;
        const own = { host, "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
        const asked = { method: "POST", path: "/", headers: own, payload: hash("sha256", body) };
        const { authorization, ...headers } = sign(asked, credentials, "eu-west-1", at);
        const expected = await signature(headers, body, at, { credentials, region: "eu-west-1" });
        expect(authorization).toBe(expected);
      }),
    );
  });
});
