import * as z from "zod";
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from "zod-openapi";
import { type Endpoint, isAccepted, isRaw, isRedirect, success } from "../dsl/endpoint.ts";
import { ErrorBody } from "../error-body.ts";
import { type Operation, pathParams } from "./operation.ts";

/** Names and descriptions of the error statuses; the same for all endpoints. */
const ERRORS = {
  400: ["BadRequest", "This can't be done, and repeating it won't help"],
  401: ["Unauthorized", "Not signed in, or the credentials are wrong or have ended"],
  403: ["Forbidden", "Signed in, but not allowed to do this"],
  404: ["NotFound", "There is no such thing"],
  409: ["Conflict", "It would contradict what is already there"],
  410: ["Gone", "It was there, but not any more"],
  412: ["PreconditionFailed", "Somebody else changed it after the version in If-Match"],
  413: ["TooLarge", "The body is larger than 1 MiB"],
  422: ["Refused", "The input breaks a rule; `errors` says which and where"],
  429: ["TooManyRequests", "Too many attempts; `Retry-After` says when to come back"],
  "5XX": ["Failed", "Our fault. After a 503, try again in a moment"],
} as const;
type ErrorStatus = keyof typeof ERRORS;

const ETag = { description: "Grows with each change; for If-Match", schema: { type: "string" } } as const;

function errorStatusesOf({ endpoint, route }: Operation): ErrorStatus[] {
  const { access, body, form, query, errors = [] } = endpoint;
  const takesInput = Boolean(body || form || query) || pathParams(route).length > 0;
  return [
    ...errors,
    ...(access === "public" ? [] : ([401, 403] as const)),
    ...(body || form ? ([413] as const) : []),
    ...(takesInput ? ([422] as const) : []),
    "5XX",
  ];
}

const TEXT = { schema: { type: "string" } } as const;

const hasRevision = (schema: z.ZodType) => schema instanceof z.ZodObject && "revision" in schema.shape;

function successResponse(endpoint: Endpoint): ZodOpenApiResponseObject {
  const { status, schema } = success(endpoint);
  const description = status === 201 ? "Created" : "Done";
  if (isRaw(endpoint.returns)) {
    const { contentType } = endpoint.returns;
    return { description, content: { [contentType]: contentType.startsWith("text/") ? TEXT : {} } };
  }
  if (!schema) return { description };
  return {
    description,
    content: { "application/json": { schema } },
    ...(hasRevision(schema) && { headers: { ETag } }),
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
    "200": { ...response, description: "The address, for who asks for JSON and nothing else" },
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
      return [name, { description, content: { "application/json": { schema: ErrorBody } } }];
    }),
  );
}
