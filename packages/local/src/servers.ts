import { join } from "node:path";
import { type Child, startChild } from "./children/child.ts";
import { findDynoxide } from "./children/dynoxide-binary.ts";
import { reachable } from "./children/port.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Bucket } from "./resources/buckets.ts";

/** Addresses of the servers that stand in for AWS, and the processes behind them. */
export type Servers = {
  readonly dynamodb: string;
  /** Where the database keeps its data, when it is a child. */
  readonly databaseFile: string | undefined;
  readonly s3: string;
  readonly inbox: string;
  readonly processes: readonly Child[];
};

/**
 * Starts the database, unless one is given, the object store and the mail inbox, side by side. When one
 * can't start, rejects with its error after the others have settled, so that the caller can end them.
 */
export async function startServers(options: {
  readonly data: string;
  readonly buckets: readonly Bucket[];
  readonly dynamodb: string | undefined;
  readonly inbox: { readonly host: string; readonly port: number };
  readonly lifetime: Lifetime;
}): Promise<Servers> {
  const { data, lifetime, inbox } = options;
  const launch = async (name: string, script: string, ...args: string[]): Promise<Child> => {
    const child = await startChild({ name, script, arguments: args, onDeath: lifetime.fail });
    lifetime.after(child.stop);
    return child;
  };
  const s3Settings = JSON.stringify({ directory: join(data, "s3"), buckets: options.buckets });
  const starting = [
    launch("S3 (s3rver)", "./s3.ts", s3Settings),
    launch("the mail inbox (aws-ses-v2-local)", "./inbox.ts", inbox.host, String(inbox.port)),
  ];
  const databaseFile = options.dynamodb === undefined ? join(data, "dynamodb.sqlite") : undefined;
  if (databaseFile !== undefined)
    starting.push(launch("DynamoDB (dynoxide)", "./dynamodb.ts", findDynoxide(), databaseFile));
  await Promise.allSettled(starting);
  const [s3, mail, database] = await Promise.all(starting);
  const dynamodb = options.dynamodb ?? urlOf(database);
  return {
    dynamodb,
    databaseFile,
    s3: urlOf(s3),
    inbox: urlOf(mail, inbox.host),
    processes: await Promise.all(starting),
  };
}

function urlOf(child: Child | undefined, host = "127.0.0.1"): string {
  return `http://${reachable(host)}:${child?.port ?? 0}`;
}
