import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Entity, EntityItem, Schema } from "electrodb";
import { hasOpenClaim, sendWithClaim } from "./claim.ts";
import { database, tableName } from "./client.ts";
import { KEY_ATTRIBUTES, primaryKey, SHARDED_ENTITIES } from "./keys.ts";
import { ENTITY_NAME, expressionOf, type Filter, type GetRequest, toAttributes, toItem } from "./read.ts";
import { createPacer, sleepWithJitter } from "./retry.ts";
import { beginSession, noteWritten, sessionMark } from "./session.ts";
import { signed } from "./writer.ts";

/** The ways to write to the table: `commit` for what belongs together, `commitOne` for a single item. */

type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** One write, whichever entity it is about. */
export type Write = TransactItem;

/** What ElectroDB's operations have in common: their parameters can be asked for instead of being sent. */
interface Operation {
  params<P>(): P;
}

/** Writes of whole items: `create` and `put`. */
export const putItem = (operation: Operation): Write => ({
  Put: operation.params<NonNullable<TransactItem["Put"]>>(),
});

type Update = NonNullable<TransactItem["Update"]>;

/** What an update calls the value that it gives an attribute; undefined when it gives it none. */
export function givenValue(
  { UpdateExpression = "", ExpressionAttributeNames = {} }: Update,
  attribute: string,
) {
  for (const [, name = "", value] of UpdateExpression.matchAll(/(#?\w+) = (:\w+)/g))
    if ((ExpressionAttributeNames[name] ?? name) === attribute) return value;
  return undefined;
}

const BY_TYPE = KEY_ATTRIBUTES.byType;
/** As ElectroDB calls the entity's name, which it writes with every update. */
const NAME_VALUE = `:${ENTITY_NAME}_u0`;

/**
 * An update that changes the place of a row in `byType` names its partition too. ElectroDB does not, as that follows
 * from no attribute: a row that a batch has put into a shard would stay there, where nobody looks after the batch.
 */
function inPartition(update: Update): Update {
  const values = update.ExpressionAttributeValues ?? {};
  const partition = SHARDED_ENTITIES[String(values[NAME_VALUE])];
  if (!partition || !givenValue(update, BY_TYPE.sk) || givenValue(update, BY_TYPE.pk)) return update;
  return {
    ...update,
    UpdateExpression: update.UpdateExpression?.replace("SET ", `SET #${BY_TYPE.pk} = :${BY_TYPE.pk}, `),
    ExpressionAttributeNames: { ...update.ExpressionAttributeNames, [`#${BY_TYPE.pk}`]: BY_TYPE.pk },
    ExpressionAttributeValues: { ...values, [`:${BY_TYPE.pk}`]: partition },
  };
}

/** `patch`, `update` and `upsert`. */
export const updateItem = (operation: Operation): Write => ({
  Update: inPartition(operation.params<Update>()),
});

/** `delete` and `remove`. */
export const deleteItem = (operation: Operation): Write => ({
  Delete: operation.params<NonNullable<TransactItem["Delete"]>>(),
});

/** A condition as DynamoDB is told. */
function conditionOf(filter: Filter) {
  const { expression, names, values } = expressionOf(filter);
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

/** That an item meets these conditions, without writing it. */
export const conditionCheck = ({ key }: Pick<GetRequest<unknown>, "key">, filter: Filter): Write => ({
  ConditionCheck: { TableName: tableName, Key: key, ...conditionOf(filter) },
});

type Item = Readonly<Record<string, unknown>>;

/** What an attribute of an entity may be, as far as it is checked. */
interface Attribute {
  readonly type: unknown;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly set?: unknown;
}

/** What an entity's items consist of, worked out once. */
function modelOf({ schema }: { readonly schema: Schema<string, string, string> }) {
  const attributes = Object.entries(schema.attributes as Readonly<Record<string, Attribute>>);
  const { entity, version } = schema.model;
  if (attributes.some(([, { set }]) => set !== undefined))
    throw new Error(`Attributes of ${entity} are computed: its items are written by ElectroDB's put`);
  const indexes = Object.values(schema.indexes).map(({ pk, sk, condition }) => ({
    keys: [pk, sk].flatMap(({ field, template } = { composite: [] }) =>
      field === undefined || template === undefined ? [] : [{ field, template }],
    ),
    condition: condition as ((item: Item) => boolean) | undefined,
  }));
  return { entity, version, attributes, indexes };
}
const models = new WeakMap<object, ReturnType<typeof modelOf>>();

const isOfType = (value: unknown, type: unknown): boolean => {
  if (Array.isArray(type)) return type.includes(value);
  if (type === "list") return Array.isArray(value);
  return type === "any" || typeof value === (type === "map" ? "object" : type);
};

/**
 * An item as the table holds it: attributes, keys, and the entity's name.
 *
 * @throws when a required attribute is missing or a value is not of its type
 */
export function itemOf(entity: { readonly schema: Schema<string, string, string> }, values: Item): Item {
  let model = models.get(entity);
  if (!model) {
    model = modelOf(entity);
    models.set(entity, model);
  }
  const item: Record<string, unknown> = {};
  for (const [name, attribute] of model.attributes) {
    const value = values[name] ?? attribute.default;
    if (value === undefined ? attribute.required : !isOfType(value, attribute.type))
      throw new Error(`${name} of ${model.entity} is not as it must be`);
    if (value !== undefined) item[name] = value;
  }
  const keys: Record<string, string> = {};
  for (const index of model.indexes) {
    if (index.condition?.(item) === false) continue;
    for (const { field, template } of index.keys)
      keys[field] = template.replace(/\$\{(\w+)\}/g, (_, name: string) => String(item[name]));
  }
  return Object.assign(item, keys, { [ENTITY_NAME]: model.entity, __edb_v__: model.version });
}

/**
 * Writes a whole item, as ElectroDB's `put` does: in a tenth of its time, which is worth it where people wait. Not for
 * entities that compute attributes.
 *
 * @param filter what the stored item must meet; nothing when absent
 * @throws when a required attribute is missing or a value is not of its type, which is our mistake
 */
export const put = <A extends string, F extends string, C extends string, S extends Schema<A, F, C>>(
  entity: Entity<A, F, C, S>,
  item: EntityItem<Entity<A, F, C, S>>,
  filter: Filter = [],
): Write => ({
  Put: {
    TableName: tableName,
    Item: itemOf(entity as never, item as Item) as Record<string, unknown>,
    ...(filter.length > 0 && conditionOf(filter)),
  },
});

type Nullable<T> = { [K in keyof T]: T[K] | null | undefined };

/**
 * Splits wire changes into what ElectroDB sets and removes: an absent key stays, null clears (decision 9).
 */
export function splitChanges<T extends object>(wire: Nullable<T>): { set: Partial<T>; remove: (keyof T)[] } {
  const set: Partial<T> = {};
  const cleared: (keyof T)[] = [];
  for (const key of Object.keys(wire) as (keyof T)[]) {
    const value = wire[key];
    if (value === null) cleared.push(key);
    else if (value !== undefined) set[key] = value as T[keyof T];
  }
  return { set, remove: cleared };
}

/** The same values without nulls, as new items are stored. */
export const omitNull = <T extends object>(wire: Nullable<T>): Partial<T> => splitChanges<T>(wire).set;

/** DynamoDB's limit of a transaction. */
export const MAX_TRANSACTION_ITEMS = 100;

const ATTEMPTS = 8;

/** Reasons to cancel that pass by themselves. */
const RETRYABLE = new Set([
  "None",
  "TransactionConflict",
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
]);

/** What `commit` throws of it, and the SDK of single writes. */
const PASSING = new Set([
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "TransactionConflictException",
]);

let throttled = 0;
/** How often the database had no units left for a transaction of this process: whoever writes a lot slows down. */
const throttledCommits = (): number => throttled;

/** Paces the writes of a batch by what the database takes from this process (`createPacer`). */
export const createPace = () => createPacer(throttledCommits);

interface WrittenKey {
  readonly pk: string;
  readonly sk: string;
}

const listeners = new Set<(key: WrittenKey) => void>();

/** Tells the key of each item that this process writes, once it is written: what it keeps in memory can follow. */
export const onWritten = (listener: (key: WrittenKey) => void): void => {
  listeners.add(listener);
};

const writtenKeys = (writes: readonly Write[]): WrittenKey[] =>
  writes.flatMap(({ Put, Update, Delete }) => {
    const { pk, sk } = Put?.Item ?? Update?.Key ?? Delete?.Key ?? {};
    return typeof pk === "string" && typeof sk === "string" ? [{ pk, sk }] : [];
  });

/** Tells what was written by another way than those of this file. */
export function tellWritten(writes: readonly Write[]): void {
  for (const key of writtenKeys(writes)) {
    noteWritten(key);
    for (const tell of listeners) tell(key);
  }
}

/**
 * The two ends of a request whose caller reads their own writes (`session.ts`): what earlier answers have marked is
 * taken as if it were written here, and the answer gets the mark of what this request has written.
 */
export const consistency = {
  begin(marks: string | undefined): void {
    for (const key of beginSession(marks)) for (const tell of listeners) tell(key);
  },
  mark: sessionMark,
};

/** Where a write has values of items. */
interface WithValues {
  readonly Item?: Item | undefined;
  readonly Key?: Item | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}
type WithAttributes<T> = {
  [K in keyof T]: K extends keyof WithValues ? Record<string, AttributeValue> : T[K];
};

/** A write as the database is told. */
function toInput<T extends WithValues>(write: T): WithAttributes<T> {
  const input: WithValues = { ...write };
  const fields = ["Item", "Key", "ExpressionAttributeValues"] as const;
  for (const field of fields) if (write[field]) Object.assign(input, { [field]: toAttributes(write[field]) });
  return input as WithAttributes<T>;
}

const errorNamed = (name: string, message: string) => Object.assign(new Error(message), { name });

/** The codes of a canceled transaction, one for each item; undefined for any other error. */
function cancellationCodes(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error) || error.name !== "TransactionCanceledException") return undefined;
  if (!("CancellationReasons" in error) || !Array.isArray(error.CancellationReasons)) return undefined;
  return error.CancellationReasons.map((reason: { readonly Code?: string }) => reason.Code ?? "None");
}

/** A second of waiting, at most, from one attempt at a transaction to the next. */
const LONGEST_PAUSE = 6;

/**
 * Writes all or none of up to 100 items of any entities, in one transaction. Answers the indexes of those whose
 * condition failed; none when everything is written. Conflicts with other transactions and throttling pass by
 * themselves and are tried again, up to 8 times if nothing else is said. A transaction that the SDK repeats because its answer was lost is
 * known to the database by its token, and happens once.
 *
 * @throws ThrottlingException or TransactionConflictException when they do not end;
 * TransactionCanceledException when the database cancels for another reason, which is our mistake
 */
export const commit = (
  writes: readonly Write[],
  { attempts = ATTEMPTS, answer }: CommitOptions = {},
): Promise<readonly number[]> =>
  sendWithClaim(writes, answer, {
    // Who deletes an item is an item of its own.
    most: MAX_TRANSACTION_ITEMS - (signed(writes).length - writes.length),
    send: (all) => transact(all, attempts),
    announce: (all) => writtenKeys(all).forEach(noteWritten),
  });

/** @property answer what the caller is answered, where this transaction is all that the call does: it is kept with it */
interface CommitOptions {
  readonly attempts?: number;
  readonly answer?: object & { readonly then?: never };
}

async function transact(writes: readonly Write[], attempts: number): Promise<readonly number[]> {
  let last = "";
  const all = signed(writes);
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      await database.send(
        new TransactWriteItemsCommand({
          TransactItems: all.map(({ Put, Update, Delete, ConditionCheck }) => ({
            Put: Put && toInput(Put),
            Update: Update && toInput(Update),
            Delete: Delete && toInput(Delete),
            ConditionCheck: ConditionCheck && toInput(ConditionCheck),
          })),
          ClientRequestToken: randomUUID(),
        }),
      );
      tellWritten(writes);
      return [];
    } catch (error) {
      const codes = cancellationCodes(error);
      if (!codes) throw error;
      const failed = codes.flatMap((code, index) => (code === "ConditionalCheckFailed" ? [index] : []));
      if (failed.length > 0) return failed;
      if (!codes.every((code) => RETRYABLE.has(code)))
        throw errorNamed("TransactionCanceledException", `Canceled: ${codes.join(", ")}`);
      if (codes.some((code) => code !== "None" && code !== "TransactionConflict")) throttled += 1;
      last = codes.includes("TransactionConflict") ? "TransactionConflictException" : "ThrottlingException";
    }
    await sleepWithJitter(Math.min(attempt, LONGEST_PAUSE));
  }
  throw errorNamed(last, `Not written in ${attempts} attempts`);
}

