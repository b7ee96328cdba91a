import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reachable, requireFree } from "./children/port.ts";
import { removeStreamRecords } from "./children/stream-trim.ts";
import type { Cloud, CloudOptions, Invoked, PlannedRun } from "./cloud.ts";
import { createLambdaEndpoint } from "./endpoints/lambda.ts";
import { createSecretsEndpoint } from "./endpoints/secrets.ts";
import { startEndpoints } from "./endpoints/server.ts";
import { accessEnvironment, functionEnvironment } from "./environment.ts";
import { functionsOf } from "./functions/definition.ts";
import { createPool } from "./functions/pool.ts";
import { printerOf } from "./functions/printer.ts";
import { createRegistry, type Registry } from "./functions/registry.ts";
import { apiOf } from "./gateway/definition.ts";
import { startGateway } from "./gateway/server.ts";
import { createLifetime, type Lifetime } from "./lifetime.ts";
import { bucketsOf } from "./resources/buckets.ts";
import { createSecrets } from "./resources/secrets.ts";
import { createTables } from "./resources/tables.ts";
import { nextRun, type Schedule, schedulesOf, startSchedules } from "./schedules/scheduler.ts";
import { startServers } from "./servers.ts";
import { mappingsOf } from "./streams/mapping.ts";
import { startStreams } from "./streams/start-streams.ts";
import { readAssembly } from "./template/assembly.ts";
import { createResolver } from "./template/resolver.ts";

/**
 * Starts what the synthesized template describes. Resolves when everything answers. When something can't
 * start, ends the rest and rejects with a sentence for the person at the terminal.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const lifetime = createLifetime();
  try {
    return await start(options, lifetime);
  } catch (error) {
    await lifetime.end();
    throw error;
  }
}

async function start(options: CloudOptions, lifetime: Lifetime): Promise<Cloud> {
  const log = options.log ?? (() => undefined);
  void lifetime.failure.then(log);
  const host = process.env.HOST ?? "127.0.0.1";
  const assembly = readAssembly(options.assembly);

  // Addresses first: the template's variables may contain them.
  const gateway = await startGateway(host, options.port ?? 0);
  lifetime.after(gateway.stop);
  await requireFree(host, options.inboxPort ?? 0, "--inbox-port");
  const own = await startEndpoints();
  lifetime.after(own.stop);
  const apiUrl = `http://${reachable(host)}:${gateway.port}`;
  const resolver = createResolver(assembly, apiUrl);

  const data = dataFolder(options, lifetime);
  const secrets = createSecrets(assembly, resolver, join(data, "secrets.json"));
  const definitions = functionsOf(assembly, resolver);
  const servers = await startServers({
    data,
    lifetime,
    buckets: bucketsOf(assembly, resolver),
    given: options.endpoints ?? {},
    databaseFile: options.databaseFile,
    inbox: { host, port: options.inboxPort ?? 0 },
  });
  const created = await createTables(assembly, resolver, servers.dynamodb);
  if (servers.databaseFile !== undefined) removeStreamRecords(servers.databaseFile, created);

  const proxy = await options.dynamodbProxy?.(servers.dynamodb);
  if (proxy !== undefined) lifetime.after(proxy.close);
  const endpoints = {
    dynamodb: proxy?.url ?? servers.dynamodb,
    s3: servers.s3,
    ses: servers.inbox,
    lambda: own.url,
    secrets: own.url,
  };
  const access = accessEnvironment(endpoints);
  const names = definitions.map(({ name }) => name);
  const pools = definitions.map((definition) => {
    const pool = createPool(definition, {
      environment: functionEnvironment(definition, access, options.environment ?? {}),
      maxInstances: options.maxInstances ?? 4,
      print: printerOf(definition.name, names, options.log),
    });
    lifetime.after(pool.stop);
    return pool;
  });
  const registry = createRegistry(pools);
  own.add(createSecretsEndpoint(secrets));
  own.add(createLambdaEndpoint(registry, lifetime.signal, log));
  const mappings = mappingsOf(assembly, resolver, registry.find);
  const streams = await startStreams(options.streams === false ? [] : mappings, {
    // Not through the proxy: what it records is what functions ask.
    endpoint: servers.dynamodb,
    databaseFile: servers.databaseFile,
    checkpoints: join(data, "streams.json"),
    log,
  });
  lifetime.after(streams.stop);
  const schedules = schedulesOf(assembly, resolver, registry.find);
  if (options.schedules !== false) lifetime.after(startSchedules(schedules, log).stop);
  const api = apiOf(assembly, resolver, registry.find);
  if (api !== undefined) gateway.serve(api);

  const variables = Object.assign({}, ...definitions.map((item) => item.variables));
  return {
    apiUrl,
    inboxUrl: servers.inbox,
    endpoints,
    environment: { ...access, ...variables, ...options.environment },
    functions: registry.names,
    schedules: plan(schedules),
    processes: servers.processes.map(({ name, pid }) => ({ name, pid })),
    failure: lifetime.failure,
    invoke: (name, event) => invoke(registry, name, event),
    settled: (limitMs = 10_000) => streams.settled(limitMs),
    stop: lifetime.end,
  };
}

async function invoke(registry: Registry, name: string, event: unknown): Promise<Invoked> {
  const pool = registry.find(name);
  if (pool === undefined) throw new Error(`no function ${name}; there are ${registry.names.join(", ")}`);
  const { payload, functionError, logs } = await pool.run(JSON.stringify(event ?? {}), randomUUID());
  return { payload: JSON.parse(payload), logs, ...(functionError && { functionError }) };
}

function plan(schedules: readonly Schedule[]): PlannedRun[] {
  return schedules
    .flatMap((schedule) => {
      const next = nextRun(schedule);
      const { name, expression: cron, timezone } = schedule;
      return next === undefined ? [] : [{ name, cron, timezone, next }];
    })
    .sort((a, b) => a.next.getTime() - b.next.getTime());
}

function dataFolder({ data }: CloudOptions, lifetime: Lifetime): string {
  if (data !== undefined) {
    mkdirSync(data, { recursive: true });
    return data;
  }
  const folder = mkdtempSync(join(tmpdir(), "local-cloud-"));
  lifetime.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
