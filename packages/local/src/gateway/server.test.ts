import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { Cloud } from "../cloud.ts";
import { type SmallAssembly, writeSmallAssembly } from "../fixture/small-assembly.ts";
import { startCloud } from "../start-cloud.ts";

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

test("the gateway's event has the shape of payload format 2.0", async () => {
  const answer = await call("/echo/some/thing%20else?a=1&a=2&b=%C3%BC", {
    method: "POST",
    body: JSON.stringify({ x: 1 }),
    headers: { "Content-Type": "application/json", Cookie: "k=v; l=w", "X-Forwarded-For": "6.6.6.6" },
  });
  const event = await answer.json();
  expect(event).toMatchObject({
    version: "2.0",
    routeKey: "ANY /echo/{proxy+}",
    rawPath: "/echo/some/thing else",
    rawQueryString: "a=1&a=2&b=%C3%BC",
    cookies: ["k=v", "l=w"],
    headers: { "content-type": "application/json", "x-forwarded-for": "6.6.6.6, 127.0.0.1" },
    queryStringParameters: { a: "1,2", b: "ü" },
    pathParameters: { proxy: "some/thing else" },
    requestContext: {
      stage: "$default",
      domainName: new URL(answer.url).host,
      http: { method: "POST", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
    },
    body: '{"x":1}',
    isBase64Encoded: false,
  });
  const { requestContext } = z.object({ requestContext: z.object({ time: z.string() }) }).parse(event);
  expect(requestContext.time).toMatch(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
});

test("a body that is not text travels as base64, both ways", async () => {
  const form = await (
    await call("/echo/x", { method: "POST", body: new URLSearchParams({ a: "b" }) })
  ).json();
  expect(form).toMatchObject({ isBase64Encoded: true, body: Buffer.from("a=b").toString("base64") });
  const answer = await given({
    statusCode: 200,
    body: "AAEC",
    isBase64Encoded: true,
    cookies: ["a=1", "b=2"],
  });
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from([0, 1, 2]));
  expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(answer.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
});

/** The answer to a function result. */
function given(result: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify(result);
  return call("/echo/x", {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-result": "given", ...headers },
  });
}

test("HEAD gets the headers of the answer without its body", async () => {
  const head = await rawHead("/echo/x");
  expect(head.status).toBe(200);
  expect(Number(head.length)).toBeGreaterThan(100);
  expect(head.body).toBe("");
});

function rawHead(path: string): Promise<{ status?: number; length?: string; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(cloud.apiUrl + path, { method: "HEAD", agent: false }, async (answer) => {
      let body = "";
      for await (const chunk of answer) body += chunk;
      resolve({ status: answer.statusCode, length: answer.headers["content-length"], body });
    });
    sent.on("error", reject).end();
  });
}

const json = { "content-type": "application/json" };
const faulty = (instruction: unknown) =>
  call("/faulty", { method: "POST", headers: json, body: JSON.stringify(instruction) });

test.each<[string, () => Promise<Response>, number, RegExp]>([
  ["a path without a route", () => call("/nothing"), 404, /nothing at this path/],
  ["a broken escape in the path", () => call("/notes/%E0%A4%A"), 400, /percent sign/],
  ["bytes in the path that are no text", () => call("/notes/%ff"), 400, /percent sign/],
  ["such a path without a route", () => call("/%ff/%zz?a=%ff"), 400, /percent sign/],
  ["a failing function", () => faulty({ throw: "x" }), 500, /on our side/],
  ["a crashing function", () => faulty({ exit: 1 }), 500, /on our side/],
  ["a function that takes too long", () => faulty({ sleep: 600_000 }), 503, /Try again/],
  ["an answer that is none", () => given({ statusCode: "fine" }), 500, /on our side/],
  ["a body over 10 MB", () => call("/faulty", { method: "POST", body: "x".repeat(11e6) }), 413, /10 MB/],
  ["an event over 6 MB", () => call("/faulty", { method: "POST", body: "x".repeat(7e6) }), 413, /6 MB/],
])("%s is answered by the gateway in the API's one error shape", async (_what, send, status, detail) => {
  const answer = await send();
  expect([answer.status, await answer.json()]).toEqual([status, { detail: expect.stringMatching(detail) }]);
  expect(answer.headers.get("content-type")).toBe("application/json");
});

/** Sends these bytes as they are; answers what comes back until the connection ends. */
async function sendRaw(bytes: string): Promise<{ status: number; headers: string; body: unknown }> {
  const { hostname, port } = new URL(cloud.apiUrl);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  socket.end(bytes, "latin1");
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), headers: head, body: JSON.parse(body) };
}
const HOST = "Host: localhost\r\n";
const CLOSE = "Connection: close\r\n\r\n";

