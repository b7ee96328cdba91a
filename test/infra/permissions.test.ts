import { commandJobs, jobFunctions, jobFunctionVariable } from "@success-manager/contract/jobs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Access, refusedBy } from "../support/policies.ts";
import { functionNames, logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

interface Statement {
  readonly actions: readonly string[];
  /** As JSON: what a resource is called in the template. */
  readonly resources: readonly string[];
}

let cloud: Synthesized;
/** By the short name of the function, `api-customers`. */
let allowed: Map<string, Statement[]>;

beforeAll(async () => {
  cloud = await synthesize();
  allowed = permissionsOf(cloud);
});

const names = [
  "api-auth",
  "api-account",
  "api-users",
  "api-api-keys",
  "api-customers",
  "api-deployments",
  "api-health-scores",
  "api-dashboard",
  "api-csat",
  "api-survey-requests",
  "api-portal",
  "api-alerts",
  "api-scheduler",
  "api-settings",
  "api-audit",
  "api-personal-data",
  "api-interactions",
  "api-tickets",
  "api-outcomes",
  "api-score-definitions",
  "api-reports",
  "pages-docs",
  "pages-survey",
  "pages-report",
  "pages-password",
  "jobs-health",
  "jobs-contract-expiry",
  "jobs-license-expiry",
  "jobs-inactivity",
  "jobs-renewals",
  "jobs-survey-reminders",
  "jobs-scheduled-reports",
  "jobs-directory-snapshot",
  "jobs-counters-rebuild",
  "jobs-system-watch",
  "jobs-migrations",
  "jobs-personal-data",
  "jobs-score-backtests",
  "events-mail",
  "keys-rotation",
  "streams-notifications",
  "streams-rollups",
];

const of = (name: string) => allowed.get(name) ?? [];
const actions = (name: string) => new Set(of(name).flatMap((statement) => statement.actions));
const doing = (action: string) => names.filter((name) => actions(name).has(action));
const resources = (name: string, action: string) =>
  of(name)
    .filter((statement) => statement.actions.includes(action))
    .flatMap((statement) => statement.resources)
    .join();

describe("a function", () => {
  test("has a role of its own", () => {
    const roles = Object.values(cloud.service.findResources("AWS::Lambda::Function"));
    expect(new Set(roles.map(({ Properties }) => logicalIdOf(Properties.Role))).size).toBe(names.length);
    expect([...allowed.keys()].sort()).toEqual([...names].sort());
  });

  test.each(names)("%s may do nothing by wildcard, but find streams and use files", (name) => {
    for (const { actions, resources } of of(name)) {
      expect(actions.filter((action) => action.includes("*"))).toEqual([]);
      // It knows no resources; files have names that nobody knows beforehand: see reports.test.ts.
      const known = actions.every((action) => /^dynamodb:ListStreams$|^s3:/.test(action));
      if (!known) expect(resources.filter((resource) => resource.includes("*"))).toEqual([]);
    }
  });

  test.each(names)("%s writes to its own log group alone", (name) => {
    expect(resources(name, "logs:PutLogEvents")).toMatch(
      new RegExp(`Logs${name.replaceAll("-", "")}[0-9A-F]{8}`),
    );
    expect(actions(name)).not.toContain("logs:CreateLogGroup");
  });

  test("reads the whole table only to migrate it", () => {
    expect(doing("dynamodb:Scan")).toEqual(["jobs-migrations"]);
    expect(resources("jobs-migrations", "dynamodb:Scan")).not.toContain("/index/");
  });

  test.each(["UpdateTable", "DeleteTable", "PartiQLSelect"])("never does %s", (action) => {
    expect(doing(`dynamodb:${action}`)).toEqual([]);
  });

  test("that serves signed-in users can find user and session, and check the token", () => {
    const api = names.filter((name) => name.startsWith("api-") && name !== "api-portal");
    const readers = names.filter((name) =>
      resources(name, "secretsmanager:GetSecretValue").includes("AccessKey"),
    );
    expect(readers).toEqual([...api, "keys-rotation"]);
    expect(api.filter((name) => !actions(name).has("dynamodb:BatchGetItem"))).toEqual([]);
    for (const name of api) expect(resources(name, "secretsmanager:GetSecretValue")).toContain("AccessKey");
  });

  test("reads the key of refresh tokens only to sign in", () => {
    const readers = names.filter((name) =>
      resources(name, "secretsmanager:GetSecretValue").includes("RefreshKey"),
    );
    expect(readers).toEqual(["api-auth", "keys-rotation"]);
  });

  test("reads the key of addresses only where mail goes out, or what became of it is known", () => {
    const readers = names.filter((name) =>
      resources(name, "secretsmanager:GetSecretValue").includes("AddressKey"),
    );
    const mails = doing("ses:SendRawEmail");
    const others = [
      ...["api-customers", "api-settings", "events-mail", "jobs-personal-data", "pages-survey"],
    ];
    expect(mails.length).toBeGreaterThan(5);
    expect(readers.toSorted()).toEqual([...mails, ...others].sort());
  });

  test("that changes keys does nothing else, and no other changes them", () => {
    for (const action of ["PutSecretValue", "UpdateSecretVersionStage"])
      expect(doing(`secretsmanager:${action}`)).toEqual(["keys-rotation"]);
    const others = [...actions("keys-rotation")].filter((action) => !/^(secretsmanager|logs):/.test(action));
    expect(others).toEqual([]);
  });

  test("starts jobs alone: all of them from the scheduler, scoring from its own group, a job itself", () => {
    const all = jobFunctions.map(dashed).sort();
    const itself = [...jobFunctions, ...commandJobs.map(({ runs }) => runs)].map(dashed);
    const started = new Map(doing("lambda:InvokeFunction").map((name) => [name, startedBy(name)]));
    // What answers requests from snapshots may have them taken; it starts nothing else without a line of its own.
    const serving = names.filter(
      (name) => name.startsWith("api-") && resources(name, "s3:GetObject").includes("/snapshots/*"),
    );
    for (const name of serving) {
      expect(started.get(name), name).toContain("jobs-directory-snapshot");
      const others = started.get(name)?.filter((job) => job !== "jobs-directory-snapshot") ?? [];
      if (others.length === 0) started.delete(name);
      else started.set(name, others);
    }
    expect(started).toEqual(
      new Map([
        ["api-health-scores", ["jobs-health"]],
        ["api-alerts", ["jobs-contract-expiry", "jobs-inactivity", "jobs-license-expiry"]],
        ["api-scheduler", all],
        ["api-reports", ["jobs-scheduled-reports"]],
        ["api-personal-data", ["jobs-personal-data"]],
        ["api-score-definitions", ["jobs-score-backtests"]],
        ...itself.map((job): [string, string[]] => [job, [job]]),
        // Has what broke off go on.
        ["jobs-system-watch", ["jobs-personal-data", "jobs-score-backtests", "jobs-system-watch"]],
      ]),
    );
  });

  test.each(["pages-docs"])("%s touches no data", (name) => {
    expect([...actions(name)].sort()).toEqual(["logs:CreateLogStream", "logs:PutLogEvents"]);
  });

  test("that signs people in reads by key alone", () => {
    expect(actions("api-auth")).toContain("dynamodb:GetItem");
    expect(actions("api-auth")).not.toContain("dynamodb:Query");
  });

  test.each([
    "api-customers",
    "api-deployments",
    "api-health-scores",
    "api-dashboard",
    ...jobFunctions.map(dashed).filter((name) => name !== "jobs-system-watch"),
  ])("%s can read the customer directory", (name) =>
    expect(resources(name, "dynamodb:Query")).toContain("/index/byType"),
  );
});

/** What of these a function may not, as IAM decides (test/support/policies.ts). */
const refused = (name: string, ...accesses: readonly Partial<Access>[]) =>
  refusedBy(
    `success-manager-local-${name}`,
    accesses.map((access) => ({ action: "GetItem", resource: "table", key: undefined, ...access })),
  ).map(({ action, key }) => `${action} ${key}`);

describe("the audit trail", () => {
  const KEYS = ["audit#2026-11", "audit_chain#2026-11-28"];
  const TOUCHING = ["UpdateItem", "DeleteItem", "PutItem"] as const;
  const mayDo = (action: string, keys: readonly (string | undefined)[], resource = "table") =>
    names.filter(
      (name) => refused(name, ...keys.map((key) => ({ action, key, resource }))).length < keys.length,
    );

  test("is append only: one function adds entries and links, none deletes one, and an erasure alone updates what is personal of them", () => {
    const [update, remove, put] = TOUCHING.map((action) => mayDo(action, KEYS));
    expect(update).toEqual(["jobs-personal-data"]);
    const touching = (...attributes: string[]) =>
      KEYS.map((key) => ({ action: "UpdateItem", key, attributes: ["pk", "sk", ...attributes] }));
    for (const attribute of ["changes", "actor_id", "at", "hash", "entries", "personal_proof", "link"])
      expect(refused("jobs-personal-data", ...touching("personal", attribute))).toHaveLength(2);
    const personal = touching("personal", "personal_key", "actor_name", "actor_key");
    expect(refused("jobs-personal-data", ...personal)).toEqual([]);
    expect(remove).toEqual([]);
    expect(put).toEqual(["streams-rollups"]);
    // A batch of writes would be one right for all of these.
    for (const action of ["BatchWriteItem", "PartiQLUpdate", "PartiQLDelete"])
      expect(doing(`dynamodb:${action}`)).toEqual([]);
  });

  test("is read by its own endpoints alone, by who adds to it and by who erases", () => {
    const erasing = "jobs-personal-data";
    expect(mayDo("GetItem", KEYS)).toEqual([erasing, "streams-rollups"]);
    expect(mayDo("BatchGetItem", KEYS)).toEqual(["api-audit", erasing, "streams-rollups"]);
    expect(mayDo("Query", KEYS)).toEqual(["api-audit", erasing, "streams-rollups"]);
    expect(mayDo("Query", ["audit_actor#1"], "byType")).toEqual(["api-audit", erasing]);
    const ofThing = ["api-audit", erasing, "streams-rollups"];
    expect(mayDo("Query", ["audit#customer#1"], "byCustomer")).toEqual(ofThing);
  });
});

describe("hashes of passwords", () => {
  const LOGIN = { key: "login#ada@example.com" };
  const OWNER = ["pk", "sk", "email_key", "user_id"];

  test("are read where people sign in or get a password, and nowhere else", () => {
    const readers = names.filter((name) =>
      (["GetItem", "BatchGetItem", "Query"] as const).some(
        (action) => refused(name, { ...LOGIN, action }).length === 0,
      ),
    );
    // What erases a user; what makes links to set a password, for accounts that have one.
    expect(readers).toEqual([
      ...["api-auth", "api-account", "api-users"],
      ...["pages-password", "jobs-personal-data", "streams-notifications"],
    ]);
  });

  test.each([
    ...["api-reports", "pages-report", "jobs-scheduled-reports"],
    ...["jobs-contract-expiry", "jobs-license-expiry", "jobs-inactivity"],
  ])("%s learns whose an address is, and no more", (name) => {
    const action = "BatchGetItem";
    expect(refused(name, { ...LOGIN, action, attributes: OWNER })).toEqual([]);
    for (const attribute of ["password_hash", "password_link_id", "known_addresses"])
      expect(refused(name, { ...LOGIN, action, attributes: [...OWNER, attribute] })).toHaveLength(1);
    expect(refused(name, { ...LOGIN, action })).toHaveLength(1);
    // The same request for others, whole.
    expect(refused(name, { key: "user#1", action })).toEqual([]);
  });
});

describe("a page that anybody can open", () => {
  test.each(["pages-survey", "pages-report", "api-portal"])("%s touches its own items alone", (name) => {
    for (const key of [
      "customer#1",
      "session#1",
      "settings#alerts",
      "password_link#1",
      "login",
      "logins#1",
      "surveys",
    ])
      for (const action of ["GetItem", "PutItem", "UpdateItem"])
        expect(refused(name, { key, action }), key).toEqual([`${action} ${key}`]);
  });

  test.each(["pages-survey", "pages-report", "pages-password"])("%s reads whose it is, no more", (name) => {
    expect(refused(name, { key: "settings#branding" })).toEqual([]);
    for (const action of ["PutItem", "UpdateItem"])
      expect(refused(name, { key: "settings#branding", action })).toHaveLength(1);
    expect(refused(name, { key: "settings#alerts" })).toHaveLength(1);
  });

  test.each(["pages-survey", "api-portal"])("%s opens the alert of a low answer", (name) => {
    const written = ["survey#1", "alert#1"].map((key) => ({ key, action: "PutItem" }));
    expect(refused(name, { key: "survey_link#1" }, ...written)).toEqual([]);
  });
});

describe("a function's variables", () => {
  test("name the keys that it may read, the table that it may use, the job that it may start, and no others", () => {
    for (const { Properties } of Object.values(cloud.service.findResources("AWS::Lambda::Function"))) {
      const name = short(Properties.FunctionName);
      const variables = new Set(Object.keys(Properties.Environment.Variables));
      // Which key is to be changed, Secrets Manager says.
      const keys = name === "keys-rotation" ? "" : resources(name, "secretsmanager:GetSecretValue");
      expect(variables.has("ACCESS_KEY_SECRET_ARN"), name).toBe(keys.includes("AccessKey"));
      expect(variables.has("REFRESH_KEY_SECRET_ARN"), name).toBe(keys.includes("RefreshKey"));
      expect(variables.has("ADDRESS_KEY_SECRET_ARN"), name).toBe(keys.includes("AddressKey"));
      expect(variables.has("TABLE_NAME"), name).toBe(
        [...actions(name)].some((action) => action.startsWith("dynamodb:")),
      );
      const known = [...jobFunctions, ...commandJobs.map(({ runs }) => runs)];
      const startable = known.filter((job) => variables.has(jobFunctionVariable(job)));
      expect(startable.map(dashed).sort(), name).toEqual(startedBy(name));
      for (const job of startable)
        expect(Properties.Environment.Variables[jobFunctionVariable(job)]).toBe(
          `success-manager-local-${dashed(job)}:live`,
        );
    }
  });
});

describe("no role", () => {
  test("leans on a policy that AWS manages", () => {
    for (const { Properties } of Object.values(cloud.service.findResources("AWS::IAM::Role"))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });
});

const dashed = (name: string) => name.replace("/", "-");
const startedBy = (name: string) =>
  [...resources(name, "lambda:InvokeFunction").matchAll(/function:success-manager-local-([\w-]+):live"/g)]
    .map(([, job = ""]) => job)
    .sort();
const short = (functionName: string) => functionName.replace("success-manager-local-", "");

/** IAM writes a list of one as the one. */
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

function permissionsOf({ service }: Synthesized): Map<string, Statement[]> {
  const functions = service.findResources("AWS::Lambda::Function");
  const ids = functionNames(service);
  const policies = Object.values(service.findResources("AWS::IAM::Policy"));
  return new Map(
    [...ids].map(([id, name]) => {
      const role = logicalIdOf(functions[id]?.Properties.Role);
      const statements = policies
        .filter(({ Properties }) => Properties.Roles.some((given: { Ref: string }) => given.Ref === role))
        .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
        .map(({ Action, Resource }) => ({
          actions: list(Action).map(String),
          resources: list(Resource).map((resource) => JSON.stringify(resource)),
        }));
      return [short(name), statements];
    }),
  );
}
