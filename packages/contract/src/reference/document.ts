import { groups } from "../index.ts";
import {
  type ApiContact,
  createOpenApiDocument,
  ERRORS,
  type ErrorStatus,
  type Operation,
  operationsOf,
} from "../openapi.ts";
import { codeSamplesOf } from "./code-samples.ts";
import type { Example, ExampleRequest, Examples } from "./examples.ts";
import { FIELDS, PARAMETERS, SCHEMAS } from "./fields.ts";
import { GUIDES } from "./guides.ts";
import { CHAPTERS, OPERATIONS } from "./operations.ts";

/** A part of the document: whatever JSON holds. */
export interface Node {
  [key: string]: Node | Node[] | string | number | boolean | null | undefined | unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const nodeOf = (value: unknown): Node => (isNode(value) ? value : {});
const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** Says what lies below a schema: its properties, and theirs. `path` names the way there, such as `Customer.industry`. */
export function eachProperty(
  schema: unknown,
  path: string,
  visit: (property: Node, path: string, name: string) => void,
): void {
  if (!isNode(schema)) return;
  for (const [name, property] of Object.entries(nodeOf(schema.properties))) {
    if (!isNode(property)) continue;
    visit(property, `${path}.${name}`, name);
    eachProperty(property, `${path}.${name}`, visit);
  }
  for (const inner of [schema.items, schema.additionalProperties]) eachProperty(inner, path, visit);
  for (const list of [schema.anyOf, schema.allOf, schema.oneOf])
    for (const inner of nodesOf(list)) eachProperty(inner, path, visit);
}

/** Two fields of the same meaning: what that of the name says is in the other one's description. */
const ANOTHER_NAME = /again$|^Same as/;

/** What the contract says of every instant (`timestamp` in `values.ts`). */
const UTC = "UTC with milliseconds";

/** What is known of a property: what stands beside its schema, and what `FIELDS` says of it or of its name. */
function describe(path: string, name: string, own: string | undefined): string | undefined {
  const exact = FIELDS[path];
  if (exact !== undefined) return exact;
  if (own !== undefined && ANOTHER_NAME.test(own)) return own;
  const general = FIELDS[path.split(".").slice(-2).join(".")] ?? FIELDS[name];
  if (own === undefined || general === undefined) return general ?? own;
  return own === UTC ? `${general}, UTC` : `${general}. ${own}`;
}

/** Gives each property its description. */
function describeProperties(schema: unknown, path: string): void {
  eachProperty(schema, path, (property, at, name) => {
    const own = typeof property.description === "string" ? property.description : undefined;
    const text = describe(at, name, own);
    if (text !== undefined) property.description = text;
  });
}

function describeSchemas(schemas: Node): void {
  for (const [id, schema] of Object.entries(schemas)) {
    if (!isNode(schema)) continue;
    schema.description = SCHEMAS[id] ?? schema.description;
    describeProperties(schema, id);
  }
}

/** What the path and query parameters of an operation mean. */
function describeParameters(operation: Operation, parameters: readonly Node[], example?: Example): void {
  for (const parameter of parameters) {
    const name = String(parameter.name);
    const schema = nodeOf(parameter.schema);
    const known =
      PARAMETERS[`${operation.group.name}.${name}`] ?? parameter.description ?? schema.description;
    const text = known ?? PARAMETERS[name];
    if (text !== undefined) parameter.description = text;
    // Said once: readers show both.
    delete schema.description;
    const { params = {}, query = {} } = example?.request ?? {};
    const value = parameter.in === "path" ? params[name] : query[name];
    if (value !== undefined) parameter.example = value;
  }
}

/** The content of a media type with its example; JSON `null` is one. */
function showExample(content: unknown, value: unknown): void {
  for (const media of Object.values(nodeOf(content)).slice(0, 1))
    if (isNode(media) && value !== undefined) media.example = value;
}

/** Forms are filled in field by field, so readers look for an example of each. */
function fillForm(schema: unknown, form: ExampleRequest["form"] = {}): void {
  for (const [name, property] of Object.entries(nodeOf(nodeOf(schema).properties)))
    if (isNode(property) && form[name] !== undefined) property.examples = [form[name]];
}

function showAnswer(answer: Node, { headers = {}, body }: Example["response"]): void {
  showExample(answer.content, body);
  const declared = nodeOf(answer.headers);
  for (const [name, value] of Object.entries(headers)) {
    const header = Object.keys(declared).find((one) => one.toLowerCase() === name);
    if (header !== undefined) nodeOf(declared[header]).example = value;
  }
}

function describeOperation(operation: Operation, node: Node, example: Example | undefined): void {
  const { group, route, endpoint } = operation;
  const texts: Readonly<Record<string, string>> =
    Object.entries(OPERATIONS).find(([name]) => name === group.name)?.[1] ?? {};
  const text = texts[route.name];
  if (text !== undefined) node.description = `${text}\n\n${node.description}`;
  describeParameters(operation, nodesOf(node.parameters), example);
  for (const { schema } of Object.values(nodeOf(nodeOf(node.requestBody).content)).map(nodeOf))
    describeProperties(schema, `${group.name}.${route.name}`);
  for (const answer of Object.values(nodeOf(node.responses)).map(nodeOf))
    for (const { schema } of Object.values(nodeOf(answer.content)).map(nodeOf))
      describeProperties(schema, `${group.name}.${route.name}`);
  if (example === undefined) return;
  const { request, response } = example;
  showExample(nodeOf(node.requestBody).content, request.form ?? request.body);
  showAnswer(nodeOf(nodeOf(node.responses)[response.status]), response);
  node["x-codeSamples"] = codeSamplesOf({
    group: group.name,
    name: route.name,
    endpoint,
    path: route.path,
    request,
  });
}

function showFailures(responses: Node, failures: Examples["errors"]): void {
  for (const [status, value] of Object.entries(failures)) {
    const [name] = ERRORS[status as ErrorStatus];
    showExample(nodeOf(responses[name]).content, value);
  }
}

/**
 * The document that is published: the contract (`openapi.ts`) with what people need to use it: guides, a description
 * of everything, an example of every call, and code for it.
 *
 * @param options.version of the API
 * @param options.examples as `examples.json` has them
 */
export function createReference({
  version,
  contact,
  examples,
}: {
  readonly version: string;
  readonly contact?: ApiContact | undefined;
  readonly examples: Examples;
}): Node {
  const document: Node = JSON.parse(JSON.stringify(createOpenApiDocument(groups, { version, contact })));
  const paths = nodeOf(document.paths);
  const components = nodeOf(document.components);
  const schemas = nodeOf(components.schemas);
  for (const operation of groups.flatMap(operationsOf)) {
    const { group, route } = operation;
    const node = nodeOf(nodeOf(paths[route.path])[route.method.toLowerCase()]);
    const example = examples.operations[`${group.name}.${route.name}`];
    describeOperation(operation, node, example);
    for (const { schema } of Object.values(nodeOf(nodeOf(node.requestBody).content)).map(nodeOf)) {
      const name = String(nodeOf(schema).$ref ?? "").replace("#/components/schemas/", "");
      fillForm(schemas[name] ?? schema, example?.request.form);
    }
  }
  describeSchemas(schemas);
  showFailures(nodeOf(components.responses), examples.errors);
  document.tags = [
    ...GUIDES.map(({ id, title, text }) => ({
      name: id,
      description: text,
      "x-displayName": title,
      "x-traitTag": true,
    })),
    ...nodesOf(document.tags).map((tag) => ({ ...tag, "x-displayName": titleOf(String(tag.name)) })),
  ];
  document["x-tagGroups"] = [
    { name: "Guides", tags: GUIDES.map(({ id }) => id) },
    ...Object.entries(CHAPTERS).map(([name, tags]) => ({ name, tags })),
  ];
  return document;
}

/** Names of groups that are no words. */
const TITLES: Readonly<Record<string, string>> = {
  auth: "Sign-in",
  csat: "Survey answers",
  portal: "Survey portal",
  survey: "Survey page",
  report: "Report pages",
  password: "Password page",
};

const titleOf = (group: string) => {
  const words = TITLES[group] ?? group.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