/** How often the SDK has sent what came to an error. */
const attemptsOf = (error: unknown): number =>
  (error as { readonly $metadata?: { readonly attempts?: number } }).$metadata?.attempts ?? 1;

/** What an update makes of attributes: the values it sets, undefined where it removes; not what it adds to. */
function settledBy({ UpdateExpression = "", ExpressionAttributeNames: names = {}, ...update }: Update): Item {
  const values: Item = update.ExpressionAttributeValues ?? {};
  const settled: Record<string, unknown> = {};
  const sections = UpdateExpression.split(/\b(SET|REMOVE|ADD|DELETE) /);
  sections.forEach((keyword, n) => {
    const clauses = sections[n + 1]?.split(",") ?? [];
    const form = { SET: /^\s*(#?\w+) = (:\w+)\s*$/, REMOVE: /^\s*(#?\w+)\s*$/ }[keyword];
    for (const clause of form ? clauses : []) {
      const [, name, value] = form?.exec(clause) ?? [];
      if (name) settled[names[name] ?? name] = value && values[value];
    }
  });
  return settled;
}

const isSame = (one: unknown, other: unknown): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array
    ? Buffer.compare(one, other) === 0
    : isDeepStrictEqual(one, other);

/**
 * Whether an item is as a write leaves it: it was done before, and the answer was lost. Two callers whose writes are the
 * same in every value can't be told apart.
 *
 * @param found what has refused the write; undefined when there is no item
 */
function isDone({ Put, Update, Delete }: Write, found: Record<string, AttributeValue> | undefined): boolean {
  if (Delete || !found) return Delete !== undefined && !found;
  const wanted = Put?.Item ?? (Update ? settledBy(Update) : {});
  const [left, stored] = [toItem(toAttributes(wanted)), toItem(found)];
  // Without a value that it sets, nothing tells an update from another one.
  if (
    Object.keys(left).length === 0 ||
    (Put && !isSame(Object.keys(left).sort(), Object.keys(stored).sort()))
  )
    return false;
  return Object.keys(wanted).every((name) => isSame(left[name], stored[name]));
}

/**
 * Writes one item without a transaction, for half of its units. Answers whether its condition held. A transaction that
 * writes the item at the same moment passes by itself: then it is tried again. A deletion that is to say whose it is
 * (`writer.ts`) is a transaction. One that the SDK repeats after a lost answer meets its own condition, and finds what
 * it has written itself: that counts as written. Not for what only one caller may do and others write in the same
 * words, such as using up a code: only a transaction knows whose it is.
 *
 * @throws TransactionConflictException when that does not end
 */
export async function commitOne(write: Write, options: Pick<CommitOptions, "answer"> = {}): Promise<boolean> {
  const [own = write, ...beside] = signed([write]);
  // What a call with an idempotency key changes first is written together with its record.
  if (beside.length > 0 || hasOpenClaim()) return (await commit([write], options)).length === 0;
  const { Put, Update, Delete } = own;
  const whatRefused = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  let isRepeated = false;
  try {
    await pastConflicts(async () => {
      try {
        if (Put) await database.send(new PutItemCommand({ ...toInput(Put), ...whatRefused }));
        if (Update) await database.send(new UpdateItemCommand({ ...toInput(Update), ...whatRefused }));
        if (Delete) await database.send(new DeleteItemCommand({ ...toInput(Delete), ...whatRefused }));
      } catch (error) {
        isRepeated ||= attemptsOf(error) > 1;
        throw error;
      }
    });
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    if (!isRepeated || !isDone(own, error.Item)) return false;
  }
  tellWritten([write]);
  return true;
}

/** Sends a single write again while a transaction is at its item: then it was not done, and that passes by itself. */
async function pastConflicts<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const isConflict = error instanceof Error && error.name === "TransactionConflictException";
      if (!isConflict || attempt >= ATTEMPTS - 1) throw error;
    }
    await sleepWithJitter(attempt);
  }
}

