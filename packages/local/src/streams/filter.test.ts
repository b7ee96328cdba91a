import { expect, test } from "vitest";
import { createFilter } from "./filter.ts";

const refuse = (problem: string) => new Error(`here: ${problem}`);
const change = {
  eventName: "MODIFY",
  dynamodb: {
    Keys: { pk: { S: "survey#1" } },
    NewImage: { tags: { SS: ["a", "b"] }, score: { N: "9" }, open: { BOOL: true } },
  },
};

test.each<[string, unknown[], boolean]>([
  ["no filter lets everything through", [], true],
  ["an equal value", [{ eventName: ["MODIFY"] }], true],
  ["one of several values", [{ eventName: ["INSERT", "MODIFY"] }], true],
  ["another value", [{ eventName: ["INSERT"] }], false],
  ["a prefix", [{ dynamodb: { Keys: { pk: { S: [{ prefix: "survey#" }] } } } }], true],
  ["another prefix", [{ dynamodb: { Keys: { pk: { S: [{ prefix: "survey_link#" }] } } } }], false],
  [
    "one of several prefixes",
    [{ dynamodb: { Keys: { pk: { S: [{ prefix: "x" }, { prefix: "s" }] } } } }],
    true,
  ],
  [
    "a prefix of something that is no text",
    [{ dynamodb: { NewImage: { open: { BOOL: [{ prefix: "t" }] } } } }],
    false,
  ],
  ["a boolean", [{ dynamodb: { NewImage: { open: { BOOL: [true] } } } }], true],
  ["a number where DynamoDB has a text", [{ dynamodb: { NewImage: { score: { N: [9] } } } }], false],
  ["an element of a set", [{ dynamodb: { NewImage: { tags: { SS: ["b"] } } } }], true],
  ["an attribute that is there", [{ dynamodb: { NewImage: { score: { N: [{ exists: true }] } } } }], true],
  [
    "an attribute that is not there",
    [{ dynamodb: { OldImage: { score: { N: [{ exists: true }] } } } }],
    false,
  ],
  ["the absence of an attribute", [{ dynamodb: { OldImage: { score: { N: [{ exists: false }] } } } }], true],
  [
    "a branch, which has no end and so does not exist",
    [{ dynamodb: { NewImage: [{ exists: true }] } }],
    false,
  ],
  ["two fields of which one does not fit", [{ eventName: ["MODIFY"], eventSource: ["aws:sqs"] }], false],
  ["the second of two patterns", [{ eventName: ["INSERT"] }, { eventName: ["MODIFY"] }], true],
])("%s", (_what, patterns, wanted) => {
  const filter = createFilter(
    patterns.map((pattern) => JSON.stringify(pattern)),
    refuse,
  );
  expect(filter(change)).toBe(wanted);
});

test.each([
  [
    { eventName: [{ suffix: "Y" }] },
    'here: a filter uses {"suffix":"Y"}, which the local cloud does not know',
  ],
  [{ eventName: [{ "anything-but": ["INSERT"] }] }, "here: a filter uses"],
  [{ eventName: [{ prefix: "M", exists: true }] }, "here: a filter uses"],
  [{ $or: [{ eventName: ["INSERT"] }] }, "here: a filter uses $or"],
  [{ eventName: "MODIFY" }, 'here: a filter has "MODIFY" where a list belongs'],
])("%j is refused instead of guessed", (pattern, sentence) => {
  expect(() => createFilter([JSON.stringify(pattern)], refuse)).toThrow(sentence);
});
