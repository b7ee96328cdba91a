import { describe, expect, it } from "vitest";
import { themesOf } from "./themes.ts";

const themes = (text: string) => themesOf(text).map(({ sign, words }) => `${sign} ${words}`);

describe("themes of an answer", () => {
  it.each([
    ["The team is great and reliable", ["+ great", "+ reliable"]],
    ["Terrible. The portal is SLOW, and full of bugs!", ["- terrible", "- slow", "- bugs"]],
    ["It's not easy to use", ["- not easy"]],
    ["We don’t love the new version", ["- not love"]],
    ["Never broken, always fast", ["+ fast"]],
    ["Not at all. Great!", ["+ great"]],
    ["love love love", ["+ love"]],
    ["Support helped us, support was there", []],
    ["Sehr gut, danke", []],
    ["", []],
  ])("%s", (text, expected) => {
    expect(themes(text)).toEqual(expected);
  });

  it("are words, whatever a plain object calls its own", () => {
    expect(themes("constructor __proto__ hasOwnProperty toString valueOf, constructor length")).toEqual([]);
  });

  it("are no more than 20 of one answer", () => {
    const words =
      "great good love happy perfect amazing excellent outstanding useful helpful friendly stable";
    const more =
      "bad poor terrible awful useless slow broken buggy difficult expensive late outdated unhappy";
    expect(themes(`${words} ${more}`)).toHaveLength(20);
  });

  it.each([
    ["one endless word", "a".repeat(100_000)],
    ["digits", "1".repeat(100_000)],
    ["apostrophes", "a'".repeat(50_000)],
    ["addresses", "www.a@".repeat(20_000)],
    ["words without end", "great ".repeat(20_000)],
  ])("are looked for in %s without keeping anybody busy", (_, text) => {
    // As many as come in a batch of the stream.
    for (let n = 0; n < 100; n++) expect(themes(text).length).toBeLessThanOrEqual(1);
  });
});
