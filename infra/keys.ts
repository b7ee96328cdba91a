import { ArnFormat, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Stage } from "./stage.ts";

/** Lets a service of AWS use the key, for what belongs to this account. */
const letIn = (key: Key, stack: Stack, service: string) =>
  key.addToResourcePolicy(
    new PolicyStatement({
      actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
      principals: [new ServicePrincipal(service)],
      // In a key's policy: this key.
      resources: ["*"],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );

/**
 * The key of the stage's topics. AWS's own key for SNS lets no other service in: alarms and events of mails would not
 * arrive (Amazon SNS Developer Guide, "Enable compatibility between event sources and encrypted topics").
 *
 * Not the key of the data: these services have no business there. Nothing in a topic is kept, so it goes with its stack.
 */
export function topicsKey(stack: Stack, stage: Stage): Key {
  const key = new Key(stack, "TopicsKey", {
    description: `Success Manager (${stage.name}): what alarms and SES say, on its way through SNS`,
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  for (const service of ["cloudwatch.amazonaws.com", "ses.amazonaws.com"]) letIn(key, stack, service);
  return key;
}

/**
 * The stage's own key, where it has one (setting `ownKey`): whoever takes it away takes the data away, backups too, so
 * it outlives the stack, as the data does. New every year; what was encrypted before stays readable.
 *
 * People and roles of the account need a right of their own to use it, which those of functions have
 * (infra/policy.ts). Services of AWS that act by themselves are named here.
 */
export function dataKey(stack: Stack, stage: Stage): Key | undefined {
  if (stage.ownKey === undefined) return undefined;
  const key = new Key(stack, "OwnKey", {
    description: `Success Manager (${stage.name}): what is kept`,
    // By it, people find the key. It goes with the stack, so that another one can have it.
    alias: stage.named(),
    enableKeyRotation: true,
    removalPolicy: stage.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  });
  // An event of a mail that could not be delivered goes from SNS into the queue of dead letters.
  letIn(key, stack, "sns.amazonaws.com");
  const group = (prefix: string) =>
    stack.formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: `${prefix}${stage.named()}-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  key.addToResourcePolicy(
    new PolicyStatement({
      actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      resources: ["*"],
      conditions: {
        ArnLike: { "kms:EncryptionContext:aws:logs:arn": ["/aws/lambda/", "/aws/vendedlogs/"].map(group) },
      },
    }),
  );
  return key;
}

/**
 * What a role needs to use the stage's own key through these services, and in no other way. A service asks KMS in the
 * name of who calls it ("How Amazon DynamoDB uses AWS KMS", "Protecting data with SSE-KMS", "Amazon SQS key management").
 */
export function useKey(
  stack: Stack,
  key: Key | undefined,
  services: readonly string[],
  { writes }: { readonly writes: boolean },
): PolicyStatement[] {
  if (key === undefined || services.length === 0) return [];
  return [
    new PolicyStatement({
      actions: ["kms:Decrypt", "kms:DescribeKey", ...(writes ? WRITES : [])],
      resources: [key.keyArn],
      conditions: {
        StringEquals: {
          "kms:ViaService": services.map((service) => `${service}.${stack.region}.amazonaws.com`),
        },
      },
    }),
  ];
}

/** What DynamoDB asks for when it is written to, as CDK would grant it, by name; the others are content with one. */
const WRITES = ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"];
