import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

let cloud: Synthesized;
let prepared: Synthesized;
let used: Synthesized;
let production: Synthesized;
beforeAll(async () => {
  cloud = await synthesize();
  prepared = await synthesize({ ownKey: "prepared" });
  used = await synthesize({ ownKey: "used" });
  production = await synthesize({ stage: "prod", ownKey: "used", keptTables: [2] });
});

const ACCOUNT = { Ref: "AWS::AccountId" };

/** Statements of a key's policy for services of AWS: who, under which condition. */
const servicesOf = (key: { Properties?: { KeyPolicy: { Statement: KeyStatement[] } } } | undefined) =>
  (key?.Properties?.KeyPolicy.Statement ?? []).flatMap(({ Principal, Condition }) =>
    [Principal.Service ?? []].flat().map((service) => [service, Condition]),
  );
interface KeyStatement {
  readonly Principal: { readonly Service?: unknown; readonly AWS?: unknown };
  readonly Action: string | readonly string[];
  readonly Condition?: unknown;
}

const keysOf = (template: Template) => Object.entries(template.findResources("AWS::KMS::Key"));

describe("the topics of a stage", () => {
  test.each(["local", "prod"])("are encrypted with one key, into which alarms and SES come: %s", (stage) => {
    const { service, alarms, data, routes } = stage === "prod" ? production : cloud;
    const [[id, key] = []] = keysOf(service);
    expect(keysOf(service)).toHaveLength(1);
    expect(key?.Properties.EnableKeyRotation).toBe(true);
    const ofThisAccount = { StringEquals: { "aws:SourceAccount": ACCOUNT } };
    expect(servicesOf(key)).toEqual([
      ["cloudwatch.amazonaws.com", ofThisAccount],
      ["ses.amazonaws.com", ofThisAccount],
    ]);
    const topics = [service, alarms, data, routes].flatMap((stack) =>
      Object.values(stack.findResources("AWS::SNS::Topic")),
    );
    expect(topics).toHaveLength(2);
    for (const { Properties } of topics)
      expect(JSON.stringify(Properties.KmsMasterKeyId)).toContain(String(id));
  });
});

/** Whatever could be encrypted with it, by type and id: the id of the key, or none. */
function encryptedWith({ data, service, routes }: Synthesized): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  const properties: Readonly<Record<string, (given: never) => unknown>> = {
    "AWS::DynamoDB::Table": ({ SSESpecification }: { SSESpecification: { KMSMasterKeyId?: unknown } }) =>
      SSESpecification.KMSMasterKeyId,
    "AWS::S3::Bucket": ({
      BucketEncryption,
    }: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { KMSMasterKeyID?: unknown } }];
      };
    }) => BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID,
    "AWS::SecretsManager::Secret": ({ KmsKeyId }: { KmsKeyId?: unknown }) => KmsKeyId,
    "AWS::SQS::Queue": ({ KmsMasterKeyId }: { KmsMasterKeyId?: unknown }) => KmsMasterKeyId,
    "AWS::Logs::LogGroup": ({ KmsKeyId }: { KmsKeyId?: unknown }) => KmsKeyId,
  };
  for (const template of [data, service, routes])
    for (const [type, keyOf] of Object.entries(properties))
      for (const [id, { Properties }] of Object.entries(template.findResources(type))) {
        const key = keyOf(Properties as never);
        found.set(`${type} ${id}`, key === undefined ? undefined : JSON.stringify(key));
      }
  return found;
}

