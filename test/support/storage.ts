import { isDeepStrictEqual } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import type { Cloud } from "@success-manager/local";

export type StoredItem = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

/** A cloud's table, seen past the API: for what no caller can see or bring about. */
export interface Storage {
  /** Items whose partition key starts so: `customer#`, `logins#`. */
  items(prefix: string): Promise<StoredItem[]>;
  /** Removes these items, as nobody can through the API. */
  remove(prefix: string): Promise<void>;
  /** Removes items that were read before. */
  removeItems(items: readonly StoredItem[]): Promise<void>;
  /** Changes attributes of these items, as time does. */
  change(prefix: string, changed: (item: StoredItem) => Readonly<Record<string, unknown>>): Promise<void>;
  close(): void;
}

const isItem = (item: Record<string, unknown>): item is StoredItem =>
  typeof item.pk === "string" && typeof item.sk === "string";

/** Reads the whole table each time: tests hold few items, and no index is by key prefix. */
export function storageOf({ environment, endpoints }: Pick<Cloud, "environment" | "endpoints">): Storage {
  const TableName = environment.TABLE_NAME ?? "";
  const bare = new DynamoDBClient({
    endpoint: endpoints.dynamodb,
    region: environment.AWS_REGION ?? "",
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
    },
  });
  const client = DynamoDBDocumentClient.from(bare);
  const items = async (prefix: string) => {
    const found: StoredItem[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
      found.push(...Items.filter(isItem).filter(({ pk }) => pk.startsWith(prefix)));
    return found;
  };
  /** By packs, which is what the database takes at once. */
  const removeItems = async (gone: readonly StoredItem[]) => {
    for (let n = 0; n < gone.length; n += 25) {
      const requests = gone.slice(n, n + 25).map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
      for (let left = requests; left.length > 0; ) {
        const { UnprocessedItems } = await client.send(
          new BatchWriteCommand({ RequestItems: { [TableName]: left } }),
        );
        left = (UnprocessedItems?.[TableName] ?? []) as typeof requests;
      }
    }
  };
  return {
    items,
    removeItems,
    remove: async (prefix) => removeItems(await items(prefix)),
    change: async (prefix, changed) => {
      for (const item of await items(prefix))
        await client.send(new PutCommand({ TableName, Item: { ...item, ...changed(item) } }));
    },
    close: () => bare.destroy(),
  };
}

/** Where calls of strangers are counted: they grow with each call, whatever comes of it. */
const CALL_COUNTERS = /^(logins|account_logins|survey_calls|report_calls|password_calls)#/;

/** Strangers may only call so often in a minute; here they begin anew. */
export async function forgetCalls(storage: Storage): Promise<void> {
  await storage.removeItems((await storage.items("")).filter(({ pk }) => CALL_COUNTERS.test(pk)));
}

/** The table as it is, but for what is counted of strangers: to be compared with later. */
export async function tableContents(storage: Storage): Promise<ReadonlyMap<string, StoredItem>> {
  const items = (await storage.items("")).filter(({ pk }) => !CALL_COUNTERS.test(pk));
  return new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));
}

/** Keys of items that are new, gone or changed. */
export const changedItems = (before: ReadonlyMap<string, StoredItem>, after: typeof before): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => !isDeepStrictEqual(before.get(key), after.get(key)),
  );

/** Resolves when nothing has changed for a while: jobs that calls have started are done. */
export async function untilQuiet(storage: Storage, pauseMs = 300): Promise<ReadonlyMap<string, StoredItem>> {
  let before = await tableContents(storage);
  for (let n = 0; n < 200; n++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const after = await tableContents(storage);
    if (changedItems(before, after).length === 0) return after;
    before = after;
  }
  throw new Error("Something writes all the time");
}
