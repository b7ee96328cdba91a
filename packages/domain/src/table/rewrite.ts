import { isDeepStrictEqual } from "node:util";
import {
  type AttributeValue,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { database, tableName } from "./client.ts";
import { KEY_ATTRIBUTES, type Partition, STORAGE_ATTRIBUTES } from "./keys.ts";
import { ENTITY_NAME, toAttributes, toItem } from "./read.ts";
import { conditionFailed, itemOf, tellWritten } from "./write.ts";
import { isSigned, MIGRATIONS, WRITER, type Writer } from "./writer.ts";

/** How migrations go through the table: items as they are stored, and writes that lose to everybody else's. */

type Attributes = Record<string, AttributeValue>;
type Item = Readonly<Record<string, unknown>>;

/** An entity, as far as its items are rewritten. */
export interface AnyEntity {
  readonly schema: { readonly model: { readonly entity: string } };
}

/** An item as it was read. */
export interface StoredItem {
  readonly key: { readonly pk: string; readonly sk: string };
  /** The name of its entity; undefined for an item that none of ours wrote. */
  readonly entity: string | undefined;
  /** Its attributes, without keys and what ElectroDB adds. Also those that its entity does not declare. */
  readonly values: Item;
  /** Everything, as the database holds it. */
  readonly attributes: Attributes;
}

/** A part of the table: a partition, or one of so many segments of all of it. */
export type Range = Partition | { readonly segment: number; readonly of: number };

/** Where reading a range goes on. */
export type Cursor = Readonly<Record<string, string>>;

export interface StoredPage {
  readonly items: readonly StoredItem[];
  /** Undefined at the end of the range. */
  readonly next: Cursor | undefined;
  /** Read units. */
  readonly units: number;
}

/** What is stored for the database alone. */
const HIDDEN = new Set([...STORAGE_ATTRIBUTES, ENTITY_NAME]);

function toStored(attributes: Attributes): StoredItem {
  const all = toItem(attributes);
  return {
    key: { pk: String(all.pk), sk: String(all.sk) },
    entity: all[ENTITY_NAME] === undefined ? undefined : String(all[ENTITY_NAME]),
    values: Object.fromEntries(Object.entries(all).filter(([name]) => !HIDDEN.has(name))),
    attributes,
  };
}

/**
 * Reads up to `limit` items of a range as they are stored. A segment of the table is read strongly consistent; the only
 * place where anything scans.
 */
export async function readRange(range: Range, from: Cursor | undefined, limit: number): Promise<StoredPage> {
  const input = {
    TableName: tableName,
    Limit: limit,
    ExclusiveStartKey: from && toAttributes(from),
    ReturnConsumedCapacity: "TOTAL" as const,
  };
  const { Items, LastEvaluatedKey, ConsumedCapacity } = await database.send(
    "of" in range
      ? new ScanCommand({ ...input, Segment: range.segment, TotalSegments: range.of, ConsistentRead: true })
      : new QueryCommand({
          ...input,
          ...(range.index === "primary" ? { ConsistentRead: true } : { IndexName: range.index }),
          KeyConditionExpression: "#partition = :partition",
          ExpressionAttributeNames: { "#partition": KEY_ATTRIBUTES[range.index].pk },
          ExpressionAttributeValues: toAttributes({ ":partition": range.key }),
        }),
  );
  return {
    items: (Items ?? []).map(toStored),
    next: LastEvaluatedKey && (toItem(LastEvaluatedKey) as Cursor),
    units: ConsumedCapacity?.CapacityUnits ?? 0,
  };
}

/** An item as it is stored now; undefined when it is gone. */
export async function readStored(key: StoredItem["key"]): Promise<StoredItem | undefined> {
  const { Item } = await database.send(
    new GetItemCommand({ TableName: tableName, Key: toAttributes(key), ConsistentRead: true }),
  );
  return Item && toStored(Item);
}

/** What is to be different about an item. */
export interface Rewrite {
  readonly set: Item;
  readonly remove: readonly string[];
}

/**
 * What has to be written so that an item has these values, and the keys that its entity gives an item with them.
 * Undefined when it is so already. An attribute that the values lack is removed; one that the entity does not declare
 * may stay as it is, and nothing else.
 *
 * @throws when the entity could not hold the values, or the item would stand under another primary key
 */
export function rewriteOf(entity: AnyEntity, stored: StoredItem, values: Item): Rewrite | undefined {
  const made = itemOf(entity as never, values);
  if (made.pk !== stored.key.pk || made.sk !== stored.key.sk)
    throw new Error("A migration can't move an item to another primary key");
  for (const [name, value] of Object.entries(values))
    if (!Object.hasOwn(made, name) && value !== undefined && !isDeepStrictEqual(value, stored.values[name]))
      throw new Error(`${name} is not an attribute of ${entity.schema.model.entity}`);
  const before = toItem(stored.attributes);
  const set = Object.entries(made).filter(([name, value]) => !isDeepStrictEqual(value, before[name]));
  // A key of an index that the entity no longer gives, and an attribute that the values left out.
  const remove = Object.keys(before).filter(
    (name) => !Object.hasOwn(made, name) && (HIDDEN.has(name) || values[name] === undefined),
  );
  return set.length + remove.length > 0 ? { set: Object.fromEntries(set), remove } : undefined;
}

/**
 * Writes a rewrite, provided that the item is still as it was read, in every attribute: whoever writes at the same time
 * wins, whether or not they count revisions.
 *
 * @returns whether it was written, and the write units that it took, those of indexes included
 */
export async function writeRewrite(
  { key, attributes }: StoredItem,
  { set, remove }: Rewrite,
  writer: Writer = MIGRATIONS,
): Promise<{ readonly written: boolean; readonly units: number }> {
  const names = new Map<string, string>();
  const nameOf = (name: string) => {
    const alias = names.get(name) ?? `#${names.size}`;
    names.set(name, alias);
    return alias;
  };
  const values: Attributes = {};
  const aliasOf = (value: AttributeValue) => {
    const alias = `:${Object.keys(values).length}`;
    values[alias] = value;
    return alias;
  };
  // One that names nobody goes on doing so.
  const isSignedNow = isSigned(key) && WRITER in attributes;
  const wanted = toAttributes({ ...set, ...(isSignedNow && { [WRITER]: writer }) });
  const sets = Object.entries(wanted).map(([name, value]) => `${nameOf(name)} = ${aliasOf(value)}`);
  const asRead = Object.entries(attributes).map(([name, value]) => `${nameOf(name)} = ${aliasOf(value)}`);
  const stillMissing = Object.keys(wanted)
    .filter((name) => !Object.hasOwn(attributes, name))
    .map((name) => `attribute_not_exists(${nameOf(name)})`);
  const parts = [
    sets.length > 0 ? `SET ${sets.join(", ")}` : "",
    remove.length > 0 ? `REMOVE ${remove.map(nameOf).join(", ")}` : "",
  ];
  const Update = {
    TableName: tableName,
    Key: toAttributes(key),
    UpdateExpression: parts.filter(Boolean).join(" "),
    ConditionExpression: [...asRead, ...stillMissing].join(" AND "),
    ExpressionAttributeNames: Object.fromEntries([...names].map(([name, alias]) => [alias, name])),
    ExpressionAttributeValues: values,
  };
  try {
    const { ConsumedCapacity } = await database.send(
      new UpdateItemCommand({ ...Update, ReturnConsumedCapacity: "TOTAL" }),
    );
    tellWritten([{ Update: { ...Update, Key: key } }]);
    return { written: true, units: ConsumedCapacity?.CapacityUnits ?? 1 };
  } catch (error) {
    if (conditionFailed(error)) return { written: false, units: 1 };
    throw error;
  }
}
