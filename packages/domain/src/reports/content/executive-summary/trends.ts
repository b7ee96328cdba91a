import type { Block, Section } from "@success-manager/pdf/document";
import { calendarMonth, dateOf, monthBefore, periodsBetween } from "../../../calendar.ts";
import {
  countersByPeriod,
  csatTrendsOf,
  healthTrendsOf,
  type TrendPeriods,
} from "../../../dashboard/index.ts";
import type { Asked } from "../asked.ts";
import { scoreRange } from "../health-line.ts";
import { monthText, numberText, signedText } from "../wording.ts";

/** The least that shows where things go. */
const MONTHS = 6;

/** The months of the report's period up to now, and as many before that there are six. */
export function monthsOf({ period, now }: Pick<Asked, "period" | "now">): string[] {
  const today = dateOf(now);
  const last = period.date_to < today ? period.date_to : today;
  const months = periodsBetween("monthly", period.date_from, last);
  if (months.length === 0) months.push(calendarMonth(last));
  for (let first = months[0]; first !== undefined && months.length < MONTHS; first = months[0])
    months.unshift(monthBefore(first));
  return months;
}

interface Trend {
  readonly title: string;
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly shown: (value: number) => string;
  readonly range: (values: readonly number[]) => readonly [number, number];
  /** Said when no month has a value. */
  readonly nothing: string;
}

/** A line of its own for each scale: they are never mixed (decision 14). */
function drawn({ title, name, values, shown, range, nothing }: Trend, months: readonly string[]): Block {
  const known = values.flatMap((value, n) => (value === null ? [] : [{ value, month: months[n] ?? "" }]));
  const [only] = known;
  if (!only) return { kind: "text", muted: true, text: nothing };
  if (known.length === 1)
    return {
      kind: "text",
      text: `${title}: ${shown(only.value)} in ${monthText(only.month)}, the only month with any.`,
    };
  return {
    kind: "lineChart",
    title,
    points: months.map(monthText),
    lines: [{ name, tone: "accent", values }],
    range: range(known.map(({ value }) => value)),
  };
}

/** Health, satisfaction and recommendation month by month; as on the dashboard. */
export async function trendsSection(asked: Asked): Promise<Section> {
  const months = monthsOf(asked);
  const window: TrendPeriods = { period_type: "monthly", periods: months };
  const [scores, answers] = await Promise.all([
    countersByPeriod("score", window),
    countersByPeriod("survey", window),
  ]);
  const { overall: health } = healthTrendsOf(scores);
  const { overall: csat, nps } = csatTrendsOf(answers);
  const trends: Trend[] = [
    {
      title: "Average health score (0–100)",
      name: "Health score",
      values: health.map(({ avg_score }) => avg_score),
      shown: (value) => numberText(value, 1),
      range: scoreRange,
      nothing: "No health scores were calculated in these months.",
    },
    {
      title: "Average CSAT (1–5)",
      name: "CSAT",
      values: csat.map(({ avg_score }) => avg_score),
      shown: (value) => numberText(value, 2),
      range: () => [1, 5],
      nothing: "Nobody answered a survey from 1 to 5 in these months.",
    },
    {
      title: "Net promoter score (−100 to 100)",
      name: "NPS",
      values: nps.map(({ nps_score }) => nps_score),
      shown: (value) => signedText(value),
      range: () => [-100, 100],
      nothing: "Nobody answered an NPS survey in these months.",
    },
  ];
  const [first = "", last = ""] = [months[0], months.at(-1)];
  const open = last === calendarMonth(dateOf(asked.now)) ? `; ${monthText(last)} is not over yet` : "";
  return {
    heading: "Trends",
    about: `By calendar month, ${monthText(first)} to ${monthText(last)}${open}.`,
    blocks: trends.map((trend) => drawn(trend, months)),
  };
}
