import type { Migration } from "./define.ts";

/** Every migration, in the order of their names. `npm run migrations -- create` adds a new one. */
export const migrations: readonly Migration[] = [];
