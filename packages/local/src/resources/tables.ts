import {
  type AttributeDefinition,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { type Assembly, type Resource, resourcesOf } from "../template/assembly.ts";
import { region } from "../template/references.ts";
import type { Resolver } from "../template/resolver.ts";

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
type TableProperties = z.output<typeof Properties>;

/**
 * Creates the template's tables that are not there yet; answers their names. Throws when a table is there with other
 * keys or indexes: data of an older definition would silently give wrong answers.
 */
export async function createTables(
  assembly: Assembly,
  resolver: Resolver,
  endpoint: string,
): Promise<string[]> {
  const client = new DynamoDBClient({
    endpoint,
    region,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
  });
  const created: string[] = [];
  try {
    for (const table of resourcesOf(assembly, "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")) {
      if (await createTable(client, table, resolver)) created.push(resolver.nameOf(table));
    }
    return created;
  } finally {
    client.destroy();
  }
}

/** Answers whether the table was not there. */
async function createTable(client: DynamoDBClient, resource: Resource, resolver: Resolver): Promise<boolean> {
  const TableName = resolver.nameOf(resource);
  const expected = resolver.properties(resource, Properties);
  const existing = await describe(client, TableName);
  if (existing !== undefined) {
    if (keysAndIndexes(existing) === keysAndIndexes(expected)) return false;
    throw new Error(
      `table ${TableName} exists with other keys or indexes than the template's; start with --fresh`,
    );
  }
  const { StreamSpecification, TimeToLiveSpecification, ...definition } = expected;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      ...definition,
      ...(StreamSpecification && { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
    }),
  );
  if (TimeToLiveSpecification?.Enabled === true) {
    const AttributeName = TimeToLiveSpecification.AttributeName;
    await client.send(
      new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled: true } }),
    );
  }
  return true;
}

async function describe(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

type KeysAndIndexes = {
  KeySchema?: KeySchemaElement[] | undefined;
  AttributeDefinitions?: AttributeDefinition[] | undefined;
  GlobalSecondaryIndexes?:
    | { IndexName?: string | undefined; KeySchema?: KeySchemaElement[] | undefined }[]
    | undefined;
};

/** Keys and indexes as one comparable text, whatever their order. */
function keysAndIndexes(table: TableProperties | TableDescription): string {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes }: KeysAndIndexes = table;
  const keys = (schema: KeySchemaElement[] = []) =>
    schema.map((key) => `${key.KeyType}:${key.AttributeName}`).sort();
  return JSON.stringify({
    keys: keys(KeySchema),
    attributes: (AttributeDefinitions ?? [])
      .map((item) => `${item.AttributeName}:${item.AttributeType}`)
      .sort(),
    indexes: (GlobalSecondaryIndexes ?? []).map((item) => `${item.IndexName} ${keys(item.KeySchema)}`).sort(),
  });
}
