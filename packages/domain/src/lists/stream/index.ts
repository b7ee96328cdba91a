import { randomUUID } from "node:crypto";
import { ENTITY_NAME, partitions, tableName, type Write } from "../../table/index.ts";
import { isKept, isSameRow, KEPT_ENTITIES, type KeptEntity, sourceFields, toKeptRow } from "../kept.ts";

/** The attributes of changed items that are looked at. */
export const LISTED_ATTRIBUTES: readonly string[] = [
  ...new Set([ENTITY_NAME, ...KEPT_ENTITIES.flatMap(sourceFields)]),
];

/** An item before and after a write, as far as the stream tells it. */
interface Change {
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A row that is new and of just now needs no word: whoever keeps a copy reads the newest rows of the index anyway, 10
 * seconds back. Half of that is left for the index and the clocks.
 */
const JUST_NOW_MS = 5_000;

/** Copies ask what changed since their snapshot, which is 36 hours old at most. */
const REMEMBERED_SECONDS = 3 * 24 * 60 * 60;

/** The row that copies of a list would miss after a change, or show as it was; undefined when they miss nothing. */
function missed({ before, after }: Change, now: number): { entity: KeptEntity; id: string } | undefined {
  const entity = (after ?? before)?.[ENTITY_NAME];
  if (!isKept(entity)) return undefined;
  const [old, row] = [before && toKeptRow(entity, before), after && toKeptRow(entity, after)];
  const id = row?.id ?? old?.id;
  if (id === undefined) return undefined;
  if (old && row && isSameRow(entity, old, row)) return undefined;
  const isNew = !before && row !== undefined && Math.abs(now - Date.parse(row.at)) <= JUST_NOW_MS;
  return isNew ? undefined : { entity, id };
}

/**
 * What writes down which rows of lists have changed, were deleted, or were written for another day than today: what
 * copies in memory can't see by reading the newest rows. A line for each entity and batch (a kilobyte holds 27 ids, an
 * item 10 000); none for what is new and of
 * just now, which most writes are. Lines name rows, they do not say what became of them: whoever reads one reads the row
 * itself. So one that comes twice, late or in another order does no harm.
 */
export function changeLines(changes: readonly Change[], now = new Date()): Write[] {
  const ids = new Map<KeptEntity, Set<string>>();
  for (const change of changes) {
    const row = missed(change, now.getTime());
    if (row) ids.set(row.entity, (ids.get(row.entity) ?? new Set()).add(row.id));
  }
  return Array.from(ids, ([entity, all]) => ({
    Put: {
      TableName: tableName,
      Item: {
        pk: partitions.listChanges(entity).key,
        sk: `${now.toISOString()}#${randomUUID()}`,
        ids: [...all],
        expires_at_epoch: Math.floor(now.getTime() / 1000) + REMEMBERED_SECONDS,
      },
    },
  }));
}
