import fc from "fast-check";
import { expect, it } from "vitest";
import { shortened } from "./shortened.ts";

it.each([
  ["", ""],
  ["Quick help.", "Quick help."],
  ["a".repeat(100), "a".repeat(100)],
  ["a".repeat(101), `${"a".repeat(100)}…`],
  ["🙂".repeat(100), "🙂".repeat(100)],
  ["🙂".repeat(101), `${"🙂".repeat(100)}…`],
  [`${"a".repeat(99)}🙂🙂`, `${"a".repeat(99)}🙂…`],
])("of %s is shown %s", (text, shown) => expect(shortened(text)).toBe(shown));

it("a text is whole, or its first 100 characters and an ellipsis", () => {
  const character = fc.constantFrom("a", "é", "🙂", " ", "𝔸");
  fc.assert(
    fc.property(fc.array(character, { maxLength: 220 }), (characters) => {
      const whole = characters.length <= 100;
      expect(shortened(characters.join(""))).toBe(
        whole ? characters.join("") : `${characters.slice(0, 100).join("")}…`,
      );
    }),
  );
});
