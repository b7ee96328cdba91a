import type { IncomingMessage, ServerResponse } from "node:http";
import { invokeAsync, type KeepFailure } from "../functions/async-invoke.ts";
import type { Registry } from "../functions/pool.ts";
import { arn } from "../template/references.ts";
import { respondJson } from "./server.ts";

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const SETTINGS_PATH = "/2016-08-19/account-settings";
const MAPPINGS_PATH = "/2015-03-31/event-source-mappings";

/** What an account has that has been in use: "Lambda quotas" in the Developer Guide. */
const ACCOUNT_SETTINGS = {
  AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 },
};

/** Lambda's own limit of retries for asynchronous events. */
const ASYNC_RETRIES = 2;

/**
 * The Lambda API as the SDK's LambdaClient speaks it: Invoke, and what there is of the account and of functions that
 * follow a stream.
 */
export function createLambdaEndpoint(
  registry: Registry,
  followers: readonly string[],
  signal: AbortSignal,
  log: (line: string) => void,
  keep?: KeepFailure,
) {
  const lists: Readonly<Record<string, object>> = {
    [SETTINGS_PATH]: ACCOUNT_SETTINGS,
    [MAPPINGS_PATH]: {
      EventSourceMappings: followers.map((name) => ({
        FunctionArn: arn("lambda", `function:${name}`),
        State: "Enabled",
      })),
    },
  };
  return {
    accepts: (message: IncomingMessage) =>
      INVOKE_PATH.test(pathOf(message)) || (message.method === "GET" && lists[pathOf(message)] !== undefined),
    async answer(message: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
      const listed = lists[pathOf(message)];
      if (listed !== undefined) return respondJson(response, 200, listed);
      const given = decodeURIComponent(INVOKE_PATH.exec(pathOf(message))?.[1] ?? "");
      const qualifier = new URLSearchParams(/\?.*$/.exec(message.url ?? "")?.[0]).get("Qualifier");
      const name = qualifier === null ? given : `${given}:${qualifier}`;
      const pool = registry.find(name);
      if (pool === undefined) {
        const Message = `Function not found: ${name}`;
        return respondJson(
          response,
          404,
          { Type: "User", Message },
          { "x-amzn-errortype": "ResourceNotFoundException" },
        );
      }
      const event = body === "" ? "{}" : body;
      if (!isJson(event)) {
        const Message = "Could not parse request body into json";
        return respondJson(
          response,
          400,
          { Message },
          { "x-amzn-errortype": "InvalidRequestContentException" },
        );
      }
      switch (message.headers["x-amz-invocation-type"] ?? "RequestResponse") {
        case "DryRun":
          response.writeHead(204).end();
          return;
        case "Event":
          void invokeAsync(pool, event, { retries: ASYNC_RETRIES, signal, log, keep });
          response.writeHead(202).end();
          return;
        default: {
          const result = await pool.run(event);
          const tail = message.headers["x-amz-log-type"] === "Tail";
          response
            .writeHead(200, {
              "content-type": "application/json",
              "x-amz-executed-version": "$LATEST",
              ...(result.functionError && { "x-amz-function-error": result.functionError }),
              // Lambda returns the last 4 KB.
              ...(tail && {
                "x-amz-log-result": Buffer.from(result.logs).subarray(-4096).toString("base64"),
              }),
            })
            .end(result.payload);
        }
      }
    },
  };
}

function pathOf(message: IncomingMessage): string {
  return (message.url ?? "").replace(/\?.*$/, "");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
