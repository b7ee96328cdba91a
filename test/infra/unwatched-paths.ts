/** Resources of all templates of a stage, by logical id. */
export type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

type Json = Readonly<Record<string, unknown>>;
const objectIn = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};

/** The logical id that a reference points at. */
function idIn(value: unknown): string | undefined {
  const { Ref, "Fn::GetAtt": attribute } = objectIn(value) as { Ref?: string; "Fn::GetAtt"?: [string] };
  return Ref ?? attribute?.[0];
}

interface Path {
  /** Where it begins: the resource, or who starts a job by hand. */
  readonly from: string;
  /** Logical id of the function at its end. */
  readonly lambda: string;
  /** Where what fails is kept: logical ids of queues. Undefined when the function's own setting says so. */
  readonly keeps?: readonly (string | undefined)[];
  /** Whether who calls waits for the outcome and tries again by itself: then nothing has to be kept. */
  readonly isRepeated?: boolean;
}

/** Functions behind a reference: the function itself, or its alias or version. */
function lambdaIn(resources: Resources, value: unknown): string | undefined {
  const id = idIn(value);
  if (id === undefined) return undefined;
  const { Type, Properties = {} } = resources[id] ?? { Type: "" };
  if (Type === "AWS::Lambda::Function") return id;
  if (/^AWS::Lambda::(Alias|Version)$/.test(Type)) return lambdaIn(resources, Properties.FunctionName);
  return undefined;
}

/**
 * Everything that starts a function without waiting for it. A kind of resource that nobody thought of here shows as
 * well: any other that names a function, and is none of those that wait for its answer.
 */
function pathsOf(resources: Resources): Path[] {
  const waits =
    /^AWS::(Lambda::|ApiGatewayV2::|IAM::|CloudWatch::|Logs::|CodeDeploy::|S3::BucketPolicy|CloudFormation::CustomResource)|^Custom::/;
  return Object.entries(resources).flatMap(([from, { Type, Properties = {} }]): Path[] => {
    switch (Type) {
      case "AWS::Scheduler::Schedule": {
        const { Arn, DeadLetterConfig } = objectIn(Properties.Target);
        const lambda = lambdaIn(resources, Arn);
        return lambda
          ? [
              { from, lambda, keeps: [idIn(objectIn(DeadLetterConfig).Arn)] },
              { from, lambda },
            ]
          : [];
      }
      case "AWS::Lambda::EventSourceMapping": {
        const lambda = lambdaIn(resources, Properties.FunctionName);
        const { OnFailure } = objectIn(Properties.DestinationConfig);
        return lambda ? [{ from, lambda, keeps: [idIn(objectIn(OnFailure).Destination)] }] : [];
      }
      case "AWS::SecretsManager::RotationSchedule": {
        const lambda = lambdaIn(resources, Properties.RotationLambdaARN);
        // A rotation that fails leaves the key that there is; it comes again ("Rotation by Lambda function", User Guide).
        return lambda ? [{ from, lambda, isRepeated: true }] : [];
      }
      default: {
        if (waits.test(Type)) return [];
        const named: string[] = [];
        JSON.stringify(Properties, (_, value) => {
          const lambda = lambdaIn(resources, value);
          if (lambda) named.push(lambda);
          return value;
        });
        return [...new Set(named)].map((lambda) => ({ from, lambda }));
      }
    }
  });
}

const nameOf = (resources: Resources, id: string) => {
  const { FunctionName, QueueName } = resources[id]?.Properties ?? {};
  return String(FunctionName ?? QueueName ?? id);
};

/** Whether an alarm looks at a metric of something, by the name of the thing. */
function isWatched(resources: Resources, metric: string, dimension: string, name: string): boolean {
  return Object.values(resources).some(({ Type, Properties = {} }) => {
    if (Type !== "AWS::CloudWatch::Alarm" || !Array.isArray(Properties.AlarmActions)) return false;
    const { MetricName, Dimensions = [] } = Properties as {
      MetricName?: string;
      Dimensions?: { Name: string; Value: unknown }[];
    };
    const textOf = (value: unknown) =>
      typeof value === "string" ? value : nameOf(resources, idIn(value) ?? "");
    return (
      MetricName === metric &&
      Properties.AlarmActions.length > 0 &&
      Dimensions.some(({ Name, Value }) => Name === dimension && textOf(Value) === name)
    );
  });
}

/** Where the function's own setting for asynchronous events keeps what fails. */
function keptByFunction(resources: Resources, lambda: string): (string | undefined)[] {
  const settings = Object.values(resources).filter(
    ({ Type, Properties = {} }) =>
      Type === "AWS::Lambda::EventInvokeConfig" && lambdaIn(resources, Properties.FunctionName) === lambda,
  );
  const { DeadLetterConfig } = resources[lambda]?.Properties ?? {};
  return [
    ...settings.map(({ Properties = {} }) =>
      idIn(objectIn(objectIn(Properties.DestinationConfig).OnFailure).Destination),
    ),
    ...(DeadLetterConfig ? [idIn(objectIn(DeadLetterConfig).TargetArn)] : []),
  ];
}

/**
 * What is wrong with paths on which nobody waits for an answer, a line each: schedules, streams, subscriptions,
 * whatever else names a function, and functions that start jobs. Each needs an alarm on errors of the function at its
 * end, and a queue for what fails, whose arrivals have an alarm.
 *
 * @param starts functions that others start by their name: `jobs/health`
 */
export function unwatchedPaths(resources: Resources, starts: readonly string[]): string[] {
  const byHand = [...new Set(starts)].flatMap((name): Path[] => {
    const found = Object.keys(resources).find((id) => {
      const { Type, Properties = {} } = resources[id] ?? { Type: "" };
      return (
        Type === "AWS::Lambda::Function" &&
        String(Properties.FunctionName).endsWith(`-${name.replace("/", "-")}`)
      );
    });
    return [{ from: `who starts ${name}`, lambda: found ?? name }];
  });
  const problems = [...pathsOf(resources), ...byHand].flatMap(({ from, lambda, keeps, isRepeated }) => {
    const name = nameOf(resources, lambda);
    const kept = (keeps ?? keptByFunction(resources, lambda)).filter((queue) => queue !== undefined);
    return [
      ...(isWatched(resources, "Errors", "FunctionName", name)
        ? []
        : [`${from} → ${name}: no alarm on errors`]),
      ...(kept.length > 0 || isRepeated ? [] : [`${from} → ${name}: keeps nothing of what fails`]),
      ...kept.flatMap((queue) => {
        const { Type, Properties = {} } = resources[queue] ?? { Type: "" };
        if (Type !== "AWS::SQS::Queue") return [`${from} → ${name}: ${queue} is no queue`];
        // Messages that SQS itself moves are not counted as sent; those that SNS sends there are.
        const isFed = JSON.stringify(
          Object.values(resources).map((one) =>
            one.Type === "AWS::SQS::Queue" ? (one.Properties?.RedrivePolicy ?? null) : null,
          ),
        );
        if (isFed.includes(`"${queue}"`))
          return [
            `${nameOf(resources, queue)}: fed by a redrive policy, which NumberOfMessagesSent does not count`,
          ];
        const queueName = String(Properties.QueueName ?? queue);
        return isWatched(resources, "NumberOfMessagesSent", "QueueName", queueName)
          ? []
          : [`${queueName}: nobody is told of arrivals`];
      }),
    ];
  });
  return [...new Set(problems)];
}
