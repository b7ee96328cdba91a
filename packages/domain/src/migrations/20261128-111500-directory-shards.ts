import {
  AlertStateEntity,
  CustomerEntity,
  DeploymentEntity,
  LastInteractionEntity,
  LatestScoreEntity,
  OutcomeLedgerEntity,
  partitions,
  RenewalEntity,
  SHARDED,
  SHARDS_MIGRATION,
  TeamMemberEntity,
} from "../table/index.ts";
import { defineMigration } from "./define.ts";

/**
 * Nothing has to be moved: a row goes to its shard with the next batch that writes it. So the way there is that it is
 * known to be done, which batches ask for (`table/shards.ts`): from then on they write where an older version does not
 * read. The way back moves every row to where it does. A batch that is at work meanwhile still writes into shards for up
 * to three minutes: stop the schedules before.
 */
export const directoryShards = defineMigration({
  name: SHARDS_MIGRATION,
  description: "Batches write rows of the directory and alert states into 16 shards.",
  kind: "backfill",
  items: { of: [], from: [] },
  change: () => null,
  undo: {
    items: {
      of: [
        CustomerEntity,
        DeploymentEntity,
        LatestScoreEntity,
        LastInteractionEntity,
        OutcomeLedgerEntity,
        RenewalEntity,
        TeamMemberEntity,
        AlertStateEntity,
      ],
      from: SHARDED.flatMap((partition) => partitions.shards(partition)),
    },
    change: (item) => item,
  },
});
