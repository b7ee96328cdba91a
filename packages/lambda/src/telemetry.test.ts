import type { Context } from "aws-lambda";
import { expect, test, vi } from "vitest";

/** Lines go to the console, where a test sees them. */
process.env.POWERTOOLS_DEV = "true";
const { logger } = await import("./telemetry.ts");

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