describe("a key of our own", () => {
  test("is not there unless the stage asks for it", async () => {
    expect(keysOf(cloud.data)).toEqual([]);
    expect([...encryptedWith(cloud).values()].filter(Boolean)).toEqual([]);
    expect(JSON.stringify(cloud.service.findResources("AWS::IAM::Policy"))).not.toContain("kms:");
  });

  test("outlives the stack, changes every year, and is found by an alias", async () => {
    const { data } = used;
    data.hasResource("AWS::KMS::Key", {
      Properties: { EnableKeyRotation: true },
      DeletionPolicy: "Retain",
    });
    data.hasResourceProperties("AWS::KMS::Alias", { AliasName: "alias/success-manager-local" });
    const preview = await synthesize({ stage: "preview", disposable: true, ownKey: "used" });
    preview.data.hasResource("AWS::KMS::Key", { DeletionPolicy: "Delete" });
  });

  test("encrypts all generations of the table, all that is kept, and all logs in its region", async () => {
    const all = encryptedWith(production);
    const [[id] = []] = keysOf(production.data);
    const without = [...all].filter(([, key]) => !key?.includes(String(id))).map(([name]) => name);
    // S3 delivers its log into no bucket with such a key; what the edge is known by is no data, and can be made anew.
    expect(without.map((name) => name.replace(/[0-9A-F]{8}$/, ""))).toEqual([
      "AWS::S3::Bucket BucketAccessLog",
      "AWS::SecretsManager::Secret OriginSecret1",
      "AWS::SecretsManager::Secret OriginSecret2",
    ]);
    expect([...all.keys()].filter((name) => name.startsWith("AWS::DynamoDB"))).toHaveLength(2);
    expect(all.size).toBeGreaterThan(35);
  });

  test("changes nothing of the table but its key: no new name, no new keys", async () => {
    const table = ({ data }: Synthesized) => {
      const [[id, { Properties } = { Properties: {} }] = []] = Object.entries(
        data.findResources("AWS::DynamoDB::Table"),
      );
      const { SSESpecification, ...rest } = Properties;
      return { id, SSESpecification, rest };
    };
    const [one, other] = [table(cloud), table(used)];
    expect(other).toMatchObject({ id: one.id, rest: one.rest });
    expect(other.SSESpecification).toMatchObject({ SSEEnabled: true, SSEType: "KMS" });
  });

  test("that is only prepared encrypts nothing, and functions may use it as when it is in use", async () => {
    expect([...encryptedWith(prepared).values()].filter(Boolean)).toEqual([]);
    expect(keysOf(prepared.data).map(([id]) => id)).toEqual(keysOf(used.data).map(([id]) => id));
    expect(prepared.service.findResources("AWS::IAM::Policy")).toEqual(
      used.service.findResources("AWS::IAM::Policy"),
    );
  });

  test("lets in SNS, for the queue, and CloudWatch Logs, for the groups of this stage", async () => {
    const { data } = used;
    const [[, key] = []] = keysOf(data);
    const [sns, logs, ...more] = servicesOf(key);
    expect(sns).toEqual(["sns.amazonaws.com", { StringEquals: { "aws:SourceAccount": ACCOUNT } }]);
    expect(JSON.stringify(logs)).toMatch(/log-group:\/aws\/lambda\/success-manager-local-\*/);
    expect(JSON.stringify(logs)).toMatch(/log-group:\/aws\/vendedlogs\/success-manager-local-\*/);
    expect(more).toEqual([]);
  });
});

/** What the role of a function may do with keys: actions, and through which services. */
function keyRights({ service }: Synthesized, functionName: string) {
  const [lambda] = Object.values(
    service.findResources("AWS::Lambda::Function", { Properties: { FunctionName: functionName } }),
  );
  const role = logicalIdOf(lambda?.Properties.Role);
  return Object.values(service.findResources("AWS::IAM::Policy"))
    .filter(({ Properties }) => Properties.Roles.some((given: { Ref: string }) => given.Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => JSON.stringify(Action).includes("kms:"))
    .map(({ Action, Resource, Condition }) => ({
      actions: [Action].flat(),
      resource: JSON.stringify(Resource),
      services: [Condition?.StringEquals["kms:ViaService"]]
        .flat()
        .map((service) => /(\w+)\.(?:\$|"|us-|eu-)/.exec(JSON.stringify(service))?.[1]),
    }));
}

describe("the role of a function", () => {
  const READS = ["kms:Decrypt", "kms:DescribeKey"];
  const WRITES = [...READS, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"];

  test.each([
    ["pages-docs", [], []],
    ["api-dashboard", READS, ["dynamodb", "s3", "secretsmanager"]],
    ["api-auth", WRITES, ["dynamodb", "secretsmanager"]],
    ["api-reports", WRITES, ["dynamodb", "s3", "secretsmanager"]],
    ["pages-survey", WRITES, ["dynamodb", "s3", "secretsmanager"]],
    ["keys-rotation", WRITES, ["secretsmanager"]],
    ["jobs-directory-snapshot", WRITES, ["dynamodb", "s3", "sqs"]],
    ["streams-rollups", WRITES, ["dynamodb", "sqs"]],
    ["events-mail", WRITES, ["dynamodb", "secretsmanager", "sqs"]],
  ])("%s uses it through the services that it calls, in no other way", async (name, actions, services) => {
    const rights = keyRights(production, `success-manager-prod-${name}`);
    expect(rights.flatMap((right) => right.actions).sort()).toEqual([...actions].sort());
    expect(rights.flatMap((right) => right.services)).toEqual(services);
    for (const { resource } of rights) expect(resource).toMatch(/OwnKey[0-9A-F]{8}Arn/);
  });

  test("of a schedule may put into the queue what could not be started", async () => {
    const { service } = used;
    service.hasResourceProperties("AWS::IAM::Policy", {
      PolicyName: Match.stringLikeRegexp("^ScheduleRole"),
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(["kms:GenerateDataKey"]) })]),
      },
    });
  });
});
