import { withStreamRecords } from "./stream-records.ts";

/**
 * dynoxide 1.2 numbers the records of a stream by searching all earlier ones, so that each write takes longer than
 * the one before: 150 ms for 25 items after 16 000. With an index on what it searches by, it is 10 ms for good.
 * Reading from a place in the stream searches by the same: 30 ms after 20 000 records without it, 1 ms with it.
 */
export function indexStreamRecords(file: string): void {
  withStreamRecords(file, (database) =>
    database.exec(
      "CREATE INDEX IF NOT EXISTS _stream_records_by_number ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    ),
  );
}
