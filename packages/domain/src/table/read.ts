import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { notFound } from "@success-manager/contract/problem";
import type { Entity, EntityItem, Schema } from "electrodb";
import { database, tableName } from "./client.ts";
import { isTestable, passes, testsOf } from "./conditions.ts";
import { formatCursor, parseInstantCursor } from "./cursor.ts";
import { KEY_ATTRIBUTES, type Partition, partitions, primaryKey } from "./keys.ts";
import { sleepWithJitter } from "./retry.ts";
import {
  countedSeries,
  currentScope,
  fieldsInScope,
  isHiddenPartition,
  isScoped,
  isShownItem,
  notForScope,
  rowsInScope,
  shownItems,
} from "./scope.ts";
import { hasMarks, withWritten } from "./session.ts";

/**
 * The ways to read the table: `getOrThrow` and `find` for one item, `batchGet` for several, `query` for items that
 * stand together.
 */

type Item = Record<string, unknown>;
/** An item, or a part of one, as DynamoDB writes it. */
type Attributes = Record<string, AttributeValue>;

/** Values that an expression names; an undefined one is none. */
export const toAttributes = (values: Item): Attributes => marshall(values, { removeUndefinedValues: true });

function toValue(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.M !== undefined) return toItem(attribute.M);
  if (attribute.L !== undefined) return attribute.L.map(toValue);
  // Sets and the like, of which we have few.
  return unmarshall({ attribute }).attribute;
}

/**
 * What attribute values say. The SDK's own `unmarshall` lets an object grow by each attribute, which takes a sixth of a
 * request that reads a few items; no number of ours is larger than a number can be.
 */
export function toItem(attributes: Attributes): Item {
  const item: Item = { ...attributes };
  for (const name of Object.keys(attributes)) item[name] = toValue(attributes[name] as AttributeValue);
  return item;
}

/** An item to read. */
export interface GetRequest<T> {
  readonly key: { readonly pk: string; readonly sk: string };
  /** The entity's own way to read what the table holds. */
  readonly parse: (found: { Item: Item }) => { data: T | null };
}

/** Items to read at once; undefined where one is not needed this time. */
export type GetRequests = readonly (GetRequest<unknown> | undefined)[];

/** What is found of them, in their order. */
export type FoundOf<R extends GetRequests> = {
  readonly [I in keyof R]: (R[I] extends GetRequest<infer T> | undefined ? T : never) | undefined;
};

/** Which attributes entities show, worked out once. */
const shown = new WeakMap<object, readonly string[]>();

function shownBy(entity: { readonly schema: Schema<string, string, string> }): readonly string[] {
  const known = shown.get(entity);
  if (known) return known;
  const attributes = Object.entries(entity.schema.attributes);
  if (attributes.some(([, { get }]) => get !== undefined))
    throw new Error(`Attributes of ${entity.schema.model.entity} are not stored as they are read`);
  const names = attributes.flatMap(([name, { hidden }]) => (hidden ? [] : [name]));
  shown.set(entity, names);
  return names;
}

/**
 * Reads an item that was asked for by its key. ElectroDB's `parse` finds out from the item's keys whose it is, which
 * takes longer than all the rest of reading it.
 */
export const parseBy =
  <A extends string, F extends string, C extends string, S extends Schema<A, F, C>>(
    entity: Entity<A, F, C, S>,
  ) =>
  ({ Item }: { Item: Item }) => {
    const data: Item = {};
    for (const name of shownBy(entity)) if (Item[name] !== undefined) data[name] = Item[name];
    return { data: data as EntityItem<Entity<A, F, C, S>> };
  };

/** How an item of an entity is read whose primary key is its id (`byId`). */
export const getRequest = <A extends string, F extends string, C extends string, S extends Schema<A, F, C>>(
  entity: Entity<A, F, C, S>,
  id: string,
) => ({
  key: primaryKey(entity.schema.model.entity, id),
  parse: parseBy(entity),
});

