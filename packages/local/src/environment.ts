import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionDefinition } from "./functions/definition.ts";
import { region } from "./template/references.ts";

/** Where the stand-ins of the AWS services listen. */
export type Endpoints = {
  readonly dynamodb: string;
  readonly s3: string;
  readonly ses: string;
  readonly lambda: string;
  readonly secrets: string;
  readonly sqs: string;
};

/**
 * What the SDK needs to reach this cloud. The endpoints name an IP address, for which the SDK's S3 client
 * uses path-style addresses by itself; the credentials are the only ones that s3rver accepts.
 */
export function accessEnvironment(endpoints: Endpoints): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: "S3RVER",
    AWS_SECRET_ACCESS_KEY: "S3RVER",
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SES: endpoints.ses,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secrets,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
  };
}

/** The whole environment of a function: Lambda's reserved variables, access, the template's, `extra` last. */
export function functionEnvironment(
  definition: FunctionDefinition,
  access: Readonly<Record<string, string>>,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    TZ: ":UTC",
    LAMBDA_TASK_ROOT: definition.folder,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    // X-Ray has no stand-in here; without this Powertools would look for its daemon.
    POWERTOOLS_TRACE_ENABLED: "false",
    ...access,
    // Every role has credentials of its own: who stands between a function and a service can tell who asks.
    AWS_SESSION_TOKEN: definition.name,
    ...definition.variables,
    // Nobody collects metrics here: their lines would only fill the terminal. Whoever wants them says so.
    POWERTOOLS_METRICS_DISABLED: "true",
    ...extra,
    _HANDLER: `index.${definition.handler}`,
  };
}

/**
 * The folder of Node's compile cache (`NODE_COMPILE_CACHE`) for child processes and function instances. With it a
 * function's first event takes half the time: its bundle, often 0.5 MB, and the runtime's TypeScript are not
 * compiled again. Node keeps the entries of versions and users apart and adds one for each changed file.
 */
export const compileCache = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "node-compile-cache");
