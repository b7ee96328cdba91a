export { ATTRIBUTES, createAnonymizer, createFakes, type Kind, searchKeys } from "./anonymize.ts";
export {
  type Archive,
  ArchiveError,
  itemsOf,
  openArchive,
  type RawItem,
  storeAt,
  verifyArchive,
} from "./archive.ts";
export { type ExportOptions, type ExportResult, exportTable } from "./export.ts";
export { type ImportOptions, ImportRefused, type ImportResult, importTable } from "./import.ts";
export {
  CARRIED,
  checkTable,
  prepareTable,
  type Requirement,
  type RestoredTable,
  type Settled,
  settle,
  tableDefinition,
} from "./restore.ts";
