import { primaryKey, queryPages } from "../table/index.ts";
import { type Condition, ConditionEntity } from "./entity.ts";

/** How a condition of a customer is read in a batch. */
export const conditionGet = (customer_id: string, condition: string) => ({
  key: { pk: `conditions#${customer_id}`, sk: condition },
  parse: (found: { Item: Record<string, unknown> }) => ConditionEntity.parse(found),
});

/** All conditions of a customer, open or not, strongly consistent. There are a handful. */
export async function conditionsOf(customer_id: string): Promise<Condition[]> {
  const { pk } = primaryKey("conditions", customer_id);
  const found: Condition[] = [];
  const pages = queryPages<Condition>({
    KeyConditionExpression: "pk = :customer",
    ExpressionAttributeValues: { ":customer": pk },
    ConsistentRead: true,
  });
  for await (const { items } of pages) found.push(...items);
  return found;
}
