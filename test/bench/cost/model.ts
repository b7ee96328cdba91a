import * as z from "zod";
import { COSTS, type Results } from "../results.ts";
import { dollars, SAVINGS_PLAN } from "./prices.ts";
import { readUnits } from "./units.ts";

/** What is assumed of a stage, because nothing measures it. `npm run cost -- --help` names what can be set. */
export const ASSUMED = {
  /** Requests that a customer causes in a month: what their managers look at and write, and what they answer. */
  requestsOfCustomer: 100,
  /** Milliseconds that a function waits for a request to DynamoDB. Locally it is less than one. */
  databaseMs: 4,
  /** Of invocations, and what starting one takes; billed since August 2025. */
  coldStarts: 0.005,
  coldStartMs: 800,
  /** Of the stream, which is one for each partition of the table; a new table has four. */
  shards: 4,
  /** How often Lambda looks into a shard ("Polling and batching streams", Lambda Developer Guide). */
  pollsPerSecond: 4,
  /** Seconds that batches are waited for; the stage has none. */
  batchingWindow: 0,
  /** The line of a request in a function's log, by level; none at WARN. */
  requestLineBytes: { DEBUG: 2_400, INFO: 600, WARN: 0, ERROR: 0 },
  /** START, END and REPORT, which Lambda writes for each invocation, and the line of one that is traced. */
  platformBytes: 290,
  tracedBytes: 80,
  /** CloudWatch keeps logs compressed to this part. */
  compressed: 0.15,
  /** Headers of an answer. */
  headerBytes: 500,
  /** Of the first in each second, and of the rest (X-Ray's default rule). */
  traced: 0.05,
  /** How long data has been collected. */
  years: 1,
  /** What DynamoDB adds to each item and each copy of it in an index. */
  itemOverhead: 100,
  /** Mails and reports for each customer in a month. */
  mails: 2,
  reports: 0.1,
  reportKb: 31,
  mailsWithReport: 0.3,
  /** A container looks once a second at what changed in the directory in ten seconds (docs/read-models.md). */
  lookBackSeconds: 10,
  directoryRowBytes: 500,
  /** Provisioned capacity that is used at most, so that a peak finds some. */
  utilization: 0.7,
} as const;
export type Assumed = {
  readonly [K in keyof typeof ASSUMED]: (typeof ASSUMED)[K] extends number ? number : (typeof ASSUMED)[K];
};

/** With others, as `databaseMs=6`. @throws with a sentence about one that makes no sense */
export function assumedWith(settings: readonly string[]): Assumed {
  const changed: Record<string, number> = {};
  for (const setting of settings) {
    const [name = "", typed = ""] = setting.split("=");
    const value = Number(typed);
    if (typeof ASSUMED[name as keyof typeof ASSUMED] !== "number" || typed === "" || !(value >= 0))
      throw new Error(`--set ${setting}: write the name of an assumption and a number from 0 on`);
    changed[name] = value;
  }
  return { ...ASSUMED, ...changed };
}

/** Of a thousand requests, how many are which call of the bench: a team at work, 70 of them write. */
export const MIX: Readonly<Record<string, number>> = {
  "/auth/me": 60,
  "/dashboard/overview": 80,
  "/dashboard/stats": 40,
  "/dashboard/needs-attention": 60,
  "/dashboard/recent-activity?limit=10": 60,
  "/dashboard/health-trends": 30,
  "/alerts/dashboard": 30,
  "/alerts?is_resolved=false": 60,
  "/customers?limit=20": 90,
  "/customers?search=…": 40,
  "/customers/{id}": 120,
  "/customers/{id}/timeline": 80,
  "/customers/{id}/health-history": 40,
  "/deployments?limit=20": 20,
  "/interactions?limit=20": 40,
  "/interactions/pending-followups": 30,
  "/interactions?search=…": 10,
  "/csat?limit=20": 20,
  "/csat/analytics": 10,
  "/csat/public/info/{token}": 10,
  "POST /interactions": 25,
  "PUT /interactions/{id}": 10,
  "PUT /customers/{id}": 10,
  "PUT /alerts/{id}/resolve": 7,
  "POST /csat/survey-link": 5,
  "POST /csat/public/submit/{token}": 5,
  "POST /csat": 2,
  "POST /health-scores/calculate/{customer_id}": 3,
  "POST /alerts": 2,
  "POST /auth/login": 1,
};

