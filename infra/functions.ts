import { jobFunctionVariable } from "@success-manager/contract/jobs";
import { Duration, type Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as Lambda,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import type { Bundles } from "./bundle/bundle.ts";
import { avatarFiles, keyInUse, logoFiles, reportFiles, snapshotObjects } from "./data.ts";
import { live } from "./delivery.ts";
import { useKey } from "./keys.ts";
import { mailVariables } from "./mail.ts";
import { suppressNag } from "./nag-suppressions.ts";
import { logs, METRICS_NAMESPACE, serviceName } from "./observability.ts";
import {
  type FunctionName,
  filesOf,
  functionNames,
  keepsDirectory,
  keysOf,
  type Permission,
  permissions,
  printsReports,
  startsOf,
} from "./permissions.ts";
import { liveName, physicalName, policy, type Shared } from "./policy.ts";
import { LOCAL, type Stage } from "./stage.ts";

export type Functions = ReadonlyMap<FunctionName, Lambda>;

interface Parts extends Shared {
  readonly code: Bundles;
}

type Kind = "api" | "pages" | "jobs" | "keys" | "streams" | "events";

/** Lambda gives CPU in proportion to memory, a whole one at this many MB: all that one Node thread can use. */
const WHOLE_CPU = 1769;

const SIZES = {
  // Far more than the 150 MB in use: it buys the CPU that parses and compares passwords. With the directory: a whole one.
  // The gateway gives up after 30 s; ending a second earlier leaves our own words in the log.
  api: { memorySize: 1024, timeout: Duration.seconds(29) },
  pages: { memorySize: 512, timeout: Duration.seconds(10) },
  // The longest run there is.
  jobs: { memorySize: WHOLE_CPU, timeout: Duration.minutes(15) },
  keys: { memorySize: 256, timeout: Duration.seconds(30) },
  // A batch is a handful of writes; while one waits for a busy database, those behind it wait too.
  streams: { memorySize: 1024, timeout: Duration.seconds(60) },
  // One item or two, read and written; nobody waits.
  events: { memorySize: 512, timeout: Duration.seconds(60) },
} as const satisfies Record<Kind, object>;

/**
 * How often a request to AWS is made before it counts as failed. A person waits for an API function, and is told to
 * try again; a job or a stream has time.
 */
const MAX_ATTEMPTS = {
  api: "3",
  pages: "3",
  jobs: "6",
  keys: "6",
  streams: "6",
  events: "6",
} as const satisfies Record<Kind, string>;

/**
 * How many instances are kept for a function and are all that it may have: a flood of log-ins, of pages for everybody
 * or of work takes nothing from the others. Nothing where the stage does not say.
 */
function reservation(
  { reservedConcurrency: { login, pages, jobs } = {} }: Stage,
  name: FunctionName,
): { readonly reservedConcurrentExecutions?: number } {
  const reserved = {
    api: name === "api/auth" ? login : undefined,
    pages,
    jobs,
    keys: undefined,
    streams: undefined,
    events: undefined,
  };
  const most = name === "api/portal" ? pages : reserved[kindOf(name)];
  return most === undefined ? {} : { reservedConcurrentExecutions: most };
}

/** What a stage's functions keep for themselves of the account's instances, of which 100 have to be left. */
export const reservedInstances = (stage: Stage): number =>
  functionNames.reduce((sum, name) => sum + (reservation(stage, name).reservedConcurrentExecutions ?? 0), 0);

/**
 * As JSON, so that Lambda leaves out what it writes for each invocation (START, REPORT) and still tells of time-outs and
 * crashes (WARN). Lines of our own it hands on as they are: logger and metrics write to the process's output themselves,
 * not by `console`, which Lambda would wrap.
 *
 * The level of the application stays at INFO where the stage wants less: Lambda takes a line without `level`, such as
 * that of a metric, for INFO, and would drop it (Lambda Developer Guide, "Log-level filtering"). Our logger keeps to
 * `LOG_LEVEL` by itself (packages/lambda/src/telemetry.ts).
 */
const logging = ({ logLevel }: Stage) => ({
  loggingFormat: LoggingFormat.JSON,
  systemLogLevelV2: SystemLogLevel.WARN,
  applicationLogLevelV2: logLevel === "DEBUG" ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO,
});

/** All functions of `permissions`, by name. */
export function functions(stack: Stack, stage: Stage, parts: Parts): Functions {
  return new Map(functionNames.map((name) => [name, lambda(stack, stage, name, parts)]));
}

function lambda(stack: Stack, stage: Stage, name: FunctionName, parts: Parts): Lambda {
  const { code, failures } = parts;
  const functionName = physicalName(stage, name);
  const logGroup = logs(
    stack,
    stage,
    `Logs-${name}`,
    `/aws/lambda/${functionName}`,
    keyInUse(stage, parts.data.key),
  );
  const role = new Role(stack, `Role-${name}`, {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    description: `What ${functionName} may do`,
  });
  logGroup.grantWrite(role);
  const permission = { ...permissions[name], starts: startsOf(name), keys: keysOf(name) };
  for (const statement of policy(stack, stage, permission, parts)) role.addToPolicy(statement);
  const kind = kindOf(name);
  const uses = keyUse(name);
  for (const statement of useKey(stack, parts.data.key, uses.services, uses)) role.addToPolicy(statement);

  const lambda = new Lambda(stack, name, {
    functionName,
    description: `functions/${name}.ts`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: "index.handler",
    code: Code.fromAsset(code.folder(name)),
    ...SIZES[kind],
    ...(kind === "api" && keepsDirectory(name) && { memorySize: WHOLE_CPU }),
    ...reservation(stage, name),
    role,
    logGroup,
    ...logging(stage),
    ...(stage.tracing && { tracing: Tracing.ACTIVE }),
    environment: environment(stage, name, parts),
  });
  const inUse = live(lambda);
  // Of the alias: what is set for the function itself does not hold for who calls its alias.
  if (kind === "jobs" || kind === "events")
    inUse.configureAsyncInvoke({
      onFailure: new SqsDestination(failures),
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
    });
  if (stage.tracing)
    suppressNag(
      role,
      "AwsSolutions-IAM5[Resource::*]",
      "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources; everything else in this policy names one.",
    );
  if (filesOf(name).length > 0)
    suppressNag(
      role,
      `AwsSolutions-IAM5[Resource::${nagArn(stack, reportFiles(stack, stage))}]`,
      "Each report has a file of its own, named by an id that is made up with it. This is the folder of them all; the rest of the bucket, and a list of what is in it, stay closed.",
    );
  const { snapshots, logos, avatars }: Permission = permissions[name];
  if (avatars)
    for (const files of avatarFiles(stack, stage))
      suppressNag(
        role,
        `AwsSolutions-IAM5[Resource::${nagArn(stack, files)}]`,
        "Pictures of people have names that functions make up. These are the folders of them all; the rest of the bucket, and a list of what is in it, stay closed.",
      );
  if (logos)
    suppressNag(
      role,
      `AwsSolutions-IAM5[Resource::${nagArn(stack, logoFiles(stack, stage))}]`,
      "Logos are named by what they hold. This is the folder of them all; anybody may see one who gets a mail.",
    );
  if (snapshots)
    suppressNag(
      role,
      `AwsSolutions-IAM5[Resource::${nagArn(stack, snapshotObjects(stack, stage))}]`,
      "One object for each partition or list that has a snapshot, by names that functions put together; nothing else stands there.",
    );
  return lambda;
}

/** Through which services a function uses the stage's own key, and whether only to read. */
function keyUse(name: FunctionName) {
  const {
    items = [],
    queries = [],
    scans,
    snapshots,
    logos,
    avatars,
    rotates = false,
  }: Permission = permissions[name];
  const keys = keysOf(name);
  const kind = kindOf(name);
  const reads: readonly string[] = ["GetItem", "BatchGetItem", "ConditionCheckItem"];
  const files = filesOf(name);
  // Where it puts what failed, by itself or by Lambda in its name.
  const fails = kind === "jobs" || kind === "events" || kind === "streams";
  return {
    services: [
      ...(items.length + queries.length > 0 || scans ? ["dynamodb"] : []),
      ...(files.length > 0 || logos || avatars || snapshots ? ["s3"] : []),
      ...(keys.length > 0 ? ["secretsmanager"] : []),
      ...(fails ? ["sqs"] : []),
    ],
    writes:
      fails ||
      rotates ||
      files.includes("write") ||
      snapshots === "write" ||
      logos === "write" ||
      avatars ||
      items.some((action) => !reads.includes(action)),
  };
}

/** An ARN as cdk-nag writes it: `arn:<AWS::Partition>:s3:::…` */
const nagArn = (stack: Stack, arn: string): string =>
  stack
    .resolve(arn)
    ["Fn::Join"][1].map((part: string | { Ref: string }) =>
      typeof part === "string" ? part : `<${part.Ref}>`,
    )
    .join("");

function environment(
  stage: Stage,
  name: FunctionName,
  { data, failures, rules }: Parts,
): Record<string, string> {
  const {
    items,
    logins,
    asksProvider = false,
    rotates = false,
    schedules = false,
    scores = false,
    mails = false,
    charges = false,
    watches = false,
    speaks = false,
    describes = false,
    snapshots,
    logos,
    avatars,
    brands = mails,
    trail,
  }: Permission = permissions[name];
  const keys = keysOf(name);
  return {
    STAGE: stage.name,
    LOG_LEVEL: stage.logLevel,
    ...(items && { AWS_MAX_ATTEMPTS: MAX_ATTEMPTS[kindOf(name)] }),
    POWERTOOLS_SERVICE_NAME: serviceName(name),
    POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
    ...(items && { TABLE_NAME: data.table.tableName }),
    ...((filesOf(name).length > 0 || logos || avatars) && { REPORTS_BUCKET: data.reports.bucketName }),
    ...(trail === "append" && { AUDIT_RETENTION_DAYS: `${stage.auditRetentionDays}` }),
    ...(snapshots && { SNAPSHOTS_BUCKET: data.snapshots.bucketName }),
    ...(printsReports(name) && {
      REPORT_RETENTION_DAYS: `${stage.reportRetentionDays}`,
      CURRENCY: stage.currency,
    }),
    // Who rotates them is told which.
    ...(!rotates && keys.includes("access") && { ACCESS_KEY_SECRET_ARN: data.secrets.access.secretArn }),
    ...(!rotates &&
      keys.includes("refresh") && {
        REFRESH_KEY_SECRET_ARN: data.secrets.refresh.secretArn,
        SESSION_DAYS: `${stage.sessionDays}`,
      }),
    ...(keys.includes("secondFactor") && {
      SECOND_FACTOR_KEY_SECRET_ARN: data.secrets.secondFactor.secretArn,
    }),
    ...(keys.includes("addresses") && { ADDRESS_KEY_SECRET_ARN: data.secrets.addresses.secretArn }),
    ...(asksProvider && stage.oidc && { OIDC: JSON.stringify(oidcVariable(stage, stage.oidc)) }),
    ...(logins === "use" &&
      stage.oidc?.passwordLogin === false && {
        PASSWORD_LOGIN: "off",
        ...(stage.corsOrigins[0] && { WEB_APP_URL: stage.corsOrigins[0] }),
      }),
    ...Object.fromEntries(startsOf(name).map((job) => [jobFunctionVariable(job), liveName(stage, job)])),
    ...((schedules || speaks) && { SCHEDULE_TIMEZONE: stage.timezone }),
    ...(speaks && { DEFAULT_LANGUAGE: stage.language }),
    ...(brands && stage.organization && { ORGANIZATION: stage.organization }),
    ...(describes && apiContactVariable(stage)),
    ...(mails && mailVariables(stage, rules)),
    // What a stream's function can't handle it puts there itself (packages/lambda/src/dead-letters.ts).
    ...((watches || kindOf(name) === "streams") && { DEAD_LETTER_QUEUE_URL: failures.queueUrl }),
    ...(watches && {
      WATCHED_BUCKET: data.reports.bucketName,
      ...(stage.mail && { WATCHED_SENDER: stage.mail.from }),
    }),
    ...(charges && { QUOTAS: JSON.stringify(stage.quotas) }),
    ...(scores && { HEALTH_WEIGHTS: JSON.stringify(stage.healthWeights) }),
  };
}

/** Whom the OpenAPI document names; nobody where the stage names none. */
function apiContactVariable({ apiContact, organization }: Stage) {
  const contact = { ...(organization && { name: organization }), ...apiContact };
  return Object.keys(contact).length > 0 && { API_CONTACT: JSON.stringify(contact) };
}

/** The provider of log-ins as functions read it (packages/domain/src/config.ts). */
const oidcVariable = ({ name, corsOrigins }: Stage, oidc: NonNullable<Stage["oidc"]>) => ({
  issuer: oidc.issuer,
  client_id: oidc.clientId,
  client_secret_arn: oidc.clientSecretArn,
  client_secret: oidc.clientSecret,
  scopes: oidc.scopes,
  email_proof: oidc.emailProof,
  mail_domains: oidc.mailDomains,
  roles: oidc.roles,
  default_role: oidc.defaultRole,
  label: oidc.label,
  origins: corsOrigins,
  local: name === LOCAL,
});

function kindOf(name: FunctionName): Kind {
  if (name.startsWith("api/")) return "api";
  if (name.startsWith("streams/")) return "streams";
  if (name.startsWith("keys/")) return "keys";
  if (name.startsWith("events/")) return "events";
  return name.startsWith("jobs/") ? "jobs" : "pages";
}
