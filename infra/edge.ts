import { type App, Duration, Fn, ReferenceStrength, type SecretValue, Stack, Tags } from "aws-cdk-lib";
import { type CfnApi, CfnApiMapping, CfnDomainName, type CfnStage } from "aws-cdk-lib/aws-apigatewayv2";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  type IOriginRequestPolicy,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource } from "aws-cdk-lib/aws-logs";
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { CfnLoggingConfiguration, CfnWebACL } from "aws-cdk-lib/aws-wafv2";
import type { Functions } from "./functions.ts";
import { suppressNag } from "./nag-suppressions.ts";
import { logs } from "./observability.ts";
import { isServed } from "./permissions.ts";
import type { Stage } from "./stage.ts";

/** Where CloudFront is at home: WAF for it, its certificates and its logs are there and nowhere else. */
export const EDGE_REGION = "us-east-1";

function edgeStack(app: App, stage: Stage, part: string, description: string): Stack {
  const stack = new Stack(app, `SuccessManager${part}-${stage.name}`, {
    description: `Success Manager (${stage.name}): ${description}`,
    terminationProtection: !stage.disposable,
    env: { region: EDGE_REGION },
  });
  Tags.of(stack).add("stage", stage.name);
  return stack;
}

// --- WAF -----------------------------------------------------------------------------------------------------------

/** Requests of one address in a minute; then it is refused until there are fewer. */
const RATES = {
  // The function's own limit (decision 22). What it refuses still costs it an invocation and a write; here nothing.
  login: 100,
  // Twice the function's: pages bring styles and pictures along.
  pages: 240,
  // An office behind one address, its people at work.
  all: 3000,
} as const;

/** Paths by which people sign in: by password and second factor, and by a provider. */
const LOGIN_PATHS = ["/api/v1/auth/login", "/api/v1/auth/oidc/"];

/** Paths of what is open to everybody who has a link. */
const LINK_PATHS = ["/survey/", "/report/", "/password", "/api/v1/auth/forgot-password", "/api/v1/portal/"];

/**
 * Rules of AWS that only count here, each with the reason. All others of their groups block.
 *
 * They look at bodies for what attacks look like. Here people write notes, tickets and answers to surveys: an excerpt
 * of HTML, a path, an address with a number in it are what they mean to say. What is written is checked by schemas,
 * kept as text and escaped where it is shown.
 */
export const COUNTED_RULES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AWSManagedRulesCommonRuleSet: {
    SizeRestrictions_BODY:
      "refuses more than 8 KB; imports and notes have up to 1 MiB, where the function refuses",
    CrossSiteScripting_BODY: "a note may hold HTML",
    GenericLFI_BODY: "a ticket may name a path such as ../../etc",
    GenericRFI_BODY: "a ticket may hold an address such as http://10.0.0.1/status",
    EC2MetaDataSSRF_BODY:
      "a ticket of an operator may name 169.254.169.254; no function fetches what is sent",
    SizeRestrictions_QUERYSTRING: "refuses more than 2 KB; a cursor with many filters may have more",
    NoUserAgent_HEADER: "programs that call the API need not have one",
  },
  AWSManagedRulesKnownBadInputsRuleSet: {
    Log4JRCE_BODY: "a ticket may quote what an attacker sent; nothing here runs Java",
    JavaDeserializationRCE_BODY: "the same",
  },
  AWSManagedRulesAmazonIpReputationList: {},
};

const visibility = (metricName: string) => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  // Samples hold whole paths, and those of surveys and mailed reports hold tokens.
  sampledRequestsEnabled: false,
});

const TOO_MANY = "too-many";

/** Whether the path begins so, however it is written. */
const pathBegins = (searchString: string): CfnWebACL.StatementProperty => ({
  byteMatchStatement: {
    fieldToMatch: { uriPath: {} },
    positionalConstraint: "STARTS_WITH",
    searchString,
    textTransformations: [
      { priority: 0, type: "URL_DECODE" },
      { priority: 1, type: "LOWERCASE" },
    ],
  },
});

