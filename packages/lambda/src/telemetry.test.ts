import type { Context } from "aws-lambda";
import { expect, test, vi } from "vitest";

/** Lines go to the console, where a test sees them. */
process.env.POWERTOOLS_DEV = "true";
process.env.POWERTOOLS_METRICS_NAMESPACE = "SuccessManager";
process.env.STAGE = "prod";
process.env.LOG_LEVEL = "INFO";
// As Lambda sets it from the function's `ApplicationLogLevel`.
process.env.AWS_LAMBDA_LOG_LEVEL = "DEBUG";
const { logger, tellRequest } = await import("./telemetry.ts");

const context = (awsRequestId: string) =>
  ({
    functionName: "api-books",
    functionVersion: "1",
    invokedFunctionArn: "arn",
    memoryLimitInMB: "512",
    awsRequestId,
  }) as Context;

/** What a line says. */
function lineOf(write: () => void): unknown {
  const print = vi.spyOn(console, "error").mockImplementation(() => undefined);
  write();
  const [[text = "{}"] = []] = print.mock.calls;
  print.mockRestore();
  return JSON.parse(String(text));
}

test("the stage's level counts, not the one at which Lambda lets lines through", () => {
  const print = vi.spyOn(console, "debug").mockImplementation(() => undefined);
  logger.debug("too much");
  expect(print).not.toHaveBeenCalled();
  print.mockRestore();
  expect(logger.getLevelName()).toBe("INFO");
});

test("every line of a request names it, and whoever is known by then", () => {
  logger.begin(context("invocation-1"), { request_id: "request-1", route: "GET /books" });
  const first = lineOf(() => logger.error("slow"));
  logger.add({ user_id: "ada" });
  const second = lineOf(() => logger.error("failed", { book: "emma" }));
  expect(first).toMatchObject({
    function_request_id: "invocation-1",
    request_id: "request-1",
    route: "GET /books",
  });
  expect(first).not.toHaveProperty("user_id");
  expect(second).toMatchObject({ message: "failed", request_id: "request-1", user_id: "ada", book: "emma" });
});

test("the next request's lines say nothing of the one before", () => {
  logger.begin(context("invocation-1"), { request_id: "request-1" });
  logger.add({ user_id: "ada" });
  lineOf(() => logger.error("failed"));
  logger.begin(context("invocation-2"), { request_id: "request-2" });
  const line = lineOf(() => logger.error("failed"));
  expect(line).toMatchObject({ function_request_id: "invocation-2", request_id: "request-2" });
  expect(line).not.toHaveProperty("user_id");
});

test("a request's line has what the gateway can't know, in the format of metrics, and no path", () => {
  const print = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const event = {
    routeKey: "GET /books/{id}",
    rawPath: "/books/secret-token",
    headers: { "user-agent": `"}, ${"x".repeat(500)}`, authorization: "Bearer secret-token" },
    requestContext: { requestId: "request-1", http: { sourceIp: "192.0.2.1", method: "GET" } },
    context: { actor: { id: "ada" } },
  } as never;
  const answer = { statusCode: 200, body: "Größe" };
  tellRequest(event, answer, { ms: 12.4, units: { read: 1.5, write: 0 } });
  tellRequest(event, answer, { ms: 12.4, units: undefined });
  const [line = "", unmeasured = ""] = print.mock.calls.map(([text]) => String(text));
  print.mockRestore();
  // One line by itself: CloudWatch reads no metric behind other words.
  expect(line).toMatch(/^\{.+\}\n$/);
  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace: "SuccessManager",
          Dimensions: [["stage"]],
          Metrics: [
            { Name: "ReadUnits", Unit: "Count" },
            { Name: "WriteUnits", Unit: "Count" },
          ],
        },
      ],
    },
    stage: "prod",
    message: "request",
    request_id: "request-1",
    route: "GET /books/{id}",
    status: 200,
    ms: 12,
    bytes: 7,
    address: "192.0.2.1",
    user_id: "ada",
    user_agent: `"}, ${"x".repeat(196)}`,
    ReadUnits: 1.5,
    WriteUnits: 0,
  });
  expect(line).not.toContain("secret-token");
  expect(JSON.parse(unmeasured)).not.toHaveProperty("ReadUnits");
});
