import { DatabaseSync } from "node:sqlite";

/** Enough for the indexes of 100 000 customers, whose pages are written in any order. */
const CACHE_KIB = 1_000_000;

/**
 * Takes over all items of a table, and what its indexes hold of them, from other database files that dynoxide has made.
 * It keeps a table and each of its indexes in tables of SQLite, which this copies as they are. Nobody else may use the
 * file meanwhile, and it is of no use when this fails.
 */
export function takeOver(file: string, table: string) {
  // No journal is kept, which SQLite calls dangerous.
  const database = new DatabaseSync(file, { defensive: false });
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
  const names = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => name === table || name.startsWith(`${table}::`));
  return {
    from(other: string): void {
      database.prepare("ATTACH DATABASE ? AS other").run(other);
      database.exec("BEGIN");
      for (const name of names) database.exec(`INSERT INTO main."${name}" SELECT * FROM other."${name}"`);
      database.exec("COMMIT; DETACH DATABASE other");
    },
    close(): void {
      database.exec("PRAGMA journal_mode = WAL");
      database.close();
    },
  };
}
