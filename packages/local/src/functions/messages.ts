/** What an instance needs to know once, at its start (worker data, so plain data only). */
export type InstanceSettings = {
  readonly module: string;
  readonly handler: string;
  readonly folder: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly logStream: string;
  readonly sourceMaps: boolean;
};

/** To the instance: one event, as JSON text, as Lambda itself hands it over. */
export type Invocation = { readonly requestId: string; readonly event: string };

/** From the instance. `logs` is what was printed since the last message. */
export type InstanceMessage =
  | { readonly kind: "ready"; readonly logs: string }
  | { readonly kind: "logs"; readonly logs: string }
  | { readonly kind: "done"; readonly payload: string; readonly failed: boolean; readonly logs: string };

/** Result of one event. `payload` is JSON text; with `functionError` set it is Lambda's error object. */
export type Outcome = {
  readonly payload: string;
  readonly functionError?: "Handled" | "Unhandled";
  readonly timedOut?: boolean;
  readonly logs: string;
};

/** Lambda's error payload for failures of the runtime rather than of the handler. */
export function failure(errorType: string, errorMessage: string, logs = ""): Outcome {
  return { payload: JSON.stringify({ errorType, errorMessage }), functionError: "Unhandled", logs };
}
