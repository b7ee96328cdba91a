import { join } from "node:path";
import { type Child, startChild } from "./children/child.ts";
import { findDynoxide } from "./children/dynoxide-binary.ts";
import { reachable } from "./children/port.ts";
import type { CloudOptions } from "./cloud.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Bucket } from "./resources/buckets.ts";

/** Addresses of the servers that stand in for AWS, and the processes behind them. */
export type Servers = {
  readonly dynamodb: string;
  /** Where the database keeps its data, if that is known. */
  readonly databaseFile: string | undefined;
  readonly s3: string;
  readonly inbox: string;
  readonly processes: readonly Child[];
};

/**
 * Starts the database, the object store and the mail inbox, side by side, except those that are given. When one
 * can't start, rejects with its error after the others have settled, so that the caller can end them.
 */
export async function startServers(options: {
  readonly data: string;
  readonly buckets: readonly Bucket[];
  readonly given: NonNullable<CloudOptions["endpoints"]>;
  readonly databaseFile: string | undefined;
  readonly inbox: { readonly host: string; readonly port: number };
  readonly lifetime: Lifetime;
}): Promise<Servers> {
  const { data, given, lifetime, inbox } = options;
  const launch = async (name: string, script: string, ...args: string[]): Promise<Child> => {
    const child = await startChild({ name, script, arguments: args, onDeath: lifetime.fail });
    lifetime.after(child.stop);
    return child;
  };
  const launchS3 = () => {
    const settings = JSON.stringify({ directory: join(data, "s3"), buckets: options.buckets });
    return launch("S3 (s3rver)", "./s3.ts", settings);
  };
  const launchInbox = () =>
    launch("the mail inbox (aws-ses-v2-local)", "./inbox.ts", inbox.host, String(inbox.port));
  const ownFile = join(data, "dynamodb.sqlite");
  const launchDatabase = () => launch("DynamoDB (dynoxide)", "./dynamodb.ts", findDynoxide(), ownFile);
  const starting = [
    given.s3 === undefined ? launchS3() : undefined,
    given.ses === undefined ? launchInbox() : undefined,
    given.dynamodb === undefined ? launchDatabase() : undefined,
  ] as const;
  await Promise.allSettled(starting);
  const [s3, mail, database] = await Promise.all(starting);
  return {
    dynamodb: given.dynamodb ?? urlOf(database),
    databaseFile: given.dynamodb === undefined ? ownFile : options.databaseFile,
    s3: given.s3 ?? urlOf(s3),
    inbox: given.ses ?? urlOf(mail, inbox.host),
    processes: [s3, mail, database].filter((child) => child !== undefined),
  };
}

function urlOf(child: Child | undefined, host = "127.0.0.1"): string {
  return `http://${reachable(host)}:${child?.port ?? 0}`;
}
