import { queryPages } from "../table/index.ts";

/** The prefix of each index's keys. */
const KEYS = { byCustomer: "gsi1", byType: "gsi2", byDueDate: "gsi3" } as const;

/** A condition as the database is told: with attributes as `#<name>`, and the values that it names. */
type Condition = readonly [expression: string, values: Readonly<Record<`:${string}`, unknown>>];

/** What rows must meet, all of it; false for what is not asked for. */
export type Filter = readonly (Condition | false)[];

/** Rows that stand together in an index, in its order. */
export interface Run<Row> {
  readonly index: keyof typeof KEYS;
  readonly partition: string;
  /** Sort keys, both included. */
  readonly from: string;
  readonly to: string;
  readonly order: "asc" | "desc";
  readonly filter: Filter;
  /** Attributes that are read; all when absent. */
  readonly columns?: readonly (keyof Row & string)[];
}

/** Sort before and after every instant and date. */
export const [EVER_BEFORE, EVER_AFTER] = ["0", "~"];

/** That attributes have these values; an undefined one is not asked for. */
export const having = (wanted: Readonly<Record<string, unknown>>): Filter =>
  Object.entries(wanted).map(
    ([name, value]) => value !== undefined && [`#${name} = :${name}`, { [`:${name}`]: value }],
  );

/** The nearest sort keys around a place: our ids end with a letter or a digit. */
const justBefore = (place: string) =>
  `${place.slice(0, -1)}${String.fromCharCode(place.charCodeAt(place.length - 1) - 1)}~`;
const justAfter = (place: string) => `${place}!`;

/** What of a run comes behind a place, `<instant or date>#<id>`. */
export function behind<Row>(run: Run<Row>, place: string): Run<Row> {
  const [before, after] = [justBefore(place), justAfter(place)];
  return run.order === "desc"
    ? { ...run, to: before < run.to ? before : run.to }
    : { ...run, from: after > run.from ? after : run.from };
}

/**
 * Reads a run, request by request, as far as the caller goes on asking.
 *
 * @param atOnce how many of the index's entries a request looks at; as many as fit into a megabyte when absent
 * @param growth how many times as much as the one before each further request looks at
 */
export async function* pagesOf<Row>(run: Run<Row>, atOnce?: number, growth = 1) {
  const { index, partition, from, to, order, columns = [] } = run;
  // The database refuses an inverted range; a cursor that nobody gave out can ask for one.
  if (from > to) return;
  const conditions = run.filter.filter((condition) => condition !== false);
  const filter = conditions.map(([expression]) => expression).join(" AND ");
  const projection = columns.map((name) => `#${name}`).join(", ");
  const names = new Set(`${filter} ${projection}`.match(/#\w+/g));
  const query = {
    IndexName: index,
    KeyConditionExpression: `${KEYS[index]}pk = :partition AND ${KEYS[index]}sk BETWEEN :from AND :to`,
    ExpressionAttributeValues: {
      ":partition": partition,
      ":from": from,
      ":to": to,
      ...Object.fromEntries(conditions.flatMap(([, values]) => Object.entries(values))),
    },
    ...(filter && { FilterExpression: filter }),
    ...(projection && { ProjectionExpression: projection }),
    ...(names.size > 0 && {
      ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [name, name.slice(1)])),
    }),
    ScanIndexForward: order === "asc",
    Limit: atOnce,
  };
  yield* queryPages<Row>(query, growth);
}

/** A guess that was too low is not repeated: the rest comes in larger and larger pages. */
const GROWTH = 4;

/**
 * Reads a run until it has enough rows, but once at least: all that it came upon, and whether that is all there is.
 *
 * @param atOnce as for `pagesOf`
 */
export async function readRun<Row>(run: Run<Row>, enough: number, atOnce: number) {
  const rows: Row[] = [];
  for await (const { items, next } of pagesOf(run, atOnce, GROWTH)) {
    rows.push(...items);
    if (rows.length >= enough) return { rows, whole: next === undefined };
  }
  return { rows, whole: true };
}
