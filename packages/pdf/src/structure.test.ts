import fc from "fast-check";
import { PDFDict, PDFDocument, PDFName } from "pdf-lib";
import { describe, expect, test } from "vitest";
import type { Block, Document } from "./document.ts";
import { render } from "./render.ts";
import { anyNumber, anyText, anyTone } from "./testing/arbitrary.ts";
import { readPdf } from "./testing/read-pdf.ts";
import { nodesOf, readStructure, type StructureNode, spokenText } from "./testing/read-structure.ts";

const documentOf = (changes: Partial<Document>): Document => ({
  title: "Customer Health Summary",
  subtitle: "All customers",
  facts: [{ label: "Period", value: "1–31 October 2026" }],
  paper: "a4",
  created: new Date("2026-11-22T17:50:00.000Z"),
  footer: "Success Manager · confidential",
  footnote: "For the board",
  sections: [],
  ...changes,
});

const structureOf = async (...blocks: readonly Block[]): Promise<StructureNode> =>
  readStructure(
    await render(documentOf({ sections: [{ heading: "Section", about: "What it counts", blocks }] })),
  );

/** Types of a node and those below it, without contents: `Table(TR(TH TH) TR(TD TD))`. */
function outline({ type, kids }: StructureNode): string {
  const below = kids.flatMap((kid) => ("type" in kid ? [outline(kid)] : []));
  return below.length === 0 ? type : `${type}(${below.join(" ")})`;
}

const rows = (count: number) => Array.from({ length: count }, (_, n) => [`Customer ${n}`, ""]);
const columns = [{ heading: "Customer" }, { heading: "Value" }];

describe("who has a document read to them hears", () => {
  test("its title, its facts and its sections, and neither footers nor page numbers", async () => {
    const root = await structureOf({ kind: "text", text: "Some words." });
    expect(outline(root)).toBe("Document(H1 P L(LI(Lbl LBody)) Sect(H2 P P))");
    expect(spokenText(root)).toBe(
      "Customer Health Summary All customers Period 1–31 October 2026 Section What it counts Some words.",
    );
  });

  test("a table cell by cell under its headings, which are read once, also where it goes on", async () => {
    const root = await structureOf({ kind: "table", title: "Customers", columns, rows: rows(2), more: 7 });
    expect(outline(root)).toContain("H3 Table(TR(TH TH) TR(TH TD) TR(TH TD)) P)");
    const long = await structureOf({ kind: "table", columns, rows: rows(120) });
    const [table] = nodesOf(long, "Table");
    expect(table?.kids).toHaveLength(121);
    const heard = (scope: string) =>
      nodesOf(long, "TH")
        .filter((cell) => cell.scope === scope)
        .map(spokenText);
    expect(heard("Column")).toEqual(["Customer", "Value"]);
    expect(heard("Row")).toEqual(rows(120).map(([name]) => name));
  });

  test("a heading of each column, by its number where none is printed", async () => {
    const named = [{ heading: "Customer" }, { heading: " " }, { heading: "\u0007" }, { heading: "Value" }];
    const root = await structureOf({ kind: "table", columns: named, rows: [["A", "B", "C", "D"]] });
    expect(nodesOf(root, "TH").slice(0, 4).map(spokenText)).toEqual(["Customer", "2", "3", "Value"]);
  });

  test("all of what is cut short for the eye", async () => {
    const long = Array.from({ length: 90 }, (_, n) => `word${n}`).join(" ");
    const arabic = "شركة النور للمقاولات والتجارة العامة ".repeat(12).trim();
    const thai = "บริษัทน้ำมันพืชไทยจำกัด".repeat(12);
    for (const whole of [long, arabic, thai, "x".repeat(700)]) {
      const root = await structureOf(
        { kind: "table", columns, rows: [[whole, "1"]] },
        { kind: "quotes", quotes: [{ text: `${whole}\n${whole}`, by: whole }] },
        { kind: "tiles", tiles: [{ label: whole, value: whole, note: whole }] },
        { kind: "advice", items: [{ action: whole, who: whole }] },
      );
      const heard = (...types: readonly string[]) =>
        nodesOf(root, ...types).map((node) => spokenText(node).replaceAll(" ", ""));
      const once = whole.replaceAll(" ", "");
      expect(heard("TH")).toContain(once);
      expect(heard("P")).toEqual(expect.arrayContaining([once + once, once]));
      expect(heard("Lbl")).toContain(once);
      expect(heard("LBody")).toEqual(expect.arrayContaining([once + once]));
    }
  });

  test("a paragraph as one, also over several pages", async () => {
    const text = "word ".repeat(1500).trim();
    const root = await structureOf({ kind: "text", text });
    const [, about, paragraph] = nodesOf(root, "P");
    expect(about && spokenText(about)).toBe("What it counts");
    expect(paragraph && spokenText(paragraph)).toBe(text);
  });

  test("what a chart shows, in words", async () => {
    const root = await structureOf(
      {
        kind: "barChart",
        title: "Reasons",
        bars: [
          { label: "Price", value: 3, valueText: "3 times" },
          { label: "Support", value: 1, valueText: "once" },
        ],
      },
      {
        kind: "stackedBar",
        parts: [
          { label: "Healthy", value: 3, share: "75.0%", tone: "good" },
          { label: "Critical", value: 1, share: "25.0%", tone: "bad" },
        ],
      },
      {
        kind: "lineChart",
        title: "Health",
        points: ["Jan", "Feb", "Mar"],
        lines: [
          { name: "All", tone: "good", values: [80, null, 82.5] },
          { name: "New", tone: "bad", values: [null, null, null] },
        ],
      },
    );
    expect(nodesOf(root, "Figure").map(({ alt }) => alt)).toEqual([
      "Bar chart, Reasons. Price: 3 times; Support: once.",
      "Stacked bar. Healthy: 75.0% (3); Critical: 25.0% (1).",
      "Line chart, Health. All: 80 (Jan), 82.5 (Mar); New: no data.",
    ]);
  });

  test("of a long line where it begins, where it ends and how far it went", async () => {
    const points = Array.from({ length: 30 }, (_, day) => `Day ${day}`);
    const values = points.map((_, day) => (day === 7 ? 3 : day === 20 ? 99 : 50));
    const root = await structureOf({
      kind: "lineChart",
      points,
      lines: [{ name: "All", tone: "good", values }],
    });
    expect(nodesOf(root, "Figure")[0]?.alt).toBe(
      "Line chart. All: from 50 (Day 0) to 50 (Day 29), lowest 3 (Day 7), highest 99 (Day 20).",
    );
  });

  test("a chart that goes on on another page as a list", async () => {
    const bars = Array.from({ length: 80 }, (_, n) => ({
      label: `Bar ${n}`,
      value: n,
      valueText: `${n} times`,
    }));
    const root = await structureOf({ kind: "barChart", bars });
    expect(nodesOf(root, "Figure")).toEqual([]);
    expect(nodesOf(root, "LBody").slice(1).map(spokenText)).toEqual(
      bars.map(({ label, valueText }) => `${label} ${valueText}`),
    );
  });

  test("tiles by label and value, quotes with their authors", async () => {
    const root = await structureOf(
      { kind: "tiles", tiles: [{ label: "Customers", value: "12", note: "+2 since May", tone: "good" }] },
      { kind: "quotes", quotes: [{ text: "Good.\nVery good.", by: "Ada" }] },
    );
    expect(outline(root)).toContain("L(LI(Lbl LBody)) BlockQuote(P P)");
    const [, tile] = nodesOf(root, "LI");
    expect(tile && spokenText(tile)).toBe("Customers 12 +2 since May");
  });
});

