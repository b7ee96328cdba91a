import fc from "fast-check";
import { expect, test } from "vitest";
import { isolate, sanitizeLine } from "./layout.ts";

test.each([
  ["Weekly  health\r\nBcc: eve@example.com", "Weekly health Bcc: eve@example.com"],
  ["\u2028a\u0000b\tc\u0085", "a b c"],
  ["pay \u202eelbuod\u202c now", "pay elbuod now"],
  ["\u2066a\u2069\u2069b", "ab"],
])("%j stays on its line, and turns nothing around", (typed, line) => expect(sanitizeLine(typed)).toBe(line));

test("what is written from right to left is isolated, and nothing else", () => {
  expect(isolate("تقرير الصحة")).toBe("\u2068تقرير الصحة\u2069");
  expect(isolate("Acme עברית 5")).toBe("\u2068Acme עברית 5\u2069");
  for (const name of ["Größe", "Отчёт", "报告", "Αναφορά"]) expect(isolate(name)).toBe(name);
});

test("whatever is typed has no end of a line, and opens as many isolates as it closes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (typed) => {
      const line = isolate(typed);
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      const count = (sign: string) => line.split(sign).length - 1;
      expect(count("\u2068")).toBe(count("\u2069"));
      expect(count("\u2068")).toBeLessThanOrEqual(1);
    }),
  );
});
