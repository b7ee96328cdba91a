export type { Authenticate } from "./authenticate.ts";
export type { Charge } from "./charge.ts";
export type { Idempotency } from "./idempotency.ts";
export { createJobHandler } from "./job.ts";
export { createNotificationHandler } from "./notification.ts";
export type { RateLimit } from "./rate-limits.ts";
export { createServe, type HttpHandler, type Implementation, type Implementations } from "./serve.ts";
export { createStreamHandler, type StreamChange, type StreamFailure } from "./stream.ts";
export { emitJobMetric, logger, metrics } from "./telemetry.ts";
