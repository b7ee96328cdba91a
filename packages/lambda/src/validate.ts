import { Problem, type ValidationError } from "@success-manager/contract/problem";
import { uuid } from "@success-manager/contract/values";
import type { z } from "zod";
import type { Step } from "./exchange.ts";

type Place = "path" | "query" | "body";

/** How many complaints the summary sentence names. */
const NAMED = 3;

const complaintOf =
  (place: Place) =>
  (issue: z.core.$ZodIssue): ValidationError => ({
    loc: [place, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))],
    msg: issue.message,
    type: issue.code,
  });

/** `score: must be at most 10; days: must be a whole number`. */
function summary(complaints: readonly ValidationError[]): string {
  const named = complaints.slice(0, NAMED).map(({ loc, msg }) => {
    const [place, ...path] = loc;
    return `${path.join(".") || place}: ${msg}`;
  });
  const more = complaints.length - named.length;
  return named.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/**
 * Checks path, query and body against the endpoint's schemas and keeps the typed result.
 * All complaints of a request come in one 422; none repeats what was sent.
 */
export const validate = (): Step => ({
  before: ({ event }) => {
    const { exchange } = event;
    const { endpoint, params, input } = exchange;
    const complaints: ValidationError[] = [];
    const check = (place: Place, kind: string, schema: z.ZodType, value: unknown) => {
      const result = schema.safeParse(value);
      if (result.success) input[kind] = result.data;
      else complaints.push(...result.error.issues.map(complaintOf(place)));
    };

    const checked: Record<string, string> = {};
    for (const [name, value] of Object.entries(params)) {
      const result = (endpoint.params?.[name] ?? uuid).safeParse(value);
      if (result.success) checked[name] = result.data;
      else
        complaints.push(
          ...result.error.issues.map((i) => complaintOf("path")({ ...i, path: [name, ...i.path] })),
        );
    }
    input.params = checked;
    if (endpoint.query) check("query", "query", endpoint.query, event.queryStringParameters ?? {});
    if (endpoint.body) check("body", "body", endpoint.body, exchange.payload);
    if (endpoint.form) check("body", "form", endpoint.form, exchange.payload);
    if (complaints.length > 0) throw new Problem(422, summary(complaints), { errors: complaints });
  },
});
