import { type App, Duration, RemovalPolicy, Stack, Tags } from "aws-cdk-lib";
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from "aws-cdk-lib/aws-backup";
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { Schedule } from "aws-cdk-lib/aws-events";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, HttpMethods } from "aws-cdk-lib/aws-s3";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { dataKey } from "./keys.ts";
import { sender } from "./mail.ts";
import { suppressNag } from "./nag-suppressions.ts";
import type { Index } from "./permissions.ts";
import { regional, type Stage } from "./stage.ts";

/** What outlives every deployment of the service. */
export interface Data {
  readonly table: Table;
  readonly reports: Bucket;
  readonly snapshots: Bucket;
  /**
   * Keys that sign tokens; apart, so that a refresh token can never pass as an access token. The one from which follow
   * those that second factors are encrypted with. And the one that addresses which get no mail are hashed with.
   */
  readonly secrets: Readonly<Record<"access" | "refresh" | "secondFactor" | "addresses", Secret>>;
  /** The stage's own key, where it has one. */
  readonly key: Key | undefined;
}

/** The key that what is written is encrypted with; AWS's when undefined. */
export const keyInUse = ({ ownKey }: Stage, key: Key | undefined): Key | undefined =>
  ownKey === "used" ? key : undefined;

/** Each index answers one question, the same for every entity. */
export const INDEXES: Readonly<Record<Index, string>> = {
  byCustomer: "gsi1",
  byType: "gsi2",
  byDueDate: "gsi3",
};

export function dataStack(app: App, stage: Stage): Data {
  const stack = new Stack(app, `SuccessManagerData-${stage.name}`, {
    description: `Success Manager (${stage.name}): what is kept`,
    terminationProtection: !stage.disposable,
    ...regional(stage),
  });
  Tags.of(stack).add("stage", stage.name);
  sender(stack, stage);
  const key = dataKey(stack, stage);
  const inUse = keyInUse(stage, key);
  const serving = tables(stack, stage, inUse);
  backup(stack, stage, serving);
  const accessLog = bucketAccessLog(stack, stage);
  return {
    table: serving,
    reports: reports(stack, stage, accessLog, inUse),
    snapshots: snapshots(stack, stage, accessLog, inUse),
    secrets: {
      access: signingKey(stack, stage, "access", inUse),
      refresh: signingKey(stack, stage, "refresh", inUse),
      secondFactor: secondFactorKey(stack, stage, inUse),
      addresses: addressKey(stack, stage, inUse),
    },
    key,
  };
}

/**
 * Copies of the table that serves, in a vault that outlives stack and table. Point-in-time recovery goes with its
 * table 35 days after that was deleted, and reaches back no further; these are for what is noticed late.
 */
function backup(stack: Stack, stage: Stage, table: Table): void {
  const { backup } = stage;
  if (backup === undefined) return;
  const vault = new BackupVault(stack, "BackupVault", {
    backupVaultName: stage.named("backup"),
    removalPolicy: RemovalPolicy.RETAIN,
    ...(backup.lock && {
      lockConfiguration: {
        minRetention: Duration.days(backup.lock.minDays),
        maxRetention: Duration.days(backup.lock.maxDays),
        // Without it the lock is of governance mode: whoever may, takes it off. With it, nobody can after these days.
        changeableFor: Duration.days(backup.lock.graceDays),
      },
    }),
  });
  const copies = (retention: Duration, cold?: Duration) =>
    backup.copyTo === undefined
      ? {}
      : {
          copyActions: [
            {
              destinationBackupVault: BackupVault.fromBackupVaultArn(
                stack,
                `Copy${retention.toDays()}`,
                backup.copyTo,
              ),
              deleteAfter: retention,
              ...(cold && { moveToColdStorageAfter: cold }),
            },
          ],
        };
  const [daily, monthly] = [Duration.days(backup.dailyDays), Duration.days(backup.monthlyDays)];
  const { monthlyColdAfterDays } = backup;
  const cold = monthlyColdAfterDays === undefined ? undefined : Duration.days(monthlyColdAfterDays);
  const plan = new BackupPlan(stack, "BackupPlan", {
    backupPlanName: stage.named("backup"),
    backupPlanRules: [
      new BackupPlanRule({
        ruleName: "daily",
        scheduleExpression: Schedule.cron({ hour: "2", minute: "30" }),
        deleteAfter: daily,
        ...copies(daily),
      }),
      new BackupPlanRule({
        ruleName: "monthly",
        scheduleExpression: Schedule.cron({ day: "1", hour: "3", minute: "30" }),
        deleteAfter: monthly,
        ...(cold && { moveToColdStorageAfter: cold }),
        ...copies(monthly, cold),
      }),
    ],
    backupVault: vault,
  });
  const role = new Role(stack, "BackupRole", {
    assumedBy: new ServicePrincipal("backup.amazonaws.com"),
    description: `Copies the table of Success Manager (${stage.name}) into its vault`,
  });
  plan.addSelection("Table", { role, resources: [BackupResource.fromDynamoDbTable(table)] });
  suppressNag(
    role,
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]",
    "AWS Backup documents its rights as this policy of its own and widens it when its copies change; a list of ours would let backups fail silently one day. What is copied is named by the selection: one table.",
  );
}

