import { expect, test } from "vitest";
import { type Endpoint, isRaw, isRedirect, success } from "./dsl/endpoint.ts";
import { groups, routes } from "./index.ts";
import { createOpenApiDocument, hasETag } from "./openapi.ts";
import { Scope } from "./vocabulary.ts";

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly object[];
  readonly parameters: readonly { in: string; name: string; required?: boolean; schema: object }[];
  readonly requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  readonly responses: Record<string, { $ref?: string; headers?: object; content?: Record<string, object> }>;
}
interface Plain {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly tags: readonly { name: string; description: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    schemas: Record<string, { properties: Record<string, object> }>;
    responses: Record<string, object>;
    securitySchemes: Record<string, object>;
  };
}

/** As a reader gets it: through JSON. */
const plain: Plain = JSON.parse(JSON.stringify(createOpenApiDocument(groups, { version: "1.2.3" })));

const entries = groups.flatMap((group) =>
  routes(group).map((route) => {
    const endpoints: Record<string, Endpoint> = group.endpoints;
    const endpoint = endpoints[route.name];
    const operation = plain.paths[route.path]?.[route.method.toLowerCase()];
    if (!endpoint || !operation) throw new Error(`${route.key} is not described`);
    return { group, route, endpoint, operation };
  }),
);

function refsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : refsIn(inner),
  );
}

