import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it, test } from "vitest";
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

describe("a call that may be sent again", () => {
  const answers = (...given: readonly (Response | Error)[]) => {
    const sent: { key: string | null; at: number }[] = [];
    const send: typeof fetch = async (_, init) => {
      sent.push({ key: new Headers(init?.headers).get("idempotency-key"), at: Date.now() });
      const next = given[Math.min(sent.length, given.length) - 1];
      if (next instanceof Error) throw next;
      return next?.clone() ?? new Response("{}");
    };
    const api = client(customers, "http://localhost", "token", {}, send);
    return { sent, create: () => api.create({ body: { company_name: "Alderbrook" } }), api };
  };
  const failure = (status: number, retryAfter?: string) =>
    new Response("{}", { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } });
  const created = new Response("{}", { status: 201 });

  it.each([
    ["a connection that broke", new TypeError("fetch failed")],
    ["429", failure(429, "0")],
    ["503", failure(503)],
    ["409 with Retry-After: it is still running", failure(409, "0")],
  ])("is, after %s, with the same key", async (_, first) => {
    const { sent, create } = answers(first, created);
    expect((await create()).status).toBe(201);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.key).toMatch(/^"[\da-f-]{36}"$/);
    expect(sent[1]?.key).toBe(sent[0]?.key);
  });

  it.each([400, 401, 403, 404, 409, 412, 422, 500])("is not, after %i", async (status) => {
    const { sent, create } = answers(failure(status), created);
    expect((await create()).status).toBe(status);
    expect(sent).toHaveLength(1);
  });

  it("waits as long as it is told to", async () => {
    const { sent, create } = answers(failure(429, "1"), created);
    await create();
    expect((sent[1]?.at ?? 0) - (sent[0]?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it("is left to the caller where it is to wait for longer than ten seconds", async () => {
    const { sent, create } = answers(failure(429, "3600"), created);
    expect((await create()).status).toBe(429);
    expect(sent).toHaveLength(1);
  });

  it("ends after four attempts, with the last answer or failure", async () => {
    const busy = answers(failure(503, "0"));
    expect((await busy.create()).status).toBe(503);
    expect(busy.sent).toHaveLength(4);
    const broken = answers(new TypeError("fetch failed"));
    await expect(broken.create()).rejects.toThrow("fetch failed");
    expect(broken.sent).toHaveLength(4);
  });

  it("is one that reads, too, without a key; not one that changes or deletes", async () => {
    const reading = answers(failure(503, "0"), new Response("{}"));
    expect((await reading.api.list({})).status).toBe(200);
    expect(reading.sent.map(({ key }) => key)).toEqual([null, null]);
    const deleting = answers(failure(503, "0"));
    const id = "0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11";
    expect((await deleting.api.remove({ params: { id } })).status).toBe(503);
    expect(deleting.sent).toHaveLength(1);
  });
});
