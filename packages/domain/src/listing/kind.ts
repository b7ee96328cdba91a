import { EVER_AFTER, EVER_BEFORE, type Filter, having, type Run } from "./run.ts";
import type { Texts } from "./search.ts";

/** What the table, its partition of `byType` and the counters call a kind of rows. */
export type Entity = "interaction" | "survey" | "alert";

/** A kind of rows by time: in `byType` among their like, in `byCustomer` among all that happened. */
export interface Kind<Row> {
  readonly entity: Entity;
  /** The instant that rows are sorted by. */
  readonly time: (row: Row) => string;
  /** What lists read of a row. */
  readonly columns: readonly (keyof Row & string)[];
  readonly texts: Texts;
}

/** Which of them are asked for, and in which order. */
export interface Asked {
  /** Of one customer; of all when absent. */
  readonly customer_id?: string | undefined;
  /** The first and the last day, both included. */
  readonly start_date?: string | undefined;
  readonly end_date?: string | undefined;
  readonly sort_order: "asc" | "desc";
  readonly filter: Filter;
}

/** Where they stand. */
export function runOf<Row>({ entity, columns }: Kind<Row>, asked: Asked): Run<Row> {
  const { customer_id, start_date, end_date, sort_order: order, filter } = asked;
  const run = {
    from: start_date ?? EVER_BEFORE,
    // Behind every instant of that day, and whatever id follows it.
    to: end_date === undefined ? EVER_AFTER : `${end_date}${EVER_AFTER}`,
    order,
    columns,
  };
  if (customer_id === undefined) return { ...run, index: "byType", partition: entity, filter };
  return {
    ...run,
    index: "byCustomer",
    partition: `customer#${customer_id}`,
    // ElectroDB writes the entity's name beside each item.
    filter: [...having({ __edb_e__: entity }), ...filter],
  };
}
