import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { config } from "../config.ts";

/** Fail a request that the database does not take up in time, so that the SDK can try again elsewhere. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

/** The one connection of a container. How often it tries is the deployment's choice (AWS_MAX_ATTEMPTS). */
export const dynamo = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  }),
  { marshallOptions: { removeUndefinedValues: true } },
);

/** The table's name, from the deployment. */
export const tableName = config().TABLE_NAME;

/** Where every entity lives. */
export const table = { client: dynamo, table: tableName };

// Its logger copies every answer to leave out what is sensitive, also when nobody logs: a tenth of a request's time.
dynamo.middlewareStack.remove("loggerMiddleware");
