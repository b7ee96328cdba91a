// npm run dead-letters [-- list|redrive]: what no function could handle, and another try for it.
import { parseArgs } from "node:util";
import { brotliDecompressSync } from "node:zlib";
import { friendlyError } from "./friendly-error.ts";
import { enterStage, functionName, queueName, rerunInLocalCloud, tableName } from "./target.ts";

const usage = `usage: npm run dead-letters -- [list|redrive] [options]
  list                says what is in the queue, oldest first, and why; the default
  redrive             gives each to its function once more, and deletes those that are handled then
  --stage <stage>     a deployed stage, such as prod; without it, the cloud that npm start runs
  --id <message id>   this one alone`;

interface Options {
  readonly command: "list" | "redrive";
  readonly stage: string | undefined;
  readonly id: string | undefined;
}

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: { stage: { type: "string" }, id: { type: "string" } },
      allowPositionals: true,
    });
    const [command = "list", ...others] = positionals;
    if ((command !== "list" && command !== "redrive") || others.length > 0)
      throw new Error(`${positionals.join(" ")}: takes list or redrive.`);
    enterStage(values.stage);
    return { command, stage: values.stage, id: values.id };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

/** What is to be done with a message. */
type Letter =
  /** A change of the table that its function could not handle. */
  | {
      readonly kind: "record";
      readonly about: string;
      readonly why: string;
      readonly function: string;
      readonly payload: object | undefined;
      /** When the change was written; milliseconds since 1970. */
      readonly written_at: number;
    }
  /** An event that its function failed on, or never got. */
  | {
      readonly kind: "event";
      readonly about: string;
      readonly why: string;
      readonly function: string;
      readonly payload: object;
    }
  /** What nobody can redrive. */
  | { readonly kind: "other"; readonly about: string; readonly why: string };

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectIn = (value: unknown): Json => (isObject(value) ? value : {});
const text = (value: unknown) => (typeof value === "string" ? value : "");

/** `arn:aws:lambda:eu-west-1:1234:function:name:$LATEST` → `name` */
const nameInArn = (arn: string) => arn.split(":")[6] ?? "";

/** What stands in a message: one of ours, of Lambda, or of the scheduler. */
function readLetter(body: string, functionOfJob: (job: string) => string | undefined): Letter {
  let message: Json;
  try {
    message = objectIn(JSON.parse(body));
  } catch {
    return { kind: "other", about: body.slice(0, 80), why: "it is no JSON" };
  }
  const context = objectIn(message.requestContext);
  const error = objectIn(message.error ?? message.responsePayload);
  if (message.source === "dynamodb-stream") {
    const content = text(message.content);
    return {
      kind: "record",
      about: `${text(message.event_name)} ${JSON.stringify(message.keys)}`,
      why: `${text(error.name)}: ${text(error.message)}`,
      function: text(message.function),
      written_at: Number(message.written_at ?? 0) * 1000,
      payload: content
        ? {
            Records: [JSON.parse(brotliDecompressSync(Buffer.from(content, "base64")).toString())],
            redriven: true,
          }
        : undefined,
    };
  }
  if (isObject(message.DDBStreamBatchInfo)) {
    const { batchSize } = message.DDBStreamBatchInfo;
    return {
      kind: "other",
      about: `${batchSize} changes for ${nameInArn(text(context.functionArn))} that the stream has forgotten`,
      why: `${text(context.condition)}; npm run rollups:rebuild -- --write counts them. Then delete this message`,
    };
  }
  if (isObject(message.requestPayload))
    return {
      kind: "event",
      about: JSON.stringify(message.requestPayload),
      why: `${text(error.errorType)}: ${text(error.errorMessage)}`,
      function: nameInArn(text(context.functionArn)),
      payload: message.requestPayload,
    };
  const own = functionOfJob(text(message.job));
  if (own && text(message.scheduled_time))
    return {
      kind: "event",
      about: JSON.stringify(message),
      why: "the scheduler could not deliver it",
      function: own,
      payload: message,
    };
  return { kind: "other", about: body.slice(0, 80), why: "nobody here knows its kind" };
}

/**
 * Whether a change was stored before the counters were set right: then they hold it, and nobody may count it again.
 *
 * @param corrected when that began; milliseconds since 1970
 */
