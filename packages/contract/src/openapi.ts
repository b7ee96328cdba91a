import * as z from "zod";
import {
  type CreateDocumentOptions,
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiRequestBodyObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import {
  type Access,
  type Endpoint,
  IDEMPOTENCY_HEADER,
  isAccepted,
  isKeyed,
  isRaw,
  isRedirect,
  success,
} from "./dsl/endpoint.ts";
import { type Group, type Route, routes } from "./dsl/group.ts";
import { ErrorBody } from "./error-body.ts";
import { uuid } from "./values.ts";

/** A route with its group and endpoint: one operation of the OpenAPI document. */
export interface Operation {
  readonly group: Group;
  readonly route: Route;
  readonly endpoint: Endpoint;
}

export const operationsOf = (group: Group): Operation[] =>
  routes(group).flatMap((route) => {
    const endpoint = group.endpoints[route.name];
    return endpoint ? [{ group, route, endpoint }] : [];
  });

/** Names of the parameters in a route's path, in their order. */
export const pathParams = ({ path }: Route): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => (name ? [name] : []));

/** Names and descriptions of the error statuses; the same for all endpoints. */
export const ERRORS = {
  400: ["BadRequest", "This can't be done, and repeating it won't help"],
  401: ["Unauthorized", "Not signed in, or the credentials are wrong or have ended"],
  403: ["Forbidden", "Signed in, but not allowed to do this"],
  404: ["NotFound", "There is no such thing"],
  409: [
    "Conflict",
    "It would contradict what is already there; with `Retry-After`, the same call is still running",
  ],
  410: ["Gone", "It was there, but not any more"],
  412: ["PreconditionFailed", "Somebody else changed it after the version in If-Match"],
  413: ["TooLarge", "The body is larger than 1 MiB, or the file too large for an answer"],
  415: ["UnsupportedEncoding", "The body is compressed, or in another charset than UTF-8"],
  422: ["Refused", "The input breaks a rule; `errors` says which and where"],
  429: ["TooManyRequests", "Too many attempts, or a quota is used up; `Retry-After` says when to come back"],
  "5XX": ["Failed", "Our fault. After a 503, try again in a moment"],
} as const;
/** A status of failure; `5XX` for all that are our fault. */
export type ErrorStatus = keyof typeof ERRORS;

const ETag = { description: "Grows with each change; for If-Match", schema: { type: "string" } } as const;

type HeaderObject = { description: string; schema: { type: "string" | "integer"; examples?: string[] } };

/** draft-ietf-httpapi-ratelimit-headers-11; a field of the draft, until it is an RFC. */
const RATE_LIMITS: Readonly<Record<string, HeaderObject>> = {
  RateLimit: {
    description:
      "What is left of the limits that this call has met: `r` in all, `t` seconds until they are whole again. A call that is counted together with what it writes tells its policy alone",
    schema: { type: "string", examples: ['"logins-of-address";r=97;t=42, "logins";r=7;t=42'] },
  },
  "RateLimit-Policy": {
    description: "These limits: `q` in `w` seconds",
    schema: { type: "string", examples: ['"logins-of-address";q=100;w=60, "logins";q=10;w=60'] },
  },
};

const RetryAfter: HeaderObject = {
  description: "Seconds until it makes sense to try again",
  schema: { type: "integer" },
};

/** Whether calls meet a limit of ours: what costs, and what may be answered with 429. */
const isLimited = ({ costs, errors = [] }: Endpoint) => costs !== undefined || errors.includes(429);

function errorStatusesOf({ endpoint, route }: Operation): ErrorStatus[] {
  const { access, body, form, query, costs, errors = [] } = endpoint;
  const takesInput = Boolean(body || form || query) || pathParams(route).length > 0 || isKeyed(endpoint);
  return [
    ...errors,
    ...(isKeyed(endpoint) && !errors.includes(409) ? ([409] as const) : []),
    ...(access === "public" ? [] : ([401, 403] as const)),
    ...(body || form ? ([413, 415] as const) : []),
    ...(costs ? ([429] as const) : []),
    ...(takesInput ? ([422] as const) : []),
    "5XX",
  ];
}

const TEXT = { schema: { type: "string" } } as const;

const hasRevision = (schema: unknown) => schema instanceof z.ZodObject && "revision" in schema.shape;

/** Whether an answer carries the ETag of what it is about. */
export function hasETag(endpoint: Endpoint): boolean {
  const { schema } = success(endpoint);
  if (endpoint.resource === undefined) return hasRevision(schema);
  return schema instanceof z.ZodObject && hasRevision(schema.shape[endpoint.resource]);
}

