import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentDisposition, fitFileName } from "./text.ts";

describe("the name of a file", () => {
  test("is one that file systems take, whatever somebody typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (typed) => {
        const name = fitFileName(typed);
        expect(name).not.toMatch(/[/\\:*?"<>|\p{Cc}\u202a-\u202e]|^[. ]|[. ]$/u);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(180);
        expect(name.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("the header that names a file", () => {
  test.each([
    ["Health summary, November 2026.pdf", 'attachment; filename="Health summary, November 2026.pdf"'],
    [
      "Übersicht März (2).pdf",
      `attachment; filename="Ubersicht Marz (2).pdf"; filename*=UTF-8''%C3%9Cbersicht%20M%C3%A4rz%20%282%29.pdf`,
    ],
    ["تقرير.pdf", `attachment; filename="_.pdf"; filename*=UTF-8''%D8%AA%D9%82%D8%B1%D9%8A%D8%B1.pdf`],
    [
      `a"; filename="evil.exe`,
      `attachment; filename="a _ filename_ evil.exe"; filename*=UTF-8''a%20%3B%20filename%3D%20evil.exe`,
    ],
    [
      "a\r\nset-cookie: b=1",
      "attachment; filename=\"a set-cookie b_1\"; filename*=UTF-8''a%20set-cookie%20b%3D1",
    ],
    ["", 'attachment; filename="file"'],
  ])("of %j is %s", (name, expected) => {
    expect(contentDisposition(name)).toBe(expected);
  });

  test("is ASCII on one line, and gives any name back (RFC 5987)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (typed) => {
        const header = contentDisposition(typed);
        expect(header).toMatch(
          /^attachment; filename="[\w.,() -]+"(?:; filename\*=UTF-8''[\w.!#$&+^`|~%-]+)?$/,
        );
        const [, extended] = /filename\*=UTF-8''(.*)$/.exec(header) ?? [];
        const [, plain = ""] = /filename="([^"]+)"/.exec(header) ?? [];
        expect(extended === undefined ? plain : decodeURIComponent(extended)).toBe(
          fitFileName(typed) || "file",
        );
      }),
    );
  });
});
