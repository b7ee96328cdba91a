// @ts-check
import { DatabaseSync } from "node:sqlite";

/** As long as AWS keeps the records of a stream. */
const KEPT_SECONDS = 24 * 60 * 60;

/**
 * dynoxide 1.2 numbers the records of a stream by searching all earlier ones, so that each write takes longer than
 * the one before: 150 ms for 25 items after 16 000. With an index on what it searches by, it is 10 ms for good.
 * Reading from a place in the stream searches by the same: 30 ms after 20 000 records without it, 1 ms with it.
 *
 * @param {string} file
 */
export function indexStreamRecords(file) {
  withStreamRecords(file, (database) =>
    database.exec(
      "CREATE INDEX IF NOT EXISTS _stream_records_by_number ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    ),
  );
}

/**
 * Removes old records, which dynoxide 1.2 keeps for ever. A record's age counts up to the newest record of its
 * table, not up to now: what was written last before the cloud went down waits for its delivery however long that
 * takes. The newest record always stays, because the next one is numbered after it.
 *
 * @param {string} file
 * @param {number} [kept] in seconds
 */
export function trimStreamRecords(file, kept = KEPT_SECONDS) {
  withStreamRecords(file, (database) => {
    const tables = database
      .prepare(
        `SELECT table_name AS name, MAX(CAST(sequence_number AS INTEGER)) AS newest
         FROM _stream_records GROUP BY table_name`,
      )
      .all();
    // Records are numbered as time goes by, so the first one that is young enough ends the search.
    const firstKept = database.prepare(
      `SELECT CAST(sequence_number AS INTEGER) AS number FROM _stream_records
       WHERE table_name = :name AND created_at >= (
         SELECT created_at FROM _stream_records
         WHERE table_name = :name AND CAST(sequence_number AS INTEGER) = :newest) - :kept
       ORDER BY CAST(sequence_number AS INTEGER) LIMIT 1`,
    );
    const trim = database.prepare(
      "DELETE FROM _stream_records WHERE table_name = :name AND CAST(sequence_number AS INTEGER) < :number",
    );
    for (const { name = null, newest = null } of tables) {
      const number = firstKept.get({ name, newest, kept })?.number;
      if (number !== undefined) trim.run({ name, number });
    }
  });
}

/**
 * Removes the records of tables that were deleted: dynoxide 1.2 gives them to a new table of the same name.
 *
 * @param {string} file
 * @param {readonly string[]} tables
 */
export function removeStreamRecords(file, tables) {
  withStreamRecords(file, (database) => {
    const remove = database.prepare("DELETE FROM _stream_records WHERE table_name = ?");
    for (const table of tables) remove.run(table);
  });
}

/**
 * Opens the file in which dynoxide keeps the records of its streams, also while dynoxide runs. Without the table
 * (another version keeps its records elsewhere) there is nothing to do.
 *
 * @param {string} file
 * @param {(database: DatabaseSync) => void} use
 */
function withStreamRecords(file, use) {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = '_stream_records'").get();
    if (table !== undefined) use(database);
  } finally {
    database.close();
  }
}
