import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { cleanLine, cleanText, compareText, isVisible, searchForm, truncate, uniqueForm } from "./text.ts";
import { line, optionalLine, searchText, text } from "./values.ts";

/** Letters of many scripts, marks, blanks, invisible and control characters, emoji; not only ASCII. */
const typed = fc.string({
  unit: fc.oneof(
    fc.constantFrom(..."aZßẞİıŁøÆσςΣéñ 0１ﬁ한गकാांがﾊﾞ中ع"),
    fc.constantFrom("\u0301", "\u0307", "\u0327", "\u200b", "\u200d", "\u00ad", "\u00a0", "\u3000", "\u2800"),
    fc.constantFrom(
      "\t",
      "\n",
      "\r\n",
      "\u2028",
      "\ufeff",
      "\u202e",
      "\ufe0f",
      "\u3164",
      "👩",
      "🏽",
      "\u0007",
    ),
    fc.string({ minLength: 1, maxLength: 1, unit: "binary" }),
  ),
  maxLength: 12,
});
const property = (holds: (value: string) => void) => fc.assert(fc.property(typed, holds), { numRuns: 2_000 });

const INVISIBLE = [
  "",
  " ",
  "\u00a0",
  "\u200b",
  "\u2060",
  "\u00ad",
  "\u2800",
  "\u3164",
  "\uffa0",
  "\u180e",
].concat(
  ["\ufeff", "\u200e", "\u202e", "\u{e0001}", "\u0301", "\ue000", "\u0000", "\u001f", "\u0085", "\u2028"],
  ["\u115f", "\u{1d159}", "\ufe0f", "\u200d\u200d", " \u200b\u2800\n"],
);

describe("the unique form", () => {
  it.each([
    ["Northwind\u00a0Traders AG", "northwind traders ag", "no-break space"],
    ["Northwind  Traders\tAG ", "northwind traders ag", "blanks"],
    ["Ｎｏｒｔｈｗｉｎｄ", "northwind", "full width"],
    ["Cafe\u0301", "café", "decomposed, as a Mac writes it"],
    ["STRASSE", "straße", "sharp s"],
    ["ẞ", "ß", "its capital"],
    ["ΟΔΟΣ", "οδος", "final sigma"],
    ["ﬁn", "fin", "ligature"],
    ["North\u200bwind\u00ad", "northwind", "zero width space and soft hyphen"],
    ["\u202eAcme", "acme", "bidi control"],
    ["Ac\u3164me", "ac me", "Hangul filler"],
    ["IRMAK", "ırmak", "dotless i"],
    ["ꭰ", "Ꭰ", "Cherokee"],
  ])("of %j is that of %j: %s", (a, b) => expect(uniqueForm(a)).toBe(uniqueForm(b)));

  it.each([
    ["Müller", "Muller"],
    ["Łódź", "Lodz"],
    ["A B", "AB"],
    ["가", "각"],
    ["Acme 1", "Acme 2"],
  ])("tells %j from %j", (a, b) => expect(uniqueForm(a)).not.toBe(uniqueForm(b)));

  it("stays as it is when it is taken again, and when the text is composed otherwise or was cleaned", () => {
    property((value) => {
      const form = uniqueForm(value);
      expect(uniqueForm(form)).toBe(form);
      expect(uniqueForm(value.normalize("NFD"))).toBe(form);
      expect(uniqueForm(value.normalize("NFC"))).toBe(form);
      if (value.isWellFormed()) expect(uniqueForm(cleanLine(value))).toBe(form);
      if (isVisible(value)) expect(form).not.toBe("");
    });
  });
});

describe("the search form", () => {
  it.each([
    ["muller", "Müller"],
    ["lodz", "Łódź"],
    ["istanbul", "İstanbul"],
    ["ISTANBUL", "istanbul"],
    ["sao paulo", "São Paulo"],
    ["strasse", "Straße"],
    ["smorrebrod", "Smørrebrød"],
    ["aegir", "Ægir"],
    ["oeuvre", "Œuvre"],
    ["dak", "Đắk"],
    ["thor", "Þór"],
    ["αθηνα", "Αθήνα"],
    ["еж", "ёж"],
    ["o'neil", "O’Neil"],
    ["north-south", "North–South"],
    ['"acme"', "„Acme“"],
  ])("of %j is that of %j", (a, b) => expect(searchForm(a)).toBe(searchForm(b)));

  it("keeps marks that make another word", () => {
    for (const [a, b] of [
      ["がく", "かく"],
      ["की", "क"],
      ["เก่า", "เกา"],
    ] as const)
      expect(searchForm(a)).not.toBe(searchForm(b));
  });

  it("holds for whatever counts as the same", () => {
    property((value) => {
      expect(searchForm(uniqueForm(value))).toBe(searchForm(value));
      expect(searchForm(searchForm(value))).toBe(searchForm(value));
    });
  });

  it("takes no longer for a letter with thousands of marks", () => {
    expect(searchForm(`a${"\u0301".repeat(100_000)}`)).toBe("a");
    const blanks = "\u2800 ".repeat(500_000);
    expect(cleanLine(`${blanks}é${blanks}é${blanks}`)).toBe(`é${blanks}é`);
  });
});

