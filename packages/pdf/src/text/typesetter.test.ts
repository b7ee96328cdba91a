import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineText, typefacesOf, typesetter } from "../testing/line-text.ts";
import { splitGraphemes } from "./sanitize.ts";

const style = { size: 10 };

const broken = (text: string, width: number, maxLines?: number) =>
  typesetter.lines(text, style, width, maxLines).map(lineText);

describe("a line", () => {
  test("is as wide as its letters, which stand closer where the font says so", () => {
    const apart = typesetter.line("A", style).width + typesetter.line("V", style).width;
    expect(typesetter.line("AV", style).width).toBeLessThan(apart);
    expect(typesetter.line("AV", { size: 20 }).width).toBeCloseTo(2 * typesetter.line("AV", style).width);
  });

  test("can be in any of the fonts' scripts, also where fontkit has no shaper for it", () => {
    expect(lineText(typesetter.line("Akal ⴰⴽⴰⵍ", style))).toBe("Akal ⴰⴽⴰⵍ");
  });

  test("that is too long ends with …, and is never wider than it may be", () => {
    const line = typesetter.line("Northern Territories Holding", style, 60);
    expect(lineText(line)).toMatch(/^Northern.*…$/);
    expect(line.width).toBeLessThanOrEqual(60);
    expect(lineText(typesetter.line("Donaudampfschifffahrtsgesellschaft", style, 60))).toMatch(/^Donau.*…$/);
  });

  test("that fits exactly is whole", () => {
    const { width } = typesetter.line("Northern Territories", style);
    expect(lineText(typesetter.line("Northern Territories", style, width))).toBe("Northern Territories");
    expect(broken("Northern Territories", width)).toEqual(["Northern Territories"]);
  });

  test("has a space where its text begins another line", () => {
    expect(lineText(typesetter.line("one\r\ntwo\u2028three", style))).toBe("one two three");
  });
});

describe("text", () => {
  test("is broken between words and after a hyphen, and keeps its own line breaks", () => {
    expect(broken("one two three", 45)).toEqual(["one two", "three"]);
    expect(broken("the long-running thing", 55)).toEqual(["the long-", "running", "thing"]);
    expect(broken("one\n\ntwo", 100)).toEqual(["one", "", "two"]);
  });

  test("is broken inside of a word that is too wide", () => {
    const lines = broken("Donaudampfschifffahrtsgesellschaft", 60);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join("")).toBe("Donaudampfschifffahrtsgesellschaft");
  });

  test("fills its lines with a word of more letters than are looked at together", () => {
    const word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
    const lines = typesetter.lines(`${word} 3`, style, 120);
    expect(lines.map(lineText).join("").replace(" ", "")).toBe(`${word}3`);
    for (const line of lines.slice(0, -1)) expect(line.width).toBeGreaterThan(110);
  });

  test("has at most as many lines as asked for, the last one truncated", () => {
    expect(broken("one two three four", 45, 2)).toEqual(["one two", expect.stringMatching(/^three.*…$/)]);
    expect(broken("one two\n\nthree", 60, 1)).toEqual(["one two…"]);
    expect(broken("one two three", 45, 2)).toEqual(["one two", "three"]);
  });

  test("drops blank lines when its lines are limited", () => {
    expect(broken("one\n\n\ntwo", 100, 2)).toEqual(["one", "two"]);
  });

  test("is not broken inside of a word where its widest one fits", () => {
    const width = typesetter.widestWord("a dampfschiff\nand more", style);
    expect(broken("a dampfschiff\nand more", width)).toContain("dampfschiff");
    expect(broken("a dampfschiff\nand more", width - 0.1)).not.toContain("dampfschiff");
    expect(typesetter.widestWord("", style)).toBe(0);
  });

  test("that is empty is one empty line", () => {
    for (const text of ["", "  ", "\n\n", "\u0000"]) {
      const lines = typesetter.lines(text, style, 100);
      expect(lines.map(lineText)).toEqual([""]);
      expect(lines[0]?.height).toBeGreaterThan(0);
    }
  });

  test("from right to left keeps to its width where what is cut off changes the typeface of its …", () => {
    for (const text of ["عaaa1Waa", "aaa عaaa1Waa", "ع (1) aaa", "1 1 1 ع aaaa", "aaa-ع-11111"])
      for (let width = 20; width <= 60; width += 0.5) {
        expect(typesetter.line(text, style, width).width).toBeLessThanOrEqual(width + 0.01);
        for (const line of typesetter.lines(text, style, width, 2))
          expect(line.width).toBeLessThanOrEqual(width + 0.01);
      }
  });

  test("keeps to its width, whatever it is made of", () => {
    const letters = fc.string({ unit: "grapheme", maxLength: 80 });
    const mixed = fc.string({
      unit: fc.constantFrom("a", "W", " ", "-", "א", "ع", "ل", "1", "(", "é", "😀", "\u0301"),
    });
    fc.assert(
      fc.property(fc.oneof(letters, mixed), fc.integer({ min: 20, max: 120 }), (text, wanted) => {
        // No line is narrower than a letter: some of Arabic are whole sentences.
        const widths = splitGraphemes(text).map((grapheme) => typesetter.line(grapheme, style).width);
        const width = Math.max(wanted, ...widths);
        for (const line of typesetter.lines(text, style, width))
          expect(line.width).toBeLessThanOrEqual(width + 0.1);
        for (const line of typesetter.lines(text, style, width, 2))
          expect(line.width).toBeLessThanOrEqual(width + 0.1);
        expect(typesetter.line(text, style, width).width).toBeLessThanOrEqual(width + 0.1);
      }),
    );
  });

  test("loses no letter where it is broken", () => {
    const words = fc.array(
      fc.string({ unit: fc.constantFrom(..."abcdefgHIJW"), minLength: 1, maxLength: 12 }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 150 }), (list, width) => {
        expect(broken(list.join(" "), width).join("").replaceAll(" ", "")).toBe(list.join(""));
      }),
    );
  });

  test("of 100 000 letters without a space is broken as well", () => {
    const lines = broken("x".repeat(100_000), 400);
    expect(lines.join("")).toHaveLength(100_000);
  });
});