/** What keys of reports begin with: `reports/<yyyy>/<mm>/<id>.pdf`. */
const REPORTS = "reports/";

const reportsBucket = (stack: Stack, stage: Stage) =>
  `${stage.named("reports")}-${stack.account}-${stack.region}`;

/** ARN of all files of reports. From the bucket's name: a reference reads otherwise before and after synthesis. */
export const reportFiles = (stack: Stack, stage: Stage) =>
  stack.formatArn({
    service: "s3",
    region: "",
    account: "",
    resource: reportsBucket(stack, stage),
    resourceName: `${REPORTS}*`,
  });

/** ARN of all logos, `branding/…`; by the bucket's name, as that of reports. */
export const logoFiles = (stack: Stack, stage: Stage) =>
  stack.formatArn({
    service: "s3",
    region: "",
    account: "",
    resource: reportsBucket(stack, stage),
    resourceName: "branding/*",
  });

/** Where pictures of people are uploaded to, `uploads/…`, and where those that show are. */
const UPLOADS = "uploads/";

/** ARNs of pictures of people, uploaded and shown; by the bucket's name, as that of reports. */
export const avatarFiles = (stack: Stack, stage: Stage) =>
  [UPLOADS, "avatars/"].map((folder) =>
    stack.formatArn({
      service: "s3",
      region: "",
      account: "",
      resource: reportsBucket(stack, stage),
      resourceName: `${folder}*`,
    }),
  );

const removalPolicy = (stage: Stage) => (stage.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN);

const stringAttribute = (name: string) => ({ name, type: AttributeType.STRING });

/**
 * All generations of the table that are in the stack; answers the one that serves.
 *
 * A restore makes a new table, outside of CloudFormation. It is imported into the stack as one that is kept, and then
 * takes over: that changes nothing here, as all of them are exported, whichever one the service imports. CloudFormation
 * refuses to change or remove an export in use (User Guide, "Get exported outputs"), so a table can't leave the stack
 * while it serves, and the switch needs no steps in between.
 */
function tables(stack: Stack, stage: Stage, key: Key | undefined): Table {
  const all = [...stage.keptTables, stage.tableGeneration].sort((one, other) => one - other);
  const made = new Map(all.map((generation) => [generation, table(stack, stage, generation, key)]));
  for (const table of made.values())
    for (const value of [table.tableName, table.tableArn, table.tableStreamArn]) stack.exportValue(value);
  const serving = made.get(stage.tableGeneration);
  if (serving === undefined) throw new Error(`${stage.name} has no table`);
  return serving;
}

function table(stack: Stack, stage: Stage, generation: number, key: Key | undefined): Table {
  const table = new Table(stack, generation === 1 ? "Table" : `Table${generation}`, {
    tableName: stage.tableName(generation),
    partitionKey: stringAttribute("pk"),
    sortKey: stringAttribute("sk"),
    billingMode: BillingMode.PAY_PER_REQUEST,
    // The account's own key for DynamoDB instead of one owned by AWS: its use shows in CloudTrail.
    ...(key
      ? { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }
      : { encryption: TableEncryption.AWS_MANAGED }),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: "expires_at_epoch",
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    deletionProtection: !stage.disposable,
    removalPolicy: removalPolicy(stage),
  });
  for (const [indexName, prefix] of Object.entries(INDEXES)) {
    table.addGlobalSecondaryIndex({
      indexName,
      partitionKey: stringAttribute(`${prefix}pk`),
      sortKey: stringAttribute(`${prefix}sk`),
    });
  }
  return table;
}

/**
 * Which pages may load a report by its address, or upload a picture to one. Those that ask the API for the file itself
 * don't come here.
 */
const fileCors = (stage: Stage) => ({
  allowedMethods: [HttpMethods.GET, HttpMethods.HEAD, HttpMethods.PUT],
  allowedOrigins: stage.corsOrigins,
  // What an app may send along with every request of its own.
  allowedHeaders: ["accept", "content-type", "range"],
  exposedHeaders: ["content-disposition", "content-length"],
  maxAge: Duration.minutes(10).toSeconds(),
});

/** How long a file can be brought back that was overwritten, deleted or has expired. */
const UNDELETE = Duration.days(7);

/**
 * How files are encrypted. With a key of our own S3 asks KMS once for many of them (bucket keys), not for each. Files that
 * are there stay as they are.
 */
