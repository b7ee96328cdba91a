import { searchForm } from "@success-manager/contract/text";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Weakness, weaknessOf as weakness } from "./password-strength.ts";

const weaknessOf = (...[password, person]: [string, Parameters<typeof weakness>[1]]): Weakness | undefined =>
  weakness(password, person, searchForm);

const ada = { email: "ada.lovelace@example.com", full_name: "Ada Lovelace" };
const random = (unit: readonly string[], length: number) =>
  fc.array(fc.constantFrom(...unit), { minLength: length, maxLength: length }).map((signs) => signs.join(""));

/** What people do to a word that a form refuses. */
const variants: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => word.toUpperCase(),
  (word) => word.charAt(0).toUpperCase() + word.slice(1),
  (word) => [...word].toReversed().join(""),
  (word) => word.replaceAll("a", "@").replaceAll("o", "0").replaceAll("e", "3"),
];
const suffixes = ["", "1", "12", "!", "1!", "99", "2026", "123"];

test.each(["password", "qwertyuiop", "football", "sunshine", "princess", "superman", "iloveyou"])(
  "%s is common in every disguise",
  (word) => {
    for (const disguise of variants)
      for (const suffix of suffixes)
        expect([disguise(word) + suffix, weaknessOf(disguise(word) + suffix, ada)]).toEqual([
          disguise(word) + suffix,
          "common",
        ]);
  },
);

test.each(["ada.lovelace", "adalovelace", "lovelaceada", "Ada Lovelace", "ada_lovelace"])(
  "%s is personal in every disguise",
  (word) => {
    for (const disguise of variants)
      for (const suffix of suffixes)
        expect([disguise(word) + suffix, weaknessOf(disguise(word) + suffix, ada)]).toEqual([
          disguise(word) + suffix,
          "personal",
        ]);
  },
);

test("the own address is personal", () => {
  for (const password of [ada.email, ada.email.toUpperCase(), `${ada.email}1`])
    expect(weaknessOf(password, ada)).toBe("personal");
});

test("names with marks are known without them, too", () => {
  const person = { email: "x@example.com", full_name: "Jürgen Łukasz-Müller" };
  for (const password of ["JürgenMüller", "jurgenmuller1", "Muller2026", "müllerjürgen"])
    expect([password, weaknessOf(password, person)]).toEqual([password, "personal"]);
});

test("one sign, whatever it is, makes no password", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
      fc.integer({ min: 8, max: 30 }),
      (sign, count) => {
        expect(weaknessOf(sign.repeat(count), ada)).toBeDefined();
      },
    ),
    { numRuns: 50 },
  );
});

test("what was made up by a machine is fine", () => {
  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"];
  fc.assert(
    fc.property(random(letters, 24), (password) => {
      expect(weaknessOf(password, ada)).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});
