import { groups, routes } from "@success-manager/contract";
import { ArnFormat, type Stack } from "aws-cdk-lib";
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from "aws-cdk-lib/aws-apigatewayv2";
import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { Unit } from "aws-cdk-lib/aws-cloudwatch";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import type { Function as Lambda } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, type LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { live } from "./delivery.ts";
import type { Functions } from "./functions.ts";
import { suppressNag } from "./nag-suppressions.ts";
import { logs, METRICS_NAMESPACE } from "./observability.ts";
import { type FunctionName, functionName, sendsMail } from "./permissions.ts";
import { liveArn } from "./policy.ts";
import type { Stage } from "./stage.ts";

type Group = (typeof groups)[number];

/** The gateway, and what it may call. */
export function httpApi(stack: Stack, stage: Stage, lambdas: Functions): CfnApi {
  const api = new CfnApi(stack, "Api", {
    name: stage.named(),
    protocolType: "HTTP",
    corsConfiguration: {
      allowOrigins: stage.corsOrigins,
      allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
      allowHeaders: ["authorization", "content-type", "idempotency-key", "if-match", "x-consistency"],
      exposeHeaders: [
        ...["content-disposition", "etag", "idempotent-replayed", "ratelimit", "ratelimit-policy"],
        ...["retry-after", "x-consistency", "x-request-id"],
      ],
      allowCredentials: true,
      maxAge: 600,
    },
  });
  for (const name of new Set(groups.map(servedBy))) allowInvoke(stack, api, deployed(lambdas, name));
  return api;
}

/**
 * One explicit route for each line of the contract, and one answer for everything else.
 *
 * In a stack of their own, which comes after the functions': a route is there when all traffic goes to a version that
 * knows it. A route that is no more is still there for a while when all traffic goes to a version that does not know
 * it any more, which then answers what the catch-all answers.
 */
export function apiRoutes(stack: Stack, stage: Stage, api: CfnApi, logKey: Key | undefined): CfnStage {
  // A scope of their own adds a hash to their logical ids, which tells `/users/{id}` from `/users/id`.
  const table = new Construct(stack, "Routes");
  const allRoutes = groups.flatMap((group) => {
    const integration = integrate(stack, stage, api, servedBy(group));
    return routeKeys(group).map((routeKey) => route(table, api, routeKey, integration));
  });
  return deployStage(stack, stage, api, allRoutes, logKey);
}

/**
 * Where people reach the API, told to the functions for the links that leave it: what the stage says, its domain, the
 * edge. Without any of these it is the gateway's own address, which requests bring along; so only functions that mail
 * are told: what is sent later has no request. No circle: neither gateway nor edge needs the functions, the routes do.
 *
 * @returns that address
 */
export function addPublicUrlEnv(
  { publicUrl, domain }: Stage,
  { attrApiEndpoint }: CfnApi,
  distribution: Distribution | undefined,
  lambdas: Functions,
): string {
  const host = domain?.name ?? distribution?.domainName;
  const address = publicUrl ?? (host === undefined ? undefined : `https://${host}`);
  for (const [name, lambda] of lambdas) {
    if (address !== undefined) lambda.addEnvironment("PUBLIC_URL", address);
    else if (sendsMail(name)) lambda.addEnvironment("GATEWAY_URL", attrApiEndpoint);
  }
  return address ?? attrApiEndpoint;
}

/** The function that serves a group: pages for people lie outside the API. */
const servedBy = ({ name, prefix }: Group): FunctionName =>
  functionName(`${prefix.startsWith("/api/") ? "api" : "pages"}/${name}`);

/** Where all groups stand. One that has several places there names no other. */
const API = "/api/v1";
const rootOf = (path: string) => path.split("/", 4).join("/");

/**
 * The routes of the contract, and those that catch what only looks similar: a trailing slash, HEAD, a method that
 * the path does not have. HTTP APIs match routes exactly and refuse route keys that end with a slash, so these go
 * to the same function, which answers them in our own words. The group at the root catches all that is left.
 */
function routeKeys(group: Group): string[] {
  const all = routes(group);
  if (group.prefix === "") return [...all.map(({ key }) => key), "$default"];
  const roots = new Set(group.prefix === API ? all.map(({ path }) => rootOf(path)) : [group.prefix]);
  const catchAll = [...roots].flatMap((root) => [`ANY ${root}`, `ANY ${root}/{proxy+}`]);
  return [...all.map(({ key }) => key), ...catchAll];
}

function deployed(lambdas: Functions, name: FunctionName): Lambda {
  const lambda = lambdas.get(name);
  if (lambda === undefined) throw new Error(`${name} is not deployed`);
  return lambda;
}