const Call = z.object({
  call: z.string(),
  requests: z.number(),
  "read units": z.number(),
  "write units": z.number(),
  "counting requests": z.number(),
  "counting read units": z.number(),
  "counting write units": z.number(),
  "CPU ms": z.number(),
  "counting CPU ms": z.number(),
  "KB answered": z.number(),
});
const Job = Call.omit({ call: true, "KB answered": true }).extend({
  job: z.string(),
  run: z.enum(["first", "again"]),
  customers: z.number(),
});
const Counted = z.object({
  "records in a batch": z.number(),
  requests: z.number(),
  "read units": z.number(),
  "write units": z.number(),
  "CPU ms": z.number(),
});
const Kept = z.object({
  kind: z.string(),
  "items of a customer": z.number(),
  bytes: z.number(),
  "index copies": z.number(),
});

/** What the bench has measured for this (`--only costs`). */
export interface Measured {
  readonly date: string;
  readonly cpu: string;
  readonly node: string;
  readonly customers: number;
  readonly calls: ReadonlyMap<string, z.infer<typeof Call>>;
  readonly jobs: readonly z.infer<typeof Job>[];
  /** By how many came in a batch, smallest first. */
  readonly counting: readonly z.infer<typeof Counted>[];
  readonly items: ReadonlyMap<string, z.infer<typeof Kept>>;
}

/** @throws naming what is missing, when a run of the bench has not measured it */
export function measuredIn(results: Results): Measured {
  const rows = (table: string) => results.tables[table] ?? [];
  const calls = new Map(rows(COSTS.calls).map((row) => [String(row.call), Call.parse(row)]));
  const missing = Object.keys(MIX).filter((call) => !calls.has(call));
  if (missing.length > 0) throw new Error(`Not measured: ${missing.join(", ")}`);
  return {
    date: results.date ?? "",
    cpu: results.cpu ?? "",
    node: results.node ?? "",
    customers: results.sizes.at(-1) ?? 0,
    calls,
    jobs: z.array(Job).min(1).parse(rows(COSTS.jobs)),
    counting: z.array(Counted).min(1).parse(rows(COSTS.records)),
    items: new Map(rows(COSTS.items).map((row) => [String(row.kind), Kept.parse(row)])),
  };
}

/** CloudFront with a firewall. */
export interface Edge {
  /** Of the firewall. */
  readonly rules: number;
  /** Functions of CloudFront that run at each request. */
  readonly functions: number;
  /** A line of its log. */
  readonly logBytes: number;
}

/** What the synthesized stacks of production hold, as far as it costs (`inventory.ts`). */
export interface Inventory {
  /** MB of the functions, by the kind of file: api, jobs, streams. */
  readonly memory: Readonly<Record<"api" | "jobs" | "streams", number>>;
  readonly functions: number;
  readonly alarmMetrics: number;
  readonly customMetrics: number;
  readonly dashboards: number;
  readonly secrets: number;
  readonly ownKeys: number;
  /** Whether Lambda writes START, END and REPORT. */
  readonly isPlatformLogged: boolean;
  readonly isTraced: boolean;
  /** CloudFront in front, where it is. */
  readonly edge: Edge | undefined;
  /** A line of the gateway's access log. */
  readonly accessLogBytes: number;
  readonly logLevel: keyof typeof ASSUMED.requestLineBytes;
  readonly logRetentionDays: number;
  /** Copies that a backup plan keeps at a time; none without one. */
  readonly backupCopies: number;
}

/** A choice that changes the bill; see the levers of docs/cost.md. */
export interface Levers {
  readonly counts?: boolean;
  readonly logLevel?: Inventory["logLevel"];
  readonly accessLog?: boolean;
  readonly edgeLog?: boolean;
  readonly platformLog?: boolean;
  readonly traces?: boolean;
  /** CloudFront and its firewall in front. */
  readonly edge?: boolean;
}

/** For a stage that has none yet. */
const USUAL_EDGE: Edge = { rules: 6, functions: 1, logBytes: 300 };

export interface Load {
  readonly customers: number;
  /** Requests a second, all month; those that the customers cause when absent. */
  readonly rate?: number;
}

export const COLUMNS = [
  "Lambda",
  "gateway",
  "reads",
  "writes",
  "counting",
  "storage",
  "logs",
  "alarms",
  "traces",
  "edge",
  "transfer",
  "other",
] as const;
/** Dollars a month. */
export type Bill = Readonly<Record<(typeof COLUMNS)[number], number>>;
export const total = (bill: Bill): number => COLUMNS.reduce((sum, column) => sum + bill[column], 0);

