// npm run doctor -- --stage prod: what an account needs before a deployment, and whether one is in order. Reads only.
import { parseArgs } from "node:util";
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
import { reservedInstances } from "./functions.ts";
import { LOCAL, PRODUCTION, readSettings, type Stage, stageOf } from "./stage.ts";

const usage = "usage: npm run doctor -- --stage <stage>, one that is to be deployed, or is, such as prod";

/**
 * What was found: it is in order; it comes with the deployment; people should know of it; it stands in the way; it could
 * not be looked at.
 */
type State = "ok" | "later" | "warn" | "FAIL" | "?";

export interface Finding {
  readonly check: string;
  readonly state: State;
  /** A sentence: what is. */
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string;
}
type Found = Omit<Finding, "check">;

const ok = (says: string): Found => ({ state: "ok", says });
const later = (says: string): Found => ({ state: "later", says });
const warn = (says: string, todo: string): Found => ({ state: "warn", says, todo });
const fail = (says: string, todo: string): Found => ({ state: "FAIL", says, todo });

/** The account that is looked at. */
interface Account {
  readonly stage: Stage;
  readonly region: string;
}

interface Check {
  readonly name: string;
  /** What it asks, as IAM calls it. */
  readonly needs: string;
  /** The service that is asked, as the SDK calls it in `AWS_ENDPOINT_URL_…`. */
  readonly service: string;
  /** Whether this stage has any use for it. */
  readonly concerns?: (stage: Stage) => boolean;
  readonly run: (account: Account) => Promise<Found>;
}

/** Where CloudFront's parts are, whatever the stage's region. */
const EDGE_REGION = "us-east-1";
/** What the stacks need ("Bootstrap template version history", CDK Developer Guide). */
const LEAST_BOOTSTRAP = 6;
/** What has to be left to functions without a reserve (Lambda Developer Guide, "Reserved concurrency"). */
const UNRESERVED = 100;
/** Lambda's quota of an account that has been in use; a new one begins with ten. */
const USUAL_CONCURRENCY = 1000;
/** What is asked for is not there, as each service says it. */
const isMissing = (error: unknown) =>
  error instanceof Error &&
  (["ResourceNotFoundException", "NotFoundException", "NotFound", "TableNotFoundException"].includes(
    error.name,
  ) ||
    /does not exist/i.test(error.message));

/** Undefined for what is not there. */
const unlessMissing = (error: unknown): undefined => {
  if (!isMissing(error)) throw error;
};

async function bootstrap({ region, stage }: Account, where = region): Promise<Found> {
  const todo = `npx cdk bootstrap --context stage=${stage.name}${where === region ? "" : ` aws://<account>/${where}`}`;
  const answer = await new CloudFormationClient({ region: where })
    .send(new DescribeStacksCommand({ StackName: "CDKToolkit" }))
    .catch(unlessMissing);
  const outputs = answer?.Stacks?.[0]?.Outputs ?? [];
  const version = Number(outputs.find(({ OutputKey }) => OutputKey === "BootstrapVersion")?.OutputValue ?? 0);
  if (answer === undefined) return fail(`${where} is not bootstrapped for the CDK.`, todo);
  if (version < LEAST_BOOTSTRAP)
    return fail(`${where} is bootstrapped with version ${version}; ${LEAST_BOOTSTRAP} is needed.`, todo);
  return ok(`${where} is bootstrapped, version ${version}.`);
}

async function concurrency({ region, stage }: Account): Promise<Found> {
  const { AccountLimit } = await new LambdaClient({ region }).send(new GetAccountSettingsCommand());
  const limit = AccountLimit?.ConcurrentExecutions ?? 0;
  const needed = reservedInstances(stage) + UNRESERVED;
  const todo = `Ask for more: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value ${Math.max(USUAL_CONCURRENCY, needed)} --region ${region}`;
  if (reservedInstances(stage) > 0 && limit < needed)
    return fail(
      `Lambda may have ${limit} instances at once here, and this stage keeps ${needed - UNRESERVED} of which 100 more have to be left: its deployment would fail.`,
      `${todo}. Or take reservedConcurrency out of the stage's file`,
    );
  if (limit < UNRESERVED)
    return warn(`Lambda may have ${limit} instances at once here: enough to try it, not for a team.`, todo);
  return ok(`Lambda may have ${limit} instances at once; this stage keeps ${reservedInstances(stage)}.`);
}

