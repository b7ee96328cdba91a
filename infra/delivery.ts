import { Duration, type Stack } from "aws-cdk-lib";
import type { CfnApi } from "aws-cdk-lib/aws-apigatewayv2";
import { Alarm, type IAlarm, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Alias, CfnAlias, type Function as Lambda } from "aws-cdk-lib/aws-lambda";
import type { Functions } from "./functions.ts";
import { suppressNag } from "./nag-suppressions.ts";
import { serviceName } from "./observability.ts";
import { type FunctionName, isServed } from "./permissions.ts";
import { LIVE, liveArn, liveName, physicalName } from "./policy.ts";
import type { Stage } from "./stage.ts";

/**
 * The version of a function that is in use. Whoever calls a function calls this: a new version is out of everybody's
 * sight until the alias is moved to it, and what is in use can't be changed, only replaced.
 */
export function live(lambda: Lambda): Alias {
  const found = lambda.node.tryFindChild("Live");
  if (found instanceof Alias) return found;
  return new Alias(lambda, "Live", { aliasName: LIVE, version: lambda.currentVersion });
}

/** How new versions come into use (setting `canary`), as CodeDeploy names it. */
export const CANARIES = {
  AllAtOnce: undefined,
  Canary10Percent5Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  Canary10Percent10Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
  Canary10Percent15Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  Linear10PercentEvery1Minute: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
} as const;

/**
 * Moves people's traffic to new versions bit by bit, and back when an alarm says so; the deployment has failed then.
 * CodeDeploy has a group for each function, and moves all at the same time. Jobs and streams change at once: the next
 * run or batch has no traffic of which a tenth could be tried.
 *
 * With `--context at-once=true` all change at once here, too: to go back, where the alarms ring already and CodeDeploy
 * would refuse to begin.
 */
export function canaries(stack: Stack, stage: Stage, api: CfnApi, lambdas: Functions): void {
  const deploymentConfig = CANARIES[stage.canary];
  if (deploymentConfig === undefined) return;
  const served = [...lambdas].filter(([name]) => isServed(name));
  const application = new LambdaApplication(stack, "Delivery", { applicationName: stage.named() });
  const role = deployerRole(
    stack,
    stage,
    served.map(([name]) => name),
  );
  const shared = sharedAlarms(stack, stage, api);
  const atOnce = stack.node.tryGetContext("at-once") === "true";
  for (const [name, lambda] of served) {
    const alias = live(lambda);
    const group = new LambdaDeploymentGroup(stack, `Delivery-${name}`, {
      application,
      deploymentGroupName: serviceName(name),
      alias,
      deploymentConfig,
      // It has all it needs; CDK would add a policy that AWS manages.
      role: role.withoutPolicyUpdates(),
      alarms: [errorsOfNewVersion(stack, stage, name, lambda), ...shared],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    group.node.addDependency(role);
    const { defaultChild } = alias.node;
    if (atOnce && defaultChild instanceof CfnAlias) delete defaultChild.cfnOptions.updatePolicy;
  }
}

/** An alarm that brings the old version back, and tells nobody: whoever deploys sees it. */
const canaryAlarm = (
  stack: Stack,
  stage: Stage,
  name: string,
  alarm: ConstructorParameters<typeof Alarm>[2],
) =>
  new Alarm(stack, `Canary-${name}`, {
    ...alarm,
    alarmName: stage.named(`canary-${name}`),
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });

/** Crashes and time-outs of the version that comes; those of the one that goes are no reason to keep it. */
const errorsOfNewVersion = (stack: Stack, stage: Stage, name: FunctionName, lambda: Lambda): IAlarm =>
  canaryAlarm(stack, stage, `${serviceName(name)}-errors`, {
    alarmDescription: `The new version of ${name} fails; CodeDeploy goes back`,
    metric: new Metric({
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensionsMap: {
        FunctionName: physicalName(stage, name),
        Resource: liveName(stage, name),
        ExecutedVersion: lambda.currentVersion.version,
      },
      statistic: "Sum",
      period: Duration.minutes(1),
    }),
    threshold: 1,
    evaluationPeriods: 1,
  });

/** What a function answers by itself, 500 and too late, only the gateway counts: for all versions together. */
function sharedAlarms(stack: Stack, stage: Stage, api: CfnApi): IAlarm[] {
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: "AWS/ApiGateway",
      metricName,
      dimensionsMap: { ApiId: api.ref, Stage: "$default" },
      statistic,
      period: Duration.minutes(1),
    });
  return [
    canaryAlarm(stack, stage, "5xx", {
      alarmDescription: "Callers see server errors while versions change; CodeDeploy goes back",
      metric: metric("5xx", "Sum"),
      threshold: 5,
      evaluationPeriods: 1,
    }),
    canaryAlarm(stack, stage, "p95", {
      alarmDescription: "One answer in twenty takes 3 s while versions change; CodeDeploy goes back",
      metric: metric("Latency", "p95"),
      threshold: Duration.seconds(3).toMilliseconds(),
      evaluationPeriods: 2,
    }),
  ];
}

/** What CodeDeploy may do: move these aliases, and look at alarms. */
function deployerRole(stack: Stack, stage: Stage, names: readonly FunctionName[]): Role {
  const role = new Role(stack, "DeliveryRole", {
    assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
    description: "Moves aliases to new versions",
  });
  const aliases = names.map((name) => liveArn(stack, stage, name));
  role.addToPolicy(
    new PolicyStatement({
      actions: ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
      // Lambda looks at the function's name for an alias's settings, and at the alias's for its capacity.
      resources: [...aliases, ...aliases.map((arn) => arn.slice(0, -`:${LIVE}`.length))],
    }),
  );
  role.addToPolicy(new PolicyStatement({ actions: ["cloudwatch:DescribeAlarms"], resources: ["*"] }));
  suppressNag(
    role,
    "AwsSolutions-IAM5[Resource::*]",
    "CodeDeploy asks for the state of all alarms of a deployment in one call; it reads nothing else there.",
  );
  return role;
}
