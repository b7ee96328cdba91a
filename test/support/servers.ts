import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DeleteTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { type Cloud, type CloudOptions, startCloud } from "@success-manager/local";
import { assembly } from "./synthesize.ts";

/**
 * Database, object store and mail inbox of a worker. Starting them takes longer than all the rest of a cloud, so the
 * worker's test files use them one after the other, each with an empty table, bucket and inbox. They end with the
 * worker's process.
 */
interface Servers {
  readonly endpoints: NonNullable<CloudOptions["endpoints"]>;
  readonly databaseFile: string;
  readonly empty: () => Promise<void>;
}

interface WorkerState {
  servers: Promise<Servers> | undefined;
  /** Who uses the servers now; there is never more than one. */
  user: Cloud | "starting" | undefined;
  /** What runs on servers of its own. */
  readonly others: Set<Cloud>;
}

declare global {
  /** Modules are loaded anew for each test file; what a worker keeps is here. */
  var testWorker: WorkerState | undefined;
}

function worker(): WorkerState {
  globalThis.testWorker ??= { servers: undefined, user: undefined, others: new Set() };
  return globalThis.testWorker;
}

/** As the run has it: while a worker unpacks its browser, the variable names another folder. */
const TMP = process.env.TMPDIR ?? "/tmp";

async function startServers(): Promise<Servers> {
  const data = join(TMP, `servers-${process.pid}-${Date.now()}`);
  // A cloud whose functions nobody calls.
  const { endpoints, environment, failure } = await startCloud({
    assembly,
    data,
    schedules: false,
    streams: false,
    mailEvents: false,
  });
  void failure.then(() => {
    worker().servers = undefined;
  });
  const { dynamodb, s3, ses } = endpoints;
  return {
    endpoints: { dynamodb, s3, ses },
    databaseFile: join(data, "dynamodb.sqlite"),
    empty: async () => {
      await Promise.all([
        dropTables(dynamodb, environment),
        emptyBuckets(join(data, "s3")),
        fetch(`${ses}/clear-store`, { method: "POST" }),
      ]);
    },
  };
}

/** The next cloud creates them again. */
async function dropTables(endpoint: string, environment: Cloud["environment"]): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: environment.AWS_REGION ?? "",
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
    },
  });
  const { TableNames = [] } = await client.send(new ListTablesCommand());
  for (const TableName of TableNames) await client.send(new DeleteTableCommand({ TableName }));
  client.destroy();
}

/** Past the server, which can't be asked for a list: it signs `/bucket` where the SDK signs `/bucket/`. */
async function emptyBuckets(folder: string): Promise<void> {
  const settings = /^\._S3rver_/;
  for (const bucket of await readdir(folder)) {
    const files = (await readdir(join(folder, bucket))).filter((name) => !settings.test(name));
    await Promise.all(files.map((name) => rm(join(folder, bucket, name), { recursive: true })));
  }
}

/** An empty cloud, on the worker's servers unless it brings data or another cloud of the file is on them. */
export async function emptyCloud(options: Partial<CloudOptions> = {}): Promise<Cloud> {
  const { NODE_COMPILE_CACHE } = process.env;
  const asked = {
    assembly,
    schedules: false,
    // Mails stay as their functions have left them; tests of what becomes of them ask for it.
    mailEvents: false,
    // Functions of the stream get more at once: with 50 ms all takes a tenth more CPU.
    streamIntervalMs: 100,
    // What happens at the same time should do so.
    maxInstances: 4,
    savesMemory: false,
    ...options,
    environment: { ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...options.environment },
  };
  const state = worker();
  if (options.data !== undefined || state.user !== undefined) {
    const cloud = await startCloud(asked);
    state.others.add(cloud);
    return cloud;
  }
  state.user = "starting";
  try {
    state.servers ??= startServers();
    const { endpoints, databaseFile, empty } = await state.servers;
    await empty();
    const cloud = await startCloud({ ...asked, endpoints, databaseFile });
    const stop = async () => {
      await cloud.stop();
      if (state.user === stopped) state.user = undefined;
    };
    const stopped: Cloud = { ...cloud, stop };
    state.user = stopped;
    return stopped;
  } catch (error) {
    state.user = undefined;
    throw error;
  }
}

/** Stops what a test file has left running, because it failed. */
export async function stopClouds(): Promise<void> {
  const { user, others } = worker();
  await Promise.all([...others].map((cloud) => cloud.stop()));
  others.clear();
  if (user !== undefined && user !== "starting") await user.stop();
}
