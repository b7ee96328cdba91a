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
    /** Puts a message into a queue, by its ARN. */
    readonly send?: (queue: string, body: string) => void;
    readonly retryDelayMs?: number | undefined;
    readonly intervalMs?: number | undefined;
  },
): Promise<Poller> {
  const { call, close } = createDynamoDbApi(options.endpoint);
  const checkpoints = openCheckpoints(options.checkpoints);
  const mayHaveWrites = createWriteDetector(options.databaseFile);
  const pollers: Poller[] = [];
  async function stop(): Promise<void> {
    await Promise.all(pollers.map((poller) => poller.stop()));
    checkpoints.flush();
    close();
  }
  try {
    for (const mapping of mappings) {
      const stream = await openStream(call, mapping.table);
      const store = checkpoints.of(`${mapping.pool.definition.name} ${stream.arn}`);
      pollers.push(await startPoller(mapping, stream, { ...options, store, mayHaveWrites }));
    }
    // Before anybody can write: the first record is not lost either when the process is killed.
    checkpoints.flush();
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
