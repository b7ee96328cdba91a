export { migrations, required } from "./all.ts";
export {
  type Attributes,
  beforeDeployment,
  type Direction,
  defineMigration,
  type Migration,
} from "./define.ts";
export {
  dryRun,
  history,
  type MigrationStatus,
  migrationJob,
  pause,
  type RunStatus,
  runStatus,
  type Sample,
  start,
} from "./run.ts";
export type { Counted } from "./walk.ts";
