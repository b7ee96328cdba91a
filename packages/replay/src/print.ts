/** "What we would have told you": for the terminal, and as a printed document. */
import { formatDate } from "@success-manager/domain/calendar";
import type { Cell, Document, Section, Table } from "@success-manager/pdf/document";
import type { Loss, ReplayResult } from "./result.ts";

export const TITLE = "What we would have told you";

/** Below this many departures, shares say little. */
const FEW = 10;

const percent = (value: number | null) => (value === null ? "–" : `${(100 * value).toFixed(0)}%`);
const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
const daysText = (days: number | null) => (days === null ? "–" : String(days).replace("-", "−"));

/** How the customers who left fall apart, as sentences. */
function sentences(result: ReplayResult): string[] {
  const { lost, warned, withdrawn, unwarned, median_lead_days, horizon_days, right, false_alarms } = result;
  const told: string[] = [];
  if (lost.length === 0) told.push("Nobody left in this time.");
  else {
    const leads = lost.flatMap(({ lead_days }) => lead_days ?? []);
    told.push(
      warned === 0
        ? `${plural(lost.length, "customer")} left. Of none of them a warning stood when they did.`
        : `${plural(lost.length, "customer")} left. Of ${warned} a warning stood until then, in the median for ${median_lead_days} days (${Math.min(...leads)} to ${Math.max(...leads)}).`,
    );
    const noticed = lost.filter(({ notice_on }) => notice_on !== null).length;
    if (noticed > 0)
      told.push(`Of the ${noticed} who gave notice, ${result.warned_before_notice} were warned of before.`);
    if (withdrawn > 0) told.push(`Of ${withdrawn} there was a warning that had gone away again.`);
    const silent = lost.filter(
      ({ warning, unknown_since }) => warning !== "warned" && unknown_since !== null,
    ).length;
    if (unwarned > 0) told.push(`${unwarned} left without a warning.`);
    if (silent > 0)
      told.push(`Of ${silent} without a standing warning we would have said that too little is known.`);
  }
  told.push(
    `${plural(result.warnings, "warning")}: ${right} right (the customer left within ${horizon_days} days), ${plural(false_alarms, "false alarm")}, ${result.undecided} not decided when the replay ends.`,
  );
  if (right + false_alarms > 0 || lost.length > 0)
    told.push(`Precision ${percent(result.precision)}, recall ${percent(result.recall)}.`);
  if (lost.length > 0 && lost.length < FEW)
    told.push(`Fewer than ${FEW} customers left: these are examples, not shares to go by.`);
  return told;
}

/** What is counted how. */
const footnotes = ({ warning, horizon_days, handled_after_days }: ReplayResult): string[] => [
  warning,
  `Days of lead run from the first day of the warning that stood until the customer left; what stood already on the first day of the replay counts from that day. A warning is a false alarm when the customer is still there ${horizon_days} days after its first day.`,
  `Nobody acts on a warning in a replay. Alerts about escalations and low answers are taken as handled on the day that the history says, else after ${handled_after_days} days.`,
];

const managerName = (name: string | null) => name ?? "(nobody)";

const warningText = ({ warning, first_warning_on, said, unknown_since }: Loss): string => {
  if (warning === "none")
    return unknown_since === null ? "Nothing" : `Too little known, since ${formatDate(unknown_since)}`;
  return `${said} (${formatDate(first_warning_on ?? "")}${warning === "withdrawn" ? ", gone again" : ""})`;
};

/** Columns of equal width, the first left and numbers right. */
function textTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: ReadonlySet<number>,
): string[] {
  const widths = heading.map((name, n) =>
    Math.max(...[name, ...rows.map((row) => row[n] ?? "")].map((cell) => [...cell].length)),
  );
  const pad = (cell: string, n: number) => {
    const blank = " ".repeat(Math.max(0, (widths[n] ?? 0) - [...cell].length));
    return numbers.has(n) ? blank + cell : cell + blank;
  };
  return [heading, ...rows].map((row) => `  ${row.map(pad).join("  ")}`.trimEnd());
}

const busiestWeek = (weeks: Readonly<Record<string, number>>) =>
  Object.entries(weeks).reduce<readonly [string, number] | undefined>(
    (best, week) => (best === undefined || week[1] > best[1] ? week : best),
    undefined,
  );

