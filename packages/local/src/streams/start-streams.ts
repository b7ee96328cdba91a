import { createDynamoDbApi } from "../resources/dynamodb-api.ts";
import { openCheckpoints } from "./checkpoints.ts";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import { type Poller, startPoller } from "./poller.ts";
import { openStream } from "./stream.ts";
import { createWriteDetector } from "./write-detector.ts";

/**
 * Polls the stream of every mapping. `endpoint` is the database itself and `databaseFile` where it keeps its
 * data, if that is known; `checkpoints` is the file that remembers how far each stream has been delivered.
 * Rejects when a table has no stream.
 */
export async function startStreams(
  mappings: readonly EventSourceMapping[],
  options: {
    readonly endpoint: string;
    readonly databaseFile: string | undefined;
    readonly checkpoints: string;
    readonly log: (line: string) => void;
  },
): Promise<Poller> {
  const { call, close } = createDynamoDbApi(options.endpoint);
  const storeOf = openCheckpoints(options.checkpoints);
  const mayHaveWrites = createWriteDetector(options.databaseFile);
  const pollers: Poller[] = [];
  async function stop(): Promise<void> {
    await Promise.all(pollers.map((poller) => poller.stop()));
    close();
  }
  try {
    for (const mapping of mappings) {
      const stream = await openStream(call, mapping.table);
      const store = storeOf(`${mapping.pool.definition.name} ${stream.arn}`);
      pollers.push(await startPoller(mapping, stream, { store, mayHaveWrites, log: options.log }));
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
