import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { PDFDict, PDFDocument } from "pdf-lib";
import { describe, expect, test } from "vitest";
import type { Block, Document, Section } from "./document.ts";
import { render } from "./render.ts";
import { readPdf } from "./testing/read-pdf.ts";

const plain: Document = {
  title: "Customer Health Summary",
  subtitle: "All customers",
  facts: [
    { label: "Period", value: "1–31 October 2026" },
    { label: "Generated", value: "22 November 2026, 17:50 UTC" },
  ],
  paper: "a4",
  created: new Date("2026-11-22T17:50:00.000Z"),
  footer: "Success Manager · confidential",
  sections: [],
};

const section = (heading: string, text: string): Section => ({ heading, blocks: [{ kind: "text", text }] });

const printed = async (changes: Partial<Document>) => readPdf(await render({ ...plain, ...changes }));

/** Text of so many lines. */
const lines = (count: number) => Array.from({ length: count }, (_, index) => `Line ${index + 1}`).join("\n");

/** A red one. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

describe("a printed document", () => {
  test("begins with its title, its subtitle and its facts", async () => {
    const { pages } = await printed({});
    expect(pages).toHaveLength(1);
    expect(pages[0]?.text).toContain("Customer Health Summary All customers");
    for (const words of ["Period", "1–31 October 2026", "Generated", "22 November 2026, 17:50 UTC"]) {
      expect(pages[0]?.text).toContain(words);
    }
  });

  test("without sections says so on its only page", async () => {
    const { pages, outline } = await printed({ subtitle: undefined, facts: [] });
    expect(pages.map(({ text }) => text)).toEqual([expect.stringContaining("nothing to show")]);
    expect(outline).toEqual([]);
  });

  test.each([
    ["a4", 595.28, 841.89],
    ["letter", 612, 792],
  ] as const)("is as large as %s paper and keeps to its margins", async (paper, width, height) => {
    const { pages } = await printed({
      paper,
      sections: [section("Long", `${"word ".repeat(900)}${lines(60)}`)],
    });
    expect(pages.length).toBeGreaterThan(1);
    for (const page of pages) {
      expect([page.width, page.height]).toEqual([width, height]);
      expect(Math.min(...page.textItems.map(({ left }) => left))).toBeCloseTo(50, 1);
      expect(Math.max(...page.textItems.map(({ right }) => right))).toBeLessThanOrEqual(width - 49.9);
      expect(Math.max(...page.textItems.map(({ baseline }) => baseline))).toBeLessThan(height - 20);
    }
  });

  test("has its footer and its number on each page", async () => {
    const { pages } = await printed({ sections: [section("Long", lines(120))] });
    expect(pages).toHaveLength(3);
    for (const [index, { text }] of pages.entries()) {
      expect(text).toContain("Success Manager · confidential");
      expect(text).toContain(`${index + 1} / 3`);
    }
  });

  test("has its footnote on each page, in one line within the margins", async () => {
    const { pages } = await printed({
      sections: [section("Long", lines(120))],
      footnote: `Confidential ${"w".repeat(300)}`,
    });
    for (const { text, textItems, width, height } of pages) {
      expect(text).toContain("Confidential www");
      expect(Math.max(...textItems.map(({ right }) => right))).toBeLessThanOrEqual(width - 49.9);
      expect(Math.max(...textItems.map(({ baseline }) => baseline))).toBeLessThan(height - 12);
    }
  });

  test("loses no line where a page ends, and repeats none", async () => {
    const { pages } = await printed({ sections: [section("Long", lines(150))] });
    const found = pages.flatMap(({ text }) => [...text.matchAll(/Line \d+/g)].map(String));
    expect(found).toEqual(lines(150).split("\n"));
  });

  test("has its title, author, date and language as metadata", async () => {
    const bytes = await render({ ...plain, title: "Отчёт 2026", subtitle: "Überblick" });
    const { info } = await readPdf(bytes);
    expect(info).toMatchObject({
      Title: "Отчёт 2026",
      Subject: "Überblick",
      Author: "Success Manager",
      Creator: "Success Manager",
      CreationDate: "D:20261122175000Z",
      Language: "en",
    });
    const { catalog } = await PDFDocument.load(bytes);
    expect(catalog.getViewerPreferences()?.getDisplayDocTitle()).toBe(true);
  });

  test("says on its first page who prints it, by name or logo, and in its metadata", async () => {
    const brand = { name: "Nordlicht 北极光", color: "#1d3a8f" } as const;
    const long = [section("Long", lines(150))];
    const named = await readPdf(await render({ ...plain, brand, sections: long }));
    expect(named.pages.map(({ text }) => text.includes("Nordlicht 北极光"))).toEqual([true, false, false]);
    expect(named.info).toMatchObject({ Author: "Nordlicht 北极光", Creator: "Success Manager" });

    const logo = { png: PIXEL, width: 1, height: 1 };
    const bytes = await render({ ...plain, brand: { ...brand, logo }, sections: long });
    expect((await readPdf(bytes)).pages.some(({ text }) => text.includes("Nordlicht"))).toBe(false);
    const pictures = (await PDFDocument.load(bytes)).getPages().map(({ node }) => {
      const { XObject } = Object.fromEntries(
        (node.Resources()?.entries() ?? []).map(([key, value]) => [key.decodeText(), value]),
      );
      return XObject instanceof PDFDict ? XObject.keys().length : 0;
    });
    expect(pictures).toEqual([1, 0, 0]);
    expect(Buffer.from(await render({ ...plain, brand: { ...brand, logo }, sections: long }))).toEqual(
      Buffer.from(bytes),
    );
  });

  test("has a bookmark for each section, on its page", async () => {
    const sections = [section("Overview", lines(20)), section("Größe ✓", lines(60)), section("Last", "End")];
    const { outline, pages } = await printed({ sections });
    expect(outline.map(({ title }) => title)).toEqual(["Overview", "Größe ✓", "Last"]);
    for (const { title, page } of outline) expect(pages[page - 1]?.text).toContain(title);
    expect(outline.map(({ page }) => page)).toEqual([1, 1, 2]);
  });

  test("never leaves a heading alone at the foot of a page", async () => {
    const places = new Set<number>();
    for (let count = 32; count < 42; count += 1) {
      const { pages } = await printed({
        sections: [section("First", lines(count)), section("Second", lines(5))],
      });
      const place = pages.findIndex(({ text }) => text.includes("Second"));
      expect(pages[place]?.text, `after ${count} lines`).toMatch(/Second Line 1 Line 2/);
      places.add(place);
    }
    expect(places).toEqual(new Set([0, 1]));
  });

  test("is the same, byte by byte, each time", async () => {
    const document = { ...plain, sections: [section("Names", "Łódź, Καβάλα, القاهرة, Пермь")] };
    expect(Buffer.from(await render(document))).toEqual(Buffer.from(await render(document)));
  });
});

/** How much of each kind a report has. */
interface Amounts {
  readonly tiles: number;
  readonly rows: number;
  readonly bars: number;
  readonly quotes: number;
  readonly advice: number;
}