function successResponse(endpoint: Endpoint): ZodOpenApiResponseObject {
  const { status, schema } = success(endpoint);
  const descriptions: Readonly<Record<number, string>> = {
    201: "Created",
    202: "Taken down",
    302: "At `Location`",
  };
  const description = descriptions[status] ?? "Done";
  if (isRaw(endpoint.returns)) {
    const { contentType } = endpoint.returns;
    return {
      description,
      content: { [contentType]: contentType.startsWith("text/") ? TEXT : {} },
      ...(isLimited(endpoint) && { headers: RATE_LIMITS }),
    };
  }
  if (!schema) return { description };
  const headers = { ...(hasETag(endpoint) && { ETag }), ...(isLimited(endpoint) && RATE_LIMITS) };
  return {
    description,
    content: { "application/json": { schema } },
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

const isPage = ({ returns }: Endpoint) => isRaw(returns) && returns.failures === "page";

function errorResponse(endpoint: Endpoint, status: ErrorStatus) {
  const [name, description] = ERRORS[status];
  if (isPage(endpoint)) return { description, content: { "text/html": TEXT } };
  return { $ref: `#/components/responses/${name}` };
}

/** Other statuses of success. */
function otherSuccessResponses(endpoint: Endpoint): ZodOpenApiResponsesObject {
  const { returns } = endpoint;
  const response = successResponse(endpoint);
  if (isAccepted(returns))
    return { "202": { ...response, description: "Taken on; ask again for what comes of it" } };
  if (!isRedirect(returns)) return {};
  return {
    "200": {
      ...response,
      description:
        "The address, for who asks for JSON and nothing else; the file itself, for a page of another origin",
      content: { ...response.content, [returns.fileType]: {} },
    },
    "307": { description: "The file is at `Location`" },
  };
}

/** The success answer and every failure that can happen instead. */
export function responsesOf(operation: Operation): ZodOpenApiResponsesObject {
  const errors = errorStatusesOf(operation).map((status) => [
    status,
    errorResponse(operation.endpoint, status),
  ]);
  const { status } = success(operation.endpoint);
  return {
    [`${status}`]: successResponse(operation.endpoint),
    ...otherSuccessResponses(operation.endpoint),
    ...Object.fromEntries(errors),
  };
}

/** Every error status that some endpoint has, described once. */
export function errorResponses(operations: readonly Operation[]): Record<string, ZodOpenApiResponseObject> {
  const statuses = new Set(operations.filter(({ endpoint }) => !isPage(endpoint)).flatMap(errorStatusesOf));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const [name, description] = ERRORS[status];
      return [
        name,
        {
          description,
          content: { "application/json": { schema: ErrorBody } },
          ...(status === 429 && { headers: { "Retry-After": RetryAfter, ...RATE_LIMITS } }),
        },
      ];
    }),
  );
}

/** An OpenAPI 3.1 document. */
export type Description = ReturnType<typeof createDocument>;

const SECURITY_SCHEME = "account";

const INTRODUCTION = `Sign in at \`POST /api/v1/auth/login\` (on the page \`/docs\`: **Authorize**) and send the access token with
each call as \`Authorization: Bearer …\`. Changes and deletions accept \`If-Match\` with the \`ETag\` of an
earlier answer and are refused with 412 when somebody else was faster. Every failure has the same shape: \`detail\`, a sentence
for the person who called, and for refused input \`errors\`, one entry per field.

[/redoc](/redoc) is to read: guides, and each operation with an example and code for it. [/docs](/docs) is to try. For
programs there is [/openapi.json](/openapi.json). An example is what the demo data of \`npm start\` answers; long lists are
cut to two entries.`;

const ACCESS_SENTENCES: Readonly<Record<Access, string>> = {
  public: "Needs no sign-in.",
  member: "For every signed-in user.",
  manager: "For managers and admins.",
  admin: "For admins.",
};

const IfMatch: NonNullable<ZodOpenApiOperationObject["parameters"]>[number] = {
  in: "header",
  name: "If-Match",
  description: "The ETag of the answer that the change is based on",
  schema: { type: "string", examples: ['"3"'] },
};

const IdempotencyKey: NonNullable<ZodOpenApiOperationObject["parameters"]>[number] = {
  in: "header",
  name: IDEMPOTENCY_HEADER,
  description:
    "A name for this call, such as a UUID. The same call with the same key within 24 hours is answered as it was, marked by `Idempotent-Replayed`, and not done again; another one with that key is 422",
  schema: {
    type: "string",
    minLength: 1,
    maxLength: 257,
    examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
  },
};

