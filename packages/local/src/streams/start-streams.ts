import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { region } from "../template/references.ts";
import { checkpointsIn } from "./checkpoints.ts";
import type { StreamMapping } from "./mapping.ts";
import { type Poller, startPoller } from "./poller.ts";
import { openStream } from "./stream.ts";
import { writtenTo } from "./writes.ts";

/**
 * Polls the stream of every mapping. `endpoint` is the database itself and `databaseFile` where it keeps its
 * data, if that is known; `checkpoints` is the file that remembers how far each stream has been delivered. Rejects when a table has no stream.
 */
export async function startStreams(
  mappings: readonly StreamMapping[],
  options: {
    readonly endpoint: string;
    readonly databaseFile: string | undefined;
    readonly checkpoints: string;
    readonly log: (line: string) => void;
  },
): Promise<Poller> {
  const client = new DynamoDBStreamsClient({
    endpoint: options.endpoint,
    region,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
  });
  const keeperOf = checkpointsIn(options.checkpoints);
  const written = writtenTo(options.databaseFile);
  const pollers: Poller[] = [];
  async function stop(): Promise<void> {
    await Promise.all(pollers.map((poller) => poller.stop()));
    client.destroy();
  }
  try {
    for (const mapping of mappings) {
      const stream = await openStream(client, mapping.table);
      const keeper = keeperOf(`${mapping.pool.definition.name} ${stream.arn}`);
      pollers.push(await startPoller(mapping, stream, { keeper, written, log: options.log }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    settled: async (limitMs) => {
      await Promise.all(pollers.map((poller) => poller.settled(limitMs)));
    },
    stop,
  };
}
