import type { TicketStats } from "@success-manager/contract/tickets";
import { isOpenStatus, TicketPriority, TicketStatus } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter } from "../calendar.ts";
import { ALL_DAYS, type Counters, countersBetween, dayOf, sumCounters } from "../counters/index.ts";
import { oneDecimal } from "../figures.ts";

const MONTH_DAYS = 30;
const HOUR_MS = 60 * 60 * 1000;

/** How many of the open tickets break their service level later than now, by the counters of the days ahead. */
function countUnbroken(due: ReadonlyMap<string, Counters>, now: Date): number {
  const instant = now.toISOString();
  return [...due].reduce((total, [period, counters]) => {
    const day = period.slice("day#".length);
    return total + sumCounters(counters, (minute) => `${day}T${minute}:00.000Z` >= instant);
  }, 0);
}

const total = (periods: Iterable<Counters>, name: string) =>
  [...periods].reduce((sum, counters) => sum + (counters[name] ?? 0), 0);

/** The mean hours of what took so long; null when there was none. */
function meanHours(days: readonly Counters[], name: string): number | null {
  const count = total(days, `${name}|count`);
  return count > 0 ? oneDecimal(total(days, `${name}|ms`) / count / HOUR_MS) : null;
}

/** How many tickets of a status, and of a priority among the open ones. */
function distribution(counters: Counters) {
  const by_status = { open: 0, in_progress: 0, waiting: 0, resolved: 0, closed: 0 };
  const by_priority = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const status of TicketStatus.options)
    for (const priority of TicketPriority.options) {
      const count = counters[`${priority}|${status}`] ?? 0;
      by_status[status] += count;
      if (isOpenStatus(status)) by_priority[priority] += count;
    }
  return { by_status, by_priority };
}

/** Figures of all tickets, by the counters: three queries of at most 31 items, however many tickets there are. */
export async function stats(): Promise<TicketStats> {
  const now = new Date();
  const today = dateOf(now);
  const first = dayOf(daysAfter(today, 1 - MONTH_DAYS));
  // All time stands behind all days, so it comes along.
  const [tickets, sla, due] = await Promise.all([
    countersBetween("ticket", first, ALL_DAYS),
    countersBetween("ticket_sla", first, dayOf(today)),
    countersBetween("ticket_due", dayOf(today), ALL_DAYS),
  ]);
  const { by_status, by_priority } = distribution(tickets.get(ALL_DAYS) ?? {});
  const days = [...sla.values()];
  const ahead = new Map([...due].filter(([period]) => period !== ALL_DAYS));
  const created = [...tickets].filter(([period]) => period !== ALL_DAYS && period <= dayOf(today));
  return {
    total: Object.values(by_status).reduce((sum, count) => sum + count, 0),
    open_tickets: by_status.open + by_status.in_progress + by_status.waiting,
    by_status,
    by_priority,
    // Counters lag a write for a moment, each for itself.
    sla_breached: Math.max(0, (due.get(ALL_DAYS)?.open ?? 0) - countUnbroken(ahead, now)),
    created_last_30_days: created.reduce((sum, [, counters]) => sum + sumCounters(counters), 0),
    resolved_last_30_days: total(days, "resolution|count"),
    avg_first_response_hours: meanHours(days, "first_response"),
    avg_resolution_hours: meanHours(days, "resolution"),
  };
}
