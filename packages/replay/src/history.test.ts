import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import {
  type DateOrder,
  describeFormat,
  FaultyHistory,
  parseCsv,
  planOf,
  readDay,
  readHistory,
  spellsOf,
} from "./history.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "history-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const CUSTOMERS = "customer,contract_start_date,contract_end_date\na,2024-01-01,2025-12-31\nb,2024-01-01,";

/** Reads files that are given by their names; customers a and b are there. */
function read(files: Readonly<Record<string, string | Uint8Array>>, order?: DateOrder) {
  for (const [name, content] of Object.entries({ customers: CUSTOMERS, ...files }))
    writeFileSync(join(folder, `${name}.csv`), content);
  return readHistory(folder, order);
}

function faultsOf(files: Readonly<Record<string, string | Uint8Array>>): string[] {
  try {
    read(files);
  } catch (error) {
    if (!(error instanceof FaultyHistory)) throw error;
    return error.message.split("\n");
  }
  return [];
}

describe("CSV", () => {
  const cells = (text: string) => parseCsv("x.csv", text).map((row) => row.cells);

  it.each([
    [
      "a,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "\uFEFFa,b\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a,b\r1,2\r",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      'a,b\n"x, ""y""\nz",2',
      [
        ["a", "b"],
        ['x, "y"\nz', "2"],
      ],
    ],
    [
      "a,b\n 1 ,2  \n\n , \n3,",
      [
        ["a", "b"],
        ["1", "2"],
        ["3", ""],
      ],
    ],
    [
      "a;b\n1,5;2",
      [
        ["a", "b"],
        ["1,5", "2"],
      ],
    ],
    [
      'a,b\n"" , "x" ',
      [
        ["a", "b"],
        ["", "x"],
      ].slice(0, 2),
    ],
    ["", []],
  ])("%j is read", (text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  it.each([
    ['a,b\n1,"2', "line 2: a quotation mark is never closed"],
    ['a,b\n1,2"3"', "line 2: a quotation mark stands within a field"],
    ['a,b\n1,"2"3', "line 2: text follows the quotation mark of a field"],
  ])("%j is refused", (text, message) => {
    expect(() => cells(text)).toThrow(message);
  });

  it("gives back whatever is written as RFC 4180 says, with the line of each row", () => {
    const cell = fc.string({ unit: "grapheme" }).map((text) => text.trim().replaceAll("\r", ""));
    const row = fc.tuple(cell, cell, cell).filter((all) => all.some((one) => one !== ""));
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
        const text = [["a", "b", "c"], ...rows].map((all) => all.map(quoted).join(",")).join(end);
        const found = parseCsv("x.csv", text);
        expect(found.slice(1).map((one) => one.cells)).toEqual(rows);
        let line = 1;
        for (const [n, { cells: all, line: at }] of found.entries()) {
          expect(at, `row ${n}`).toBe(line);
          line += all.join("").split("\n").length;
        }
      }),
    );
  });
});

describe("days", () => {
  const said = (written: string, order: DateOrder) => {
    const found = readDay(written, order);
    return "day" in found ? found.day : "refused";
  };
  it.each<[string, string, string, string]>([
    // written, as it is, day first, month first
    ["2024-06-05", "2024-06-05", "2024-06-05", "2024-06-05"],
    ["31-01-2024", "2024-01-31", "2024-01-31", "2024-31-01"],
    ["01/31/2024", "2024-01-31", "2024-31-01", "2024-01-31"],
    ["5.5.2024", "2024-05-05", "2024-05-05", "2024-05-05"],
    ["05-06-2024", "refused", "2024-06-05", "2024-05-06"],
  ])("%s is %s, day first %s, month first %s", (written, ...expected) => {
    expect([said(written, "iso"), said(written, "dmy"), said(written, "mdy")]).toEqual(expected);
  });

  it("that no calendar has are refused, whatever the order", () => {
    for (const order of ["iso", "dmy", "mdy"] as const)
      expect(() =>
        read({ interactions: "customer,date,interaction_type\na,31-13-2024,call" }, order),
      ).toThrow("interactions.csv line 2, date: must be a date");
  });
});

