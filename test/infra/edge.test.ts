import { createContext, runInContext } from "node:vm";
import { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { COUNTED_RULES, VIEWER_REQUEST } from "../../infra/edge.ts";
import { functionNames as names } from "../../infra/permissions.ts";
import { DOMAIN, logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

const ORIGIN_CERTIFICATE = DOMAIN.certificateArn.replace("us-east-1", "eu-central-1");

let cloud: Synthesized;
let edge: Template;
let edgeLogs: Template;
beforeAll(async () => {
  cloud = await synthesize({ stage: "prod" });
  edge = stackOf(cloud, "SuccessManagerEdge-prod");
  edgeLogs = stackOf(cloud, "SuccessManagerEdgeLogs-prod");
});

const artifactOf = ({ app }: Synthesized, name: string) => {
  const found = app.synth().stacks.find(({ stackName }) => stackName === name);
  if (found === undefined) throw new Error(`there is no stack ${name}`);
  return found;
};
const stackOf = (synthesized: Synthesized, name: string) =>
  Template.fromJSON(artifactOf(synthesized, name).template);
const only = (template: Template, type: string) => {
  const found = Object.values(template.findResources(type));
  expect(found, type).toHaveLength(1);
  return found[0]?.Properties;
};
const distributionOf = ({ service }: Synthesized) =>
  only(service, "AWS::CloudFront::Distribution").DistributionConfig;
const variablesOf = ({ service }: Synthesized, stage = "prod") =>
  new Map(
    Object.values(service.findResources("AWS::Lambda::Function")).map(({ Properties }) => [
      Properties.FunctionName.replace(`success-manager-${stage}-`, ""),
      Properties.Environment?.Variables,
    ]),
  );

describe("a stage has an edge", () => {
  test.each([
    ["prod", {}, true],
    ["prod", { edge: false }, false],
    ["dev", {}, false],
    ["dev", { edge: true, region: "eu-central-1" }, true],
    ["local", {}, false],
  ])("%s with %j: %s", async (stage, settings, has) => {
    const { service, app } = await synthesize({ stage, ...settings });
    service.resourceCountIs("AWS::CloudFront::Distribution", has ? 1 : 0);
    expect(app.synth().stacks.length).toBe(has ? 6 : 4);
    expect(JSON.stringify(service.toJSON()).includes("ORIGIN_SECRETS")).toBe(has);
  });

  test("also where the gateway is in the edge's own region", async () => {
    const { service } = await synthesize({ stage: "prod", region: "us-east-1" });
    expect(JSON.stringify(service.toJSON())).toContain('"Fn::GetStackOutput"');
  });
});

describe("CloudFront", () => {
  test("lets every method, header, cookie and query through, but the name that it was called by", () => {
    const { DefaultCacheBehavior, CacheBehaviors } = distributionOf(cloud);
    expect(CacheBehaviors).toBeUndefined();
    expect([...DefaultCacheBehavior.AllowedMethods].sort()).toEqual(
      ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].sort(),
    );
    // AllViewerExceptHostHeader: the gateway knows itself by its own name alone.
    expect(DefaultCacheBehavior.OriginRequestPolicyId).toBe("b689b0a8-53d0-40ab-baf2-68738e2966ac");
  });

  test("keeps nothing that does not ask for it, at most a second, and compresses", () => {
    const { CachePolicyConfig } = only(cloud.service, "AWS::CloudFront::CachePolicy");
    expect(CachePolicyConfig).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      MaxTTL: 1,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingBrotli: true,
        EnableAcceptEncodingGzip: true,
        HeadersConfig: { Headers: expect.arrayContaining(["authorization"]) },
        QueryStringsConfig: { QueryStringBehavior: "all" },
      },
    });
    expect(distributionOf(cloud).DefaultCacheBehavior.Compress).toBe(true);
  });

  test("speaks TLS alone, to both sides, HTTP/2 and HTTP/3, and adds no headers to answers", () => {
    const { HttpVersion, DefaultCacheBehavior, Origins } = distributionOf(cloud);
    expect(HttpVersion).toBe("http2and3");
    expect(DefaultCacheBehavior.ViewerProtocolPolicy).toBe("https-only");
    expect(DefaultCacheBehavior.ResponseHeadersPolicyId).toBeUndefined();
    expect(Origins).toMatchObject([
      { CustomOriginConfig: { OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"] } },
    ]);
    expect(Origins[0].CustomOriginConfig.OriginReadTimeout).toBeGreaterThan(30);
  });

  test("tells who calls, whatever the caller says", () => {
    const { FunctionAssociations } = distributionOf(cloud).DefaultCacheBehavior;
    const [{ EventType, FunctionARN }] = FunctionAssociations;
    expect(EventType).toBe("viewer-request");
    const [id, { Properties }] = Object.entries(
      cloud.service.findResources("AWS::CloudFront::Function"),
    )[0] ?? ["", { Properties: {} }];
    expect(logicalIdOf(FunctionARN)).toBe(id);
    expect(Properties.FunctionCode).toBe(VIEWER_REQUEST);
    const context = createContext({
      event: {
        viewer: { ip: "2001:db8::7" },
        request: {
          uri: "/health",
          headers: {
            "true-client-ip": { value: "203.0.113.7" },
            origin: { value: "https://app.example.com" },
          },
        },
      },
    });
    expect(runInContext(`${VIEWER_REQUEST}; JSON.stringify(handler(event))`, context)).toBe(
      JSON.stringify({
        uri: "/health",
        headers: { "true-client-ip": { value: "2001:db8::7" }, origin: { value: "https://app.example.com" } },
      }),
    );
  });

  test("writes down who called, not what for: paths and queries hold tokens", () => {
    const { RecordFields } = only(edgeLogs, "AWS::Logs::Delivery");
    expect(RecordFields).toEqual(expect.arrayContaining(["c-ip", "sc-status", "time-taken"]));
    expect(RecordFields.filter((field: string) => /uri|referer|cookie|agent/i.test(field))).toEqual([]);
    expect(only(edgeLogs, "AWS::Logs::DeliverySource").LogType).toBe("ACCESS_LOGS");
    edgeLogs.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
    expect(artifactOf(cloud, "SuccessManagerEdgeLogs-prod").environment.region).toBe("us-east-1");
  });
});

