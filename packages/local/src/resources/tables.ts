import * as z from "zod";
import { type Assembly, type Resource, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";
import { createDynamoDbApi, type DynamoDbCall } from "./dynamodb-api.ts";

const Keys = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }));

const Index = z.object({
  IndexName: z.string(),
  KeySchema: Keys,
  Projection: z.object({
    ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
});

const Properties = z.object({
  KeySchema: Keys,
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) }),
  ),
  GlobalSecondaryIndexes: z.array(Index).optional(),
  LocalSecondaryIndexes: z.array(Index).optional(),
  StreamSpecification: z
    .object({ StreamViewType: z.enum(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]) })
    .optional(),
  TimeToLiveSpecification: z
    .object({ AttributeName: z.string().optional(), Enabled: z.boolean() })
    .optional(),
});
/**
 * Creates the template's tables that are not there yet; answers their names. Throws when a table is there with other
 * keys or indexes: data of an older definition would silently give wrong answers.
 *
 * @param options.expires whether the database removes items whose time is over; by its own clock
 */
export async function createTables(
  assembly: Assembly,
  resolver: Resolver,
  endpoint: string,
  { expires = true }: { readonly expires?: boolean } = {},
): Promise<string[]> {
  const { call, close } = createDynamoDbApi(endpoint);
  const created: string[] = [];
  try {
    for (const table of resourcesOf(assembly, "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")) {
      if (await createTable(call, table, resolver, expires)) created.push(resolver.nameOf(table));
    }
    return created;
  } finally {
    close();
  }
}

/** Answers whether the table was not there. */
async function createTable(
  call: DynamoDbCall,
  resource: Resource,
  resolver: Resolver,
  expires: boolean,
): Promise<boolean> {
  const TableName = resolver.nameOf(resource);
  const expected = resolver.properties(resource, Properties);
  const existing = await describe(call, TableName);
  if (existing !== undefined) {
    if (keysAndIndexes(existing) === keysAndIndexes(expected)) return false;
    throw new Error(
      `table ${TableName} exists with other keys or indexes than the template's; start with --fresh`,
    );
  }
  const { StreamSpecification, TimeToLiveSpecification, ...definition } = expected;
  await call("CreateTable", {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    ...definition,
    ...(StreamSpecification && { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
  });
  if (expires && TimeToLiveSpecification?.Enabled === true) {
    const AttributeName = TimeToLiveSpecification.AttributeName;
    await call("UpdateTimeToLive", {
      TableName,
      TimeToLiveSpecification: { AttributeName, Enabled: true },
    });
  }
  return true;
}

/** What a database tells of a table, as far as it matters here. */
const Described = z.object({
  Table: Properties.pick({ KeySchema: true, AttributeDefinitions: true }).extend({
    GlobalSecondaryIndexes: z.array(Index.pick({ IndexName: true, KeySchema: true })).nullish(),
  }),
});
type Described = z.output<typeof Described>["Table"];

async function describe(call: DynamoDbCall, TableName: string): Promise<Described | undefined> {
  try {
    return Described.parse(await call("DescribeTable", { TableName })).Table;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

/** Keys and indexes as one comparable text, whatever their order. */
function keysAndIndexes({ KeySchema, AttributeDefinitions, GlobalSecondaryIndexes }: Described): string {
  const keys = (schema: Described["KeySchema"]) =>
    schema.map((key) => `${key.KeyType}:${key.AttributeName}`).sort();
  return JSON.stringify({
    keys: keys(KeySchema),
    attributes: AttributeDefinitions.map((item) => `${item.AttributeName}:${item.AttributeType}`).sort(),
    indexes: (GlobalSecondaryIndexes ?? []).map((item) => `${item.IndexName} ${keys(item.KeySchema)}`).sort(),
  });
}