describe("a faulty history", () => {
  const interactions = (row: string) => ({
    interactions: `customer,date,interaction_type,sentiment,resolved_on\n${row}`,
  });
  const outcomes = (...rows: readonly string[]) => ({
    outcomes: ["customer,kind,effective_on,notice_on,amount_before,amount_after", ...rows].join("\n"),
  });

  it.each<[Readonly<Record<string, string | Uint8Array>>, string]>([
    [{ customers: "customer\na" }, "customers.csv line 1, contract_start_date: this column is missing"],
    [
      { customers: "customer,customer,contract_start_date" },
      "customers.csv line 1, customer: this column comes twice",
    ],
    [{ customers: `${CUSTOMERS}\na,2024-02-01,` }, "customers.csv line 4, customer: is in line 2, too"],
    [
      { customers: "customer,company_name,contract_start_date\na,Acme,2024-01-01\nb,ACME ,2024-01-01" },
      "customers.csv line 3, company_name: is that of line 2, too",
    ],
    [
      { customers: "customer,contract_start_date\na," },
      "customers.csv line 2, contract_start_date: is required",
    ],
    [
      { customers: "customer,contract_start_date\na,2024-01-01,x" },
      "customers.csv line 2: has 3 fields, the heading 2",
    ],
    [
      { customers: "customer,contract_start_date,contract_end_date\na,2024-02-01,2024-01-01" },
      "customers.csv line 2, contract_end_date: must not be before contract_start_date",
    ],
    [{ interactions: Uint8Array.of(0x61, 0xff, 0x0a) }, "interactions.csv line 1: is no UTF-8"],
    [interactions("c,2024-02-01,call,,"), "interactions.csv line 2, customer: c is not in customers.csv"],
    [interactions("a,2024-02-30,call,,"), "interactions.csv line 2, date: must be a date"],
    [interactions("a,05-06-2024,call,,"), "interactions.csv line 2, date: 05-06-2024 can be two days"],
    [interactions("a,2024-02-01,phone,,"), "interactions.csv line 2, interaction_type: must be one of"],
    [interactions("a,2024-02-01,call,angry,"), "interactions.csv line 2, sentiment: must be one of"],
    [
      interactions("a,2024-02-01,escalation,,2024-01-01"),
      "interactions.csv line 2, resolved_on: must not be before date",
    ],
    [
      { survey_answers: "customer,date,survey_type,score\na,2024-02-01,nps,11" },
      "survey_answers.csv line 2, score: must be",
    ],
    [
      { survey_answers: "customer,date,survey_type,score\na,2024-02-01,nps,high" },
      "survey_answers.csv line 2, score: must be a whole number",
    ],
    [
      { deployments: "customer,product_name,deployment_date\nb,MonetX,2024-02-01" },
      "deployments.csv line 2, license_expiry: is required where the customer has no contract_end_date",
    ],
    [
      { deployments: "customer,product_name,deployment_date\na,Other,2024-02-01" },
      "deployments.csv line 2, product_name: must be one of",
    ],
    [
      outcomes("a,churned,2023-05-01,,,"),
      "outcomes.csv line 2, effective_on: must not be before the customer's",
    ],
    [
      outcomes("a,churned,2024-01-01,,,"),
      "outcomes.csv line 2, effective_on: nobody leaves on their first day",
    ],
    [
      outcomes("a,churned,2024-05-01,,,", "a,churned,2024-06-01,,,"),
      "outcomes.csv line 3, kind: the customer has left and not come back",
    ],
    [
      outcomes("a,reactivated,2024-06-01,,,"),
      "outcomes.csv line 2, kind: nobody comes back who has not left",
    ],
    [
      outcomes("a,churned,2024-05-01,,,", "a,reactivated,2024-05-01,,,"),
      "outcomes.csv line 3, effective_on: nobody comes back on the day on which they leave",
    ],
    [
      outcomes("a,churned,2024-05-01,2024-05-02,,"),
      "outcomes.csv line 2, notice_on: must not be after effective_on",
    ],
    [outcomes("a,churned,2024-05-01,,100,50"), "outcomes.csv line 2, amount_after: must be 0"],
    [
      outcomes("a,expanded,2024-05-01,,100,50"),
      "outcomes.csv line 2, amount_after: must be above amount_before",
    ],
    [outcomes("a,expanded,2024-05-01,,100,"), "outcomes.csv line 2, amount_after: is required"],
    [outcomes("a,churned,2024-05-01,,-1,"), "outcomes.csv line 2, amount_before: must be 0 to"],
  ])("%j is told: %s", (files, message) => {
    expect(faultsOf(files).join("\n")).toContain(message);
  });

  it("is told with all that is wrong, by file and line", () => {
    const faults = faultsOf({
      ...interactions("c,2024-02-01,call,,\na,2024-02-30,phone,,"),
      ...outcomes("a,left,2024-05-01,,,"),
    });
    expect(faults.map((one) => one.replace(/:.*/, ""))).toEqual([
      "interactions.csv line 2, customer",
      "interactions.csv line 3, date",
      "interactions.csv line 3, interaction_type",
      "outcomes.csv line 2, kind",
    ]);
  });

  it("without customers.csv says so", () => {
    rmSync(join(folder, "customers.csv"), { force: true });
    expect(() => readHistory(folder)).toThrow("customers.csv line 1: is missing");
  });
});

