import { QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { dynamo, tableName } from "./client.ts";

/** One page of a query; `next` is where the following one starts, undefined on the last. */
export interface QueryPage<T> {
  readonly items: readonly T[];
  readonly count: number;
  /** How many were looked at for it, those that a filter left out included. */
  readonly scanned: number;
  readonly next: Readonly<Record<string, unknown>> | undefined;
}

/** About as many items as fit into an answer, which is a megabyte at most. */
const LARGEST = 2_000;

/**
 * The pages of a query over items of several entities, as far as the caller goes on asking.
 *
 * @param growth how many times as much as the one before each page looks at, where the query has a `Limit`
 * @typeParam T what stands under the asked key: only our own entities write to this table, and ElectroDB writes
 * the entity's name beside each item (`__edb_e__`)
 */
export async function* queryPages<T>(
  query: Omit<QueryCommandInput, "TableName">,
  growth = 1,
): AsyncGenerator<QueryPage<T>, void, void> {
  let next: QueryPage<T>["next"];
  let { Limit } = query;
  do {
    const answer = await dynamo.send(
      new QueryCommand({ TableName: tableName, ...query, Limit, ExclusiveStartKey: next }),
    );
    next = answer.LastEvaluatedKey;
    Limit = Limit && Math.max(Limit, Math.min(Limit * growth, LARGEST));
    yield {
      items: (answer.Items ?? []) as T[],
      count: answer.Count ?? 0,
      scanned: answer.ScannedCount ?? 0,
      next,
    };
  } while (next);
}
