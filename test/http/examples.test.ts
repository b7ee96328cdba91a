import { execFile } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { groups, routes } from "@success-manager/contract";
import type { Endpoint } from "@success-manager/contract/dsl/endpoint";
import { curlOf } from "@success-manager/contract/reference/code-samples";
import type { Examples } from "@success-manager/contract/reference/examples";
import { GUIDES } from "@success-manager/contract/reference/guides";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DemoCloud, demoCloud, takeExamples } from "../support/examples.ts";

let cloud: DemoCloud;
let examples: Examples;
beforeAll(async () => {
  cloud = await demoCloud();
});
afterAll(() => cloud?.stop());

const run = promisify(execFile);

/** Runs a script as a reader of the docs would: with bash, where the API and a token are in the environment. */
const shell = async (script: string, API: string) =>
  (await run("bash", ["-euc", script], { env: { ...process.env, API, TOKEN: cloud.admin.token } })).stdout;

it("the examples of the docs are what the API answers; npm run examples takes them anew", async () => {
  examples = await takeExamples(cloud);
  await expect(`${JSON.stringify(examples, null, 2)}\n`).toMatchFileSnapshot(
    "../../packages/contract/src/reference/examples.json",
  );
});

/** Answers every request with what has arrived. */
async function echo() {
  const received: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    received.push({ method, url, headers, body: (await buffer(request)).toString() });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { received, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

const parsedBody = (body: string, type = "") => {
  if (body === "") return undefined;
  return type.startsWith("application/json")
    ? JSON.parse(body)
    : Object.fromEntries(new URLSearchParams(body));
};

it("the curl samples send what the examples say", async () => {
  const all = groups.flatMap((group) =>
    routes(group).map(({ name, path, method }) => {
      const endpoints: Readonly<Record<string, Endpoint>> = group.endpoints;
      const [endpoint, example] = [endpoints[name], examples.operations[`${group.name}.${name}`]];
      if (!endpoint || !example) throw new Error(`${group.name}.${name} has no example`);
      const { request } = example;
      return {
        endpoint,
        request,
        method,
        source: curlOf({ group: group.name, name, endpoint, path, request }),
      };
    }),
  );
  const server = await echo();
  try {
    await shell(all.map(({ source }) => source.replace("curl", "curl -s")).join("\n"), server.url);
    expect(server.received).toHaveLength(all.length);
    for (const [n, { endpoint, request, method, source }] of all.entries()) {
      const sent = server.received[n];
      if (!sent) throw new Error(`Nothing came of ${source}`);
      const { url, headers, body } = sent;
      expect(sent.method, source).toBe(method);
      expect(headers.authorization !== undefined, source).toBe(endpoint.access !== "public");
      const query = Object.entries(request.query ?? {}).map(([key, value]) => [key, String(value)]);
      expect(Object.fromEntries(new URL(url, server.url).searchParams), source).toEqual(
        Object.fromEntries(query),
      );
      for (const value of Object.values(request.params ?? {}))
        expect(decodeURIComponent(url)).toContain(value);
      for (const [name, value] of Object.entries(request.headers ?? {})) expect(headers[name]).toBe(value);
      expect(parsedBody(body, headers["content-type"]), source).toEqual(request.form ?? request.body);
    }
  } finally {
    server.close();
  }
});

// Ids of the demo data are the same every time, so these work as they stand.
it("the curl samples that read lists work as they are printed", async () => {
  const lists = groups.flatMap((group) =>
    routes(group).flatMap(({ name, path, method }) => {
      const endpoints: Readonly<Record<string, Endpoint>> = group.endpoints;
      const [endpoint, example] = [endpoints[name], examples.operations[`${group.name}.${name}`]];
      const reads = method === "GET" && !path.includes("{") && path.startsWith("/api/v1");
      return reads && endpoint && example?.response.status === 200
        ? [curlOf({ group: group.name, name, endpoint, path, request: example.request })]
        : [];
    }),
  );
  expect(lists.length).toBeGreaterThan(40);
  const script = lists.map((source) => source.replace("curl", "curl -s -o /dev/null -w '%{http_code}\\n'"));
  const statuses = (await shell(script.join("\n"), cloud.apiUrl)).trim().split("\n");
  expect(statuses.map((status, n) => (status === "200" ? status : `${status} ${lists[n]}`))).toEqual(
    lists.map(() => "200"),
  );
});

// Last, because they change something.
it("the calls of the guides do what they say", async () => {
  const scripts = GUIDES.flatMap(({ text }) =>
    [...text.matchAll(/```shell\n(.*?)\n```/gs)].map(([, script = ""]) => script),
  );
  expect(scripts.length).toBeGreaterThan(4);
  // The address and the demo account are those of `npm start`.
  const eachOnALine = 'curl() { command curl "$@" && echo; }';
  const whole = [eachOnALine, ...scripts].join("\n").replace("http://localhost:8000", cloud.apiUrl);
  const answers = (await shell(whole, cloud.apiUrl)).trim().split("\n");
  const parsed = answers.map((answer) => JSON.parse(answer));
  const failed = parsed.filter((answer) => "detail" in answer);
  expect(parsed.length).toBeGreaterThan(scripts.length - 1);
  // One shows what an error looks like.
  expect(failed.map(({ detail }) => detail)).toEqual([
    expect.stringContaining("company_name: must not be empty"),
  ]);
  expect(parsed.at(-1)).toMatchObject({ notes: "Renewal agreed by phone." });
});
