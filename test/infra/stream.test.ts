import { beforeAll, describe, expect, test } from "vitest";
import { liveFunction, logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

let cloud: Synthesized;
let queue: string;

beforeAll(async () => {
  cloud = await synthesize();
  [queue = ""] = Object.keys(cloud.service.findResources("AWS::SQS::Queue"));
});

const mapping = (name = "rollups") => {
  const all = Object.values(cloud.service.findResources("AWS::Lambda::EventSourceMapping"));
  expect(all).toHaveLength(2);
  return all.find(({ Properties }) =>
    liveFunction(cloud.service, Properties.FunctionName)?.endsWith(`-streams-${name}`),
  );
};

/** The name of the data stack's export that a value stands for. */
const imported = (value: { "Fn::ImportValue"?: string }) => value["Fn::ImportValue"] ?? "";

/** What the function may do, as the template writes it. */
function statements(): { Action: string | string[]; Resource: unknown }[] {
  const roles = Object.values(
    cloud.service.findResources("AWS::Lambda::Function", {
      Properties: { FunctionName: "success-manager-local-streams-rollups" },
    }),
  ).map(({ Properties }) => logicalIdOf(Properties.Role));
  return Object.values(cloud.service.findResources("AWS::IAM::Policy"))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => roles.includes(Ref)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

describe("the table's changes", () => {
  test("go to the function that counts them, from now on, one batch at a time", () => {
    const { FunctionName, EventSourceArn, ...settings } = mapping()?.Properties ?? {};
    expect(liveFunction(cloud.service, FunctionName)).toBe("success-manager-local-streams-rollups");
    const [output] = Object.values(
      cloud.data.findOutputs("*", { Export: { Name: imported(EventSourceArn) } }),
    );
    const [table] = Object.keys(cloud.data.findResources("AWS::DynamoDB::Table"));
    expect(output?.Value).toEqual({ "Fn::GetAtt": [table, "StreamArn"] });
    expect(settings).toMatchObject({ StartingPosition: "LATEST", BatchSize: 500, ParallelizationFactor: 1 });
  });

  test("cost no invocation unless they are of something that is counted or audited", () => {
    const [filter, ...others] = mapping()?.Properties.FilterCriteria.Filters ?? [];
    expect(others).toEqual([]);
    const counted = [
      "interaction#",
      "survey#",
      "survey_link#",
      "alert#",
      "scores#",
      "ticket#",
      "report#",
      "report_schedule#",
      "stream_probe#",
      // Of these it is noted who has changed them.
      "api_key#",
      "customer#",
      "deployment#",
      "failed_sign_ins#",
      "job_lock#",
      "login#",
      "score_backtest#",
      "score_definition#",
      "score_override#",
      "outcome#",
      "renewal#",
      "session#",
      "settings#",
      "suppression#",
      "ticket_comments#",
      "user#",
    ];
    expect(JSON.parse(filter.Pattern)).toEqual({
      dynamodb: { Keys: { pk: { S: counted.map((prefix) => ({ prefix })) } } },
    });
  });

  test("are looked at one by one when they are new alerts, mails about accounts, or customers who leave or return, and nothing else", () => {
    const filters = mapping("notifications")?.Properties.FilterCriteria.Filters ?? [];
    const others = ["active", "at_risk", "onboarding"];
    const moved = (from: string[], to: string[]) => ({
      eventName: ["MODIFY"],
      dynamodb: {
        Keys: { pk: { S: [{ prefix: "customer#" }] } },
        OldImage: { status: { S: from } },
        NewImage: { status: { S: to } },
      },
    });
    expect(filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern))).toEqual([
      { eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix: "alert#" }] } } } },
      { eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix: "account_mail#" }] } } } },
      moved(others, ["churned"]),
      moved(["churned"], others),
    ]);
  });

  test.each(["rollups", "notifications"])(
    "come to %s again until they are handled, as long as the stream has them; then the queue names them",
    (name) => {
      const { DestinationConfig, ...settings } = mapping(name)?.Properties ?? {};
      expect(settings).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: -1,
      });
      expect(logicalIdOf(DestinationConfig.OnFailure.Destination)).toBe(queue);
    },
  );
});

describe("the function that counts", () => {
  test("may read this stream, find its shards, and put what fails into the queue", () => {
    const [streaming] = statements().filter(({ Action }) => Action.includes("dynamodb:GetRecords"));
    expect(streaming?.Action).toEqual([
      "dynamodb:DescribeStream",
      "dynamodb:GetRecords",
      "dynamodb:GetShardIterator",
    ]);
    expect(streaming?.Resource).toEqual(mapping()?.Properties.EventSourceArn);
    expect(statements()).toContainEqual({ Action: "dynamodb:ListStreams", Effect: "Allow", Resource: "*" });
    expect(statements()).toContainEqual({
      Action: "sqs:SendMessage",
      Effect: "Allow",
      Resource: { "Fn::GetAtt": [queue, "Arn"] },
    });
  });

  test("may do so before it is mapped to the stream, which tries it out", () => {
    const policies = Object.entries(cloud.service.findResources("AWS::IAM::Policy"));
    const [id] = policies.find(([, policy]) => JSON.stringify(policy).includes("dynamodb:GetRecords")) ?? [];
    expect(mapping()?.DependsOn).toContain(id);
  });

  test("has a minute for a batch", () => {
    cloud.service.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "success-manager-local-streams-rollups",
      Timeout: 60,
      MemorySize: 1024,
      Environment: { Variables: { AWS_MAX_ATTEMPTS: "6" } },
    });
  });

  test("is looked after when it falls five minutes behind", () => {
    cloud.service.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "success-manager-local-streams-rollups",
      Environment: { Variables: { DEAD_LETTER_QUEUE_URL: { Ref: queue } } },
    });
    cloud.alarms.hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: "success-manager-local-streams-rollups-age",
      MetricName: "IteratorAge",
      Statistic: "Maximum",
      Threshold: 300_000,
      Dimensions: [{ Name: "FunctionName", Value: "success-manager-local-streams-rollups" }],
    });
  });
});
