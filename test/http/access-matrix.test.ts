import { randomUUID } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Access } from "@success-manager/contract/dsl/endpoint";
import { ErrorBody } from "@success-manager/contract/error-body";
import { operationsOf } from "@success-manager/contract/openapi";
import { type Role, Scope } from "@success-manager/contract/vocabulary";
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groups, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { newRows, putRun, requestOf, type SampleRequest, samples } from "../support/sample-calls.ts";
import { inParallel, type Received, rawSender, type SentRaw } from "../support/send.ts";
import { changedItems, forgetCalls, type Storage, storageOf, tableContents } from "../support/storage.ts";

/**
 * Every operation of the contract with every credential that somebody might try. What is expected follows from the
 * contract alone: from who may call an operation.
 */

let cloud: TestCloud;
let storage: Storage;
let sender: ReturnType<typeof rawSender>;
/** Operations by their route, as a caller sends them. */
let calls: readonly Call[];

interface Call {
  readonly route: string;
  readonly access: Access;
  /** What an API key needs for it; undefined where none may call it. */
  readonly scope: string | undefined;
  /** A request that would succeed, if its caller may make it: about rows that exist. */
  readonly real: SampleRequest;
  /** One that changes nothing if it can be helped: a write about rows that do not exist, with an empty body. */
  readonly harmless: SampleRequest;
  /** Whether the caller's session, or others of theirs, end with it: it comes last. */
  readonly endsSessions: boolean;
}

/** What somebody presents, and who they are by it; without a role, nobody. */
interface Credential {
  readonly name: string;
  /**
   * Whom the API must take them for: a role, or an API key with scopes; a status when it must refuse whatever needs a
   * sign-in.
   */
  readonly as: Role | 401 | 403 | readonly Scope[];
  /** Whether anything of it is ours: else the table must not even be asked. */
  readonly isOurs?: boolean;
  make(): Promise<Presented> | Presented;
}
interface Presented {
  readonly headers?: SentRaw["headers"];
  /** Added to the query. */
  readonly query?: string;
}

const bearer = (token: string): Presented => ({ headers: { authorization: `Bearer ${token}` } });
const text = (value: string) => new TextEncoder().encode(value);

async function accessKey(): Promise<Uint8Array> {
  const { AWS_REGION = "", ACCESS_KEY_SECRET_ARN } = cloud.environment;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SecretsManagerClient({
    endpoint: cloud.endpoints.secrets,
    region: AWS_REGION,
    credentials,
  });
  const { SecretString = "" } = await client.send(
    new GetSecretValueCommand({ SecretId: ACCESS_KEY_SECRET_ARN }),
  );
  client.destroy();
  return text(SecretString);
}

/** What a token of a living session says. */
const claimsOf = ({ token }: Person) => {
  const { sub, sid, type } = decodeJwt(token);
  return { sub, sid, type };
};

interface Signed {
  readonly person?: Person;
  readonly key?: Uint8Array;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly expires?: string | number | null;
}

/** A token of a new viewer that is as ours are, but for what is said. */
async function signed({ person, key, header, claims, expires = "5m" }: Signed = {}): Promise<string> {
  const holder = person ?? (await cloud.person("viewer"));
  const { kid } = decodeProtectedHeader(holder.token);
  const token = new SignJWT({ ...claimsOf(holder), ...claims }).setProtectedHeader({
    ...{ alg: "HS256", typ: "JWT", kid },
    ...header,
  } as JWTHeaderParameters);
  if (expires !== null) token.setExpirationTime(expires);
  return token.sign(key ?? (await accessKey()));
}

/** A new API key, which was used a moment ago: that is noted once an hour. */
async function newKey(scopes: readonly Scope[], customers?: { readonly industries: string[] }) {
  const body = { name: `Key ${randomUUID()}`, scopes: [...scopes], ...(customers && { customers }) };
  const key = (await cloud.admin.api.apiKeys.create({ body })).body();
  await present(bearer(key.secret), { method: "GET", path: "/api/v1/users", headers: {} });
  return key;
}

/** A key whose one secret was replaced, without a moment in which both work. */
async function rotatedOut() {
  const { id, secret } = await newKey(Scope.options);
  await cloud.admin.api.apiKeys.rotate({ params: { id }, body: { overlap_hours: 0 } });
  return bearer(secret);
}

const seconds = () => Math.floor(Date.now() / 1000);
const OTHER_KEY = text("another stage signs with this key, which is long enough for it...");
const params = (person: Person) => ({ params: { user_id: person.id } });