/** Reads one item, strongly consistent; undefined when there is none. One read unit for each 4 KB. */
export async function find<T>(request: GetRequest<T>): Promise<T | undefined> {
  const { key, parse } = request;
  if (isScoped() && countedSeries(key.pk) !== undefined) return (await batchGet(request))[0];
  const { Item } = await database.send(
    new GetItemCommand({ TableName: tableName, Key: toAttributes(key), ConsistentRead: true }),
  );
  const item = Item && toItem(Item);
  return item && isShownItem(key.pk, item) ? (parse({ Item: item }).data ?? undefined) : undefined;
}

/**
 * Reads one item, strongly consistent.
 *
 * @param name what the caller of the API calls it: `"Customer"`
 * @throws 404 when there is none
 */
export async function getOrThrow<T>(request: GetRequest<T>, name: string): Promise<T> {
  const found = await find(request);
  if (found === undefined) throw notFound(name);
  return found;
}

const BATCH_ATTEMPTS = 7;

interface Key {
  readonly pk: string;
  readonly sk: string;
}

const nameOf = ({ pk, sk }: Item) => `${pk}|${sk}`;

interface ItemOptions {
  readonly consistent: boolean;
  /** Attributes that are read; all when absent. */
  readonly fields?: readonly string[];
}

/** Items by key, `<pk>|<sk>`. */
async function getItems(
  keys: readonly Key[],
  { consistent, fields }: ItemOptions,
): Promise<ReadonlyMap<string, Item>> {
  const telling = keys.reduce<readonly string[] | undefined>((all, { pk }) => fieldsInScope(all, pk), fields);
  const { projection, names } = expressionOf([], telling && ["pk", "sk", ...telling]);
  const chosen = projection && { ProjectionExpression: projection, ExpressionAttributeNames: names };
  const found = new Map<string, Item>();
  let missing: Attributes[] | undefined = keys.map(({ pk, sk }) => toAttributes({ pk, sk }));
  for (let attempt = 0; missing?.length; attempt++) {
    if (attempt > 0) await sleepWithJitter(attempt);
    if (attempt >= BATCH_ATTEMPTS)
      throw Object.assign(new Error("Keys stay unprocessed"), { name: "ThrottlingException" });
    const answer: BatchGetItemCommandOutput = await database.send(
      new BatchGetItemCommand({
        RequestItems: { [tableName]: { Keys: missing, ConsistentRead: consistent, ...chosen } },
      }),
    );
    for (const attributes of answer.Responses?.[tableName] ?? []) {
      const item = toItem(attributes);
      found.set(nameOf(item), item);
    }
    missing = answer.UnprocessedKeys?.[tableName]?.Keys;
  }
  return found;
}

/**
 * Reads items of different entities in one strongly consistent request, in the order of the arguments;
 * undefined for what does not exist and for what is not asked for. At most 100; one that is asked for twice is read
 * once.
 *
 * Within a scope what its caller may not see does not exist, and counters are those of what they see.
 *
 * @throws ThrottlingException when the database leaves keys unread in seven attempts
 */
export async function batchGet<T extends readonly unknown[]>(
  ...requests: { [I in keyof T]: GetRequest<T[I]> | undefined }
): Promise<{ [I in keyof T]: T[I] | undefined }> {
  // The database refuses a key that is asked for twice.
  const keys = new Map(requests.flatMap((request) => (request ? [[nameOf(request.key), request.key]] : [])));
  const counted = await countersOfScope(keys);
  for (const name of counted.keys()) keys.delete(name);
  const found = shownItems(await getItems([...keys.values()], { consistent: true }));
  return requests.map((request) => {
    const name = request && nameOf(request.key);
    const item = name === undefined ? undefined : (counted.get(name) ?? found.get(name));
    const data = item && (request?.parse({ Item: item }).data ?? undefined);
    if (typeof data === "object" && data !== null) origins.set(data, item as Item);
    return data;
  }) as { [I in keyof T]: T[I] | undefined };
}

