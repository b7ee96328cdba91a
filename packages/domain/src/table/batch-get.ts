import { BatchGetCommand, type BatchGetCommandOutput } from "@aws-sdk/lib-dynamodb";
import { dynamo, tableName } from "./client.ts";
import { backOff } from "./transact.ts";

/** An item to read. */
export interface Wanted<T> {
  /** From `primaryKey`. */
  readonly key: { readonly pk: string; readonly sk: string };
  /** The entity's own way to read what the table holds. */
  readonly parse: (found: { Item: Record<string, unknown> }) => { data: T | null };
}

/**
 * Reads items of different entities in one strongly consistent request, in the order of the arguments;
 * undefined for what does not exist. At most 100.
 */
export async function batchGet<T extends readonly unknown[]>(
  ...wanted: { [I in keyof T]: Wanted<T[I]> }
): Promise<{ [I in keyof T]: T[I] | undefined }> {
  const keys = wanted.map(({ key }) => key);
  const found = new Map<string, Record<string, unknown>>();
  let missing: Record<string, unknown>[] | undefined = keys;
  for (let attempt = 0; missing?.length; attempt++) {
    if (attempt > 0) await backOff(attempt);
    if (attempt > 6) throw Object.assign(new Error("Keys stay unprocessed"), { name: "ThrottlingException" });
    const answer: BatchGetCommandOutput = await dynamo.send(
      new BatchGetCommand({ RequestItems: { [tableName]: { Keys: missing, ConsistentRead: true } } }),
    );
    for (const item of answer.Responses?.[tableName] ?? []) found.set(`${item.pk}|${item.sk}`, item);
    missing = answer.UnprocessedKeys?.[tableName]?.Keys;
  }
  return wanted.map(({ parse }, index) => {
    const item = found.get(`${keys[index]?.pk}|${keys[index]?.sk}`);
    return item && (parse({ Item: item }).data ?? undefined);
  }) as { [I in keyof T]: T[I] | undefined };
}
