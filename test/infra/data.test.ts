import { Match } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { type Synthesized, synthesize } from "./synthesized.ts";

let cloud: Synthesized;

beforeAll(async () => {
  cloud = await synthesize();
});

const index = (IndexName: string, prefix: string) => ({
  IndexName,
  KeySchema: [
    { AttributeName: `${prefix}pk`, KeyType: "HASH" },
    { AttributeName: `${prefix}sk`, KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "ALL" },
});

describe("the table", () => {
  test("answers by id, by customer, by type and by due date", () => {
    cloud.data.hasResourceProperties("AWS::DynamoDB::Table", {
      TableName: "success-manager-local",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        index("byCustomer", "gsi1"),
        index("byType", "gsi2"),
        index("byDueDate", "gsi3"),
      ],
      BillingMode: "PAY_PER_REQUEST",
    });
  });

  test("streams its changes and lets go of what has expired", () => {
    cloud.data.hasResourceProperties("AWS::DynamoDB::Table", {
      StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
      TimeToLiveSpecification: { AttributeName: "expires_at_epoch", Enabled: true },
    });
  });

  test("is encrypted, can be brought back to any second, and is not deleted by mistake", () => {
    cloud.data.hasResource("AWS::DynamoDB::Table", {
      Properties: {
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
      DeletionPolicy: "Retain",
    });
  });

  test("of a stage that was made to be thrown away goes with it", async () => {
    const preview = await synthesize({ stage: "preview", disposable: true });
    preview.data.hasResource("AWS::DynamoDB::Table", {
      Properties: { DeletionProtectionEnabled: false },
      DeletionPolicy: "Delete",
    });
    preview.data.hasResource("AWS::S3::Bucket", { DeletionPolicy: "Delete" });
    preview.data.resourceCountIs("Custom::S3AutoDeleteObjects", 3);
    preview.data.allResources("AWS::SecretsManager::Secret", { DeletionPolicy: "Delete" });
    cloud.data.hasResource("AWS::S3::Bucket", { DeletionPolicy: "Retain" });
    cloud.data.resourceCountIs("Custom::S3AutoDeleteObjects", 0);
    // A name that is taken for some days after its end would be in the way of the next stack.
    preview.data.allResourcesProperties("AWS::SecretsManager::Secret", { Name: Match.absent() });
  });
});

describe("the bucket of reports", () => {
  test("is private, encrypted, reached by TLS alone, and outlives its stack", () => {
    cloud.data.hasResource("AWS::S3::Bucket", {
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
      },
      DeletionPolicy: "Retain",
    });
    expect(JSON.stringify(cloud.data.findResources("AWS::S3::BucketPolicy"))).toContain(
      '"aws:SecureTransport":"false"',
    );
  });
});

describe("the access log of the buckets", () => {
  test("takes the lines of each of them, lets nobody else write, and forgets them as the other logs", async () => {
    const { data } = await synthesize({ logRetentionDays: 90 });
    const buckets = Object.entries(data.findResources("AWS::S3::Bucket"));
    const [[log = "", { Properties } = { Properties: {} }] = []] = buckets.filter(
      ([, bucket]) => bucket.Properties.LoggingConfiguration === undefined,
    );
    const logged = buckets.filter(([id]) => id !== log);
    expect(logged).toHaveLength(2);
    for (const [, bucket] of logged)
      expect(bucket.Properties.LoggingConfiguration).toEqual({
        DestinationBucketName: { Ref: log },
        LogFilePrefix: expect.stringMatching(/^(reports|snapshots)\/$/),
      });
    expect(Properties).toMatchObject({
      PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
      // No other would S3 deliver into.
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90, Status: "Enabled" }] },
    });
    // One with a name of its own that stayed behind would be in the way of the next.
    expect(Properties).not.toHaveProperty("BucketName");
    const [policy] = Object.values(data.findResources("AWS::S3::BucketPolicy")).filter(
      (one) => one.Properties.Bucket.Ref === log,
    );
    const statements: { Effect: string; Principal: unknown; Condition: unknown }[] =
      policy?.Properties.PolicyDocument.Statement;
    const allowed = statements.filter(({ Effect }) => Effect === "Allow");
    expect(allowed).toHaveLength(2);
    for (const statement of allowed)
      expect(statement).toMatchObject({
        Action: "s3:PutObject",
        Principal: { Service: "logging.s3.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
      });
    expect(JSON.stringify(statements)).toContain('"aws:SecureTransport":"false"');
  });
});

describe("reports in their bucket", () => {
  const expiry = (ExpirationInDays: number) =>
    Match.arrayWith([{ ExpirationInDays, Prefix: "reports/", Status: "Enabled" }]);

  test("are forgotten after 400 days, or when the stage says so; uploads after one; nothing else is", async () => {
    cloud.data.hasResourceProperties("AWS::S3::Bucket", {
      LifecycleConfiguration: {
        Rules: [
          { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
          // What has expired or was deleted is gone some days later, its mark too.
          {
            ExpiredObjectDeleteMarker: true,
            NoncurrentVersionExpiration: { NoncurrentDays: 7 },
            Status: "Enabled",
          },
          { ExpirationInDays: 7, Prefix: "reports/personal-data/", Status: "Enabled" },
          { ExpirationInDays: 400, Prefix: "reports/", Status: "Enabled" },
          { ExpirationInDays: 1, Prefix: "uploads/", Status: "Enabled" },
        ],
      },
    });
    const month = await synthesize({ reportRetentionDays: 30 });
    month.data.hasResourceProperties("AWS::S3::Bucket", { LifecycleConfiguration: { Rules: expiry(30) } });
  });

  test("are read, and pictures uploaded, by pages of the web origins that may call the API, also when these were redirected", () => {
    cloud.data.hasResourceProperties("AWS::S3::Bucket", {
      CorsConfiguration: {
        CorsRules: [
          {
            AllowedOrigins: ["http://localhost:5173", "http://localhost:3000"],
            AllowedMethods: ["GET", "HEAD", "PUT"],
            ExposedHeaders: ["content-disposition", "content-length"],
          },
        ],
      },
    });
    expect(JSON.stringify(cloud.data.findResources("AWS::S3::Bucket"))).not.toContain('"*"');
  });
});

describe("the keys of tokens, of second factors and of addresses", () => {
  test("are four, and come to be where they are kept", () => {
    cloud.data.resourceCountIs("AWS::SecretsManager::Secret", 4);
    cloud.data.allResourcesProperties("AWS::SecretsManager::Secret", {
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
    });
    for (const { Properties } of Object.values(cloud.data.findResources("AWS::SecretsManager::Secret"))) {
      expect(Properties.SecretString).toBeUndefined();
    }
  });

  test("are never written into a template, only where to find them", () => {
    const service = JSON.stringify(cloud.service.toJSON());
    expect(service).not.toContain("{{resolve:");
    expect(service).not.toMatch(/SecretString/);
  });
});
