import { type Counters, countersBetween, dayOf, type Series, sumCounters } from "../../counters/index.ts";
import { answersIn } from "../../surveys/counted.ts";
import type { Answers } from "../../surveys/satisfaction.ts";
import { type Period, precedingPeriod } from "../period.ts";
import type { Asked } from "./asked.ts";

/** What happened on some days, as it is counted by day. */
export interface Happened {
  readonly contacts: number;
  readonly answers: readonly Answers[];
  readonly alerts_opened: number;
  readonly alerts_resolved: number;
  /** Links to surveys that were made on these days, and how many of them have been answered since. */
  readonly links_created: number;
  readonly links_answered: number;
}

type Counted = "interaction" | "survey" | "alert" | "alert_resolved" | "survey_link";

/** What is counted on the days of a period. */
function within(counted: Readonly<Record<Counted, ReadonlyMap<string, Counters>>>, period: Period): Happened {
  const [first, last] = [dayOf(period.date_from), dayOf(period.date_to)];
  const days = (series: Counted) =>
    [...counted[series]].flatMap(([day, counters]) => (day >= first && day <= last ? [counters] : []));
  const sum = (series: Counted, counter?: string) =>
    days(series).reduce(
      (total, counters) => total + sumCounters(counters, (name) => counter === undefined || name === counter),
      0,
    );
  return {
    contacts: sum("interaction"),
    answers: days("survey").flatMap((day) => answersIn(day)),
    alerts_opened: sum("alert"),
    alerts_resolved: sum("alert_resolved", "count"),
    links_created: sum("survey_link", "created"),
    links_answered: sum("survey_link", "answered"),
  };
}

/** What happened in the report's period and in the one before: a query for each that is counted. */
export async function happenings({ period }: Pick<Asked, "period">) {
  const earlier = precedingPeriod(period);
  const read = (series: Series) => countersBetween(series, dayOf(earlier.date_from), dayOf(period.date_to));
  const [interaction, survey, alert, alert_resolved, survey_link] = await Promise.all([
    read("interaction"),
    read("survey"),
    read("alert"),
    read("alert_resolved"),
    read("survey_link"),
  ]);
  const counted = { interaction, survey, alert, alert_resolved, survey_link };
  return { now: within(counted, period), before: within(counted, earlier) };
}
export type Happenings = Awaited<ReturnType<typeof happenings>>;