/** Refused ones first: nothing then happens in the background. */
const CREDENTIALS: readonly Credential[] = [
  // Nothing, and things that are no token.
  { name: "no credential", as: 401, make: () => ({}) },
  { name: "an empty header", as: 401, make: () => ({ headers: { authorization: "" } }) },
  {
    name: "the scheme without a token",
    as: 401,
    make: () => ({ headers: { authorization: "Bearer" } }),
  },
  { name: "garbage", as: 401, make: () => bearer("garbage") },
  { name: "three parts of garbage", as: 401, make: () => bearer("e30.e30.e30") },
  { name: "a token of 8 000 characters", as: 401, make: () => bearer("x".repeat(8_000)) },
  { name: "the word null", as: 401, make: () => bearer("null") },

  // Tokens that we have not signed, or not like this.
  {
    name: "a token that another key has signed",
    as: 401,
    make: async () => bearer(await signed({ key: OTHER_KEY })),
  },
  {
    name: "a token of another stage, by its key and the key's id",
    as: 401,
    make: async () => bearer(await signed({ key: OTHER_KEY, header: { kid: randomUUID() } })),
  },
  {
    name: "our signature under an unknown key id",
    as: 401,
    make: async () => bearer(await signed({ header: { kid: randomUUID() } })),
  },
  {
    name: "a key id that is a path, signed with what is there",
    as: 401,
    make: async () => bearer(await signed({ key: text("\0"), header: { kid: "../../../../dev/null" } })),
  },
  {
    name: "a key that the token brings along (jwk, jku)",
    as: 401,
    make: async () => {
      const jwk = { kty: "oct", k: Buffer.from(OTHER_KEY).toString("base64url") };
      const header = { jwk, jku: "https://attacker.example.com/keys.json" } as Partial<JWTHeaderParameters>;
      return bearer(await signed({ key: OTHER_KEY, header }));
    },
  },
  {
    name: "alg: none",
    as: 401,
    make: async () =>
      bearer(new UnsecuredJWT(claimsOf(await cloud.person("viewer"))).setExpirationTime("5m").encode()),
  },
  {
    name: "alg: none with a signature of ours",
    as: 401,
    make: async () => {
      const [, payload, signature] = (await signed()).split(".");
      const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
      return bearer(`${header}.${payload}.${signature}`);
    },
  },
  {
    name: "our key with another algorithm (HS512)",
    as: 401,
    make: async () => bearer(await signed({ header: { alg: "HS512" } })),
  },
  {
    name: "a token without its signature",
    as: 401,
    make: async () => bearer((await signed()).replace(/[^.]*$/, "")),
  },
  {
    name: "a token whose claims were exchanged",
    as: 401,
    make: async () => {
      const [header, , signature] = (await signed()).split(".");
      const payload = { ...claimsOf(cloud.admin), exp: seconds() + 300 };
      return bearer(`${header}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.${signature}`);
    },
  },

  // Our signature under what we would not say.
  {
    name: "an expired token",
    as: 401,
    make: async () => bearer(await signed({ expires: seconds() - 1 })),
  },
  { name: "a token without an end", as: 401, make: async () => bearer(await signed({ expires: null })) },
  { name: "a token for two hours", as: 401, make: async () => bearer(await signed({ expires: "2h" })) },
  {
    name: "a token that is not valid yet",
    as: 401,
    make: async () => bearer(await signed({ claims: { nbf: seconds() + 120 } })),
  },
  {
    name: "a refresh token",
    as: 401,
    make: async () => bearer((await cloud.person("admin")).refresh_token),
  },
  {
    name: "a token that says that it is a refresh token",
    as: 401,
    make: async () => bearer(await signed({ claims: { type: "refresh" } })),
  },
  {
    name: "a user id that is no UUID",
    as: 401,
    make: async () => bearer(await signed({ claims: { sub: "1' OR '1'='1" } })),
  },
  {
    name: "a user who never was",
    as: 401,
    isOurs: true,
    make: async () => bearer(await signed({ claims: { sub: randomUUID() } })),
  },
  {
    name: "an admin's id with one's own session",
    as: 401,
    isOurs: true,
    make: async () => bearer(await signed({ claims: { sub: cloud.admin.id } })),
  },
  {
    name: "one's own id with an admin's session",
    as: 401,
    isOurs: true,
    make: async () => bearer(await signed({ claims: { sid: cloud.admin.session_id } })),
  },

  // What was good once.
  {
    name: "a session that was signed out",
    as: 401,
    isOurs: true,
    make: async () => {
      const person = await cloud.person("admin");
      await person.api.auth.logout({ body: null });
      return bearer(person.token);
    },
  },
  {
    name: "a session that the user has ended from elsewhere",
    as: 401,
    isOurs: true,
    make: async () => {
      const person = await cloud.person("admin");
      const elsewhere = await cloud.signIn(person.email);
      await elsewhere.api.account.endSession({ params: { session_id: person.session_id } });
      return bearer(person.token);
    },
  },
  {
    name: "a session from before the password was changed",
    as: 401,
    isOurs: true,
    make: async () => {
      const person = await cloud.person("admin");
      const elsewhere = await cloud.signIn(person.email);
      await elsewhere.api.auth.changePassword({
        body: { current_password: PASSWORD, new_password: "Another-Horse-2" },
      });
      return bearer(person.token);
    },
  },
  {
    name: "a session whose days are over",
    as: 401,
    isOurs: true,
    make: async () => {
      const person = await cloud.person("admin");
      await storage.change(`session#${person.id}`, () => ({ expires_at_epoch: seconds() - 1 }));
      return bearer(person.token);
    },
  },
  {
    name: "a deactivated user",
    as: 403,
    isOurs: true,
    make: async () => {
      const person = await cloud.person("admin");
      await cloud.admin.api.users.deactivate(params(person));
      return bearer(person.token);
    },
  },
  {
    name: "a removed user",
    as: 403,
    isOurs: true,
    make: async () => {
      const person = await cloud.person("admin");
      await cloud.admin.api.users.remove(params(person));
      return bearer(person.token);
    },
  },
  {
    name: "a user who was deactivated and is active again",
    as: 401,
    isOurs: true,
    make: async () => {
      const person = await cloud.person("admin");
      await cloud.admin.api.users.deactivate(params(person));
      await cloud.admin.api.users.reactivate(params(person));
      return bearer(person.token);
    },
  },
  {
    name: "a user whose item is gone",
    as: 401,
    isOurs: true,
    make: async () => {
      const person = await cloud.person("viewer");
      await storage.remove(`user#${person.id}`);
      return bearer(person.token);
    },
  },

  // A good token in a wrong place.
  {
    name: "a token in the query",
    as: 401,
    make: () => ({ query: `access_token=${cloud.admin.token}&token=${cloud.admin.token}` }),
  },
  {
    name: "a token in cookies",
    as: 401,
    make: () => ({ headers: { cookie: `token=${cloud.admin.token}; session=${cloud.admin.token}` } }),
  },
  {
    name: "a token in headers of proxies",
    as: 401,
    make: () => {
      const value = `Bearer ${cloud.admin.token}`;
      return {
        headers: {
          ...{ "x-authorization": value, "proxy-authorization": value, "x-forwarded-authorization": value },
          ...{ "x-amzn-remapped-authorization": value, "x-access-token": cloud.admin.token },
        },
      };
    },
  },
  {
    name: "an identity in headers of proxies",
    as: 401,
    make: () => ({
      headers: {
        ...{ "x-user-id": cloud.admin.id, "x-forwarded-user": cloud.admin.email, "x-remote-user": "admin" },
        ...{ "x-role": "admin", "x-forwarded-for": "127.0.0.1", "x-original-url": "/health" },
        "x-rewrite-url": "/health",
      },
    }),
  },
  {
    name: "Basic with address and password",
    as: 401,
    make: () => {
      const pair = Buffer.from(`${cloud.admin.email}:${PASSWORD}`).toString("base64");
      return { headers: { authorization: `Basic ${pair}` } };
    },
  },
  {
    name: "Basic with the token",
    as: 401,
    make: () => ({ headers: { authorization: `Basic ${cloud.admin.token}` } }),
  },
  {
    name: "another scheme (Token)",
    as: 401,
    make: () => ({ headers: { authorization: `Token ${cloud.admin.token}` } }),
  },
  {
    name: "a token without a scheme",
    as: 401,
    make: () => ({ headers: { authorization: cloud.admin.token } }),
  },
  {
    name: "two headers, the good token first",
    as: 401,
    make: () => ({ headers: { authorization: [`Bearer ${cloud.admin.token}`, "Bearer garbage"] } }),
  },
  {
    name: "two headers, the good token last",
    as: 401,
    make: () => ({ headers: { authorization: ["Bearer garbage", `Bearer ${cloud.admin.token}`] } }),
  },
  {
    name: "a token in quotation marks",
    as: 401,
    make: () => bearer(`"${cloud.admin.token}"`),
  },
  {
    name: "two tokens behind one scheme",
    as: 401,
    make: () => bearer(`${cloud.viewer.token} ${cloud.admin.token}`),
  },

  // Other secrets of ours.
  { name: "a survey link's token", as: 401, make: () => bearer(rows.link.token) },
  { name: "the token of a mailed report's link", as: 401, make: () => bearer(rows.mailed.file) },
  { name: "the token of a link to unsubscribe", as: 401, make: () => bearer(rows.mailed.leave) },
  { name: "the token of a link to set a password", as: 401, make: () => bearer(rows.invitation) },

  // API keys that are no more, or never were.
  {
    name: "an API key with another last character",
    as: 401,
    make: async () => {
      const { secret } = await newKey(Scope.options);
      return bearer(secret.slice(0, -1) + (secret.endsWith("a") ? "b" : "a"));
    },
  },
  { name: "the beginning of an API key", as: 401, make: () => bearer("smk_live_") },
  {
    name: "an API key that was revoked",
    as: 401,
    isOurs: true,
    make: async () => {
      const { id, secret } = await newKey(Scope.options);
      await cloud.admin.api.apiKeys.revoke({ params: { id } });
      return bearer(secret);
    },
  },
  {
    name: "an API key that has expired",
    as: 401,
    isOurs: true,
    make: async () => {
      const { id, secret } = await newKey(Scope.options);
      await storage.change(`api_key#${id}`, ({ secrets }) => ({
        secrets: (secrets as object[]).map((one) => ({
          ...one,
          expires_at: new Date(Date.now() - 1000).toISOString(),
        })),
      }));
      return bearer(secret);
    },
  },
  { name: "the secret of an API key that another has replaced", as: 401, isOurs: true, make: rotatedOut },
  {
    name: "an API key as Basic",
    as: 401,
    make: async () => ({ headers: { authorization: `Basic ${(await newKey(Scope.options)).secret}` } }),
  },

  // API keys, with each scope alone and with all.
  ...Scope.options.map(
    (scope): Credential => ({
      name: `an API key with ${scope}`,
      as: [scope],
      make: async () => bearer((await newKey([scope])).secret),
    }),
  ),
  {
    name: "an API key with all scopes",
    as: Scope.options,
    make: async () => bearer((await newKey(Scope.options)).secret),
  },
  {
    name: "an API key that was rotated a moment ago, its secret of before",
    as: ["customers:read"],
    make: async () => {
      const { id, secret } = await newKey(["customers:read"]);
      await cloud.admin.api.apiKeys.rotate({ params: { id }, body: null });
      return bearer(secret);
    },
  },
  {
    name: "an API key whose scopes were taken a moment ago",
    as: ["dashboard:read"],
    make: async () => {
      const { id, secret } = await newKey(Scope.options);
      await cloud.admin.api.apiKeys.update({ params: { id }, body: { scopes: ["dashboard:read"] } });
      return bearer(secret);
    },
  },

  // Good ones.
  { name: "a viewer", as: "viewer", make: async () => bearer((await cloud.person("viewer")).token) },
  { name: "a manager", as: "manager", make: async () => bearer((await cloud.person("manager")).token) },
  { name: "an admin", as: "admin", make: async () => bearer((await cloud.person("admin")).token) },
  {
    name: "a viewer who has become a manager, with the same token",
    as: "manager",
    make: async () => {
      const person = await cloud.person("viewer");
      await cloud.admin.api.users.update({ ...params(person), body: { role: "manager" } });
      return bearer(person.token);
    },
  },
  {
    name: "an admin who has become a viewer, with the same token",
    as: "viewer",
    make: async () => {
      const person = await cloud.person("admin");
      await cloud.admin.api.users.update({ ...params(person), body: { role: "viewer" } });
      return bearer(person.token);
    },
  },
  {
    name: "a viewer whose token claims to be an admin's",
    as: "viewer",
    make: async () =>
      bearer(await signed({ claims: { role: "admin", roles: ["admin"], is_admin: true, scope: "admin" } })),
  },
  {
    name: "a viewer with headers that name another method, role and user",
    as: "viewer",
    make: async () => ({
      headers: {
        authorization: `Bearer ${(await cloud.person("viewer")).token}`,
        ...{ "x-http-method-override": "GET", "x-http-method": "GET", "x-method-override": "GET" },
        ...{ "x-role": "admin", "x-user-id": cloud.admin.id, "x-original-url": "/health" },
      },
    }),
  },
  {
    name: "a viewer, bearer in lower case",
    as: "viewer",
    make: async () => ({ headers: { authorization: `bearer ${(await cloud.person("viewer")).token}` } }),
  },
  {
    name: "a viewer, blanks around the token",
    as: "viewer",
    make: async () => ({
      headers: { authorization: `  Bearer   ${(await cloud.person("viewer")).token}  ` },
    }),
  },
  {
    name: "a viewer's token from before keys had ids",
    as: "viewer",
    make: async () => bearer(await signed({ header: { kid: undefined } })),
  },
  {
    name: "a viewer who presents an admin's token in query and cookie, too",
    as: "viewer",
    make: async () => ({
      headers: {
        ...bearer((await cloud.person("viewer")).token).headers,
        cookie: `token=${cloud.admin.token}`,
      },
      query: `access_token=${cloud.admin.token}`,
    }),
  },
];