/**
 * Writes all or none: one write by itself, for half of its units and without waiting for other transactions, several as
 * `commit` does. Answers the indexes of those whose condition failed.
 */
export async function commitAll(
  writes: readonly Write[],
  options: Pick<CommitOptions, "answer"> = {},
): Promise<readonly number[]> {
  const [only, ...others] = writes;
  if (only === undefined) return [];
  if (others.length > 0 || "ConditionCheck" in only) return commit(writes, options);
  return (await commitOne(only, options)) ? [] : [0];
}

/**
 * The next number of a kind, from 1 on: one write, and no two callers get the same. A number whose use fails is not
 * given again.
 *
 * @param count how many numbers are taken; the last of them is answered
 */
export async function takeNumber(kind: string, count = 1): Promise<number> {
  const { Attributes } = await pastConflicts(() =>
    database.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: toAttributes(primaryKey("sequence", kind)),
        UpdateExpression: "ADD #last :count",
        ExpressionAttributeNames: { "#last": "last" },
        ExpressionAttributeValues: toAttributes({ ":count": count }),
        ReturnValues: "UPDATED_NEW",
      }),
    ),
  );
  return Number(Attributes?.last?.N);
}

/**
 * Counts something: an update by itself that adds to numbers of an item, where its condition holds. Costs no more than
 * one that answers nothing.
 *
 * @returns whether it was counted, and the item's numbers: after it, or where it was refused, as they are
 */
