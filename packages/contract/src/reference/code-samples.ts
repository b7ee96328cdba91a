import type { Endpoint } from "../dsl/endpoint.ts";
import type { Example } from "./examples.ts";

/** An operation as its samples call it. */
export interface Called {
  /** Name of the group, such as `health-scores`. */
  readonly group: string;
  /** Name of the endpoint, such as `atRisk`. */
  readonly name: string;
  readonly endpoint: Pick<Endpoint, "method" | "access">;
  /** Absolute path with its parameters, such as `/api/v1/customers/{id}`. */
  readonly path: string;
  readonly request: Example["request"];
}

/** A sample as Redoc and others show it. */
export interface CodeSample {
  readonly lang: string;
  readonly label: string;
  readonly source: string;
}

/** One argument of a shell, whatever it holds. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

const addressOf = ({ path, request: { params = {}, query = {} } }: Called): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
  );
  return `${filled}${search.size > 0 ? `?${search}` : ""}`;
};

/**
 * A command for any POSIX shell. `$API` is where the API is, such as `http://localhost:8000`; `$TOKEN` an access token.
 * In double quotes only what can't mean anything to a shell: these two names, and a path in percent-encoding.
 */
export function curlOf(called: Called): string {
  const { endpoint, request } = called;
  const { method, access } = endpoint;
  const address = addressOf(called);
  const fields = Object.entries(request.form ?? {});
  const sends = request.body !== undefined || fields.length > 0;
  // curl's own method: GET, or POST with something to send.
  const named = method === (sends ? "POST" : "GET") ? "" : ` -X ${method}`;
  return [
    `curl${named} "$API${address}"`,
    ...(access === "public" ? [] : [`-H "Authorization: Bearer $TOKEN"`]),
    ...Object.entries(request.headers ?? {}).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(request.body === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(request.body, null, 2))}`]),
    ...fields.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`),
  ].join(" \\\n  ");
}

const WIDTH = 80;

/** A value as people write it in TypeScript: short ones on a line. */
function literal(value: unknown, indent = ""): string {
  const isList = Array.isArray(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const entries = (inside: string) =>
    isList
      ? value.map((entry) => literal(entry, inside))
      : Object.entries(value).map(
          ([key, entry]) =>
            `${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}: ${literal(entry, inside)}`,
        );
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const short = entries(inner);
  if (short.length === 0) return open + close;
  const gap = isList ? "" : " ";
  const line = `${open}${gap}${short.join(", ")}${gap}${close}`;
  if (indent.length + line.length <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${short.map((entry) => `${inner}${entry},`).join("\n")}\n${indent}${close}`;
}

const camelCase = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The same call with `apiOf` of `@success-manager/contract/api`; `api` is what that has made. */
export function clientCallOf({ group, name, request }: Called): string {
  const { headers, ...input } = request;
  const extra = headers === undefined ? "" : `, ${literal(headers)}`;
  return `await api.${camelCase(group)}.${name}(${literal(input)}${extra})`;
}

/** The typed client's sample, whole. */
export const typescriptOf = (called: Called): string =>
  [
    'import { apiOf } from "@success-manager/contract/api";',
    "",
    `const api = apiOf(${called.endpoint.access === "public" ? "API" : "API, TOKEN"});`,
    `const answer = ${clientCallOf(called)};`,
    "console.log(answer.status, answer.raw);",
  ].join("\n");

export const codeSamplesOf = (called: Called): CodeSample[] => [
  { lang: "Shell", label: "curl", source: curlOf(called) },
  { lang: "TypeScript", label: "Typed client", source: typescriptOf(called) },
];