/** Decision 4. */
const MAY: Readonly<Record<Access, readonly Role[]>> = {
  public: [],
  member: ["viewer", "manager", "admin"],
  manager: ["manager", "admin"],
  admin: ["admin"],
};

const AT_ONCE = 6;
let rows: Awaited<ReturnType<typeof newRows>>;
/** What public operations answer who presents nothing. */
let asStranger: ReadonlyMap<string, number>;

beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
  sender = rawSender(cloud.apiUrl);
  await putRun();
  rows = await newRows(cloud);
  calls = await Promise.all(
    groups.flatMap((group) =>
      operationsOf(group).map(async ({ route, endpoint }): Promise<Call> => {
        const sample = samples.find((one) => one.endpoint === endpoint);
        if (sample === undefined) throw new Error(`${route.key} has no sample call`);
        const real = await requestOf(sample, rows);
        // A sample knows the main path; parameters stand in the same order in others.
        const values = real.path.split("?")[0]?.split("/") ?? [];
        const main = `${group.prefix}${endpoint.path}`.split("/");
        const fill = (parameter: (name: string) => string) =>
          route.path.replace(/\{(\w+)\}/g, (_, name: string) => parameter(name));
        const [, query = ""] = real.path.split("?");
        const path = fill((name) => values[main.indexOf(`{${name}}`)] ?? "");
        const isRead = route.method === "GET";
        const elsewhere = fill((name) => (/id$/.test(name) ? randomUUID() : "nothing-of-this-name"));
        return {
          route: route.key,
          access: endpoint.access,
          scope:
            endpoint.access === "admin" || endpoint.people
              ? undefined
              : `${group.name}:${isRead ? "read" : "write"}`,
          real: { ...real, path: `${path}${query && `?${query}`}` },
          harmless:
            isRead && endpoint.access !== "public"
              ? real
              : { ...real, path: elsewhere, ...(real.body !== undefined && { body: "{}" }) },
          endsSessions: /auth\/logout|sessions/.test(route.path) && !isRead,
        };
      }),
    ),
  );
  await cloud.settled();
  const strangers = calls.filter(({ access }) => access === "public");
  asStranger = new Map(
    await inParallel(strangers, AT_ONCE, async ({ route, harmless }) => {
      const { status } = await present({}, harmless);
      return [route, status] as const;
    }),
  );
});
afterAll(async () => {
  sender?.close();
  storage?.close();
  await cloud?.stop();
});