async function mailAccount({ region, stage }: Account): Promise<Found> {
  const { ProductionAccessEnabled, SendingEnabled, EnforcementStatus, SendQuota } = await new SESv2Client({
    region,
  }).send(new GetAccountCommand());
  const { Max24HourSend = 0, MaxSendRate = 0 } = SendQuota ?? {};
  if (SendingEnabled === false || EnforcementStatus === "SHUTDOWN")
    return fail("SES sends nothing for this account.", "SES, Account dashboard: it says why");
  if (!ProductionAccessEnabled) {
    const sandbox = "SES is in its sandbox: it writes to confirmed addresses alone, and to 200 a day.";
    const todo = `Ask for production access: aws sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL --website-url https://… --region ${region}`;
    return stage.name === PRODUCTION ? fail(sandbox, todo) : warn(sandbox, todo);
  }
  if (EnforcementStatus === "PROBATION")
    return warn(
      "SES has the account under review: too many mails bounced, or people complained.",
      "SES, Reputation metrics",
    );
  return ok(`SES sends ${Max24HourSend} mails a day, ${MaxSendRate} a second.`);
}

async function sender({ region, stage }: Account): Promise<Found> {
  const { from, verifiedIdentity } = stage.mail ?? { from: "" };
  const EmailIdentity = verifiedIdentity ?? from;
  const identity = await new SESv2Client({ region })
    .send(new GetEmailIdentityCommand({ EmailIdentity }))
    .catch(unlessMissing);
  if (identity === undefined)
    return verifiedIdentity === undefined
      ? later(`The deployment makes SES write to ${from}; somebody has to open the link in that mail.`)
      : fail(
          `SES does not know ${verifiedIdentity}, which the stage's file calls verified.`,
          "Verify it in SES, or leave verifiedIdentity out",
        );
  if (!identity.VerifiedForSendingStatus)
    return fail(
      `${EmailIdentity} is not confirmed.`,
      "Open the link in SES's mail, or add the records of the domain",
    );
  if (identity.DkimAttributes?.Status !== "SUCCESS")
    return warn(
      `${EmailIdentity} is confirmed, but its mails have no DKIM signature: many programs take them for spam.`,
      "Verify the domain in SES with Easy DKIM, and name it as verifiedIdentity",
    );
  return ok(`${EmailIdentity} is confirmed, and its mails are signed (DKIM).`);
}

const certificateOf =
  (which: "certificateArn" | "originCertificateArn") =>
  async ({ region, stage: { domain } }: Account): Promise<Found> => {
    const { name = "", [which]: CertificateArn } = domain ?? {};
    const where = which === "certificateArn" ? EDGE_REGION : region;
    const answer = await new ACMClient({ region: where })
      .send(new DescribeCertificateCommand({ CertificateArn }))
      .catch(unlessMissing);
    const certificate = answer?.Certificate;
    if (certificate === undefined)
      return fail(`There is no certificate ${CertificateArn}.`, "Request one in ACM");
    if (certificate.Status !== "ISSUED")
      return fail(
        `The certificate for ${name} is ${certificate.Status}.`,
        "Add the record that ACM asks for, and wait until it is ISSUED",
      );
    const names = [certificate.DomainName ?? "", ...(certificate.SubjectAlternativeNames ?? [])];
    const wildcard = name.replace(/^[^.]+/, "*");
    if (!names.some((one) => one === name || one === wildcard))
      return fail(
        `The certificate is for ${[...new Set(names)].join(", ")}, not for ${name}.`,
        "Request one for this name",
      );
    return ok(
      `The certificate for ${name} in ${where} is good until ${certificate.NotAfter?.toISOString().slice(0, 10)}.`,
    );
  };

async function stacks({ region, stage }: Account): Promise<Found> {
  const client = new CloudFormationClient({ region });
  const names = ["Data", "Service", "Routes", "Alarms"].map((part) => `SuccessManager${part}-${stage.name}`);
  const found = await Promise.all(
    names.map((StackName) => client.send(new DescribeStacksCommand({ StackName })).catch(unlessMissing)),
  );
  const states = found.map((answer, n) => `${names[n]}: ${answer?.Stacks?.[0]?.StackStatus ?? "not there"}`);
  if (found.every((answer) => answer === undefined)) return later("The stage is not deployed yet.");
  if (states.every((state) => /: (CREATE|UPDATE|IMPORT)_COMPLETE$/.test(state)))
    return ok(`${states.join(", ")}.`);
  if (states.some((state) => state.endsWith("_IN_PROGRESS")))
    return warn(`${states.join(", ")}.`, "Wait until it is done");
  return fail(`${states.join(", ")}.`, "The stack's events say why; deploy again, or continue its rollback");
}

