import type { AnyEntity, Partition, Range } from "../table/index.ts";

/** An item's attributes, as they are stored: what an older version wrote is there too, under its old name. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * What an item is to be. The same attributes mean that its keys are to be those that its entity gives it now. Null
 * leaves the item alone.
 *
 * Has to be pure, and to change nothing about what it has changed: a part of a migration may be done twice.
 */
export type Change = (item: Attributes, entity: string) => Attributes | null;

/** Which items a migration goes through. */
export interface Items {
  /** Of these entities; all others in the same place are passed by. */
  readonly of: readonly AnyEntity[];
  /**
   * Where they are. `"scan"` reads the whole table, strongly consistent, in four segments side by side: for items that
   * stand in no partition together. A partition of an index is read with the index's lag.
   */
  readonly from: readonly Partition[] | "scan";
}

export interface Migration {
  /** That of its file, without the ending: `20261128-113000-search-forms`. Migrations run in this order. */
  readonly name: string;
  /** What holds when it is done, as a sentence. */
  readonly description: string;
  /**
   * When it runs. `expand` adds what the version before does not know and does not mind: before the new version is
   * deployed. `backfill` writes anew what is stored, so that it is as the present version writes it; `contract` takes
   * away what nobody reads any more: both once that version is deployed and tested.
   */
  readonly kind: "expand" | "backfill" | "contract";
  readonly items: Items;
  readonly change: Change;
  /** The way back. Without one there is none. Its items stand where those of the migration do, unless it says otherwise. */
  readonly undo?: { readonly items?: Items; readonly change: Change } | undefined;
}

/** Defines a migration: see "Migrations" in docs/deploy.md. */
export const defineMigration = (migration: Migration): Migration => migration;

export type Direction = "up" | "down";

const SEGMENTS = 4;

/** Which items a direction is about, what it does with each, and the ranges that hold them. @throws when there is no way back */
export function stepsOf({ name, items, change, undo }: Migration, direction: Direction) {
  if (direction === "down" && !undo) throw new Error(`${name} has no way back`);
  const { of, from } = (direction === "down" && undo?.items) || items;
  const ranges: readonly Range[] =
    from === "scan" ? Array.from({ length: SEGMENTS }, (_, segment) => ({ segment, of: SEGMENTS })) : from;
  return {
    entities: new Map(of.map((entity) => [entity.schema.model.entity, entity])),
    ranges,
    change: direction === "down" && undo ? undo.change : change,
  };
}

/**
 * What a deployment of this version has to run first, and what it is missing: migrations that it needs and that can't
 * run before it, because an earlier version has to run beside them.
 *
 * @param pending names of those that are not done
 */
export function beforeDeployment(
  all: readonly Migration[],
  required: readonly string[],
  pending: ReadonlySet<string>,
): { readonly first: readonly string[]; readonly missing: readonly string[] } {
  const first = all
    .filter(({ name, kind }) => kind === "expand" && pending.has(name))
    .map(({ name }) => name);
  return { first, missing: required.filter((name) => pending.has(name) && !first.includes(name)) };
}