const encrypted = (key: Key | undefined) =>
  key
    ? { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
    : { encryption: BucketEncryption.S3_MANAGED };

/**
 * Who read, wrote or deleted which file, by any way: S3's own log of the buckets, an hour late and without a promise that
 * each request is in it. It has a name of CloudFormation's, so that one that stays behind is in nobody's way. S3 delivers
 * into no bucket with a key of ours, and this one has no log of itself, which would write about its own lines.
 */
function bucketAccessLog(stack: Stack, stage: Stage): Bucket {
  return new Bucket(stack, "BucketAccessLog", {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [
      {
        abortIncompleteMultipartUploadAfter: Duration.days(1),
        expiration: Duration.days(stage.logRetentionDays),
      },
    ],
    removalPolicy: removalPolicy(stage),
    autoDeleteObjects: stage.disposable,
  });
}

/**
 * Versioned, so that a file that was deleted or overwritten by mistake can be brought back for some days. Then it is
 * gone, and so is the mark of its deletion: what has expired must not stay for ever.
 */
function reports(stack: Stack, stage: Stage, accessLog: Bucket, key: Key | undefined): Bucket {
  return new Bucket(stack, "Reports", {
    bucketName: reportsBucket(stack, stage),
    ...encrypted(key),
    serverAccessLogsBucket: accessLog,
    serverAccessLogsPrefix: "reports/",
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: true,
    lifecycleRules: [
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      { noncurrentVersionExpiration: UNDELETE, expiredObjectDeleteMarker: true },
      // What is known of a person, for who asked for it.
      { prefix: `${REPORTS}personal-data/`, expiration: Duration.days(7) },
      { prefix: REPORTS, expiration: Duration.days(stage.reportRetentionDays) },
      { prefix: UPLOADS, expiration: Duration.days(1) },
    ],
    cors: [fileCors(stage)],
    removalPolicy: removalPolicy(stage),
    // CloudFormation can't delete a bucket that holds something, so a function of CDK empties it first.
    autoDeleteObjects: stage.disposable,
  });
}

const snapshotsBucket = (stack: Stack, stage: Stage) =>
  `${stage.named("snapshots")}-${stack.account}-${stack.region}`;

/** ARN of all snapshots, `snapshots/<table>/…`; by the bucket's name, as that of files. */
export const snapshotObjects = (stack: Stack, stage: Stage) =>
  stack.formatArn({
    service: "s3",
    region: "",
    account: "",
    resource: snapshotsBucket(stack, stage),
    resourceName: "snapshots/*",
  });

/** A snapshot is used for 36 hours at most, and S3 counts whole days. */
const SNAPSHOT_DAYS = 2;

/**
 * What functions start from: copies of rows of the table, people's names and addresses among them. A bucket of its own,
 * never versioned and in no backup: what is gone from the table is gone from here a day later, and a copy that is lost
 * is made again by the next run of its job.
 */
function snapshots(stack: Stack, stage: Stage, accessLog: Bucket, key: Key | undefined): Bucket {
  return new Bucket(stack, "Snapshots", {
    bucketName: snapshotsBucket(stack, stage),
    ...encrypted(key),
    serverAccessLogsBucket: accessLog,
    serverAccessLogsPrefix: "snapshots/",
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [
      {
        abortIncompleteMultipartUploadAfter: Duration.days(1),
        expiration: Duration.days(SNAPSHOT_DAYS),
      },
    ],
    removalPolicy: removalPolicy(stage),
    autoDeleteObjects: stage.disposable,
  });
}

/** 64 characters of a-z, A-Z, 0-9: 380 bits, more than HS256 can use (RFC 7518, 3.2 asks for 256). */
function secretKey(
  stack: Stack,
  stage: Stage,
  id: string,
  purpose: string,
  key: Key | undefined,
  notRotated: string,
): Secret {
  const secret = new Secret(stack, id, {
    description: `${purpose} of Success Manager (${stage.name})`,
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
    ...(key && { encryptionKey: key }),
    removalPolicy: removalPolicy(stage),
  });
  suppressNag(secret, "AwsSolutions-SMG4", notRotated);
  return secret;
}

const signingKey = (stack: Stack, stage: Stage, use: "access" | "refresh", key: Key | undefined) =>
  secretKey(
    stack,
    stage,
    use === "access" ? "AccessKey" : "RefreshKey",
    `Signs ${use} tokens`,
    key,
    "It is rotated: the schedule and its function are in the other stack, which this rule does not look into (infra/jobs.ts).",
  );

const secondFactorKey = (stack: Stack, stage: Stage, key: Key | undefined) =>
  secretKey(
    stack,
    stage,
    "SecondFactorKey",
    "Encrypts second factors",
    key,
    "What is encrypted with it lasts as long as people have their app. A new version is taken up with each code that is used; on a schedule, who does not sign in between two of them would lose the factor (docs/security.md).",
  );

const addressKey = (stack: Stack, stage: Stage, key: Key | undefined) =>
  secretKey(
    stack,
    stage,
    "AddressKey",
    "Hashes addresses that get no mail",
    key,
    "Nothing but the hash is left of an address that was erased: with another key it would get mail again (docs/security.md).",
  );
