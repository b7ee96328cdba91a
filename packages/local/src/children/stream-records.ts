import { DatabaseSync } from "node:sqlite";

/**
 * Opens the file in which dynoxide keeps the records of its streams, also while dynoxide runs. Without the table
 * (another version keeps its records elsewhere) there is nothing to do.
 */
export function withStreamRecords(file: string, use: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = '_stream_records'").get();
    if (known !== undefined) use(database);
  } finally {
    database.close();
  }
}
