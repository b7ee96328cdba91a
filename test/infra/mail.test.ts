import { Match } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { functionNames, permissions } from "../../infra/permissions.ts";
import {
  functionNames as deployed,
  liveFunction,
  logicalIdOf,
  type Synthesized,
  synthesize,
} from "./synthesized.ts";

const SENDER = { mail: { from: "team@example.com", replyTo: "help@example.com" } };
const MAILS = "api/csat";

const nameOf = (name: string) => `success-manager-local-${name.replace("/", "-")}`;

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
    const { data, service } = await synthesize(SENDER);
    data.hasResource("AWS::SES::EmailIdentity", {
      Properties: { EmailIdentity: "team@example.com" },
      DeletionPolicy: "Delete",
    });
    service.hasResource("AWS::SES::ConfigurationSet", {
      Properties: {
        Name: Match.absent(),
        DeliveryOptions: { TlsPolicy: "REQUIRE" },
        ReputationOptions: { ReputationMetricsEnabled: true },
        // Empty: the list that holds is ours.
        SuppressionOptions: { SuppressedReasons: [] },
      },
    });
  });

  test("may come, change and go: nothing of it stays behind or is handed from stack to stack", async () => {
    const stages = [NO_SENDER, SENDER, { mail: { from: "other@example.com" } }];
    const exports = await Promise.all(
      stages.map(async (settings) => Object.keys((await synthesize(settings)).data.findOutputs("*"))),
    );
    expect(new Set(exports.map((names) => names.sort().join())).size).toBe(1);
  });

  test("may be known to SES already, by its domain: then nothing is made, and that domain may send", async () => {
    const mail = { from: "team@example.com", verifiedIdentity: "example.com" };
    const cloud = await synthesize({ mail });
    cloud.data.resourceCountIs("AWS::SES::EmailIdentity", 0);
    const { allowed, variables } = mailOf(cloud, nameOf(MAILS));
    expect(JSON.stringify(allowed)).toContain(':identity/example.com"');
    expect(variables.MAIL_FROM).toBe("team@example.com");
  });

  test("may have an international domain, which AWS gets in punycode", async () => {
    const { data } = await synthesize({ mail: { from: "team@müller.de" } });
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
      expect(resources).toContain(':configuration-set/",{"Ref":"Mails');
      expect(resources).not.toContain("*");
    }
    expect(mailOf(cloud, nameOf(MAILS)).variables).toMatchObject({
      MAIL_FROM: "team@example.com",
      MAIL_REPLY_TO: "help@example.com",
      MAIL_CONFIGURATION_SET: { Ref: expect.stringMatching(/^Mails/) },
    });
  });

  test("has nothing that cdk-nag finds", async () => {
    const { app } = await synthesize(SENDER);
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
  });
});

