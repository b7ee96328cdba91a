import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import type { HttpEvent, HttpResult } from "./context.ts";

type Line = Parameters<Logger["createAndPopulateLogItem"]>;

/** A logger that puts together what its lines have in common when one is written: most requests write none. */
class RequestLogger extends Logger {
  #about: { readonly context: Context; readonly keys: Readonly<Record<string, string>> } | undefined;

  /** Says what further lines are about, instead of what was said before. */
  begin(context: Context, keys: Readonly<Record<string, string>>): void {
    this.#about = { context, keys };
  }

  /** Says more of it. */
  add(keys: Readonly<Record<string, string>>): void {
    if (this.#about) this.#about = { ...this.#about, keys: { ...this.#about.keys, ...keys } };
  }

  protected override createAndPopulateLogItem(...line: Line) {
    if (this.#about) {
      this.resetKeys();
      this.addContext(this.#about.context);
      this.appendKeys(this.#about.keys);
    }
    return super.createAndPopulateLogItem(...line);
  }
}

const stage = process.env.STAGE ?? "dev";

// Lambda's own level, at which metrics pass too, would count instead of the stage's (`LOG_LEVEL`).
delete process.env.AWS_LAMBDA_LOG_LEVEL;

/** One structured log and one set of metrics per function; names and level come from the environment. */
export const logger = new RequestLogger();
export const metrics = new Metrics({ defaultDimensions: { stage } });

/**
 * Emits a metric of one job. Its dimensions are `service`, `stage` and `job`, as infra/observability.ts asks for them.
 */
export function emitJobMetric(
  job: string,
  name: string,
  unit: "Count" | "Milliseconds",
  value: number,
): void {
  const one = metrics.singleMetric();
  one.addDimension("job", job);
  one.addMetric(name, unit, value);
}

/** Read and write units that the database has counted since the last call. */
export type TakeUnits = () => { readonly read: number; readonly write: number };

const namespace = process.env.POWERTOOLS_METRICS_NAMESPACE;
const isTold = (level = "INFO") => ["TRACE", "DEBUG", "INFO"].includes(level);
/** A stage that wants less in its logs has `logLevel` WARN. Where metrics are off, as on one machine, nobody reads it. */
const tellsRequests =
  process.env.POWERTOOLS_METRICS_DISABLED !== "true" &&
  namespace !== undefined &&
  isTold(process.env.LOG_LEVEL);

const EMF = {
  CloudWatchMetrics: [
    {
      Namespace: namespace,
      Dimensions: [["stage"]],
      Metrics: [
        { Name: "ReadUnits", Unit: "Count" },
        { Name: "WriteUnits", Unit: "Count" },
      ],
    },
  ],
};

/** Headers are as long as their sender wants; this much tells which program it is. */
const USER_AGENT_CHARACTERS = 200;

/**
 * The line of a request: what the gateway can't know, above all who called, and what it took. The gateway's access log
 * has the rest; both have the request's id. Neither has the path, which may hold a token.
 *
 * It is in CloudWatch's embedded metric format, so units are metrics of the stage as well, while route and user stay
 * fields that Logs Insights finds: as a dimension, each route would be some metrics of its own, $0.30 a month each.
 * Written by hand: Powertools checks and copies each value, and this is written with every request.
 */
export function tellRequest(
  { routeKey, requestContext, headers, context }: HttpEvent,
  { statusCode, body = "" }: HttpResult,
  { ms, units }: { readonly ms: number; readonly units: ReturnType<TakeUnits> | undefined },
): void {
  if (!tellsRequests) return;
  const line = {
    ...(units && { _aws: { Timestamp: Date.now(), ...EMF } }),
    stage,
    message: "request",
    request_id: requestContext.requestId,
    route: routeKey,
    status: statusCode,
    ms: Math.round(ms),
    bytes: Buffer.byteLength(body),
    address: requestContext.http.sourceIp,
    [context?.actor?.kind === "key" ? "api_key_id" : "user_id"]: context?.actor?.id,
    user_agent: headers["user-agent"]?.slice(0, USER_AGENT_CHARACTERS),
    ...(units && { ReadUnits: units.read, WriteUnits: units.write }),
  };
  // Lambda puts words before what the console prints, and CloudWatch reads no metric behind them.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
