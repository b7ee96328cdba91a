import { Problem, type ValidationError } from "@success-manager/contract/problem";
import { uuid } from "@success-manager/contract/values";
import type { z } from "zod";
import type { Middleware } from "./context.ts";

type Location = "path" | "query" | "body";

/** How many errors the summary sentence names. */
const MAX_NAMED = 3;

const toValidationError =
  (location: Location) =>
  (issue: z.core.$ZodIssue): ValidationError => ({
    loc: [location, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))],
    msg: issue.message,
    type: issue.code,
  });

/** `score: must be at most 10; days: must be a whole number`. */
function summary(errors: readonly ValidationError[]): string {
  const named = errors.slice(0, MAX_NAMED).map(({ loc, msg }) => {
    const [location, ...path] = loc;
    return `${path.join(".") || location}: ${msg}`;
  });
  const more = errors.length - named.length;
  return named.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/**
 * Checks path, query and body against the endpoint's schemas and keeps the typed result.
 * All errors of a request come in one 422; none repeats what was sent.
 */
export const validate = (): Middleware => ({
  before: ({ event }) => {
    const { context } = event;
    const { endpoint, params, input, errors } = context;
    const refusedBefore = new Set(errors.map(({ loc }) => loc.join(".")));
    const check = (location: Location, kind: string, schema: z.ZodType, value: unknown) => {
      const result = schema.safeParse(value);
      if (result.success) input[kind] = result.data;
      else {
        const found = result.error.issues.map(toValidationError(location));
        errors.push(...found.filter(({ loc }) => !refusedBefore.has(loc.join("."))));
      }
    };

    const validParams: Record<string, string> = {};
    for (const [name, value] of Object.entries(params)) {
      const result = (endpoint.params?.[name] ?? uuid).safeParse(value);
      if (result.success) validParams[name] = result.data;
      else
        errors.push(
          ...result.error.issues.map((i) => toValidationError("path")({ ...i, path: [name, ...i.path] })),
        );
    }
    input.params = validParams;
    if (endpoint.query) check("query", "query", endpoint.query, context.query ?? {});
    if (endpoint.body) check("body", "body", endpoint.body, context.payload);
    if (endpoint.form) check("body", "form", endpoint.form, context.payload);
    if (errors.length > 0) throw new Problem(422, summary(errors), { errors });
  },
});
