/** What a table needs that was restored, and so made outside of CloudFormation: settings, and what happened since. */
import { isDeepStrictEqual } from "node:util";
import {
  type CreateTableCommandInput,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  type TableDescription,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateScan,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { ENTITY_NAME, KEY_ATTRIBUTES, primaryKey } from "@success-manager/domain/table";

const TTL_ATTRIBUTE = "expires_at_epoch";

const keySchema = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => [
  { AttributeName: pk, KeyType: "HASH" as const },
  { AttributeName: sk, KeyType: "RANGE" as const },
];
const { primary, ...indexes } = KEY_ATTRIBUTES;

/** The table as infra/data.ts makes it, without what a restore leaves out; a test compares them. */
export const tableDefinition = {
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: keySchema(primary),
  AttributeDefinitions: Object.values(KEY_ATTRIBUTES).flatMap(({ pk, sk }) =>
    [pk, sk].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
  ),
  GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, keys]) => ({
    IndexName,
    KeySchema: keySchema(keys),
    Projection: { ProjectionType: "ALL" as const },
  })),
  SSESpecification: { Enabled: true, SSEType: "KMS" },
} satisfies Omit<CreateTableCommandInput, "TableName">;

export interface Requirement {
  readonly what: string;
  /** undefined: this database does not know it. */
  readonly met: boolean | undefined;
  readonly found: string;
}

/** A local database does not know everything. */
const known = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === "UnknownOperationException") return undefined;
    throw error;
  }
};

const indexesOf = ({ GlobalSecondaryIndexes = [] }: TableDescription) =>
  GlobalSecondaryIndexes.map(
    ({ IndexName, KeySchema = [] }) => `${IndexName}(${KeySchema.map((key) => key.AttributeName)})`,
  ).sort();

const wantedIndexes = indexesOf({ GlobalSecondaryIndexes: tableDefinition.GlobalSecondaryIndexes });

export interface RestoredTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** The name of the stage, which its tables are tagged with. */
  readonly stage: string;
  /** Whether the table refuses deletion: always, but on a disposable stage. */
  readonly isProtected: boolean;
}

async function describe({ client, table }: RestoredTable): Promise<TableDescription> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  if (!Table) throw new Error(`There is no table ${table}`);
  return Table;
}

/** What a table must have before it takes over, and whether it has. Changes nothing. */
export async function checkTable(restored: RestoredTable): Promise<Requirement[]> {
  const { client, table, stage, isProtected } = restored;
  const Table = await describe(restored);
  const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  const backups = await known(client.send(new DescribeContinuousBackupsCommand({ TableName: table })));
  const tags = await client.send(new ListTagsOfResourceCommand({ ResourceArn: Table.TableArn ?? "" }));
  const { TimeToLiveStatus, AttributeName } = ttl.TimeToLiveDescription ?? {};
  const pitr =
    backups?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  const stream = Table.StreamSpecification;
  const tag = tags.Tags?.find(({ Key }) => Key === "stage")?.Value;
  const [found, encryption] = [indexesOf(Table), Table.SSEDescription?.Status];
  const says = (value: unknown) => (value === undefined ? "none" : String(value));
  return [
    { what: "is active", met: Table.TableStatus === "ACTIVE", found: says(Table.TableStatus) },
    {
      what: `has the indexes ${wantedIndexes.join(", ")}, all active`,
      met:
        `${found}` === `${wantedIndexes}` &&
        (Table.GlobalSecondaryIndexes ?? []).every(({ IndexStatus = "ACTIVE" }) => IndexStatus === "ACTIVE"),
      found: found.join(", ") || "none",
    },
    {
      what: "is paid by request",
      met: Table.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST",
      found: says(Table.BillingModeSummary?.BillingMode),
    },
    { what: "is encrypted with the account's key", met: encryption === "ENABLED", found: says(encryption) },
    {
      what: `forgets what has expired (TTL on ${TTL_ATTRIBUTE})`,
      met: ["ENABLED", "ENABLING"].includes(TimeToLiveStatus ?? "") && AttributeName === TTL_ATTRIBUTE,
      found: says(TimeToLiveStatus),
    },
    {
      what: "can be brought back to any second",
      met: backups && pitr === "ENABLED",
      found: backups ? says(pitr) : "this database does not know it",
    },
    {
      what: isProtected ? "refuses to be deleted" : "can be deleted",
      met: (Table.DeletionProtectionEnabled ?? false) === isProtected,
      found: says(Table.DeletionProtectionEnabled),
    },
    { what: `is tagged stage=${stage}`, met: tag === stage, found: says(tag) },
    {
      what: "streams its changes, new and old",
      met: stream?.StreamEnabled === true && stream.StreamViewType === "NEW_AND_OLD_IMAGES",
      found: says(stream?.StreamViewType),
    },
  ];
}

