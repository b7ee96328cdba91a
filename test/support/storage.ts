import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import type { Cloud } from "@success-manager/local";

export type StoredItem = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

/** A cloud's table, seen past the API: for what no caller can see or bring about. */
export interface Storage {
  /** Items whose partition key starts so: `customer#`, `logins#`. */
  items(prefix: string): Promise<StoredItem[]>;
  /** Removes these items, as nobody can through the API. */
  remove(prefix: string): Promise<void>;
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
  return {
    items,
    remove: async (prefix) => {
      for (const { pk, sk } of await items(prefix))
        await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
    },
    change: async (prefix, changed) => {
      for (const item of await items(prefix))
        await client.send(new PutCommand({ TableName, Item: { ...item, ...changed(item) } }));
    },
    close: () => bare.destroy(),
  };
}
