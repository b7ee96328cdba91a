import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailKey, parseEmail, toAsciiEmail } from "./email.ts";
import { email } from "./values.ts";

const messages = (typed: string) => email.safeParse(typed).error?.issues.map(({ message }) => message);
const UNUSABLE = "must be an e-mail address like name@example.com";

describe("an address", () => {
  it.each([
    ["ada@example.com", "ada@example.com", "ada@example.com"],
    [" Ada@Example.com\n", "Ada@Example.com", "Ada@example.com"],
    ["sales/eu@example.com", "sales/eu@example.com", "sales/eu@example.com"],
    ["o'neil+x@example.com", "o'neil+x@example.com", "o'neil+x@example.com"],
    ["!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"],
    ["a.b.c@mail.example.co.uk", "a.b.c@mail.example.co.uk", "a.b.c@mail.example.co.uk"],
    ["info@müller.de", "info@müller.de", "info@xn--mller-kva.de"],
    ["info@MÜLLER.de", "info@MÜLLER.de", "info@xn--mller-kva.de"],
    ["info@mu\u0308ller.de", "info@müller.de", "info@xn--mller-kva.de"],
    ["info@xn--mller-kva.de", "info@xn--mller-kva.de", "info@xn--mller-kva.de"],
    ["info@straße.de", "info@straße.de", "info@xn--strae-oqa.de"],
    ["info@例え.テスト", "info@例え.テスト", "info@xn--r8jz45g.xn--zckzah"],
    ["info@пример.рф", "info@пример.рф", "info@xn--e1afmkfd.xn--p1ai"],
    ["a@نامه\u200cای.com", "a@نامه\u200cای.com", "a@xn--mgba3gch31f060k.com"],
    ["ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com", "ada@example.com"],
    ["ada@example。com", "ada@example.com", "ada@example.com"],
    ["\u202aada@example.com\u202c", "ada@example.com", "ada@example.com"],
    ["\ufeffa\u200bd\u200da@exam\u00adple.com", "ada@example.com", "ada@example.com"],
    ["\u3000ada@example.com\u00a0", "ada@example.com", "ada@example.com"],
    [`${"x".repeat(64)}@example.com`, `${"x".repeat(64)}@example.com`, `${"x".repeat(64)}@example.com`],
  ])("%s is shown as %s and travels as %s", (typed, address, ascii) => {
    expect(parseEmail(typed)).toEqual({ address, ascii });
    expect(email.parse(typed)).toBe(address);
    expect(toAsciiEmail(typed)).toBe(ascii);
  });

  it.each([
    "",
    "@",
    "ada",
    "ada@",
    "@example.com",
    "ada@example",
    "ada@@example.com",
    "a@b@example.com",
    "a..b@example.com",
    ".a@example.com",
    "a.@example.com",
    "ada@.com",
    "ada@example..com",
    "ada@example.com.",
    "ada@-example.com",
    "ada@example-.com",
    "ada@exam_ple.com",
    "ada@192.0.2.1",
    "ada@[192.0.2.1]",
    "ada@example.123",
    "ada@example.c",
    "ada@0x7f.1",
    "ada@exa%6dple.com",
    "ada@example.com/x",
    "ada@example.com:25",
    "ada@example.com?x",
    "a b@example.com",
    "ada@exam ple.com",
    "Ada <ada@example.com>",
    "mailto:ada@example.com",
    "a,b@example.com",
    "ada@a.com,b@b.com",
    "ada@a.com;b@b.com",
    "a\u0000@example.com",
    "a\r\nb@example.com",
    "ada@a.com\r\nBcc: b@b.com",
    "ada@\u3164.com",
    `ada@${"x".repeat(64)}.com`,
    `ada@${"ü".repeat(60)}.com`,
    "\ud800@example.com\udc00.com",
  ])("%j is none", (typed) => expect(messages(typed)).toEqual([UNUSABLE]));

  it.each([
    "müller@example.com",
    "用户@例え.jp",
    "İ@example.com",
    "\u212a@example.com",
    "²@example.com",
    "😀@example.com",
  ])("%s is one that mail does not reach, and says so", (typed) =>
    expect(messages(typed)).toEqual([
      "must have only letters from a to z before the @: mail can't be delivered to others",
    ]),
  );

  it.each(['"ada"@example.com', '"ada lovelace"@example.com', '"a@b"@example.com'])(
    "%s has quotation marks, and says so",
    (typed) =>
      expect(messages(typed)).toEqual([
        "must have no quotation marks before the @: mail can't be delivered to such addresses",
      ]),
  );

  it("has a length that mail servers take, in the form in which it travels", () => {
    const ofLength = (length: number) =>
      `a@${"x".repeat(60)}.${"y".repeat(60)}.${"z".repeat(60)}.${"w".repeat(length - 189)}.com`;
    expect(email.parse(ofLength(249))).toHaveLength(249);
    const long = (label: number) => `${"l".repeat(64)}@${`${"x".repeat(61)}.`.repeat(3)}${"y".repeat(label)}`;
    expect([long(3).length, messages(long(3))]).toEqual([254, undefined]);
    expect([long(4).length, messages(long(4))]).toEqual([255, ["must be at most 254 characters"]]);
    const international = `${"l".repeat(64)}@${"ü".repeat(30)}.${"ü".repeat(30)}.${"x".repeat(60)}.${"y".repeat(58)}.de`;
    expect(international.length).toBeLessThan(254);
    expect(messages(international)).toEqual(["must be at most 254 characters"]);
    expect(messages(`${"x".repeat(65)}@example.com`)).toEqual([
      "must have at most 64 characters before the @",
    ]);
    expect(messages(`${"x".repeat(100_000)}@example.com`)).toEqual(["must be at most 254 characters"]);
  });
});

