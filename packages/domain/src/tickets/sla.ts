/**
 * Service levels: until when a ticket has to be answered and resolved, and whether it was. Pure functions over plain
 * data; the clock is passed in (decision 28).
 *
 * The clock runs day and night while a ticket is `open` or `in_progress`. It stands while others have to act
 * (`waiting`) and when nobody has to (`resolved`, `closed`): what it stood moves both targets on.
 */
import { SECTIONS, type TicketSettings } from "@success-manager/contract/settings";
import type { TicketPriority, TicketStatus } from "@success-manager/contract/vocabulary";
import type { StoredTicket } from "../table/index.ts";

/** Hours from creation on. */
export interface SlaHours {
  readonly first_response: number;
  readonly resolution: number;
}
export type SlaPolicy = Readonly<Record<TicketPriority, SlaHours>>;

/** What the settings promise. */
export function policyOf(settings: TicketSettings): SlaPolicy {
  const hoursOf = (priority: TicketPriority): SlaHours => ({
    first_response: settings[`${priority}_first_response_hours`],
    resolution: settings[`${priority}_resolution_hours`],
  });
  return {
    critical: hoursOf("critical"),
    high: hoursOf("high"),
    medium: hoursOf("medium"),
    low: hoursOf("low"),
  };
}

/** What is promised as long as nobody has set anything. */
export const DEFAULT_POLICY = policyOf(SECTIONS.tickets.defaults);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Targets are whole minutes, rounded up: open ones are counted by the minute when they are due. */
const toMinute = (ms: number) => new Date(Math.ceil(ms / MINUTE_MS) * MINUTE_MS).toISOString();

const isRunning = (status: TicketStatus) => status === "open" || status === "in_progress";
export const isResolved = (status: TicketStatus) => status === "resolved" || status === "closed";

/** What the service level of a ticket is computed from. */
export type SlaState = Pick<
  StoredTicket,
  | "created_at"
  | "priority"
  | "status"
  | "first_response_due_at"
  | "first_response_at"
  | "first_response_late"
  | "resolution_due_at"
  | "resolved_at"
  | "closed_at"
  | "stopped_at"
  | "stopped_ms"
  | "breach_at"
>;

const laterThan = (instant: string, due: string) => instant > due;

/** When the clock of a ticket shows: the moment since which it stands, else now. */
const clockAt = ({ stopped_at }: SlaState, now: string) => stopped_at ?? now;

const targetsOf = ({ created_at, stopped_ms, priority }: SlaState, policy: SlaPolicy) => {
  const start = Date.parse(created_at) + stopped_ms;
  const { first_response, resolution } = policy[priority];
  return {
    first_response_due_at: toMinute(start + first_response * HOUR_MS),
    resolution_due_at: toMinute(start + resolution * HOUR_MS),
  };
};

/**
 * The instant after which a target is missed if nothing happens, or was missed: whoever asks later finds a breach.
 * Undefined when none is missed and the clock stands. It is stored, so that lists and counters can compare it.
 */
function breachAt(ticket: SlaState): string | undefined {
  const { first_response_at, first_response_late, first_response_due_at, resolution_due_at } = ticket;
  if (first_response_late) return first_response_due_at;
  const next =
    first_response_at === undefined && first_response_due_at < resolution_due_at
      ? first_response_due_at
      : resolution_due_at;
  return ticket.stopped_at === undefined || laterThan(ticket.stopped_at, next) ? next : undefined;
}

/** A state without what is undefined, and with what follows from it. */
function settled<T extends SlaState>(ticket: T): T {
  const { breach_at: _, ...rest } = ticket;
  const breach = breachAt(ticket);
  const all = { ...rest, ...(breach !== undefined && { breach_at: breach }) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
}

/** The first response, at `now`; a later one changes nothing. */
export function answered<T extends SlaState>(ticket: T, now: Date): T {
  if (ticket.first_response_at !== undefined) return ticket;
  const at = now.toISOString();
  const late = laterThan(clockAt(ticket, at), ticket.first_response_due_at);
  return settled({ ...ticket, first_response_at: at, ...(late && { first_response_late: true }) });
}

/** Promises anew by the priority. What was answered or resolved is judged by what was promised then. */
function withTargets<T extends SlaState>(ticket: T, policy: SlaPolicy): T {
  const targets = targetsOf(ticket, policy);
  return {
    ...ticket,
    ...(ticket.first_response_at === undefined && { first_response_due_at: targets.first_response_due_at }),
    ...(ticket.resolved_at === undefined && { resolution_due_at: targets.resolution_due_at }),
  };
}

/** Lets the clock go on: targets move on by the time that it stood. */
function resumed<T extends SlaState>(ticket: T, now: Date): T {
  if (ticket.stopped_at === undefined) return ticket;
  const stood = Math.max(0, now.getTime() - Date.parse(ticket.stopped_at));
  const moved = (due: string) => toMinute(Date.parse(due) + stood);
  return {
    ...ticket,
    stopped_at: undefined,
    stopped_ms: ticket.stopped_ms + stood,
    resolution_due_at: moved(ticket.resolution_due_at),
    ...(ticket.first_response_at === undefined && {
      first_response_due_at: moved(ticket.first_response_due_at),
    }),
  };
}

/** The ticket in another status. Whoever resolves a ticket that nobody answered has answered it. */
function withStatus<T extends SlaState>(ticket: T, status: TicketStatus, now: Date): T {
  if (status === ticket.status) return ticket;
  const at = now.toISOString();
  const clock = isRunning(status) ? resumed(ticket, now) : { ...ticket, stopped_at: clockAt(ticket, at) };
  const changed = {
    ...clock,
    status,
    resolved_at: isResolved(status) ? (ticket.resolved_at ?? at) : undefined,
    closed_at: status === "closed" ? at : undefined,
  };
  return isResolved(status) ? answered(changed, now) : changed;
}

/** The ticket with another status or priority, at `now`. */
export function changed<T extends SlaState>(
  ticket: T,
  { status = ticket.status, priority = ticket.priority }: Partial<Pick<SlaState, "status" | "priority">>,
  policy: SlaPolicy,
  now: Date,
): T {
  const moved = withStatus(ticket, status, now);
  return settled(priority === ticket.priority ? moved : withTargets({ ...moved, priority }, policy));
}

/** The service level of a new ticket: open, until it is said otherwise with `changed`. */
export const newSla = (priority: TicketPriority, policy: SlaPolicy, now: Date): SlaState => {
  const start = {
    created_at: now.toISOString(),
    priority,
    status: "open",
    stopped_ms: 0,
    first_response_due_at: "",
    resolution_due_at: "",
  } as const;
  return settled(withTargets(start, policy));
};

/** Which targets are missed, as of `now`. */
export function breaches(ticket: SlaState, now: Date) {
  const clock = clockAt(ticket, now.toISOString());
  const first_response_breached =
    ticket.first_response_at === undefined
      ? laterThan(clock, ticket.first_response_due_at)
      : ticket.first_response_late === true;
  const resolution_breached = laterThan(clock, ticket.resolution_due_at);
  return {
    first_response_breached,
    resolution_breached,
    sla_breached: first_response_breached || resolution_breached,
  };
}
