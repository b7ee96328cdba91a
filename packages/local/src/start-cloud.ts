import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type Cleanup, createCleanup } from "./cleanup.ts";
import type { Cloud, CloudOptions, Invocation, PlannedRun } from "./cloud.ts";
import { createLambdaEndpoint } from "./endpoints/lambda.ts";
import { createSecretsEndpoint } from "./endpoints/secrets.ts";
import { startEndpoints } from "./endpoints/server.ts";
import { createSqsEndpoint } from "./endpoints/sqs.ts";
import { accessEnvironment, functionEnvironment } from "./environment.ts";
import { failureDestinations } from "./functions/async-invoke.ts";
import { CAPACITY, createCapacity, UNLIMITED } from "./functions/capacity.ts";
import { functionsOf } from "./functions/definition.ts";
import { createFunctionLogger } from "./functions/logger.ts";
import { createPool, createRegistry, type Registry } from "./functions/pool.ts";
import { createVirtualClock } from "./functions/virtual-clock.js";
import { apiOf } from "./gateway/definition.ts";
import { startGateway } from "./gateway/server.ts";
import { followMailEvents, mailTopicsOf } from "./mail-events.ts";
import { removeStreamRecords, trimStreamRecords } from "./processes/dynoxide-streams.js";
import { reachableHost, requireFreePort } from "./processes/ports.ts";
import { startServers } from "./processes/servers.ts";
import { bucketsOf } from "./resources/buckets.ts";
import { createQueues } from "./resources/queues.ts";
import { createSecrets } from "./resources/secrets.ts";
import { createTables } from "./resources/tables.ts";
import { nextRunAfter } from "./schedules/cron.ts";
import { type Schedule, schedulesOf, startSchedules } from "./schedules/scheduler.ts";
import { eventSourceMappingsOf } from "./streams/event-source-mapping.ts";
import { startStreams } from "./streams/start-streams.ts";
import { readAssembly } from "./template/assembly.ts";
import { createResolver } from "./template/resolver.ts";

