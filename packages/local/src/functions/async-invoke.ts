import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Queues } from "../resources/queues.ts";
import { type Assembly, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";
import type { InvocationResult } from "./instance.ts";
import type { Pool } from "./pool.ts";

/** From one attempt to the next it takes one of these longer. AWS waits a minute, then two. */
const RETRY_DELAY_MS = 1000;

const Properties = z.object({
  FunctionName: z.string(),
  DestinationConfig: z
    .object({ OnFailure: z.object({ Destination: z.string() }).optional() })
    .default({ OnFailure: undefined }),
});

/** Keeps an event that a function could not handle, where the template says so. */
export type KeepFailure = (pool: Pool, event: string, result: InvocationResult, attempts: number) => void;

/**
 * Puts it into the function's destination for failures, in the shape of Lambda's invocation records ("Capturing records
 * of Lambda asynchronous invocations", Developer Guide).
 */
export function failureDestinations(
  assembly: Assembly,
  resolver: Resolver,
  queues: Queues,
  poolOf: (nameOrArn: string) => Pool | undefined,
): KeepFailure {
  const destinations = new Map(
    resourcesOf(assembly, "AWS::Lambda::EventInvokeConfig").map((resource) => {
      const { FunctionName, DestinationConfig } = resolver.properties(resource, Properties);
      return [poolOf(FunctionName), DestinationConfig.OnFailure?.Destination];
    }),
  );
  return (pool, event, result, attempts) => {
    const destination = destinations.get(pool);
    if (destination === undefined) return;
    const record = {
      version: "1.0",
      timestamp: new Date().toISOString(),
      requestContext: {
        requestId: randomUUID(),
        functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${pool.definition.name}:$LATEST`,
        condition: "RetriesExhausted",
        approximateInvokeCount: attempts,
      },
      requestPayload: JSON.parse(event),
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: JSON.parse(result.payload),
    };
    queues.send(destination, JSON.stringify(record));
  };
}

/**
 * Invokes a function with an event whose result nobody waits for: after an error tries again, `retries` times at
 * most, then keeps the event and says so.
 */
export async function invokeAsync(
  pool: Pool,
  event: string,
  {
    retries,
    signal,
    log,
    keep = () => undefined,
  }: {
    readonly retries: number;
    readonly signal: AbortSignal;
    readonly log: (line: string) => void;
    readonly keep?: KeepFailure | undefined;
  },
): Promise<InvocationResult> {
  for (let attempt = 0; ; attempt += 1) {
    const result = await pool.run(event);
    if (result.functionError === undefined || signal.aborted) return result;
    if (attempt >= retries) {
      log(`${pool.definition.name}: gave up after ${attempt + 1} attempts; dead-lettered event: ${event}`);
      keep(pool, event, result, attempt + 1);
      return result;
    }
    const delay = RETRY_DELAY_MS * (attempt + 1);
    await sleep(delay, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return result;
  }
}
