import {
  ENTITY_NAME,
  equals,
  type Filter,
  MAX_KEY,
  MIN_KEY,
  type Partition,
  partitions,
  type Query,
  query,
} from "../table/index.ts";

/** What the table, its partition of `byType` and the counters call entities that are listed by time. */
export type Entity = "interaction" | "survey" | "alert" | "survey_link" | "ticket";

/** Whose rows of a customer stand by themselves in `byCustomer`, not among all that happened. */
const ALONE: Readonly<Partial<Record<string, (customer_id: string) => Partition>>> = {
  survey_link: partitions.surveyLinks,
  ticket: partitions.customerTickets,
};

/** Whether a counter `<entity>|…` of a customer counts rows that stand in the partition of an entity. */
export function isBeside(entity: Entity, counter: string): boolean {
  const [owner = ""] = counter.split("|");
  return owner === entity || (ALONE[entity] === undefined && ALONE[owner] === undefined);
}

/** Rows of an entity by time: in `byType` among their like, in `byCustomer` among all that happened or alone. */
export interface ListDefinition<Row> {
  readonly entity: Entity;
  /** The instant that the indexes sort by. */
  readonly time: (row: Row) => string;
  /** The attributes that are read. */
  readonly fields: readonly (keyof Row & string)[];
}

/** Which of them, and in which order. */
export interface Selection {
  /** Of one customer; of all when absent. */
  readonly customer_id?: string | undefined;
  /** The first and the last day, both included. */
  readonly start_date?: string | undefined;
  readonly end_date?: string | undefined;
  readonly sort_order: "asc" | "desc";
  readonly filter: Filter;
}

/** An attribute of a row, or of any of several kinds of rows. */
type FieldOf<Row> = (keyof Row & string) | (Row extends unknown ? keyof Row & string : never);

/** Items of a list that stand together in an index, in its order. */
export interface IndexRange<Row> extends Query {
  readonly partition: Partition;
  readonly from: string;
  readonly to: string;
  readonly order: "asc" | "desc";
  readonly filter: Filter;
  readonly fields?: readonly FieldOf<Row>[] | undefined;
}

/** Where selected rows stand. */
export function toRange<Row>(definition: ListDefinition<Row>, selection: Selection): IndexRange<Row> {
  const { entity, fields } = definition;
  const { customer_id, start_date, end_date, sort_order: order, filter } = selection;
  const range = {
    from: start_date ?? MIN_KEY,
    // After every instant of that day, and whatever id follows it.
    to: end_date === undefined ? MAX_KEY : `${end_date}${MAX_KEY}`,
    order,
    fields,
  };
  if (customer_id === undefined) return { ...range, partition: partitions.type(entity), filter };
  const own = ALONE[entity]?.(customer_id);
  if (own) return { ...range, partition: own, filter };
  return {
    ...range,
    partition: partitions.customer(customer_id),
    filter: [...equals({ [ENTITY_NAME]: entity }), ...filter],
  };
}

/** The nearest sort keys around a key: our ids end with a letter or a digit. */
const justBefore = (key: string) =>
  `${key.slice(0, -1)}${String.fromCharCode(key.charCodeAt(key.length - 1) - 1)}${MAX_KEY}`;
const justAfter = (key: string) => `${key}!`;

/** What of a range comes after a sort key, `<instant or date>#<id>`. */
export function after<Row>(range: IndexRange<Row>, key: string): IndexRange<Row> {
  const [below, above] = [justBefore(key), justAfter(key)];
  return range.order === "desc"
    ? { ...range, to: below < range.to ? below : range.to }
    : { ...range, from: above > range.from ? above : range.from };
}

/** A guess that was too low is not repeated: the rest comes in larger and larger pages. */
const GROWTH = 4;

/**
 * Reads a range until it has enough rows, but once at least: all that it came upon, and whether that is all there is.
 *
 * @param pageSize how many of the index's entries the first request looks at
 * @param requests at most; what they find may be less than enough
 */
export async function readRange<Row>(
  range: IndexRange<Row>,
  enough: number,
  pageSize: number,
  requests = Number.POSITIVE_INFINITY,
) {
  const rows: Row[] = [];
  let asked = 0;
  for await (const { items, next } of query<Row>(range, { pageSize, growth: GROWTH })) {
    rows.push(...items);
    asked += 1;
    if (rows.length >= enough || asked >= requests) return { rows, whole: next === undefined };
  }
  return { rows, whole: true };
}