function rateRule(
  name: keyof typeof RATES,
  scopeDownStatement?: CfnWebACL.StatementProperty,
): Omit<CfnWebACL.RuleProperty, "priority"> {
  return {
    name: `rate-${name}`,
    statement: {
      rateBasedStatement: {
        aggregateKeyType: "IP",
        evaluationWindowSec: 60,
        limit: RATES[name],
        ...(scopeDownStatement && { scopeDownStatement }),
      },
    },
    // In the shape of every failure.
    action: {
      block: {
        customResponse: {
          responseCode: 429,
          customResponseBodyKey: TOO_MANY,
          responseHeaders: [{ name: "retry-after", value: "60" }],
        },
      },
    },
    visibilityConfig: visibility(`rate-${name}`),
  };
}

const managedRule = ([name, counted]: [string, Readonly<Record<string, string>>]): Omit<
  CfnWebACL.RuleProperty,
  "priority"
> => ({
  name,
  statement: {
    managedRuleGroupStatement: {
      vendorName: "AWS",
      name,
      ruleActionOverrides: Object.keys(counted).map((rule) => ({ name: rule, actionToUse: { count: {} } })),
    },
  },
  overrideAction: { none: {} },
  visibilityConfig: visibility(name),
});

/** WAF in front of CloudFront, in a stack in `EDGE_REGION` of its own. */
export function webAcl(app: App, stage: Stage): CfnWebACL {
  const stack = edgeStack(app, stage, "Edge", "what keeps attacks away");
  const acl = new CfnWebACL(stack, "WebAcl", {
    name: stage.named(),
    scope: "CLOUDFRONT",
    defaultAction: { allow: {} },
    customResponseBodies: {
      [TOO_MANY]: {
        contentType: "APPLICATION_JSON",
        content: JSON.stringify({ detail: "Too many attempts. Try again in 60 seconds." }),
      },
    },
    // Rates first: they are cheap, and a flood is no reason to look at bodies.
    rules: [
      rateRule("login", { orStatement: { statements: LOGIN_PATHS.map(pathBegins) } }),
      rateRule("pages", { orStatement: { statements: LINK_PATHS.map(pathBegins) } }),
      rateRule("all"),
      ...Object.entries(COUNTED_RULES).map(managedRule),
    ].map((rule, priority) => ({ ...rule, priority })),
    visibilityConfig: visibility("web-acl"),
  });
  // A distribution holds on to its ACL by itself. Strong references between regions would need functions of CDK's.
  acl.applyCrossStackReferenceStrength(ReferenceStrength.WEAK);
  // WAF takes no other names.
  const group = logs(stack, stage, "WafLogs", `aws-waf-logs-${stage.named("edge")}`);
  new CfnLoggingConfiguration(stack, "WafLogging", {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [
      Fn.join(":", [
        "arn",
        stack.partition,
        "logs",
        stack.region,
        stack.account,
        "log-group",
        group.logGroupName,
      ]),
    ],
    // What identifies or lets somebody in: tokens are also in paths.
    redactedFields: [
      { singleHeader: { Name: "authorization" } },
      { singleHeader: { Name: "cookie" } },
      { uriPath: {} },
      { queryString: {} },
    ],
    // What was let through without a word is in CloudFront's log.
    loggingFilter: {
      DefaultBehavior: "DROP",
      Filters: [
        {
          Behavior: "KEEP",
          Requirement: "MEETS_ANY",
          Conditions: ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"].map((Action) => ({
            ActionCondition: { Action },
          })),
        },
      ],
    },
  });
  return acl;
}

// --- CloudFront ----------------------------------------------------------------------------------------------------

/**
 * Runs at each request before anything else. CloudFront's own `CloudFront-Viewer-Address` can't be had: a policy that
 * leaves out `Host`, as the gateway needs it, leaves out CloudFront's headers as well. What a caller sends under the
 * name is overwritten.
 */
export const VIEWER_REQUEST = `function handler(event) {
  var request = event.request;
  request.headers["true-client-ip"] = { value: event.viewer.ip };
  return request;
}
`;