const HOURS = 730;
const SECONDS = HOURS * 3600;
const DAYS = HOURS / 24;
const KB = 1024;
const GB = KB ** 3;
/** Lambda gives a whole CPU at this many MB (infra/functions.ts). */
const WHOLE_CPU = 1769;

/** A figure of a request of the mix, on average: each call weighed by its part. */
function mean(measured: Measured, of: (call: z.infer<typeof Call>) => number): number {
  const weights = Object.values(MIX).reduce((sum, weight) => sum + weight, 0);
  return Object.entries(MIX).reduce((sum, [name, weight]) => {
    const call = measured.calls.get(name);
    return call ? sum + (of(call) * weight) / weights : sum;
  }, 0);
}

/** Billed milliseconds: processor time on the part of a CPU that there is, and waiting; each millisecond that is begun. */
export const billedMs = (cpuMs: number, requests: number, memory: number, databaseMs: number): number =>
  Math.ceil(cpuMs / Math.min(1, memory / WHOLE_CPU) + requests * databaseMs);

const gbSeconds = (ms: number, memory: number) => (ms / 1000) * (memory / KB);

/** A figure of a record by the size of its batch, between those that were measured in proportion to the size's logarithm. */
export function byBatch(
  measured: Pick<Measured, "counting">,
  size: number,
  of: "read units" | "write units" | "CPU ms" | "requests",
): number {
  const [first, ...others] = measured.counting;
  if (!first) throw new Error("No batch was measured");
  let below = first;
  for (const above of others) {
    const [from, to] = [below["records in a batch"], above["records in a batch"]];
    if (size <= to) {
      const part = Math.max(0, Math.log(size / from) / Math.log(to / from));
      return below[of] + (above[of] - below[of]) * part;
    }
    below = above;
  }
  return below[of];
}

/** How the counting function meets so many records a second. */
export function batches(recordsASecond: number, { shards, pollsPerSecond, batchingWindow }: Assumed) {
  const every = Math.max(1 / pollsPerSecond, batchingWindow);
  const size = Math.max(1, (recordsASecond / shards) * every);
  return { size, perSecond: recordsASecond / size };
}

/**
 * Runs of a month. The first run of a portfolio opens all alerts that are due and moves all customers whose status has
 * changed: as much as is new in a month. Every other one finds little to do but its reading and its scores. A snapshot
 * is taken anew twice a day, after the scores and 20 hours later; in other hours the job looks whether it is due.
 */
const DAILY = { first: 1, again: DAYS - 1 };
const RUNS: Readonly<Record<string, { readonly first: number; readonly again: number }>> = {
  survey_reminders: { first: 0, again: HOURS },
  scheduled_reports: { first: 0, again: HOURS },
  directory_snapshot: { first: 2 * DAYS, again: 0 },
};

/** What all jobs of a month ask, at so many customers; in proportion to those that were measured. */
function jobsOf(measured: Measured, customers: number) {
  return measured.jobs.map((job) => {
    const times = (RUNS[job.job] ?? DAILY)[job.run];
    const scale = (figure: number) => figure * times * Math.max(1 / job.customers, customers / job.customers);
    return {
      runs: times,
      reads: scale(job["read units"]),
      writes: scale(job["write units"]),
      requests: scale(job.requests),
      cpuMs: scale(job["CPU ms"]),
      countingReads: scale(job["counting read units"]),
      countingWrites: scale(job["counting write units"]),
      countingCpuMs: scale(job["counting CPU ms"]),
    };
  });
}

const sumOf = <T>(all: readonly T[], of: (one: T) => number) => all.reduce((sum, one) => sum + of(one), 0);

/** GB of the table and of its indexes after `years`. */
export function stored(measured: Measured, { customers, rate }: Load, assumed: Assumed) {
  const months = assumed.years * 12;
  const requests = rate === undefined ? customers * assumed.requestsOfCustomer : rate * SECONDS;
  const written = (...calls: string[]) => {
    const weights = Object.values(MIX).reduce((sum, weight) => sum + weight, 0);
    return calls.reduce((sum, call) => sum + ((MIX[call] ?? 0) / weights) * requests * months, 0);
  };
  // What is added beside what each customer has from the start.
  const added: Readonly<Record<string, number>> = {
    scores: customers * assumed.years * 365,
    interaction: written("POST /interactions"),
    survey: written("POST /csat", "POST /csat/public/submit/{token}"),
    survey_link: written("POST /csat/survey-link"),
    alert: written("POST /alerts"),
  };
  let [table, indexes] = [0, 0];
  for (const [kind, { bytes, "items of a customer": items, "index copies": copies }] of measured.items) {
    const count = items * customers + (added[kind] ?? 0);
    table += count * (bytes + assumed.itemOverhead);
    indexes += count * copies * (bytes + assumed.itemOverhead);
  }
  return { table: table / GB, indexes: indexes / GB };
}

