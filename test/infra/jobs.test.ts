import { Match } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { functionNames, pointedAt, type Synthesized, synthesize } from "./synthesized.ts";

let cloud: Synthesized;
let queue: string;

beforeAll(async () => {
  cloud = await synthesize();
  [queue = ""] = Object.keys(cloud.service.findResources("AWS::SQS::Queue"));
});

const schedule = (id: string) => {
  const found = Object.values(
    cloud.service.findResources("AWS::Scheduler::Schedule", { Properties: { Name: id } }),
  );
  expect(found, id).toHaveLength(1);
  return found[0]?.Properties;
};

describe("the daily health scores", () => {
  test("start at midnight, told for which time", () => {
    const { ScheduleExpression, ScheduleExpressionTimezone, Target } = schedule("daily_health_scores");
    expect([ScheduleExpression, ScheduleExpressionTimezone]).toEqual(["cron(0 0 * * ? *)", "UTC"]);
    expect(functionNames(cloud.service).get(pointedAt(Target.Arn))).toBe("success-manager-dev-jobs-health");
    expect(JSON.parse(Target.Input)).toEqual({
      job: "daily_health_scores",
      scheduled_time: "<aws.scheduler.scheduled-time>",
    });
  });

  test("start at midnight where the customers are, when told where", async () => {
    const elsewhere = await synthesize({ timezone: "Asia/Karachi" });
    elsewhere.service.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpressionTimezone: "Asia/Karachi",
    });
  });
});

describe("an event that no job could handle", () => {
  test("is kept when the schedule cannot deliver it, after some attempts", () => {
    for (const { Properties } of Object.values(cloud.service.findResources("AWS::Scheduler::Schedule"))) {
      expect(pointedAt(Properties.Target.DeadLetterConfig.Arn)).toBe(queue);
      expect(Properties.Target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
    }
  });

  test("is kept when the job fails on it", () => {
    const jobs = [...functionNames(cloud.service)].filter(([, name]) => name.includes("-jobs-"));
    const settings = Object.values(cloud.service.findResources("AWS::Lambda::EventInvokeConfig"));
    expect(settings.map(({ Properties }) => pointedAt(Properties.FunctionName))).toEqual(
      jobs.map(([id]) => id),
    );
    for (const { Properties } of settings) {
      expect(pointedAt(Properties.DestinationConfig.OnFailure.Destination)).toBe(queue);
    }
  });

  test("is kept for two weeks, encrypted, sent by TLS alone", () => {
    cloud.service.hasResourceProperties("AWS::SQS::Queue", {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
    expect(JSON.stringify(cloud.service.findResources("AWS::SQS::QueuePolicy"))).toContain(
      '"aws:SecureTransport":"false"',
    );
  });
});

describe("a person is told", () => {
  test.each(["dead-letters", "jobs-health-errors", "api-5xx"])("of %s", (name) => {
    cloud.service.hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: `success-manager-dev-${name}`,
      AlarmActions: [{ Ref: Match.stringLikeRegexp("^Alarms") }],
      TreatMissingData: "notBreaching",
    });
  });

  test("by mail, where an address is given", async () => {
    cloud.service.resourceCountIs("AWS::SNS::Subscription", 0);
    const told = await synthesize({ "alarm-email": "ops@example.com" });
    told.service.hasResourceProperties("AWS::SNS::Subscription", {
      Protocol: "email",
      Endpoint: "ops@example.com",
    });
  });
});