describe("addresses that are one", () => {
  const spellings = [
    "info@MÜLLER.de",
    "info@xn--mller-kva.de",
    "info@müller.de",
    "INFO@XN--MLLER-KVA.DE",
    " info@mu\u0308ller。de",
    "info\u200b@müller.de",
  ];
  it.each(spellings)("have one key: %s", (typed) => expect(emailKey(typed)).toBe("info@xn--mller-kva.de"));

  it("keep the key that they had before domains could be international", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."abzABZ019-"), minLength: 1, maxLength: 12 });
    const local = fc.string({ unit: fc.constantFrom(..."abzABZ019._+'-"), minLength: 1, maxLength: 70 });
    fc.assert(
      fc.property(local, fc.array(letters, { minLength: 1, maxLength: 3 }), (before, labels) => {
        const typed = `${before}@${labels.join(".")}.com`;
        // A label that begins with xn-- is punycode today.
        fc.pre(!/xn--/i.test(typed));
        expect(emailKey(typed)).toBe(typed.trim().toLowerCase());
      }),
    );
  });

  it("are read again as they were stored, and travel in ASCII", () => {
    const typed = fc.oneof(
      fc.emailAddress(),
      fc
        .tuple(fc.emailAddress(), fc.string({ unit: "grapheme", maxLength: 8 }))
        .map(([address, name]) => address.replace("@", `@${name}.`)),
      fc.string({ unit: "binary", maxLength: 30 }),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseEmail(text);
        if (parsed.address === undefined) return;
        expect(parsed.ascii).toMatch(/^[\x21-\x7e]+@[a-z0-9.-]+$/);
        expect(parseEmail(parsed.address)).toEqual(parsed);
        expect(parseEmail(parsed.ascii)).toMatchObject({ ascii: parsed.ascii });
        expect(emailKey(parsed.address)).toBe(emailKey(parsed.ascii));
      }),
      { numRuns: 1000 },
    );
  });

  it("of a text that is none is the text in lower case, however long", () => {
    expect(emailKey(" Nobody ")).toBe("nobody");
    expect(emailKey("ﷺ".repeat(254))).toHaveLength(254);
  });
});
