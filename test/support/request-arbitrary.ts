import type { Endpoint } from "@success-manager/contract/dsl/endpoint";
import { type Operation, pathParams } from "@success-manager/contract/openapi";
import fc from "fast-check";

/** JSON Schema, as far as the OpenAPI document of the contract uses it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface DescribedOperation {
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** The document as a reader gets it, through JSON. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/**
 * A request as it was generated. Texts such as `@row:customer:3` stand for ids of rows that exist when it is sent, and
 * `@raw:1e400` for what JSON may hold and JavaScript would not write.
 */
export interface GeneratedRequest {
  /** As meant: all of it valid; valid but for single values; anything. */
  readonly mood: Mood;
  readonly params: Readonly<Record<string, string>>;
  /** In this order, some of them twice. */
  readonly query: readonly (readonly [string, string])[];
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly damage: Damage | undefined;
}
export type Mood = "valid" | "nearly valid" | "hostile";

/** What happens to a body on its way. */
export type Damage =
  | "cut off"
  | "trailing text"
  | "single quotes"
  | "repeated key"
  | "Latin-1"
  | "UTF-16"
  | "a byte order mark"
  | "NUL at its end"
  | "without a content type"
  | "as a form"
  | "as text"
  | "as multipart"
  | "gzip without being so"
  | "another charset"
  | "nested without end"
  | "too large"
  | "an array around it"
  | "missing";
const DAMAGES: readonly Damage[] = [
  ...(["cut off", "trailing text", "single quotes", "repeated key", "Latin-1", "UTF-16"] as const),
  ...(["a byte order mark", "NUL at its end", "without a content type", "as a form", "as text"] as const),
  ...(["as multipart", "gzip without being so", "another charset", "nested without end"] as const),
  ...(["an array around it", "missing"] as const),
];

/** Stands in every hostile text: no answer to a refused request may say it again. */
export const CANARY = "zq7xcanary";

/** Texts that have broken something somewhere. */
const HOSTILE_TEXTS = [
  ...[
    "\u0000",
    `a\u0000b${CANARY}`,
    "\ud800",
    "\udc00a",
    "\ufeff",
    "\u202e",
    "\u200b",
    "\ufffd",
    "\u2028",
    "\ufdfa",
  ],
  ...[`\r\nSet-Cookie: ${CANARY}=1`, `${CANARY}\r\n\r\n<html>`, `a@example.com\nBcc: ${CANARY}@example.com`],
  ...[`<script>alert("${CANARY}")</script>`, `"><img src=x onerror=${CANARY}>`, `{{7*7}}${CANARY}`],
  ...[`=cmd|'/c calc'!A1${CANARY}`, `+${CANARY}`, `@SUM(1)${CANARY}`, `-1+1${CANARY}`],
  ...[`' OR '1'='1 ${CANARY}`, `"; DROP TABLE users; -- ${CANARY}`, `$(touch ${CANARY})`, `\${${CANARY}}`],
  ...[
    `../../../../etc/passwd${CANARY}`,
    `..\\..\\${CANARY}`,
    `%2e%2e%2f${CANARY}`,
    "%00",
    "%",
    "%zz",
    "%c0%80",
  ],
  ...[
    "customer#",
    `rollup#${CANARY}`,
    "#",
    "a#b#c",
    "~",
    "\uffff",
    "\u{10ffff}",
    "👨‍👩‍👧‍👦".repeat(20),
    "e\u0301".repeat(200),
  ],
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "null", "undefined", "NaN"],
  ...[
    "1e400",
    "-0",
    "0x10",
    "1,5",
    "١٢٣",
    "9007199254740993",
    "1".repeat(40),
    " 1 ",
    "+1",
    "1_000",
    "Infinity",
  ],
  ...[
    "2024-02-30",
    "2023-02-29",
    "0000-00-00",
    "2024-13-01",
    "9999-12-31",
    "-2024-01-01",
    "2024-1-1",
    "+010000-01-01",
  ],
  ...[
    "2024-06-30T23:59:60Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:00+99:99",
    "2024-01-01T00:00:00.123456789Z",
  ],
  ...[
    "",
    " ",
    "\t\n",
    "x".repeat(256),
    `${CANARY}${"y".repeat(5_001)}`,
    "ﷺ".repeat(300),
    "ß".repeat(255),
    "İ".repeat(255),
  ],
  ...[
    "a@b",
    "a@b.c",
    `"a b"@example.com`,
    `a@[127.0.0.1]`,
    `${"a".repeat(65)}@example.com`,
    "a@xn--.com",
    "ä@example.com",
  ],
  ...[
    "http://169.254.169.254/latest/meta-data",
    "javascript:alert(1)",
    "https://user:pass@example.com/x.png",
    "file:///etc/passwd",
  ],
  ...["https://example.com/\u0000", "https://[::1]/x.png", "//example.com/x.png", "data:text/html,x"],
] as const;

