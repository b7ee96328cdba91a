import { randomUUID } from "node:crypto";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { routes } from "@success-manager/contract";
import type { Endpoint } from "@success-manager/contract/dsl/endpoint";
import { ErrorBody } from "@success-manager/contract/error-body";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groups, PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { FORM_BODY, JSON_BODY, type Received, type Sent, sender } from "../support/send.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

const send = (method: string, path: string, sent?: Sent) => sender(cloud.apiUrl)(method, path, sent);
const asAdmin = (method: string, path: string, sent?: Sent) =>
  send(method, path, { ...sent, token: cloud.admin.token });
const create = (body: string | Uint8Array<ArrayBuffer>, headers: Sent["headers"] = JSON_BODY) =>
  asAdmin("POST", "/api/v1/customers", { headers, body });

/** Every failure is `{detail}`, with `errors` on 422 and only there. */
function expectFailure({ status, headers, json }: Received, expected: number) {
  expect(status).toBe(expected);
  expect(headers.get("content-type")).toBe("application/json");
  const { detail, errors } = ErrorBody.strict().parse(json);
  expect(detail).not.toBe("");
  expect(errors !== undefined).toBe(status === 422);
}

/** On pages for people, failures are pages too. */
function expectPage({ status, headers, text }: Received, expected: number) {
  expect(status).toBe(expected);
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(text).toMatch(/^<!doctype html>/);
}

const FILLED = { name: "MonetX", file: "swagger-ui.css" } as const;
const allRoutes = groups.flatMap((group) =>
  routes(group).map(({ method, path, name }) => {
    const endpoint = Object.entries<Endpoint>(group.endpoints).find(([key]) => key === name)?.[1];
    const address = path.replace(/\{(\w+)\}/g, (_, key: string) =>
      key === "name" || key === "file" ? FILLED[key] : randomUUID(),
    );
    return {
      method,
      path,
      address,
      isPublic: endpoint?.access === "public",
      parameters: Object.keys(endpoint?.query?.shape ?? {}),
    };
  }),
);

/** Parameters that are the two ends of a range, by what stands for a smaller and for a larger value. */
const RANGES = [
  ["start_date", "end_date", "2026-03-01", "2026-03-02"],
  ["date_from", "date_to", "2026-03-01", "2026-03-02"],
  ["effective_from", "effective_to", "2026-03-01", "2026-03-02"],
  ["recorded_from", "recorded_to", "2026-03-01", "2026-03-02"],
  ["term_end_from", "term_end_to", "2026-03-01", "2026-03-02"],
  ["min_score", "max_score", "3", "4"],
  ["min_health_score", "max_health_score", "3", "4"],
] as const;

describe("a filter with two ends", () => {
  const ranges = allRoutes.flatMap(({ method, path, address, parameters }) =>
    RANGES.flatMap(([from, to, less, more]) =>
      parameters.includes(from) && parameters.includes(to)
        ? [{ method, path, address, from, to, less, more }]
        : [],
    ),
  );

  it("is known here whatever its names are", () => {
    const known = new Set<string>(RANGES.flat());
    const isEnd = (name: string) =>
      /^(min|max|start|end)_|_(from|to)$/.test(name) && !["assigned_to", "return_to"].includes(name);
    const ends = allRoutes.flatMap(({ parameters }) => parameters.filter(isEnd));
    expect(ends.filter((name) => !known.has(name))).toEqual([]);
    expect(ranges.length).toBeGreaterThanOrEqual(12);
  });

  it.each(ranges)("$method $path refuses $from behind $to, and takes both alike", async (range) => {
    const { address, from, to, less, more } = range;
    const turned = await asAdmin("GET", `${address}?${from}=${more}&${to}=${less}`);
    expectFailure(turned, 422);
    const { errors = [] } = ErrorBody.parse(turned.json);
    expect(errors.map(({ loc }) => loc.join("."))).toEqual([`query.${to}`]);
    const alike = await asAdmin("GET", `${address}?${from}=${less}&${to}=${less}`);
    expect([200, 404]).toContain(alike.status);
  });
});

