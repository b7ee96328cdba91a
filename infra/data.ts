import { type App, Duration, RemovalPolicy, Stack, Tags } from "aws-cdk-lib";
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { BlockPublicAccess, Bucket, BucketEncryption, HttpMethods } from "aws-cdk-lib/aws-s3";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { sender } from "./mail.ts";
import { suppressNag } from "./nag-suppressions.ts";
import type { Index } from "./permissions.ts";
import type { Stage } from "./stage.ts";

/** What outlives every deployment of the service. */
export interface Data {
  readonly table: Table;
  readonly reports: Bucket;
  readonly snapshots: Bucket;
  /** Keys that sign tokens; apart, so that a refresh token can never pass as an access token. */
  readonly secrets: { readonly access: Secret; readonly refresh: Secret };
}

/** Each index answers one question, the same for every entity. */
const INDEXES: Readonly<Record<Index, string>> = { byCustomer: "gsi1", byType: "gsi2", byDueDate: "gsi3" };

export function dataStack(app: App, stage: Stage): Data {
  const stack = new Stack(app, `SuccessManagerData-${stage.name}`, {
    description: `Success Manager (${stage.name}): what is kept`,
    terminationProtection: !stage.disposable,
  });
  Tags.of(stack).add("stage", stage.name);
  sender(stack, stage);
  return {
    table: table(stack, stage),
    reports: reports(stack, stage),
    snapshots: snapshots(stack, stage),
    secrets: { access: signingKey(stack, stage, "access"), refresh: signingKey(stack, stage, "refresh") },
  };
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

const removalPolicy = (stage: Stage) => (stage.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN);

const stringAttribute = (name: string) => ({ name, type: AttributeType.STRING });

function table(stack: Stack, stage: Stage): Table {
  const table = new Table(stack, "Table", {
    tableName: stage.named(),
    partitionKey: stringAttribute("pk"),
    sortKey: stringAttribute("sk"),
    billingMode: BillingMode.PAY_PER_REQUEST,
    // The account's own key for DynamoDB instead of one owned by AWS: its use shows in CloudTrail.
    encryption: TableEncryption.AWS_MANAGED,
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
 * Who may read a report from within a page. An app that follows our redirect to the bucket comes as `null`, as
 * browsers call whoever was sent from one foreign origin to another (Fetch standard, "redirect-taint"). That opens
 * nothing: nobody reads a report without its address, and who has the address needs no page.
 */
const downloadCors = (stage: Stage) => ({
  allowedMethods: [HttpMethods.GET, HttpMethods.HEAD],
  allowedOrigins: [...stage.corsOrigins, "null"],
  // What an app may send along with every request of its own.
  allowedHeaders: ["accept", "content-type", "range"],
  exposedHeaders: ["content-disposition", "content-length"],
  maxAge: Duration.minutes(10).toSeconds(),
});

/**
 * Not versioned: a report is written once, under a key of its own, and can be made again from the data. Old
 * versions would only keep what a deletion meant to remove.
 */
function reports(stack: Stack, stage: Stage): Bucket {
  const bucket = new Bucket(stack, "Reports", {
    bucketName: reportsBucket(stack, stage),
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      { prefix: REPORTS, expiration: Duration.days(stage.reportRetentionDays) },
    ],
    cors: [downloadCors(stage)],
    removalPolicy: removalPolicy(stage),
    // CloudFormation can't delete a bucket that holds something, so a function of CDK empties it first.
    autoDeleteObjects: stage.disposable,
  });
  suppressNag(
    bucket,
    "AwsSolutions-S1",
    "Reports are reached only through short-lived links that the API signs and logs with user and report; a bucket of access logs would repeat that without the user.",
  );
  return bucket;
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
function snapshots(stack: Stack, stage: Stage): Bucket {
  const bucket = new Bucket(stack, "Snapshots", {
    bucketName: snapshotsBucket(stack, stage),
    encryption: BucketEncryption.S3_MANAGED,
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
  suppressNag(
    bucket,
    "AwsSolutions-S1",
    "Only functions of the service read and write here, by roles that name the folder; there is no link for anybody else. A bucket of access logs would list their cold starts.",
  );
  return bucket;
}

/** 64 characters of a-z, A-Z, 0-9: 380 bits, more than HS256 can use (RFC 7518, 3.2 asks for 256). */
function signingKey(stack: Stack, stage: Stage, use: "access" | "refresh"): Secret {
  const secret = new Secret(stack, use === "access" ? "AccessKey" : "RefreshKey", {
    description: `Signs ${use} tokens of Success Manager (${stage.name})`,
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
    removalPolicy: removalPolicy(stage),
  });
  suppressNag(
    secret,
    "AwsSolutions-SMG4",
    "A new key ends every session, so it is changed on purpose (put a new value, then redeploy), not by a timer. The key never leaves Secrets Manager and the memory of the functions.",
  );
  return secret;
}
