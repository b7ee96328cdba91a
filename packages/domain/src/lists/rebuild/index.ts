import { batchGetItems, primaryKey } from "../../table/index.ts";
import { createCopy, keptPages, type ListCopy, takeListSnapshot } from "../copy.ts";
import { isSameRow, KEPT_ENTITIES, type KeptEntity, type KeptRow, keptFields, toKeptRow } from "../kept.ts";

/** What a function that starts now would show of a list, against the table. */
export interface CheckedCopy {
  readonly entity: KeptEntity;
  /** How many rows were compared. */
  readonly rows: number;
  /** Ids of rows that it would miss, show though they are gone, or take for something else. */
  readonly wrong: readonly string[];
  /** Whether a new snapshot was taken because of that. */
  readonly renewed: boolean;
}

export interface CheckOptions {
  /** Takes a new snapshot where something is wrong. */
  readonly write: boolean;
  /** Waits for as long as stream and indexes may take to follow a write. */
  readonly settle: () => Promise<void>;
  /** Which lists; all when absent. */
  readonly entities?: readonly KeptEntity[];
}

/** The rows of a copy by id. */
function rowsOf(entity: KeptEntity, { columns }: ListCopy): Map<string, KeptRow> {
  const rows = new Map<string, KeptRow>();
  for (const row of columns.rows({ tests: [] }, keptFields(entity)))
    rows.set(String(row.id), { ...row, id: String(row.id), at: String(row.at) });
  return rows;
}

const isEqual = (entity: KeptEntity, a: KeptRow | undefined, b: KeptRow | undefined) =>
  a && b ? isSameRow(entity, a, b) : a === b;

const READ_AT_ONCE = 100;

/** Of these rows those that still differ, after a while: what was written meanwhile is no mistake. */
async function stillWrong(entity: KeptEntity, copy: ListCopy, ids: readonly string[]): Promise<string[]> {
  await copy.refresh();
  const kept = rowsOf(entity, copy);
  const wrong: string[] = [];
  for (let rest = ids; rest.length > 0; rest = rest.slice(READ_AT_ONCE)) {
    const some = rest.slice(0, READ_AT_ONCE);
    const keys = some.map((id) => primaryKey(entity, id));
    for (const [n, item] of (await batchGetItems(keys, { consistent: true })).entries()) {
      const id = some[n] ?? "";
      if (!isEqual(entity, item && toKeptRow(entity, item), kept.get(id))) wrong.push(id);
    }
  }
  return wrong;
}

/**
 * Compares what a new function would make of the snapshots and of what the stream has told since with the table itself.
 * It may run beside a working system: what differs is looked at again after a while.
 */
export async function checkCopies({
  write,
  settle,
  entities = KEPT_ENTITIES,
}: CheckOptions): Promise<CheckedCopy[]> {
  const checked: CheckedCopy[] = [];
  for (const entity of entities) {
    const copy = createCopy(entity);
    await copy.refresh();
    const kept = rowsOf(entity, copy);
    const suspected: string[] = [];
    let rows = 0;
    for await (const { items } of keptPages(entity))
      for (const item of items) {
        rows += 1;
        if (!isEqual(entity, item, kept.get(item.id))) suspected.push(item.id);
        kept.delete(item.id);
      }
    suspected.push(...kept.keys());
    if (suspected.length > 0) await settle();
    const wrong = suspected.length > 0 ? await stillWrong(entity, copy, suspected) : [];
    const renewed = write && wrong.length > 0;
    if (renewed) await takeListSnapshot(entity, new Date(), { force: true });
    checked.push({ entity, rows, wrong, renewed });
  }
  return checked;
}