describe("every route of the contract", () => {
  it.each(allRoutes)("$method $path is served with and without a slash at its end", async (route) => {
    const { method, address, isPublic } = route;
    const both = [await send(method, address), await send(method, `${address}/`)];
    if (!isPublic) for (const answer of both) expectFailure(answer, 401);
    if (method === "GET") both.push(await asAdmin(method, address), await asAdmin(method, `${address}/`));
    for (const [one, other] of [both.slice(0, 2), both.slice(2)]) {
      if (!one || !other) continue;
      expect(other.status).toBe(one.status);
      // The health of the system is measured anew each time, and jobs come by the time of their next run.
      if (/\/(health|scheduler\/jobs)$/.test(address)) continue;
      // The order of attributes is the database's.
      if (one.json === undefined) expect(other.text).toBe(one.text);
      else expect(other.json).toEqual(one.json);
      expect(one.json).not.toEqual({ detail: "Page not found" });
      expect(one.status).toBeLessThan(500);
    }
  });

  it.each(allRoutes.filter(({ method }) => method === "GET"))(
    "GET $path answers HEAD, too",
    async (route) => {
      for (const path of [route.address, `${route.address}/`]) {
        const [get, head] = [await asAdmin("GET", path), await asAdmin("HEAD", path)];
        expect(head.status).toBe(get.status);
        expect(head.text).toBe("");
        for (const name of ["content-type", "etag", "cache-control", "content-security-policy"])
          expect(head.headers.get(name)).toBe(get.headers.get(name));
      }
    },
  );

  it.each([...new Set(allRoutes.map(({ path }) => path))])("%s names its methods to others", async (path) => {
    const [here, ...others] = allRoutes.filter((route) => route.path === path);
    const unknown = [here, ...others].some((route) => route?.method === "PATCH") ? "PUT" : "PATCH";
    for (const address of [here?.address ?? "", `${here?.address}/`]) {
      const answer = await asAdmin(unknown, address);
      if (/^\/(survey|report|password)(\/|$)/.test(path)) expectPage(answer, 405);
      else expectFailure(answer, 405);
      const allowed = answer.headers.get("allow")?.split(", ");
      for (const { method } of allRoutes.filter((route) => route.path === path))
        expect(allowed).toContain(method);
      expect(allowed?.includes("HEAD")).toBe(allowed?.includes("GET"));
    }
  });

  it.each(allRoutes)("$method $path has security headers and an id, when it fails as well", async (route) => {
    const { method, address } = route;
    const { headers } = await send(method, address);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("strict-transport-security")).toContain("max-age=");
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'|default-src 'self'/);
    expect(headers.get("x-request-id")).toMatch(/^[\w=-]{8,}$/);
    if (!headers.get("content-type")?.startsWith("text/")) return;
    expect(headers.get("content-type")).toMatch(/charset=utf-8$/);
  });

  it("is found nowhere else", async () => {
    const paths = [
      "/index.html",
      "/api",
      "/api/v1",
      "/api/v2/users",
      "/api/v1/users/1/2/3",
      "/api/v1/customersx",
    ];
    for (const path of [
      ...paths,
      "/api/v1/customers//",
      "/API/v1/customers",
      "/%00",
      "/..%2f..%2fetc/passwd",
    ])
      for (const method of ["GET", "POST", "DELETE"]) expectFailure(await asAdmin(method, path), 404);
  });

  it.each(
    allRoutes
      // A run's id is the moment for which it was started.
      .filter(({ path }) => path.includes("id}") && !path.includes("{run_id}"))
      .map(({ method, path }) => [method, path.replace(/\{(\w*id)\}/, "1"), /\{(\w*id)\}/.exec(path)?.[1]]),
  )("%s %s needs a UUID", async (method = "", path = "", name) => {
    const answer = await asAdmin(method, path, method === "GET" ? {} : { headers: JSON_BODY, body: "{}" });
    expectFailure(answer, 422);
    expect(answer.json).toMatchObject({
      detail: expect.stringContaining(`${name}: must be a UUID`),
      errors: expect.arrayContaining([expect.objectContaining({ loc: ["path", name] })]),
    });
  });
});

