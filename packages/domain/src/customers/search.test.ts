import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestMatches } from "./search.ts";

const byName = (a: { search_key: string }, b: { search_key: string }) =>
  a.search_key < b.search_key ? -1 : 1;

/** Names that a search finds, best first. */
const found = (names: readonly string[], part: string, limit = 50) => {
  const rows = names.map((name) => ({ search_key: name.toLowerCase() })).sort(byName);
  const having = rows.filter(({ search_key }) => search_key.includes(part));
  return bestMatches(having, part, limit).map(({ search_key }) => search_key);
};

describe("a search", () => {
  it("finds the whole name first, then its start, then the start of a word, then any other place", () => {
    const names = ["Bacme", "Zeta Acme", "Acme Zwei", "The (acme)", "Acme", "Acme Eins", "Other"];
    expect(found(names, "acme")).toEqual([
      "acme",
      "acme eins",
      "acme zwei",
      "the (acme)",
      "zeta acme",
      "bacme",
    ]);
  });

  it("looks for the start of a word behind places within words", () => {
    expect(found(["banana an", "banana"], "an")).toEqual(["banana an", "banana"]);
    expect(found(["aaaa aa", "baaaa"], "aa")).toEqual(["aaaa aa", "baaaa"]);
  });

  it("knows letters of all alphabets and numbers as parts of words", () => {
    // By name each first one would come first: ~ stands behind the letters.
    for (const [within, start] of [
      ["öab", "ö~ab"],
      ["7ab", "7~ab"],
      ["дab", "д~ab"],
      ["e\u0301ab", "e\u0301~ab"],
      ["𝐗ab", "𝐗~ab"],
    ] as const)
      expect(found([within, start], "ab")).toEqual([start.toLowerCase(), within.toLowerCase()]);
  });

  it("answers no more than it is asked for", () => {
    expect(found(["ab 1", "ab 2", "ab 3", "cab"], "ab", 2)).toEqual(["ab 1", "ab 2"]);
  });

  it("loses nobody, and puts whom it starts with or is before others", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", " ", "-"), minLength: 1, maxLength: 8 });
    const part = fc.string({ unit: fc.constantFrom("a", "b", " "), minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(name), part, (names, text) => {
        const all = found(names, text, 1_000);
        expect(all.toSorted()).toEqual(names.filter((one) => one.includes(text)).sort());
        const rank = (one: string) => [one === text, one.startsWith(text), true].indexOf(true);
        expect(all.map(rank)).toEqual(all.map(rank).sort());
      }),
    );
  });
});
