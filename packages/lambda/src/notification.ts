import middy from "@middy/core";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { logger } from "./telemetry.ts";

/** What SNS hands to a function (Lambda Developer Guide, "Using Lambda with Amazon SNS"). */
const Notifications = z.object({
  Records: z.array(z.object({ Sns: z.object({ MessageId: z.string(), Message: z.string() }) })).min(1),
});

/** SES publishes it when it is told of a topic: plain text, and no event. */
const GREETING = /^Successfully validated SNS topic/;

/**
 * A function that gets the messages of a topic. Each may come twice. What `handle` throws is logged, without the message,
 * which names addresses; Lambda tries again and then keeps the event in the dead-letter queue.
 */
export const createNotificationHandler = (handle: (message: string) => Promise<void>) =>
  middy<unknown, { readonly handled: number }, Error, Context>()
    .before(({ context }) => logger.addContext(context))
    .onError(({ error }) => {
      // Of what does not fit, zod names the place, not the value.
      logger.error("notification failed", { error });
    })
    .handler(async (event) => {
      const { Records } = Notifications.parse(event);
      for (const { Sns } of Records) {
        logger.appendKeys({ notification_id: Sns.MessageId });
        if (!GREETING.test(Sns.Message)) await handle(Sns.Message);
      }
      return { handled: Records.length };
    });
