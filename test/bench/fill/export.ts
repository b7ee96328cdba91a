import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Item } from "../../../packages/domain/src/counters/contributions.ts";

/** A line at a time would spend more time on the way than in the making. */
const CHARACTERS_AT_ONCE = 1_000_000;

function* lines(items: Iterable<Item>): Generator<string> {
  let text = "";
  for (const item of items) {
    text += `${JSON.stringify({ Item: marshall(item, { removeUndefinedValues: true }) })}\n`;
    if (text.length < CHARACTERS_AT_ONCE) continue;
    yield text;
    text = "";
  }
  yield text;
}

/**
 * Writes items as an export of DynamoDB to S3 holds them: an item a line ("DynamoDB table export output format",
 * Developer Guide).
 */
export const writeExport = (file: string, items: Iterable<Item>): Promise<void> =>
  pipeline(Readable.from(lines(items)), createWriteStream(file));
