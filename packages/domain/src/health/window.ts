import { DAY_MS } from "../calendar/index.ts";
import { queryPages } from "../table/index.ts";
import { type Answer, type Contact, WINDOW_DAYS } from "./formula.ts";

type Entry = ({ readonly __edb_e__: "interaction" } & Contact) | ({ readonly __edb_e__: "survey" } & Answer);

/** What happened with a customer in the days that scoring looks at: only what it reads, in one query. */
export async function recent(
  customer_id: string,
  now: Date,
): Promise<{ contacts: Contact[]; answers: Answer[] }> {
  const contacts: Contact[] = [];
  const answers: Answer[] = [];
  const pages = queryPages<Entry>({
    IndexName: "byCustomer",
    KeyConditionExpression: "gsi1pk = :customer AND gsi1sk BETWEEN :since AND :until",
    ProjectionExpression:
      "#entity, interaction_type, sentiment, interaction_date, survey_type, score, submitted_at",
    ExpressionAttributeNames: { "#entity": "__edb_e__" },
    ExpressionAttributeValues: {
      ":customer": `customer#${customer_id}`,
      ":since": new Date(now.getTime() - WINDOW_DAYS * DAY_MS).toISOString(),
      // "~" sorts behind the "#" that separates the instant from an id.
      ":until": `${now.toISOString()}~`,
    },
  });
  for await (const { items } of pages)
    for (const entry of items) {
      if (entry.__edb_e__ === "interaction") contacts.push(entry);
      if (entry.__edb_e__ === "survey") answers.push(entry);
    }
  return { contacts, answers };
}
