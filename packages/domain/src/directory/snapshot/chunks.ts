import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { STORAGE_ATTRIBUTES } from "../../table/index.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Rows packed for an item of the table: gzip of JSON. */
export interface Chunk {
  readonly content: Uint8Array;
  readonly rows: number;
}

/** DynamoDB's limit of an item is 400 KB; this leaves room for its keys. */
const MAX_BYTES = 390 * 1024;
/** Characters of JSON that are packed together; rows of the directory come down to an eighth. */
const MAX_CHARACTERS = 2_000_000;

/** What the table and ElectroDB keep beside a row, and its reader has no use for. */
const OMITTED: ReadonlySet<string> = new Set(STORAGE_ATTRIBUTES);

/**
 * A row as JSON, its attributes sorted by name. The database has them in any order, and rows of a kind are parsed five
 * times as fast when they look the same.
 */
const serializeRow = (row: object): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(row)
        .filter(([name]) => !OMITTED.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );

/** Packs rows, given as JSON: in halves where they are more than an item holds. */
async function* pack(rows: readonly string[]): AsyncGenerator<Chunk, void, void> {
  const content = await compress(`[${rows.join(",")}]`);
  if (content.byteLength <= MAX_BYTES) return yield { content, rows: rows.length };
  if (rows.length === 1) throw new Error("A row is too large for a snapshot");
  const half = Math.ceil(rows.length / 2);
  yield* pack(rows.slice(0, half));
  yield* pack(rows.slice(half));
}

/** Packs the rows of pages, in their order, into few chunks that each fit into an item. */
export async function* packChunks(
  pages: AsyncIterable<{ readonly items: readonly object[] }>,
): AsyncGenerator<Chunk, void, void> {
  let rows: string[] = [];
  let size = 0;
  for await (const { items } of pages)
    for (const item of items) {
      const row = serializeRow(item);
      rows.push(row);
      size += row.length;
      if (size < MAX_CHARACTERS) continue;
      yield* pack(rows);
      [rows, size] = [[], 0];
    }
  if (rows.length > 0) yield* pack(rows);
}

/**
 * The rows of a chunk; undefined when it is damaged.
 *
 * @typeParam Item what was packed: only `packChunks` makes chunks
 */
export async function unpackRows<Item>(content: Uint8Array): Promise<readonly Item[] | undefined> {
  try {
    return JSON.parse((await decompress(content)).toString());
  } catch {
    return undefined;
  }
}