const isCounted = (letter: Letter & { readonly kind: "record" }, corrected: number) =>
  letter.function.endsWith("-rollups") && letter.written_at < corrected;

/** Control characters of a name would act on the terminal. */
const printable = (value: string) => value.replaceAll(/\p{C}/gu, "\u{FFFD}");

/** While a letter is tried nobody else gets it; a job may take its 15 minutes. */
const VISIBILITY_S = 16 * 60;

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  const { command, stage, id } = options;
  if (stage === undefined && !process.env.DEAD_LETTER_QUEUE_URL) return rerunInLocalCloud();
  const {
    DeleteMessageCommand,
    GetQueueUrlCommand,
    ReceiveMessageCommand,
    ChangeMessageVisibilityCommand,
    SQSClient,
  } = await import("@aws-sdk/client-sqs");
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const { findJob } = await import("@success-manager/contract/jobs");
  const sqs = new SQSClient({});
  // A job answers after up to 15 minutes.
  const lambda = new LambdaClient({ requestHandler: { requestTimeout: 16 * 60_000 }, maxAttempts: 1 });
  const functionOfJob = (job: string) => {
    const runs = findJob(job)?.runs;
    return runs && functionName(stage ?? process.env.STAGE ?? "local", runs);
  };

  if (stage !== undefined) process.env.TABLE_NAME = tableName(stage);
  const { lastCorrection } = await import("@success-manager/domain/jobs");
  const corrected = await lastCorrection();

  /** Gives a letter to its function; answers what is wrong still. */
  async function redrive(letter: Letter): Promise<string | undefined> {
    if (letter.kind === "other") return letter.why;
    if (letter.kind === "record" && isCounted(letter, corrected)) {
      console.log("  counted by a rebuild since");
      return undefined;
    }
    if (!letter.payload)
      return "its content was too long to keep: npm run rollups:rebuild -- --write counts it";
    const Payload = Buffer.from(JSON.stringify(letter.payload));
    const answer = await lambda.send(new InvokeCommand({ FunctionName: letter.function, Payload }));
    const result = JSON.parse(Buffer.from(answer.Payload ?? []).toString() || "null");
    if (answer.FunctionError) return `${text(result?.errorType)}: ${text(result?.errorMessage)}`;
    if (letter.kind === "record" && result?.batchItemFailures?.length > 0)
      return "it failed again; the function's log says why";
    if (result?.result === "busy") return "another run of the job is at work";
    return undefined;
  }

  const QueueUrl =
    stage === undefined
      ? process.env.DEAD_LETTER_QUEUE_URL
      : (await sqs.send(new GetQueueUrlCommand({ QueueName: queueName(stage) }))).QueueUrl;
  const seen = new Map<string, string>();
  let found = 0;
  let left = 0;
  try {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: command === "list" ? 10 : 1,
          VisibilityTimeout: VISIBILITY_S,
          MessageSystemAttributeNames: ["SentTimestamp"],
        }),
      );
      if (Messages.length === 0) break;
      for (const { MessageId = "", ReceiptHandle = "", Body = "", Attributes } of Messages) {
        seen.set(MessageId, ReceiptHandle);
        if (id !== undefined && id !== MessageId) continue;
        found += 1;
        const letter = readLetter(Body, functionOfJob);
        const sent = new Date(Number(Attributes?.SentTimestamp ?? 0)).toISOString();
        console.log(`${sent}  ${MessageId}  ${printable(letter.about)}\n  ${printable(letter.why)}`);
        if (command === "list") continue;
        const wrong = await redrive(letter);
        if (wrong === undefined) {
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
          seen.delete(MessageId);
          console.log("  handled and deleted");
        } else {
          left += 1;
          console.log(`  stays: ${printable(wrong)}`);
        }
      }
    }
  } finally {
    // Who only looked leaves them to others at once.
    for (const ReceiptHandle of seen.values())
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  }
  const letters = found === 1 ? "1 dead letter" : `${found} dead letters`;
  console.log(command === "list" ? `${letters}.` : `${letters}, ${found - left} handled.`);
  return left === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(
    friendlyError(
      error,
      "sqs:GetQueueUrl, sqs:ReceiveMessage, sqs:ChangeMessageVisibility, sqs:DeleteMessage and lambda:InvokeFunction",
    ),
  );
  process.exitCode = 1;
}
