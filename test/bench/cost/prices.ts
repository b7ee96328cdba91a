/*
 * What AWS asks, in us-east-1, on demand, in dollars without tax. Free tiers are left out: they end, or an account has
 * used them already. No price could be fetched from AWS when this was written; each says what it was taken from and of
 * when that is. Before you rely on a sum, compare them with the page that is named.
 */

export const REGION = "us-east-1";
/** When the prices were last gone through. */
export const PRICES_OF = "2026-11-28";

/** What a price was taken from, and of when that is: AWS's page as it was stored, who cites it, or what we remember. */
type Source = `${number}-${number} ${string}` | `undated ${string}` | "remembered";

/** Dollars for one unit up to so many units a month, then the next. */
export interface Price {
  readonly tiers: readonly { readonly upTo: number; readonly dollars: number }[];
  /** Of what: "GB-second", "request". */
  readonly unit: string;
  /** AWS's page. */
  readonly page: string;
  readonly source: Source;
}

const flat = (dollars: number, unit: string, page: string, source: Source): Price => ({
  tiers: [{ upTo: Number.POSITIVE_INFINITY, dollars }],
  unit,
  page,
  source,
});
const tiered = (steps: readonly [number, number][], unit: string, page: string, source: Source): Price => ({
  tiers: steps.map(([upTo, dollars]) => ({ upTo, dollars })),
  unit,
  page,
  source,
});

const MILLION = 1e6;
const BILLION = 1e9;
const TB = 1024;
const REST = Number.POSITIVE_INFINITY;

const LAMBDA = "aws.amazon.com/lambda/pricing";
const GATEWAY = "aws.amazon.com/api-gateway/pricing";
const DYNAMODB = "aws.amazon.com/dynamodb/pricing";
const CLOUDWATCH = "aws.amazon.com/cloudwatch/pricing";
const CLOUDFRONT = "aws.amazon.com/cloudfront/pricing";
const WAF = "aws.amazon.com/waf/pricing";
const EC2 = "aws.amazon.com/ec2/pricing/on-demand";
const FARGATE = "aws.amazon.com/fargate/pricing";
const RDS = "aws.amazon.com/rds/postgresql/pricing";
const ELB = "aws.amazon.com/elasticloadbalancing/pricing";
const S3 = "aws.amazon.com/s3/pricing";

const AIRBYTE = "2025-07 airbyte.com, dynamodb-pricing";
const ZEONEDGE = "undated zeonedge.com, DynamoDB cost optimization";
const CLOUDCHIPR = "undated cloudchipr.com, aws-lambda-pricing";
const APIGATEWAYCOST = "undated apigatewaycost.com, aws";
const CLOUDBURN = "2026-02 cloudburn.io, amazon-cloudwatch-pricing";
const DUCKBILL = "2025-05 duckbillgroup.com, Lambda log pricing";
const C3X = "undated c3x.dev, aws-waf-cost-explained";
const CLOUDFRONT_PAGE = "undated aws.amazon.com, cloudfront/pricing";
const WRING = "2026-03 wring.co, aws-cloudfront-pricing-guide";
const INFRATALLY = "undated infratally.com, aws-rds-pricing-explained-2026";
const VANTAGE = "undated vantage.sh, fargate-pricing";
const FORTEM = "undated fortem.dev, aws-fargate-pricing";

