import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import * as fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it, test } from "vitest";
import { chunkByWrites, commit, commitOne, conditionFailed, type Write } from "./write.ts";

/** Cancellations that the real stand-in of the database does not produce when asked to. */
const database = mockClient(DynamoDBClient);
afterAll(() => database.restore());
beforeEach(() => database.reset());

const write: Write = { Put: { TableName: "table", Item: { pk: "thing#1", sk: "thing" } } };

const canceled = (codes: readonly string[]) =>
  new TransactionCanceledException({
    message: "canceled",
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

/** A transaction that is answered with these codes, attempt after attempt; the last ones for good. */
function answers(...attempts: string[][]) {
  const behavior = database.on(TransactWriteItemsCommand);
  attempts.forEach((codes, n) => {
    const [error, isLast] = [canceled(codes), n === attempts.length - 1];
    if (codes.length > 0) isLast ? behavior.rejects(error) : behavior.rejectsOnce(error);
    else isLast ? behavior.resolves({}) : behavior.resolvesOnce({});
  });
  return { tries: () => database.commandCalls(TransactWriteItemsCommand).length };
}

describe("a transaction", () => {
  it("that is written has no failed conditions", async () => {
    answers([]);
    expect(await commit([write])).toEqual([]);
  });

  it("tells failed conditions by their place, at once", async () => {
    const { tries } = answers(["None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"]);
    expect(await commit([write])).toEqual([1, 3]);
    expect(tries()).toBe(1);
  });

  it("is tried again after a conflict with another one: that passes", async () => {
    const conflict = ["None", "TransactionConflict"];
    const { tries } = answers(conflict, conflict, []);
    expect(await commit([write])).toEqual([]);
    expect(tries()).toBe(3);
  });

  it("may end in a failed condition after a conflict", async () => {
    answers(["TransactionConflict"], ["ConditionalCheckFailed"]);
    expect(await commit([write])).toEqual([0]);
  });

  it("that meets conflicts without end is an error that says to try again", async () => {
    const { tries } = answers(["TransactionConflict"]);
    await expect(commit([write])).rejects.toMatchObject({ name: "TransactionConflictException" });
    expect(tries()).toBe(8);
  });

  it("that is throttled is tried again, and not taken for a failed condition", async () => {
    const { tries } = answers(["None", "ThrottlingError"]);
    await expect(commit([write])).rejects.toMatchObject({ name: "ThrottlingException" });
    expect(tries()).toBe(8);
  });

  it("that the database can't write is an error at once", async () => {
    const { tries } = answers(["None", "ValidationError"]);
    await expect(commit([write])).rejects.toMatchObject({ name: "TransactionCanceledException" });
    expect(tries()).toBe(1);
  });

  it("that fails for another reason passes its error on", async () => {
    const error = new Error("no connection");
    database.on(TransactWriteItemsCommand).rejects(error);
    await expect(commit([write])).rejects.toBe(error);
  });
});

test("a single write answers whether its condition held, and passes other errors on", async () => {
  const failed = new ConditionalCheckFailedException({ message: "no", $metadata: {} });
  database.on(PutItemCommand).resolvesOnce({}).rejectsOnce(failed).rejects(new Error("no connection"));
  expect(await commitOne(write)).toBe(true);
  expect(await commitOne(write)).toBe(false);
  await expect(commitOne(write)).rejects.toThrow("no connection");
});

test("a failed condition is recognized however it is wrapped", () => {
  const failed = new ConditionalCheckFailedException({ message: "no", $metadata: {} });
  expect(conditionFailed(failed)).toBe(true);
  expect(conditionFailed(new Error("wrapped", { cause: new Error("again", { cause: failed }) }))).toBe(true);
  expect(conditionFailed(new Error("ConditionalCheckFailedException"))).toBe(false);
  expect(conditionFailed(undefined)).toBe(false);
});

describe("parts that are written together", () => {
  it("stays whole and in order, and fits into transactions of 100", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 200 }), (sizes) => {
        const packs = chunkByWrites(sizes, (size) => size);
        expect(packs.flat()).toEqual(sizes);
        for (const pack of packs) expect(pack.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(100);
      }),
    );
  });

  it("takes as few transactions as its order allows", () => {
    const scores = Array.from({ length: 33 }, () => 3);
    expect(chunkByWrites(scores, (size) => size)).toHaveLength(1);
    expect(chunkByWrites([...scores, 1, 1], (size) => size)).toHaveLength(2);
    expect(chunkByWrites([], (size) => size)).toEqual([]);
  });
});
