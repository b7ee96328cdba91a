import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import { auth } from "./auth.ts";
import { client } from "./client.ts";
import { type Customer, customers } from "./customers.ts";
import { deployments } from "./deployments.ts";

const received: { request: IncomingMessage; body: string }[] = [];
let server: Server;
let base = "";

beforeAll(async () => {
  server = createServer(async (request, response) => {
    received.push({ request, body: await text(request) });
    const failing = request.url?.includes("industries");
    response.writeHead(failing ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(failing ? { detail: "Try again" } : { message: "done" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address === "object" && address) base = `http://127.0.0.1:${address.port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const last = () => {
  const call = received.at(-1);
  if (!call) throw new Error("nothing was sent");
  const { method, url, headers } = call.request;
  return { method, url, headers, body: call.body };
};

test("a call goes to the endpoint's address with its query", async () => {
  await client(customers, base, "token-1").list({ query: { search: "a b&c", limit: 5 } });
  expect(last()).toMatchObject({
    method: "GET",
    url: "/api/v1/customers?search=a+b%26c&limit=5",
    headers: { authorization: "Bearer token-1" },
  });
});

test("parameters of the path are escaped", async () => {
  await client(deployments, base).byProduct({ params: { name: "a/b?c" } });
  expect(last().url).toBe("/api/v1/deployments/by-product/a%2Fb%3Fc");
});

test("a body is sent as JSON, a form as a form", async () => {
  await client(customers, base).create({ body: { company_name: "Acme" } }, { "if-match": '"1"' });
  expect(last()).toMatchObject({
    method: "POST",
    body: '{"company_name":"Acme"}',
    headers: { "content-type": "application/json", "if-match": '"1"' },
  });
  await client(auth, base).login({ form: { username: "ada@example.com", password: "p&w" } });
  expect(last()).toMatchObject({
    body: "username=ada%40example.com&password=p%26w",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
});

test("an error is a response whose body can't be taken for a success", async () => {
  const answer = await client(customers, base).industries({});
  expect(answer.status).toBe(503);
  expect(answer.raw).toEqual({ detail: "Try again" });
  expect(() => answer.body()).toThrow("GET /api/v1/customers/industries: 503");
});

test("the compiler refuses calls that the contract does not know", () => {
  const api = client(customers, "http://127.0.0.1:9");
  type Created = ReturnType<Awaited<ReturnType<typeof api.create>>["body"]>;
  expectTypeOf<Created>().toEqualTypeOf<Customer>();

  /** Never run: these lines are for the compiler, which complains when one of them is no error. */
  const refused = () => [
    // @ts-expect-error the company's name is text
    api.create({ body: { company_name: 5 } }),
    // @ts-expect-error the company's name is required
    api.create({ body: {} }),
    // @ts-expect-error there is no such field
    api.create({ body: { company_name: "Acme", colour: "red" } }),
    // @ts-expect-error the body is required
    api.create({}),
    // @ts-expect-error the id is called id
    api.get({ params: { customer_id: "1" } }),
    // @ts-expect-error there is no such column to sort by
    api.list({ query: { sort_by: "password" } }),
    // @ts-expect-error there is no such endpoint
    api.rename({}),
    // @ts-expect-error a log-in is a form, not JSON
    client(auth, "").login({ body: { username: "", password: "" } }),
  ];
  expect(refused).toBeTypeOf("function");
});