describe("a body", () => {
  it.each(["{", '{"company_name": "A",}', "company_name=A", "\u0000", "[1,", "NaN", "{'a': 1}", "﻿{}"])(
    "that is no JSON is refused: %j",
    async (body) => expectFailure(await create(body), 422),
  );

  it.each(["[]", '"text"', "5", "null", "true", "", "  ", "{}", '{"__proto__": {"company_name": "A"}}'])(
    "that is no customer is refused: %j",
    async (body) => expectFailure(await create(body), 422),
  );

  it.each([undefined, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "of type %s is refused where JSON is meant",
    async (type) => {
      // As bytes: for a text, fetch would add a type of its own.
      const body = new TextEncoder().encode('{"company_name":"Typed"}');
      expectFailure(await create(body, type === undefined ? {} : { "content-type": type }), 422);
    },
  );

  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/vnd.api+json",
  ])("of type %s is JSON, however the gateway hands it over", async (type) => {
    const company_name = `Überführung ${randomUUID()}`;
    const answer = await create(JSON.stringify({ company_name }), { "content-type": type });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ company_name });
  });

  const raw = (text: string, encoding: BufferEncoding = "utf8") =>
    Uint8Array.from(Buffer.from(text, encoding));
  const named = (company_name: string) => JSON.stringify({ company_name });

  it.each([
    ["Latin-1", raw(named("Größe"), "latin1")],
    ["UTF-16", raw(`\ufeff${named("Größe")}`, "utf16le")],
    ["UTF-16 without its mark", raw(named("Große"), "utf16le")],
    ["half an emoji", raw('{"company_name":"A\xf0\x9f\x98"}', "latin1")],
    ["a byte of no encoding", raw('{"company_name":"A\xff"}', "latin1")],
    ["a surrogate", raw('{"company_name":"A\xed\xa0\x80"}', "latin1")],
    ["NUL in too many bytes", raw('{"company_name":"A\xc0\x80"}', "latin1")],
  ])("in %s is refused, and told that UTF-8 is needed", async (_, bytes) => {
    for (const type of ["application/json", "application/vnd.api+json"]) {
      const answer = await create(bytes, { "content-type": type });
      expectFailure(answer, 422);
      expect(answer.json).toMatchObject({
        detail: expect.stringContaining("UTF-8"),
        errors: [{ loc: ["body"], type: "encoding" }],
      });
    }
  });

  it("with a byte order mark is read as if it had none", async () => {
    const company_name = `Marked ${randomUUID()}`;
    const answer = await create(raw(`\ufeff${named(company_name)}`));
    expect([answer.status, answer.json]).toMatchObject([201, { company_name }]);
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ] as const)("in %s is refused with a sentence", async (coding, pack) => {
    const packed = (text: string) => Uint8Array.from(pack(text));
    const answers = [
      await create(packed(named("Packed")), { ...JSON_BODY, "content-encoding": coding }),
      await send("POST", "/api/v1/auth/login", {
        headers: { ...FORM_BODY, "content-encoding": coding },
        body: packed("username=a&password=b"),
      }),
    ];
    for (const answer of answers) {
      expectFailure(answer, 415);
      expect(answer.json).toMatchObject({ detail: expect.stringContaining("compressed") });
    }
  });

  it.each(["iso-8859-1", "utf-16", '"windows-1252"'])("that says charset=%s is refused", async (charset) => {
    const typed = (type: string) => ({ headers: { "content-type": `${type}; charset=${charset}` } });
    expectFailure(await create(named("Typed"), typed("application/json").headers), 415);
    const form = typed("application/x-www-form-urlencoded");
    expectFailure(await send("POST", "/api/v1/auth/login", { ...form, body: "username=a&password=b" }), 415);
    const page = await send("POST", `/survey/${randomUUID()}`, { ...form, body: "score=1" });
    expectPage(page, 415);
  });

  it.each([
    ["a field twice", raw("username=a&username=b&password=c"), "username"],
    ["the same twice", raw("username=a&password=c&password=c"), "password"],
    ["bytes of Latin-1", raw("username=a&password=gr\xfcn", "latin1"), undefined],
    ["escapes of Latin-1", raw("username=a&password=gr%FCn"), "password"],
  ])("of a form with %s is refused", async (_, body, field) => {
    const answer = await send("POST", "/api/v1/auth/login", { headers: FORM_BODY, body });
    expectFailure(answer, 422);
    const loc = field === undefined ? ["body"] : ["body", field];
    expect(answer.json).toMatchObject({ errors: [{ loc }] });
    expectPage(
      await send("POST", `/survey/${randomUUID()}`, { headers: FORM_BODY, body: raw("score=1&score=2") }),
      422,
    );
  });

  it("that starts with a mark and has percent signs is a log-in all the same", async () => {
    const body = (password: string) => raw(`\ufeffusername=${cloud.admin.email}&password=${password}`);
    const signIn = (password: string) =>
      send("POST", "/api/v1/auth/login", { headers: FORM_BODY, body: body(password) });
    expect((await signIn(PASSWORD)).status).toBe(200);
    expect((await signIn("100%")).status).toBe(401);
  });

  it("may have one mebibyte and no more", async () => {
    const filled = (length: number) =>
      JSON.stringify({ company_name: "A", filling: "x".repeat(length - 34) });
    const body = filled(1024 * 1024);
    expect(body.length).toBeLessThanOrEqual(1024 * 1024);
    expect((await create(body)).status).toBe(201);
    expectFailure(await create(filled(1024 * 1024 + 100)), 413);
    expectFailure(
      await create(filled(1024 * 1024 + 100), { "content-type": "application/vnd.api+json" }),
      413,
    );
    expectFailure(await create(`{"company_name":"${"ü".repeat(600_000)}"}`), 413);
  });

  it.each([
    ["a NUL", "A\u0000B"],
    ["half a character", "A\ud800B"],
    ["the other half", "\udc00"],
    ["blanks", "  \t "],
    ["256 characters", "x".repeat(256)],
  ])("with a name of %s is refused", async (_, company_name) => {
    const answer = await create(JSON.stringify({ company_name }));
    expectFailure(answer, 422);
    expect(answer.json).toMatchObject({ errors: [{ loc: ["body", "company_name"] }] });
  });

  it("with a name that grows when it is normalized is no failure on our side", async () => {
    // 255 characters that NFKC turns into 8 000 bytes, past the 2 048 of a key.
    expect([201, 422]).toContain((await create(JSON.stringify({ company_name: "ﷺ".repeat(255) }))).status);
  });

  it("that is nested without end is refused", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const answer = await create(`{"company_name": ${deep}}`);
    expect(answer.status).toBe(422);
  });
});