const HOSTILE_VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    -0,
    0.1,
    1e21,
    -1e308,
    2 ** 53,
    2 ** 31,
    "@raw:1e400",
    "@raw:-1e400",
    "@raw:1E-400",
  ],
  ...["@raw:123456789012345678901234567890", "@raw:0.1000000000000000055511151231257827"],
  ...[
    [],
    {},
    [[]],
    [null],
    [{}],
    { length: -1 },
    { toString: null },
    { $gt: "" },
    { S: "x" },
    `@raw:{"then":1}`,
  ],
  ...[`@raw:{"__proto__":{"is_admin":true}}`, `@raw:{"constructor":{"prototype":{"is_admin":true}}}`],
  ...[Array(200).fill("a"), Array(3).fill({ a: [] }), `@raw:${"[".repeat(500)}${"]".repeat(500)}`],
];

const weighted = <T>(...all: readonly (readonly [number, fc.Arbitrary<T>])[]) =>
  fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** What people type, with a little of everything that Unicode has. */
const typedText = (min: number, max: number) =>
  weighted(
    [4, fc.string({ unit: "grapheme-ascii", minLength: min, maxLength: Math.min(max, Math.max(min, 40)) })],
    [2, fc.string({ unit: "grapheme", minLength: min, maxLength: Math.min(max, Math.max(min, 20)) })],
    [1, fc.constantFrom("x".repeat(Math.min(max, 12_000)), "y".repeat(Math.max(min, 1)))],
  );

