import * as z from "zod";
import type { Pool } from "../functions/pool.ts";
import { type Assembly, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";
import { createFilter } from "./filter.ts";
import type { LambdaRecord } from "./lambda-record.ts";

/** An enabled event source mapping of the template: a table's stream, and the function that gets its records. */
export type EventSourceMapping = {
  /** Name of the table. */
  readonly table: string;
  /** The stream's ARN as the template knows it. */
  readonly eventSourceArn: string;
  readonly pool: Pool;
  readonly from: "LATEST" | "TRIM_HORIZON";
  readonly batchSize: number;
  /** Whether a batch that failed is tried again in halves. */
  readonly bisects: boolean;
  /** Whether the function may answer which records failed. */
  readonly reportsItems: boolean;
  /** Infinity when there is no limit, Lambda's default. */
  readonly retries: number;
  /** Infinity when there is no limit, Lambda's default. */
  readonly maxAgeMs: number;
  readonly matches: (record: LambdaRecord) => boolean;
  /** ARN of the dead-letter queue. */
  readonly deadLetters: string | undefined;
};

const booleanProperty = z.union([z.boolean(), z.stringbool()]).default(false);

/** -1 stands for no limit. */
const limit = z.coerce
  .number()
  .default(-1)
  .transform((value) => (value < 0 ? Number.POSITIVE_INFINITY : value));

// ParallelizationFactor and the batching window are not read: one batch at a time, at once, is right for any.
const Properties = z.object({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  Enabled: booleanProperty.default(true),
  StartingPosition: z.enum(["LATEST", "TRIM_HORIZON"]),
  BatchSize: z.coerce.number().min(1).default(100),
  BisectBatchOnFunctionError: booleanProperty,
  FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  MaximumRetryAttempts: limit,
  MaximumRecordAgeInSeconds: limit,
  FilterCriteria: z
    .object({ Filters: z.array(z.object({ Pattern: z.string() })).default([]) })
    .default({ Filters: [] }),
  DestinationConfig: z
    .object({ OnFailure: z.object({ Destination: z.string() }).optional() })
    .default({ OnFailure: undefined }),
});

/**
 * The enabled mappings. Throws when one of them reads something else than a stream of the template's tables, has
 * no function, or filters in a way that the local cloud does not know.
 */
export function eventSourceMappingsOf(
  assembly: Assembly,
  resolver: Resolver,
  poolOf: (nameOrArn: string) => Pool | undefined,
): EventSourceMapping[] {
  const tables = new Map(
    resourcesOf(assembly, "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable").map((table) => [
      resolver.attributeOf(table, "StreamArn"),
      resolver.nameOf(table),
    ]),
  );
  return resourcesOf(assembly, "AWS::Lambda::EventSourceMapping").flatMap((resource) => {
    const properties = resolver.properties(resource, Properties);
    if (!properties.Enabled) return [];
    const refuse = (problem: string) => new Error(`${resource.stack}/${resource.id}: ${problem}`);
    const table = tables.get(properties.EventSourceArn);
    if (table === undefined) throw refuse(`${properties.EventSourceArn} is no stream of a table`);
    const pool = poolOf(properties.FunctionName);
    if (pool === undefined) throw refuse(`no function ${properties.FunctionName}`);
    return {
      table,
      eventSourceArn: properties.EventSourceArn,
      pool,
      from: properties.StartingPosition,
      batchSize: properties.BatchSize,
      bisects: properties.BisectBatchOnFunctionError,
      reportsItems: properties.FunctionResponseTypes.length > 0,
      retries: properties.MaximumRetryAttempts,
      maxAgeMs: properties.MaximumRecordAgeInSeconds * 1000,
      matches: createFilter(
        properties.FilterCriteria.Filters.map(({ Pattern }) => Pattern),
        refuse,
      ),
      deadLetters: properties.DestinationConfig.OnFailure?.Destination,
    };
  });
}
