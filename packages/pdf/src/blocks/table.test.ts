import { describe, expect, test } from "vitest";
import type { Document, Table } from "../document.ts";
import { render } from "../render.ts";
import { type ReadPage, readPdf } from "../testing/read-pdf.ts";

const columns: Table["columns"] = [
  { heading: "Customer", width: 3 },
  { heading: "Score", align: "right" },
  { heading: "Concerns", width: 2 },
];

const rowsOf = (count: number, name = (index: number) => `Customer ${index + 1}.`) =>
  Array.from({ length: count }, (_, index) => [name(index), `${index % 100}`, "Low adoption"]);

async function printed(
  table: Partial<Table>,
  heading = "Customers",
  before: readonly Table[] = [],
): Promise<readonly ReadPage[]> {
  const block: Table = { kind: "table", columns, rows: rowsOf(3), ...table };
  const document: Document = {
    title: "Customers",
    facts: [],
    paper: "a4",
    created: new Date(0),
    footer: "",
    sections: [{ heading, blocks: [...before, block] }],
  };
  const { pages } = await readPdf(await render(document));
  return pages;
}

/** The words on a page that begin with this, top to bottom. */
const found = ({ textItems }: ReadPage, beginning: string) =>
  textItems.filter(({ text }) => text.startsWith(beginning));

describe("a table", () => {
  test("of a few rows stands on one page, wherever it begins", async () => {
    for (let above = 20; above < 45; above++) {
      const before: Table = { kind: "table", columns, rows: rowsOf(above, (index) => `Row ${index}`) };
      const pages = await printed({ rows: rowsOf(4) }, "Customers", [before]);
      expect([above, pages.map((page) => found(page, "Customer ").length).filter(Boolean)]).toEqual([
        above,
        [4],
      ]);
    }
  });

  test("of 1 000 rows loses none, in their order, and repeats its header on each page", async () => {
    const pages = await printed({ rows: rowsOf(1000) });
    expect(pages.length).toBeGreaterThan(20);
    const names = pages.flatMap(({ text }) => [...text.matchAll(/Customer \d+\./g)].map(String));
    expect(names).toEqual(rowsOf(1000).map(([name]) => name));
    for (const page of pages) {
      expect(found(page, "Concerns")).toHaveLength(1);
      const first = found(page, "Customer ")[0];
      expect(found(page, "Concerns")[0]?.baseline).toBeLessThan(first?.baseline ?? 0);
    }
  });

  test("keeps its title, its header and its first two rows together", async () => {
    const places = new Set<number>();
    for (let before = 26; before < 36; before += 1) {
      const filler: Table = { kind: "table", columns, rows: rowsOf(before, () => "Before") };
      // As many that the last page is filled by half: it would be filled from the one before otherwise.
      const pages = await printed({ title: "Lowest scores", rows: rowsOf(40) }, "Customers", [filler]);
      const place = pages.findIndex(({ text }) => text.includes("Lowest scores"));
      expect(pages[place]?.text, `after ${before} rows`).toContain("Customer 2.");
      places.add(place);
    }
    expect(places).toEqual(new Set([0, 1]));
  });

  test("cuts no row where a page ends", async () => {
    const pages = await printed({
      rows: rowsOf(200, (index) => `Begin ${index} ${"and so on ".repeat(6)}end ${index}`),
    });
    expect(pages.length).toBeGreaterThan(3);
    for (const { text } of pages) {
      const begins = [...text.matchAll(/Begin (\d+)/g)].map(([, index]) => index);
      const ends = [...text.matchAll(/end (\d+)/g)].map(([, index]) => index);
      expect(ends).toEqual(begins);
    }
  });

  test("truncates cells of more than four lines", async () => {
    const [page] = await printed({ rows: [["word ".repeat(100), "1", "short"]] });
    const cell = page?.textItems.filter(({ text }) => text.startsWith("word")) ?? [];
    expect(cell).toHaveLength(4);
    expect(cell.at(-1)?.text).toMatch(/…$/);
  });

  test("has its columns side by side, by their shares, and figures on the right", async () => {
    const [page] = await printed({
      rows: [
        ["Acme", "7", "None"],
        ["Bolt", "100", "None"],
      ],
    });
    if (page === undefined) throw new Error("There is no page.");
    const [left] = found(page, "Acme");
    const [seven] = found(page, "7");
    const [hundred] = found(page, "100");
    const [concern] = found(page, "None");
    const width = 595.28 - 100;
    expect(left?.left).toBeCloseTo(56, 0);
    expect(seven?.right).toBeCloseTo(hundred?.right ?? 0, 1);
    expect(seven?.right).toBeCloseTo(50 + (width * 4) / 6 - 6, 0);
    expect(concern?.left).toBeCloseTo(50 + (width * 4) / 6 + 6, 0);
  });

  test("breaks no word that there is room for, however narrow the column was meant to be", async () => {
    const narrow: Table["columns"] = [
      { heading: "Customer", width: 20 },
      { heading: "Contract value", width: 0.1 },
    ];
    const [page] = await printed({
      columns: narrow,
      rows: [
        ["Acme", "$1,234,500.00"],
        ["x".repeat(300), "Improving"],
      ],
    });
    expect(page?.textItems.map(({ text }) => text)).toEqual(
      expect.arrayContaining(["Acme", "$1,234,500.00", "Improving", "Contract"]),
    );
  });

  test("keeps to its width, however many columns it has", async () => {
    const many = Array.from({ length: 25 }, (_, index) => ({ heading: `Heading${index}` }));
    const [page] = await printed({ columns: many, rows: [many.map(() => "Immeasurable")] });
    expect(Math.max(...(page?.textItems ?? []).map(({ right }) => right))).toBeLessThanOrEqual(595.28 - 50);
  });

  test("says how many rows are left out, if there are any", async () => {
    const [capped] = await printed({ more: 9990 });
    expect(capped?.text).toContain("and 9,990 more");
    for (const more of [undefined, 0, -1]) {
      const [whole] = await printed({ more });
      expect(whole?.text).not.toContain("more");
    }
  });

  test("says so where it has no rows, and is nothing without columns", async () => {
    const [empty] = await printed({ title: "Lowest scores", rows: [] });
    expect(empty?.text).toContain("Lowest scores There is nothing to list.");
    const [none] = await printed({ columns: [], rows: [] }, "Nothing here");
    expect(none?.text).toContain("Nothing here There is nothing to show");
  });

  test("bears rows that are shorter or longer than its header", async () => {
    const [page] = await printed({ rows: [["Short"], ["Long", "1", "2", "Too much"], []] });
    expect(page?.text).toContain("Short");
    expect(page?.text).not.toContain("Too much");
  });
});
