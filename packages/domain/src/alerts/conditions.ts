import { type AlertState, AlertStateEntity, partitions, queryAll } from "../table/index.ts";
/** How a condition of a customer is read in a batch. */
export const alertStateRequest = (customer_id: string, condition: string) => ({
  key: { pk: partitions.alertStates(customer_id).key, sk: condition },
  parse: (found: { Item: Record<string, unknown> }) => AlertStateEntity.parse(found),
});

/** All conditions of a customer, open or not, strongly consistent. There are a handful. */
export async function alertStatesOf(customer_id: string): Promise<AlertState[]> {
  return queryAll<AlertState>({ partition: partitions.alertStates(customer_id), consistent: true });
}