const day = fc
  .date({ min: new Date("1995-01-01"), max: new Date("2045-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const instant = fc
  .date({ min: new Date("1995-01-01"), max: new Date("2045-12-31"), noInvalidDate: true })
  .chain((date) => fc.constantFrom(date.toISOString(), date.toISOString().replace(/\.\d+Z$/, "+05:30")));
const emailAddress = fc
  .tuple(
    fc.stringMatching(/^[a-z0-9]{1,20}$/),
    fc.constantFrom("example.com", "müller.example", "a.b.example.org"),
  )
  .map(([local, domain]) => `${local}@${domain}`);
const row = (name: string) =>
  fc
    .tuple(fc.nat(40), fc.boolean(), fc.uuid())
    .map(([n, exists, id]) => (exists || n > 4 ? `@row:${name}:${n}` : id));

export function requestArbitraries(document: Document) {
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : { ...document.components.schemas[schema.$ref.split("/").at(-1) ?? ""], $ref: undefined as never };

  /** @param name of the property or parameter that it is for */
  function valid(given: Schema, name: string, mood: Mood): fc.Arbitrary<unknown> {
    const schema = resolve(given);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => value(one, name, mood)));
    const types = [schema.type ?? "string"].flat();
    return fc.oneof(...types.map((type) => ofType(schema, type, name, mood)));
  }

  function ofType(schema: Schema, type: string, name: string, mood: Mood): fc.Arbitrary<unknown> {
    const { minimum: low = -1000, maximum: high = 100_000, minItems = 0, maxItems = 3 } = schema;
    const { minLength = 0, maxLength = 200, format, pattern, multipleOf } = schema;
    switch (type) {
      case "null":
        return fc.constant(null);
      case "boolean":
        return fc.boolean();
      case "integer":
        return weighted([3, fc.integer({ min: low, max: high })], [1, fc.constantFrom(low, high)]);
      case "number":
        return multipleOf === undefined
          ? fc.integer({ min: Math.max(low, 0) * 100, max: high * 100 }).map((cents) => cents / 100)
          : fc.integer({ min: low / multipleOf, max: high / multipleOf }).map((n) => n * multipleOf);
      case "array":
        return fc.array(value(schema.items ?? {}, name, mood), {
          minLength: minItems,
          maxLength: Math.min(maxItems, minItems + 3),
        });
      case "object":
        return object(schema, mood);
    }
    if (name.endsWith("current_password")) return fc.constantFrom("Correct-Horse-1", "Wrong-Horse-1");
    // No text is a cursor; those of answers are for tests of lists.
    if (name === "cursor")
      return fc.constantFrom("", "x", Buffer.from('["2024-01-01T00:00:00.000Z","x"]').toString("base64url"));
    if (format === "uuid") return row(name);
    if (format === "date") return day;
    if (format === "date-time") return instant;
    if (format === "email") return emailAddress;
    if (format === "uri") return fc.webUrl({ validSchemes: ["https"] });
    if (format === "password") return fc.stringMatching(/^[a-zA-Z0-9-]{10,40}$/);
    if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
    if (schema.minimum !== undefined) return fc.nat(1_000_000).map((cents) => (cents / 100).toFixed(2));
    if (/token/.test(name))
      return weighted([1, row(name)], [1, typedText(Math.max(1, minLength), maxLength)]);
    return typedText(minLength, maxLength);
  }

  function object({ properties = {}, required = [] }: Schema, mood: Mood): fc.Arbitrary<object> {
    const fields = Object.entries(properties).map(
      ([name, schema]) => [name, value(schema, name, mood)] as const,
    );
    const known = fc.record(Object.fromEntries(fields), {
      requiredKeys: mood === "hostile" ? [] : [...required],
      noNullPrototype: true,
    });
    if (mood !== "hostile") return known;
    const extra = fc.constantFrom<object>(
      {},
      {},
      {},
      { unknown: CANARY },
      { id: "1", role: "admin", is_active: true, revision: 0 },
    );
    return fc.tuple(known, extra).map(([one, other]) => ({ ...other, ...one }));
  }

  /** Beside what is valid: one step beyond each bound, other types, and a real value that is slightly wrong. */
  function nearly(given: Schema): fc.Arbitrary<unknown> {
    const schema = resolve(given);
    const { minimum, maximum, minLength, maxLength, minItems, maxItems, enum: words, anyOf } = schema;
    if (anyOf) return fc.oneof(...anyOf.map(nearly));
    const found: unknown[] = [null, 1, "", [], "1"];
    if (minimum !== undefined) found.push(minimum - 1, minimum - 0.01, minimum, String(minimum));
    if (maximum !== undefined) found.push(maximum + 1, maximum + 0.5, maximum, String(maximum), "@raw:1e400");
    if (minLength) found.push("x".repeat(minLength - 1), " ".repeat(minLength));
    if (maxLength !== undefined)
      found.push(
        "x".repeat(maxLength + 1),
        "x".repeat(maxLength),
        "ü".repeat(maxLength),
        "😀".repeat(Math.ceil(maxLength / 2)),
      );
    if (minItems) found.push([]);
    if (maxItems !== undefined) found.push(Array(maxItems + 1).fill("a"));
    if (words)
      found.push(String(words[0]).toUpperCase(), ` ${String(words[0])}`, `${String(words[0])}\u0000`);
    if (schema.format?.startsWith("date"))
      found.push(
        "2024-02-30",
        "2024-02-29",
        "1899-12-31",
        "3000-01-01",
        "2024-01-31T00:00:00Z",
        "2024-01-31 00:00",
      );
    if (schema.format === "uuid") found.push("00000000-0000-0000-0000-000000000000", "not-a-uuid", "{id}");
    return fc.constantFrom(...found);
  }

  function value(schema: Schema, name: string, mood: Mood): fc.Arbitrary<unknown> {
    const good = valid(schema, name, mood);
    if (mood === "valid") return good;
    if (mood === "nearly valid") return weighted([9, good], [1, nearly(schema)]);
    const bad = fc.constantFrom<unknown>(...HOSTILE_TEXTS, ...HOSTILE_VALUES);
    return weighted([4, good], [1, nearly(schema)], [2, bad]);
  }

  const asText = (found: unknown): string =>
    typeof found === "object" ? JSON.stringify(found) : String(found).replace(/^@raw:/, "");

  const partsOf = ({ route }: Operation) => {
    const described = document.paths[route.path]?.[route.method.toLowerCase()] ?? {};
    const { parameters = [], requestBody } = described;
    const body = Object.values(requestBody?.content ?? {})[0]?.schema;
    return { parameters, body, takesInput: parameters.length > 0 || body !== undefined };
  };

  /** Requests of one operation. */
  const requestsOf = (operation: Operation): fc.Arbitrary<GeneratedRequest> => {
    const { route } = operation;
    const { parameters, body, takesInput } = partsOf(operation);
    const group = route.path.split("/")[3] ?? "";
    const of = (mood: Mood): fc.Arbitrary<GeneratedRequest> => {
      const paramOf = (name: string): fc.Arbitrary<string> => {
        const schema = parameters.find((one) => one.in === "path" && one.name === name)?.schema ?? {};
        return value(schema, name === "id" ? `${group}.id` : name, mood)
          .map(asText)
          .map((text) => (text === "" || /^\.+$/.test(text) ? "x" : text));
      };
      const inQuery = parameters.filter((one) => one.in === "query");
      const query = fc
        .record(
          Object.fromEntries(
            inQuery.map(({ name, schema }) => [name, value(schema, name, mood).map(asText)]),
          ),
          {
            requiredKeys: inQuery
              .filter(({ required }) => required && mood !== "hostile")
              .map(({ name }) => name),
          },
        )
        .map((found) => Object.entries(found) as [string, string][]);
      const pairs =
        mood === "hostile"
          ? fc.tuple(query, fc.nat(9)).map(([found, n]): [string, string][] => {
              const [first] = found;
              if (n === 0 && first) return [...found, first];
              if (n === 1) return [...found, ["__proto__", "1"], ["x[]", "1"], ["x[a]", "2"]];
              if (n === 2 && first) return [[`${first[0]}[]`, first[1]], ...found];
              return found;
            })
          : query;
      const headers: fc.Arbitrary<Record<string, string>> =
        mood === "valid"
          ? fc.constant({})
          : fc.constantFrom<Record<string, string>>(
              ...[{}, {}, {}, {}, { "if-match": '"1"' }, { "if-match": 'W/"1"' }, { "if-match": "*" }],
              ...[
                { "if-match": `"${"9".repeat(400)}"` },
                { "if-match": `"1", ${CANARY}` },
                { "if-match": "" },
              ],
              ...[{ accept: "text/xml" }, { accept: "application/json" }, { accept: "*/*;q=0" }],
              ...[
                { origin: "null" },
                { origin: "https://attacker.example.com" },
                { host: "attacker.example.com" },
              ],
              ...[{ "user-agent": "x".repeat(3_000) }, { "x-forwarded-for": CANARY }, { range: "bytes=0-1" }],
              ...[{ "x-forwarded-host": "attacker.example.com", "x-forwarded-proto": CANARY }],
            );
      const damage: fc.Arbitrary<Damage | undefined> =
        mood === "hostile" && body !== undefined
          ? weighted<Damage | undefined>(
              [120, fc.constant(undefined)],
              [60, fc.constantFrom(...DAMAGES)],
              [1, fc.constant<Damage>("too large")],
            )
          : fc.constant(undefined);
      return fc.record({
        mood: fc.constant(mood),
        params: fc.record(Object.fromEntries(pathParams(route).map((name) => [name, paramOf(name)]))),
        query: pairs,
        body: bodyArbitrary(body, mood),
        headers,
        damage,
      });
    };
    const bodyArbitrary = (schema: Schema | undefined, mood: Mood): fc.Arbitrary<unknown> => {
      if (schema === undefined) return fc.constant(undefined);
      if (mood !== "hostile") return valid(schema, "body", mood);
      return weighted([8, valid(schema, "body", mood)], [1, fc.constantFrom(...HOSTILE_VALUES)]);
    };
    return takesInput
      ? weighted([3, of("valid")], [4, of("nearly valid")], [5, of("hostile")])
      : weighted([1, of("valid")], [1, of("hostile")]);
  };
  return { requestsOf, takesInput: (operation: Operation) => partsOf(operation).takesInput };
}

/** What is sent of a body, and its content type. */
export function encodeBody(
  { body, damage }: GeneratedRequest,
  { form }: Pick<Endpoint, "form">,
): { readonly body?: string | Uint8Array; readonly headers: Readonly<Record<string, string>> } {
  if (body === undefined && damage === undefined) return { headers: {} };
  const FORM = "application/x-www-form-urlencoded";
  const JSON_TYPE = "application/json";
  const type = form ? FORM : JSON_TYPE;
  const text = form ? formText(body) : jsonText(body);
  const typed = (content: string | Uint8Array, contentType = type, more = {}) => ({
    body: content,
    headers: { "content-type": contentType, ...more },
  });
  switch (damage) {
    case undefined:
      return typed(text);
    case "cut off":
      return typed(text.slice(0, Math.ceil(text.length / 2)));
    case "trailing text":
      return typed(`${text}}x`);
    case "single quotes":
      return typed(text.replaceAll('"', "'"));
    case "repeated key":
      return typed(form ? `${text}&${text}` : text.replace(/^\{/, '{"status":1,"status":{},'));
    case "Latin-1":
      return typed(Buffer.from(`${text.slice(0, -1)},"x":"größe"}`, "latin1"));
    case "UTF-16":
      return typed(Buffer.from(`\ufeff${text}`, "utf16le"));
    case "a byte order mark":
      return typed(`\ufeff${text}`);
    case "NUL at its end":
      return typed(`${text}\u0000`);
    case "without a content type":
      return { body: text, headers: {} };
    case "as a form":
      return typed(form ? text : formText(body), FORM);
    case "as text":
      return typed(text, "text/plain");
    case "as multipart":
      return typed(
        `--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--`,
        "multipart/form-data; boundary=x",
      );
    case "gzip without being so":
      return typed(text, type, { "content-encoding": "gzip" });
    case "another charset":
      return typed(text, `${type}; charset=utf-16`);
    case "nested without end":
      return typed(`{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`);
    case "too large":
      return typed(`{"a":"${"x".repeat(1024 * 1024)}"}`);
    case "an array around it":
      return typed(`[${text}]`);
    case "missing":
      return { headers: { "content-type": type } };
  }
}

const formText = (body: unknown) =>
  new URLSearchParams(
    Object.entries((typeof body === "object" && body) || {}).map(([name, found]): [string, string] => [
      name,
      typeof found === "string" ? found.replace(/^@raw:/, "") : JSON.stringify(found),
    ]),
  ).toString();

const jsonText = (body: unknown) =>
  (JSON.stringify(body) ?? "").replace(/"@raw:((?:[^"\\]|\\.)*)"/g, (_, raw: string) =>
    JSON.parse(`"${raw}"`),
  );
