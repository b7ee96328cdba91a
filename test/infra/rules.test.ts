import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type * as z from "zod";
import { bundle } from "../../infra/bundle/bundle.ts";
import { projectRoot } from "../../infra/context.ts";
import { functionNames } from "../../infra/permissions.ts";
import { StageSettings } from "../../infra/stage.ts";
import { successManager } from "../../infra/success-manager.ts";
import { bundledOnce, DOMAIN, synthesize, temporaryFolder } from "./synthesized.ts";

/** Reasons of all suppressed findings in the app, by rule. */
function suppressionsIn(app: App): { rule: string; reason: string }[] {
  return app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries<string>(data))
      .map(([rule, reason]) => ({ rule: rule.replace(/^.*::(?=AwsSolutions)/, ""), reason })),
  );
}

const EDGE = ["AwsSolutions-CFR1", "AwsSolutions-CFR3"];

describe.each([
  ["local", {}, []],
  ["dev", {}, []],
  ["prod", {}, [...EDGE, "AwsSolutions-CFR4"]],
  ["prod", { domain: DOMAIN }, EDGE],
  [
    "prod",
    { backup: { lock: { minDays: 7, maxDays: 400, graceDays: 10 } }, tableGeneration: 2, keptTables: [1] },
    [...EDGE, "AwsSolutions-CFR4"],
  ],
  ["preview", { disposable: true }, []],
  ["dev", { ownKey: "used", tracing: true }, []],
  ["prod", { ownKey: "prepared" }, [...EDGE, "AwsSolutions-CFR4"]],
])("cdk-nag on %s with %j", (stage, settings, more) => {
  let app: App;
  beforeAll(async () => {
    ({ app } = await synthesize({ stage, ...settings }));
  });

  test("finds nothing that is not suppressed with a reason", () => {
    const rules = new AwsSolutionsChecks();
    expect(rules.validateScope(app).violations).toEqual([]);
    for (const { rule, reason } of suppressionsIn(app)) expect(reason.length, rule).toBeGreaterThan(60);
  });

  test("is asked to suppress these rules and no others", () => {
    expect(new Set(suppressionsIn(app).map(({ rule }) => rule))).toEqual(
      new Set([
        "AwsSolutions-APIG4",
        "AwsSolutions-IAM5[Resource::*]",
        expect.stringMatching(/^AwsSolutions-IAM5\[Resource::arn:.+-reports-[^/]+\/reports\/\*\]$/),
        expect.stringMatching(/^AwsSolutions-IAM5\[Resource::arn:.+-reports-[^/]+\/branding\/\*\]$/),
        expect.stringMatching(/^AwsSolutions-IAM5\[Resource::arn:.+-reports-[^/]+\/avatars\/\*\]$/),
        expect.stringMatching(/^AwsSolutions-IAM5\[Resource::arn:.+-reports-[^/]+\/uploads\/\*\]$/),
        expect.stringMatching(/^AwsSolutions-IAM5\[Resource::arn:.+-snapshots-[^/]+\/snapshots\/\*\]$/),
        "AwsSolutions-SMG4",
        "AwsSolutions-SQS3",
        // Of CDK's own validation, where there are mails.
        ...(stage === "local" || stage === "prod" ? ["CloudFormation-Validate::W3694"] : []),
        ...more,
        ...("backup" in settings
          ? [expect.stringMatching(/^AwsSolutions-IAM4.*ServiceRolePolicyForBackup/)]
          : []),
      ]),
    );
  });
});

/** What roles may do with more than what is named, and why it can't be named. Nothing else has a `*`. */
const EXPLAINED_WILDCARDS: Readonly<Record<string, string>> = {
  "dynamodb:ListStreams *":
    "Lambda looks for the shards of a stream in the name of its function; the action knows no resources.",
  "cloudwatch:DescribeAlarms *":
    "CodeDeploy asks for the state of all alarms of a deployment in one call; it reads nothing else there.",
  "xray:PutTelemetryRecords *": "X-Ray knows no resources. Only where the stage is traced.",
  "xray:PutTraceSegments *": "X-Ray knows no resources. Only where the stage is traced.",
  "s3:GetObject -reports-/reports/*": "Each report has a file of its own, by an id that is made up with it.",
  "s3:PutObject -reports-/reports/*": "Each report has a file of its own, by an id that is made up with it.",
  "s3:DeleteObject -reports-/reports/*":
    "The same; who erases a person deletes the files that may name them.",
  "s3:GetObject -reports-/branding/*": "Each logo is named by what it holds.",
  "s3:PutObject -reports-/branding/*": "Each logo is named by what it holds.",
  ...Object.fromEntries(
    ["GetObject", "PutObject", "DeleteObject"].flatMap((action) =>
      ["avatars", "uploads"].map((folder) => [
        `s3:${action} -reports-/${folder}/*`,
        "Each picture of a person is named at random.",
      ]),
    ),
  ),
  "s3:GetObject -snapshots-/snapshots/*":
    "One file for each partition and list, by names put together there.",
  "s3:PutObject -snapshots-/snapshots/*":
    "One file for each partition and list, by names put together there.",
};