describe("text from right to left", () => {
  test("stands in reverse, its brackets as they were written, drawn the other way round", () => {
    const line = typesetter.line("שלום (אב)", style);
    expect(line.isTurned).toBe(true);
    expect(lineText(line)).toBe(")בא( םולש");
  });

  test("keeps the figures and the Latin words in it as they are", () => {
    expect(lineText(typesetter.line("שלום Acme 123", style))).toBe("Acme 123 םולש");
    expect(lineText(typesetter.line("Acme שלום 12 Ltd.", style))).toBe("Acme 12 םולש Ltd.");
    expect(typesetter.line("Acme שלום", style).isTurned).toBe(false);
  });

  test("joins its letters where it is Arabic, and the ellipsis is at its end", () => {
    const apart = [..."مرحبا"].reduce((sum, letter) => sum + typesetter.line(letter, style).width, 0);
    expect(typesetter.line("مرحبا", style).width).toBeLessThan(apart * 0.9);
    expect(lineText(typesetter.line("مرحبا مرحبا مرحبا مرحبا", style, 60))).toMatch(/^…/);
    expect(lineText(typesetter.line("Acme מרחבא מרחבא מרחבא", style, 60))).toMatch(/…$/);
  });

  test("may have two scripts side by side, each shaped as its own", () => {
    const apart = typesetter.line("שלום", style).width + typesetter.line("مرحبا", style).width;
    expect(typesetter.line("שלוםمرحبا", style).width).toBeCloseTo(apart);
  });

  test("goes on in the next line", () => {
    expect(broken("אבגד הוזח", 40)).toEqual(["דגבא", "חזוה"]);
  });

  test("in isolates does not reorder what stands beside it", () => {
    expect(lineText(typesetter.line("שלום, 5 of 5", style))).toBe("of 5 5 ,םולש");
    const isolated = typesetter.line("\u2068שלום\u2069, 5 of 5", style);
    expect(lineText(isolated)).toBe("םולש, 5 of 5");
    expect(isolated.isTurned).toBe(false);
    expect(lineText(typesetter.line("\u2068Acme\u2069 \u202e5\u2069", style))).toBe("Acme 5");
  });

  test("has Persian figures in their order", () => {
    expect(lineText(typesetter.line("۱۲۳", style))).toBe("۱۲۳");
  });
});

describe("accents", () => {
  test("that are written apart become one letter with theirs where there is one", () => {
    expect(lineText(typesetter.line("e\u0301", style))).toBe("é");
  });

  test("are three on a letter at most, and stand over it", () => {
    const line = typesetter.line(`x${"\u0301".repeat(40)}`, style);
    expect(lineText(line)).toBe("x\u0301\u0301\u0301");
    expect(line.width).toBeCloseTo(typesetter.line("x", style).width);
  });
});