describe("what is stored", () => {
  it.each([
    ["Ac\u00adme", "Acme"],
    ["\u202eAcme", "Acme"],
    ["A\r\nB\tC\u2028D", "A B C D"],
    ["Bell\u0007", "Bell"],
    ["Cafe\u0301", "Café"],
    ["\u2800 Acme \u3164", "Acme"],
    ["a\u200db", "ab"],
    ["a\u200b\u0307\u200da", "ȧa"],
    ["x\u{e0041}y", "xy"],
  ])("of the line %j is %j", (value, stored) => expect(cleanLine(value)).toBe(stored));

  it.each([
    "👨‍👩‍👧 Ltd",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿 Ltd",
    "❤️ Co",
    "🏳️‍🌈",
    "👩🏽‍💻",
    "می‌خواهم",
    "ശ്രീ അവന്‍",
    "ශ්‍රී",
    "葛󠄀城",
    "Acme\u00a0AG",
  ])("of %j is the same: it needs its joiners and variants", (value) => expect(cleanLine(value)).toBe(value));

  it("of paragraphs keeps line breaks and tabs", () => {
    expect(cleanText(" a\r\nb\tc\u2028d\u0007\u00ad\n")).toBe("a\nb\tc\nd");
  });

  it("is clean when it is cleaned again, and shows what was typed", () => {
    property((value) => {
      for (const clean of [cleanLine, cleanText]) {
        expect(clean(clean(value))).toBe(clean(value));
        expect(isVisible(clean(value))).toBe(isVisible(value));
      }
      expect(cleanLine(value)).not.toMatch(/[\p{Cc}\u2028\u2029]/v);
    });
  });
});

test.each(INVISIBLE)("%j is nothing that anybody sees", (value) => {
  expect(isVisible(value)).toBe(false);
  for (const schema of [line(50), text(50), searchText]) expect(schema.safeParse(value).success).toBe(false);
  if (!value.includes("\u0000")) expect(optionalLine(50).parse(value)).toBeNull();
});

test.each(["a", "7", "?", "中", "👩", "١", "€"])("%j can be seen", (value) =>
  expect(isVisible(value)).toBe(true),
);

describe("the order of texts", () => {
  it("is the one in which people sort", () => {
    const sorted = [
      "_x",
      "1",
      "2",
      "10",
      "acme",
      "Acme",
      "Äther",
      "Company 2",
      "Company 10",
      "Łódź",
      "Zulu",
      "Ω",
      "Яна",
    ];
    expect(sorted.toReversed().toSorted(compareText)).toEqual(sorted);
  });

  it("is total: no two different texts tie", () => {
    fc.assert(
      fc.property(typed, typed, typed, (a, b, c) => {
        expect(compareText(a, b) === 0).toBe(a === b);
        expect(Math.sign(compareText(a, b))).toBe(-Math.sign(compareText(b, a)) || 0);
        if (compareText(a, b) < 0 && compareText(b, c) < 0) expect(compareText(a, c)).toBeLessThan(0);
      }),
    );
  });
});

describe("a text that is too long", () => {
  const family = "👩‍👩‍👧‍👦";
  it.each([
    ["", 5, ""],
    ["Quick", 5, "Quick"],
    ["Quicker", 5, "Quic…"],
    ["a".repeat(101), 101, "a".repeat(101)],
    ["🙂".repeat(5), 5, "🙂".repeat(5)],
    ["🙂".repeat(6), 5, `${"🙂".repeat(4)}…`],
    [`aaa${family}`, 9, "aaa…"],
    ["The contract is worth $1,234,567.89 a year", 31, "The contract is worth…"],
    ["The contract, as we know", 14, "The contract…"],
    ["The contract as we know", 13, "The contract…"],
    ["Call them (soon)", 12, "Call them…"],
    ["e\u0301".repeat(10), 8, `${"e\u0301".repeat(3)}…`],
    ["Donaudampfschifffahrt ist lang", 10, "Donaudamp…"],
    ["新しい契約の価値は高いです", 6, "新しい契約…"],
  ])("%j, to %i characters, is %j", (long, most, short) => expect(truncate(long, most)).toBe(short));

  it("fits, begins as it did, is well formed, and loses no more than half for the sake of words", () => {
    fc.assert(
      fc.property(fc.array(typed, { maxLength: 5 }), fc.integer({ min: 3, max: 40 }), (parts, most) => {
        const whole = parts.join(" ").toWellFormed();
        const short = truncate(whole, most);
        expect(Array.from(short).length).toBeLessThanOrEqual(most);
        const kept = short.slice(0, -1);
        if (Array.from(whole).length <= most) expect(short).toBe(whole);
        else {
          expect([short.endsWith("…"), short.isWellFormed(), whole.startsWith(kept)]).toEqual([
            true,
            true,
            true,
          ]);
          const boundaries = Array.from(new Intl.Segmenter("en").segment(whole), ({ index }) => index);
          expect(boundaries).toContain(kept.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("of any length is cut in no time", () => {
    const before = process.threadCpuUsage();
    truncate("a".repeat(1_000_000), 100);
    truncate(`${"e"}${"\u0301".repeat(500_000)}`, 100);
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(500);
  });
});
