import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import * as fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it, test } from "vitest";
import {
  AlertEntity,
  InteractionEntity,
  NO_CUSTOMER,
  RecentFeedbackEntity,
  ReportEntity,
  SurveyLinkEntity,
} from "./entities/index.ts";
import { chunkByWrites, commit, commitOne, conditionFailed, put, type Write } from "./write.ts";

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

test("a single write that meets a transaction is tried again: that passes", async () => {
  const conflict = new TransactionConflictException({ message: "ongoing", $metadata: {} });
  database.on(PutItemCommand).rejectsOnce(conflict).rejectsOnce(conflict).resolves({});
  expect(await commitOne(write)).toBe(true);
  expect(database.commandCalls(PutItemCommand)).toHaveLength(3);
});

describe("a single write whose condition failed", () => {
  const key = { pk: "thing#1", sk: "thing" };
  const bytes = (...values: number[]) => Uint8Array.from(values);
  const whole: Write = {
    Put: {
      TableName: "table",
      Item: { ...key, n: 0.1, list: ["a", { b: undefined }], content: bytes(1, 2) },
    },
  };
  const wholeLeft = { n: 0.1, list: ["a", {}], content: Buffer.from([1, 2]) };
  const update = (UpdateExpression: string): Write => ({
    Update: {
      ...{ TableName: "table", Key: key, UpdateExpression },
      ExpressionAttributeNames: { "#name": "name", "#at": "at", "#note": "note" },
      ExpressionAttributeValues: { ":name": "Ada", ":at": "2026", ":one": 1 },
    },
  });
  const changing = update("SET #name = :name, at = :at REMOVE #note, hint ADD revision :one");
  const changed = { name: "Ada", at: "2026", revision: 7 };
  const deletion: Write = { Delete: { TableName: "table", Key: key } };
  const refusal = (attempts: number, found?: Readonly<Record<string, unknown>>) =>
    new ConditionalCheckFailedException({
      ...{ message: "no", $metadata: { attempts } },
      ...(found && { Item: marshall({ ...key, ...found }, { removeUndefinedValues: true }) }),
    });

  it.each<[string, Write, Record<string, unknown> | undefined, boolean]>([
    ["a whole item that is there", whole, wholeLeft, true],
    ["with another value", whole, { ...wholeLeft, n: 0.2 }, false],
    ["with other bytes", whole, { ...wholeLeft, content: Buffer.from([1, 3]) }, false],
    ["with one attribute more", whole, { ...wholeLeft, more: 1 }, false],
    ["with one attribute less", whole, { n: 0.1, list: wholeLeft.list }, false],
    ["that is gone again", whole, undefined, false],
    ["an update whose values are there", changing, changed, true],
    ["with another value of its own", changing, { ...changed, at: "2027" }, false],
    ["with an attribute that it removes", changing, { ...changed, note: "" }, false],
    ["with another one that it removes", changing, { ...changed, hint: "" }, false],
    ["in another order of its parts", update("ADD revision :one SET #name = :name"), changed, true],
    ["that only adds", update("ADD revision :one"), changed, false],
    ["whose value follows from the item", update("SET #name = if_not_exists(#name, :name)"), changed, false],
    ["of an item that is gone", changing, undefined, false],
    ["a deletion of what is gone", deletion, undefined, true],
    ["of what is there", deletion, {}, false],
  ])("and that the SDK had repeated is told by what it left: %s", async (_, one, found, isDone) => {
    database.rejects(refusal(2, found));
    expect(await commitOne(one)).toBe(isDone);
    // Sent once, it was somebody else who has written the same.
    database.rejects(refusal(1, found));
    expect(await commitOne(one)).toBe(false);
  });

  it("is known after a conflict, too, if an attempt before it was repeated", async () => {
    const meet = (attempts: number) =>
      database
        .on(PutItemCommand)
        .rejectsOnce(new TransactionConflictException({ message: "ongoing", $metadata: { attempts } }))
        .rejects(refusal(1, wholeLeft));
    meet(2);
    expect(await commitOne(whole)).toBe(true);
    meet(1);
    expect(await commitOne(whole)).toBe(false);
  });
});

describe("a whole item", () => {
  const instant = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  const texts = fc.record({ id: fc.uuid(), customer_id: fc.uuid(), text: fc.string(), at: instant });

  const named = { table: "table" };

  it("is written as ElectroDB writes it", () => {
    fc.assert(
      fc.property(texts, fc.boolean(), fc.boolean(), ({ id, customer_id, text, at }, open, isAlone) => {
        const stamps = { created_at: at, updated_at: at, revision: 1 };
        const interaction = {
          ...({ id, customer_id, interaction_type: "call", subject: text, description: text } as const),
          ...({ sentiment: "neutral", performed_by: text, interaction_date: at } as const),
          ...{ follow_up_required: open, follow_up_due: "2026-01-01", performer_key: text, search_key: text },
          ...stamps,
        };
        const link = {
          ...({
            id,
            customer_id,
            token_hash: text,
            customer_name: text,
            survey_type: "nps",
            created_by: id,
          } as const),
          ...{ created_at: at, expires_at: at, revision: 1, ...(open && { due_key: at }) },
        };
        const alert = {
          ...({
            id,
            customer_id: isAlone ? NO_CUSTOMER : customer_id,
            condition: text,
            severity: "low",
          } as const),
          ...({
            alert_type: "custom",
            title: text,
            description: text,
            is_resolved: open,
            created_by: id,
          } as const),
          ...stamps,
        };
        const feedback = { product: "MonetX" as const, responses: [], revision: 1 };
        expect(put(InteractionEntity, interaction).Put?.Item).toEqual(
          InteractionEntity.put(interaction).params(named).Item,
        );
        expect(put(SurveyLinkEntity, link).Put?.Item).toEqual(SurveyLinkEntity.put(link).params(named).Item);
        expect(put(AlertEntity, alert).Put?.Item).toEqual(AlertEntity.put(alert).params(named).Item);
        expect(put(RecentFeedbackEntity, feedback).Put?.Item).toEqual(
          RecentFeedbackEntity.put(feedback).params(named).Item,
        );
      }),
    );
  });

  it("is refused when an attribute is missing or is not what it must be", () => {
    const feedback = { product: "MonetX" as const, responses: [], revision: 1 };
    expect(() => put(RecentFeedbackEntity, { ...feedback, revision: undefined as never })).toThrow(
      "revision",
    );
    expect(() => put(RecentFeedbackEntity, { ...feedback, product: "Spam" as never })).toThrow("product");
    expect(() => put(RecentFeedbackEntity, { ...feedback, responses: "none" as never })).toThrow("responses");
  });

  it("is refused where attributes are computed", () => {
    expect(() => put(ReportEntity, {} as never)).toThrow("computed");
  });
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
