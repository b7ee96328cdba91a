import { expect, test } from "vitest";
import type { Consistency } from "./consistency.ts";
import { call } from "./fixture/call.ts";
import { libraryWith } from "./fixture/library.ts";

const books = "/api/v1/books";

/** What a request begins with, in order; its answer gets this mark. */
function tracking(mark: string | undefined = undefined) {
  const begun: (string | undefined)[] = [];
  const consistency: Consistency = { begin: (marks) => void begun.push(marks), mark: () => mark };
  return { begun, handler: libraryWith({}, { consistency }) };
}
const headers = { "x-consistency": "a,b" };

test("marks of who is signed in are taken, after what the last request wrote is forgotten", async () => {
  const { begun, handler } = tracking();
  expect((await call(handler, "GET", books, { as: "viewer", headers })).status).toBe(200);
  expect(begun).toEqual([undefined, "a,b"]);
});

test.each([
  ["nobody who calls what is for everybody", `${books}/count`, {}, 200],
  ["nobody who calls what is for members", books, {}, 401],
  ["somebody who may not do that", books, { as: "viewer", body: { title: "Emma" } }, 403],
])("a function reads nothing for %s", async (_, path, sent: { as?: string; body?: object }, status) => {
  const { begun, handler } = tracking();
  const method = sent.body === undefined ? "GET" : "POST";
  const given = { "content-type": "application/json", ...headers };
  expect((await call(handler, method, path, { ...sent, headers: given })).status).toBe(status);
  expect(begun).toEqual([undefined]);
});

test("what was written is marked in the answer, also in one that failed; nothing is, when nothing was", async () => {
  const body = { title: "Emma" };
  const added = await call(tracking("mark").handler, "POST", books, { as: "manager", body });
  expect([added.status, added.headers["x-consistency"]]).toEqual([201, "mark"]);
  const failing = libraryWith(
    { add: () => Promise.reject(new Error("later")) },
    { consistency: { begin: () => undefined, mark: () => "half" } },
  );
  const failed = await call(failing, "POST", books, { as: "manager", body });
  expect([failed.status, failed.headers["x-consistency"]]).toEqual([500, "half"]);
  expect((await call(tracking().handler, "GET", books, { as: "viewer" })).headers).not.toHaveProperty(
    "x-consistency",
  );
});
