export type { Authenticate } from "./authenticate.ts";
export { job } from "./job.ts";
export { type HttpHandler, type Implementations, service } from "./serve.ts";
export { type StreamChange, type StreamFailure, stream } from "./stream.ts";
export { logger, metrics } from "./telemetry.ts";
