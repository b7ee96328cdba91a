import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { hashToken, newToken } from "./link-token.ts";
import { constantTimeEqual } from "./text.ts";

test("a token leads to its record, and only there", () => {
  const [one, other] = [newToken(), newToken()];
  const { token, ...record } = one;
  expect(hashToken(token)).toEqual(record);
  expect(other.id).not.toBe(one.id);
  expect(other.token_hash).not.toBe(one.token_hash);
});

test("every id is a UUID, so that it can stand in a path", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const record = hashToken(Buffer.from(bytes).toString("base64url"));
      expect(z.uuid().safeParse(record?.id).success).toBe(true);
    }),
  );
});

test("nothing of a token can be read from its record", () => {
  const { token, id, token_hash } = newToken();
  expect(`${id}${token_hash}`).not.toContain(token.slice(0, 8));
});

test.each(["", "x", randomBytes(31).toString("base64url"), `${newToken().token}=`, `${newToken().token} `])(
  "%j is no token",
  (text) => expect(hashToken(text)).toBeUndefined(),
);

test("hashes are the same as a whole or not at all", () => {
  const { token_hash } = newToken();
  const changed = `${token_hash.slice(0, -1)}${token_hash.endsWith("A") ? "B" : "A"}`;
  expect(constantTimeEqual(token_hash, token_hash)).toBe(true);
  expect(constantTimeEqual(token_hash, changed)).toBe(false);
  expect(constantTimeEqual(token_hash, token_hash.slice(1))).toBe(false);
  expect(constantTimeEqual(token_hash, "")).toBe(false);
});
