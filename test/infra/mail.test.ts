import { Match } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { functionNames, permissions } from "../../infra/permissions.ts";
import { functionNames as deployed, logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

const SENDER = { "mail-from": "team@example.com", "mail-reply-to": "help@example.com" };
const MAILS = "api/csat";

const nameOf = (name: string) => `success-manager-dev-${name.replace("/", "-")}`;

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** The variables of a function, and the statements of its role that are about mail. */
function mailOf({ service }: Synthesized, name: string) {
  const [id = ""] = [...deployed(service)].find(([, given]) => given === name) ?? [];
  const { Properties } = service.findResources("AWS::Lambda::Function")[id] ?? {};
  const role = logicalIdOf(Properties.Role);
  const statements: Statement[] = Object.values(service.findResources("AWS::IAM::Policy"))
    .filter(({ Properties: { Roles } }) => Roles.some((given: { Ref: string }) => given.Ref === role))
    .flatMap(({ Properties: { PolicyDocument } }) => PolicyDocument.Statement);
  return {
    variables: Properties.Environment.Variables,
    allowed: statements.filter(({ Action }) => JSON.stringify(Action).includes("ses:")),
  };
}

describe("a stage with a sender", () => {
  test("owns the address, and sends by TLS alone", async () => {
    const { data } = await synthesize(SENDER);
    data.hasResource("AWS::SES::EmailIdentity", {
      Properties: {
        EmailIdentity: "team@example.com",
        ConfigurationSetAttributes: { ConfigurationSetName: Match.anyValue() },
      },
      DeletionPolicy: "Retain",
    });
    data.hasResource("AWS::SES::ConfigurationSet", {
      Properties: {
        Name: "success-manager-dev-mail",
        DeliveryOptions: { TlsPolicy: "REQUIRE" },
        ReputationOptions: { ReputationMetricsEnabled: true },
        SuppressionOptions: { SuppressedReasons: ["BOUNCE", "COMPLAINT"] },
      },
      DeletionPolicy: "Retain",
    });
  });

  test("may have an international domain, which AWS gets in punycode", async () => {
    const { data } = await synthesize({ ...SENDER, "mail-from": "team@müller.de" });
    data.hasResource("AWS::SES::EmailIdentity", { Properties: { EmailIdentity: "team@xn--mller-kva.de" } });
  });

  test("lets functions that send mail use that address and these rules, and no others", async () => {
    const cloud = await synthesize(SENDER);
    for (const name of functionNames) {
      const { variables, allowed } = mailOf(cloud, nameOf(name));
      const mails = "mails" in permissions[name];
      expect([name, Object.keys(variables).filter((key) => key.startsWith("MAIL_")).length]).toEqual([
        name,
        mails ? 3 : 0,
      ]);
      expect(allowed.map(({ Action }) => Action)).toEqual(mails ? ["ses:SendRawEmail"] : []);
      const resources = JSON.stringify(allowed.map(({ Resource }) => Resource));
      if (!mails) continue;
      expect(resources).toContain(":identity/team@example.com");
      expect(resources).toContain(":configuration-set/success-manager-dev-mail");
      expect(resources).not.toContain("*");
    }
    expect(mailOf(cloud, nameOf(MAILS)).variables).toMatchObject({
      MAIL_FROM: "team@example.com",
      MAIL_REPLY_TO: "help@example.com",
      MAIL_CONFIGURATION_SET: "success-manager-dev-mail",
    });
  });

  test("that may be thrown away takes the address along", async () => {
    const { data } = await synthesize({ ...SENDER, stage: "preview", disposable: "true" });
    data.hasResource("AWS::SES::EmailIdentity", { DeletionPolicy: "Delete" });
  });

  test("has nothing that cdk-nag finds", async () => {
    const { app } = await synthesize(SENDER);
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
  });
});

describe("a stage without a sender", () => {
  test("can't send mail, and knows that", async () => {
    const cloud = await synthesize();
    cloud.data.resourceCountIs("AWS::SES::EmailIdentity", 0);
    const { variables, allowed } = mailOf(cloud, nameOf(MAILS));
    expect(allowed).toEqual([]);
    expect(Object.keys(variables).filter((key) => key.startsWith("MAIL_"))).toEqual([]);
  });
});

/** Logical ids of the resources that a part of a template points at. */
function pointers(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  const { Ref, "Fn::GetAtt": attribute, DependsOn } = part as Readonly<Record<string, unknown>>;
  const id = typeof attribute === "string" ? attribute.split(".")[0] : [attribute].flat()[0];
  const own = [Ref, id, ...[DependsOn].flat()].filter((one) => typeof one === "string");
  return [...own, ...Object.values(part).flatMap(pointers)];
}

/** Whether a resource needs itself, over others: CloudFormation refuses that, synthesis does not. */
function isInACircle(resources: Readonly<Record<string, unknown>>, id: string): boolean {
  const needed = new Set<string>();
  const follow = (from: string) => {
    for (const next of pointers(resources[from]))
      if (!needed.has(next)) {
        needed.add(next);
        follow(next);
      }
  };
  follow(id);
  return needed.has(id);
}

describe("a stage with a domain of its own", () => {
  test("tells its functions where people reach it", async () => {
    const cloud = await synthesize({ "public-url": "https://api.example.com" });
    expect(mailOf(cloud, nameOf(MAILS)).variables.PUBLIC_URL).toBe("https://api.example.com");
    expect(mailOf(await synthesize(), nameOf(MAILS)).variables).not.toHaveProperty("PUBLIC_URL");
  });
});

describe("functions that mail reports", () => {
  test("are told where the gateway is, because no request brings that along to a job", async () => {
    const cloud = await synthesize();
    const [gateway] = Object.keys(cloud.service.findResources("AWS::ApiGatewayV2::Api"));
    const told = functionNames.filter((name) => "GATEWAY_URL" in mailOf(cloud, nameOf(name)).variables);
    expect(told).toEqual(["api/reports", "jobs/scheduled-reports"]);
    for (const name of told) {
      expect("mails" in permissions[name]).toBe(true);
      expect(mailOf(cloud, nameOf(name)).variables.GATEWAY_URL).toEqual({
        "Fn::GetAtt": [gateway, "ApiEndpoint"],
      });
    }
    const { Resources } = cloud.service.toJSON();
    expect(Object.keys(Resources).filter((id) => isInACircle(Resources, id))).toEqual([]);
    expect(isInACircle({ a: { Ref: "b" }, b: { DependsOn: ["a"] } }, "a")).toBe(true);
  });
});

test.each([
  [{ "mail-from": "Team <team@example.com>" }, /mail-from/],
  [{ "mail-reply-to": "nobody" }, /mail-reply-to/],
  [{ "public-url": "http://api.example.com" }, /public-url/],
  [{ "public-url": "https://api.example.com/v1" }, /public-url/],
])("%j is refused, naming the setting", async (context, name) => {
  await expect(synthesize(context)).rejects.toThrow(name);
});
