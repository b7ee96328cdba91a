import { render } from "@success-manager/pdf";
import { describe, expect, it, test } from "vitest";
import type { CustomerHistory, OutcomeRow } from "./history.ts";
import { documentOf, printResult } from "./print.ts";
import { createObserver, judge, type ReplayResult, reasonsOf, type Sight } from "./result.ts";

const source = { file: "x.csv", line: 2 };
const departure = (effective_on: string, notice_on?: string): OutcomeRow => ({
  ...source,
  ...{ customer: "", kind: "churned", effective_on, notice_on, reason: "unspecified", note: undefined },
  ...{ amount_before: undefined, amount_after: undefined, voluntary: undefined, competitor: undefined },
  contract_end_date: undefined,
});
const customer = (
  name: string,
  account_manager: string | undefined,
  outcomes: readonly OutcomeRow[] = [],
): CustomerHistory => ({
  ...source,
  ...{ customer: name, company_name: `${name} Ltd`, account_manager, outcomes },
  ...{ industry: undefined, contract_end_date: undefined, contract_value: undefined },
  ...{ contract_start_date: "2023-01-01", deployments: [], interactions: [], answers: [] },
});

const CALM: Sight = { band: "low", score: 90, alerts: [] };
const LOW: Sight = {
  band: "high",
  score: 52,
  alerts: [{ alert_type: "health_drop", severity: "high", title: "Health score is low" }],
};
const UNKNOWN: Sight = { band: "unknown", score: 20, alerts: [] };
const ENDING: Sight = {
  ...CALM,
  alerts: [{ alert_type: "contract_expiry", severity: "critical", title: "Contract ends on 1 Mar 2024" }],
};

describe("a warning", () => {
  it.each<[string, Sight, readonly string[]]>([
    ["a sound score", CALM, []],
    ["a low one with its alert, once", LOW, ["Health score is low"]],
    ["a low one without an alert", { ...LOW, alerts: [] }, ["Health score 52: high"]],
    ["a contract that ends: the calendar alone", ENDING, []],
    ["too little known", UNKNOWN, []],
    [
      "several, the most severe first",
      {
        ...CALM,
        alerts: [
          { alert_type: "inactivity", severity: "high", title: "No contact" },
          { alert_type: "escalation", severity: "critical", title: "Escalation: outage" },
        ],
      },
      ["Escalation: outage", "No contact"],
    ],
  ])("of %s", (_, sight, expected) => {
    expect(reasonsOf(sight)).toEqual(expected);
  });
});

/** Days of January 2024 on which somebody is seen, by what is seen. */
type Seen = readonly (readonly [first: number, last: number, sight: Sight])[];
const day = (n: number) => `2024-01-${String(n).padStart(2, "0")}`;

function resultOf(
  lives: readonly (readonly [CustomerHistory, Seen])[],
  { to = 31, horizon = 10 }: { readonly to?: number; readonly horizon?: number } = {},
): ReplayResult {
  const customers = lives.map(([one]) => one);
  const observer = createObserver({ customers });
  for (let n = 1; n <= to; n++) {
    const sights = lives.flatMap(([one, seen]) =>
      seen.flatMap(([first, last, sight]) => (n >= first && n <= last ? [[one, sight] as const] : [])),
    );
    observer.see(day(n), new Map(sights), new Map([["ada", 1]]));
  }
  return judge(
    { from: day(1), to: day(to), customers },
    { ...observer.observed(), version: 2 },
    { name: "score", horizon, handledAfter: 14 },
  );
}