interface Statement {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: unknown;
  readonly NotResource?: unknown;
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}
interface TemplateResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is CloudFormation's, which differs by type.
  readonly Properties?: any;
}

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** `{"Fn::Join": ["", ["arn:", {Ref}, ":s3:::success-manager-prod-reports-", {Ref}, …, "/reports/*"]]}` as text. */
const textOf = (value: unknown): string =>
  typeof value === "string"
    ? value
    : list((value as { "Fn::Join"?: [string, unknown[]] })["Fn::Join"]?.[1])
        .map((part) => (typeof part === "string" ? part : ""))
        .join("");

/** Policies of all templates in a folder: those of roles, and those of what is asked (buckets, queues, keys, …). */
function policiesIn(folder: string) {
  const resources = readdirSync(folder)
    .filter((file) => file.endsWith(".template.json"))
    .flatMap((file) =>
      Object.values<TemplateResource>(JSON.parse(readFileSync(join(folder, file), "utf8")).Resources),
    );
  const [ofRoles, ofResources]: [Statement[], Statement[]] = [[], []];
  for (const { Type, Properties = {} } of resources) {
    const { PolicyDocument, KeyPolicy, ResourcePolicy, Policies = [] } = Properties;
    const isIam = Type.startsWith("AWS::IAM::");
    for (const document of [PolicyDocument, KeyPolicy, ResourcePolicy, ...Policies.map(inline)])
      (isIam ? ofRoles : ofResources).push(...list(document?.Statement as Statement[] | undefined));
  }
  return { ofRoles, ofResources };
}
const inline = ({ PolicyDocument }: { PolicyDocument: unknown }) => PolicyDocument as { Statement: unknown };