test("what a CRM writes is taken: a byte order mark, blanks, capitals of headings, TRUE, other columns", () => {
  const history = read({
    customers: "\uFEFFCustomer,Contract_Start_Date,Seats\r\n a ,17-08-2023,9\r\n",
    outcomes: "customer,kind,effective_on,voluntary,reason\r\na,churned,25-06-2024 ,TRUE ,went away\r\n",
  });
  expect(history.customers).toMatchObject([
    {
      customer: "a",
      company_name: "a",
      contract_start_date: "2023-08-17",
      outcomes: [{ effective_on: "2024-06-25", voluntary: true, reason: "unspecified", note: "went away" }],
    },
  ]);
  expect(history.unread).toEqual([{ file: "customers.csv", columns: ["seats"] }]);
  expect([...history.reasons]).toEqual([["went away", 1]]);
  expect(history.rows).toEqual({ customers: 1, outcomes: 1 });
});

test("the help names each file and column", () => {
  const help = describeFormat();
  for (const word of [
    "customers.csv *",
    "contract_start_date *",
    "survey_answers.csv",
    "MonetX, SupportX, GreenX",
  ])
    expect(help).toContain(word);
});

describe("a plan", () => {
  const history = () =>
    read({
      customers: [
        "customer,contract_start_date",
        ...["back,2023-01-01", "gone,2023-01-01", "late,2025-01-01", "stays,2023-01-01"],
      ].join("\n"),
      outcomes: [
        "customer,kind,effective_on",
        ...["gone,churned,2023-12-01", "back,churned,2023-06-01", "back,reactivated,2024-02-10"],
        ...["back,churned,2024-03-05", "stays,renewed,2023-09-09"],
      ].join("\n"),
      interactions: [
        "customer,date,interaction_type",
        ...[
          "stays,2023-01-05,call",
          "stays,2023-12-05,call",
          "stays,2024-02-01,call",
          "stays,2024-04-01,call",
        ],
        ...["back,2024-01-01,call", "back,2024-02-11,call", "back,2024-03-06,call", "gone,2024-02-01,call"],
      ].join("\n"),
    });
  const plan = () => planOf(history(), "2024-02-01", "2024-03-31");

  it("begins 90 days earlier, and takes who is a customer at some time", () => {
    const { begin, customers, days } = plan();
    expect(begin).toBe("2023-11-03");
    expect(customers.map(({ customer }) => customer)).toEqual(["back", "stays"]);
    const told = [...days].flatMap(([day, all]) =>
      [...all].map(
        ([{ customer }, steps]) => `${day} ${customer} ${steps.map(({ kind }) => kind).join(" ")}`,
      ),
    );
    expect(told.sort()).toEqual([
      "2023-11-03 stays begin",
      "2023-12-05 stays interaction",
      "2024-02-01 stays interaction",
      "2024-02-10 back begin",
      "2024-02-11 back interaction",
      "2024-03-05 back outcome",
    ]);
  });

  it("says what it leaves out, and why", () => {
    expect(Object.fromEntries(plan().leftOut)).toEqual({
      "customers who left before the first day or came after the last": 2,
      "interactions after the last day": 1,
      "interactions before the first day, or of an earlier time as a customer": 2,
      "interactions of who was no customer": 1,
      "outcomes before the first day": 2,
    });
  });

  it("knows the spells of who came back", () => {
    const [back] = history().customers;
    expect(back && spellsOf(back).map(({ start, end }) => [start, end])).toEqual([
      ["2023-01-01", "2023-06-01"],
      ["2024-02-10", "2024-03-05"],
    ]);
  });
});