describe("a query", () => {
  const LISTS = ["/api/v1/users", "/api/v1/customers", "/api/v1/deployments"];
  it.each(
    LISTS.flatMap((path) =>
      [
        ["skip", "-1"],
        ["skip", "1e30"],
        ["skip", "1".repeat(16)],
        ["skip", "1.5"],
        ["skip", ""],
        ["limit", "0"],
        ["limit", "-1"],
        ["limit", "ten"],
        ["limit", "1,2"],
        ["cursor", "tampered"],
        ["cursor", "x".repeat(1025)],
      ].map(([name, value]) => [path, name, value] as const),
    ),
  )("to %s is refused with %s=%s", async (path, name, value) => {
    const answer = await asAdmin("GET", `${path}?${name}=${value}`);
    expectFailure(answer, 422);
    expect(answer.json).toMatchObject({ errors: [{ loc: ["query", name] }] });
  });

  it.each([
    ["/api/v1/users", "search", ""],
    ["/api/v1/users", "search", "%00"],
    ["/api/v1/users", "role", "%00"],
    ["/api/v1/users", "is_active", "maybe"],
    ["/api/v1/customers", "search", ""],
    ["/api/v1/customers", "search", "+++"],
    ["/api/v1/customers", "search", "a%00b"],
    ["/api/v1/customers", "search", "x".repeat(256)],
    ["/api/v1/customers", "sort_by", "password_hash"],
    ["/api/v1/customers", "sort_by", "__proto__"],
    ["/api/v1/customers", "sort_order", "up"],
    ["/api/v1/customers", "status", "asleep"],
    ["/api/v1/customers", "account_manager_id", "1"],
    ["/api/v1/deployments", "sort_by", "constructor"],
    ["/api/v1/deployments", "customer_id", "1"],
  ])("to %s is refused with %s=%j", async (path, name, value) => {
    const answer = await asAdmin("GET", `${path}?${name}=${value}`);
    expectFailure(answer, 422);
    expect(answer.json).toMatchObject({ errors: [{ loc: ["query", name] }] });
  });

  it("that takes one list's cursor to another, or back with another order, never fails on our side", async () => {
    for (let n = 0; n < 3; n++) await create(JSON.stringify({ company_name: `Cursor ${n} ${randomUUID()}` }));
    const { next_cursor: cursor } = (await cloud.admin.api.customers.list({ query: { limit: 1 } })).body();
    expect(cursor).toBeTypeOf("string");
    const elsewhere = LISTS.flatMap((path) => [path, `${path}?sort_order=asc`]);
    for (const path of [...elsewhere, "/api/v1/customers?sort_by=company_name"]) {
      const answer = await asAdmin("GET", `${path}${path.includes("?") ? "&" : "?"}cursor=${cursor}`);
      expect([200, 422]).toContain(answer.status);
    }
  });

  it("with unknown parameters or a lone percent sign is answered all the same", async () => {
    for (const query of [
      "colour=red&limit=5",
      "colour=red&colour=blue",
      "colour=%ff",
      "search=100%",
      "search=%zz",
    ])
      expect((await asAdmin("GET", `/api/v1/customers?${query}`)).status, query).toBe(200);
  });

  it.each(
    allRoutes.flatMap(({ method, path, address, parameters }) =>
      parameters.map((name) => ({ method, path, address, name })),
    ),
  )("of $method $path has $name once, in UTF-8", async ({ method, path, address, name }) => {
    for (const query of [
      `${name}=1&${name}=2`,
      `${name}=1&x=1&${name}=1`,
      `${name}=%ff`,
      `${name}=%E0%A4%A`,
    ]) {
      const answer = await asAdmin(method, `${address}?${query}`);
      if (/^\/(survey|report|password)(\/|$)/.test(path)) expectPage(answer, 422);
      else {
        expectFailure(answer, 422);
        expect(answer.json).toMatchObject({
          errors: expect.arrayContaining([
            {
              loc: ["query", name],
              msg: expect.any(String),
              type: query.includes("%") ? "encoding" : "repeated",
            },
          ]),
        });
      }
    }
  });

  it("that names two industries finds neither silently", async () => {
    const answer = await asAdmin("GET", "/api/v1/customers?industry=A&industry=B");
    expect(answer.json).toMatchObject({ detail: "industry: must be given once" });
    const comma = `Food, drinks ${randomUUID()}`;
    await create(JSON.stringify({ company_name: `Comma ${randomUUID()}`, industry: comma }));
    const { json } = await asAdmin("GET", `/api/v1/customers?industry=${encodeURIComponent(comma)}`);
    expect(json).toMatchObject({ total: 1 });
  });
});