test.each<[string, string, number, RegExp]>([
  ["a method that nobody knows", `BREW /notes/1 HTTP/1.1\r\n${HOST}${CLOSE}`, 405, /method is unknown/],
  ["a method in small letters", `get /notes/1 HTTP/1.1\r\n${HOST}${CLOSE}`, 405, /method is unknown/],
  ["CONNECT", `CONNECT example.com:443 HTTP/1.1\r\n${HOST}${CLOSE}`, 405, /method is unknown/],
  [
    "a header of 11 KB",
    `GET /notes/1 HTTP/1.1\r\n${HOST}X-A: ${"a".repeat(11_000)}\r\n${CLOSE}`,
    431,
    /header/,
  ],
  ["a path of 11 KB", `GET /${"a".repeat(11_000)} HTTP/1.1\r\n${HOST}${CLOSE}`, 431, /header/],
  ["no Host", `GET /notes/1 HTTP/1.1\r\n${CLOSE}`, 400, /Host/],
  ["another protocol", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, /valid HTTP/],
  [
    "two lengths",
    `POST /faulty HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n${CLOSE}{}`,
    400,
    /valid/,
  ],
  [
    "a length and chunks",
    `POST /faulty HTTP/1.1\r\n${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n${CLOSE}0\r\n\r\n`,
    400,
    /valid/,
  ],
  ["an expectation", `GET /notes/1 HTTP/1.1\r\n${HOST}Expect: tea\r\n${CLOSE}`, 417, /Expect/],
  ["a NUL in a header", `GET /notes/1 HTTP/1.1\r\n${HOST}X-A: a\0b\r\n${CLOSE}`, 400, /valid/],
])("%s is answered in that shape as well, and the gateway goes on", async (_what, bytes, status, detail) => {
  const answer = await sendRaw(bytes);
  expect(answer).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
  expect(answer.headers.toLowerCase()).toContain("content-type: application/json");
  expect((await call("/echo/x")).status).toBe(200);
});

test("each answer is one line: method, path without tokens and query, status, time", async () => {
  const token = "k3J".repeat(15);
  logged.length = 0;
  await call("/echo/3f2504e0-4f89-41d3-9a0c-0305e82c3301/items?search=ada%40example.com");
  await call(`/echo/${token}/x`);
  await call("/nothing", { method: "DELETE" });
  await call(`/echo${"/part".repeat(60)}`);
  await sendRaw(`BREW /notes/1 HTTP/1.1\r\n${HOST}${CLOSE}`);
  expect(logged).toEqual([
    expect.stringMatching(/^GET \/echo\/3f2504e0-4f89-41d3-9a0c-0305e82c3301\/items 200 \d+ ms$/),
    expect.stringMatching(/^GET \/echo\/…\/x 200 \d+ ms$/),
    expect.stringMatching(/^DELETE \/nothing 404 \d+ ms$/),
    expect.stringMatching(/^GET \/echo(\/part)+[^ ]*… 200 \d+ ms$/),
    "(unreadable request) 405",
  ]);
  expect(logged.join("\n")).not.toMatch(/example|k3J/);
  expect(Math.max(...logged.map((line) => line.length))).toBeLessThan(150);
});

test("a result without statusCode becomes a 200 with that result", async () => {
  const answer = await given({ plain: true });
  expect([answer.status, await answer.json()]).toEqual([200, { plain: true }]);
});

test("the gateway answers preflights and puts CORS headers on answers for allowed origins only", async () => {
  const preflight = (Origin: string) =>
    call("/notes/1", { method: "OPTIONS", headers: { Origin, "Access-Control-Request-Method": "GET" } });
  const allowed = await preflight("http://localhost:5173");
  expect(allowed.status).toBe(204);
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    "access-control-allow-origin": "http://localhost:5173",
    "access-control-allow-methods": "GET,POST",
    "access-control-allow-headers": "authorization",
    "access-control-allow-credentials": "true",
    "access-control-max-age": "600",
  });
  expect((await preflight("http://evil.example")).headers.has("access-control-allow-origin")).toBe(false);
  const own = { statusCode: 200, headers: { "Access-Control-Allow-Origin": "*", "X-Own": "1" } };
  const answer = await given(own, { Origin: "http://localhost:5173" });
  expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
  expect(answer.headers.get("x-own")).toBe("1");
  expect((await given(own)).headers.has("access-control-allow-origin")).toBe(false);
});