describe("the typeface", () => {
  const typefaces = (text: string) =>
    typefacesOf(typesetter.line(text, style)).filter((name, index, all) => name !== all[index - 1]);

  test.each([
    ["Acme Ελληνική ООО", ["regular"]],
    ["北京", ["chinese"]],
    ["カブ", ["japanese"]],
    ["삼성", ["korean"]],
    ["ไทย", ["thai"]],
    ["हिन्दी", ["devanagari"]],
    ["دبي", ["arabic"]],
    ["שלום", ["regular"]],
    ["বাংলা", ["bengali"]],
    ["ኢትዮጵያ", ["ethiopic"]],
    ["ગુજરાતી", ["gujarati"]],
    ["ਪੰਜਾਬੀ", ["gurmukhi"]],
    ["ಕನ್ನಡ", ["kannada"]],
    ["ភាសាខ្មែរ", ["khmer"]],
    ["ພາສາລາວ", ["lao"]],
    ["മലയാളം", ["malayalam"]],
    ["မြန်မာ", ["myanmar"]],
    ["සිංහල", ["sinhala"]],
    ["தமிழ்", ["tamil"]],
    ["తెలుగు", ["telugu"]],
    ["Հայերեն ქართული", ["regular"]],
    ["🚀", ["emoji"]],
    ["1️⃣", ["emoji"]],
    ["❤️", ["emoji"]],
  ])("is that of the script: %s", (text, expected) => {
    expect(typefaces(text)).toEqual(expected);
  });

  test("of a sign that is no emoji by itself is that of text", () => {
    expect(typefaces("✓ ☎ © 1")).not.toContain("emoji");
    expect(typefaces("☎\ufe0e")).toEqual(["regular"]);
  });

  test("of Han characters is that of their neighbors", () => {
    expect(typefaces("東京カブ")).toEqual(["japanese"]);
    expect(typefaces("大韓民國한국")).toEqual(["korean"]);
    expect(typefaces("大韓民國")).toEqual(["chinese"]);
    expect(typefaces("株式会社カブ (東京), 대한민국 (大韓)").filter((name) => name !== "regular")).toEqual([
      "japanese",
      "japanese",
      "korean",
      "korean",
    ]);
    // Simplified characters, which the Japanese typeface lacks.
    expect(typefaces("カブ 动")).toContain("chinese");
  });

  test("changes where the script does", () => {
    const line = typesetter.line("Acme 東京 & दिल्ली 🚀!", style);
    expect(lineText(line)).toBe("Acme 東京 & दिल्ली 🚀!");
    expect(typefacesOf(line).filter((name) => name !== "regular")).toEqual([
      "chinese",
      "devanagari",
      "emoji",
    ]);
  });
});

describe("what is one character to its reader", () => {
  const clusters = ["👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👍🏽", "🇩🇪", "क्षि", "น้ำ", "é", "ﻼ"];

  test.each(clusters)("is whole, however narrow the line: %s", (cluster) => {
    const text = cluster.repeat(12);
    const whole = [...new Intl.Segmenter("en").segment(text.normalize("NFC"))].map(({ segment }) => segment);
    for (const width of [1, 15, 40]) {
      const lines = typesetter.lines(text, style, width).map(lineText);
      expect(lines.join("")).toBe(whole.join(""));
      const cut = lineText(typesetter.line(text, style, width)).replace("…", "");
      expect(text.startsWith(cut)).toBe(true);
      for (const line of [...lines, cut]) expect(line.length % (whole[0]?.length ?? 1)).toBe(0);
    }
  });

  test("has one glyph where the typeface has one for it", () => {
    const glyphs = (text: string) => typesetter.line(text, style).runs.flatMap(({ steps }) => steps).length;
    for (const one of ["👨‍👩‍👧‍👦", "🇩🇪", "🚀"]) expect(glyphs(one), one).toBe(1);
  });
});

describe("text without spaces between its words", () => {
  test.each([
    ["Thai", "ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน"],
    ["Japanese", "吾輩は猫である名前はまだ無いどこで生れたかとんと見当がつかぬ"],
    ["Chinese", "北京字节跳动科技有限公司上海分公司"],
  ])("is broken between words: %s", (_, text) => {
    const ends = new Set([0]);
    for (const { index, segment } of new Intl.Segmenter("en", { granularity: "word" }).segment(text))
      ends.add(index + segment.length);
    const lines = broken(text, 70);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join("")).toBe(text);
    let at = 0;
    for (const line of lines) {
      at += line.length;
      expect(ends, line).toContain(at);
    }
  });

  test("has no closing sign at the beginning of a line and no opening one at its end", () => {
    const text = "「東京」、「大阪」、「京都」。（名古屋）";
    for (let width = 55; width < 120; width += 5)
      for (const line of broken(text, width)) expect(line).not.toMatch(/^[」、。）]|[「（]$/);
  });
});