export const PRICES = {
  lambdaGbSecond: tiered(
    [
      [7.5 * BILLION, 0.0000133334],
      [18.75 * BILLION, 0.0000120001],
      [REST, 0.0000106667],
    ],
    "GB-second, arm64",
    LAMBDA,
    CLOUDCHIPR,
  ),
  lambdaRequest: flat(0.2 / MILLION, "invocation", LAMBDA, CLOUDCHIPR),
  httpApiRequest: tiered(
    [
      [300 * MILLION, 1 / MILLION],
      [REST, 0.9 / MILLION],
    ],
    "request of up to 512 KB",
    GATEWAY,
    APIGATEWAYCOST,
  ),
  dynamoRead: flat(0.125 / MILLION, "read unit, on demand", DYNAMODB, AIRBYTE),
  dynamoWrite: flat(0.625 / MILLION, "write unit, on demand", DYNAMODB, AIRBYTE),
  dynamoReadHour: flat(0.00013, "read unit a second, for an hour", DYNAMODB, ZEONEDGE),
  dynamoWriteHour: flat(0.00065, "write unit a second, for an hour", DYNAMODB, ZEONEDGE),
  /** A hundred for a year: 30 at once and 0.0025 an hour for reads, 150 and 0.0128 for writes. */
  dynamoReadHourReserved: flat(
    30 / 100 / 8760 + 0.000025,
    "the same, reserved for a year",
    DYNAMODB,
    "remembered",
  ),
  dynamoWriteHourReserved: flat(
    150 / 100 / 8760 + 0.000128,
    "the same, reserved for a year",
    DYNAMODB,
    "remembered",
  ),
  dynamoStorage: flat(
    0.25,
    "GB-month of table and indexes",
    DYNAMODB,
    "undated aws.amazon.com, dynamodb/pricing",
  ),
  dynamoRecovery: flat(0.2, "GB-month, point-in-time recovery", DYNAMODB, "remembered"),
  dynamoBackup: flat(0.1, "GB-month, backups of AWS Backup", "aws.amazon.com/backup/pricing", "remembered"),
  s3Storage: flat(0.023, "GB-month", S3, "remembered"),
  s3Write: flat(0.005 / 1000, "PUT", S3, "remembered"),
  s3Read: flat(0.0004 / 1000, "GET", S3, "remembered"),
  mail: flat(0.1 / 1000, "mail", "aws.amazon.com/ses/pricing", "remembered"),
  mailAttachment: flat(0.12, "GB of attachments", "aws.amazon.com/ses/pricing", "remembered"),
  log: tiered(
    [
      [10 * TB, 0.5],
      [30 * TB, 0.25],
      [50 * TB, 0.1],
      [REST, 0.05],
    ],
    "GB of logs, of Lambda and of the gateway",
    CLOUDWATCH,
    DUCKBILL,
  ),
  logStorage: flat(
    0.03,
    "GB-month of logs, compressed",
    CLOUDWATCH,
    "undated hykell.com, aws-cloudwatch-logs-pricing",
  ),
  customMetric: tiered(
    [
      [10_000, 0.3],
      [250_000, 0.1],
      [1_000_000, 0.05],
      [REST, 0.02],
    ],
    "metric-month",
    CLOUDWATCH,
    "2026-02 signoz.io, cloudwatch-pricing",
  ),
  alarm: flat(0.1, "metric of an alarm, month", CLOUDWATCH, CLOUDBURN),
  dashboard: flat(3, "dashboard-month", CLOUDWATCH, "2026-06 factualminds.com, cloudwatch pricing"),
  trace: flat(
    5 / MILLION,
    "trace recorded",
    "aws.amazon.com/xray/pricing",
    "undated aws.amazon.com, xray/pricing",
  ),
  secret: flat(0.4, "secret-month", "aws.amazon.com/secrets-manager/pricing", "remembered"),
  secretCall: flat(0.05 / 10_000, "call", "aws.amazon.com/secrets-manager/pricing", "remembered"),
  keyMonth: flat(1, "KMS key of our own, month", "aws.amazon.com/kms/pricing", "remembered"),
  keyCall: flat(0.03 / 10_000, "call of KMS", "aws.amazon.com/kms/pricing", "remembered"),
  schedule: flat(1 / MILLION, "event of a schedule", "aws.amazon.com/eventbridge/pricing", "remembered"),
  queueRequest: flat(0.4 / MILLION, "request of SQS", "aws.amazon.com/sqs/pricing", "remembered"),
  notification: flat(2 / 100_000, "mail of SNS", "aws.amazon.com/sns/pricing", "remembered"),
  edgeRequest: flat(0.01 / 10_000, "HTTPS request at the edge", CLOUDFRONT, WRING),
  edgeFunction: flat(
    0.1 / MILLION,
    "run of a function of CloudFront",
    CLOUDFRONT,
    "undated cur.vantage.sh, amazoncloudfront",
  ),
  edgeTransfer: tiered(
    [
      [10 * TB, 0.085],
      [50 * TB, 0.08],
      [150 * TB, 0.06],
      [REST, 0.04],
    ],
    "GB from the edge to viewers",
    CLOUDFRONT,
    CLOUDFRONT_PAGE,
  ),
  edgeToOrigin: flat(0.02, "GB from the edge to the gateway", CLOUDFRONT, "remembered"),
  wafAcl: flat(5, "web ACL, month", WAF, C3X),
  wafRule: flat(1, "rule, month", WAF, C3X),
  wafRequest: flat(0.6 / MILLION, "request inspected", WAF, C3X),
  transferOut: tiered(
    [
      [10 * TB, 0.09],
      [50 * TB, 0.085],
      [150 * TB, 0.07],
      [REST, 0.05],
    ],
    "GB to the internet",
    EC2,
    APIGATEWAYCOST,
  ),
  fargateCpuHour: flat(0.03238, "vCPU-hour, ARM", FARGATE, VANTAGE),
  fargateGbHour: flat(0.00356, "GB-hour, ARM", FARGATE, VANTAGE),
  balancerHour: flat(0.0225, "hour of a load balancer", ELB, FORTEM),
  balancerUnitHour: flat(0.008, "capacity unit, hour", ELB, "remembered"),
  addressHour: flat(0.005, "public address, hour", "aws.amazon.com/vpc/pricing", "remembered"),
  rdsT4gMediumHour: flat(0.13, "hour of db.t4g.medium in two zones", RDS, INFRATALLY),
  rdsM7gLargeHour: flat(0.337, "hour of db.m7g.large in two zones", RDS, "remembered"),
  rdsM7gXlargeHour: flat(0.674, "hour of db.m7g.xlarge in two zones", RDS, "remembered"),
  rdsM7g2xlargeHour: flat(1.348, "hour of db.m7g.2xlarge in two zones", RDS, "remembered"),
  rdsStorage: flat(0.23, "GB-month in two zones, gp3", RDS, "2026-06 usage.ai, rds pricing-calculator"),
  rdsBackup: flat(
    0.095,
    "GB-month of backups beyond the size of the database",
    RDS,
    "2026-06 usage.ai, rds pricing-calculator",
  ),
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** Off the on-demand price with a year's commitment and nothing paid at once (Compute Savings Plan). */
export const SAVINGS_PLAN = { lambda: 0.12, fargate: 0.2 } as const;

/** Dollars for so many units of what has this price in a month: each tier counts for what lies in it. */
export function dollars(name: PriceName, units: number): number {
  let [sum, from] = [0, 0];
  for (const { upTo, dollars } of PRICES[name].tiers) {
    sum += Math.max(0, Math.min(units, upTo) - from) * dollars;
    from = upTo;
  }
  return sum;
}

/** Why a type of resource is no line of the bill of its own. */
const FREE = {
  rule: "says who may do what; IAM costs nothing",
  part: "part of something that is priced by itself",
  request: "priced by request, with the gateway",
  invocation: "priced by invocation, with its function",
} as const;

/**
 * Every type of resource in the templates of production, those of options included: which prices it has, or why it has
 * none. A type that is not here fails `test/infra/cost.test.ts`: whoever adds one says what it costs.
 */
export const RESOURCES: Readonly<Record<string, readonly PriceName[] | string>> = {
  "AWS::ApiGatewayV2::Api": ["httpApiRequest", "transferOut"],
  "AWS::ApiGatewayV2::ApiMapping": FREE.request,
  "AWS::ApiGatewayV2::DomainName": FREE.request,
  "AWS::ApiGatewayV2::Integration": FREE.request,
  "AWS::ApiGatewayV2::Route": FREE.request,
  "AWS::ApiGatewayV2::Stage": FREE.request,
  "AWS::Backup::BackupPlan": FREE.part,
  "AWS::Backup::BackupSelection": FREE.part,
  "AWS::Backup::BackupVault": ["dynamoBackup"],
  "AWS::Budgets::Budget": "budgets that only mail are free",
  "AWS::CertificateManager::Certificate": "public certificates are free",
  "AWS::CloudFront::CachePolicy": FREE.part,
  "AWS::CloudFront::Distribution": ["edgeRequest", "edgeTransfer", "edgeToOrigin"],
  "AWS::CloudFront::Function": ["edgeFunction"],
  "AWS::CloudFront::OriginRequestPolicy": FREE.part,
  "AWS::CloudFront::ResponseHeadersPolicy": FREE.part,
  "AWS::CloudWatch::Alarm": ["alarm"],
  "AWS::CloudWatch::CompositeAlarm": ["alarm"],
  "AWS::CloudWatch::Dashboard": ["dashboard", "customMetric"],
  "AWS::CodeDeploy::Application": "free for Lambda",
  "AWS::CodeDeploy::DeploymentConfig": "free for Lambda",
  "AWS::CodeDeploy::DeploymentGroup": "free for Lambda",
  "AWS::DynamoDB::Table": ["dynamoRead", "dynamoWrite", "dynamoStorage", "dynamoRecovery", "keyCall"],
  "AWS::Events::Rule": "events of AWS's own services are free",
  "AWS::IAM::ManagedPolicy": FREE.rule,
  "AWS::IAM::OIDCProvider": FREE.rule,
  "AWS::IAM::Policy": FREE.rule,
  "AWS::IAM::Role": FREE.rule,
  "AWS::KMS::Alias": FREE.part,
  "AWS::KMS::Key": ["keyMonth", "keyCall"],
  "AWS::Lambda::Alias": FREE.invocation,
  "AWS::Lambda::EventInvokeConfig": FREE.invocation,
  "AWS::Lambda::EventSourceMapping": "Lambda's reads of the stream are free",
  "AWS::Lambda::Function": ["lambdaGbSecond", "lambdaRequest", "trace"],
  "AWS::Lambda::LayerVersion": FREE.invocation,
  "AWS::Lambda::Permission": FREE.rule,
  "AWS::Lambda::Version": FREE.invocation,
  "AWS::Logs::Delivery": ["log", "logStorage"],
  "AWS::Logs::DeliveryDestination": FREE.part,
  "AWS::Logs::DeliverySource": FREE.part,
  "AWS::Logs::LogGroup": ["log", "logStorage"],
  "AWS::Logs::MetricFilter": ["customMetric"],
  "AWS::Logs::ResourcePolicy": FREE.rule,
  "AWS::Route53::RecordSet": "aliases to CloudFront and gateways are free; the zone is the account's",
  "AWS::S3::Bucket": ["s3Storage", "s3Write", "s3Read", "transferOut"],
  "AWS::S3::BucketPolicy": FREE.rule,
  "AWS::SES::ConfigurationSet": ["mail", "mailAttachment"],
  "AWS::SES::ConfigurationSetEventDestination": FREE.part,
  "AWS::SES::EmailIdentity": FREE.part,
  "AWS::SNS::Subscription": "what it delivers is priced with its topic; to functions it is free",
  "AWS::SNS::Topic": ["notification"],
  "AWS::SNS::TopicPolicy": FREE.rule,
  "AWS::SQS::Queue": ["queueRequest"],
  "AWS::SQS::QueuePolicy": FREE.rule,
  "AWS::Scheduler::Schedule": ["schedule"],
  "AWS::Scheduler::ScheduleGroup": FREE.part,
  "AWS::SecretsManager::ResourcePolicy": FREE.rule,
  "AWS::SecretsManager::RotationSchedule": "four invocations of a function in ninety days",
  "AWS::SecretsManager::Secret": ["secret", "secretCall"],
  "AWS::WAFv2::IPSet": FREE.part,
  "AWS::WAFv2::LoggingConfiguration": FREE.part,
  "AWS::WAFv2::WebACL": ["wafAcl", "wafRule", "wafRequest"],
  "AWS::WAFv2::WebACLAssociation": FREE.part,
  "Custom::S3AutoDeleteObjects": "runs when a disposable stage is taken down",
};