/** What was read in a batch, by what was made of it: a scope that opens later looks at it once more. */
const origins = new WeakMap<object, Item>();

/** Of what a batch found before the scope was open, what its caller may see; in its order. */
export function foundInScope(found: readonly unknown[]): readonly unknown[] {
  const items = found.map((one) => (typeof one === "object" && one !== null ? origins.get(one) : undefined));
  const shown = shownItems(new Map(items.flatMap((item) => (item ? [[nameOf(item), item] as const] : []))));
  return found.map((one, n) => {
    const item = items[n];
    return item && shown.has(nameOf(item)) ? one : undefined;
  });
}

/** Counters of all customers among the keys of a batch: within a scope, those of what its caller sees. */
async function countersOfScope(keys: ReadonlyMap<string, Key>): Promise<Map<string, Item>> {
  const scope = currentScope();
  const counted = new Map<string, Item>();
  if (!scope) return counted;
  for (const [name, { pk, sk }] of keys) {
    const series = countedSeries(pk);
    if (series !== undefined) counted.set(name, { pk, sk, ...(await scope.counted(series, sk, sk))[0] });
  }
  return counted;
}

/**
 * Reads items as they are stored, in the order of the keys; undefined for what does not exist. At most 100. Half a read
 * unit for each 4 KB of an item, unless `consistent`.
 *
 * @throws as `batchGet`
 */
export async function batchGetItems(
  keys: readonly Key[],
  options: ItemOptions,
): Promise<(Item | undefined)[]> {
  const found = shownItems(await getItems(keys, options));
  return keys.map(({ pk, sk }) => found.get(nameOf({ pk, sk })));
}

/** Reads one attribute in memory: whether a value passes; undefined is no value. */
export interface AttributeTest {
  readonly field: string;
  readonly passes: (value: unknown) => boolean;
}

/**
 * A condition as DynamoDB is told: attributes as `#<name>`, and the values that the expression names. The same for rows
 * in memory, where it has `tests`: one of them has to pass.
 */
type Condition = readonly [
  expression: string,
  values: Readonly<Record<`:${string}`, unknown>>,
  tests?: readonly AttributeTest[],
];

/** What items must meet, all of it; false for what is not options for. */
export type Filter = readonly (Condition | false)[];

/** That attributes have these values; an undefined one is not options for. */
export const equals = (wanted: Readonly<Record<string, unknown>>): Filter =>
  Object.entries(wanted).map(
    ([name, value]) =>
      value !== undefined && [
        `#${name} = :${name}`,
        { [`:${name}`]: value },
        [{ field: name, passes: (stored) => stored === value }],
      ],
  );

/** That an item does not exist. */
export const NOT_EXISTS: Filter = [["attribute_not_exists(#pk)", {}]];