describe.each([
  ["local", {}],
  ["dev", { tracing: true }],
  ["prod", { ownKey: "used", keptTables: [2], backup: {} }],
  ["preview", { disposable: true }],
])("policies of %s with %j", (stage, settings) => {
  let policies: ReturnType<typeof policiesIn>;
  beforeAll(async () => {
    policies = policiesIn((await synthesize({ stage, ...settings })).folder);
  });

  test("name what a role may use, but where that can't be named", () => {
    const allowed = policies.ofRoles.filter(({ Effect }) => Effect === "Allow");
    expect(allowed.length).toBeGreaterThan(50);
    expect(allowed.filter(({ NotAction, NotResource }) => NotAction ?? NotResource)).toEqual([]);
    const wild = allowed.flatMap(({ Action, Resource }) =>
      list(Resource)
        .map(textOf)
        .filter((resource) => resource.includes("*"))
        .flatMap((resource) =>
          list(Action).map((action) => `${action} ${resource.replace(/^arn:.*?success-manager-[a-z]+/, "")}`),
        ),
    );
    const inTheirBucket = wild.map((one) => one.replace(/(-(?:reports|snapshots)-)[^/]*\//, "$1/"));
    expect([...new Set(inTheirBucket)].filter((one) => !(one in EXPLAINED_WILDCARDS))).toEqual([]);
    expect(allowed.flatMap(({ Action }) => list(Action)).filter((action) => action.includes("*"))).toEqual(
      [],
    );
  });

  test("let nobody in who is not named", () => {
    const everybody = policies.ofResources.filter(
      ({ Effect, Principal }) => Effect === "Allow" && /"\*"/.test(JSON.stringify(Principal)),
    );
    expect(everybody).toEqual([]);
    // Services of AWS act for anybody's account: each is held to ours, or to what it acts for.
    const unheld = policies.ofResources.filter(
      ({ Effect, Principal, Condition }) =>
        Effect === "Allow" &&
        typeof Principal === "object" &&
        Principal !== null &&
        "Service" in Principal &&
        Condition === undefined,
    );
    expect(unheld).toEqual([]);
  });
});

/** What cfn-lint finds and is right as it is. */
const EXPLAINED_LINTS: Readonly<Record<string, string>> = {
  W3005:
    "CDK lets a function wait for its role, and a schedule for its, besides referring to it: said twice, and harmless.",
  W6001: "The table's name is an output of both stacks: people look for it at the service.",
};

// From Python's registry, which not every machine reaches: pip install cfn-lint.
const cfnLint = spawnSync("cfn-lint", ["--version"], { encoding: "utf8" });

const LINTED: readonly (readonly [stage: string, settings: Readonly<Record<string, unknown>>])[] = [
  ["dev", {}],
  ["prod", {}],
  ["preview", { disposable: true }],
  ["prod", { ownKey: "used", tracing: true, keptTables: [2] }],
];

describe.skipIf(cfnLint.status !== 0)(
  cfnLint.stdout?.trim() || "cfn-lint (left out: it is not installed)",
  () => {
    interface Finding {
      readonly Rule: { readonly Id: string };
      readonly Message: string;
      readonly Filename: string;
    }
    const folders = new Map<string, string>();
    const named = (stage: string, settings: object) => `${stage} ${JSON.stringify(settings)}`;
    let found: readonly Finding[];

    // In one process: it takes longer to read its rules than to apply them.
    beforeAll(async () => {
      for (const [stage, settings] of LINTED)
        folders.set(named(stage, settings), (await synthesize({ stage, ...settings })).folder);
      const templates = [...folders.values()].map((folder) => {
        const files = readdirSync(folder).filter((file) => file.endsWith(".template.json"));
        expect(files.length).toBeGreaterThan(1);
        return files.map((file) => join(folder, file));
      });
      const { stdout, stderr } = spawnSync("cfn-lint", ["--format", "json", "--", ...templates.flat()], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      expect(stderr).toBe("");
      found = JSON.parse(stdout);
    });

    test.each(LINTED)("on %s with %j finds nothing that is not explained", (stage, settings) => {
      const folder = `${folders.get(named(stage, settings))}/`;
      const unexplained = found.filter(({ Rule }) => EXPLAINED_LINTS[Rule.Id] === undefined);
      expect(unexplained.filter(({ Filename }) => Filename.startsWith(folder))).toEqual([]);
    });

    test("says of each finding in which of these templates it is", () => {
      const roots = [...folders.values()].map((folder) => `${folder}/`);
      expect(found.filter(({ Filename }) => !roots.some((root) => Filename.startsWith(root)))).toEqual([]);
    });
  },
);

describe("synthesis", () => {
  test("gives the same templates and the same bundles every time", async () => {
    const anew = await bundle(functionNames, { out: temporaryFolder() });
    // A template names each function's folder by the hash of all that is in it.
    const [one, other] = [await synthesize(), await synthesize({}, anew)];
    expect(one.data.toJSON()).toEqual(other.data.toJSON());
    expect(one.service.toJSON()).toEqual(other.service.toJSON());
    expect(one.routes.toJSON()).toEqual(other.routes.toJSON());
  });

  test("knows nothing of an account", async () => {
    const { service, data } = await synthesize();
    expect(JSON.stringify([service.toJSON(), data.toJSON()])).not.toMatch(/\b\d{12}\b/);
  });

  test.each<[{ stage?: string; [setting: string]: unknown }, RegExp]>([
    [{ timezone: "Mars/Olympus" }, /timezone/],
    [{ healthWeights: { adoption: 1, engagement: 1, support: 1, financial: 1 } }, /healthWeights/],
    [{ alarmEmail: "nobody" }, /alarmEmail/],
    [{ sessionDays: 0 }, /sessionDays/],
    [{ sessionDays: 366 }, /sessionDays/],
    [{ reportRetentionDays: 0 }, /reportRetentionDays/],
    [{ reportRetentionDays: 3651 }, /reportRetentionDays/],
    [{ reportRetentionDays: 1.5 }, /reportRetentionDays/],
    [{ reportRetentionDays: "ever" }, /reportRetentionDays/],
    [{ logRetentionDays: 13 }, /logRetentionDays/],
    [{ throttle: { rate: 0, burst: 1 } }, /throttle/],
    [{ alarmMail: "ops@example.com" }, /alarmMail/],
    [{ edge: true }, /region/],
    [{ region: "Frankfurt" }, /region/],
    [{ domain: DOMAIN }, /domain/],
    [{ edge: true, region: "eu-central-1", domain: DOMAIN, publicUrl: "https://x.example.com" }, /publicUrl/],
    ...[
      { name: "https://api.example.com" },
      { certificateArn: DOMAIN.certificateArn.replace("us-east-1", "eu-central-1") },
      { certificateArn: "arn:aws:iam::123456789012:server-certificate/x" },
      { originCertificateArn: DOMAIN.certificateArn },
      { hostedZone: { id: "example.com", name: "example.com" } },
    ].map((part): [Readonly<Record<string, unknown>>, RegExp] => [
      { edge: true, region: "eu-central-1", domain: { ...DOMAIN, ...part } },
      /domain/,
    ]),
    [{ originSecret: 0 }, /originSecret/],
    [{ ownKey: true }, /ownKey/],
    [{ tracing: "yes" }, /tracing/],
    [{ canary: "Canary1Percent" }, /canary/],
    [{ reservedConcurrency: { jobs: 1 } }, /reservedConcurrency/],
    [{ reservedConcurrency: { streams: 5 } }, /reservedConcurrency/],
    [{ stage: "prod", region: undefined }, /region/],
    [{ stage: "prod", disposable: true }, /disposable/],
    [{ stage: "prod", alarmEmail: undefined }, /alarmEmail/],
    [{ stage: "prod", mail: undefined }, /mail/],
    [{ stage: "prod", corsOrigins: ["http://localhost:5173"] }, /corsOrigins/],
  ])("refuses %j, naming the setting and its file", async ({ stage = "local", ...settings }, name) => {
    const refused = expect(synthesize({ stage, ...settings })).rejects;
    await refused.toThrow(name);
    await refused.toThrow(`infra/stages/${stage}.json`);
  });

  test("refuses production as long as its file does not say what it needs, all at once", async () => {
    await expect(successManager({ context: { stage: "prod" }, code: bundledOnce() })).rejects.toThrow(
      /prod\.json[\s\S]*corsOrigins[\s\S]*region[\s\S]*alarmEmail[\s\S]*mail/,
    );
  });

  test.each([
    ["Prod!", /lower-case/],
    ["moon", /there is no infra\/stages\/moon\.json.*dev, local, prod/],
    ["../../package", /lower-case/],
  ])("refuses stage %s", async (stage, message) => {
    await expect(successManager({ context: { stage }, code: bundledOnce() })).rejects.toThrow(message);
  });

  test("of the local stage is refused where it would be deployed", async () => {
    vi.stubEnv("CDK_DEFAULT_ACCOUNT", "123456789012");
    // As `npm start` and `npm run synth` make it, with an account in the shell.
    const code = bundledOnce();
    const app = await successManager({ outdir: temporaryFolder(), code });
    expect(app.node.tryGetContext("stage")).toBe("local");
    // Under the command line, an app synthesizes itself when its process ends; here its folder would be gone by then.
    const known = process.listeners("beforeExit");
    vi.stubEnv("CDK_OUTDIR", temporaryFolder());
    await expect(successManager({ code })).rejects.toThrow(/npm start/);
    for (const listener of process.listeners("beforeExit"))
      if (!known.includes(listener)) process.off("beforeExit", listener);
    vi.unstubAllEnvs();
  });
});

test("docs/deploy.md has the settings of a stage as their schema has them", () => {
  const shape: Readonly<Record<string, z.ZodType>> = StageSettings.shape;
  const rows = Object.entries(shape).map(([key, schema]) => {
    const known = schema.safeParse(undefined);
    const usual = known.success && known.data !== undefined ? `\`${JSON.stringify(known.data)}\`` : "none";
    return `| \`${key}\` | ${known.success ? usual : "must be given"} | ${schema.description} |`;
  });
  expect(readFileSync(join(projectRoot, "docs/deploy.md"), "utf8")).toContain(`\n${rows.join("\n")}\n`);
});

test("sessions last as long as the stage says, for the function that opens them alone", async () => {
  for (const [context, days] of [
    [{}, "30"],
    [{ sessionDays: 7 }, "7"],
  ] as const) {
    const { service } = await synthesize(context);
    const told = Object.values(service.findResources("AWS::Lambda::Function")).flatMap(
      ({ Properties: { FunctionName, Environment } }) =>
        "SESSION_DAYS" in Environment.Variables ? [[FunctionName, Environment.Variables.SESSION_DAYS]] : [],
    );
    expect(told).toEqual([["success-manager-local-api-auth", days]]);
  }
});

describe("production", () => {
  test("has names of its own, keeps logs longer, takes more requests", async () => {
    const [dev, prod] = [await synthesize({ stage: "dev" }), await synthesize({ stage: "prod" })];
    const rate = ({ routes }: typeof dev) =>
      Object.values(routes.findResources("AWS::ApiGatewayV2::Stage"))[0]?.Properties.DefaultRouteSettings
        .ThrottlingRateLimit;
    expect(rate(prod)).toBeGreaterThan(rate(dev));
    prod.service.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
    dev.service.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 14 });
    prod.data.hasResource("AWS::DynamoDB::Table", {
      Properties: { TableName: "success-manager-prod", DeletionProtectionEnabled: true },
      DeletionPolicy: "Retain",
    });
    expect(JSON.stringify(prod.service.toJSON())).not.toMatch(/success-manager-(local|dev)/);
  });

  test("weighs the components of a score as it is told", async () => {
    const weights = { adoption: 0.4, engagement: 0.2, support: 0.2, financial: 0.2 };
    const { service } = await synthesize({ stage: "prod", healthWeights: weights });
    const [job] = Object.values(
      service.findResources("AWS::Lambda::Function", {
        Properties: { FunctionName: "success-manager-prod-jobs-health" },
      }),
    );
    expect(JSON.parse(job?.Properties.Environment.Variables.HEALTH_WEIGHTS)).toEqual(weights);
  });
});