const text = fc.oneof(
  anyText,
  fc.constantFrom("株式会社サンプル", "हिन्दुस्तान लिमिटेड", "ไทย จำกัด", "شركة لأن", "🚀 👩‍💻", "한국"),
);
const some = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 12 });
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text, muted: fc.boolean() }),
  fc.record({
    kind: fc.constant("table" as const),
    title: fc.option(text, { nil: undefined }),
    columns: fc.array(fc.record({ heading: text }), { maxLength: 5 }),
    rows: some(fc.array(text, { maxLength: 6 })),
    more: fc.option(fc.nat(), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("tiles" as const),
    tiles: some(fc.record({ label: text, value: text, note: text, tone: anyTone })),
  }),
  fc.record({
    kind: fc.constant("barChart" as const),
    bars: fc.array(fc.record({ label: text, value: anyNumber, valueText: text, tone: anyTone }), {
      maxLength: 50,
    }),
  }),
  fc.record({
    kind: fc.constant("lineChart" as const),
    title: fc.option(text, { nil: undefined }),
    points: some(text),
    lines: some(fc.record({ name: text, tone: anyTone, values: some(fc.option(anyNumber, { nil: null })) })),
  }),
  fc.record({
    kind: fc.constant("stackedBar" as const),
    parts: some(fc.record({ label: text, value: anyNumber, share: text, tone: anyTone })),
  }),
  fc.record({
    kind: fc.constant("advice" as const),
    items: some(fc.record({ action: text, who: text })),
  }),
  fc.record({
    kind: fc.constant("quotes" as const),
    quotes: some(fc.record({ text, by: text, tone: anyTone })),
  }),
);

test("any document is tagged: all of it is in one place of the structure or is decoration", async () => {
  const sections = fc.array(
    fc.record({ heading: text, about: text, blocks: fc.array(block, { maxLength: 4 }) }),
    {
      maxLength: 3,
    },
  );
  await fc.assert(
    fc.asyncProperty(text, text, sections, async (title, subtitle, parts) => {
      await readStructure(await render(documentOf({ title, subtitle, sections: parts })));
    }),
    { numRuns: 40 },
  );
});

