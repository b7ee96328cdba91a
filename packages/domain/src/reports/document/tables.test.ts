import "./fixture/english.ts";
import type { Section } from "@success-manager/pdf/document";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { customer } from "../../portfolio/fixture/rows.ts";
import { CONTRACT_END, CONTRACT_VALUE, CUSTOMER, tableOf } from "./blocks.ts";
import { tablesAsCsv, withAnnex } from "./tables.ts";

const rows = Array.from({ length: 12 }, (_, n) => customer(`c${n}`, { cents: 1_500_000_50, ends: n }));
const columns = [CUSTOMER, CONTRACT_VALUE, CONTRACT_END];
const section = (keepsRows: boolean, title?: string): Section => ({
  heading: "Customers at risk",
  blocks: [tableOf(rows, columns, { title, limit: 10, keepsRows })],
});

const blocksOf = (sections: readonly Section[]) =>
  sections.map(({ heading, blocks }) => [heading, blocks.length]);

describe("an annex", () => {
  it("has all rows of what is shortened, and the table says so", () => {
    const [shortened, annex] = withAnnex([section(true), { heading: "Else", blocks: [] }], true).filter(
      ({ blocks }) => blocks.length > 0,
    );
    expect(shortened?.blocks[0]).toMatchObject({ more: 2, moreNote: "and 2 more, in the annex" });
    expect(annex).toMatchObject({ heading: "Annex", blocks: [{ title: "Customers at risk", more: 0 }] });
    const [table] = annex?.blocks ?? [];
    expect(table?.kind === "table" && table.rows.map(([name]) => name)).toEqual(
      rows.map((row) => row.customer.company_name),
    );
  });

  it("is not there unless it is asked for, or when nothing is shortened", () => {
    const [plain, ...others] = withAnnex([section(false)], false);
    expect(others).toEqual([]);
    expect(plain?.blocks[0]).toMatchObject({ more: 2, moreNote: expect.stringContaining("annex") });
    const whole = { heading: "All", blocks: [tableOf(rows, columns, { keepsRows: true })] };
    expect(blocksOf(withAnnex([whole], true))).toEqual([["All", 1]]);
  });

  it("has a thousand rows of a table at most, and says how many more there are", () => {
    const many = Array.from({ length: 1_500 }, (_, n) => customer(`c${n}`));
    const long = { heading: "All", blocks: [tableOf(many, [CUSTOMER], { limit: 5, keepsRows: true })] };
    expect(withAnnex([long], true).at(-1)?.blocks[0]).toMatchObject({ more: 500 });
  });
});

/** Reads CSV as RFC 4180 has it. */
function parse(content: string): string[][] {
  const fields = [...content.replace(/^\ufeff/, "").matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)];
  const parsed: string[][] = [[]];
  for (const [, quoted, plain = "", end] of fields) {
    parsed.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") parsed.push([]);
  }
  return parsed.slice(0, -1);
}

describe("tables as CSV", () => {
  it("have all rows, with amounts to the cent and dates as data", () => {
    const [file] = tablesAsCsv([section(true)]);
    expect(file?.filename).toBe("Customers at risk.csv");
    const [heading, first, ...others] = parse(file?.content ?? "");
    expect(heading).toEqual(["Customer", "Value", "Contract end"]);
    expect(first).toEqual(["Company c0", "1500000.50", "2026-06-15"]);
    expect(others).toHaveLength(11);
  });

  it("have a name each", () => {
    const files = tablesAsCsv([section(true), section(true), section(true, "a/b: c\n")]);
    expect(files.map(({ filename }) => filename)).toEqual([
      "Customers at risk.csv",
      "Customers at risk (2).csv",
      "a b c.csv",
    ]);
  });

  const csv = (words: string) =>
    tablesAsCsv([
      { heading: "A", blocks: [{ kind: "table", columns: [{ heading: "X" }], rows: [[words]] }] },
    ])[0]?.content ?? "";

  it.each([
    ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
    ["+41 44 123", "'+41 44 123"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"],
    ["\t=1", "'\t=1"],
    ["−5", "-5"],
    ["+5", "+5"],
    ["-12.5%", "-12.5%"],
    ['a "b", c', 'a "b", c'],
  ])("run nothing: %j is %j", (words, expected) => {
    expect(parse(csv(words))[1]).toEqual([expected]);
  });

  it("give back any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (words) => {
        const [field = ""] = parse(csv(words))[1] ?? [];
        expect([words, `'${words}`, words.replace(/^−(?=\d)/, "-")]).toContain(field);
        expect(field).not.toMatch(/^[=@\t]/);
      }),
    );
  });
});