/** A report as ours are made, whose parts say what they are. */
const reportOf = ({ tiles, rows, bars, quotes, advice }: Amounts): readonly Section[] => {
  const some = <T>(count: number, of: (n: number) => T) => Array.from({ length: count }, (_, n) => of(n));
  const table = (name: string, count: number): Block => ({
    kind: "table",
    title: name,
    columns: [{ heading: "Customer", width: 2 }, { heading: "Concerns", width: 3 }, { heading: "Score" }],
    rows: some(count, (n) => [`${name} ${n}`, "low adoption and more ".repeat(1 + (n % 4)), `${n}`]),
  });
  const advise = (name: string): Block => ({
    kind: "advice",
    items: some(advice, (n) => ({ action: `${name} ${n}`, who: "Some of them" })),
  });
  const bar = (n: number) => ({ label: `Bar ${n}`, value: n, valueText: `${n}` });
  return [
    {
      heading: "Summary",
      blocks: [
        ...some(3, (n): Block => ({ kind: "text", text: `Sentence ${n} ${"of some words ".repeat(9)}` })),
        table("Decision", Math.min(rows, 5)),
      ],
    },
    {
      heading: "Figures",
      about: "What they count.",
      blocks: [
        { kind: "tiles", tiles: some(tiles, (n) => ({ label: `Tile ${n}`, value: "1", note: "+2 of 3" })) },
        { kind: "text", muted: true, text: "Footnote of tiles" },
        { kind: "barChart", title: "Bars", bars: some(bars, bar), max: 40 },
        advise("Do"),
      ],
    },
    { heading: "At risk", blocks: [table("Risk", rows), advise("Call")] },
    {
      heading: "Trends",
      blocks: [
        {
          kind: "lineChart",
          title: "Health",
          points: some(12, (n) => `Month ${n}`),
          lines: [{ name: "All", tone: "good", values: some(12, (n) => n) }],
        },
        advise("Plan"),
      ],
    },
    {
      heading: "Feedback",
      blocks: [
        {
          kind: "quotes",
          quotes: some(quotes, (n) => ({ text: "said ".repeat(20 * (1 + (n % 5))), by: "A" })),
        },
      ],
    },
  ];
};

