import { directoryShards } from "./20261128-111500-directory-shards.ts";
import type { Migration } from "./define.ts";

/** Every migration, in the order of their names. `npm run migrations -- create` adds a new one. */
export const migrations: readonly Migration[] = [directoryShards];
