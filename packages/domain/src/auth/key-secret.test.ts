import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { hashSecret, isApiKey, keyIdOf, newSecret } from "./key-secret.ts";

test.each([randomUUID(), "00000000-0000-4000-8000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff"])(
  "a secret of the key %s tells whose it is",
  (id) => {
    const secret = newSecret(id);
    expect(secret).toMatch(/^smk_live_[0-9A-Za-z]{71}$/);
    expect(isApiKey(secret)).toBe(true);
    expect(keyIdOf(secret)).toBe(id);
  },
);

test("two secrets of a key have nothing in common but its id", () => {
  const id = randomUUID();
  const [one, other] = [newSecret(id), newSecret(id)];
  expect(one.slice(0, 31)).toBe(other.slice(0, 31));
  expect(one.slice(31)).not.toBe(other.slice(31));
  expect(hashSecret(one)).not.toBe(hashSecret(other));
});

test("what is mistyped in any one place is known without a read", () => {
  const secret = newSecret(randomUUID());
  for (let at = 0; at < secret.length; at++) {
    const wrong = secret.charAt(at) === "x" ? "y" : "x";
    expect(keyIdOf(secret.slice(0, at) + wrong + secret.slice(at + 1))).toBeUndefined();
  }
});

test.each(["", "smk_live_", `smk_live_${"z".repeat(71)}`, `${newSecret(randomUUID())} `, "eyJhbGciOi"])(
  "%j is no secret",
  (text) => {
    expect(keyIdOf(text)).toBeUndefined();
  },
);
