import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { ACMClient, DescribeCertificateCommand } from "@aws-sdk/client-acm";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import {
  GetAccountSettingsCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { projectRoot } from "../../infra/context.ts";
import { checks, examine, type Finding } from "../../infra/doctor.ts";
import { reservedInstances } from "../../infra/functions.ts";
import { stageOf } from "../../infra/stage.ts";
import { PRODUCTION } from "./synthesized.ts";

// No account is at hand, and nothing on one machine answers as CloudFormation, SES, ACM or SNS do.
const acm = mockClient(ACMClient);
const cloudFormation = mockClient(CloudFormationClient);
const dynamodb = mockClient(DynamoDBClient);
const lambda = mockClient(LambdaClient);
const ses = mockClient(SESv2Client);
const sns = mockClient(SNSClient);
const sts = mockClient(STSClient);
const mocks = [acm, cloudFormation, dynamodb, lambda, ses, sns, sts];
afterAll(() => mocks.forEach((mock) => void mock.restore()));

const named = (name: string, message = "") => Object.assign(new Error(message), { name });
const stack = (StackName: string, StackStatus: string, outputs: Record<string, string> = {}) => ({
  Stacks: [
    {
      StackName,
      StackStatus: StackStatus as "CREATE_COMPLETE",
      CreationTime: new Date(),
      Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    },
  ],
});
const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/one";
const ORIGIN_CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/two";
const stage = stageOf("prod", {
  ...PRODUCTION,
  region: "eu-west-1",
  domain: { name: "api.example.com", certificateArn: CERTIFICATE, originCertificateArn: ORIGIN_CERTIFICATE },
  reservedConcurrency: { login: 60, pages: 20, jobs: 4 },
});
const KEPT = reservedInstances(stage);
const TABLE = {
  Table: {
    TableStatus: "ACTIVE",
    StreamSpecification: { StreamEnabled: true },
    DeletionProtectionEnabled: true,
    ItemCount: 12,
  },
} as const;
const mapping = (name: string, State: string) => ({
  FunctionArn: `arn:aws:lambda:eu-west-1:123456789012:function:success-manager-prod-${name}`,
  State,
});

/** Everything as it has to be. */
beforeEach(() => {
  for (const mock of mocks) mock.reset();
  sts
    .on(GetCallerIdentityCommand)
    .resolves({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/ada" });
  cloudFormation
    .on(DescribeStacksCommand)
    .callsFake(async ({ StackName }) =>
      StackName === "CDKToolkit"
        ? stack(StackName, "CREATE_COMPLETE", { BootstrapVersion: "28" })
        : stack(StackName, "UPDATE_COMPLETE"),
    );
  lambda.on(GetAccountSettingsCommand).resolves({ AccountLimit: { ConcurrentExecutions: 1000 } });
  lambda.on(ListEventSourceMappingsCommand).resolves({
    EventSourceMappings: [
      mapping("streams-rollups", "Enabled"),
      mapping("streams-notifications:live", "Enabled"),
    ],
  });
  ses.on(GetAccountCommand).resolves({
    ProductionAccessEnabled: true,
    SendingEnabled: true,
    EnforcementStatus: "HEALTHY",
    SendQuota: { Max24HourSend: 50_000, MaxSendRate: 14 },
  });
  ses
    .on(GetEmailIdentityCommand)
    .resolves({ VerifiedForSendingStatus: true, DkimAttributes: { Status: "SUCCESS" } });
  acm.on(DescribeCertificateCommand).resolves({
    Certificate: { Status: "ISSUED", DomainName: "*.example.com", NotAfter: new Date("2027-01-01") },
  });
  dynamodb.on(DescribeTableCommand).resolves(TABLE);
  dynamodb.on(DescribeContinuousBackupsCommand).resolves({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "ENABLED" },
    },
  });
  dynamodb.on(DescribeTimeToLiveCommand).resolves({ TimeToLiveDescription: { TimeToLiveStatus: "ENABLED" } });
  sns.on(ListSubscriptionsByTopicCommand).resolves({
    Subscriptions: [
      { Endpoint: "ops@example.com", SubscriptionArn: "arn:aws:sns:eu-west-1:123456789012:x:y" },
    ],
  });
});

async function found(): Promise<Finding[]> {
  const all: Finding[] = [];
  for await (const finding of examine({ stage, region: "eu-west-1" })) all.push(finding);
  return all;
}
const bad = async () => (await found()).filter(({ state }) => state !== "ok");

test("an account where all is as it has to be has nothing to say", async () => {
  const all = await found();
  expect(all.map(({ check }) => check)).toEqual(checks.map(({ name }) => name));
  expect(all.filter(({ state }) => state !== "ok")).toEqual([]);
  expect(all.map(({ says }) => says)).toContain(
    `Lambda may have 1000 instances at once; this stage keeps ${KEPT}.`,
  );
});

test("asks with calls that read, and with no others", async () => {
  await found();
  const calls = mocks.flatMap((mock) => mock.calls().map(({ args }) => args[0].constructor.name));
  expect(calls.length).toBeGreaterThan(10);
  expect(calls.filter((name) => !/^(Describe|Get|List)/.test(name))).toEqual([]);
});

const missing = named("ResourceNotFoundException");
/** What is wrong with the account, and what the one check says that notices. */
const CASES: [string, () => unknown, Partial<Finding>][] = [
  [
    "a region that was never bootstrapped",
    () =>
      cloudFormation.on(DescribeStacksCommand, { StackName: "CDKToolkit" }).callsFake(async (_, client) => {
        if ((await client().config.region()) !== "us-east-1")
          return stack("CDKToolkit", "CREATE_COMPLETE", { BootstrapVersion: "28" });
        throw named("ValidationError", "Stack with id CDKToolkit does not exist");
      }),
    {
      check: "bootstrap of the edge",
      state: "FAIL",
      todo: "npx cdk bootstrap --context stage=prod aws://<account>/us-east-1",
    },
  ],
  [
    "a new account's ten instances",
    () => lambda.on(GetAccountSettingsCommand).resolves({ AccountLimit: { ConcurrentExecutions: 10 } }),
    { check: "concurrency", state: "FAIL", todo: expect.stringContaining("--desired-value 1000") },
  ],
  [
    "one instance less than what is kept and left",
    () =>
      lambda.on(GetAccountSettingsCommand).resolves({ AccountLimit: { ConcurrentExecutions: KEPT + 99 } }),
    { check: "concurrency", state: "FAIL", says: expect.stringContaining(`keeps ${KEPT}`) },
  ],
  [
    "SES's sandbox",
    () => ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: false, SendingEnabled: true }),
    { check: "mail account", state: "FAIL", todo: expect.stringContaining("--production-access-enabled") },
  ],
  [
    "mails that bounced too often",
    () =>
      ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: true, EnforcementStatus: "PROBATION" }),
    { check: "mail account", state: "warn" },
  ],
  [
    "an account that may send nothing",
    () => ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: true, SendingEnabled: false }),
    { check: "mail account", state: "FAIL" },
  ],
  [
    "a sender that nobody confirmed",
    () => ses.on(GetEmailIdentityCommand).resolves({ VerifiedForSendingStatus: false }),
    { check: "sender", state: "FAIL", says: "team@example.com is not confirmed." },
  ],
  [
    "a sender without DKIM",
    () =>
      ses
        .on(GetEmailIdentityCommand)
        .resolves({ VerifiedForSendingStatus: true, DkimAttributes: { Status: "NOT_STARTED" } }),
    { check: "sender", state: "warn", says: expect.stringContaining("DKIM") },
  ],
  [
    "a sender that SES does not know",
    () => ses.on(GetEmailIdentityCommand).rejects(named("NotFoundException")),
    { check: "sender", state: "later" },
  ],
  [
    "a certificate that waits for its record",
    () =>
      acm
        .on(DescribeCertificateCommand, { CertificateArn: CERTIFICATE })
        .resolves({ Certificate: { Status: "PENDING_VALIDATION" } }),
    {
      check: "certificate",
      state: "FAIL",
      says: "The certificate for api.example.com is PENDING_VALIDATION.",
    },
  ],
  [
    "a certificate of another name",
    () =>
      acm
        .on(DescribeCertificateCommand, { CertificateArn: ORIGIN_CERTIFICATE })
        .resolves({ Certificate: { Status: "ISSUED", DomainName: "*.api.example.com" } }),
    {
      check: "certificate of the gateway",
      state: "FAIL",
      says: expect.stringContaining("is for *.api.example.com, not for api.example.com"),
    },
  ],
  [
    "a stack that could not be rolled back",
    () =>
      cloudFormation
        .on(DescribeStacksCommand, { StackName: "SuccessManagerService-prod" })
        .resolves(stack("x", "UPDATE_ROLLBACK_FAILED")),
    {
      check: "stacks",
      state: "FAIL",
      says: expect.stringContaining("SuccessManagerService-prod: UPDATE_ROLLBACK_FAILED"),
    },
  ],
  [
    "a stack that is at work",
    () =>
      cloudFormation
        .on(DescribeStacksCommand, { StackName: "SuccessManagerData-prod" })
        .resolves(stack("x", "UPDATE_IN_PROGRESS")),
    { check: "stacks", state: "warn" },
  ],
  [
    "a table that was restored, without what it had",
    () => {
      dynamodb.on(DescribeTableCommand).resolves({ Table: { TableStatus: "ACTIVE" } });
      dynamodb
        .on(DescribeTimeToLiveCommand)
        .resolves({ TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } });
      dynamodb.on(DescribeContinuousBackupsCommand).resolves({
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: "ENABLED",
          PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" },
        },
      });
    },
    {
      check: "table",
      state: "FAIL",
      says: expect.stringMatching(/stream is off.*no point-in-time recovery.*TTL is off.*not protected/),
    },
  ],
  ["no table", () => dynamodb.on(DescribeTableCommand).rejects(missing), { check: "table", state: "later" }],
  [
    "a function that no longer follows the table",
    () =>
      lambda.on(ListEventSourceMappingsCommand).resolves({
        EventSourceMappings: [
          mapping("streams-rollups", "Disabled"),
          mapping("streams-notifications", "Enabled"),
        ],
      }),
    {
      check: "followers",
      state: "FAIL",
      says: "Nobody follows the table: success-manager-prod-streams-rollups is Disabled.",
    },
  ],
  [
    "functions of another stage alone",
    () =>
      lambda.on(ListEventSourceMappingsCommand).resolves({
        EventSourceMappings: [
          {
            FunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:success-manager-dev-streams-rollups",
            State: "Disabled",
          },
        ],
      }),
    { check: "followers", state: "later" },
  ],
  [
    "alarms that nobody confirmed",
    () =>
      sns.on(ListSubscriptionsByTopicCommand).resolves({
        Subscriptions: [{ Endpoint: "ops@example.com", SubscriptionArn: "PendingConfirmation" }],
      }),
    { check: "alarm mails", state: "FAIL", says: expect.stringContaining("ops@example.com did not confirm") },
  ],
  [
    "no topic of alarms",
    () => sns.on(ListSubscriptionsByTopicCommand).rejects(named("NotFoundException")),
    { check: "alarm mails", state: "later" },
  ],
  [
    "credentials that may not look",
    () => ses.on(GetEmailIdentityCommand).rejects(named("AccessDeniedException")),
    { check: "sender", state: "?", todo: "They need ses:GetEmailIdentity" },
  ],
  [
    "a service that does not answer",
    () => lambda.on(GetAccountSettingsCommand).rejects(named("TimeoutError", "socket hang up")),
    { check: "concurrency", state: "?", says: "TimeoutError: socket hang up" },
  ],
];
test.each(CASES)("%s: one check notices", async (_, change, expected) => {
  change();
  expect(await bad()).toEqual([expect.objectContaining(expected)]);
});