/**
 * Nothing is kept: every answer of the functions says \`no-store\`, and what said nothing would be kept for 0 s. The
 * second that it could be at most is there because CloudFront compresses only where something may be kept.
 */
const cachePolicy = (stack: Stack, stage: Stage) =>
  new CachePolicy(stack, "EdgeCaching", {
    cachePolicyName: stage.named(),
    comment: "Compresses, keeps nothing",
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.seconds(0),
    maxTtl: Duration.seconds(1),
    enableAcceptEncodingGzip: true,
    enableAcceptEncodingBrotli: true,
    headerBehavior: CacheHeaderBehavior.allowList("authorization", "accept", "origin"),
    queryStringBehavior: CacheQueryStringBehavior.all(),
    cookieBehavior: CacheCookieBehavior.none(),
  });

/**
 * The secrets that count: those of the number before, the number that is set and the one after it. CloudFront sends
 * the one that is set; with one more or one less it changes while functions of before and after know both.
 */
function originSecrets(
  stack: Stack,
  { originSecret, name }: Stage,
): { sent: SecretValue; all: SecretValue[] } {
  const numbers = [originSecret - 1, originSecret, originSecret + 1].filter((number) => number >= 1);
  const values = numbers.map((number) => {
    const secret = new Secret(stack, `OriginSecret${number}`, {
      description: `Shows that a request comes from CloudFront (${name}, number ${number})`,
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
    });
    suppressNag(
      secret,
      "AwsSolutions-SMG4",
      "CloudFormation hands the value to CloudFront and to the functions, so it changes with a deployment: originSecret is counted up. A timer would change it for neither.",
    );
    return [number, secret.secretValue] as const;
  });
  const sent = new Map(values).get(originSecret);
  if (sent === undefined) throw new Error(`there is no secret number ${originSecret}`);
  return { sent, all: values.map(([, value]) => value) };
}

interface Origin {
  /** Where CloudFront finds the gateway. */
  readonly domainName: string;
  readonly policy: IOriginRequestPolicy;
  /** The gateway's own domain, when it has one. */
  readonly domain?: CfnDomainName;
}

/**
 * The gateway's own address, which then answers 403 to everybody else; or, with a certificate for it, a domain that
 * only CloudFront is led to, while the gateway's own address is switched off.
 */
function originOf(stack: Stack, { domain }: Stage, api: CfnApi): Origin {
  if (domain?.originCertificateArn === undefined)
    return {
      domainName: `${api.ref}.execute-api.${stack.region}.${stack.urlSuffix}`,
      policy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    };
  api.disableExecuteApiEndpoint = true;
  const own = new CfnDomainName(stack, "ApiDomain", {
    domainName: domain.name,
    domainNameConfigurations: [
      {
        certificateArn: domain.originCertificateArn,
        endpointType: "REGIONAL",
        securityPolicy: "TLS_1_2",
      },
    ],
  });
  // The gateway finds the API by the name that was called.
  return {
    domainName: own.attrRegionalDomainName,
    policy: OriginRequestPolicy.ALL_VIEWER,
    domain: own,
  };
}

export interface Edge {
  readonly distribution: Distribution;
  /** The gateway's own domain, when it has one; the routes' stack maps the API to it. */
  readonly domain: CfnDomainName | undefined;
}

