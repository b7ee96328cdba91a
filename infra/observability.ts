import { Fn, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { Key } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { FunctionName } from "./permissions.ts";
import type { Stage } from "./stage.ts";

/** The namespace of metrics that functions emit. */
export const METRICS_NAMESPACE = "SuccessManager";

/** `api/health-scores` → `api-health-scores`: the name of a function in its logs and metrics. */
export const serviceName = (name: FunctionName) => name.replace("/", "-");

/** A metric that a function itself emits; packages/lambda/src/telemetry.ts gives it these dimensions. */
export const functionMetric = (
  stage: Stage,
  name: FunctionName,
  metricName: string,
  { dimensionsMap, ...options }: MetricOptions = {},
) =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: serviceName(name), stage: stage.name, ...dimensionsMap },
    ...options,
  });

/** A metric of the stage as a whole: of the line of each request, and of the access log. */
export const stageMetric = (stage: Stage, metricName: string, options: MetricOptions = {}) =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { stage: stage.name },
    ...options,
  });

/**
 * Where a part of the service logs. What it logged outlives the stack, unless the stage is disposable; so each stack
 * has groups of its own, named by the last part of its id, and can be made again. Encrypted with `key`, or with AWS's;
 * in another region than the key there is only that.
 */
export const logs = (stack: Stack, stage: Stage, id: string, name: string, key?: Key | undefined): LogGroup =>
  new LogGroup(stack, id, {
    logGroupName: `${name}-${Fn.select(2, Fn.split("/", stack.stackId))}`,
    ...(key && { encryptionKey: key }),
    retention: stage.logRetentionDays,
    removalPolicy: stage.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  });