/**
 * Starts what the synthesized template describes. Resolves when everything answers. When something can't
 * start, ends the rest and rejects with a sentence for the person at the terminal.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const cleanup = createCleanup();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function start(options: CloudOptions, cleanup: Cleanup): Promise<Cloud> {
  const log = options.log ?? (() => undefined);
  void cleanup.failure.then(log);
  const host = process.env.HOST ?? "127.0.0.1";
  const assembly = readAssembly(options.assembly);

  // Addresses first: the template's variables may contain them.
  const gateway = await startGateway(host, options.port ?? 0, options.log);
  cleanup.add(gateway.stop);
  await requireFreePort(host, options.inboxPort ?? 0, "--inbox-port");
  const awsApis = await startEndpoints();
  cleanup.add(awsApis.stop);
  const apiUrl = `http://${reachableHost(host)}:${gateway.port}`;
  const resolver = createResolver(assembly, apiUrl, awsApis.url);

  const clock = options.virtualTime && createVirtualClock(options.virtualTime);
  const data = prepareDataFolder(options, cleanup);
  const secrets = createSecrets(assembly, resolver, join(data, "secrets.json"));
  const queues = createQueues(assembly, resolver, join(data, "queues.json"));
  const definitions = functionsOf(assembly, resolver);
  const servers = await startServers({
    data,
    cleanup,
    buckets: bucketsOf(assembly, resolver),
    given: options.endpoints ?? {},
    databaseFile: options.databaseFile,
    prepareDatabase: async (url, file) => {
      const created = await createTables(assembly, resolver, url, { expires: clock === undefined });
      if (file !== undefined) removeStreamRecords(file, created);
    },
    inbox: { host, port: options.inboxPort ?? 0 },
    log,
  });

  const proxy = await options.dynamodbProxy?.(servers.dynamodb);
  if (proxy !== undefined) cleanup.add(proxy.close);
  const endpoints = {
    dynamodb: proxy?.url ?? servers.dynamodb,
    s3: servers.s3,
    ses: servers.inbox,
    lambda: awsApis.url,
    secrets: awsApis.url,
    sqs: awsApis.url,
  };
  const access = accessEnvironment(endpoints);
  const names = definitions.map(({ name }) => name);
  const capacity = createCapacity(options.savesMemory === false ? UNLIMITED : CAPACITY);
  const pools = definitions.map((definition) =>
    createPool(definition, {
      environment: functionEnvironment(definition, access, options.environment ?? {}),
      maxInstances: options.maxInstances ?? Math.max(2, availableParallelism()),
      capacity,
      print: createFunctionLogger(definition.name, names, options.log),
      clock: clock?.memory,
    }),
  );
  cleanup.add(async () => void (await Promise.all(pools.map((pool) => pool.stop()))));
  const registry = createRegistry(pools);
  awsApis.add(createSecretsEndpoint(secrets, registry, log));
  awsApis.add(createSqsEndpoint(queues));
  const keep = failureDestinations(assembly, resolver, queues, registry.find);
  const mappings = eventSourceMappingsOf(assembly, resolver, registry.find);
  const followers = mappings.map(({ pool }) => pool.definition.name);
  awsApis.add(createLambdaEndpoint(registry, followers, cleanup.signal, log, keep));
  const streams = await startStreams(options.streams === false ? [] : mappings, {
    // Not through the proxy: what it records is what functions ask.
    endpoint: servers.dynamodb,
    databaseFile: servers.databaseFile,
    checkpoints: join(data, "streams.json"),
    retryDelayMs: options.streamRetryDelayMs,
    intervalMs: options.streamIntervalMs,
    log,
    send: queues.send,
  });
  cleanup.add(streams.stop);
  const topics = mailTopicsOf(assembly, resolver, registry.find);
  if (options.mailEvents !== false && topics.length > 0)
    cleanup.add((await followMailEvents(servers.inbox, topics, log)).stop);
  const schedules = schedulesOf(assembly, resolver, registry.find);
  if (options.schedules !== false && clock === undefined)
    cleanup.add(startSchedules(schedules, log, keep).stop);
  const api = apiOf(assembly, resolver, registry.find);
  if (api !== undefined) gateway.serve(api);

  // A stream keeps its records for a day of this clock; those of a year would be gigabytes.
  let yesterday = performance.now();
  let today = yesterday;
  const forget = () => {
    if (servers.databaseFile !== undefined)
      trimStreamRecords(servers.databaseFile, Math.ceil((performance.now() - yesterday) / 1000) + 1);
    [yesterday, today] = [today, performance.now()];
  };
  const variables = Object.assign({}, ...definitions.map((definition) => definition.variables));
  return {
    apiUrl,
    inboxUrl: servers.inbox,
    endpoints,
    environment: { ...access, ...variables, ...options.environment },
    functions: registry.names,
    schedules: nextRuns(schedules),
    get processes() {
      return servers.processes.map(({ name, pid }) => ({ name, pid }));
    },
    failure: cleanup.failure,
    invoke: (name, event) => invoke(registry, name, event),
    settled: (limitMs = 60_000) => streams.settled(limitMs),
    setTime: (instant) => {
      if (clock === undefined) throw new Error("this cloud goes by the machine's clock");
      const before = clock.now();
      clock.set(instant);
      if (dayOf(before) !== dayOf(instant)) forget();
    },
    stop: cleanup.run,
  };
}

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);

async function invoke(registry: Registry, name: string, event: unknown): Promise<Invocation> {
  const pool = registry.find(name);
  if (pool === undefined) throw new Error(`no function ${name}; there are ${registry.names.join(", ")}`);
  const { payload, functionError, logs } = await pool.run(JSON.stringify(event ?? {}), randomUUID());
  return { payload: JSON.parse(payload), logs, ...(functionError && { functionError }) };
}

function nextRuns(schedules: readonly Schedule[]): PlannedRun[] {
  const now = new Date();
  return schedules
    .flatMap(({ name, expression: cron, timezone, timing }) => {
      const next = nextRunAfter(timing, now);
      return next === undefined ? [] : [{ name, cron, timezone, next }];
    })
    .sort((a, b) => a.next.getTime() - b.next.getTime());
}

function prepareDataFolder({ data }: CloudOptions, cleanup: Cleanup): string {
  if (data !== undefined) {
    mkdirSync(data, { recursive: true });
    return data;
  }
  const folder = mkdtempSync(join(tmpdir(), "local-cloud-"));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