/** A filter and the attributes that are read, as DynamoDB is told. */
export function expressionOf(filter: Filter, fields: readonly string[] = []) {
  const conditions = filter.filter((one) => one !== false);
  const expression = conditions.map(([text]) => text).join(" AND ");
  const projection = fields.map((name) => `#${name}`).join(", ");
  const names = new Set(`${expression} ${projection}`.match(/#\w+/g));
  return {
    expression,
    projection,
    names: Object.fromEntries([...names].map((name) => [name, name.slice(1)])),
    values: Object.fromEntries(conditions.flatMap(([, values]) => Object.entries(values))),
  };
}

/** ElectroDB writes the entity's name beside each item. */
export const ENTITY_NAME = "__edb_e__";

/** Items of a partition, in the order of their sort keys. */
export interface Query {
  readonly partition: Partition;
  /** Sort keys, both included; from the first or to the last when absent. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Ascending when absent. */
  readonly order?: "asc" | "desc" | undefined;
  readonly filter?: Filter | undefined;
  /** Attributes that are read; all when absent. */
  readonly fields?: readonly string[] | undefined;
  /** Only of the primary key; the other indexes are eventually consistent. */
  readonly consistent?: boolean | undefined;
}

export interface QueryPaging {
  /** How many items a request looks at; as many as fit into a megabyte when absent. */
  readonly pageSize?: number | undefined;
  /** How many times as much as the one before each further request looks at; 1 when absent. */
  readonly growth?: number | undefined;
}

/** What one request found. */
export interface QueryPage<Row> {
  readonly items: readonly Row[];
  /** How many were looked at for it, those that the filter left out included. */
  readonly scanned: number;
  /** The sort key of the last item that was looked at; undefined when there is nothing after it. */
  readonly next: string | undefined;
}

/** About as many items as fit into an answer, which is a megabyte at most. */
const LARGEST_PAGE = 2_000;

/** The range of sort keys as a condition. Undefined for an inverted one: the database refuses that. */
function keyCondition({ partition: { index, key }, from, to }: Query) {
  const { pk, sk } = KEY_ATTRIBUTES[index];
  if (from === undefined && to === undefined)
    return { expression: `${pk} = :partition`, values: { ":partition": key } };
  const [first, last] = [from ?? MIN_KEY, to ?? MAX_KEY];
  if (first > last) return undefined;
  return {
    expression: `${pk} = :partition AND ${sk} BETWEEN :from AND :to`,
    values: { ":partition": key, ":from": first, ":to": last },
  };
}

/** Sort before and after every sort key: instants, dates and periods of counters. */
export const [MIN_KEY, MAX_KEY] = ["0", "~"];

function queryInput(options: Query) {
  const condition = keyCondition(options);
  if (!condition) return undefined;
  const { expression, projection, names, values } = expressionOf(options.filter ?? [], options.fields);
  const { index } = options.partition;
  return {
    TableName: tableName,
    ...(index !== "primary" && { IndexName: index }),
    KeyConditionExpression: condition.expression,
    ExpressionAttributeValues: toAttributes({ ...condition.values, ...values }),
    ...(expression && { FilterExpression: expression }),
    ...(projection && { ProjectionExpression: projection }),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ScanIndexForward: options.order !== "desc",
    ...(options.consistent && { ConsistentRead: true }),
  };
}

/**
 * Queries a partition page by page, as far as the caller goes on asking. An inverted range has no page.
 *
 * @typeParam Row what stands in that partition: only our own entities write to this table
 */
export async function* query<Row>(
  given: Query,
  { pageSize, growth = 1 }: QueryPaging = {},
): AsyncGenerator<QueryPage<Row>, void, void> {
  const options = inScope(given);
  const series = countedSeries(options.partition.key);
  const scope = currentScope();
  if (scope && series !== undefined) {
    const items = await scope.counted(series, options.from ?? MIN_KEY, options.to ?? MAX_KEY);
    yield { items: items as Row[], scanned: items.length, next: undefined };
    return;
  }
  const input = queryInput(options);
  if (!input) return;
  const isShown = rowsInScope(options.partition);
  const { sk } = KEY_ATTRIBUTES[options.partition.index];
  let startKey: Attributes | undefined;
  let limit = pageSize;
  const isMerged = hasMarks() && options.partition.index !== "primary" && isTestable(options.filter ?? []);
  const merge = isMerged ? mergedPages(options) : undefined;
  do {
    const asked = database.send(
      new QueryCommand({ ...input, ...merge?.input, Limit: limit, ExclusiveStartKey: startKey }),
    );
    const merged = merge?.page(asked, startKey && String(startKey[sk]?.S));
    const [answer, own] = await Promise.all([asked, merged]);
    startKey = isHiddenPartition(options.partition) ? undefined : answer.LastEvaluatedKey;
    limit = limit && Math.max(limit, Math.min(limit * growth, LARGEST_PAGE));
    const next = startKey && String(startKey[sk]?.S);
    const items = own ?? (answer.Items ?? []).map(toItem);
    yield {
      items: (isShown ? items.filter(isShown) : items) as Row[],
      scanned: answer.ScannedCount ?? 0,
      next,
    };
  } while (startKey);
}

/** A query that reads along whose its rows are, where that is to be told. */
function inScope(options: Query): Query {
  const { index, key } = options.partition;
  return index === "byCustomer" ? options : { ...options, fields: fieldsInScope(options.fields, key) };
}

/**
 * Pages of an index with what the caller has just written (`session.ts`). Of each item the keys are read along, by which
 * it is found and put in its place.
 */
function mergedPages(options: Query) {
  const { partition, from = MIN_KEY, to = MAX_KEY, order = "asc", filter = [], fields } = options;
  const { sk } = KEY_ATTRIBUTES[partition.index];
  const { projection, names } = expressionOf(filter, fields && [...new Set([...fields, "pk", "sk", sk])]);
  const tests = testsOf(filter);
  const picked = (item: Item): Item =>
    fields ? Object.fromEntries(fields.flatMap((name) => (name in item ? [[name, item[name]]] : []))) : item;
  return {
    input: projection && { ProjectionExpression: projection, ExpressionAttributeNames: names },
    /** @param startKey the sort key after which the page begins, unless at the range's beginning */
    async page(asked: Promise<QueryCommandOutput>, startKey: string | undefined): Promise<Item[]> {
      const page = asked.then(({ Items = [], LastEvaluatedKey }) => {
        const last = LastEvaluatedKey && String(LastEvaluatedKey[sk]?.S);
        const [lower, upper] = order === "asc" ? [startKey, last] : [last, startKey];
        return { items: Items.map(toItem), from: lower ?? from, to: upper ?? to, after: startKey };
      });
      const items = await withWritten(
        page,
        partition,
        order,
        (item) => passes(item, tests),
        (keys) => batchGetItems(keys, { consistent: true }),
      );
      return items.map(picked);
    },
  };
}

/** Everything that a query finds. For partitions that are known to be small. */
export async function queryAll<Row>(options: Query): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { items } of query<Row>(options)) rows.push(...items);
  return rows;
}

