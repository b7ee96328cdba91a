import { beforeAll, describe, expect, test } from "vitest";
import { reservedInstances } from "../../infra/functions.ts";
import { functionNames as entries } from "../../infra/permissions.ts";
import { stageOf } from "../../infra/stage.ts";
import { functionNames, liveFunction, logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

/** Logical ids that a part of a template refers to. */
function references(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  const { Ref, "Fn::GetAtt": attribute } = part as { Ref?: string; "Fn::GetAtt"?: [string, string] };
  return [
    ...[Ref, attribute?.[0]].filter((id) => id !== undefined),
    ...Object.values(part).flatMap(references),
  ];
}

let dev: Synthesized;
beforeAll(async () => {
  dev = await synthesize({ stage: "dev" });
});

describe("a version in use", () => {
  test("is there of each function, under the alias live", () => {
    const aliases = dev.service.findResources("AWS::Lambda::Alias");
    expect(
      Object.keys(aliases)
        .map((Ref) => liveFunction(dev.service, { Ref }))
        .sort(),
    ).toEqual([...functionNames(dev.service).values()].sort());
    const versions = dev.service.findResources("AWS::Lambda::Version");
    for (const { Properties } of Object.values(aliases)) {
      const version = versions[logicalIdOf(Properties.FunctionVersion)];
      expect(version?.Properties.FunctionName).toEqual(Properties.FunctionName);
    }
  });

  test("is what everybody calls: nothing but versions, aliases and metrics knows a function itself", () => {
    const functions = functionNames(dev.service);
    const own = [
      "AWS::Lambda::Version",
      "AWS::Lambda::Alias",
      "AWS::CloudWatch::Alarm",
      "AWS::CloudWatch::Dashboard",
    ];
    // Its settings name the function, and which alias they are for.
    const qualified = ["AWS::Lambda::EventInvokeConfig"];
    const callers = Object.entries(dev.service.toJSON().Resources as Record<string, { Type: string }>).filter(
      ([, resource]) =>
        ![...own, ...qualified].includes(resource.Type) &&
        references(resource).some((id) => functions.has(id)),
    );
    expect(callers).toEqual([]);
    expect(references(dev.service.findResources("AWS::Scheduler::Schedule")).length).toBeGreaterThan(0);
    for (const { Properties } of Object.values(dev.service.findResources(qualified[0] ?? "")))
      expect(JSON.stringify(Properties.Qualifier)).toContain("Live");
  });

  test("changes with the function's code and variables, and with nothing else", async () => {
    const versions = ({ service }: Synthesized) => Object.keys(service.findResources("AWS::Lambda::Version"));
    const [same, other] = await Promise.all([
      synthesize({ stage: "dev", throttle: { rate: 7, burst: 7 } }),
      synthesize({ stage: "dev", sessionDays: 7 }),
    ]);
    expect(versions(same)).toEqual(versions(dev));
    const changed = versions(other).filter((id) => !versions(dev).includes(id));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatch(/^apiauth/);
  });
});

describe("routes", () => {
  test("come in a stack after that of the functions: none reaches a version that does not know it", () => {
    const { stacks } = dev.app.synth();
    const routes = stacks.find(({ stackName }) => stackName === "SuccessManagerRoutes-dev");
    expect(routes?.dependencies.map(({ id }) => id)).toContain("SuccessManagerService-dev");
    dev.service.resourceCountIs("AWS::ApiGatewayV2::Route", 0);
    dev.service.resourceCountIs("AWS::ApiGatewayV2::Stage", 0);
  });

  test("hold on to nothing of the functions' stack but the gateway, so that a function can be removed", () => {
    const imported = [...JSON.stringify(dev.routes.toJSON()).matchAll(/"Fn::ImportValue":"([^"]+)"/g)];
    expect(new Set(imported.map(([, name]) => name))).toEqual(
      new Set([expect.stringMatching(/^SuccessManagerService-dev:ExportsOutputRefApi/)]),
    );
  });
});

test("no stack has more resources than CloudFormation takes, and there is room for a fifth more", async () => {
  const prod = await synthesize({ stage: "prod" });
  for (const stack of prod.app.synth().stacks)
    expect(Object.keys(stack.template.Resources ?? {}).length, stack.stackName).toBeLessThan(500 / 1.2);
});

describe("a canary", () => {
  let prod: Synthesized;
  beforeAll(async () => {
    prod = await synthesize({ stage: "prod" });
  });
  const groups = ({ service }: Synthesized) => service.findResources("AWS::CodeDeploy::DeploymentGroup");
  const aliases = ({ service }: Synthesized) =>
    Object.entries(service.findResources("AWS::Lambda::Alias")).map(([id, alias]) => ({
      name: liveFunction(service, { Ref: id })?.replace(/^success-manager-[a-z]+-/, "") ?? "",
      policy: alias.UpdatePolicy?.CodeDeployLambdaAliasUpdate,
    }));

  test("moves what people call, and leaves jobs and streams to change at once", () => {
    const moved = aliases(prod).filter(({ policy }) => policy !== undefined);
    expect(moved.map(({ name }) => name).sort()).toEqual(
      aliases(prod)
        .map(({ name }) => name)
        .filter((name) => /^(api|pages)-/.test(name))
        .sort(),
    );
    for (const { name, policy } of moved) {
      const { DeploymentGroupName, DeploymentConfigName } =
        groups(prod)[logicalIdOf(policy.DeploymentGroupName)]?.Properties ?? {};
      expect([DeploymentGroupName, DeploymentConfigName]).toEqual([
        name,
        "CodeDeployDefault.LambdaCanary10Percent5Minutes",
      ]);
    }
  });

  test("goes back when the new version fails, or callers see errors, or wait", () => {
    const alarms = prod.service.findResources("AWS::CloudWatch::Alarm");
    for (const { Properties } of Object.values(groups(prod))) {
      expect(Properties.AutoRollbackConfiguration).toEqual({
        Enabled: true,
        Events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
      });
      expect(Properties.AlarmConfiguration.Enabled).toBe(true);
      const watched = Properties.AlarmConfiguration.Alarms.map(
        ({ Name }: { Name: { Ref: string } }) => Name.Ref,
      ).map((id: string) => alarms[id]?.Properties);
      expect(watched.map(({ MetricName }: { MetricName: string }) => MetricName)).toEqual([
        "Errors",
        "5xx",
        "Latency",
      ]);
      const [{ Dimensions }] = watched;
      const dimensions = new Map(
        Dimensions.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
      );
      const name = `success-manager-prod-${Properties.DeploymentGroupName}`;
      expect([dimensions.get("FunctionName"), dimensions.get("Resource")]).toEqual([name, `${name}:live`]);
      // Of the version that comes: the alias waits for the group, the group for its alarms, these for the version.
      const version = dimensions.get("ExecutedVersion") as { "Fn::GetAtt": [string, string] };
      expect(version["Fn::GetAtt"][1]).toBe("Version");
      expect(prod.service.findResources("AWS::Lambda::Version")).toHaveProperty(logicalIdOf(version));
      for (const { TreatMissingData } of watched) expect(TreatMissingData).toBe("notBreaching");
    }
  });

  test("is moved by a role that may move these aliases, and nothing else", () => {
    const roles = new Set(
      Object.values(groups(prod)).map(({ Properties }) => logicalIdOf(Properties.ServiceRoleArn)),
    );
    expect(roles.size).toBe(1);
    const [role = ""] = roles;
    expect(prod.service.findResources("AWS::IAM::Role")[role]?.Properties.ManagedPolicyArns).toBeUndefined();
    const [policyId, policy] =
      Object.entries(prod.service.findResources("AWS::IAM::Policy")).find(([, { Properties }]) =>
        Properties.Roles.some((one: { Ref: string }) => one.Ref === role),
      ) ?? [];
    const statements = policy?.Properties.PolicyDocument.Statement;
    expect(statements.map(({ Action }: { Action: unknown }) => Action)).toEqual([
      ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
      "cloudwatch:DescribeAlarms",
    ]);
    expect(JSON.stringify(statements[0].Resource)).not.toContain("*");
    expect(JSON.stringify(statements[0].Resource)).not.toMatch(/-(jobs|streams)-/);
    for (const { DependsOn } of Object.values(groups(prod))) expect(DependsOn).toContain(policyId);
  });

  test("is not there on other stages, unless they ask for one", async () => {
    expect(groups(dev)).toEqual({});
    expect(aliases(dev).filter(({ policy }) => policy !== undefined)).toEqual([]);
    const asked = await synthesize({ stage: "dev", canary: "Linear10PercentEvery1Minute" });
    for (const { Properties } of Object.values(groups(asked)))
      expect(Properties.DeploymentConfigName).toBe("CodeDeployDefault.LambdaLinear10PercentEvery1Minute");
    expect(Object.keys(groups(asked)).length).toBe(Object.keys(groups(prod)).length);
  });

  test("is left out to go back at once, and nothing else changes", async () => {
    const back = await synthesize({ stage: "prod" }, undefined, { "at-once": "true" });
    expect(aliases(back).filter(({ policy }) => policy !== undefined)).toEqual([]);
    const withoutPolicies = ({ service }: Synthesized) => {
      const { Resources } = structuredClone(service.toJSON());
      for (const resource of Object.values(Resources as Record<string, { UpdatePolicy?: unknown }>))
        delete resource.UpdatePolicy;
      return Resources;
    };
    expect(withoutPolicies(back)).toEqual(withoutPolicies(prod));
  });
});

describe("instances that are kept", () => {
  const reserved = ({ service }: Synthesized) =>
    Object.fromEntries(
      Object.values(service.findResources("AWS::Lambda::Function")).flatMap(({ Properties }) =>
        Properties.ReservedConcurrentExecutions === undefined
          ? []
          : [
              [
                Properties.FunctionName.replace("success-manager-dev-", ""),
                Properties.ReservedConcurrentExecutions,
              ],
            ],
      ),
    );

  test("are none, unless the stage says so: a new account has too few", () => {
    expect(reserved(dev)).toEqual({});
  });

  test("are for log-in, for what is open to everybody, and for jobs", async () => {
    const settings = { reservedConcurrency: { login: 60, pages: 20, jobs: 2 } };
    const kept = reserved(await synthesize({ stage: "dev", ...settings }));
    expect(kept).toEqual({
      "api-auth": 60,
      "api-portal": 20,
      ...Object.fromEntries(["docs", "survey", "report", "password"].map((page) => [`pages-${page}`, 20])),
      ...Object.fromEntries(functionNamesOf("jobs/").map((job) => [job, 2])),
    });
    const stage = stageOf("dev", { corsOrigins: ["http://localhost:1"], ...settings });
    expect(reservedInstances(stage)).toBe(Object.values<number>(kept).reduce((sum, one) => sum + one, 0));
  });
});

const functionNamesOf = (prefix: string) =>
  entries.filter((name) => name.startsWith(prefix)).map((name) => name.replace("/", "-"));
