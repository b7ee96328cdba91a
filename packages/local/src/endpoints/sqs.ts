import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { type Queue, type Queues, queueNameIn } from "../resources/queues.ts";
import { respondJson } from "./server.ts";

const Request = z.object({
  QueueUrl: z.string(),
  MessageBody: z.string().optional(),
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(43_200).default(30),
  ReceiptHandle: z.string().optional(),
});
type Request = z.output<typeof Request>;

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

const errorNamed = (name: string, message: string) => Object.assign(new Error(message), { name });

/** Of each delivery another one, as SQS has it; the latest one counts. */
const handleOf = ({ id, received }: { readonly id: string; readonly received: number }) =>
  `${id} ${received}`;

function dropExpired(queue: Queue, now: number): void {
  const kept = queue.messages.filter(({ sent_at }) => now - sent_at < queue.retentionMs);
  queue.messages.splice(0, queue.messages.length, ...kept);
}

/** Characters that a message may have ("Amazon SQS message quotas", Developer Guide). */
const REFUSED = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

function perform(operation: string, queue: Queue, request: Request): object {
  const now = Date.now();
  dropExpired(queue, now);
  const held = queue.messages.find((message) => handleOf(message) === request.ReceiptHandle);
  switch (operation) {
    case "SendMessage": {
      const body = request.MessageBody ?? "";
      if (Buffer.byteLength(body) > queue.maxBytes)
        throw errorNamed("InvalidParameterValue", "The message is longer than the queue takes");
      if (REFUSED.test(body))
        throw errorNamed("InvalidMessageContents", "The message has a refused character");
      const id = crypto.randomUUID();
      queue.messages.push({ id, body, sent_at: now, received: 0, visible_at: 0 });
      return { MessageId: id, MD5OfMessageBody: md5(body) };
    }
    case "ReceiveMessage": {
      const given = queue.messages
        .filter(({ visible_at }) => visible_at <= now)
        .slice(0, request.MaxNumberOfMessages);
      for (const message of given) {
        message.received += 1;
        message.visible_at = now + request.VisibilityTimeout * 1000;
      }
      return {
        Messages: given.map((message) => ({
          MessageId: message.id,
          ReceiptHandle: handleOf(message),
          Body: message.body,
          MD5OfBody: md5(message.body),
          Attributes: {
            SentTimestamp: String(message.sent_at),
            ApproximateReceiveCount: String(message.received),
          },
        })),
      };
    }
    case "ChangeMessageVisibility":
      if (held) held.visible_at = now + request.VisibilityTimeout * 1000;
      return {};
    case "DeleteMessage":
      if (held) queue.messages.splice(queue.messages.indexOf(held), 1);
      return {};
    case "GetQueueAttributes": {
      const visible = queue.messages.filter(({ visible_at }) => visible_at <= now).length;
      return {
        Attributes: {
          QueueArn: queue.arn,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(queue.messages.length - visible),
        },
      };
    }
    default:
      throw errorNamed("InvalidAction", `${operation} is not emulated`);
  }
}

/** SQS's JSON protocol, for the queues of the template. Messages come in the order in which they were sent. */
export function createSqsEndpoint(queues: Queues) {
  return {
    accepts: (message: IncomingMessage) => operationOf(message).startsWith("AmazonSQS."),
    answer(message: IncomingMessage, body: string, response: ServerResponse) {
      const refuse = (name: string, text: string) =>
        respondJson(response, 400, { __type: `com.amazonaws.sqs#${name}`, message: text });
      const request = Request.safeParse(JSON.parse(body));
      if (!request.success) return refuse("InvalidParameterValue", request.error.message);
      const queue = queues.byName(queueNameIn(request.data.QueueUrl));
      if (!queue) return refuse("QueueDoesNotExist", "The specified queue does not exist.");
      try {
        const answer = perform(operationOf(message).replace("AmazonSQS.", ""), queue, request.data);
        queues.save();
        respondJson(response, 200, answer);
      } catch (error) {
        const { name, message: text } = error instanceof Error ? error : new Error(String(error));
        refuse(name, text);
      }
    },
  };
}

function operationOf(message: IncomingMessage): string {
  return String(message.headers["x-amz-target"] ?? "");
}