function requestBodyOf({ body, form }: Endpoint): ZodOpenApiRequestBodyObject | undefined {
  if (form) return { required: true, content: { "application/x-www-form-urlencoded": { schema: form } } };
  if (!body) return undefined;
  return { required: !body.safeParse(undefined).success, content: { "application/json": { schema: body } } };
}

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { group, route, endpoint } = operation;
  const main = `${group.prefix}${endpoint.path === "/" ? "" : endpoint.path}`;
  const alias = endpoint.alias?.findIndex((path) => `${group.prefix}${path}` === route.path) ?? -1;
  const names = pathParams(route);
  const body = requestBodyOf(endpoint);
  const parameters = [
    ...(endpoint.errors?.includes(412) ? [IfMatch] : []),
    ...(isKeyed(endpoint) ? [IdempotencyKey] : []),
  ];
  return {
    operationId: `${group.name}.${route.name}${alias < 0 ? "" : `.alias${alias + 1}`}`,
    tags: [group.name],
    summary: endpoint.summary,
    description: `${ACCESS_SENTENCES[endpoint.access]}${endpoint.sees ? " Refused (403) to who sees some customers only." : ""}${alias < 0 ? "" : ` Another path of \`${endpoint.method} ${main}\`.`}`,
    security: endpoint.access === "public" ? [] : [{ [SECURITY_SCHEME]: [] }],
    requestParams: {
      ...(names.length > 0 && {
        path: z.object(Object.fromEntries(names.map((name) => [name, endpoint.params?.[name] ?? uuid]))),
      }),
      ...(endpoint.query && { query: endpoint.query }),
    },
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: responsesOf(operation),
  };
}

function pathsOf(operations: readonly Operation[]): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of operations) {
    const { path, method } = operation.route;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(operation) };
  }
  return paths;
}

/** Keywords that say nothing about the values. */
const ANNOTATIONS = new Set(["title", "description", "default", "examples", "example", "deprecated", "id"]);

/**
 * What the library derives from a schema, corrected where people read it:
 * - `override` says all there is to say about the values; the library would keep, say, the `anyOf` that
 *   explains how a query parameter's string is read;
 * - the default of a schema that transforms is left out by zod, as it may not be valid input; ours are;
 * - a key that is declared to be refused with a sentence (`hidden`) is none that people may send;
 * - a record whose keys are all known is an object with these properties;
 * - the bounds within which JavaScript counts exactly are none of ours;
 * - the pattern of a format (a UUID's, a timestamp's) says nothing that the format does not.
 */
const overrideSchema: CreateDocumentOptions["override"] = ({ jsonSchema, zodSchema }) => {
  if (typeof z.globalRegistry.get(zodSchema)?.override === "object")
    for (const key of Object.keys(jsonSchema)) if (!ANNOTATIONS.has(key)) delete jsonSchema[key];
  const { def } = zodSchema._zod;
  if (def.type === "object" && jsonSchema.properties)
    for (const [name, field] of Object.entries(def.shape))
      if (z.globalRegistry.get(field)?.hidden) delete jsonSchema.properties[name];
  if (def.type === "default") jsonSchema.default ??= def.defaultValue;
  if (jsonSchema.format) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (def.type === "record" && jsonSchema.required && jsonSchema.additionalProperties !== undefined) {
    const { required, additionalProperties: value } = jsonSchema;
    jsonSchema.properties = Object.fromEntries(required.map((name) => [name, value]));
    delete jsonSchema.propertyNames;
    delete jsonSchema.additionalProperties;
  }
};

/** Whom to ask about the API (OpenAPI 3.1, Contact Object). */
export type ApiContact = Readonly<Partial<Record<"name" | "url" | "email", string>>>;

/**
 * Describes groups of endpoints as an OpenAPI 3.1 document: the same schemas that validate, every route
 * of the gateway, and the failures that each can end in.
 *
 * @param options.version of the API, as `/health` says it too
 * @param options.contact whom to ask about it; a stage names its own when it sends the document
 * @throws when a schema can't be written as JSON Schema
 */
export function createOpenApiDocument(
  groups: readonly Group[],
  { version, contact }: { readonly version: string; readonly contact?: ApiContact | undefined },
): Description {
  const operations = groups.flatMap(operationsOf);
  return createDocument(
    {
      openapi: "3.1.1",
      info: {
        title: "Success Manager API",
        version,
        summary: "Customers, what they run, how they fare, and who looks after them.",
        description: INTRODUCTION,
        // package.json says UNLICENSED. It has no page, and SPDX no name for it: a made-up one would be a dead link.
        license: { name: "Proprietary, all rights reserved" },
        ...(contact && { contact }),
      },
      servers: [{ url: "/", description: "The stage that this document comes from" }],
      tags: groups.map(({ name, about }) => ({ name, description: about })),
      paths: pathsOf(operations),
      components: {
        responses: errorResponses(operations),
        securitySchemes: {
          [SECURITY_SCHEME]: {
            type: "oauth2",
            description: "E-mail and password of your account.",
            flows: { password: { tokenUrl: "/api/v1/auth/login", scopes: {} } },
          },
        },
      },
    },
    { override: overrideSchema },
  );
}
