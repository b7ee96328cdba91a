import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { type Assembly, resourcesOf } from "../template/assembly.ts";
import { account } from "../template/references.ts";
import type { Resolver } from "../template/resolver.ts";

const Message = z.object({
  id: z.string(),
  body: z.string(),
  /** Milliseconds since 1970. */
  sent_at: z.number(),
  received: z.number(),
  /** Before this nobody else gets it. */
  visible_at: z.number(),
});
export type Message = z.output<typeof Message>;

export interface Queue {
  readonly name: string;
  readonly arn: string;
  /** Of a message, in bytes. */
  readonly maxBytes: number;
  readonly retentionMs: number;
  readonly messages: Message[];
}

/** The template's queues. What they hold survives restarts. */
export interface Queues {
  byName(name: string): Queue | undefined;
  /** Puts a message into a queue, by its ARN; answers its id. Nothing when there is no such queue. */
  send(arn: string, body: string): string | undefined;
  /** Saves what has changed in a queue. */
  save(): void;
}

const Properties = z.object({
  // What SQS had for all queues until 2025, and still has for those that were made before.
  MaximumMessageSize: z.coerce.number().default(262_144),
  MessageRetentionPeriod: z.coerce.number().default(4 * 24 * 3600),
});

/** `https://sqs.us-east-1.amazonaws.com/<account>/<name>` → `<name>` */
export const queueNameIn = (url: string) => url.split(`/${account}/`)[1] ?? "";

export function createQueues(assembly: Assembly, resolver: Resolver, file: string): Queues {
  const stored = existsSync(file)
    ? z.record(z.string(), z.array(Message)).parse(JSON.parse(readFileSync(file, "utf8")))
    : {};
  const all = resourcesOf(assembly, "AWS::SQS::Queue").map((resource): Queue => {
    const { MaximumMessageSize, MessageRetentionPeriod } = resolver.properties(resource, Properties);
    const name = resolver.nameOf(resource);
    return {
      name,
      arn: resolver.attributeOf(resource, "Arn"),
      maxBytes: MaximumMessageSize,
      retentionMs: MessageRetentionPeriod * 1000,
      messages: stored[name] ?? [],
    };
  });
  function save(): void {
    const contents = Object.fromEntries(all.map(({ name, messages }) => [name, messages]));
    writeFileSync(`${file}.tmp`, JSON.stringify(contents));
    renameSync(`${file}.tmp`, file);
  }
  return {
    byName: (name) => all.find((queue) => queue.name === name),
    send(arn, body) {
      const queue = all.find((one) => one.arn === arn);
      if (queue === undefined) return undefined;
      const id = randomUUID();
      queue.messages.push({ id, body, sent_at: Date.now(), received: 0, visible_at: 0 });
      save();
      return id;
    },
    save,
  };
}
