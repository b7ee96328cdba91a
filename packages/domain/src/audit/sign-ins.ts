/** Failed sign-ins, as far as strangers can't fill the table with them. */
import { commitOne, failedSignInKey, tableName } from "../table/index.ts";

const HOUR_MS = 60 * 60 * 1000;
/** Longer than a record of the stream can be on its way, dead letters included. */
const KEPT_SECONDS = 30 * 24 * 60 * 60;

/**
 * Counts a failed sign-in at an account, or at an address that nobody has: one item for each hour, which is an entry of
 * the trail with its 1st, 10th, 100th … attempt. So an account has some four entries an hour at most, and all addresses
 * that nobody has share as many.
 *
 * @param user_id whose account it is; undefined when nobody has the address
 */
export async function noteFailedSignIn(user_id: string | undefined, now = Date.now()): Promise<void> {
  const hour = new Date(Math.floor(now / HOUR_MS) * HOUR_MS).toISOString().slice(0, 13);
  await commitOne({
    Update: {
      TableName: tableName,
      Key: failedSignInKey(user_id ?? "unknown", hour),
      UpdateExpression: "ADD #attempts :one SET #account = :account, expires_at_epoch = :expires",
      ExpressionAttributeNames: { "#attempts": "attempts", "#account": "account" },
      ExpressionAttributeValues: {
        ":one": 1,
        ":account": user_id ?? "unknown",
        ":expires": Math.floor(now / 1000) + KEPT_SECONDS,
      },
    },
  });
}