describe("who left", () => {
  const left = (outcome: OutcomeRow, seen: Seen) =>
    resultOf([[customer("a", "Ada", [outcome]), seen]]).lost[0];

  it("had a warning that stood until then: the lead is from its first day", () => {
    expect(
      left(departure(day(20), day(15)), [
        [1, 7, CALM],
        [8, 19, LOW],
      ]),
    ).toMatchObject({
      ...{ warning: "warned", first_warning_on: day(8), lead_days: 12, lead_days_before_notice: 7 },
      ...{ withdrawn_warnings: 0, said: "Health score is low" },
    });
  });

  it("one that came after the notice has a lead below 0 before that", () => {
    expect(
      left(departure(day(20), day(15)), [
        [1, 17, CALM],
        [18, 19, LOW],
      ]),
    ).toMatchObject({
      lead_days: 2,
      lead_days_before_notice: -3,
    });
  });

  it("one that went away again counts separately", () => {
    const seen: Seen = [
      [1, 3, LOW],
      [4, 7, CALM],
      [8, 9, LOW],
      [10, 19, CALM],
    ];
    expect(left(departure(day(20)), seen)).toMatchObject({
      ...{ warning: "withdrawn", first_warning_on: day(8), lead_days: null, withdrawn_warnings: 2 },
    });
    expect(left(departure(day(20)), [...seen.slice(0, 3), [10, 15, CALM], [16, 19, LOW]])).toMatchObject({
      ...{ warning: "warned", lead_days: 4, withdrawn_warnings: 2 },
    });
  });

  it("without a warning may have been unknown, or reminded of the contract", () => {
    expect(
      left(departure(day(20)), [
        [1, 9, CALM],
        [10, 19, UNKNOWN],
      ]),
    ).toMatchObject({
      ...{ warning: "none", unknown_since: day(10), lead_days: null, reminded_since: null },
    });
    expect(
      left(departure(day(20)), [
        [1, 4, CALM],
        [5, 19, ENDING],
      ]),
    ).toMatchObject({
      ...{ warning: "none", unknown_since: null, reminded_since: day(5) },
    });
  });

  it("on the first day of the replay or before is nobody of it; twice counts twice", () => {
    expect(left(departure(day(1)), [])).toBeUndefined();
    const back: OutcomeRow = { ...departure(day(8)), kind: "reactivated" };
    const both = customer("a", "Ada", [departure(day(5)), back, departure(day(20))]);
    const { lost } = resultOf([
      [
        both,
        [
          [1, 4, LOW],
          [8, 19, CALM],
        ],
      ],
    ]);
    expect(lost.map(({ warning }) => warning)).toEqual(["warned", "none"]);
  });
});

describe("warnings", () => {
  it("are right within the horizon, false after it, and not decided before it is over", () => {
    const result = resultOf([
      [customer("right", "Ada", [departure(day(12))]), [[2, 11, LOW]]],
      [customer("later", "Ada", [departure(day(13))]), [[2, 12, LOW]]],
      [
        customer("stays", "Bob"),
        [
          [2, 3, LOW],
          [4, 20, CALM],
          [21, 21, LOW],
          [22, 31, CALM],
        ],
      ],
      [customer("open", undefined), [[22, 31, LOW]]],
    ]);
    expect(result).toMatchObject({
      ...{ warnings: 5, right: 1, false_alarms: 3, undecided: 1, precision: 0.25, recall: 1 },
      ...{ mails: 31, false_alarms_per_manager_week: 0.2 },
    });
    expect(
      result.managers.map((one) => [one.account_manager, one.right, one.false_alarms, one.weeks]),
    ).toEqual([
      [null, 0, 0, {}],
      ["Ada", 1, 1, { "2024-W01": 1 }],
      ["Bob", 0, 2, { "2024-W01": 1, "2024-W03": 1 }],
    ]);
    expect(result.weeks).toHaveLength(5);
    expect(result.weeks[0]).toEqual({ week: "2024-W01", right: 1, false_alarms: 2, is_decided: true });
  });

  it("of managers whose names are spelled differently are of one", () => {
    const { managers } = resultOf([
      [customer("a", "Ada"), []],
      [customer("b", "ADA "), []],
    ]);
    expect(managers).toMatchObject([{ account_manager: "Ada", customers: 2 }]);
  });
});

test("text and pages say the same each time, also where nobody left", async () => {
  const nobody = resultOf([[customer("a", undefined), [[1, 31, CALM]]]]);
  expect(printResult([nobody])).toContain("Nobody left in this time.");
  expect(nobody).toMatchObject({ precision: null, recall: null, median_lead_days: null });
  const some = resultOf([
    [
      customer("a", "Ada", [departure(day(20), day(18))]),
      [
        [1, 7, CALM],
        [8, 19, LOW],
      ],
    ],
  ]);
  const text = printResult([some, nobody]);
  expect(text).toContain(
    "1 customer left. Of 1 a warning stood until then, in the median for 12 days (12 to 12).",
  );
  expect(text).toContain(
    "a Ltd     Ada              2024-01-20    12             10  Health score is low (8 Jan 2024)",
  );
  expect(text).toContain("Fewer than 10 customers left");
  expect(printResult([some, nobody])).toBe(text);
  const [first, second] = [
    await render(documentOf([some, nobody])),
    await render(documentOf([some, nobody])),
  ];
  expect(Buffer.compare(first, second)).toBe(0);
});