/**
 * Gives a table what a restore leaves out (Developer Guide, "Restoring a table"): TTL, recovery, protection, tags. The
 * stream comes last and on purpose: whoever follows it is told of everything that is written from then on. Doing it
 * again changes nothing.
 */
export async function prepareTable(restored: RestoredTable): Promise<void> {
  const { client, table, stage, isProtected } = restored;
  const TableName = table;
  const active = () => waitUntilTableExists({ client, maxWaitTime: 600 }, { TableName });
  const Table = await describe(restored);
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  if (!["ENABLED", "ENABLING"].includes(TimeToLiveDescription?.TimeToLiveStatus ?? ""))
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      }),
    );
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await known(
    client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification })),
  );
  await client.send(
    new TagResourceCommand({ ResourceArn: Table.TableArn ?? "", Tags: [{ Key: "stage", Value: stage }] }),
  );
  if ((Table.DeletionProtectionEnabled ?? false) !== isProtected) {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: isProtected }));
    await active();
  }
  if (Table.StreamSpecification?.StreamEnabled) return;
  await client.send(
    new UpdateTableCommand({
      TableName,
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  );
  await active();
}

/**
 * What the world outside knows of, so that it can't be taken back: who may sign in, which links and mails went out,
 * what customers answered, what the team was told of. Of these the newer state of the two tables holds.
 */
export const CARRIED = [
  ...["user", "login", "teammate", "password_link", "second_factor", "api_key"],
  ...["survey_link", "survey"],
  ...["alert", "alert_condition", "alert_mail"],
  ...["report_schedule", "report"],
  "suppression",
] as const;

/** Of those, what is about a customer whom the restored table may not have. */
const NO_CUSTOMER = "none";

export interface SettleOptions {
  readonly client: DynamoDBClient;
  /** The restored table. Nobody writes to it yet. */
  readonly table: string;
  /** The one that it takes over from. Without it, whatever was due until now counts as done. */
  readonly from: string | undefined;
  /** Entities that are what was damaged, and so are not taken over. */
  readonly except?: readonly string[];
  readonly now?: Date;
}

export interface Settled {
  /** Items that were taken over, by entity. */
  readonly carried: Readonly<Record<string, number>>;
  /** Users who have to sign in again: all. */
  readonly signedOut: number;
  /** Names of schedules that were paused, because nobody knows whether their report went out. */
  readonly paused: readonly string[];
  /** Names of reports that are left as they are, for the same reason. */
  readonly stopped: readonly string[];
}

type Item = Record<string, unknown>;
/** How long after an alert nobody mails about it any more, and a day. */
const MARKED_SECONDS = 4 * 24 * 60 * 60;

const failedCondition = (error: unknown) => {
  if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
  throw error;
};

/**
 * Brings what can't be taken back into a restored table, before its stream is on: nobody is mailed a second time, signs
 * in with a session or password that was ended, or gets the number of somebody else's ticket. Doing it again changes
 * nothing but that everybody is signed out again.
 */
export async function settle({
  client,
  table,
  from,
  except = [],
  now = new Date(),
}: SettleOptions): Promise<Settled> {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const carried: Record<string, number> = {};
  const customers = new Map<string, boolean>();

  async function get(TableName: string, key: Item): Promise<Item | undefined> {
    const Key = { pk: key.pk, sk: key.sk };
    return (await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  }

  async function* scan(TableName: string, entities: readonly string[]): AsyncGenerator<Item> {
    const names = Object.fromEntries(entities.map((name, n) => [`:e${n}`, name]));
    const pages = paginateScan(
      { client: documents },
      {
        TableName,
        ConsistentRead: true,
        FilterExpression: `#entity IN (${Object.keys(names).join(", ")})`,
        ExpressionAttributeNames: { "#entity": ENTITY_NAME },
        ExpressionAttributeValues: names,
      },
    );
    for await (const { Items = [] } of pages) yield* Items;
  }

  async function hasCustomer(id: unknown): Promise<boolean> {
    if (id === undefined || id === NO_CUSTOMER) return true;
    const known = customers.get(String(id));
    if (known !== undefined) return known;
    const found = (await get(table, primaryKey("customer", String(id)))) !== undefined;
    customers.set(String(id), found);
    return found;
  }

  /** The newer one holds; of what has no revision, the one that was not restored, which is younger. */
  async function carry(item: Item): Promise<void> {
    if (!(await hasCustomer(item.customer_id))) return;
    const hasRevision = typeof item.revision === "number";
    const before = hasRevision ? undefined : await get(table, item);
    if (isDeepStrictEqual(before, item)) return;
    const put = new PutCommand({
      TableName: table,
      Item: item,
      ...(hasRevision && {
        ConditionExpression: "attribute_not_exists(pk) OR revision < :revision",
        ExpressionAttributeValues: { ":revision": item.revision },
      }),
    });
    const done = await documents.send(put).then(() => true, failedCondition);
    const entity = String(item[ENTITY_NAME]);
    if (done) carried[entity] = (carried[entity] ?? 0) + 1;
  }

  async function carryNumber(kind: string, TableName: string): Promise<void> {
    const { last } = (await get(TableName, primaryKey("sequence", kind))) ?? {};
    if (typeof last !== "number") return;
    const update = new UpdateCommand({
      TableName: table,
      Key: primaryKey("sequence", kind),
      UpdateExpression: "SET #last = :last",
      ConditionExpression: "attribute_not_exists(#last) OR #last < :last",
      ExpressionAttributeNames: { "#last": "last" },
      ExpressionAttributeValues: { ":last": last },
    });
    await documents.send(update).catch(failedCondition);
  }

  if (from !== undefined) {
    for await (const item of scan(
      from,
      CARRIED.filter((entity) => !except.includes(entity)),
    ))
      await carry(item);
    await carryNumber("ticket", from);
  }

  const result = { signedOut: 0, paused: [] as string[], stopped: [] as string[] };
  let admins = 0;
  /** Whether the other table can tell what became of it. */
  const isKnown = async (item: Item) => from !== undefined && (await get(from, item)) !== undefined;

  async function signOut(user: Item): Promise<void> {
    await documents.send(
      new UpdateCommand({
        TableName: table,
        Key: { pk: user.pk, sk: user.sk },
        UpdateExpression: "ADD session_epoch :one, revision :one",
        ExpressionAttributeValues: { ":one": 1 },
      }),
    );
    result.signedOut += 1;
    if (user.role === "admin" && user.is_active === true) admins += 1;
  }

  async function stopSchedule(schedule: Item): Promise<void> {
    const isDue = String(schedule.next_scheduled_at) <= now.toISOString();
    if (schedule.is_active !== true || !(from === undefined ? isDue : !(await isKnown(schedule)))) return;
    const { gsi3pk, gsi3sk, ...rest } = schedule;
    const Item = { ...rest, is_active: false, revision: Number(rest.revision) + 1 };
    await documents.send(new PutCommand({ TableName: table, Item }));
    result.paused.push(String(schedule.report_name));
  }

  /** A mail of which nobody knows whether it went out is not sent again (decision 29). */
  async function stopReport(report: Item): Promise<void> {
    if (report.due_at === undefined || (await isKnown(report))) return;
    const { gsi3pk, gsi3sk, due_at, ...rest } = report;
    const deliveries = (Array.isArray(rest.deliveries) ? rest.deliveries : []).map((delivery: Item) =>
      delivery.status === "pending" || delivery.status === "failed"
        ? { ...delivery, status: "unknown" }
        : delivery,
    );
    const status = rest.file_path === undefined ? "failed" : rest.status;
    const Item = { ...rest, deliveries, status, due_key: "", revision: Number(rest.revision) + 1 };
    await documents.send(new PutCommand({ TableName: table, Item }));
    result.stopped.push(String(report.report_name));
  }

  /** Nobody knows which alerts people were told of: all of them. */
  async function markMailed(alert: Item): Promise<void> {
    if (from !== undefined) return;
    const Item = {
      ...primaryKey("alert_mail", String(alert.id)),
      ...{ id: alert.id, expires_at_epoch: Math.ceil(now.getTime() / 1000) + MARKED_SECONDS },
      ...{ [ENTITY_NAME]: "alert_mail", __edb_v__: "1" },
    };
    await documents.send(new PutCommand({ TableName: table, Item }));
  }

  const STEPS: Readonly<Record<string, (item: Item) => Promise<unknown>>> = {
    user: signOut,
    report_schedule: stopSchedule,
    report: stopReport,
    alert: markMailed,
  };
  for await (const item of scan(table, Object.keys(STEPS))) await STEPS[String(item[ENTITY_NAME])]?.(item);
  await documents
    .send(
      new UpdateCommand({
        TableName: table,
        Key: primaryKey("quorum", "admin"),
        UpdateExpression: "SET active = :active",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":active": admins },
      }),
    )
    .catch(failedCondition);
  return { carried, ...result };
}