/** By name: an export of the functions' stack that is in use here would keep the function from being removed there. */
const integrate = (stack: Stack, stage: Stage, api: CfnApi, name: FunctionName) =>
  new CfnIntegration(stack, `Integration-${name}`, {
    apiId: api.ref,
    integrationType: "AWS_PROXY",
    integrationUri: liveArn(stack, stage, name),
    payloadFormatVersion: "2.0",
  });

/** One permission for all routes of this API; one for each would fill the function's policy (20 KB). */
const allowInvoke = (stack: Stack, api: CfnApi, lambda: Lambda) =>
  live(lambda).addPermission("Gateway", {
    principal: new ServicePrincipal("apigateway.amazonaws.com"),
    sourceArn: stack.formatArn({ service: "execute-api", resource: api.ref, resourceName: "*" }),
  });

function route(table: Construct, api: CfnApi, routeKey: string, integration: CfnIntegration): CfnRoute {
  const route = new CfnRoute(table, routeKey, {
    apiId: api.ref,
    routeKey,
    target: `integrations/${integration.ref}`,
    authorizationType: "NONE",
  });
  suppressNag(
    route,
    "AwsSolutions-APIG4",
    "The function authenticates: it checks token, user and session in one strongly consistent read, so that a log-out holds on the very next request. An authorizer in front would add a call, or a cache that outlives the session.",
  );
  return route;
}

/** Log-in, by password or by a provider, and the way that takes it with a trailing slash. */
const LOGIN_ROUTES = [
  "POST /api/v1/auth/login",
  "GET /api/v1/auth/oidc/login",
  "GET /api/v1/auth/oidc/callback",
  "POST /api/v1/auth/oidc/exchange",
  "ANY /api/v1/auth/{proxy+}",
];

function deployStage(
  stack: Stack,
  stage: Stage,
  api: CfnApi,
  allRoutes: readonly CfnRoute[],
  logKey: Key | undefined,
): CfnStage {
  // Under this prefix delivery needs no resource policy, of which an account has ten.
  const logGroup = logs(stack, stage, "AccessLogs", `/aws/vendedlogs/${stage.named("access")}`, logKey);
  const { logGroupName } = logGroup;
  countRefusals(logGroup);
  const limits = ({ rate, burst }: Stage["throttle"]) => ({
    ThrottlingRateLimit: rate,
    ThrottlingBurstLimit: burst,
  });
  const deployed = new CfnStage(stack, "Stage", {
    apiId: api.ref,
    stageName: "$default",
    autoDeploy: true,
    defaultRouteSettings: {
      throttlingRateLimit: stage.throttle.rate,
      throttlingBurstLimit: stage.throttle.burst,
    },
    routeSettings: Object.fromEntries(LOGIN_ROUTES.map((key) => [key, limits(stage.loginThrottle)])),
    accessLogSettings: {
      destinationArn: stack.formatArn({
        service: "logs",
        resource: "log-group",
        resourceName: logGroupName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      format: accessLogFormat(stage),
    },
  });
  // Settings for a route are refused until it is there.
  for (const route of allRoutes)
    if (LOGIN_ROUTES.includes(route.routeKey)) deployed.addResourceDependency(route);
  return deployed;
}

/** Refusals that the alarms watch. Out of the log: those of the gateway itself never reach a function. */
function countRefusals(logGroup: LogGroup): void {
  for (const [metricName, status] of [
    ["Unauthorized", "401"],
    ["TooManyRequests", "429"],
  ] as const)
    logGroup.addMetricFilter(metricName, {
      metricNamespace: METRICS_NAMESPACE,
      metricName,
      filterPattern: FilterPattern.stringValue("$.status", "=", status),
      dimensions: { stage: "$.stage" },
      unit: Unit.COUNT,
    });
}

/**
 * The route, not the path: those of surveys and mailed reports hold tokens. The address is personal data, which stays
 * for `logRetentionDays` (docs/deploy.md). No user and no user agent: the gateway does not know the first, and writes
 * the second as its sender wants it, quotation marks too. Both stand in the function's line of the same `request_id`.
 */
const accessLogFormat = (stage: Stage) =>
  JSON.stringify({
    request_id: "$context.requestId",
    time: "$context.requestTimeEpoch",
    stage: stage.name,
    address: "$context.identity.sourceIp",
    route: "$context.routeKey",
    status: "$context.status",
    latency_ms: "$context.responseLatency",
    integration_ms: "$context.integrationLatency",
    bytes: "$context.responseLength",
    error: "$context.integrationErrorMessage",
  });
