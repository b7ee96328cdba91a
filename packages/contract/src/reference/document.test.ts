import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type Endpoint, isRaw, isRedirect, success } from "../dsl/endpoint.ts";
import { groups, routes } from "../index.ts";
import { ERRORS } from "../openapi.ts";
import { createReference, eachProperty, type Node } from "./document.ts";
import type { Examples } from "./examples.ts";
import { FIELDS, PARAMETERS, SCHEMAS } from "./fields.ts";
import { GUIDES } from "./guides.ts";

const examples: Examples = JSON.parse(readFileSync(new URL("./examples.json", import.meta.url), "utf8"));

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly description?: string;
  readonly schema: Node;
  readonly example?: unknown;
}
interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Node; readonly example?: unknown }>>;
}
interface Described {
  readonly operationId: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Answer;
  readonly responses: Readonly<Record<string, Answer>>;
  readonly "x-codeSamples"?: readonly { readonly label: string; readonly source: string }[];
}
interface Plain {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly "x-tagGroups": readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly components: {
    readonly schemas: Readonly<Record<string, Node>>;
    readonly responses: Readonly<Record<string, Answer>>;
  };
}

const document: Plain = JSON.parse(JSON.stringify(createReference({ version: "1.2.3", examples })));

const operations = groups.flatMap((group) =>
  routes(group).map((route) => {
    const endpoints: Readonly<Record<string, Endpoint>> = group.endpoints;
    const endpoint = endpoints[route.name];
    const described = document.paths[route.path]?.[route.method.toLowerCase()];
    if (!endpoint || !described) throw new Error(`${route.key} is not described`);
    const id = `${group.name}.${route.name}`;
    return { id, key: route.key, endpoint, described, example: examples.operations[id] };
  }),
);

/** Every property of every schema, in components and in operations, once. */
const properties = (() => {
  const found: { at: string; name: string; property: Node }[] = [];
  const visit = (property: Node, at: string, name: string) => found.push({ at, name, property });
  for (const [id, schema] of Object.entries(document.components.schemas)) eachProperty(schema, id, visit);
  for (const { id, described } of operations)
    for (const answer of [described.requestBody, ...Object.values(described.responses)])
      for (const { schema } of Object.values(answer?.content ?? {})) eachProperty(schema, id, visit);
  return found;
})();

const hasText = (text: unknown) => typeof text === "string" && text.trim() !== "";

