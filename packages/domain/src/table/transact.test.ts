import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { conditionFailed, transact } from "./transact.ts";

/** A transaction that is answered with these codes, attempt after attempt; the last ones for good. */
function answered(...attempts: string[][]) {
  let tries = 0;
  const write = () => ({
    go: async () => {
      const codes = attempts[Math.min(tries, attempts.length - 1)] ?? [];
      tries += 1;
      return { canceled: codes.length > 0, data: codes.map((code) => ({ code })) };
    },
  });
  return { write, tries: () => tries };
}

test("a transaction that is written has no failed conditions", async () => {
  expect(await transact(answered([]).write)).toEqual([]);
});

test("failed conditions are told by their place, at once", async () => {
  const { write, tries } = answered(["None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"]);
  expect(await transact(write)).toEqual([1, 3]);
  expect(tries()).toBe(1);
});

test("a conflict with another transaction passes: it is tried again", async () => {
  const conflict = ["None", "TransactionConflict"];
  const { write, tries } = answered(conflict, conflict, []);
  expect(await transact(write)).toEqual([]);
  expect(tries()).toBe(3);
});

test("a conflict may end in a failed condition", async () => {
  const { write } = answered(["TransactionConflict"], ["ConditionalCheckFailed"]);
  expect(await transact(write)).toEqual([0]);
});

test("conflicts without end are an error that says to try again", async () => {
  const { write, tries } = answered(["TransactionConflict"]);
  await expect(transact(write)).rejects.toMatchObject({ name: "TransactionConflictException" });
  expect(tries()).toBe(8);
});

test("throttling is tried again, and not taken for a failed condition", async () => {
  const { write, tries } = answered(["None", "ThrottlingError"]);
  await expect(transact(write)).rejects.toMatchObject({ name: "ThrottlingException" });
  expect(tries()).toBe(8);
});

test("what the database can't write is an error at once", async () => {
  const { write, tries } = answered(["None", "ValidationError"]);
  await expect(transact(write)).rejects.toMatchObject({ name: "TransactionCanceledException" });
  expect(tries()).toBe(1);
});

test("a failed condition is recognized however it is wrapped", () => {
  const failed = new ConditionalCheckFailedException({ message: "no", $metadata: {} });
  expect(conditionFailed(failed)).toBe(true);
  expect(conditionFailed(new Error("wrapped", { cause: new Error("again", { cause: failed }) }))).toBe(true);
  expect(conditionFailed(new Error("ConditionalCheckFailedException"))).toBe(false);
  expect(conditionFailed(undefined)).toBe(false);
});
