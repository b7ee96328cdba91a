import { join } from "node:path";
import type { Cleanup } from "../cleanup.ts";
import { findDynoxide } from "./dynoxide-binary.ts";
import { reachableHost } from "./ports.ts";
import type { S3Settings } from "./s3.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

/** Addresses of the servers that stand in for AWS, and the processes behind them. */
export type Servers = {
  readonly dynamodb: string;
  /** Where the database keeps its data, when it is a child process. */
  readonly databaseFile: string | undefined;
  readonly s3: string;
  readonly inbox: string;
  readonly processes: readonly ServerProcess[];
};

/**
 * Starts the database, unless one is given, the object store and the mail inbox, side by side. `prepareDatabase`
 * runs as soon as the database answers. When one can't start, rejects with its error after the others have
 * settled, so that the caller can end them.
 */
export async function startServers(options: {
  readonly data: string;
  readonly buckets: S3Settings["buckets"];
  readonly dynamodb: string | undefined;
  readonly prepareDatabase: (url: string) => Promise<void>;
  readonly inbox: { readonly host: string; readonly port: number };
  readonly cleanup: Cleanup;
}): Promise<Servers> {
  const { data, cleanup, inbox } = options;
  const processes: ServerProcess[] = [];
  cleanup.add(async () => void (await Promise.allSettled(processes.map((process) => process.stop()))));

  async function launch(name: string, script: string, args: string[], host = "127.0.0.1"): Promise<string> {
    const started = await startServerProcess({
      name,
      script,
      arguments: args,
      onUnexpectedExit: cleanup.fail,
    });
    processes.push(started);
    return `http://${reachableHost(host)}:${started.port}`;
  }

  const databaseFile = options.dynamodb === undefined ? join(data, "dynamodb.sqlite") : undefined;
  async function startDatabase(): Promise<string> {
    const url =
      databaseFile === undefined
        ? (options.dynamodb ?? "")
        : await launch("DynamoDB (dynoxide)", "./dynamodb.ts", [findDynoxide(), databaseFile]);
    await options.prepareDatabase(url);
    return url;
  }

  const settings: S3Settings = { directory: join(data, "s3"), buckets: options.buckets };
  const inboxArguments = [inbox.host, String(inbox.port)];
  const starting = [
    startDatabase(),
    launch("S3 (s3rver)", "./s3.ts", [JSON.stringify(settings)]),
    launch("the mail inbox (aws-ses-v2-local)", "./inbox.ts", inboxArguments, inbox.host),
  ] as const;
  await Promise.allSettled(starting);
  const [dynamodb, s3, mail] = await Promise.all(starting);
  return { dynamodb, databaseFile, s3, inbox: mail, processes };
}
