import type { ErrorStatus } from "../openapi.ts";

/** What a caller sent, in the words of the typed client. Values of `query` are as they were typed. */
export interface ExampleRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

/** What was answered. Files that are no text have no body here, pages only their beginning. */
export interface ExampleResponse {
  readonly status: number;
  /** Those that the contract speaks of: `etag`, `location`, `retry-after`, `content-type` of what is no JSON. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Example {
  readonly request: ExampleRequest;
  readonly response: ExampleResponse;
}

/**
 * A call of each operation, as the demo data answered it (`test/http/examples.test.ts` writes and holds
 * `examples.json`), by group and endpoint: `customers.list`. And one failure of each kind.
 */
export interface Examples {
  readonly operations: Readonly<Record<string, Example>>;
  readonly errors: Readonly<Partial<Record<ErrorStatus, unknown>>>;
}
