import { expect, test } from "vitest";
import { isFigure, shownFigure } from "./figure.ts";

test.each([
  [0, "0"],
  [-0, "0"],
  [-0.0000001, "−0.0000001"],
  [4.2, "4.2"],
  [4.256, "4.26"],
  [0.0114, "0.011"],
  [-37, "−37"],
  [1234567.891, "1,234,567.89"],
])("the figure %d is shown as %s", (value, shown) => {
  expect(shownFigure(value)).toBe(shown);
});

test.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY, 1e16])(
  "%s is no figure to draw",
  (value) => {
    expect(isFigure(value)).toBe(false);
  },
);
