import "./fixture/silent-telemetry.ts";
import { describe, expect, it } from "vitest";
import { contextOf } from "./fixture/call.ts";
import { createStreamHandler, type StreamChange, type StreamFailure } from "./stream.ts";

const context = contextOf(10_000);

const record = (n: number, images: object) => ({
  eventID: `event-${n}`,
  eventName: "MODIFY",
  eventSource: "aws:dynamodb",
  awsRegion: "eu-central-1",
  dynamodb: {
    SequenceNumber: `10000${n}`,
    Keys: { pk: { S: `thing#${n}` }, sk: { S: "thing" } },
    StreamViewType: "NEW_AND_OLD_IMAGES",
    ...images,
  },
});

/** Sends records through the stack to a handler that fails those of the given ids. */
async function delivered(records: readonly unknown[], failing: readonly string[] = []) {
  const received: StreamChange[] = [];
  const handler = createStreamHandler(async (changes): Promise<StreamFailure[]> => {
    received.push(...changes);
    return changes
      .filter(({ event_id }) => failing.includes(event_id))
      .map((change) => ({ change, error: new Error("poison") }));
  });
  return { answer: await handler({ Records: records }, context), received };
}

describe("a batch of the table's stream", () => {
  it("reaches the handler as items before and after", async () => {
    const NewImage = {
      pk: { S: "thing#1" },
      size: { N: "7" },
      tags: { L: [{ S: "a" }] },
      gone: { NULL: true },
    };
    const OldImage = { pk: { S: "thing#2" }, open: { BOOL: false } };
    const { answer, received } = await delivered([record(1, { NewImage }), record(2, { OldImage })]);
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(received).toEqual([
      {
        event_id: "event-1",
        sequence_number: "100001",
        before: undefined,
        after: { pk: "thing#1", size: 7, tags: ["a"], gone: null },
        images: expect.any(Function),
      },
      {
        event_id: "event-2",
        sequence_number: "100002",
        before: { pk: "thing#2", open: false },
        after: undefined,
        images: expect.any(Function),
      },
    ]);
  });

  it("holds numbers beyond what JavaScript counts exactly without failing", async () => {
    const { answer } = await delivered([record(1, { NewImage: { cents: { N: "99999999999999999999" } } })]);
    expect(answer.batchItemFailures).toEqual([]);
  });

  it("reaches it with the attributes alone that it names, and the second of the write", async () => {
    const received: StreamChange[] = [];
    const handler = createStreamHandler(
      async (changes) => {
        received.push(...changes);
        return [];
      },
      { attributes: ["size", "missing"] },
    );
    const NewImage = { size: { N: "7" }, story: { S: "long" }, broken: { X: "?" } };
    const written = record(1, { NewImage, ApproximateCreationDateTime: 1_768_471_200 });
    expect(await handler({ Records: [written] }, context)).toEqual({ batchItemFailures: [] });
    expect(received).toEqual([
      {
        event_id: "event-1",
        sequence_number: "100001",
        written_at: 1_768_471_200,
        before: undefined,
        after: { size: 7 },
        images: expect.any(Function),
      },
    ]);
  });

  it("is done but for the records that failed", async () => {
    const records = [1, 2, 3].map((n) => record(n, { NewImage: { n: { N: String(n) } } }));
    const { answer } = await delivered(records, ["event-2", "event-3"]);
    expect(answer).toEqual({
      batchItemFailures: [{ itemIdentifier: "100002" }, { itemIdentifier: "100003" }],
    });
  });

  it("with an image that can't be read is done but for that record", async () => {
    const { answer, received } = await delivered([
      record(1, { NewImage: { broken: { X: "?" } } }),
      record(2, { NewImage: { n: { N: "2" } } }),
    ]);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "100001" }] });
    expect(received.map(({ event_id }) => event_id)).toEqual(["event-2"]);
  });

  it("is delivered again as a whole when the handler throws", async () => {
    const handler = createStreamHandler(async () => {
      throw new Error("the database is gone");
    });
    await expect(handler({ Records: [] }, context)).rejects.toThrow("the database is gone");
  });

  it.each([
    ["nothing", undefined],
    ["no records", {}],
    ["a record of something else", { Records: [{ messageId: "1", body: "{}" }] }],
    ["a record without a number", { Records: [{ eventID: "1", dynamodb: { NewImage: {} } }] }],
    ["an image that is none", { Records: [record(1, { NewImage: [] })] }],
  ])("is refused when it is %s", async (_, event) => {
    const handler = createStreamHandler(async () => []);
    await expect(handler(event, context)).rejects.toThrow();
  });

  it("comes again for what is asked and fails, and has no record for the queue by that", async () => {
    const handler = createStreamHandler(async ([change]) =>
      change ? [{ change, error: new Error("no mail"), again: true }] : [],
    );
    const answer = await handler({ Records: [record(1, {}), record(2, {})] }, context);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "100001" }] });
  });

  it("is cut by Lambda down to the record on which our code breaks: alone, that one is answered by itself", async () => {
    const handler = createStreamHandler(async () => {
      throw new TypeError("undefined is no customer");
    });
    await expect(handler({ Records: [record(1, {}), record(2, {})] }, context)).rejects.toThrow(TypeError);
    // There is no queue here, so it is answered as failed.
    expect(await handler({ Records: [record(2, {})] }, context)).toEqual({
      batchItemFailures: [{ itemIdentifier: "100002" }],
    });
  });

  it("of a single record whose table does not answer comes again, however old it is", async () => {
    const ApproximateCreationDateTime = Date.now() / 1000 - 23 * 3600;
    const down = Object.assign(new Error("connect ECONNREFUSED"), { name: "TimeoutError" });
    const refuse = () => Promise.reject(down);
    for (const noteAttempt of [undefined, refuse, () => Promise.resolve(1)]) {
      const handler = createStreamHandler(refuse, noteAttempt && { noteAttempt });
      const event = { Records: [record(1, { ApproximateCreationDateTime })] };
      await expect(handler(event, context)).rejects.toThrow("ECONNREFUSED");
    }
  });

  it("of a single old record that was begun five times is not begun again; a young one is not even noted", async () => {
    const begun: string[] = [];
    let noted = 0;
    const handler = createStreamHandler(
      async (changes) => {
        begun.push(...changes.map(({ event_id }) => event_id));
        return [];
      },
      { noteAttempt: () => Promise.resolve(++noted) },
    );
    const old = record(1, { ApproximateCreationDateTime: Date.now() / 1000 - 3600 });
    const young = record(2, { ApproximateCreationDateTime: Date.now() / 1000 - 1 });
    for (let n = 0; n < 6; n++) await handler({ Records: [young] }, context);
    expect(noted).toBe(0);
    const answers = [];
    for (let n = 0; n < 6; n++) answers.push(await handler({ Records: [old] }, context));
    expect(begun.filter((id) => id === "event-1")).toHaveLength(5);
    expect(answers.at(-1)).toEqual({ batchItemFailures: [{ itemIdentifier: "100001" }] });
    // Among others it is ordinary: a backlog is old, too.
    await handler({ Records: [old, young] }, context);
    expect(begun.filter((id) => id === "event-1")).toHaveLength(6);
  });
});