describe("what becomes of mails", () => {
  test("SES tells a topic: all but who opens what", async () => {
    const { service } = await synthesize(SENDER);
    service.hasResourceProperties("AWS::SES::ConfigurationSetEventDestination", {
      ConfigurationSetName: { Ref: Match.stringLikeRegexp("^Mails") },
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: [
          "send",
          "delivery",
          "bounce",
          "complaint",
          "reject",
          "deliveryDelay",
          "renderingFailure",
        ],
        SnsDestination: { TopicARN: { Ref: Match.stringLikeRegexp("^MailEvents") } },
      },
    });
  });

  test("goes through a topic that is encrypted, and into which SES alone may write, for this configuration set", async () => {
    const { service } = await synthesize(SENDER);
    const [[id, topic] = []] = Object.entries(
      service.findResources("AWS::SNS::Topic", { Properties: { KmsMasterKeyId: Match.anyValue() } }),
    );
    const key = topic?.Properties.KmsMasterKeyId["Fn::GetAtt"][0];
    // What the key lets SES do: keys.test.ts.
    expect(service.findResources("AWS::KMS::Key")[key]).toBeDefined();
    const ses = { Service: "ses.amazonaws.com" };
    const [policy] = Object.values(service.findResources("AWS::SNS::TopicPolicy")).filter(
      ({ Properties }) => Properties.Topics[0].Ref === id,
    );
    const statements = policy?.Properties.PolicyDocument.Statement;
    const allowed = statements.filter(({ Effect }: { Effect: string }) => Effect === "Allow");
    expect(allowed).toMatchObject([
      {
        ...{ Action: "sns:Publish", Principal: ses, Resource: { Ref: id } },
        Condition: {
          StringEquals: {
            "AWS:SourceAccount": { Ref: "AWS::AccountId" },
            "AWS:SourceArn": {
              "Fn::Join": ["", expect.arrayContaining([{ Ref: expect.stringMatching(/^Mails/) }])],
            },
          },
        },
      },
    ]);
    expect(statements).toContainEqual(
      expect.objectContaining({
        ...{ Effect: "Deny", Action: "sns:Publish" },
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
    );
  });

  test("reaches the function, and what does not ends in the queue", async () => {
    const { service } = await synthesize(SENDER);
    const [id] = [...deployed(service)].find(([, name]) => name === nameOf("events/mail")) ?? [];
    const [queue = ""] = Object.keys(service.findResources("AWS::SQS::Queue"));
    const arn = { "Fn::GetAtt": [queue, "Arn"] };
    const [subscription] = Object.values(service.findResources("AWS::SNS::Subscription"));
    expect(subscription?.Properties).toMatchObject({
      Protocol: "lambda",
      RedrivePolicy: { deadLetterTargetArn: arn },
    });
    expect(liveFunction(service, subscription?.Properties.Endpoint)).toBe(nameOf("events/mail"));
    service.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      FunctionName: { Ref: id },
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: arn } },
    });
    service.hasResourceProperties("AWS::SQS::QueuePolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            ...{ Effect: "Allow", Action: "sqs:SendMessage", Principal: { Service: "sns.amazonaws.com" } },
            Condition: { ArnEquals: { "aws:SourceArn": { Ref: Match.stringLikeRegexp("^MailEvents") } } },
          }),
        ]),
      },
    });
  });

  test("is asked of SES only when SES may publish", async () => {
    const { service } = await synthesize(SENDER);
    const [destination] = Object.values(service.findResources("AWS::SES::ConfigurationSetEventDestination"));
    expect(destination?.DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/^MailEventsPolicy/)]),
    );
  });
});

const NO_SENDER = { mail: undefined };

describe("a stage without a sender", () => {
  test("can't send mail, and knows that", async () => {
    const cloud = await synthesize(NO_SENDER);
    cloud.service.resourceCountIs("AWS::SES::ConfigurationSetEventDestination", 0);
    cloud.service.resourceCountIs("AWS::SNS::Subscription", 0);
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
    const cloud = await synthesize({ publicUrl: "https://api.example.com" });
    expect(mailOf(cloud, nameOf(MAILS)).variables.PUBLIC_URL).toBe("https://api.example.com");
    expect(mailOf(await synthesize(), nameOf(MAILS)).variables).not.toHaveProperty("PUBLIC_URL");
  });
});

describe("functions that mail reports", () => {
  test("are told where the gateway is, because no request brings that along to a job", async () => {
    const cloud = await synthesize();
    const [gateway] = Object.keys(cloud.service.findResources("AWS::ApiGatewayV2::Api"));
    const told = functionNames.filter((name) => "GATEWAY_URL" in mailOf(cloud, nameOf(name)).variables);
    expect(told).toEqual(["api/reports", "jobs/survey-reminders", "jobs/scheduled-reports"]);
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
  [{ mail: { from: "Team <team@example.com>" } }, /mail\.from/],
  [{ mail: { from: "team@example.com", replyTo: "nobody" } }, /mail\.replyTo/],
  [{ publicUrl: "http://api.example.com" }, /publicUrl/],
  [{ publicUrl: "https://api.example.com/v1" }, /publicUrl/],
])("%j is refused, naming the setting", async (settings, name) => {
  await expect(synthesize(settings)).rejects.toThrow(name);
});