/** Units of a month, which provisioned capacity has to make a second; `bill` prices them on demand. */
export function unitsOf(measured: Measured, load: Load, assumed: Assumed, { counts = true }: Levers = {}) {
  const requests =
    load.rate === undefined ? load.customers * assumed.requestsOfCustomer : load.rate * SECONDS;
  const jobs = jobsOf(measured, load.customers);
  const counted = mean(measured, (call) => (call["counting requests"] > 0.5 ? 1 : 0)) * requests;
  const { size, perSecond } = batches(counted / SECONDS, assumed);
  const [one] = measured.counting;
  const less = (of: "write units" | "CPU ms") => byBatch(measured, size, of) / (one?.[of] ?? 1);
  const ms = callMs(measured, assumed, WHOLE_CPU);
  const containers = (requests / SECONDS) * (ms / 1000);
  const changed = (counted / SECONDS) * assumed.lookBackSeconds * assumed.directoryRowBytes;
  // At rest it is part of what was measured.
  const lookingBack =
    changed > 4 * KB ? containers * SECONDS * (readUnits(changed, "eventual") - readUnits(1, "eventual")) : 0;
  return {
    requests,
    jobs,
    counted,
    batch: size,
    batches: counts ? perSecond * SECONDS : 0,
    reads:
      mean(measured, (call) => call["read units"]) * requests + sumOf(jobs, (job) => job.reads) + lookingBack,
    writes: mean(measured, (call) => call["write units"]) * requests + sumOf(jobs, (job) => job.writes),
    countingReads: counts
      ? mean(measured, (call) => call["counting read units"]) * requests +
        sumOf(jobs, (job) => job.countingReads)
      : 0,
    countingWrites: counts
      ? mean(measured, (call) => call["counting write units"]) * requests * less("write units") +
        sumOf(jobs, (job) => job.countingWrites)
      : 0,
    countingCpuMs: counts
      ? mean(measured, (call) => call["counting CPU ms"]) * requests * less("CPU ms") +
        sumOf(jobs, (job) => job.countingCpuMs)
      : 0,
  };
}

/** Billed milliseconds of a request, on average of the mix. */
const callMs = (measured: Measured, { databaseMs, coldStarts, coldStartMs }: Assumed, memory: number) =>
  mean(measured, (call) => billedMs(call["CPU ms"], call.requests, memory, databaseMs)) +
  coldStarts * coldStartMs;

