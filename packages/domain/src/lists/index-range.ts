import { type Filter, MAX_KEY, type Partition, type Query, query } from "../table/index.ts";

/** Items of a list that stand together in an index, in its order. */
export interface IndexRange<Row> extends Query {
  readonly partition: Partition;
  readonly from: string;
  readonly to: string;
  readonly order: "asc" | "desc";
  readonly filter: Filter;
  readonly fields?: readonly (keyof Row & string)[] | undefined;
}

/** The nearest sort keys around a place: our ids end with a letter or a digit. */
const justBefore = (place: string) =>
  `${place.slice(0, -1)}${String.fromCharCode(place.charCodeAt(place.length - 1) - 1)}${MAX_KEY}`;
const justAfter = (place: string) => `${place}!`;

/** What of a range comes after a place, `<instant or date>#<id>`. */
export function after<Row>(range: IndexRange<Row>, place: string): IndexRange<Row> {
  const [before, behind] = [justBefore(place), justAfter(place)];
  return range.order === "desc"
    ? { ...range, to: before < range.to ? before : range.to }
    : { ...range, from: behind > range.from ? behind : range.from };
}

/** A guess that was too low is not repeated: the rest comes in larger and larger pages. */
const GROWTH = 4;

/**
 * Reads a range until it has enough rows, but once at least: all that it came upon, and whether that is all there is.
 *
 * @param pageSize how many of the index's entries the first request looks at
 */
export async function readRange<Row>(range: IndexRange<Row>, enough: number, pageSize: number) {
  const rows: Row[] = [];
  for await (const { items, next } of query<Row>(range, { pageSize, growth: GROWTH })) {
    rows.push(...items);
    if (rows.length >= enough) return { rows, whole: next === undefined };
  }
  return { rows, whole: true };
}
