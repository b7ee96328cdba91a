import { beforeAll, describe, expect, test } from "vitest";
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
    const own = ["AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::CloudWatch::Alarm"];
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