/** Dollars a month for a stage that has this to do. */
export function bill(
  measured: Measured,
  inventory: Inventory,
  load: Load,
  assumed: Assumed = ASSUMED,
  levers: Levers = {},
): Bill {
  const { memory } = inventory;
  const edge = (levers.edge ?? inventory.edge !== undefined) ? (inventory.edge ?? USUAL_EDGE) : undefined;
  const { logLevel = inventory.logLevel, accessLog = true, edgeLog = true } = levers;
  const platformLog = levers.platformLog ?? inventory.isPlatformLogged;
  const traces = levers.traces ?? inventory.isTraced;
  const { customers } = load;
  const units = unitsOf(measured, load, assumed, levers);
  const { requests, jobs } = units;
  const runs = sumOf(jobs, (job) => job.runs);

  const jobMs = sumOf(jobs, (job) => billedMs(job.cpuMs, job.requests, memory.jobs, assumed.databaseMs));
  const apiGbSeconds = gbSeconds(callMs(measured, assumed, memory.api), memory.api) * requests;
  const countingMs = billedMs(units.countingCpuMs, units.batches * 2, memory.streams, assumed.databaseMs);
  const computed = apiGbSeconds + gbSeconds(jobMs, memory.jobs);
  const counting = gbSeconds(countingMs, memory.streams);

  const invocations = requests + runs + units.batches;
  const tracedASecond =
    Math.min(1, invocations / SECONDS) + Math.max(0, invocations / SECONDS - 1) * assumed.traced;
  const traced = traces ? tracedASecond * SECONDS : 0;

  const logged =
    (requests * (accessLog ? inventory.accessLogBytes : 0) +
      requests * (edgeLog ? (edge?.logBytes ?? 0) : 0) +
      requests * assumed.requestLineBytes[logLevel] +
      (platformLog ? invocations * assumed.platformBytes + traced * assumed.tracedBytes : 0)) /
    GB;
  const answered =
    (requests * (mean(measured, (call) => call["KB answered"]) * KB + assumed.headerBytes)) / GB;
  const { table, indexes } = stored(measured, load, assumed);
  const reports = (customers * assumed.reports * assumed.reportKb * KB) / GB;

  // A key of ours is read again by each container every five minutes; at night there are few.
  const containers = Math.max(4, (requests / SECONDS) * (callMs(measured, assumed, memory.api) / 1000) * 2);
  const refreshes = containers * 12 * HOURS;
  return {
    Lambda: dollars("lambdaGbSecond", computed) + dollars("lambdaRequest", requests + runs),
    gateway: dollars("httpApiRequest", requests),
    reads: dollars("dynamoRead", units.reads),
    writes: dollars("dynamoWrite", units.writes),
    counting:
      dollars("dynamoRead", units.countingReads) +
      dollars("dynamoWrite", units.countingWrites) +
      dollars("lambdaGbSecond", counting) +
      dollars("lambdaRequest", units.batches),
    storage:
      dollars("dynamoStorage", table + indexes) +
      dollars("dynamoRecovery", table) +
      dollars("dynamoBackup", table * inventory.backupCopies) +
      dollars("s3Storage", reports * 13) +
      dollars("s3Write", customers * assumed.reports) +
      dollars("s3Read", customers * assumed.reports),
    logs:
      dollars("log", logged) +
      dollars("logStorage", (logged * assumed.compressed * inventory.logRetentionDays) / DAYS),
    alarms:
      dollars("alarm", inventory.alarmMetrics) +
      dollars("customMetric", inventory.customMetrics) +
      dollars("dashboard", inventory.dashboards),
    traces: dollars("trace", traced),
    edge:
      edge === undefined
        ? 0
        : dollars("edgeRequest", requests) +
          dollars("edgeFunction", requests * edge.functions) +
          dollars("edgeToOrigin", (requests * assumed.headerBytes * 2) / GB) +
          dollars("wafAcl", 1) +
          dollars("wafRule", edge.rules) +
          dollars("wafRequest", requests),
    transfer: dollars(edge === undefined ? "transferOut" : "edgeTransfer", answered),
    other:
      dollars("secret", inventory.secrets) +
      dollars("secretCall", refreshes) +
      dollars("keyMonth", inventory.ownKeys) +
      dollars("keyCall", refreshes) +
      dollars("schedule", runs) +
      dollars("mail", customers * assumed.mails) +
      dollars(
        "mailAttachment",
        (customers * assumed.mailsWithReport * (assumed.reportKb * KB) * (4 / 3)) / GB,
      ),
  };
}

/** What the same load costs where capacity is bought ahead: provisioned, reserved for a year, with a savings plan. */
export function committed(
  measured: Measured,
  inventory: Inventory,
  load: Load,
  assumed: Assumed = ASSUMED,
): Readonly<Record<"on demand" | "provisioned" | "reserved, savings plan", number>> {
  const onDemand = bill(measured, inventory, load, assumed);
  const units = unitsOf(measured, load, assumed);
  const need = (month: number) => month / SECONDS / assumed.utilization;
  const reads = need(units.reads + units.countingReads) * HOURS;
  const writes = need(units.writes + units.countingWrites) * HOURS;
  const asked =
    dollars("dynamoRead", units.reads + units.countingReads) +
    dollars("dynamoWrite", units.writes + units.countingWrites);
  const rest = total(onDemand) - asked;
  return {
    "on demand": total(onDemand),
    provisioned: rest + dollars("dynamoReadHour", reads) + dollars("dynamoWriteHour", writes),
    "reserved, savings plan":
      rest -
      onDemand.Lambda * SAVINGS_PLAN.lambda +
      dollars("dynamoReadHourReserved", reads) +
      dollars("dynamoWriteHourReserved", writes),
  };
}