/** How many items a query finds, without reading them; no further than `enough`. */
export async function countItems(options: Query, enough = Number.POSITIVE_INFINITY): Promise<number> {
  // Nobody asks within a scope; what is only counted could not be told apart.
  if (isScoped()) throw notForScope();
  const input = queryInput(options);
  let count = 0;
  let next: Attributes | undefined;
  if (input)
    do {
      const answer = await database.send(
        new QueryCommand({ ...input, Select: "COUNT", ExclusiveStartKey: next }),
      );
      count += answer.Count ?? 0;
      next = answer.LastEvaluatedKey;
    } while (next && count < enough);
  return count;
}

/**
 * A page of the items of a type, newest first: for lists that nobody counts. One query.
 *
 * @param timeOf the instant that the type is sorted by
 * @param fields which attributes are read; all of them when absent
 * @throws 422 for a cursor of another list
 */
export async function newestPage<Row extends { readonly id: string }>(
  type: string,
  timeOf: (row: Row) => string,
  {
    limit,
    cursor,
    fields,
  }: {
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly fields?: readonly string[] | undefined;
  },
): Promise<{ readonly rows: readonly Row[]; readonly next_cursor: string | null }> {
  const after = cursor === undefined ? undefined : parseInstantCursor(cursor);
  const pages = query<Row>(
    {
      ...{ partition: partitions.type(type), order: "desc", fields },
      ...(after && { from: MIN_KEY, to: `${after.value}#${after.id}` }),
    },
    // One of them ended the page before, and one more tells that there are others.
    { pageSize: limit + 2 },
  );
  const { value: page } = await pages.next();
  const found = (page?.items ?? []).filter(({ id }) => id !== after?.id);
  const rows = found.slice(0, limit);
  const end = rows.at(-1);
  const hasMore = found.length > limit || page?.next !== undefined;
  return { rows, next_cursor: hasMore && end ? formatCursor({ value: timeOf(end), id: end.id }) : null };
}
