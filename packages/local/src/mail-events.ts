import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { invokeAsync } from "./functions/async-invoke.ts";
import type { Pool } from "./functions/pool.ts";
import { type Assembly, resourcesOf } from "./template/assembly.ts";
import type { Resolver } from "./template/resolver.ts";

/** Where the template wants the events of a configuration set: a topic, and the functions that are subscribed to it. */
export type MailTopic = {
  readonly configurationSet: string;
  /** Types of events as the template writes them, such as `bounce` and `deliveryDelay`. */
  readonly types: ReadonlySet<string>;
  readonly topicArn: string;
  readonly pools: readonly Pool[];
};

const Destination = z.object({
  ConfigurationSetName: z.string(),
  EventDestination: z.object({
    Enabled: z.boolean().default(true),
    MatchingEventTypes: z.array(z.string()),
    SnsDestination: z.object({ TopicARN: z.string() }).optional(),
  }),
});

const Subscription = z.object({ TopicArn: z.string(), Protocol: z.string(), Endpoint: z.string() });

/** The enabled destinations that are topics. Throws when a function that is subscribed to one is missing. */
export function mailTopicsOf(
  assembly: Assembly,
  resolver: Resolver,
  poolOf: (nameOrArn: string) => Pool | undefined,
): MailTopic[] {
  const subscribed = resourcesOf(assembly, "AWS::SNS::Subscription").map((resource) => ({
    resource,
    ...resolver.properties(resource, Subscription),
  }));
  return resourcesOf(assembly, "AWS::SES::ConfigurationSetEventDestination").flatMap((resource) => {
    const { ConfigurationSetName, EventDestination } = resolver.properties(resource, Destination);
    const topicArn = EventDestination.SnsDestination?.TopicARN;
    if (!EventDestination.Enabled || topicArn === undefined) return [];
    const pools = subscribed.flatMap(({ resource, TopicArn, Protocol, Endpoint }) => {
      if (TopicArn !== topicArn || Protocol !== "lambda") return [];
      const pool = poolOf(Endpoint);
      if (pool === undefined) throw new Error(`${resource.stack}/${resource.id}: no function ${Endpoint}`);
      return [pool];
    });
    const types = new Set(EventDestination.MatchingEventTypes);
    return { configurationSet: ConfigurationSetName, types, topicArn, pools };
  });
}

const Answer = z.object({
  next: z.number(),
  events: z.array(
    z.object({ configurationSet: z.string(), event: z.looseObject({ eventType: z.string() }) }),
  ),
});

/** Lambda's own limit of retries for what SNS hands it. */
const RETRIES = 2;

/** How long it takes until a server that does not answer is asked again. */
const PAUSE_MS = 500;

/** `Rendering Failure` → `renderingfailure`: events and templates write types in different ways. */
const plain = (type: string) => type.replaceAll(" ", "").toLowerCase();

/** A message as SNS hands it to a function. */
const toNotification = (topicArn: string, event: unknown, now: Date) =>
  JSON.stringify({
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: `${topicArn}:local`,
        Sns: {
          Type: "Notification",
          MessageId: randomUUID(),
          TopicArn: topicArn,
          Subject: "Amazon SES Email Event Notification",
          Message: JSON.stringify(event),
          Timestamp: now.toISOString(),
          MessageAttributes: {},
        },
      },
    ],
  });

/**
 * Hands what becomes of mails from now on to the functions that the template subscribes to it. A mail server that tells
 * nothing of the kind is left alone, with a line in the log.
 */
export async function followMailEvents(
  inbox: string,
  topics: readonly MailTopic[],
  log: (line: string) => void,
): Promise<{ stop(): void }> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ask = async (query: string) => {
    const answer = await fetch(`${inbox}/mail-events${query}`, { signal });
    if (!answer.ok) throw new Error(`The mail server answers ${answer.status}`);
    return Answer.parse(await answer.json());
  };

  const deliver = ({ configurationSet, event }: z.infer<typeof Answer>["events"][number]) => {
    for (const { topicArn, types, pools, ...topic } of topics) {
      const matches = [...types].some((type) => plain(type) === plain(event.eventType));
      if (topic.configurationSet !== configurationSet || !matches) continue;
      const message = toNotification(topicArn, event, new Date());
      for (const pool of pools) void invokeAsync(pool, message, { retries: RETRIES, signal, log });
    }
  };

  async function follow(from: number): Promise<void> {
    for (let after = from; !signal.aborted; ) {
      try {
        const { next, events } = await ask(`?after=${after}`);
        after = next;
        events.forEach(deliver);
      } catch {
        // It starts again, and counts from zero then.
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
        after = await ask("").then(
          ({ next }) => Math.min(after, next),
          () => after,
        );
      }
    }
  }

  try {
    const { next } = await ask("");
    void follow(next);
  } catch (error) {
    log(`What becomes of mails is not told here: ${error instanceof Error ? error.message : error}`);
  }
  return { stop: () => stopping.abort() };
}
