import { expect, it } from "vitest";
import { themeBars, themesIn } from "./themes.ts";

it("words are counted by comment, the most frequent first", async () => {
  const found = await themesIn([
    "Great, great people.",
    "Great, but slow.",
    "Not good.",
    "Slow. Not good.",
    "Nobody feels responsible.",
    "Так себе",
  ]);
  expect(found).toEqual({
    praise: [["great", 2]],
    complaints: [
      ["not good", 2],
      ["slow", 2],
    ],
  });
  expect(themeBars(found)).toMatchObject([
    { title: "Words of praise", max: 2, bars: [{ label: "great", value: 2, valueText: "2", tone: "good" }] },
    { title: "Words of complaint", max: 2, bars: [{ label: "not good" }, { label: "slow" }] },
  ]);
  expect(themeBars(await themesIn([]))).toEqual([]);
});
