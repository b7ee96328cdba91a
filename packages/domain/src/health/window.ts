import { DAY_MS } from "../calendar.ts";
import { ENTITY_NAME, MAX_KEY, partitions, query } from "../table/index.ts";
import { type Answer, type Contact, WINDOW_DAYS } from "./formula.ts";

type Entry = ({ readonly __edb_e__: "interaction" } & Contact) | ({ readonly __edb_e__: "survey" } & Answer);

/** What the formula reads of an entry. */
const FIELDS = [
  ENTITY_NAME,
  "interaction_type",
  "sentiment",
  "interaction_date",
  "survey_type",
  "score",
  "submitted_at",
] as const;

/** What happened with a customer in the days that scoring looks at: only what it reads, in one query. */
export async function recent(
  customer_id: string,
  now: Date,
): Promise<{ contacts: Contact[]; answers: Answer[] }> {
  const contacts: Contact[] = [];
  const answers: Answer[] = [];
  const pages = query<Entry>({
    partition: partitions.customer(customer_id),
    from: new Date(now.getTime() - WINDOW_DAYS * DAY_MS).toISOString(),
    // Behind the "#" that separates the instant from an id.
    to: `${now.toISOString()}${MAX_KEY}`,
    fields: FIELDS,
  });
  for await (const { items } of pages)
    for (const entry of items) {
      if (entry.__edb_e__ === "interaction") contacts.push(entry);
      if (entry.__edb_e__ === "survey") answers.push(entry);
    }
  return { contacts, answers };
}
