import { conflict, notFound, tooManyRequests } from "@success-manager/contract/problem";
import { expect, test } from "vitest";
import { call } from "./fixture/call.ts";
import { libraryWith } from "./fixture/library.ts";

const failing = (error: unknown) =>
  call(libraryWith({ list: () => Promise.reject(error) }), "GET", "/api/v1/books", { as: "viewer" });

const named = (name: string, message: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { name });

test("an expected failure becomes its status and sentence", async () => {
  expect(await failing(notFound("Book"))).toMatchObject({ status: 404, json: { detail: "Book not found" } });
  expect(await failing(conflict("Taken."))).toMatchObject({ status: 409, json: { detail: "Taken." } });
});

test("a failure brings its headers along", async () => {
  expect(await failing(tooManyRequests(30))).toMatchObject({ status: 429, headers: { "retry-after": "30" } });
});

test("an expected failure is found under what a library made of it", async () => {
  expect((await failing(named("ElectroError", "wrapped", conflict("Taken.")))).json).toEqual({
    detail: "Taken.",
  });
});

test.each([
  new Error("connect to table Secrets-7 failed"),
  named("ValidationException", "Secrets-7"),
  "Secrets-7",
])("an unexpected failure keeps its inner words to itself: %o", async (error) => {
  const { status, text, json } = await failing(error);
  expect(status).toBe(500);
  expect(json).toEqual({ detail: "Something went wrong on our side. It has been logged; try again later." });
  expect(text).not.toContain("Secrets-7");
});

test.each([
  named("ThrottlingException", "Rate exceeded"),
  named("ProvisionedThroughputExceededException", "inner words"),
  named("ElectroError", "inner words", named("TransactionConflictException", "inner words")),
  Object.assign(new Error("connect ECONNREFUSED 10.0.0.1:443"), { code: "ECONNREFUSED" }),
])("a failure that passes asks to come back: %o", async (error) => {
  const { status, headers, text } = await failing(error);
  expect(status).toBe(503);
  expect(headers["retry-after"]).toBe("2");
  expect(text).not.toMatch(/inner words|10\.0\.0\.1|exceeded/);
});

test("a request that would outlive its Lambda is answered in time", async () => {
  const handler = libraryWith({ list: () => new Promise(() => undefined) });
  const { status, json } = await call(handler, "GET", "/api/v1/books", { as: "viewer", remainingMs: 520 });
  expect([status, json]).toEqual([
    503,
    { detail: "This takes longer than a request may. Try again with less at once." },
  ]);
});