function present({ headers, query }: Presented, { method, path, headers: own, body }: SampleRequest) {
  const url = query === undefined ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`;
  return sender.send(method, url, {
    headers: { ...own, ...headers },
    ...(body !== undefined && { body }),
  });
}

/** What is wrong with a refusal; undefined when it is as all are. */
function faultOf({ status, headers, json, text: body }: Received, expected: number): string | undefined {
  if (status !== expected) return `${status} in place of ${expected}: ${body.slice(0, 120)}`;
  const shape = ErrorBody.omit({ errors: true }).strict().safeParse(json);
  if (!shape.success || shape.data.detail === "") return `not the error shape: ${body.slice(0, 120)}`;
  if (headers.get("content-type") !== "application/json") return "not JSON";
  if (headers.get("cache-control") !== "no-store") return "may be kept";
  if (headers.get("x-content-type-options") !== "nosniff") return "without security headers";
  if ((headers.get("www-authenticate") === "Bearer") !== (expected === 401)) return "a wrong challenge";
  return undefined;
}

const isWrite = ({ operation }: { readonly operation: string }) =>
  !/^(Get|BatchGet|TransactGet)Item|^Query/.test(operation);

describe("every operation of the contract", () => {
  it("is in the matrix", () => {
    expect(new Set(calls.map(({ route }) => route)).size).toBe(calls.length);
    expect(calls.length).toBeGreaterThanOrEqual(150);
    expect(CREDENTIALS.length).toBeGreaterThanOrEqual(24);
    for (const access of ["public", "member", "manager", "admin"])
      expect(calls.filter((call) => call.access === access).length).toBeGreaterThan(4);
  });

  it.each(CREDENTIALS)("answers $name as the contract says", async ({ as, isOurs, make }) => {
    const presented = await make();
    await forgetCalls(storage);
    const faults: string[] = [];

    // What is open to everybody asks nobody who they are.
    const open = calls.filter(({ access }) => access === "public");
    await inParallel(open, AT_ONCE, async ({ route, harmless }) => {
      const { status } = await present(presented, harmless);
      if (status !== asStranger.get(route))
        faults.push(`${route}: ${status}, and ${asStranger.get(route)} to strangers`);
    });

    const may = ({ access, scope }: Call) =>
      typeof as === "string"
        ? MAY[access].includes(as)
        : as !== 401 && as !== 403 && as.some((one) => one === scope);
    const expectedOf = (call: Call) => (typeof as === "number" ? as : may(call) ? undefined : 403);
    const guarded = calls.filter(({ access }) => access !== "public");
    const refused = guarded.filter((call) => expectedOf(call) !== undefined);
    await cloud.settled();
    const before = await tableContents(storage);
    cloud.database.take();
    await inParallel(refused, AT_ONCE, async (call) => {
      // With what would succeed for others: so that what happens, happens.
      const fault = faultOf(await present(presented, call.real), expectedOf(call) ?? 0);
      if (fault !== undefined) faults.push(`${call.route}: ${fault}`);
    });
    const asked = cloud.database.take();
    expect(faults).toEqual([]);
    expect(asked.filter(isWrite)).toEqual([]);
    expect(changedItems(before, await tableContents(storage))).toEqual([]);
    if (typeof as === "number" && !isOurs) expect(asked).toEqual([]);

    const admitted = guarded.filter((call) => expectedOf(call) === undefined);
    const admit = async ({ route, harmless }: Call) => {
      const { status, text: body } = await present(presented, harmless);
      const isFine = harmless.method === "GET" ? status < 400 : status < 500 && ![401, 403].includes(status);
      if (!isFine) faults.push(`${route}: ${status} ${body.slice(0, 120)}`);
    };
    await inParallel(
      admitted.filter(({ endsSessions }) => !endsSessions),
      AT_ONCE,
      admit,
    );
    for (const call of admitted.filter(({ endsSessions }) => endsSessions).reverse()) await admit(call);
    expect(faults).toEqual([]);
  });

  it.each(["team", "owned"] as const)(
    "that is about something of a customer finds nothing for a manager who sees %s and manages nobody",
    async (access) => {
      const person = await cloud.person("manager");
      await cloud.admin.api.users.update({ ...params(person), body: { access } });
      const { customer, deployment, interaction, ticket, outcome, renewal, survey, alert, schedule } = rows;
      const { report, link, request } = rows;
      const foreign = [
        customer,
        deployment,
        interaction,
        ticket,
        outcome,
        renewal,
        survey,
        alert,
        schedule,
        report,
        request,
        link.id,
      ];
      const names = (text = "") => foreign.some((id) => text.includes(id));
      const guarded = calls.filter((call) => MAY[call.access].includes("manager"));
      const about = guarded.filter(({ real }) => names(real.path.split("?")[0]) || names(real.body));
      expect(about.length).toBeGreaterThan(40);
      await cloud.settled();
      const before = await tableContents(storage);
      const faults: string[] = [];
      await inParallel(about, AT_ONCE, async ({ route, real }) => {
        const { status, text: body } = await present(bearer(person.token), real);
        // A list of what one knows nothing of is empty, and many at once are answered one by one.
        const isEmpty =
          /history$|bulk|import$/.test(route) &&
          status === 200 &&
          !/"resolved_count":1|calculated_at|"recorded":1/.test(body);
        if (status !== 404 && !isEmpty) faults.push(`${route}: ${status} ${body.slice(0, 120)}`);
      });
      expect(faults).toEqual([]);
      const changed = changedItems(before, await tableContents(storage));
      expect(changed.filter((item) => !JSON.stringify(item).includes("quota#"))).toEqual([]);
    },
  );
});