async function alarmMails({ region, stage }: Account): Promise<Found> {
  const { Account: account } = await new STSClient({ region }).send(new GetCallerIdentityCommand());
  const TopicArn = `arn:aws:sns:${region}:${account}:${stage.named("alarms")}`;
  const answer = await new SNSClient({ region })
    .send(new ListSubscriptionsByTopicCommand({ TopicArn }))
    .catch(unlessMissing);
  if (answer === undefined)
    return later("The deployment makes the topic of alarms; whoever gets them confirms that by mail.");
  const pending = (answer.Subscriptions ?? []).filter(
    ({ SubscriptionArn }) => SubscriptionArn === "PendingConfirmation",
  );
  if (pending.length > 0)
    return fail(
      `Alarms reach nobody: ${pending.map(({ Endpoint }) => Endpoint).join(", ")} did not confirm.`,
      "Open the link in the mail from AWS Notifications; deploy again when it has expired",
    );
  return ok(`Alarms go to ${(answer.Subscriptions ?? []).map(({ Endpoint }) => Endpoint).join(", ")}.`);
}

async function table({ region, stage }: Account): Promise<Found> {
  const client = new DynamoDBClient({ region });
  const TableName = stage.tableName(stage.tableGeneration);
  // The database of one machine has neither backups nor protection.
  const isLocal = stage.name === LOCAL;
  const described = await client.send(new DescribeTableCommand({ TableName })).catch(unlessMissing);
  const table = described?.Table;
  if (table === undefined) return later(`The deployment makes the table ${TableName}.`);
  const [backups, ttl] = await Promise.all([
    isLocal ? undefined : client.send(new DescribeContinuousBackupsCommand({ TableName })),
    client.send(new DescribeTimeToLiveCommand({ TableName })),
  ]);
  const { PointInTimeRecoveryDescription: recovery } = backups?.ContinuousBackupsDescription ?? {};
  const missing = [
    table.StreamSpecification?.StreamEnabled ? [] : "its stream is off: nothing is counted",
    isLocal || recovery?.PointInTimeRecoveryStatus === "ENABLED" ? [] : "it has no point-in-time recovery",
    ttl.TimeToLiveDescription?.TimeToLiveStatus === "ENABLED" ? [] : "old items are not removed (TTL is off)",
    isLocal || stage.disposable || table.DeletionProtectionEnabled ? [] : "it is not protected from deletion",
  ].flat();
  if (table.TableStatus !== "ACTIVE" && table.TableStatus !== "UPDATING")
    return fail(`The table ${TableName} is ${table.TableStatus}.`, "Wait, or restore it: docs/runbook.md");
  if (missing.length > 0)
    return fail(
      `The table ${TableName} is not as it was deployed: ${missing.join(", ")}.`,
      "A restored table needs these again: docs/runbook.md",
    );
  return ok(
    `The table ${TableName} has its stream, point-in-time recovery and TTL; about ${table.ItemCount ?? 0} items.`,
  );
}

async function mappings({ region, stage }: Account): Promise<Found> {
  const client = new LambdaClient({ region });
  const prefix = stage.named("streams-");
  const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand());
  const ours = EventSourceMappings.filter(({ FunctionArn = "" }) =>
    FunctionArn.includes(`:function:${prefix}`),
  );
  if (ours.length === 0) return later("The deployment makes the functions that follow the table.");
  const stopped = ours.filter(({ State }) => State !== "Enabled");
  if (stopped.length > 0)
    return fail(
      `Nobody follows the table: ${stopped.map(({ FunctionArn, State }) => `${FunctionArn?.split(":function:")[1]} is ${State}`).join(", ")}.`,
      "aws lambda update-event-source-mapping --enabled --uuid …",
    );
  return ok(`${ours.length} functions follow the table.`);
}