const resolve = (ref: string) =>
  ref
    .replace(/^#\//, "")
    .split("/")
    .reduce<unknown>(
      (at, key) => (typeof at === "object" && at !== null && key in at ? Reflect.get(at, key) : undefined),
      plain,
    );

/** All objects of a document that have properties. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const properties = "properties" in value ? [value.properties as Record<string, unknown>] : [];
  return [...properties, ...Object.values(value).flatMap(objectsIn)];
}

test("a score is told with the version that it was calculated by, how much was measured, and its band", () => {
  const scores = objectsIn(plain).filter((properties) => "overall_score" in properties);
  expect(scores.length).toBeGreaterThan(3);
  for (const properties of scores)
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining(["definition_version", "coverage", "band", "calculated_at", "score_trend"]),
    );
});

test("the document says which version of OpenAPI and of the API it is", () => {
  expect(plain.openapi).toMatch(/^3\.1\.\d$/);
  expect(plain.info).toMatchObject({ title: "Success Manager API", version: "1.2.3" });
});

test("every route of the gateway is described, aliases too, and nothing else", () => {
  const described = Object.entries(plain.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(groups.flatMap((group) => routes(group).map(({ key }) => key)).sort());
});

test("every operation has an id of its own, named after group and endpoint", () => {
  const ids = entries.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain("customers.list");
  for (const { operation, group, route } of entries)
    expect(operation.operationId.startsWith(`${group.name}.${route.name}`)).toBe(true);
});

test("every operation belongs to a group that is introduced, and says who may call it", () => {
  const tags = new Map(plain.tags.map(({ name, description }) => [name, description]));
  for (const { operation, group, endpoint } of entries) {
    expect(operation.tags).toEqual([group.name]);
    expect(tags.get(group.name)).toBe(group.about);
    expect(operation.summary).toBe(endpoint.summary);
    expect(operation.security).toEqual(endpoint.access === "public" ? [] : [{ account: [] }]);
  }
});

test("an alias says whose other path it is", () => {
  expect(plain.paths["/api/v1/auth/change-password"]?.put?.description).toContain(
    "PUT /api/v1/auth/me/password",
  );
});

test("every reference leads somewhere", () => {
  const refs = refsIn(plain);
  expect(refs.length).toBeGreaterThan(100);
  expect(refs.filter((ref) => resolve(ref) === undefined)).toEqual([]);
});

test("every parameter of a path is declared once, as required", () => {
  for (const { operation, route } of entries) {
    const declared = operation.parameters.filter(({ in: place }) => place === "path");
    expect(declared.map(({ name }) => name)).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]));
    expect(declared.every(({ required }) => required)).toBe(true);
  }
});

test("ids in paths are UUIDs unless the contract says otherwise", () => {
  const parameter = (path: string) => plain.paths[path]?.get?.parameters[0];
  expect(parameter("/api/v1/customers/{id}")?.schema).toEqual({ type: "string", format: "uuid" });
  expect(parameter("/api/v1/deployments/by-product/{name}")?.schema).toEqual({
    $ref: "#/components/schemas/Product",
  });
});

test("success answers carry the status and schema of the contract", () => {
  for (const { operation, endpoint } of entries) {
    if (isRedirect(endpoint.returns)) continue;
    const answer = operation.responses[success(endpoint).status];
    const expected = isRaw(endpoint.returns) ? endpoint.returns.contentType : "application/json";
    expect(Object.keys(answer?.content ?? {})).toEqual([expected]);
  }
});

test("work that may take longer than a request is answered with what there is so far, too", () => {
  const { responses = {} } = plain.paths["/api/v1/reports/generate"]?.post ?? {};
  expect(Object.keys(responses)).toEqual([
    "200",
    "202",
    "401",
    "403",
    "404",
    "409",
    "413",
    "415",
    "422",
    "429",
    "5XX",
  ]);
  for (const status of ["200", "202"])
    expect(refsIn(responses[status])).toEqual(["#/components/schemas/Report"]);
});

test("a file outside the API is described as a redirect, as its link, and as itself", () => {
  const { responses = {} } = plain.paths["/api/v1/reports/history/{id}/download"]?.get ?? {};
  expect(Object.keys(responses)).toEqual(["200", "307", "401", "403", "404", "413", "422", "5XX"]);
  expect(refsIn(responses["200"])).toEqual(["#/components/schemas/FileAddress"]);
  expect(responses["200"]).toHaveProperty(["content", "application/pdf"]);
  expect(responses["307"]).not.toHaveProperty("content");
});

test("failures that can happen are listed, all in the one error shape", () => {
  const statuses = (path: string, method: string) =>
    Object.keys(plain.paths[path]?.[method]?.responses ?? {});
  expect(statuses("/api/v1/auth/login", "post")).toEqual([
    "200",
    "401",
    "403",
    "413",
    "415",
    "422",
    "429",
    "5XX",
  ]);
  expect(statuses("/api/v1/customers", "post")).toEqual([
    "201",
    "401",
    "403",
    "409",
    "413",
    "415",
    "422",
    "5XX",
  ]);
  expect(statuses("/api/v1/auth/me", "get")).toEqual(["200", "401", "403", "5XX"]);
  expect(statuses("/health", "get")).toEqual(["200", "5XX"]);
  for (const response of Object.values(plain.components.responses))
    expect(refsIn(response)).toEqual(["#/components/schemas/Failure"]);
});

test("a page for people answers with pages, whatever happens", () => {
  const { responses = {} } = plain.paths["/survey/{token}"]?.post ?? {};
  expect(Object.keys(responses)).toEqual(["303", "404", "409", "410", "413", "415", "422", "429", "5XX"]);
  for (const { content = {} } of Object.values(responses))
    expect(Object.keys(content)).toEqual(["text/html"]);
});

test("changes that can be outrun take If-Match; answers say where their ETag is", () => {
  for (const { operation, endpoint } of entries) {
    const takes = operation.parameters.some(({ name }) => name === "If-Match");
    expect(takes).toBe(endpoint.errors?.includes(412) ?? false);
    const { headers = {} } = operation.responses[success(endpoint).status] ?? {};
    expect("ETag" in headers).toBe(hasETag(endpoint));
  }
});

/**
 * A password is no part of what `GET /auth/me` shows; who changes it shows that they know the former one. Of a second
 * factor one sees that it is on; who removes it means whichever it is,
 * as of who somebody is at a provider.
 */
const OF_THEIR_OWN = [
  "PUT /auth/me/password",
  "DELETE /users/{user_id}/2fa",
  "DELETE /users/{user_id}/identity",
];

/** The client's other path for what `GET /auth/me` shows. */
const SHOWN_ELSEWHERE = ["PUT /users/profile"];

test("what has an ETag can be changed and deleted with If-Match, and what takes If-Match has an ETag to send", () => {
  const [ignoring, blind]: [string[], string[]] = [[], []];
  for (const { prefix, endpoints } of groups) {
    const all: Endpoint[] = Object.values(endpoints);
    const paths = all.filter((one) => one.method === "GET" && hasETag(one)).map(({ path }) => path);
    for (const endpoint of all) {
      const { method, path, errors = [] } = endpoint;
      const title = `${method} ${prefix.replace("/api/v1", "")}${path}`;
      const belongs = paths.some((one) => path === one || path.startsWith(`${one}/`));
      const changes = method === "PUT" || method === "DELETE";
      if (changes && belongs && !errors.includes(412) && !OF_THEIR_OWN.includes(title)) ignoring.push(title);
      if (errors.includes(412) && !belongs && !SHOWN_ELSEWHERE.includes(title)) blind.push(title);
    }
  }
  expect({ ignoring, blind }).toEqual({ ignoring: [], blind: [] });
});

test("the log-in is a form, and the docs page can use it to authorize", () => {
  const body = plain.paths["/api/v1/auth/login"]?.post?.requestBody;
  expect(body).toMatchObject({ required: true });
  expect(Object.keys(body?.content ?? {})).toEqual(["application/x-www-form-urlencoded"]);
  expect(plain.components.securitySchemes.account).toMatchObject({
    type: "oauth2",
    flows: { password: { tokenUrl: "/api/v1/auth/login", scopes: {} } },
  });
});

test("a body that may be left out is not called required", () => {
  expect(plain.paths["/api/v1/auth/logout"]?.post?.requestBody?.required).toBe(false);
  expect(plain.paths["/api/v1/customers"]?.post?.requestBody?.required).toBe(true);
});

test("input reads as a person would send it, with its bounds and defaults", () => {
  const query = plain.paths["/api/v1/customers"]?.get?.parameters ?? [];
  const schema = (name: string) => query.find((parameter) => parameter.name === name)?.schema;
  expect(schema("limit")).toEqual({
    type: "integer",
    minimum: 1,
    default: 100,
    description: "At most 1000; more counts as 1000",
  });
  expect(schema("sort_order")).toMatchObject({ enum: ["asc", "desc"], default: "desc" });
  const { NewCustomer, NewDeployment, NewReportSchedule, NewReport } = plain.components.schemas;
  expect(NewCustomer?.properties.industry).toEqual({ type: ["string", "null"], maxLength: 100 });
  expect(NewReportSchedule?.properties.recipients).toMatchObject({
    anyOf: [
      { type: "array", items: { type: "string", format: "email" }, minItems: 0, maxItems: 50 },
      { type: "null" },
    ],
  });
  expect(Object.keys(NewReport?.properties ?? {})).toContain("filters");
  expect(NewDeployment?.properties.license_expiry).toEqual({ type: "string", format: "date" });
});

test("API keys have a scope for all that they may read or change, and none for nothing", () => {
  const needed = groups.flatMap(({ name, endpoints }) =>
    Object.values<Endpoint>(endpoints)
      .filter(({ access, people }) => access !== "public" && access !== "admin" && !people)
      .map(({ method }) => `${name}:${method === "GET" ? "read" : "write"}`),
  );
  expect(new Set<string>(Scope.options)).toEqual(new Set(needed));
});
