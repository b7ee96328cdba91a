/**
 * Renewals of customers' terms. Pure functions over rows of the directory.
 *
 * Three things make a renewal, and each is stored once: when it is due says the contract, how it ended say the outcomes,
 * and what people and the job note about it says its item (decision 63). So a corrected or withdrawn outcome, another
 * end of the contract or a departure changes the renewal by itself, whoever recorded it.
 */
import type { HealthRisk } from "@success-manager/contract/vocabulary";
import { daysAfter, daysBetween } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import { bandOfScore } from "../health/index.ts";
import { type Fact, idOf, presentSpells, type Spell } from "../outcomes/index.ts";
import type { StoredRenewal } from "../table/index.ts";

/** So many days before the end of its term a renewal is made. */
export const CREATED_BEFORE_DAYS = 180;
/** So many days before the end, the band is noted by which rates of renewal are counted. */
export const LEAD_DAYS = 90;
/** A contract that ended longer ago, without a renewal, gets none any more: nobody has kept its end up to date. */
const LATE_DAYS = 90;
/** What was recorded, or held, before there was a renewal is about it from so many days before the end on. */
const KNOWN_BEFORE_DAYS = 60;

/** How a renewal ended. */
export interface Ending {
  readonly stage: "renewed" | "lost";
  /** The outcome; undefined for who had left before anybody recorded outcomes. No other renewal has the same. */
  readonly fact: Fact | undefined;
}

/** The renewal of a term. */
export interface Renewal {
  readonly row: CustomerRow;
  readonly id: string;
  /** Of the customer's renewals, from 1. */
  readonly number: number;
  readonly spell: number;
  /** `YYYY-MM-DD` */
  readonly term_end: string;
  /** The ends before the contract was moved, oldest first. */
  readonly former_ends: readonly string[];
  /** What is stored of it; undefined until somebody or the job notes something. */
  readonly stored: StoredRenewal | undefined;
  readonly ending: Ending | undefined;
  /** What is at stake, in cents; undefined where nobody knows. */
  readonly amount: number | undefined;
  /** Whether its time has come: it is stored, or its term ends within 180 days. */
  readonly is_due: boolean;
}

/** The id of a customer's renewal: the same whoever makes it, so of many at once one succeeds. */
export const renewalId = (customer_id: string, number: number): string =>
  idOf(customer_id, `renewal ${number}`);

/** The band of a customer's newest score; unknown without one. */
export const bandOf = ({ score }: Pick<CustomerRow, "score">): HealthRisk =>
  score ? bandOfScore(score) : "unknown";

interface Term {
  /** Every end that the contract has had meanwhile, as far as it was noted; the present one last. */
  readonly ends: readonly string[];
  readonly created_at: string | undefined;
  readonly outcome_id: string | undefined;
  /** The end of the term before it, in the same spell. */
  readonly after: string | undefined;
  /** When the present contract starts. */
  readonly contract_start: string | undefined;
}

/**
 * The spell that a renewal was made in: the one of that day. Who leaves and comes back on one day has two of it; then it
 * is the one that was counted so.
 */
function spellOf({ created_at, spell }: StoredRenewal, spells: readonly Spell[]): Spell | undefined {
  const day = created_at.slice(0, 10);
  const begun = spells.filter(({ start }) => start <= day);
  const ofDay = begun.filter(({ end }) => end === undefined || day <= end);
  return ofDay.find(({ number }) => number === spell) ?? ofDay.at(-1) ?? begun.at(-1);
}

/** Whether an outcome of the spell says that the customer goes on beyond a term. */
function isRenewalOf({ ends, created_at, after, contract_start }: Term, fact: Fact): boolean {
  const first = ends.reduce((a, b) => (a < b ? a : b));
  const { kind, effective_on, recorded_at } = fact;
  if (after !== undefined && effective_on <= after) return false;
  // By what holds from its first day on, the term before it was renewed. A start behind its end is that of the next one.
  if (contract_start !== undefined && contract_start < first && effective_on <= contract_start) return false;
  // Before its end, another amount is a change within the term.
  if (kind === "contracted" || kind === "expanded") return effective_on >= first;
  if (kind !== "renewed" || effective_on < daysAfter(first, -CREATED_BEFORE_DAYS)) return false;
  const wasThere =
    created_at !== undefined && recorded_at >= created_at && effective_on >= created_at.slice(0, 10);
  return wasThere || effective_on > daysAfter(first, -KNOWN_BEFORE_DAYS);
}

/** A spell ends once. */
const departureOf = ({ facts }: Pick<Spell, "facts">) => facts.find(({ kind }) => kind === "churned");

/** The end that an outcome is about: the nearest, of two the earlier one. */
const nearestEnd = (ends: readonly string[], day: string): string =>
  ends.toSorted().reduce((a, b) => (Math.abs(daysBetween(day, b)) < Math.abs(daysBetween(day, a)) ? b : a));

/**
 * How a term ended by the outcomes of its spell, and at which of its ends. Who leaves by the end of the term has not
 * renewed, whatever was recorded before. A departure that is announced for later ends it on its day, unless the term was
 * closed by it.
 *
 * @param used outcomes that are about another renewal
 * @param today `YYYY-MM-DD`
 */