const scoringText = ({ scoring: { name, version } }: ReplayResult) => `${name} (version ${version})`;

const COMPARED = ["Score", "Warned", "Gone again", "None", "Lead", "Right", "False", "Precision", "Recall"];
const comparedRow = (result: ReplayResult): string[] => [
  scoringText(result),
  String(result.warned),
  String(result.withdrawn),
  String(result.unwarned),
  daysText(result.median_lead_days),
  String(result.right),
  String(result.false_alarms),
  percent(result.precision),
  percent(result.recall),
];

/** For the terminal: the first result in full, and beside it the others. */
export function printResult(results: readonly [ReplayResult, ...ReplayResult[]]): string {
  const [result] = results;
  const { from, to, customers, lost, managers } = result;
  const losses = lost.map((one) => [
    one.company_name,
    managerName(one.account_manager),
    one.effective_on,
    daysText(one.lead_days),
    daysText(one.lead_days_before_notice),
    warningText(one),
  ]);
  const byManager = managers.map((one) => {
    const busiest = busiestWeek(one.weeks);
    return [
      managerName(one.account_manager),
      ...[one.customers, one.lost, one.warnings, one.right, one.false_alarms, one.undecided].map(String),
      one.false_alarms_per_week.toFixed(2),
      busiest ? `${busiest[1]} (${busiest[0]})` : "–",
      String(one.mails),
    ];
  });
  return [
    TITLE,
    `${from} to ${to}, ${plural(customers, "customer")}, ${scoringText(result)}`,
    "",
    ...sentences(result),
    ...(lost.length > 0
      ? [
          "",
          "Who left",
          ...textTable(
            ["Customer", "Account manager", "Left on", "Days", "Before notice", "What we said"],
            losses,
            new Set([3, 4]),
          ),
        ]
      : []),
    "",
    "Warnings by account manager",
    ...textTable(
      [
        ...["Account manager", "Customers", "Lost", "Warnings", "Right", "False", "Undecided"],
        ...["False a week", "Most in a week", "Mails"],
      ],
      byManager,
      new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ),
    ...(results.length > 1
      ? [
          "",
          "The same with other scores",
          ...textTable(COMPARED, results.map(comparedRow), new Set([1, 2, 3, 4, 5, 6, 7, 8])),
        ]
      : []),
    "",
    ...footnotes(result),
    "",
  ].join("\n");
}

/** So many rows are printed of each table, some five pages. The text and the JSON have all of them. */
const PRINTED_ROWS = 200;

/** A column with the cells of a table's rows. */
interface Column<T> {
  readonly heading: string;
  readonly width?: number;
  readonly align?: "right";
  readonly cell: (row: T) => Cell;
}

function tableOf<T>(rows: readonly T[], columns: readonly Column<T>[]): Table {
  const more = rows.length - PRINTED_ROWS;
  return {
    kind: "table",
    columns: columns.map(({ heading, width, align }) => ({ heading, width, align })),
    rows: rows.slice(0, PRINTED_ROWS).map((row) => columns.map(({ cell }) => cell(row))),
    ...(more > 0 && { more, moreNote: `and ${more} more` }),
  };
}

const WARNING_CELL = {
  warned: { text: "Warned", tone: "good" },
  withdrawn: { text: "Gone again", tone: "fair" },
  none: { text: "None", tone: "bad" },
} as const satisfies Record<Loss["warning"], Cell>;

function lostSection({ lost }: ReplayResult): Section {
  if (lost.length === 0)
    return { heading: "Who left", blocks: [{ kind: "text", text: "Nobody left in this time." }] };
  const columns: readonly Column<Loss>[] = [
    { heading: "Customer", width: 2, cell: (one) => one.company_name },
    { heading: "Account manager", width: 1.5, cell: (one) => managerName(one.account_manager) },
    { heading: "Left on", width: 1.2, cell: (one) => formatDate(one.effective_on) },
    { heading: "Warning", width: 1.1, cell: (one) => WARNING_CELL[one.warning] },
    { heading: "Days before", width: 0.8, align: "right", cell: (one) => daysText(one.lead_days) },
    {
      heading: "Before notice",
      width: 0.8,
      align: "right",
      cell: (one) => daysText(one.lead_days_before_notice),
    },
    {
      heading: "What we said",
      width: 3.4,
      cell: (one) => (one.warning === "warned" ? (one.said ?? "") : warningText(one)),
    },
  ];
  return { heading: "Who left", blocks: [tableOf(lost, columns)] };
}

