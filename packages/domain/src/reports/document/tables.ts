import type { Block, Section, Table } from "@success-manager/pdf/document";
import { cellText, type ReportTable } from "./blocks.ts";
import { say } from "./words.ts";

/** Whole tables of a report: in an annex that is printed, and as files for spreadsheets. */

const isTable = (block: Block): block is ReportTable => block.kind === "table";

/** So many rows of a table an annex has at most: 1,000 take a third of a second and 20 pages. */
const MAX_ANNEX_ROWS = 1_000;

/** What people call a table: its own title, else what it stands under. */
const nameOf = ({ title }: Table, { heading }: Section) => title ?? heading;

/** Sections whose shortened tables say where the other rows are, and, where that is wanted, an annex that has them. */
export function withAnnex(sections: readonly Section[], annex: boolean): readonly Section[] {
  const whole: Table[] = [];
  const pointed = sections.map((section) => ({
    ...section,
    blocks: section.blocks.map((block): Block => {
      if (!isTable(block)) return block;
      const { all = [], data: _, ...table } = block;
      if (!table.more) return table;
      const count = table.more;
      if (!annex || all.length <= table.rows.length)
        return { ...table, moreNote: say(annex ? "table.more" : "table.more_in_files", { count }) };
      const rows = all.slice(0, MAX_ANNEX_ROWS);
      const more = all.length - rows.length;
      const moreNote = say("table.more", { count: more });
      whole.push({ ...table, title: nameOf(table, section), rows, more, moreNote });
      return { ...table, moreNote: say("table.more_in_annex", { count }) };
    }),
  }));
  if (whole.length === 0) return pointed;
  return [...pointed, { heading: say("heading.annex"), about: say("annex.about"), blocks: whole }];
}

/** A table for a spreadsheet. */
export interface CsvFile {
  /** `Customers at risk.csv` */
  readonly filename: string;
  /** UTF-8 with a byte order mark, without which Excel takes it for another encoding. */
  readonly content: string;
}

/** What a spreadsheet would run as a formula (OWASP, "CSV Injection"), unless it is a number. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?[\d.,]+%?$/;

/** RFC 4180: quoted where it has to be. What would be a formula begins with an apostrophe. */
function csvField(printed: string): string {
  // Programs know no other minus.
  const value = printed.replaceAll(/[\u2066-\u2069]/g, "").replace(/^−(?=\d)/, "-");
  const safe = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const toCsv = (rows: readonly (readonly string[])[]): string =>
  `\ufeff${rows.map((row) => row.map(csvField).join(",")).join("\r\n")}\r\n`;

/** The tables of a report, all rows of each. */
export function tablesAsCsv(sections: readonly Section[]): readonly CsvFile[] {
  const used = new Map<string, number>();
  return sections.flatMap((section) =>
    section.blocks.filter(isTable).flatMap((table) => {
      const rows = table.data ?? table.rows.map((row) => row.map(cellText));
      if (rows.length === 0) return [];
      const name = nameOf(table, section)
        .replaceAll(/[^\p{L}\p{N},()–-]+/gu, " ")
        .trim();
      const count = (used.get(name) ?? 0) + 1;
      used.set(name, count);
      const filename = `${name}${count > 1 ? ` (${count})` : ""}.csv`;
      return [{ filename, content: toCsv([table.columns.map(({ heading }) => heading), ...rows]) }];
    }),
  );
}