/** What lists can't do without: the search box something to look for, … */
const NEEDED = [
  ["/search", "q=a&"],
  ["/audit/verify", "day=2026-11-01&"],
  ["/retention/customers", "figure=start&"],
] as const;

/** Lists that take a `limit`, with the most that they give. */
const limited = groups.flatMap((group) =>
  routes(group).flatMap(({ method, path, name }) => {
    const endpoint = Object.entries<Endpoint>(group.endpoints).find(([key]) => key === name)?.[1];
    const limit = endpoint?.query?.shape.limit;
    if (method !== "GET" || !limit) return [];
    const [, query = ""] = NEEDED.find(([end]) => path.endsWith(end)) ?? [];
    return [{ path, query, most: Number(limit.parse("999999999999")) }];
  }),
);

describe("a limit above the most", () => {
  it("is known to many lists", () => expect(limited.length).toBeGreaterThan(20));

  it.each(limited)("means the most at $path, $most", async ({ path, query, most }) => {
    const address = path.replace("{name}", "MonetX").replace(/\{\w+\}/g, randomUUID());
    for (const limit of [String(most), String(most + 1), "10000", "999999999999999"]) {
      const { status, json } = await asAdmin("GET", `${address}?${query}limit=${limit}`);
      // Of a customer who is not there, nothing is listed.
      expect([200, 404]).toContain(status);
      if (status === 200 && json !== null && typeof json === "object" && "limit" in json)
        expect(json.limit).toBe(Math.min(Number(limit), most));
    }
    for (const limit of ["0", "-1", "1.5", "1e3", "many", ""])
      expectFailure(await asAdmin("GET", `${address}?${query}limit=${limit}`), 422);
  });
});

