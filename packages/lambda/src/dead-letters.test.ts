import { randomBytes } from "node:crypto";
import { brotliDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { toDeadRecord } from "./dead-letters.ts";

const recordOf = (text: string) => ({
  eventID: "event-1",
  eventName: "MODIFY",
  dynamodb: {
    Keys: { pk: { S: "survey#1" }, sk: { S: "survey" } },
    ApproximateCreationDateTime: 1_768_471_200,
    OldImage: { feedback_text: { S: text } },
    NewImage: { feedback_text: { S: text } },
  },
});

describe("a record for the dead-letter queue", () => {
  it("says what it is about and why, and holds all of it, whatever characters it has", () => {
    const record = recordOf("\u0000 \uFFFF \uD800 Größe");
    const dead = toDeadRecord(record, new TypeError("no score"), new Date("2026-01-31T08:00:00Z"));
    expect(dead).toMatchObject({
      source: "dynamodb-stream",
      failed_at: "2026-01-31T08:00:00.000Z",
      event_id: "event-1",
      event_name: "MODIFY",
      keys: { pk: { S: "survey#1" }, sk: { S: "survey" } },
      written_at: 1_768_471_200,
      error: { name: "TypeError", message: "no score" },
    });
    expect(JSON.parse(brotliDecompressSync(Buffer.from(dead.content ?? "", "base64")).toString())).toEqual(
      record,
    );
    expect(JSON.stringify(dead)).not.toContain("Größe");
  });

  it("has room for two images of 400 KB of text, and names what is longer without its content", () => {
    const words = Array.from({ length: 40_000 }, (_, n) => `word${n % 997} ${n}`)
      .join(" ")
      .slice(0, 400_000);
    const large = toDeadRecord(recordOf(words), new Error("too much"));
    expect(JSON.stringify(large).length).toBeLessThan(262_144);
    expect(large.content).not.toBeNull();
    const noise = toDeadRecord(recordOf(randomBytes(300_000).toString("base64")), new Error("too much"));
    expect(noise).toMatchObject({ content: null, event_id: "event-1" });
    expect(JSON.stringify(noise).length).toBeLessThan(262_144);
  });
});
