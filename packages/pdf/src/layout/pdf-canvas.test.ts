import { expect, test } from "vitest";
import { typesetter } from "../testing/line-text.ts";
import type { Weight } from "../text/typesetter.ts";
import { showText } from "./pdf-canvas.ts";

const operatorsOf = (text: string, weight: Weight = "regular") =>
  showText(typesetter.line(text, { size: 10, weight })).map(String);

test("words are shown at once, letters closer where the font says so", () => {
  expect(operatorsOf("one two")).toEqual([
    "/regular 10 Tf",
    expect.stringMatching(/^\[ <[0-9a-f]{28}> \] TJ$/),
  ]);
  expect(operatorsOf("AV").slice(1)).toEqual([
    expect.stringMatching(/^\[ <[0-9a-f]{4}> \d+ <[0-9a-f]{4}> \] TJ$/),
  ]);
});

test("an accent over a capital is raised, and what follows is not", () => {
  const operators = operatorsOf("X\u0301x");
  const rises = operators.filter((operator) => operator.endsWith(" Ts"));
  expect(rises).toEqual([expect.stringMatching(/^[1-4](\.\d+)? Ts$/), "0 Ts"]);
  expect(operators.at(-1)).toMatch(/TJ$/);
  expect(operators.indexOf("0 Ts")).toBeLessThan(operators.length - 1);
});

test("each script is shown in its typeface, thicker where that has no bold file", () => {
  const fonts = (operators: readonly string[]) => operators.filter((operator) => /Tf|Tr/.test(operator));
  expect(fonts(operatorsOf("Acme 株式会社カブ Acme"))).toEqual([
    "/regular 10 Tf",
    "/japanese 10 Tf",
    "/regular 10 Tf",
  ]);
  expect(fonts(operatorsOf("Acme ไทย Acme", "bold"))).toEqual([
    "/bold 10 Tf",
    "/thai 10 Tf",
    "2 Tr",
    "/bold 10 Tf",
    "0 Tr",
  ]);
  expect(fonts(operatorsOf("ไทย", "bold")).at(-1)).toBe("0 Tr");
});

test("a script says in which language a voice is to read it, until it ends", () => {
  const spans = operatorsOf("Acme ไทย 東京カブ Acme").filter((operator) => /BDC|EMC/.test(operator));
  expect(spans).toEqual(["/Span <</Lang (th)>> BDC", "EMC", "/Span <</Lang (ja)>> BDC", "EMC"]);
});

test("glyphs that stand for characters together say so", () => {
  const operators = operatorsOf("हि");
  expect(operators.filter((operator) => /BDC|EMC/.test(operator))).toEqual([
    "/Span <</Lang (hi)>> BDC",
    "/Span <</ActualText <FEFF0939093F>>> BDC",
    "EMC",
    "EMC",
  ]);
  expect(operatorsOf("किताब").join()).not.toBe(operators.join());
});

test("nothing is shown for no text", () => {
  expect(operatorsOf("")).toEqual([]);
});