/** CloudFront in front of the gateway; the functions refuse what does not come from there. */
export function edge(stack: Stack, stage: Stage, api: CfnApi, lambdas: Functions, acl: CfnWebACL): Edge {
  const { sent, all } = originSecrets(stack, stage);
  const origin = originOf(stack, stage, api);
  const { domain } = stage;
  const distribution = new Distribution(stack, "Edge", {
    comment: stage.named(),
    webAclId: acl.attrArn,
    httpVersion: HttpVersion.HTTP2_AND_3,
    ...(domain && {
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      domainNames: [domain.name],
      certificate: Certificate.fromCertificateArn(stack, "Certificate", domain.certificateArn),
    }),
    defaultBehavior: {
      origin: new HttpOrigin(origin.domainName, {
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
        originSslProtocols: [OriginSslPolicy.TLS_V1_2],
        // The gateway gives up after 30 s, and says so.
        readTimeout: Duration.seconds(35),
        customHeaders: { "x-origin-secret": sent.unsafeUnwrap() },
      }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: cachePolicy(stack, stage),
      originRequestPolicy: origin.policy,
      compress: true,
      // No redirect: a password that was sent in clear should not seem to work.
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      functionAssociations: [
        {
          eventType: FunctionEventType.VIEWER_REQUEST,
          function: new EdgeFunction(stack, "ViewerRequest", {
            functionName: stage.named(),
            runtime: FunctionRuntime.JS_2_0,
            code: FunctionCode.fromInline(VIEWER_REQUEST),
          }),
        },
      ],
    },
  });
  suppressNag(
    distribution,
    "AwsSolutions-CFR3",
    "It logs by the newer way, to CloudWatch, from the stack of its logs: the older one writes whole paths, and those of surveys and mailed reports hold tokens.",
  );
  suppressNag(
    distribution,
    "AwsSolutions-CFR1",
    "Customers may be anywhere; whom the team wants to keep out by country it can, in the web ACL.",
  );
  if (domain === undefined)
    suppressNag(
      distribution,
      "AwsSolutions-CFR4",
      "Under its own name, without a domain, CloudFront lets nobody choose: it takes TLS 1.0 and later. With a domain it is TLS 1.2.",
    );
  for (const [name, lambda] of lambdas)
    if (isServed(name))
      lambda.addEnvironment("ORIGIN_SECRETS", all.map((value) => value.unsafeUnwrap()).join(","));
  if (domain?.hostedZone) records(stack, domain.name, domain.hostedZone, distribution);
  return { distribution, domain: origin.domain };
}

function records(
  stack: Stack,
  recordName: string,
  { id, name }: { readonly id: string; readonly name: string },
  distribution: Distribution,
): void {
  const zone = HostedZone.fromHostedZoneAttributes(stack, "Zone", { hostedZoneId: id, zoneName: name });
  const record = {
    zone,
    recordName: `${recordName}.`,
    target: RecordTarget.fromAlias(new CloudFrontTarget(distribution)),
  };
  new ARecord(stack, "Record", record);
  new AaaaRecord(stack, "RecordIpv6", record);
}

/** The gateway's own domain leads to its stage, which is where the routes are. */
export const mapDomain = (stack: Stack, api: CfnApi, stage: CfnStage, domain: CfnDomainName) =>
  new CfnApiMapping(stack, "ApiMapping", { apiId: api.ref, domainName: domain.ref, stage: stage.ref });

/** What CloudFront writes down of a request: no path and no query, which hold tokens. */
const LOGGED = [
  "date",
  "time",
  "c-ip",
  "cs-method",
  "sc-status",
  "x-edge-result-type",
  "x-edge-request-id",
  "sc-bytes",
  "cs-bytes",
  "time-taken",
  "ssl-protocol",
  "cs-protocol-version",
];

/** CloudFront's access log, from `EDGE_REGION`, after the distribution. */
export function edgeLogs(app: App, stage: Stage, distribution: Distribution): void {
  const stack = edgeStack(app, stage, "EdgeLogs", "who called");
  distribution.applyCrossStackReferenceStrength(ReferenceStrength.WEAK);
  const source = new CfnDeliverySource(stack, "Source", {
    name: stage.named("edge"),
    logType: "ACCESS_LOGS",
    resourceArn: stack.formatArn({
      service: "cloudfront",
      region: "",
      resource: "distribution",
      resourceName: distribution.distributionId,
    }),
  });
  const destination = new CfnDeliveryDestination(stack, "Destination", {
    name: stage.named("edge"),
    // Under this prefix delivery needs no resource policy, of which an account has ten.
    destinationResourceArn: logs(stack, stage, "AccessLogs", `/aws/vendedlogs/${stage.named("edge")}`)
      .logGroupArn,
    outputFormat: "json",
  });
  const delivery = new CfnDelivery(stack, "Delivery", {
    deliverySourceName: source.name,
    deliveryDestinationArn: destination.attrArn,
    recordFields: LOGGED,
  });
  delivery.addResourceDependency(source);
}