function endingOf(
  term: Term,
  { facts }: Pick<Spell, "facts">,
  used: ReadonlySet<string>,
  today: string,
): (Ending & { readonly fact: Fact; readonly term_end: string }) | undefined {
  const { ends, outcome_id } = term;
  const present = ends.at(-1) ?? "";
  const departure = departureOf({ facts });
  const leavesBy = (day: string) => departure !== undefined && departure.effective_on <= day;
  const free = facts.filter(({ id }) => !used.has(id));
  const linked = free.find(({ id, kind }) => id === outcome_id && kind !== "churned");
  const renewed = linked ?? free.find((fact) => isRenewalOf(term, fact));
  if (renewed) {
    const term_end = linked ? present : nearestEnd(ends, renewed.effective_on);
    if (!leavesBy(daysAfter(term_end, 1))) return { stage: "renewed", fact: renewed, term_end };
  } else if (!leavesBy(daysAfter(present, 1)) && !leavesBy(today) && departure?.id !== outcome_id)
    return undefined;
  return departure && { stage: "lost", fact: departure, term_end: present };
}

const known = new WeakMap<CustomerRow, { readonly today: string; readonly renewals: readonly Renewal[] }>();

/**
 * The renewals of a customer, oldest first: those that are stored, and the one of the present contract, which follows it
 * when its end is moved. One without an end has none. Kept as long as the row stays the same.
 *
 * @param today `YYYY-MM-DD`
 */
export function renewalsOf(row: CustomerRow, today: string): readonly Renewal[] {
  const before = known.get(row);
  if (before?.today === today) return before.renewals;
  const renewals = deriveRenewals(row, today);
  known.set(row, { today, renewals });
  return renewals;
}

const NONE: readonly never[] = [];

function deriveRenewals(row: CustomerRow, today: string): readonly Renewal[] {
  const { customer, ledger, renewals: stored } = row;
  const { id: customer_id, contract_end_date: end, contract_value, status } = customer;
  const contract_start = customer.contract_start_date;
  if (stored.length === 0 && end === undefined) return NONE;
  const spells = presentSpells(customer, ledger);
  const current = spells.at(-1);
  if (!current) return NONE;
  const found: Renewal[] = [];
  const used = new Set<string>();

  const add = (number: number, spell: Spell, item: StoredRenewal | undefined) => {
    const before = found.findLast((one) => one.spell === spell.number);
    // Behind the term in which they leave there is none, though it was stored while that one was renewed.
    if (before?.ending?.stage === "lost") return;
    const noted = item ? [...(item.former_ends ?? []), item.term_end] : [];
    // The newest one follows the contract as long as it has not been closed.
    const follows = spell === current && (item === undefined || item === stored.at(-1));
    const isMoved = follows && end !== undefined && end !== noted.at(-1) && item?.outcome_id === undefined;
    const ends = isMoved ? [...noted, end] : noted;
    const { created_at, outcome_id } = item ?? {};
    const term: Term = { ends, created_at, outcome_id, after: before?.term_end, contract_start };
    const ended = endingOf(term, spell, used, today);
    if (ended) used.add(ended.fact.id);
    // Who left before the day that was announced, or before anybody recorded outcomes, has not renewed either.
    const ending =
      ended ?? (status === "churned" ? ({ stage: "lost", fact: departureOf(spell) } as const) : undefined);
    if (!ending && follows && end === undefined) return;
    const term_end = ended?.term_end ?? (follows && !ending ? end : undefined) ?? ends.at(-1) ?? "";
    found.push({
      row,
      id: item?.id ?? renewalId(customer_id, number),
      number,
      spell: spell.number,
      term_end,
      former_ends: [...new Set(noted)].filter((one) => one !== term_end),
      stored: item,
      ending,
      amount: item?.amount ?? ending?.fact?.amount_before ?? contract_value,
      is_due: item !== undefined || term_end <= daysAfter(today, CREATED_BEFORE_DAYS),
    });
  };

  for (const item of stored) add(item.number, spellOf(item, spells) ?? current, item);
  const newest = stored.at(-1);
  const last = found.at(-1);
  const isClosed = last === undefined || last.ending !== undefined;
  const isThere = status !== "churned" && (current.end === undefined || current.end > today);
  if (!isClosed || !isThere || end === undefined) return found;
  const isNext = last === undefined || last.spell !== current.number || end > last.term_end;
  if (isNext && end >= current.start && end >= daysAfter(today, -LATE_DAYS))
    add((newest?.number ?? 0) + 1, current, undefined);
  return found;
}

/** What of a renewal has been renewed, in cents: at most what was at stake, as more is expansion. */
export function renewedAmount({ ending, amount = 0 }: Pick<Renewal, "ending" | "amount">) {
  if (ending?.stage !== "renewed") return 0;
  return Math.min(amount, ending.fact?.amount_after ?? amount);
}

/** The item of a renewal of which nothing is stored yet, as it is shown. */
export function newItem({ id, number, spell, row, term_end }: Renewal, now: Date): StoredRenewal {
  const at = now.toISOString();
  const score = row.score?.overall_score;
  return {
    ...{ id, customer_id: row.customer.id, number, spell, term_end, stage: "not_started" },
    ...(score !== undefined && { created_score: score }),
    created_band: bandOf(row),
    ...{ created_at: at, updated_at: at, changed_at: at, revision: 1 },
  };
}

/** The end of the term as it is now, with those before it. What was noted of the time before another end is void. */
export function withEnd(item: StoredRenewal, term_end: string): StoredRenewal {
  if (item.term_end === term_end) return item;
  const { lead_on: _, lead_score: __, lead_band: ___, ...rest } = item;
  return { ...rest, term_end, former_ends: [...(item.former_ends ?? []), item.term_end].slice(-MOST_ENDS) };
}

const MOST_ENDS = 20;

/** The next version of an item. */
export const revised = (item: StoredRenewal, now: Date): StoredRenewal => {
  const { written_by: _, ...rest } = item;
  const changed_at = now.toISOString();
  return { ...rest, updated_at: changed_at, changed_at, revision: item.revision + 1 };
};
