import { hash } from "node:crypto";

/**
 * The indexes of the table; each means the same for every entity.
 * `casing: "none"` everywhere: what is stored under a key is what was asked for.
 */

/** The key attributes of each index. */
export const KEY_ATTRIBUTES = {
  primary: { pk: "pk", sk: "sk" },
  byCustomer: { pk: "gsi1pk", sk: "gsi1sk" },
  byType: { pk: "gsi2pk", sk: "gsi2sk" },
  byDueDate: { pk: "gsi3pk", sk: "gsi3sk" },
} as const;

/** What the table and ElectroDB store beside an item's own attributes, apart from the entity's name. */
export const STORAGE_ATTRIBUTES: readonly string[] = [
  ...Object.values(KEY_ATTRIBUTES).flatMap(({ pk, sk }) => [pk, sk]),
  "__edb_v__",
];

/** Items that stand together, in the order of their sort keys. */
export interface Partition {
  readonly index: keyof typeof KEY_ATTRIBUTES;
  readonly key: string;
}

/** The partition of `byType` that holds the rows of the directory, in the order of their last change. */
export const DIRECTORY = "directory";

/**
 * Partitions of `byType` that stand by last change and that batches write to: a score of every customer, an alert of
 * every second one. What batches write stands in shards of them, so that it is spread (`shards.ts`).
 */
export const SHARDED = [DIRECTORY, "alert_condition"] as const;
export type ShardedPartition = (typeof SHARDED)[number];

/** How many shards each of them has. More need a migration: a row's shard is worked out, not stored. */
export const SHARDS = 16;

/**
 * The shard of an item, from 0: the first byte of the SHA-256 of its partition key, which holds its id, modulo the
 * number of shards. So it is the same for ever, and every shard has a 16th of the items.
 */
export const shardOf = (pk: string): number => (hash("sha256", pk, "buffer")[0] ?? 0) % SHARDS;

export const shardKey = (partition: ShardedPartition, shard: number): string => `${partition}#${shard}`;

/** The entities whose items stand there. */
export const SHARDED_ENTITIES: Readonly<Record<string, ShardedPartition>> = {
  customer: DIRECTORY,
  deployment: DIRECTORY,
  latest_score: DIRECTORY,
  last_contact: DIRECTORY,
  outcome_ledger: DIRECTORY,
  renewal: DIRECTORY,
  teammate: DIRECTORY,
  alert_condition: "alert_condition",
};

const isSharded = (partition: string): partition is ShardedPartition =>
  SHARDED.some((one) => one === partition);

/** Every partition that is read by a query. */
export const partitions = {
  /** What happened with a customer, across entities, by time. */
  customer: (customer_id: string): Partition => ({ index: "byCustomer", key: `customer#${customer_id}` }),
  /** The tickets of a customer by time. Apart from what happened: there, the interaction stands for its ticket. */
  customerTickets: (customer_id: string): Partition => ({
    index: "byCustomer",
    key: `tickets#${customer_id}`,
  }),
  /** The comments of a ticket by time. */
  ticketComments: (ticket_id: string): Partition => ({
    index: "primary",
    key: `ticket_comments#${ticket_id}`,
  }),
  /** All items of an entity by time; of `directory` and `alert_condition` by their last change. */
  type: (entity: string): Partition => ({ index: "byType", key: entity }),
  /** The shards of a partition of `byType`; none of most. */
  shards: (partition: string): Partition[] =>
    isSharded(partition)
      ? Array.from({ length: SHARDS }, (_, n) => ({ index: "byType", key: shardKey(partition, n) }))
      : [],
  /** All places where the items of a partition of `byType` stand. */
  everywhere: (partition: string): Partition[] => [
    partitions.type(partition),
    ...partitions.shards(partition),
  ],
  /** The survey links of a customer by time. Apart from what happened: the timeline need not read past them. */
  surveyLinks: (customer_id: string): Partition => ({
    index: "byCustomer",
    key: `survey_links#${customer_id}`,
  }),
  /** The scores of a customer that are shown among what happened, by time. */
  scoreEntries: (customer_id: string): Partition => ({
    index: "byCustomer",
    key: `score_entries#${customer_id}`,
  }),
  /** Open deadlines of a kind by date. */
  dueDate: (kind: string): Partition => ({ index: "byDueDate", key: kind }),
  /** The scores of a customer by time. */
  scores: (customer_id: string): Partition => ({ index: "primary", key: `scores#${customer_id}` }),
  /** What is known of the alerts of a customer, one item for each thing that an alert can be about. */
  alertStates: (customer_id: string): Partition => ({ index: "primary", key: `conditions#${customer_id}` }),
  /** The sessions of a user, oldest first. */
  sessions: (user_id: string): Partition => ({ index: "primary", key: `session#${user_id}` }),
  /** Which rows of a list have changed, by the moment when the stream told so. */
  listChanges: (entity: string): Partition => ({ index: "primary", key: `list_changes#${entity}` }),
  /** What became of each migration. */
  migrations: (): Partition => ({ index: "primary", key: "migrations" }),
  /** Forecasts of renewals as they were, by quarter and week, and what became of them. */
  renewalForecasts: (): Partition => ({ index: "primary", key: "renewal_forecasts" }),
  /** The counters of a series, by period. */
  counters: (series: string): Partition => ({ index: "primary", key: `rollup#${series}` }),
} as const;