describe("a document from right to left", () => {
  const arabic = documentOf({
    language: { tag: "ar", locale: "ar-u-nu-latn", direction: "rtl" },
    title: "ملخص صحة العملاء",
    sections: [
      {
        heading: "العملاء",
        blocks: [
          {
            kind: "table",
            columns: [{ heading: "العميل" }, { heading: "القيمة", align: "right" }],
            rows: [["Acme", "12"]],
          },
          { kind: "barChart", bars: [{ label: "Adoption", value: 5, valueText: "5.0" }] },
          { kind: "text", text: "Acme (5) هو الأضعف" },
        ],
      },
    ],
  });

  test("says so, and in which language it is", async () => {
    const bytes = await render(arabic);
    const { catalog, context } = await PDFDocument.load(bytes);
    expect(catalog.get(PDFName.of("Lang"))?.toString()).toContain("ar");
    expect(catalog.getViewerPreferences()?.getReadingDirection()).toBe("R2L");
    const tree = context.lookup(catalog.get(PDFName.of("StructTreeRoot")), PDFDict);
    const root = context.lookup(tree.get(PDFName.of("K")), PDFDict);
    const layout = context.lookup(root.get(PDFName.of("A")), PDFDict);
    expect(layout.get(PDFName.of("WritingMode"))).toBe(PDFName.of("RlTb"));
  });

  test("is read in the same order, and tagged by the same rules", async () => {
    const root = await readStructure(await render(arabic));
    expect(nodesOf(root, "TH", "TD").map(({ type }) => type)).toEqual(["TH", "TH", "TH", "TD"]);
    expect(nodesOf(root, "TH", "TD").slice(2).map(spokenText)).toEqual(["Acme", "12"]);
  });

  test("begins on the right: columns, labels of bars, and sentences that begin with a foreign name", async () => {
    const [page] = (await readPdf(await render(arabic))).pages;
    const at = (text: string) => {
      const found = page?.textItems.filter((item) => item.text.includes(text)) ?? [];
      return {
        left: Math.min(...found.map(({ left }) => left)),
        right: Math.max(...found.map(({ right }) => right)),
      };
    };
    const edge = (page?.width ?? 0) - 50;
    expect(at("12").right).toBeLessThan(at("Acme").left);
    expect(at("5.0").right).toBeLessThan(at("Adoption").left);
    // The rest of the sentence stands on the left of its first word.
    expect(edge - at("Acme").right).toBeLessThan(10);
    expect(at("1 / 1").left).toBeCloseTo(50, -1);
  });

  test("has no word of a language that it does not speak", async () => {
    const empty = documentOf({
      words: {
        page: "صفحة {number}",
        ...{ nothingInReport: "لا شيء", nothingInSection: "لا شيء هنا", nothingToList: "لا شيء يُسرد" },
        ...{
          noData: "لا بيانات",
          noValue: "لا قيمة",
          barChart: "أعمدة",
          stackedBar: "شريط",
          lineChart: "خط",
        },
        ...{ moreLines: "خطوط أخرى: {count}", moreRows: "صفوف أخرى: {count}" },
        span: "من {first} إلى {last}، {lowest}، {highest}",
      },
      ...{ title: "ع", subtitle: undefined, facts: [], footer: "ع", footnote: undefined },
      sections: [
        { heading: "ا", blocks: [] },
        { heading: "ب", blocks: [{ kind: "table", columns: [{ heading: "ت" }], rows: [] }] },
        { heading: "ث", blocks: [{ kind: "barChart", bars: [] }] },
        { heading: "ح", blocks: [{ kind: "table", columns: [{ heading: "خ" }], rows: [["د"]], more: 3 }] },
        {
          heading: "ذ",
          blocks: [
            {
              kind: "lineChart",
              points: ["1", "2"],
              lines: Array.from({ length: 14 }, (_, n) => ({
                name: "خط",
                values: [n, n],
                tone: "accent" as const,
              })),
            },
          ],
        },
        {
          heading: "ج",
          blocks: [
            { kind: "barChart", bars: [{ label: "ح", value: 1, valueText: "1" }] },
            {
              kind: "lineChart",
              points: Array.from({ length: 20 }, (_, n) => String(n)),
              lines: [{ name: "خ", tone: "accent", values: Array.from({ length: 20 }, (_, n) => n) }],
            },
          ],
        },
      ],
    });
    const bytes = await render(empty);
    const spoken = spokenText(await readStructure(bytes));
    const [page] = (await readPdf(bytes)).pages;
    expect(`${spoken} ${page?.text}`).not.toMatch(/\p{Script=Latin}/u);
  });
});