test("an account before its first deployment needs nothing that the deployment makes", async () => {
  cloudFormation.on(DescribeStacksCommand).callsFake(async ({ StackName }) => {
    if (StackName === "CDKToolkit") return stack(StackName, "CREATE_COMPLETE", { BootstrapVersion: "28" });
    throw named("ValidationError", `Stack with id ${StackName} does not exist`);
  });
  dynamodb.on(DescribeTableCommand).rejects(missing);
  lambda.on(ListEventSourceMappingsCommand).resolves({});
  sns.on(ListSubscriptionsByTopicCommand).rejects(named("NotFound"));
  ses.on(GetEmailIdentityCommand).rejects(named("NotFoundException"));
  const others = await bad();
  expect(others.map(({ check, state }) => `${check}: ${state}`)).toEqual([
    "sender: later",
    "stacks: later",
    "table: later",
    "followers: later",
    "alarm mails: later",
  ]);
});

test("nobody's credentials end it at once, with what AWS says", async () => {
  sts
    .on(GetCallerIdentityCommand)
    .rejects(named("ExpiredToken", "The security token included in the request is expired"));
  expect(await found()).toEqual([
    {
      check: "credentials",
      state: "?",
      says: "ExpiredToken: The security token included in the request is expired",
    },
  ]);
});

describe("the command", () => {
  test.each([
    [["--stage", "moon"], /there is no infra\/stages\/moon.json/],
    [["--stag", "prod"], /usage: npm run doctor/],
    [["--stage", "prod"], /infra\/stages\/prod\.json/],
  ])("%j: says what is wrong, and asks nobody", async (args, message) => {
    const child = spawn(process.execPath, ["infra/doctor.ts", ...args], {
      cwd: projectRoot,
      env: { PATH: process.env.PATH, AWS_REGION: "eu-west-1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });
});
