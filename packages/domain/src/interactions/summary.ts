import type { InteractionSummary } from "@success-manager/contract/interactions";
import { compareText } from "@success-manager/contract/text";
import { calendarMonth, dateOf, daysAfter, mondayOf, monthBefore, periodsBetween } from "../calendar.ts";
import { ALL_DAYS, type Counters, countersBetween, dayOf, sumCounters } from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import type { TeamMember } from "../table/index.ts";
import { countSpellings } from "../text.ts";
import { isUserId } from "./input.ts";

const MONTH_DAYS = 30;
const WEEK_DAYS = 7;
const TOP = 5;

/** The counters of all these days together. */
function addCounters(periods: readonly (Counters | undefined)[]): Counters {
  const sums: Record<string, number> = {};
  for (const counters of periods)
    for (const [name, amount] of Object.entries(counters ?? {})) sums[name] = (sums[name] ?? 0) + amount;
  return sums;
}

/** The sum of counters `<type>|<sentiment>|<1 or 0>` that hold a word. */
const sumOf = (counters: Counters, word: string) =>
  sumCounters(counters, (name) => name.split("|").includes(word));

type Performer = InteractionSummary["top_performers"][number];

/**
 * The busiest people: users by id, or by a name that only one of them has; others by name, in the spelling used most.
 */
export function topPerformers(
  counters: Counters,
  { team, userNamed }: Pick<Directory, "team" | "userNamed">,
): Performer[] {
  const spellings = countSpellings();
  const counts = new Map<TeamMember | string, number>();
  for (const [performer, amount] of Object.entries(counters)) {
    const user = isUserId(performer) ? team.get(performer) : userNamed(performer);
    const person = user ?? spellings.add(performer, amount);
    counts.set(person, (counts.get(person) ?? 0) + amount);
  }
  return Array.from(counts, ([person, count]) =>
    typeof person === "string"
      ? { name: spellings.of(person), user_id: null, email: null, count }
      : { name: person.full_name, user_id: person.id, email: person.email, count },
  )
    .filter(({ count }) => count > 0)
    .sort(
      (a, b) => b.count - a.count || compareText(a.name, b.name) || compareText(a.email ?? "", b.email ?? ""),
    )
    .slice(0, TOP);
}

/** Figures of the last days up to today, and of all open follow-ups. What lies ahead counts in the total alone. */
export async function summary(): Promise<InteractionSummary> {
  const today = dateOf(new Date());
  const days = Array.from({ length: MONTH_DAYS }, (_, n) => daysAfter(today, n - MONTH_DAYS + 1));
  const since = days[0] ?? today;
  const lastMonth = monthBefore(calendarMonth(today));
  const oldest = `${lastMonth}-01`;
  const [first, from] = [dayOf(since), dayOf(oldest < since ? oldest : since)];
  // All time stands behind all days, so it comes along.
  const [directory, interactions, performers, followUps] = await Promise.all([
    getDirectory(),
    countersBetween("interaction", from, ALL_DAYS),
    countersBetween("performer", first, dayOf(today)),
    countersBetween("follow_up", dayOf(today), ALL_DAYS),
  ]);
  const trend = days
    .slice(-WEEK_DAYS)
    .map((date) => ({ date, count: sumCounters(interactions.get(dayOf(date))) }));
  const countersOf = (dates: readonly string[]) =>
    addCounters(dates.map((date) => interactions.get(dayOf(date))));
  const month = countersOf(days);
  const week = countersOf(periodsBetween("daily", mondayOf(today), today));
  const { open: pending = 0, undated = 0 } = followUps.get(ALL_DAYS) ?? {};
  const upcoming = [...followUps].reduce(
    (total, [period, { open = 0 }]) => total + (period === ALL_DAYS ? 0 : open),
    0,
  );
  const total = sumCounters(interactions.get(ALL_DAYS));
  const negative = sumOf(month, "negative");
  return {
    total_interactions: total,
    total,
    last_month: [...interactions].reduce(
      (sum, [period, counters]) => (period.startsWith(dayOf(lastMonth)) ? sum + sumCounters(counters) : sum),
      0,
    ),
    this_week: sumCounters(week),
    meetings_this_week: sumOf(week, "meeting"),
    negative_count: negative,
    last_30_days: sumCounters(month),
    last_7_days: trend.reduce((total, { count }) => total + count, 0),
    by_type: {
      support_ticket: sumOf(month, "support_ticket"),
      meeting: sumOf(month, "meeting"),
      email: sumOf(month, "email"),
      call: sumOf(month, "call"),
      escalation: sumOf(month, "escalation"),
      training: sumOf(month, "training"),
    },
    by_sentiment: {
      positive: sumOf(month, "positive"),
      neutral: sumOf(month, "neutral"),
      negative,
    },
    pending_followups: pending,
    // Days of follow-ups are counted one by one: whatever is not ahead and has a date has passed.
    overdue_followups: Math.max(0, pending - undated - upcoming),
    top_performers: topPerformers(addCounters([...performers.values()]), directory),
    daily_trend: trend,
  };
}