describe("the secret of the edge", () => {
  /** Logical ids of secrets in `{{resolve:secretsmanager:…}}`. */
  const secretsIn = (value: unknown) =>
    [
      ...JSON.stringify(value).matchAll(
        /resolve:secretsmanager:",\{"Ref":"(OriginSecret\d+?)[0-9A-F]{8}"\}/g,
      ),
    ].map(([, id]) => id ?? "");
  const sentAndAccepted = async (originSecret: number) => {
    const synthesized = await synthesize({ stage: "prod", originSecret });
    const [origin] = distributionOf(synthesized).Origins;
    const accepted = [...variablesOf(synthesized).values()].flatMap((variables) =>
      variables?.ORIGIN_SECRETS === undefined ? [] : [secretsIn(variables.ORIGIN_SECRETS).join()],
    );
    expect(origin.OriginCustomHeaders).toHaveLength(1);
    expect(origin.OriginCustomHeaders[0].HeaderName).toBe("x-origin-secret");
    expect(new Set(accepted).size).toBe(1);
    return { sent: secretsIn(origin.OriginCustomHeaders).join(), accepted: accepted[0]?.split(",") ?? [] };
  };

  test("is known to each function that the gateway calls, and to no other", () => {
    const told = [...variablesOf(cloud)].filter(([, variables]) => variables?.ORIGIN_SECRETS !== undefined);
    expect(told.map(([name]) => name).sort()).toEqual(
      names
        .filter((name) => /^(api|pages)\//.test(name))
        .map((name) => name.replace("/", "-"))
        .sort(),
    );
  });

  test("can be changed, and the change taken back, while functions of before and after are at work", async () => {
    const steps = await Promise.all([1, 2, 3].map(sentAndAccepted));
    expect(steps.map(({ sent }) => sent)).toEqual(["OriginSecret1", "OriginSecret2", "OriginSecret3"]);
    for (const [index, now] of steps.entries())
      for (const other of [steps[index - 1], now, steps[index + 1]])
        if (other) expect(other.accepted, `${now.sent} sent`).toContain(now.sent);
    // What leaked is worth nothing two changes later.
    expect(steps[2]?.accepted).not.toContain("OriginSecret1");
  });

  test("stands in no template", () => {
    for (const { template } of cloud.app.synth().stacks)
      expect(JSON.stringify(template)).not.toMatch(/"SecretString":/);
    for (const { Properties } of Object.values(cloud.service.findResources("AWS::SecretsManager::Secret")))
      expect(Properties.GenerateSecretString.PasswordLength).toBeGreaterThanOrEqual(40);
  });
});

describe("the address that people use", () => {
  const address = ({ service }: Synthesized) => service.findOutputs("ApiUrl").ApiUrl?.Value;

  test("is the edge's: in the output, and in what functions send", async () => {
    const [id] = Object.keys(cloud.service.findResources("AWS::CloudFront::Distribution"));
    const url = { "Fn::Join": ["", ["https://", { "Fn::GetAtt": [id, "DomainName"] }]] };
    expect(address(cloud)).toEqual(url);
    for (const [name, variables] of variablesOf(cloud)) {
      expect(variables.PUBLIC_URL, name).toEqual(url);
      expect(variables.GATEWAY_URL, name).toBeUndefined();
    }
  });

  test("is the domain's, where there is one", async () => {
    const own = await synthesize({ stage: "prod", domain: DOMAIN });
    expect(address(own)).toBe("https://api.example.com");
    for (const variables of variablesOf(own).values())
      expect(variables.PUBLIC_URL).toBe("https://api.example.com");
    expect(distributionOf(own)).toMatchObject({
      Aliases: ["api.example.com"],
      ViewerCertificate: { AcmCertificateArn: DOMAIN.certificateArn, MinimumProtocolVersion: "TLSv1.2_2021" },
    });
    own.service.resourceCountIs("AWS::Route53::RecordSet", 0);
    expect(JSON.stringify(own.service.findOutputs("DomainRecord"))).toContain("api.example.com CNAME ");
  });

  test("gets its records where the zone is ours", async () => {
    const hostedZone = { id: "Z0123456789ABCDEFGHIJ", name: "example.com" };
    const own = await synthesize({ stage: "prod", domain: { ...DOMAIN, hostedZone } });
    const records = Object.values(own.service.findResources("AWS::Route53::RecordSet"));
    expect(
      records.map(({ Properties }) => [Properties.Type, Properties.Name, Properties.HostedZoneId]),
    ).toEqual([
      ["A", "api.example.com.", hostedZone.id],
      ["AAAA", "api.example.com.", hostedZone.id],
    ]);
    expect(own.service.findOutputs("DomainRecord")).toEqual({});
  });

  test("is the only one, with a certificate for the gateway: its own name is switched off", async () => {
    cloud.service.hasResourceProperties("AWS::ApiGatewayV2::Api", {});
    expect(only(cloud.service, "AWS::ApiGatewayV2::Api").DisableExecuteApiEndpoint).toBeUndefined();
    const domain = { ...DOMAIN, originCertificateArn: ORIGIN_CERTIFICATE };
    const own = await synthesize({ stage: "prod", domain });
    expect(only(own.service, "AWS::ApiGatewayV2::Api").DisableExecuteApiEndpoint).toBe(true);
    const [id] = Object.keys(own.service.findResources("AWS::ApiGatewayV2::DomainName"));
    const { Origins, DefaultCacheBehavior } = distributionOf(own);
    expect(Origins[0].DomainName).toEqual({ "Fn::GetAtt": [id, "RegionalDomainName"] });
    // AllViewer: the gateway finds the API by the name that was called.
    expect(DefaultCacheBehavior.OriginRequestPolicyId).toBe("216adef6-5c7f-47e4-b989-5492eafa07d3");
    const [deployed] = Object.keys(own.routes.findResources("AWS::ApiGatewayV2::Stage"));
    expect(only(own.routes, "AWS::ApiGatewayV2::ApiMapping").Stage).toEqual({ Ref: deployed });
    // The secret counts there, too.
    expect(Origins[0].OriginCustomHeaders).toHaveLength(1);
  });
});

describe("WAF", () => {
  const rules = () => only(edge, "AWS::WAFv2::WebACL").Rules;
  const rule = (name: string) => rules().find(({ Name }: { Name: string }) => Name === name);

  test("stands in front of CloudFront, in its region, without functions of CDK's in between", () => {
    expect(artifactOf(cloud, "SuccessManagerEdge-prod").environment.region).toBe("us-east-1");
    expect(only(edge, "AWS::WAFv2::WebACL").Scope).toBe("CLOUDFRONT");
    const [output] = Object.entries(edge.findOutputs("*")).filter(([, { Value }]) =>
      JSON.stringify(Value).includes("WebAcl"),
    );
    expect(distributionOf(cloud).WebACLId).toEqual({
      "Fn::GetStackOutput": {
        StackName: "SuccessManagerEdge-prod",
        Region: "us-east-1",
        OutputName: output?.[0],
      },
    });
    edge.resourceCountIs("AWS::Lambda::Function", 0);
    edgeLogs.resourceCountIs("AWS::Lambda::Function", 0);
  });

  test("blocks what AWS's rules find, and counts where people may mean it", () => {
    for (const [name, counted] of Object.entries(COUNTED_RULES)) {
      const { OverrideAction, Statement } = rule(name);
      expect(OverrideAction).toEqual({ None: {} });
      const overrides = Statement.ManagedRuleGroupStatement.RuleActionOverrides ?? [];
      expect(overrides).toEqual(Object.keys(counted).map((Name) => ({ Name, ActionToUse: { Count: {} } })));
      for (const reason of Object.values(counted)) expect(reason).not.toBe("");
    }
    // Every rule of these groups that looks at bodies: 1 MiB of what people write comes here.
    expect(
      Object.keys(COUNTED_RULES.AWSManagedRulesCommonRuleSet ?? {})
        .filter((name) => /_BODY$/.test(name))
        .sort(),
    ).toEqual([
      "CrossSiteScripting_BODY",
      "EC2MetaDataSSRF_BODY",
      "GenericLFI_BODY",
      "GenericRFI_BODY",
      "SizeRestrictions_BODY",
    ]);
  });

  test.each([
    ["rate-login", 100, ["/api/v1/auth/login", "/api/v1/auth/oidc/"]],
    [
      "rate-pages",
      240,
      ["/survey/", "/report/", "/password", "/api/v1/auth/forgot-password", "/api/v1/portal/"],
    ],
    ["rate-all", 3000, []],
  ])("%s: %i a minute of one address, then 429 in the shape of every failure", (name, limit, paths) => {
    const { Statement, Action } = rule(name);
    const { ScopeDownStatement = {}, ...rate } = Statement.RateBasedStatement;
    expect(rate).toEqual({ AggregateKeyType: "IP", EvaluationWindowSec: 60, Limit: limit });
    const statements = ScopeDownStatement.OrStatement?.Statements ?? [ScopeDownStatement];
    const matched = statements.flatMap((one: { ByteMatchStatement?: { SearchString: string } }) =>
      one.ByteMatchStatement ? [one.ByteMatchStatement.SearchString] : [],
    );
    expect(matched).toEqual(paths);
    const { ResponseCode, CustomResponseBodyKey, ResponseHeaders } = Action.Block.CustomResponse;
    expect([ResponseCode, ResponseHeaders]).toEqual([429, [{ Name: "retry-after", Value: "60" }]]);
    const { Content } = only(edge, "AWS::WAFv2::WebACL").CustomResponseBodies[CustomResponseBodyKey];
    expect(Object.keys(JSON.parse(Content))).toEqual(["detail"]);
  });

  test("names paths that there are", () => {
    const keys = Object.values(cloud.routes.findResources("AWS::ApiGatewayV2::Route")).map(
      ({ Properties }) => Properties.RouteKey.split(" ")[1] ?? "",
    );
    const scoped = [...JSON.stringify(rules()).matchAll(/"SearchString":"([^"]+)"/g)].map(
      ([, path]) => path ?? "",
    );
    expect(scoped.length).toBe(7);
    for (const path of scoped)
      expect(
        keys.some((key) => key.startsWith(path)),
        path,
      ).toBe(true);
  });

  test("logs what it stopped or counted, without what lets somebody in", () => {
    const { RedactedFields, LoggingFilter, LogDestinationConfigs } = only(
      edge,
      "AWS::WAFv2::LoggingConfiguration",
    );
    expect(RedactedFields).toEqual([
      { SingleHeader: { Name: "authorization" } },
      { SingleHeader: { Name: "cookie" } },
      { UriPath: {} },
      { QueryString: {} },
    ]);
    expect(LoggingFilter.DefaultBehavior).toBe("DROP");
    expect(LogDestinationConfigs).toHaveLength(1);
    expect(JSON.stringify(only(edge, "AWS::Logs::LogGroup").LogGroupName)).toContain('"aws-waf-logs-');
    expect(only(edge, "AWS::Logs::LogGroup").RetentionInDays).toBe(90);
    expect(only(edge, "AWS::WAFv2::WebACL").VisibilityConfig.SampledRequestsEnabled).toBe(false);
  });

  test("has rules for no more than WAF's usual capacity of 1500 units", () => {
    // AWS WAF Developer Guide, "AWS Managed Rules rule groups list"; a rate 2, and 12 for each path with two changes.
    const managed: Readonly<Record<string, number>> = {
      AWSManagedRulesCommonRuleSet: 700,
      AWSManagedRulesKnownBadInputsRuleSet: 200,
      AWSManagedRulesAmazonIpReputationList: 25,
    };
    const rates = 3 * 2 + 5 * (2 + 2 * 10);
    expect(
      Object.keys(COUNTED_RULES).reduce((sum, name) => sum + (managed[name] ?? 1500), rates),
    ).toBeLessThan(1500);
  });
});

test("nothing of it is in a circle, which CloudFormation refuses and synthesis does not", () => {
  const resources = cloud.service.toJSON().Resources as Record<string, unknown>;
  const pointers = (part: unknown): string[] => {
    if (typeof part !== "object" || part === null) return [];
    const { Ref, "Fn::GetAtt": attribute, DependsOn } = part as Readonly<Record<string, unknown>>;
    const own = [Ref, [attribute].flat()[0], ...[DependsOn].flat()];
    return [...own.filter((id) => typeof id === "string"), ...Object.values(part).flatMap(pointers)];
  };
  const needs = (id: string) => {
    const found = new Set<string>();
    const queue = pointers(resources[id]);
    for (let next = queue.pop(); next !== undefined; next = queue.pop())
      if (!found.has(next)) {
        found.add(next);
        queue.push(...pointers(resources[next]));
      }
    return found;
  };
  expect(Object.keys(resources).filter((id) => needs(id).has(id))).toEqual([]);
  const [distribution = ""] = Object.keys(cloud.service.findResources("AWS::CloudFront::Distribution"));
  for (const id of Object.keys(cloud.service.findResources("AWS::Lambda::Function")))
    expect(needs(id)).toContain(distribution);
});
