import type { Resource } from "./assembly.ts";

/** The account and region that everything on this machine belongs to. */
export const account = "000000000000";
export const region = "us-east-1";

/** Pseudo parameters of CloudFormation, with the values of a machine that is its own region. */
export const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  "AWS::AccountId": account,
  "AWS::Region": region,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
};

/** What a template can ask of a resource: its `Ref`, and its attributes through `Fn::GetAtt`. */
export type References = { readonly ref: string; readonly attributes: Readonly<Record<string, string>> };

export const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;

/**
 * The values of `Ref` and `Fn::GetAtt` for a resource with the given physical name.
 * `apiUrl` is where the gateway listens, `queuesUrl` where SQS does. A type without an entry has its name and an ARN, which is all
 * that the templates of this project ask of it.
 */
export function referencesOf(
  resource: Resource,
  name: string,
  apiUrl: string,
  queuesUrl = `https://sqs.${region}.amazonaws.com`,
): References {
  switch (resource.type) {
    case "AWS::DynamoDB::Table":
    case "AWS::DynamoDB::GlobalTable": {
      const Arn = arn("dynamodb", `table/${name}`);
      return { ref: name, attributes: { Arn, StreamArn: `${Arn}/stream/local` } };
    }
    case "AWS::S3::Bucket":
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    case "AWS::SecretsManager::Secret": {
      const Id = arn("secretsmanager", `secret:${name}`);
      return { ref: Id, attributes: { Id } };
    }
    case "AWS::Lambda::Function":
      return { ref: name, attributes: { Arn: arn("lambda", `function:${name}`) } };
    // Their names are qualified: `function:alias`, `function:version`.
    case "AWS::Lambda::Alias": {
      const AliasArn = arn("lambda", `function:${name}`);
      return { ref: AliasArn, attributes: { AliasArn } };
    }
    case "AWS::Lambda::Version": {
      const FunctionArn = arn("lambda", `function:${name}`);
      return { ref: FunctionArn, attributes: { FunctionArn, Version: name.split(":")[1] ?? "" } };
    }
    case "AWS::ApiGatewayV2::Api":
      return { ref: name, attributes: { ApiId: name, ApiEndpoint: apiUrl } };
    case "AWS::SQS::Queue":
      return {
        // SQS's client goes where a queue's address says.
        ref: `${queuesUrl}/${account}/${name}`,
        attributes: { Arn: arn("sqs", name), QueueName: name },
      };
    case "AWS::SNS::Topic":
      return { ref: arn("sns", name), attributes: { TopicArn: arn("sns", name), TopicName: name } };
    case "AWS::Logs::LogGroup":
      return { ref: name, attributes: { Arn: arn("logs", `log-group:${name}:*`) } };
    case "AWS::IAM::Role":
      return { ref: name, attributes: { Arn: `arn:aws:iam::${account}:role/${name}` } };
    default:
      return { ref: name, attributes: { Arn: arn(serviceOf(resource), name), Id: name } };
  }
}

/** The property that gives a resource its physical name, by type. */
export const NAME_PROPERTY: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::Table": "TableName",
  "AWS::DynamoDB::GlobalTable": "TableName",
  "AWS::S3::Bucket": "BucketName",
  "AWS::SecretsManager::Secret": "Name",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::SQS::Queue": "QueueName",
  "AWS::SNS::Topic": "TopicName",
  "AWS::Logs::LogGroup": "LogGroupName",
  "AWS::IAM::Role": "RoleName",
  "AWS::Scheduler::Schedule": "Name",
};

/**
 * What qualifies the name of a function, by type: the property that holds it, or what it is. Here each function has
 * one version, the one that the template describes.
 */
export const QUALIFIER: Readonly<Record<string, { readonly property: string } | { readonly fixed: string }>> =
  {
    "AWS::Lambda::Alias": { property: "Name" },
    "AWS::Lambda::Version": { fixed: "1" },
  };

/** `name`, `arn:…:function:name` and `account:function:name`, each perhaps with `:qualifier` after it. */
export function functionIn(nameOrArn: string): { readonly name: string; readonly qualifier?: string } {
  const [name = "", qualifier] = nameOrArn.replace(/^.*\bfunction:/, "").split(":");
  return qualifier === undefined ? { name } : { name, qualifier };
}

/** A name for a resource that the template leaves unnamed. Buckets: 63 characters, lower case (S3's rule). */
export function generatedName(resource: Resource): string {
  switch (resource.type) {
    case "AWS::S3::Bucket":
      return `${resource.stack}-${resource.id}`
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]/g, "-")
        .slice(0, 63);
    // Ref of these is used inside other names and paths, so it stays the short logical id.
    case "AWS::ApiGatewayV2::Api":
    case "AWS::ApiGatewayV2::Integration":
      return resource.id;
    default:
      return `${resource.stack}-${resource.id}`;
  }
}

function serviceOf(resource: Resource): string {
  return resource.type.split("::")[1]?.toLowerCase() ?? "unknown";
}