describe("every operation", () => {
  it("has a rule of one to four sentences, and says who may call it", () => {
    for (const { id, described } of operations) {
      const parts = described.description.split("\n\n");
      expect(parts, `${id}: write its rule in reference/operations.ts`).toHaveLength(2);
      const [rule = "", access = ""] = parts;
      expect(rule, id).toMatch(/^[A-Z`].*[.)]$/s);
      expect(rule.length, id).toBeLessThan(500);
      expect(access, id).toMatch(
        /^(Needs no sign-in|For every signed-in user|For managers and admins|For admins)\./,
      );
    }
  });

  it("has an example of request and answer", () => {
    const missing = operations.filter(({ example }) => example === undefined).map(({ id }) => id);
    expect([...new Set(missing)], "without an example: npm run examples takes them").toEqual([]);
    const known = new Set(operations.map(({ id }) => id));
    const left = Object.keys(examples.operations).filter((id) => !known.has(id));
    expect(left, "examples of what is no more: npm run examples takes them anew").toEqual([]);
  });

  it("shows its example where readers look for it", () => {
    for (const { id, described, example } of operations) {
      const { request, response } = example ?? { request: {}, response: { status: 0 } };
      for (const { in: place, name, example: value } of described.parameters ?? []) {
        if (place === "path") expect(value, `${id} ${name}`).toBe(request.params?.[name]);
        if (place === "query") expect(value, `${id} ${name}`).toBe(request.query?.[name]);
      }
      const [sent] = Object.values(described.requestBody?.content ?? {});
      expect(sent?.example, id).toEqual(request.form ?? request.body);
      const answer = described.responses[response.status];
      expect(answer, `${id} has no answer ${response.status}`).toBeDefined();
      const [shown] = Object.values(answer?.content ?? {});
      expect(shown?.example, id).toEqual(response.body);
    }
  });

  it("has code for curl and for the typed client", () => {
    for (const { id, described } of operations)
      expect(
        described["x-codeSamples"]?.map(({ label }) => label),
        id,
      ).toEqual(["curl", "Typed client"]);
  });
});

describe("examples", () => {
  const each = operations.flatMap(({ id, key, endpoint, example }) =>
    example ? [{ id, key, endpoint, example }] : [],
  );

  it.each(each)("$key: the request is one that is taken", ({ endpoint, example: { request } }) => {
    for (const [schema, value] of [
      [endpoint.query, request.query ?? {}],
      [endpoint.body, request.body],
      [endpoint.form, request.form],
      [endpoint.params && z.object(endpoint.params), request.params],
    ] as const)
      expect(schema?.safeParse(value).error?.issues ?? []).toEqual([]);
  });

  it.each(each)("$key: the answer is one of its own", ({ endpoint, example: { response } }) => {
    const { returns } = endpoint;
    const { status, schema } = success(endpoint);
    if (!isRedirect(returns)) expect([status, 202]).toContain(response.status);
    if (isRaw(returns)) return;
    expect(schema?.safeParse(response.body).error?.issues).toBeUndefined();
  });

  it("hold nothing of the machine that they were taken on", () => {
    const text = JSON.stringify(examples);
    expect(text.match(/.{30}(localhost|127\.0\.0\.1|us-east-1|\/(tmp|root|home|work)\/)/g)).toBeNull();
    // Random ids are of version 4.
    expect(text.match(/[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/g)).toBeNull();
  });

  it("are there for every kind of failure that is not our fault", () => {
    const kinds = Object.keys(ERRORS).filter((status) => status !== "5XX");
    expect(Object.keys(examples.errors).sort()).toEqual(kinds.sort());
    for (const status of Object.keys(examples.errors)) {
      const [name] = Object.entries(ERRORS).find(([one]) => one === status)?.[1] ?? [""];
      const [shown] = Object.values(document.components.responses[name]?.content ?? {});
      expect(shown?.example, status).toHaveProperty("detail");
    }
  });
});

describe("every schema", () => {
  it("says what it is", () => {
    const missing = Object.entries(document.components.schemas).filter(
      ([, { description }]) => !hasText(description),
    );
    expect(
      missing.map(([id]) => id),
      "schemas without a text in SCHEMAS of reference/fields.ts",
    ).toEqual([]);
  });

  it("says of each property what it means", () => {
    const missing = properties.filter(({ property }) => !hasText(property.description));
    expect(
      missing.map(({ at }) => at),
      "properties without a text: one by its name in FIELDS of reference/fields.ts, or `.meta({ description })` in the contract",
    ).toEqual([]);
  });

  it("says of what is no whole number in which unit it is, and how far it goes", () => {
    const kindsOf = (schema: Node): Node[] => [schema, ...(Array.isArray(schema.anyOf) ? schema.anyOf : [])];
    const UNIT = /percent|hours?\b|currency|decimals?\b|\d to \d|add up to|in points|again$/i;
    const vague = properties.filter(
      ({ property }) =>
        kindsOf(property).some(
          ({ type, maximum }) => [type].flat().includes("number") && maximum === undefined,
        ) && !UNIT.test(String(property.description)),
    );
    expect(vague.map(({ at, property }) => `${at}: ${property.description}`)).toEqual([]);
  });

  it("has no text that nothing shows any more", () => {
    const ids = new Set(Object.keys(document.components.schemas));
    expect(Object.keys(SCHEMAS).filter((id) => !ids.has(id))).toEqual([]);
    const used = new Set(properties.flatMap(({ at, name }) => [at, at.split(".").slice(-2).join("."), name]));
    expect(Object.keys(FIELDS).filter((key) => !used.has(key))).toEqual([]);
  });
});

describe("every parameter", () => {
  const all = operations.flatMap(({ id, described }) =>
    (described.parameters ?? []).map((parameter) => ({ id, ...parameter })),
  );

  it("says what it asks for", () => {
    const missing = all
      .filter(({ description }) => !hasText(description))
      .map(({ id, name }) => `${id} ${name}`);
    expect(missing, "parameters without a text in PARAMETERS of reference/fields.ts").toEqual([]);
  });

  it("has no text that nothing shows any more", () => {
    const used = new Set(all.flatMap(({ id, name }) => [name, `${id.split(".")[0]}.${name}`]));
    expect(Object.keys(PARAMETERS).filter((key) => !used.has(key))).toEqual([]);
  });
});

describe("the list of contents", () => {
  it("has every group and every guide once", () => {
    const listed = document["x-tagGroups"].flatMap(({ tags }) => tags);
    expect(listed.toSorted()).toEqual(document.tags.map(({ name }) => name).sort());
    expect(new Set(listed).size).toBe(groups.length + GUIDES.length);
  });

  it("has guides that say something, and links that lead somewhere", () => {
    for (const { id, title, text } of GUIDES) {
      expect(id).toMatch(/^guide-[a-z-]+$/);
      expect(title).not.toBe("");
      expect(text.length, id).toBeGreaterThan(200);
      // Paths that guides name are operations.
      for (const [, path = ""] of text.matchAll(/`(?:[A-Z]+ )?(\/api\/v1\/[^`?\s]+)`/g))
        expect(Object.keys(document.paths), `${id} names ${path}`).toContain(path);
    }
  });
});