/** The primary key: the entity's own id. */
export const byId = <const A extends string>(entity: string, attribute: A) =>
  ({
    pk: { field: "pk", composite: [attribute], template: `${entity}#\${${attribute}}`, casing: "none" },
    sk: { field: "sk", composite: [], template: entity, casing: "none" },
  }) as const;

/** The primary key of a session: all of a user stand together. */
export const sessionOfUser = {
  pk: { field: "pk", composite: ["user_id"], template: "session#${user_id}", casing: "none" },
  sk: { field: "sk", composite: ["id"], template: "${id}", casing: "none" },
} as const;

/** The primary key of what is read together with the counters of a series: `<kind>#<attribute>`, among their periods. */
export const besideCounters = <const A extends string>(series: string, kind: string, attribute: A) =>
  ({
    pk: { field: "pk", composite: [], template: partitions.counters(series).key, casing: "none" },
    sk: { field: "sk", composite: [attribute], template: `${kind}#\${${attribute}}`, casing: "none" },
  }) as const;

/** The key that `byId` gives an item, without asking ElectroDB: a signed-in request needs two of them. */
export const primaryKey = (entity: string, id: string) => ({ pk: `${entity}#${id}`, sk: entity });

/** The calls of an address in a minute, or at an account in an hour (since 1970), by kind of call. */
export const rateLimitKey = (kind: string, callerHash: string, period: number) => ({
  pk: `${kind}#${callerHash}#${period}`,
  sk: kind,
});

/** What keeps a person to one export or erasure at a time. */
export const openRunKey = (open_key: string) => ({ pk: `personal_data_open#${open_key}`, sk: "open" });

/** Failed sign-ins at an account in an hour (`YYYY-MM-DDTHH`). */
export const failedSignInKey = (account: string, hour: string) => ({
  pk: `failed_sign_ins#${account}#${hour}`,
  sk: "failed_sign_ins",
});

/** The key of `byType` that makes an item a row of the directory; as `inDirectory` gives it. */
export const directoryKey = (changed_at: string, id: string) => ({
  gsi2pk: DIRECTORY,
  gsi2sk: `${changed_at}#${id}`,
});

/** `byType`, among the rows of the directory. */
export const inDirectory = <const A extends string>(attribute: A) =>
  ({
    index: "byType",
    pk: { field: "gsi2pk", composite: [], template: DIRECTORY, casing: "none" },
    sk: {
      field: "gsi2sk",
      composite: ["changed_at", attribute],
      template: `\${changed_at}#\${${attribute}}`,
      casing: "none",
    },
  }) as const;

/** `byType`: all entities of a kind, by time. */
export const typeByTime = <const T extends string, const I extends string = "id">(
  entity: string,
  time: T,
  id = "id" as I,
) =>
  ({
    index: "byType",
    pk: { field: "gsi2pk", composite: [], template: entity, casing: "none" },
    sk: { field: "gsi2sk", composite: [time, id], template: `\${${time}}#\${${id}}`, casing: "none" },
  }) as const;

/** `byCustomer`: what happened with a customer, across entities, by time. */
export const customerTimeline = <const T extends string>(time: T) =>
  ({
    index: "byCustomer",
    pk: { field: "gsi1pk", composite: ["customer_id"], template: "customer#${customer_id}", casing: "none" },
    sk: { field: "gsi1sk", composite: [time, "id"], template: `\${${time}}#\${id}`, casing: "none" },
  }) as const;

/** `byCustomer`: items of a kind that stand by themselves, not among what happened with the customer; by time. */
export const customersOwn = <const K extends string, const T extends string = "created_at">(
  kind: K,
  time = "created_at" as T,
) =>
  ({
    index: "byCustomer",
    pk: { field: "gsi1pk", composite: ["customer_id"], template: `${kind}#\${customer_id}`, casing: "none" },
    sk: { field: "gsi1sk", composite: [time, "id"], template: `\${${time}}#\${id}`, casing: "none" },
  }) as const;

/** The same for items that may be about no customer. `isOfCustomer` says which ones are about one. */
export const customerTimelineIf = <const T extends string, A>(time: T, isOfCustomer: (item: A) => boolean) =>
  ({ ...customerTimeline(time), condition: isOfCustomer }) as const;

/** `byDueDate`: deadlines of a kind that are still open, soonest first. `isOpen` says which items have one. */
export const byDueDate = <const D extends string, A>(kind: string, due: D, isOpen: (item: A) => boolean) =>
  ({
    index: "byDueDate",
    condition: isOpen,
    pk: { field: "gsi3pk", composite: [], template: kind, casing: "none" },
    sk: { field: "gsi3sk", composite: [due, "id"], template: `\${${due}}#\${id}`, casing: "none" },
  }) as const;
