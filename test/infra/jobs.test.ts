import { jobs } from "@success-manager/contract/jobs";
import { Match } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { awsCron } from "../../infra/jobs.ts";
import { nextRun } from "../../packages/domain/src/jobs/api.ts";
import { nextRunAfter, parseSchedule } from "../../packages/local/src/schedules/cron.ts";
import { functionNames, liveFunction, logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

let cloud: Synthesized;
let queue: string;

beforeAll(async () => {
  cloud = await synthesize();
  [queue = ""] = Object.keys(cloud.service.findResources("AWS::SQS::Queue"));
});

/** `jobs/health` → `success-manager-local-jobs-health` */
const functionOf = (runs: string) => `success-manager-local-${runs.replace("/", "-")}`;

const schedule = (id: string) => {
  const found = Object.values(
    cloud.service.findResources("AWS::Scheduler::Schedule", { Properties: { Name: id } }),
  );
  expect(found, id).toHaveLength(1);
  return found[0]?.Properties;
};

describe.each(jobs)("$id", ({ id, description, runs }) => {
  test("has a schedule that starts its function, told for which time", () => {
    const { Description, ScheduleExpressionTimezone, State, Target } = schedule(id);
    expect([Description, ScheduleExpressionTimezone, State]).toEqual([description, "UTC", undefined]);
    expect(liveFunction(cloud.service, Target.Arn)).toBe(functionOf(runs));
    expect(JSON.parse(Target.Input)).toEqual({ job: id, scheduled_time: "<aws.scheduler.scheduled-time>" });
  });

  test("has a schedule that may start this function, leave what failed in the queue, and nothing else", () => {
    const { RoleArn, Arn } = schedule(id).Target;
    const policies = Object.values(cloud.service.findResources("AWS::IAM::Policy"))
      .filter(({ Properties }) =>
        Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === logicalIdOf(RoleArn)),
      )
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    expect(policies.map(({ Action, Resource }) => [Action, logicalIdOf(Resource)])).toEqual([
      ["lambda:InvokeFunction", logicalIdOf(Arn)],
      ["sqs:SendMessage", queue],
    ]);
  });
});

describe("schedules", () => {
  test("are those of the jobs, and no others", () => {
    const names = Object.values(cloud.service.findResources("AWS::Scheduler::Schedule"));
    expect(names.map(({ Properties }) => Properties.Name).sort()).toEqual(jobs.map(({ id }) => id).sort());
  });

  test.each([
    ["daily_health_scores", "cron(0 0 * * ? *)"],
    ["contract_expiry_check", "cron(0 8 * * ? *)"],
    ["license_expiry_check", "cron(30 8 * * ? *)"],
    ["inactivity_check", "cron(0 9 * * ? *)"],
    ["renewals", "cron(30 9 * * ? *)"],
    ["survey_reminders", "cron(50 * * * ? *)"],
    ["scheduled_reports", "cron(0 * * * ? *)"],
    ["directory_snapshot", "cron(20 * * * ? *)"],
    ["counters_rebuild", "cron(40 3 ? * SUN *)"],
    ["system_watch", "cron(5,20,35,50 * * * ? *)"],
  ])("start %s by %s", (id, expression) => {
    expect(schedule(id).ScheduleExpression).toBe(expression);
  });

  test("are meant where the customers are, when told where; the scheduler's group says so", async () => {
    const elsewhere = await synthesize({ timezone: "Asia/Karachi" });
    const all = Object.values(elsewhere.service.findResources("AWS::Scheduler::Schedule"));
    expect(new Set(all.map(({ Properties }) => Properties.ScheduleExpressionTimezone))).toEqual(
      new Set(["Asia/Karachi"]),
    );
    elsewhere.service.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "success-manager-local-api-scheduler",
      Environment: { Variables: Match.objectLike({ SCHEDULE_TIMEZONE: "Asia/Karachi" }) },
    });
  });
});

