/** Taking what is personal out of entries. Their proofs stay, so the chain holds as before. */
import { auditPartitions, commitOne, query, type StoredAuditEntry, tableName } from "../table/index.ts";

type Stored = StoredAuditEntry & { readonly pk: string; readonly sk: string };

/** Removes values with the key that proves them: without it, the proof says nothing about them. */
async function takeOut({ pk, sk }: Stored, part: "personal" | "actor"): Promise<void> {
  const [value, key] =
    part === "personal" ? (["personal", "personal_key"] as const) : (["actor_name", "actor_key"] as const);
  await commitOne({
    Update: {
      TableName: tableName,
      Key: { pk, sk },
      UpdateExpression: "REMOVE #value, #key",
      ConditionExpression: "attribute_exists(#pk)",
      ExpressionAttributeNames: { "#value": value, "#key": key, "#pk": "pk" },
    },
  });
}

/**
 * Takes out of the entries about a thing what is personal, where it says something of a person; or only counts them, for
 * who has to say beforehand how many it will be. Answers how many.
 *
 * @param says whether a text says something of the person
 */
export async function eraseFrom(
  entity: string,
  id: string,
  says: (text: string) => boolean,
  how: "erase" | "count" = "erase",
): Promise<number> {
  let count = 0;
  for await (const { items } of query<Stored>({ partition: auditPartitions.of(entity, id) }))
    for (const entry of items)
      if (entry.personal !== undefined && says(entry.personal)) {
        if (how === "erase") await takeOut(entry, "personal");
        count += 1;
      }
  return count;
}

/**
 * Takes the name of who made them out of somebody's entries, and what is personal of their sessions; or only counts them.
 * Answers how many.
 */
export async function eraseActor(actor_id: string, how: "erase" | "count" = "erase"): Promise<number> {
  let count = 0;
  for await (const { items } of query<Stored>({ partition: auditPartitions.by(actor_id) }))
    for (const entry of items) {
      const parts = [
        ...(entry.actor_name === undefined ? [] : ["actor" as const]),
        ...(entry.subject === "session" && entry.personal !== undefined ? ["personal" as const] : []),
      ];
      if (how === "erase") for (const part of parts) await takeOut(entry, part);
      if (parts.length > 0) count += 1;
    }
  return count;
}
