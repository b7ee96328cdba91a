import { join } from "node:path";
import type { Cleanup } from "../cleanup.ts";
import type { CloudOptions } from "../cloud.ts";
import { requireDynoxide } from "./dynoxide-binary.ts";
import { reachableHost } from "./ports.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

/** Addresses of the servers that stand in for AWS, and the processes behind them. */
export type Servers = {
  readonly dynamodb: string;
  /** Where the database keeps its data, if that is known. */
  readonly databaseFile: string | undefined;
  readonly s3: string;
  readonly inbox: string;
  readonly processes: readonly ServerProcess[];
};

/** A folder for the objects, and the buckets with their configuration documents in S3's XML. Port 0 is any. */
export type S3Settings = {
  readonly port: number;
  readonly directory: string;
  readonly buckets: readonly { readonly name: string; readonly configs: readonly string[] }[];
};

/**
 * Starts the database, the object store and the mail inbox, side by side, except those that are given.
 * `prepareDatabase` runs as soon as the database answers. When one can't start, rejects with its error after the others have
 * settled, so that the caller can end them.
 */
export async function startServers(options: {
  readonly data: string;
  readonly buckets: S3Settings["buckets"];
  readonly given: NonNullable<CloudOptions["endpoints"]>;
  /** Of a database that is given. */
  readonly databaseFile: string | undefined;
  readonly prepareDatabase: (url: string, file: string | undefined) => Promise<void>;
  readonly inbox: { readonly host: string; readonly port: number };
  readonly cleanup: Cleanup;
  readonly log: (line: string) => void;
}): Promise<Servers> {
  const { data, cleanup, inbox, given, log } = options;
  const processes: ServerProcess[] = [];
  cleanup.add(async () => void (await Promise.allSettled(processes.map((process) => process.stop()))));

  async function launch(
    name: string,
    script: string,
    args: (port: number) => readonly string[],
    { host, port } = { host: "127.0.0.1", port: 0 },
  ): Promise<string> {
    const onGivenUp = cleanup.fail;
    const started = await startServerProcess({ name, script, arguments: args, port, log, onGivenUp });
    processes.push(started);
    return `http://${reachableHost(host)}:${started.port}`;
  }

  const ownFile = join(data, "dynamodb.sqlite");
  const databaseFile = given.dynamodb === undefined ? ownFile : options.databaseFile;
  async function launchDatabase(): Promise<string> {
    const binary = await requireDynoxide({ log });
    return launch("DynamoDB (dynoxide)", "./dynamodb.js", (port) => [binary, ownFile, String(port)]);
  }
  async function startDatabase(): Promise<string> {
    const url = given.dynamodb ?? (await launchDatabase());
    await options.prepareDatabase(url, databaseFile);
    return url;
  }

  const { buckets } = options;
  const s3Arguments = (port: number) => {
    const settings: S3Settings = { port, directory: join(data, "s3"), buckets };
    return [JSON.stringify(settings)];
  };
  const inboxArguments = (port: number) => [inbox.host, String(port), join(data, "inbox")];
  const starting = [
    startDatabase(),
    given.s3 ?? launch("S3 (s3rver)", "./s3.js", s3Arguments),
    given.ses ?? launch("the mail inbox (aws-ses-v2-local)", "./inbox.js", inboxArguments, inbox),
  ] as const;
  await Promise.allSettled(starting);
  const [dynamodb, s3, mail] = await Promise.all(starting);
  return { dynamodb, databaseFile, s3, inbox: mail, processes };
}
