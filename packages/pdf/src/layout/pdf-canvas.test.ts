import { expect, test } from "vitest";
import { subsetFont } from "../text/font.ts";
import { loadFontFiles } from "../text/font-files.ts";
import { createTypesetter } from "../text/typesetter.ts";
import { showText } from "./pdf-canvas.ts";

const files = await loadFontFiles();
const typesetter = createTypesetter({ regular: subsetFont(files.regular), bold: subsetFont(files.bold) });
const operatorsOf = (text: string) => showText(typesetter.line(text, { size: 10 })).map(String);

test("words are shown at once, letters closer where the font says so", () => {
  expect(operatorsOf("one two")).toEqual([expect.stringMatching(/^\[ <[0-9a-f]{28}> \] TJ$/)]);
  expect(operatorsOf("AV")).toEqual([expect.stringMatching(/^\[ <[0-9a-f]{4}> \d+ <[0-9a-f]{4}> \] TJ$/)]);
});

test("an accent over a capital is raised, and what follows is not", () => {
  const operators = operatorsOf("X\u0301x");
  expect(operators).toHaveLength(5);
  expect(operators[1]).toMatch(/^[1-4](\.\d+)? Ts$/);
  expect(operators[3]).toBe("0 Ts");
});

test("nothing is shown for no text", () => {
  expect(operatorsOf("")).toEqual([]);
});