describe("a cron of five fields, as AWS writes it", () => {
  test.each([
    ["0 0 * * *", "cron(0 0 * * ? *)"],
    ["0 * * * *", "cron(0 * * * ? *)"],
    ["0 6 1 JAN,JUL *", "cron(0 6 1 JAN,JUL ? *)"],
    ["0 6 * * MON-FRI", "cron(0 6 ? * MON-FRI *)"],
  ])("%s is %s", (cron, expression) => {
    expect(awsCron(cron)).toBe(expression);
    // The local cloud and the scheduler's endpoint agree on what it means.
    const now = new Date("2026-06-03T12:34:00Z");
    expect(nextRunAfter(parseSchedule(expression, "Asia/Karachi"), now)).toEqual(
      nextRun(cron, "Asia/Karachi", now),
    );
  });

  test.each([
    ["0 0 * *", "five fields"],
    ["0 0 0 * * *", "five fields"],
    ["0 0 1 * MON", "not both"],
    ["0 0 * * 1-5", "by name"],
  ])("%s is refused", (cron, why) => {
    expect(() => awsCron(cron)).toThrow(why);
  });
});

describe("an event that no job could handle", () => {
  test("is kept when the schedule cannot deliver it, after some attempts", () => {
    for (const { Properties } of Object.values(cloud.service.findResources("AWS::Scheduler::Schedule"))) {
      expect(logicalIdOf(Properties.Target.DeadLetterConfig.Arn)).toBe(queue);
      expect(Properties.Target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
    }
  });

  test("is kept when the job fails on it; so is one of a mail", () => {
    const jobs = [...functionNames(cloud.service)].filter(([, name]) => /-(jobs|events)-/.test(name));
    // Settings of the alias: those of the function would not hold for who calls the alias.
    const settings = Object.values(cloud.service.findResources("AWS::Lambda::EventInvokeConfig"));
    expect(settings.map(({ Properties }) => logicalIdOf(Properties.FunctionName))).toEqual(
      jobs.map(([id]) => id),
    );
    for (const { Properties } of settings) {
      const [, alias] = /"Ref":"(\w+)"/.exec(JSON.stringify(Properties.Qualifier)) ?? [];
      expect(liveFunction(cloud.service, { Ref: alias })).toBe(
        functionNames(cloud.service).get(logicalIdOf(Properties.FunctionName)),
      );
      expect(logicalIdOf(Properties.DestinationConfig.OnFailure.Destination)).toBe(queue);
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
  const failing = jobs.map(({ runs }) => `${runs.replace("/", "-")}-errors`);
  test.each(["dead-letters", ...failing, "api-5xx"])("of %s", (name) => {
    cloud.alarms.hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: `success-manager-local-${name}`,
      AlarmActions: [{ Ref: Match.stringLikeRegexp("^Alarms") }],
      TreatMissingData: "notBreaching",
    });
  });

  test("by mail, where an address is given", async () => {
    cloud.alarms.resourceCountIs("AWS::SNS::Subscription", 0);
    const told = await synthesize({ alarmEmail: "ops@example.com" });
    told.alarms.hasResourceProperties("AWS::SNS::Subscription", {
      Protocol: "email",
      Endpoint: "ops@example.com",
    });
  });
});

describe("the rotation of keys", () => {
  test("comes every ninety days for each of them, not at once, and only from Secrets Manager", () => {
    const schedules = Object.values(cloud.service.findResources("AWS::SecretsManager::RotationSchedule"));
    expect(schedules.map(({ Properties }) => Properties)).toEqual(
      ["AccessKey", "RefreshKey"].map((key) => ({
        SecretId: { "Fn::ImportValue": expect.stringContaining(key) },
        RotationLambdaARN: { Ref: expect.stringMatching(/^keysrotation/) },
        RotateImmediatelyOnUpdate: false,
        RotationRules: { AutomaticallyAfterDays: 90 },
      })),
    );
    const permissions = Object.values(
      cloud.service.findResources("AWS::Lambda::Permission", {
        Properties: { Principal: "secretsmanager.amazonaws.com" },
      }),
    );
    expect(permissions.map(({ Properties }) => Properties.SourceArn)).toEqual(
      schedules.map(({ Properties }) => Properties.SecretId),
    );
    for (const { Properties } of permissions)
      expect(Properties.SourceAccount).toEqual({ Ref: "AWS::AccountId" });
  });
});
