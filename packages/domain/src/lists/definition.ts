import { ENTITY_NAME, equals, type Filter, MAX_KEY, MIN_KEY, partitions } from "../table/index.ts";
import type { IndexRange } from "./index-range.ts";
import type { SearchFields } from "./search.ts";

/** What the table, its partition of `byType` and the counters call a kind of rows. */
export type Entity = "interaction" | "survey" | "alert";

/** A kind of rows by time: in `byType` among their like, in `byCustomer` among all that happened. */
export interface ListDefinition<Row> {
  readonly entity: Entity;
  /** The instant that rows are sorted by. */
  readonly time: (row: Row) => string;
  /** What lists read of a row. */
  readonly fields: readonly (keyof Row & string)[];
  readonly texts: SearchFields;
}

/** Which of them are asked for, and in which order. */
export interface Selection {
  /** Of one customer; of all when absent. */
  readonly customer_id?: string | undefined;
  /** The first and the last day, both included. */
  readonly start_date?: string | undefined;
  readonly end_date?: string | undefined;
  readonly sort_order: "asc" | "desc";
  readonly filter: Filter;
}

/** Where they stand. */
export function toRange<Row>({ entity, fields }: ListDefinition<Row>, asked: Selection): IndexRange<Row> {
  const { customer_id, start_date, end_date, sort_order: order, filter } = asked;
  const run = {
    from: start_date ?? MIN_KEY,
    // Behind every instant of that day, and whatever id follows it.
    to: end_date === undefined ? MAX_KEY : `${end_date}${MAX_KEY}`,
    order,
    fields,
  };
  if (customer_id === undefined) return { ...run, partition: partitions.type(entity), filter };
  return {
    ...run,
    partition: partitions.customer(customer_id),
    filter: [...equals({ [ENTITY_NAME]: entity }), ...filter],
  };
}
