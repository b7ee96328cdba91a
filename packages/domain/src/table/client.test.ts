import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, expect, test, vi } from "vitest";

/** What a database answers to the first request; to all others it answers as it should. No real one breaks when told. */
let first: (response: ServerResponse, body: string) => void;
let requests = 0;
beforeEach(() => {
  requests = 0;
});
const server = createServer((request, response) => {
  request.resume();
  requests += 1;
  const body = JSON.stringify({ Item: { name: { S: "thing" } } });
  response.writeHead(200, { "content-type": "application/x-amz-json-1.0", "content-length": body.length });
  if (requests === 1) first(response, body);
  else response.end(body);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", `http://127.0.0.1:${port}`);
vi.stubEnv("AWS_REGION", "us-east-1");
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
const { find } = await import("./read.ts");

afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

const thing = {
  key: { pk: "thing#1", sk: "thing" },
  parse: ({ Item }: { Item: Record<string, unknown> }) => ({ data: Item.name }),
};

test.each<[string, typeof first]>([
  ["breaks off", (response, body) => response.write(body.slice(0, 5), () => response.destroy())],
  ["stalls", (response, body) => response.write(body.slice(0, 5))],
])(
  "an answer that %s in the middle is asked for again",
  async (_, answer) => {
    first = answer;
    expect(await find(thing)).toBe("thing");
    expect(requests).toBe(2);
  },
  60_000,
);
