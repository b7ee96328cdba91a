import { createHash } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { tooManyRequests } from "@success-manager/contract/problem";
import { conditionFailed, dynamo, tableName } from "../table/index.ts";

/** Decision 22: log-ins per minute, per account and address together, and per address. */
const PER_ACCOUNT = 10;
const PER_ADDRESS = 100;

const MINUTE = 60;
/** Counters of past minutes may stay this long; the table's TTL removes them. */
const KEPT_SECONDS = 10 * MINUTE;

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/**
 * Counts a log-in attempt, in one write: an address has one item per minute, an account is a number in it.
 *
 * @param account the address that somebody tries to sign in with, normalized
 * @throws 429 with the seconds until the next minute
 */
export async function countLogin(sourceIp: string, account: string, now = Date.now()): Promise<void> {
  const seconds = Math.floor(now / 1000);
  const minute = Math.floor(seconds / MINUTE);
  try {
    await dynamo.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk: `logins#${hash(sourceIp)}#${minute}`, sk: "logins" },
        UpdateExpression: "ADD #all :one, #account :one SET expires_at_epoch = :expires",
        ConditionExpression:
          "(attribute_not_exists(#all) OR #all < :perAddress) AND (attribute_not_exists(#account) OR #account < :perAccount)",
        ExpressionAttributeNames: { "#all": "attempts", "#account": `account_${hash(account)}` },
        ExpressionAttributeValues: {
          ":one": 1,
          ":expires": seconds + KEPT_SECONDS,
          ":perAddress": PER_ADDRESS,
          ":perAccount": PER_ACCOUNT,
        },
      }),
    );
  } catch (error) {
    if (conditionFailed(error)) throw tooManyRequests((minute + 1) * MINUTE - seconds);
    throw error;
  }
}
