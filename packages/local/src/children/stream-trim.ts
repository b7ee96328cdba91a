import { withStreamRecords } from "./stream-records.ts";

/** As long as AWS keeps the records of a stream. */
const keptSeconds = 24 * 60 * 60;

/**
 * Removes old records, which dynoxide 1.2 keeps for ever. A record's age counts up to the newest record of its
 * table, not up to now: what was written last before the cloud went down waits for its delivery however long that
 * takes. The newest record always stays, because the next one is numbered after it.
 */
export function trimStreamRecords(file: string): void {
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
      const number = firstKept.get({ name, newest, kept: keptSeconds })?.number;
      if (number !== undefined) trim.run({ name, number });
    }
  });
}

/** Removes the records of tables that were deleted: dynoxide 1.2 gives them to a new table of the same name. */
export function removeStreamRecords(file: string, tables: readonly string[]): void {
  withStreamRecords(file, (database) => {
    const remove = database.prepare("DELETE FROM _stream_records WHERE table_name = ?");
    for (const table of tables) remove.run(table);
  });
}