export async function countOne({ Update }: Write): Promise<{
  readonly isCounted: boolean;
  readonly numbers: ReadonlyMap<string, number>;
}> {
  if (!Update) throw new Error("only an update counts");
  const numbersOf = (item: Readonly<Record<string, AttributeValue>> = {}) =>
    new Map(Object.entries(item).flatMap(([name, { N }]) => (N === undefined ? [] : [[name, Number(N)]])));
  try {
    const { Attributes } = await pastConflicts(() =>
      database.send(
        new UpdateItemCommand({
          ...toInput(Update),
          ReturnValues: "UPDATED_NEW",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      ),
    );
    return { isCounted: true, numbers: numbersOf(Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { isCounted: false, numbers: numbersOf(error.Item) };
  }
}

/** True when an error is a failed condition of a single write, also as ElectroDB wraps it. */
export function conditionFailed(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause)
    if (e.name === "ConditionalCheckFailedException") return true;
  return false;
}

/**
 * Writes parts that are each all or nothing in one transaction. A part whose condition failed is left out and the
 * others are written; answers the parts that were left out.
 *
 * @param parts of at most 100 writes together
 * @throws as `commit`; nothing is written then
 */
export async function commitIndependent<T>(
  parts: readonly T[],
  writesOf: (part: T) => readonly Write[],
): Promise<readonly T[]> {
  if (parts.length === 0) return [];
  const writes = parts.map(writesOf);
  const failed = await commit(writes.flat());
  if (failed.length === 0) return [];
  const ownerOf = writes.flatMap((some, part) => some.map(() => part));
  const overtaken = new Set(failed.map((index) => ownerOf[index]));
  const others = await commitIndependent(
    parts.filter((_, part) => !overtaken.has(part)),
    writesOf,
  );
  return [...parts.filter((_, part) => overtaken.has(part)), ...others];
}

/** For so long a batch waits for units: up to some seconds in all, at random. */
const FIRST_PAUSE = 6;
const PAUSES = 3;

/**
 * The same for batches, which have time: what is not written because the database has no units left, or others keep
 * the items busy, is written together once more, up to three times. One by one, the parts would take as many units in
 * thirty times as many requests, just when there are none.
 */
export async function commitPatiently<T>(
  parts: readonly T[],
  writesOf: (part: T) => readonly Write[],
): Promise<readonly T[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await commitIndependent(parts, writesOf);
    } catch (error) {
      if (attempt >= PAUSES || !(error instanceof Error) || !PASSING.has(error.name)) throw error;
    }
    await sleepWithJitter(FIRST_PAUSE + attempt);
  }
}

/** Groups parts, in their order, so that the writes of each group fit into one transaction. */
export function chunkByWrites<T>(parts: readonly T[], sizeOf: (part: T) => number): T[][] {
  const chunks: T[][] = [];
  let room = 0;
  for (const part of parts) {
    const size = sizeOf(part);
    if (size > room) {
      chunks.push([]);
      room = MAX_TRANSACTION_ITEMS;
    }
    chunks.at(-1)?.push(part);
    room -= size;
  }
  return chunks;
}
