import { createHash } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { tooManyRequests } from "@success-manager/contract/problem";
import { conditionFailed, dynamo, tableName } from "../table/index.ts";

const MINUTE = 60;
/** Counters of past minutes may stay this long; the table's TTL removes them. */
const KEPT_SECONDS = 10 * MINUTE;

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** A number that grows with a call, and how far it may. */
export interface Limit {
  /** Whose calls are counted apart from others' of the same address; all of the address when absent. */
  readonly of?: string;
  readonly most: number;
}

/**
 * Counts a call of an address, in one write: an address has one item per kind and minute, each limit is a number in
 * it. A call that is refused is not counted.
 *
 * @param kind of calls, as the item is named
 * @param sourceIp the gateway's view of the caller's address
 * @throws 429 with the seconds until the next minute when one of the limits is reached
 */
export async function count(
  kind: string,
  sourceIp: string,
  limits: readonly Limit[],
  now: number,
): Promise<void> {
  const seconds = Math.floor(now / 1000);
  const minute = Math.floor(seconds / MINUTE);
  const counters = limits.map(({ of, most }, n) => ({
    name: `#c${n}`,
    attribute: of === undefined ? "attempts" : `account_${hash(of)}`,
    value: `:most${n}`,
    most,
  }));
  try {
    await dynamo.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk: `${kind}#${hash(sourceIp)}#${minute}`, sk: kind },
        UpdateExpression: `ADD ${counters.map(({ name }) => `${name} :one`).join(", ")} SET expires_at_epoch = :expires`,
        ConditionExpression: counters
          .map(({ name, value }) => `(attribute_not_exists(${name}) OR ${name} < ${value})`)
          .join(" AND "),
        ExpressionAttributeNames: Object.fromEntries(
          counters.map(({ name, attribute }) => [name, attribute]),
        ),
        ExpressionAttributeValues: {
          ":one": 1,
          ":expires": seconds + KEPT_SECONDS,
          ...Object.fromEntries(counters.map(({ value, most }) => [value, most])),
        },
      }),
    );
  } catch (error) {
    if (conditionFailed(error)) throw tooManyRequests((minute + 1) * MINUTE - seconds);
    throw error;
  }
}
