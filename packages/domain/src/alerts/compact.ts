import { AlertType, Severity } from "@success-manager/contract/vocabulary";
import type { AlertState } from "../table/index.ts";

/** The words of conditions as the code has them. */
const WORDS = new Map<string, string>(
  [...AlertType.options, ...Severity.options, "open", "handled", "over"].map((word) => [word, word]),
);

/** The code's own copy of a word: what is parsed from an answer is a new text each time, slow as a key. */
const word = <W extends string>(read: W): W => (WORDS.get(read) as W | undefined) ?? read;

/**
 * A condition as it is kept in memory: without the table's keys, and all made by one literal. Attributes come from
 * the database in any order, and going through objects that were put together in different orders is slow.
 */
export const compact = (row: AlertState): AlertState => ({
  customer_id: row.customer_id,
  condition: row.condition,
  alert_type: word(row.alert_type),
  severity: word(row.severity),
  title: row.title,
  description: row.description,
  created_at: row.created_at,
  created_by: row.created_by,
  snoozed_until: row.snoozed_until,
  snoozed_by: row.snoozed_by,
  snooze_reason: row.snooze_reason,
  alert_id: row.alert_id,
  alert_revision: row.alert_revision,
  state: word(row.state),
  found: row.found,
  reference: row.reference,
  changed_at: row.changed_at,
  revision: row.revision,
  expires_at_epoch: row.expires_at_epoch,
});