/** In the order in which a newcomer has to see to them. */
export const checks: readonly Check[] = [
  {
    name: "credentials",
    needs: "sts:GetCallerIdentity",
    service: "STS",
    run: async ({ region }) => {
      const { Account: account, Arn } = await new STSClient({ region }).send(new GetCallerIdentityCommand());
      return ok(`Account ${account}, ${region}, as ${Arn}.`);
    },
  },
  {
    name: "bootstrap",
    needs: "cloudformation:DescribeStacks",
    service: "CLOUDFORMATION",
    run: (account) => bootstrap(account),
  },
  {
    name: "bootstrap of the edge",
    needs: "cloudformation:DescribeStacks",
    service: "CLOUDFORMATION",
    concerns: ({ edge, region }) => edge && region !== EDGE_REGION,
    run: (account) => bootstrap(account, EDGE_REGION),
  },
  { name: "concurrency", needs: "lambda:GetAccountSettings", service: "LAMBDA", run: concurrency },
  { name: "mail account", needs: "ses:GetAccount", service: "SESV2", concerns: sendsMail, run: mailAccount },
  { name: "sender", needs: "ses:GetEmailIdentity", service: "SESV2", concerns: sendsMail, run: sender },
  {
    name: "certificate",
    needs: "acm:DescribeCertificate",
    service: "ACM",
    concerns: ({ domain }) => domain !== undefined,
    run: certificateOf("certificateArn"),
  },
  {
    name: "certificate of the gateway",
    needs: "acm:DescribeCertificate",
    service: "ACM",
    concerns: ({ domain }) => domain?.originCertificateArn !== undefined,
    run: certificateOf("originCertificateArn"),
  },
  { name: "stacks", needs: "cloudformation:DescribeStacks", service: "CLOUDFORMATION", run: stacks },
  {
    name: "table",
    needs: "dynamodb:DescribeTable, DescribeContinuousBackups and DescribeTimeToLive",
    service: "DYNAMODB",
    run: table,
  },
  { name: "followers", needs: "lambda:ListEventSourceMappings", service: "LAMBDA", run: mappings },
  {
    name: "alarm mails",
    needs: "sns:ListSubscriptionsByTopic",
    service: "SNS",
    concerns: ({ alarmEmail }) => alarmEmail !== undefined,
    run: alarmMails,
  },
];

function sendsMail({ mail }: Stage): boolean {
  return mail !== undefined;
}

/** What a check that failed by itself says. */
function failed(error: unknown, { needs }: Check): Found {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (/AccessDenied|UnauthorizedOperation|AuthorizationError/.test(name))
    return { state: "?", says: "These credentials may not look at it.", todo: `They need ${needs}` };
  return { state: "?", says: `${name}: ${message}` };
}

/**
 * Looks at an account for a stage, one check after the other. Changes nothing.
 *
 * @param only which services can be asked; all when absent
 */
export async function* examine(
  account: Account,
  only: (service: string) => boolean = () => true,
): AsyncGenerator<Finding> {
  for (const check of checks) {
    if (check.concerns?.(account.stage) === false || !only(check.service)) continue;
    const found = await check.run(account).catch((error: unknown) => failed(error, check));
    yield { check: check.name, ...found };
    // Who is nobody gets no further answer.
    if (check.name === "credentials" && found.state === "?") return;
  }
}

async function main(): Promise<number> {
  const { stage: name } = parseArgs({ options: { stage: { type: "string" } } }).values;
  if (name === undefined) throw new Error("--stage is needed.");
  const stage = stageOf(name, readSettings(name));
  console.log(`ok    settings: ${stage.name}`);
  const region = stage.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!region) throw new Error("Which region? Set region in the stage's file, or AWS_REGION.");
  // On one machine some services have no stand-in; nobody asks AWS for them by mistake.
  const only = (service: string) => name !== LOCAL || Boolean(process.env[`AWS_ENDPOINT_URL_${service}`]);
  const found: Finding[] = [];
  for await (const finding of examine({ stage, region }, only)) {
    found.push(finding);
    const { check, state, says, todo } = finding;
    console.log(`${state.padEnd(5)} ${check}: ${says}${todo === undefined ? "" : `\n      → ${todo}`}`);
  }
  const bad = found.filter(({ state }) => state === "FAIL" || state === "?");
  console.log(
    bad.length === 0
      ? "Nothing stands in the way."
      : `${bad.length} of ${found.length} checks need somebody.`,
  );
  return bad.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename)
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
  }
