import { type Condition, ConditionEntity, partitions, queryAll } from "../table/index.ts";
/** How a condition of a customer is read in a batch. */
export const conditionGet = (customer_id: string, condition: string) => ({
  key: { pk: partitions.alertStates(customer_id).key, sk: condition },
  parse: (found: { Item: Record<string, unknown> }) => ConditionEntity.parse(found),
});

/** All conditions of a customer, open or not, strongly consistent. There are a handful. */
export async function conditionsOf(customer_id: string): Promise<Condition[]> {
  return queryAll<Condition>({ partition: partitions.alertStates(customer_id), consistent: true });
}
