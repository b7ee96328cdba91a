import { searchForms } from "./20261128-111358-search-forms.ts";
import { directoryShards } from "./20261128-111500-directory-shards.ts";
import type { Migration } from "./define.ts";

/** Every migration, in the order of their names. `npm run migrations -- create` adds a new one. */
export const migrations: readonly Migration[] = [searchForms, directoryShards];

/**
 * Names of those that this version does not do without: it reads only what they have written. The deployment refuses it
 * while one of them is not done, and the system's health says so.
 */
export const required: readonly string[] = [];