/** Where most is to be gained first. */
const mostAlarmed = (managers: ReplayResult["managers"]) =>
  managers.toSorted((a, b) => b.false_alarms - a.false_alarms);

function alarmsSection({ managers, weeks, horizon_days }: ReplayResult): Section {
  return {
    heading: "Right warnings and false alarms",
    about: "By the week of a warning's first day, as far as it is decided by the end of the replay.",
    blocks: [
      weeks.some(({ is_decided }) => is_decided)
        ? {
            kind: "lineChart",
            points: weeks.map(({ week }) => week),
            lines: [
              {
                name: "False alarms",
                tone: "poor",
                values: weeks.map((one) => (one.is_decided ? one.false_alarms : null)),
              },
              {
                name: "Right warnings",
                tone: "good",
                values: weeks.map((one) => (one.is_decided ? one.right : null)),
              },
            ],
          }
        : { kind: "text", text: `No week is decided yet: the ${horizon_days} days after it are not over.` },
      tableOf(mostAlarmed(managers), [
        { heading: "Account manager", width: 2, cell: (one) => managerName(one.account_manager) },
        { heading: "Customers", align: "right", cell: (one) => String(one.customers) },
        { heading: "Lost", align: "right", cell: (one) => String(one.lost) },
        { heading: "Warnings", align: "right", cell: (one) => String(one.warnings) },
        { heading: "Right", align: "right", cell: (one) => String(one.right) },
        { heading: "False", align: "right", cell: (one) => String(one.false_alarms) },
        { heading: "False a week", align: "right", cell: (one) => one.false_alarms_per_week.toFixed(2) },
        {
          heading: "Most in a week",
          width: 1.3,
          align: "right",
          cell: (one) => {
            const busiest = busiestWeek(one.weeks);
            return busiest ? `${busiest[1]} (${busiest[0]})` : "–";
          },
        },
        { heading: "Mails", align: "right", cell: (one) => String(one.mails) },
      ]),
    ],
  };
}

/** As a document to be printed. Its dates are those of the replay. */
export function documentOf(results: readonly [ReplayResult, ...ReplayResult[]]): Document {
  const [result] = results;
  const { from, to, lost, warned, median_lead_days, precision, recall } = result;
  const period = `${formatDate(from)} – ${formatDate(to)}`;
  const text = (said: string, muted = false) => ({ kind: "text", text: said, muted }) as const;
  return {
    title: TITLE,
    subtitle: "A replay of your own history",
    facts: [
      { label: "Period", value: period },
      { label: "Customers", value: String(result.customers) },
      { label: "Score", value: scoringText(result) },
    ],
    paper: "a4",
    created: new Date(`${to}T23:59:59.000Z`),
    footer: `${TITLE}, ${period}`,
    sections: [
      {
        heading: "In short",
        blocks: [
          {
            kind: "tiles",
            tiles: [
              { label: "Customers who left", value: String(lost.length) },
              { label: "Warned until they left", value: String(warned), note: `recall ${percent(recall)}` },
              { label: "Days of lead, median", value: daysText(median_lead_days) },
              {
                label: "False alarms",
                value: String(result.false_alarms),
                note: `${result.false_alarms_per_manager_week.toFixed(2)} a manager and week; precision ${percent(precision)}`,
              },
            ],
          },
          text(sentences(result).join(" ")),
        ],
      },
      lostSection(result),
      alarmsSection(result),
      ...(results.length > 1
        ? [
            {
              heading: "The same with other scores",
              blocks: [
                tableOf(
                  results.map(comparedRow),
                  COMPARED.map((heading, n) => ({
                    heading,
                    width: n === 0 ? 3 : 1,
                    ...(n > 0 && { align: "right" as const }),
                    cell: (row: readonly string[]) => row[n] ?? "",
                  })),
                ),
              ],
            },
          ]
        : []),
      { heading: "How it was counted", blocks: footnotes(result).map((one) => text(one, true)) },
    ],
  };
}