describe("a refusal", () => {
  const SECRET = "Zq7!x";

  it.each([
    ["POST", "/api/v1/auth/login", FORM_BODY, `username=&password=${SECRET}&grant_type=${SECRET}`],
    ["POST", "/api/v1/auth/login", JSON_BODY, JSON.stringify({ username: SECRET, password: SECRET })],
    ["POST", "/api/v1/auth/refresh", JSON_BODY, JSON.stringify({ refresh_token: SECRET.repeat(500) })],
    ["POST", "/api/v1/auth/refresh", JSON_BODY, JSON.stringify({ refresh_token: [SECRET] })],
    [
      "POST",
      "/api/v1/auth/login/second-factor",
      JSON_BODY,
      JSON.stringify({ ticket: SECRET, code: [SECRET] }),
    ],
    [
      "POST",
      "/api/v1/auth/reset-password",
      JSON_BODY,
      JSON.stringify({ token: [SECRET], new_password: SECRET }),
    ],
    ["DELETE", "/api/v1/account/2fa/disable", JSON_BODY, JSON.stringify({ password: [SECRET] })],
    ["DELETE", "/api/v1/account/delete", JSON_BODY, JSON.stringify({ password: [SECRET] })],
    ["PUT", "/api/v1/auth/me/password", JSON_BODY, JSON.stringify({ new_password: SECRET })],
    ["PUT", "/api/v1/auth/change-password", JSON_BODY, `{"new_password": "${SECRET}`],
    ["POST", "/api/v1/users", JSON_BODY, JSON.stringify({ password: SECRET, role: SECRET, email: SECRET })],
    ["POST", "/api/v1/users", JSON_BODY, JSON.stringify({ [SECRET]: SECRET, full_name: { [SECRET]: 1 } })],
    ["PUT", `/api/v1/users/${SECRET}`, JSON_BODY, JSON.stringify({ is_active: SECRET })],
    ["POST", "/api/v1/customers", JSON_BODY, JSON.stringify({ logo_url: SECRET, contract_value: SECRET })],
    ["POST", "/api/v1/customers", JSON_BODY, JSON.stringify({ deployed_products: [{ [SECRET]: SECRET }] })],
    [
      "GET",
      `/api/v1/customers?sort_by=${SECRET}&limit=${SECRET}&cursor=${SECRET}&status=${SECRET}`,
      {},
      undefined,
    ],
    ["GET", `/api/v1/deployments/by-product/${SECRET}`, {}, undefined],
  ])("of %s %s never repeats what was sent", async (method, path, headers, body) => {
    const answer = await asAdmin(method, path, { headers, ...(body !== undefined && { body }) });
    expectFailure(answer, 422);
    expect(answer.text).not.toContain(SECRET);
  });

  it("names all that is wrong at once, the first three in words", async () => {
    const body = { email: "x", full_name: "", role: "boss", password: "1" };
    const answer = await asAdmin("POST", "/api/v1/users", { headers: JSON_BODY, body: JSON.stringify(body) });
    expect(answer.json).toEqual({
      detail:
        "email: must be an e-mail address like name@example.com; full_name: must not be empty; " +
        "role: must be one of admin, manager, viewer; and 1 more",
      errors: ["email", "full_name", "role", "password"].map((field) => ({
        loc: ["body", field],
        msg: expect.any(String),
        type: expect.any(String),
      })),
    });
  });
});

describe("a page in a browser", () => {
  const ALLOWED = ["http://localhost:5173", "http://localhost:3000"];
  const origin = (value: string) => ({ headers: { origin: value } });

  it.each(ALLOWED)("from %s may read answers, refusals and failures", async (from) => {
    for (const answer of [
      await asAdmin("GET", "/api/v1/customers", origin(from)),
      await send("GET", "/api/v1/customers", origin(from)),
      await asAdmin("GET", "/api/v1/customers?limit=0", origin(from)),
      await send("GET", "/nowhere", origin(from)),
      await asAdmin("PATCH", "/api/v1/customers", origin(from)),
    ]) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(from);
      expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
      expect(answer.headers.get("access-control-expose-headers")).toContain("etag");
    }
  });

  it.each(["http://localhost:5174", "https://localhost:5173", "http://localhost:5173.evil.example", "null"])(
    "from %s may not",
    async (from) => {
      for (const path of ["/api/v1/customers", "/nowhere"]) {
        const { headers } = await asAdmin("GET", path, origin(from));
        expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
      }
    },
  );

  it("asks first, and is told what it may send", async () => {
    const ask = (from: string) =>
      send("OPTIONS", "/api/v1/customers/", {
        headers: {
          origin: from,
          "access-control-request-method": "PUT",
          "access-control-request-headers": "authorization,content-type,if-match",
        },
      });
    const answer = await ask("http://localhost:5173");
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    const methods = answer.headers.get("access-control-allow-methods")?.split(",");
    expect(methods).toEqual(expect.arrayContaining(["GET", "HEAD", "POST", "PUT", "DELETE"]));
    const headers = answer.headers.get("access-control-allow-headers")?.split(",");
    expect(headers).toEqual(expect.arrayContaining(["authorization", "content-type", "if-match"]));
    expect((await ask("http://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
  });
});
