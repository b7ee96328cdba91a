import type { PeriodType } from "@success-manager/contract/dashboard";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { Block } from "@success-manager/pdf/document";
import { countersBetween, dayOf } from "../../counters/index.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { meanOf } from "../../figures.ts";
import { scoresBetween } from "../../health/history.ts";
import type { Asked } from "./asked.ts";
import { type Bucket, bucketsOf, CUT_WORDS, cutFor, daysUpToNow } from "./buckets.ts";
import { isNarrowed } from "./selection.ts";
import { standingsAt } from "./standings.ts";
import { countText, numberText } from "./wording.ts";

/** How the average score went over a period. */
interface Line {
  readonly title: string;
  readonly names: readonly string[];
  readonly values: readonly (number | null)[];
}

/** Scores of a day, added up. */
export interface DayScores {
  readonly count: number;
  readonly sum: number;
}

/** From the scores that customers carry with them: what the newest ones came to at the end of each day or week. */
function fromTrails(rows: readonly CustomerRow[], buckets: readonly Bucket[], cut: PeriodType) {
  const standings = standingsAt(
    rows,
    buckets.map(({ days }) => days.at(-1) ?? ""),
  );
  return (
    standings && {
      title: `Average health score at the end of each ${CUT_WORDS[cut]}`,
      names: buckets.map(({ name }) => name),
      values: standings.map(({ average }) => average),
    }
  );
}

const CUTS: readonly PeriodType[] = ["daily", "weekly", "monthly"];

/** Share of points without a value from which on a coarser line says more. */
const GAPS = 0.25;

const isKnown = (value: number | null) => value !== null;

/** Whether a line has so few gaps between its ends that it can be followed by eye; a single point has none. */
function isConnected(values: readonly (number | null)[]): boolean {
  const within = values.slice(values.findIndex(isKnown), values.findLastIndex(isKnown) + 1);
  const known = within.filter(isKnown).length;
  return known > 0 && (within.length - known) / within.length <= GAPS;
}

/** From scores that were calculated on these days: their mean by day, or by week or month where days have gaps. */
export function fromDays(days: readonly string[], scores: ReadonlyMap<string, DayScores>): Line {
  const finest = CUTS.indexOf(cutFor(days.length));
  const lines = CUTS.slice(finest).map((cut) => {
    const buckets = bucketsOf(days, cut);
    const values = buckets.map(({ days: within }) => {
      const found = within.map((day) => scores.get(day));
      const total = (of: keyof DayScores) => found.reduce((sum, day) => sum + (day?.[of] ?? 0), 0);
      return meanOf(total("sum"), total("count"));
    });
    return {
      title: `Average of the scores of each ${CUT_WORDS[cut]}`,
      names: buckets.map(({ name }) => name),
      values,
    };
  });
  return (
    lines.find(({ values }) => isConnected(values)) ?? lines.at(-1) ?? { title: "", names: [], values: [] }
  );
}

/** What is counted of all scores, by day. */
async function counted(first: string, last: string) {
  const found = await countersBetween("score", dayOf(first), dayOf(last));
  return new Map(
    Array.from(found, ([period, { count = 0, overall = 0 }]) => [
      period.slice(dayOf("").length),
      { count, sum: overall },
    ]),
  );
}

/** The scores of one customer, by day. */
async function scoresOf(customer_id: string, first: string, last: string) {
  const days = new Map<string, DayScores>();
  for (const { calculated_at, overall_score } of await scoresBetween(customer_id, first, `${last}~`)) {
    const day = calculated_at.slice(0, first.length);
    const { count, sum } = days.get(day) ?? { count: 0, sum: 0 };
    days.set(day, { count: count + 1, sum: sum + overall_score });
  }
  return days;
}

/** Scores that were calculated on some days: of one customer or of all; undefined for others, which nobody counts. */
export async function scoresByDay(
  { customer_id, ...others }: ReportFilters,
  first: string,
  last: string,
): Promise<ReadonlyMap<string, DayScores> | undefined> {
  if (customer_id !== undefined) return scoresOf(customer_id, first, last);
  return isNarrowed(others) ? undefined : counted(first, last);
}

/** Tens around scores, and some room: small changes are not to look like falls. */
export const scoreRange = (values: readonly number[]): readonly [number, number] => [
  Math.max(0, 10 * Math.floor((Math.min(...values) - 5) / 10)),
  Math.min(100, 10 * Math.ceil((Math.max(...values) + 5) / 10)),
];

/** The line as it is drawn, or in words where it has but one point, or none. */
function drawn({ title, names, values }: Line): Block {
  const known = values.flatMap((value, n) => (value === null ? [] : [{ value, name: names[n] ?? "" }]));
  const [only] = known;
  if (only === undefined)
    return { kind: "text", muted: true, text: "No scores were calculated in this period." };
  if (known.length === 1)
    return {
      kind: "text",
      text: `The scores of this period, all of ${only.name}, average ${numberText(only.value, 1)}.`,
    };
  return {
    kind: "lineChart",
    title,
    points: names,
    lines: [{ name: "Health score", tone: "accent", values }],
    range: scoreRange(known.map(({ value }) => value)),
  };
}

/**
 * The average score over the report's period. The last 30 days are known of every customer; what lies farther back is
 * counted by day for all customers together, and read for a single one.
 */
export async function healthLine(asked: Asked, rows: readonly CustomerRow[]): Promise<Block> {
  const { filters, period, now } = asked;
  const days = daysUpToNow(period, now);
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined)
    return { kind: "text", muted: true, text: "This period has not begun yet." };
  const cut = cutFor(days.length);
  const known = days.length > 1 ? fromTrails(rows, bucketsOf(days, cut), cut) : undefined;
  if (known) return drawn(known);
  const scores = await scoresByDay(filters, first, last);
  if (scores) return drawn(fromDays(days, scores));
  return {
    kind: "text",
    muted: true,
    text:
      `For ${countText(rows.length, "customer")} picked by filters the average is known for the last 30 days ` +
      "only, so there is no line over this period.",
  };
}