test("pages of reports of any size are filled, and what belongs together stands on one", async () => {
  const amounts = fc.record({
    tiles: fc.integer({ min: 1, max: 14 }),
    rows: fc.integer({ min: 0, max: 60 }),
    bars: fc.integer({ min: 1, max: 40 }),
    quotes: fc.integer({ min: 0, max: 12 }),
    advice: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(amounts, async (some) => {
      const { pages } = await printed({ sections: reportOf(some) });
      for (const { textItems, height } of pages.slice(0, -1)) {
        const content = textItems.map(({ baseline }) => baseline).filter((y) => y < height - 62);
        expect(Math.max(...content)).toBeGreaterThan(48 + (height - 110) / 2);
      }
      const pageOf = (words: string) =>
        pages.findIndex(({ textItems }) => textItems.some(({ text }) => text === words));
      for (let tile = 1; tile < some.tiles; tile += 1) expect(pageOf(`Tile ${tile}`)).toBe(pageOf("Tile 0"));
      expect(pageOf("Footnote of tiles")).toBe(pageOf(`Tile ${some.tiles - 1}`));
      expect(pageOf("Do 0")).toBe(pageOf(`Bar ${some.bars - 1}`));
      if (some.rows > 0) expect(pageOf("Call 0")).toBe(pageOf(`Risk ${some.rows - 1}`));
      expect(pageOf("Plan 0")).toBe(pageOf("Health"));
      for (const { heading } of reportOf(some)) expect(pageOf(heading)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 60 },
  );
});

/** Another reader than the one that other tests read with, where the machine has it. */
const hasPoppler = spawnSync("pdftotext", ["-v"]).status === 0;

describe("a text of any script", () => {
  test.runIf(hasPoppler)("is read by poppler as it was written", async () => {
    const names = [
      ...["株式会社サンプル", "臺灣積體電路製造", "삼성전자 주식회사", "น้ำมันพืชไทย จำกัด", "हिन्दुस्तान क्षत्रिय"],
      ...["বাংলা শ্রী", "தமிழ் நிறுவனம்", "ශ්‍රී ලංකා", "မြန်မာ့ဘဏ်", "ធនាគារកម្ពុជា", "Việt Nam", "👩‍💻 🇩🇪 👍🏽"],
      ...["شركة النور للمقاولات", "لأن الأول لآخر", "پاکستان ہے", "می‌خواهم کتاب", "חברת (ישראל) הדוגמה"],
      ...["חֶבְרַת הַדֻּגְמָה", "הַתְּמִיכָה אִטִּית מְאֹד", "شَرِكَةُ النُّور", "مُحَمَّد بْنُ سَلْمَان", "اللّٰه"],
    ];
    const bytes = await render({ ...plain, sections: [section("Names", names.join("\n"))] });
    const { stdout } = spawnSync("pdftotext", ["-", "-"], { input: bytes, encoding: "utf8" });
    // It puts marks of direction around what runs from right to left.
    const lines = stdout.replaceAll(/[\u202a-\u202e]/g, "").split("\n");
    for (const name of names) expect(lines, JSON.stringify(lines)).toContain(name.normalize("NFC"));
  });

  test.each([
    ["accents", "Ñandú & Søn, Zażółć gęślą jaźń, Việt Nam"],
    ["accents that are written apart", "Beyoncé Núñez".normalize("NFD")],
    ["Cyrillic", "ООО «Ромашка»"],
    ["Greek", "Ελληνική Εταιρεία"],
    ["Chinese", "北京字节跳动科技有限公司（上海）"],
    ["Chinese, traditional", "臺灣積體電路製造股份有限公司"],
    ["Japanese", "株式会社サンプル・ホールディングス"],
    ["Korean", "주식회사 삼성전자 大韓"],
    ["Thai", "น้ำมันพืชไทย จำกัด (มหาชน)"],
    ["Hindi", "हिन्दुस्तान क्षत्रिय लिमिटेड"],
    ["Bengali", "বাংলা ব্যাংক"],
    ["Ethiopic", "የኢትዮጵያ ንግድ ባንክ"],
    ["Gujarati", "ગુજરાત સહકારી"],
    ["Gurmukhi", "ਪੰਜਾਬੀ ਲਿਮਿਟੇਡ"],
    ["Kannada", "ಕನ್ನಡ ಸಂಸ್ಥೆ"],
    ["Khmer", "ធនាគារកម្ពុជា"],
    ["Lao", "ທະນາຄານລາວ"],
    ["Malayalam", "മലയാള മനോരമ"],
    ["Burmese", "မြန်မာ့ဘဏ်"],
    ["Sinhala", "ශ්‍රී ලංකා බැංකුව"],
    ["Tamil", "தமிழ் நிறுவனம்"],
    ["Telugu", "తెలుగు సంస్థ"],
    ["emoji", "🚀 👩‍💻 🇩🇪 👍🏽 ❤️ 1️⃣ 👨‍👩‍👧‍👦"],
    ["several in one", "Acme 東京 & ไทย 🚀 दिल्ली 2026"],
  ])("is read back: %s", async (_, name) => {
    const { pages } = await printed({ title: name, sections: [section(name, name)] });
    expect(pages[0]?.text.split(name.normalize("NFC"))).toHaveLength(4);
  });

  test("is read back when it is of hundreds of different letters", async () => {
    const letters = Array.from({ length: 294 }, (_, index) => String.fromCodePoint(0x400 + index))
      .filter((letter) => /^\p{L}$/u.test(letter) && letter.normalize("NFC") === letter)
      .join("");
    const { pages } = await printed({ sections: [section("Letters", letters)] });
    expect(pages[0]?.text.replaceAll(" ", "")).toContain(letters);
  });

  test.each([
    ["Hebrew", "חברת הדוגמה"],
    ["Arabic", "شركة المثال للتجارة"],
    ["Arabic with ligatures", "لأن الأول والمقاولات"],
    ["Urdu", "پاکستان ہے"],
    ["Hebrew with vowel points", "הַתְּמִיכָה אִטִּית מְאֹד"],
    ["Arabic with vowel points", "مُحَمَّد شَرِكَة"],
  ])("from right to left is read back: %s", async (_, name) => {
    const { pages } = await printed({ sections: [section("Name", name)] });
    const words = pages[0]?.textItems.map(({ text }) => text).join(" ");
    for (const word of name.split(" ")) expect(words).toContain(word);
  });

  test.each([
    ["cuneiform", "A𒀀𒀁B", "A□□B"],
    ["private letters", "A\ue123B", "A□B"],
    ["half a character", "A\ud800B", "A\ufffdB"],
    ["control characters", "A\u0000\u0007\u202eB", "AB"],
  ])("that the fonts lack is replaced by a visible box: %s", async (_, name, printedName) => {
    const { pages } = await printed({ sections: [section("Name", name)] });
    expect(pages[0]?.text).toContain(`Name ${printedName} `);
  });

  test("never makes rendering fail, wherever it stands", async () => {
    const anything = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.string({ unit: "binary", maxLength: 60 }),
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
        .map((codes) => String.fromCharCode(...codes)),
      fc.string({
        unit: fc.constantFrom(
          "א",
          "ع",
          "\u0301",
          "\u200d",
          "1",
          "(",
          "a",
          " ",
          "\n",
          "\ud83d",
          "ـ",
          "ּ",
          "字",
          "か",
          "한",
          "ก",
          "้",
          "ำ",
          "क",
          "्",
          "ि",
          "🚀",
          "\ufe0f",
          "🏽",
          "🇩",
          "👩",
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        const { pages } = await printed({
          title: text,
          subtitle: text,
          facts: [{ label: text, value: text }],
          footer: text,
          sections: [
            {
              heading: text,
              about: text,
              blocks: [
                { kind: "text", text },
                { kind: "table", title: text, columns: [{ heading: text }], rows: [[text]] },
                { kind: "tiles", tiles: [{ label: text, value: text, note: text, tone: "good" }] },
                { kind: "quotes", quotes: [{ text, by: text }] },
              ],
            },
          ],
        });
        expect(pages.length).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });
});
