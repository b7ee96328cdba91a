import { groups, routes } from "@success-manager/contract";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { stageOf } from "../../infra/stage.ts";
import { liveFunction, logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

let cloud: Synthesized;
let served: Map<string, string>;

beforeAll(async () => {
  cloud = await synthesize();
  served = servedBy(cloud);
});

const pages = new Set(["docs", "survey", "report", "password"]);
const functionOf = (name: string) => `success-manager-local-${pages.has(name) ? "pages" : "api"}-${name}`;

describe("the gateway", () => {
  test.each(groups.flatMap((group) => routes(group).map(({ key }) => [key, group.name])))(
    "hands %s to the function of %s",
    (key, group) => expect(served.get(key)).toBe(functionOf(group)),
  );

  test("hands what only looks like a route to the function that can say so", () => {
    for (const group of groups) {
      const { name, prefix } = group;
      if (prefix === "") continue;
      // Where a group has several places, each of them.
      const several = routes(group).map(({ path }) => path.split("/").slice(0, 4).join("/"));
      const roots = prefix === "/api/v1" ? several : [prefix];
      for (const path of roots.flatMap((root) => [root, `${root}/{proxy+}`]))
        expect(served.get(`ANY ${path}`), path).toBe(functionOf(name));
    }
    // Nobody takes what no group has.
    expect(served.has("ANY /api/v1/{proxy+}")).toBe(false);
  });

  test("answers everything else in our own words", () => {
    expect(served.get("$default")).toBe(functionOf("docs"));
  });

  test("has no route key that ends with a slash, which AWS refuses but for the root", () => {
    expect([...served.keys()].filter((key) => key.endsWith("/"))).toEqual(["GET /"]);
  });

  test("has no route of its own making", () => {
    const explicit = new Set(groups.flatMap((group) => routes(group).map(({ key }) => key)));
    const invented = [...served.keys()].filter((key) => !explicit.has(key) && !/^ANY |^\$default$/.test(key));
    expect(invented).toEqual([]);
  });

  test("may call each of its functions, and only for this API", () => {
    const permissions = Object.values(
      cloud.service.findResources("AWS::Lambda::Permission", {
        Properties: { Principal: "apigateway.amazonaws.com" },
      }),
    );
    const called = permissions.map(({ Properties }) => liveFunction(cloud.service, Properties.FunctionName));
    expect(new Set(called)).toEqual(new Set(served.values()));
    expect(permissions).toHaveLength(called.length);
    for (const { Properties } of permissions)
      expect(JSON.stringify(Properties.SourceArn)).toContain('{"Ref":"Api"}');
  });

  test("lets fewer log-ins through than other requests, with a trailing slash too", () => {
    const [stage] = Object.values(cloud.routes.findResources("AWS::ApiGatewayV2::Stage"));
    const { DefaultRouteSettings, RouteSettings } = stage?.Properties ?? {};
    for (const key of ["POST /api/v1/auth/login", "ANY /api/v1/auth/{proxy+}"]) {
      expect(served.has(key)).toBe(true);
      expect(RouteSettings[key].ThrottlingRateLimit).toBeLessThan(DefaultRouteSettings.ThrottlingRateLimit);
    }
  });

  test("logs every request as JSON, with its caller's address and without its path: those of links hold tokens", () => {
    const [stage] = Object.values(cloud.routes.findResources("AWS::ApiGatewayV2::Stage"));
    const format = JSON.parse(stage?.Properties.AccessLogSettings.Format);
    expect(format).toMatchObject({ route: "$context.routeKey", status: "$context.status" });
    expect(format).toMatchObject({ address: "$context.identity.sourceIp", bytes: "$context.responseLength" });
    expect(Object.values(format).filter((value) => /path/i.test(String(value)))).toEqual([]);
  });
});

describe("the web origins that may call the API", () => {
  const origins = (corsOrigins: unknown, stage = "dev") => stageOf(stage, { corsOrigins }).corsOrigins;

  test("are those of the stage", () => {
    cloud.service.hasResourceProperties("AWS::ApiGatewayV2::Api", {
      CorsConfiguration: {
        AllowOrigins: ["http://localhost:5173", "http://localhost:3000"],
        AllowCredentials: true,
      },
    });
  });

  test("are written as a list, a slash at the end does no harm", () => {
    const given = ["https://a.example.com", "https://b.example.com:8443"];
    expect(origins(["https://a.example.com/", " https://b.example.com:8443"])).toEqual(given);
  });

  test("may be given in BACKEND_CORS_ORIGINS, with commas or as JSON, for npm start alone", () => {
    for (const setting of [
      "https://a.example.com/, http://localhost:1",
      '["https://a.example.com","http://localhost:1"]',
    ]) {
      vi.stubEnv("BACKEND_CORS_ORIGINS", setting);
      expect(origins([], "local")).toEqual(["https://a.example.com", "http://localhost:1"]);
      expect(origins(["https://b.example.com"])).toEqual(["https://b.example.com"]);
    }
    vi.unstubAllEnvs();
  });

  test.each([
    "*",
    "a.example.com",
    "https://a.example.com/app",
    "https://*.example.com/",
    "http://a.example.com",
    "http://localhost.example.com",
    "null",
    "file:///",
    7,
  ])("are never %s", (origin) => expect(() => origins([origin])).toThrow(/dev\.json[\s\S]*corsOrigins/));

  test.each([[[]], [undefined]])("are never none: %j", (list) =>
    expect(() => origins(list)).toThrow(/corsOrigins/),
  );
});

/** The function that each route key leads to. */
function servedBy({ service, routes }: Synthesized): Map<string, string> {
  const integrations = routes.findResources("AWS::ApiGatewayV2::Integration");
  return new Map(
    Object.values(routes.findResources("AWS::ApiGatewayV2::Route")).map(({ Properties }) => {
      const [, [, integration]] = Properties.Target["Fn::Join"];
      const { IntegrationUri, PayloadFormatVersion } =
        integrations[logicalIdOf(integration)]?.Properties ?? {};
      expect(PayloadFormatVersion).toBe("2.0");
      return [Properties.RouteKey, liveFunction(service, IntegrationUri) ?? ""];
    }),
  );
}