/** Sizes of Fargate tasks: vCPU and the least memory in GB ("Task CPU and memory", ECS Developer Guide). */
const TASKS = [
  [0.25, 0.5],
  [0.5, 1],
  [1, 2],
  [2, 4],
  [4, 8],
  [8, 16],
] as const;
/** Databases in two zones, and for how many requests a second of this mix we would take each. */
const DATABASES = [
  { price: "rdsT4gMediumHour", name: "db.t4g.medium", upTo: 30 },
  { price: "rdsM7gLargeHour", name: "db.m7g.large", upTo: 250 },
  { price: "rdsM7gXlargeHour", name: "db.m7g.xlarge", upTo: 700 },
  { price: "rdsM7g2xlargeHour", name: "db.m7g.2xlarge", upTo: Number.POSITIVE_INFINITY },
] as const;
/** Half a CPU is left for peaks, and for the other task to go on alone. */
const BUSY = 0.5;
/** The least that RDS takes for gp3. */
const LEAST_GB = 20;
/** A task holds the customers in memory as a function does, beside 0.3 GB of its own. */
const MEMORY_OF_100_000_CUSTOMERS_GB = 0.5;

export interface Server {
  readonly tasks: string;
  readonly database: string;
  readonly compute: number;
  readonly storage: number;
  readonly front: number;
  /** What both have: logs, alarms, edge, transfer, mails, secrets. */
  readonly shared: number;
  readonly sum: number;
}

/**
 * A small server that does the same: two tasks of Fargate behind a load balancer, PostgreSQL in two zones with backups.
 * Its code takes the processor time that ours takes, counting included, as its database counts for itself: no more, so
 * that the comparison does not flatter us. Its log has the same line of a request, its balancer's log lies in S3.
 */
export function server(
  measured: Measured,
  inventory: Inventory,
  load: Load,
  assumed: Assumed = ASSUMED,
): Server {
  const ours = bill(measured, inventory, load, assumed, {
    platformLog: false,
    accessLog: false,
    traces: false,
  });
  const requests =
    load.rate === undefined ? load.customers * assumed.requestsOfCustomer : load.rate * SECONDS;
  const rate = requests / SECONDS;
  const jobCpu = sumOf(jobsOf(measured, load.customers), (job) => job.cpuMs) / 1000 / SECONDS;
  const cpus = (rate * mean(measured, (call) => call["CPU ms"])) / 1000 + jobCpu;
  const memory = 0.3 + (load.customers / 100_000) * MEMORY_OF_100_000_CUSTOMERS_GB;
  const need = cpus / BUSY / 2;
  const [cpu, gb] = TASKS.find(([cpu, gb]) => cpu >= need && gb >= memory) ??
    TASKS[TASKS.length - 1] ?? [8, 16];
  const count = Math.max(2, Math.ceil(cpus / BUSY / cpu));
  const { price, name } =
    DATABASES.find(({ upTo }) => rate <= upTo) ?? DATABASES[DATABASES.length - 1] ?? DATABASES[0];
  const { table, indexes } = stored(measured, load, assumed);
  // Rows of PostgreSQL are about as large, and so are its indexes; a quarter more for dead rows and the log.
  const size = Math.max(LEAST_GB, Math.ceil((table + indexes) * 1.25));
  const compute =
    count * (dollars("fargateCpuHour", cpu * HOURS) + dollars("fargateGbHour", gb * HOURS)) +
    dollars(price, HOURS);
  // A capacity unit: 25 new connections, or a GB an hour; ten requests share a connection.
  const bytes = (mean(measured, (call) => call["KB answered"]) * KB + assumed.headerBytes) * rate * 3600;
  const capacity = Math.max(rate / 10 / 25, bytes / GB, 0.1);
  const front =
    dollars("balancerHour", HOURS) +
    dollars("balancerUnitHour", capacity * HOURS) +
    dollars("addressHour", 2 * HOURS + count * HOURS);
  const storage = dollars("rdsStorage", size) + dollars("rdsBackup", size * 0.5);
  const shared = ours.logs + ours.alarms + ours.edge + ours.transfer + ours.other;
  return {
    tasks: `${count} × ${cpu} vCPU, ${gb} GB`,
    database: name,
    compute,
    storage,
    front,
    shared,
    sum: compute + storage + front + shared,
  };
}

/** From how many requests a second on the server is the cheaper one, at so many customers; undefined where it never is. */
export function crossing(
  measured: Measured,
  inventory: Inventory,
  customers: number,
  assumed: Assumed = ASSUMED,
): number | undefined {
  const isDearer = (rate: number) =>
    total(bill(measured, inventory, { customers, rate }, assumed)) >
    server(measured, inventory, { customers, rate }, assumed).sum;
  const most = 10_000;
  let rate = 0.1;
  while (!isDearer(rate)) {
    rate *= 1.02;
    if (rate > most) return undefined;
  }
  return rate;
}
