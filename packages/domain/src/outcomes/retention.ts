/**
 * Revenue retention of a period, by customer from its first day to its last (decision 54). The cohort is who was a
 * customer on the day before. Of each it counts what they paid then and what they pay at the end; what went up and down
 * in between is nobody's churn. Who came, or left and came back, within the period pays for nobody who left.
 */
import type {
  Retention,
  RetentionCustomer,
  RetentionCustomerFilter,
  RetentionFigure,
  RetentionFigures,
  RetentionFilter,
  RetentionGroup,
} from "@success-manager/contract/outcomes";
import { unprocessable } from "@success-manager/contract/problem";
import { compareText } from "@success-manager/contract/text";
import { dateOf, daysAfter, monthAfter, monthBefore } from "../calendar.ts";
import { type CustomerRow, type Directory, getDirectory, paginate, sortedView } from "../directory/index.ts";
import { formatCents, meanOf } from "../figures.ts";
import { valueRange } from "../portfolio/index.ts";
import { countSpellings, type Spellings } from "../text.ts";
import {
  amountOn,
  beganOn,
  factsOf,
  isUndated,
  newestVersions,
  presentSpells,
  type Spell,
  spellsOf,
  standing,
} from "./spells.ts";

/** A calendar month, quarter or year. */
export interface Period {
  readonly name: string;
  readonly first_day: string;
  readonly last_day: string;
}

const monthsFrom = (name: string, first: string, months: number): Period => {
  let next = first;
  for (let n = 0; n < months; n++) next = monthAfter(next);
  return { name, first_day: `${first}-01`, last_day: daysAfter(`${next}-01`, -1) };
};

const quarterOf = (month: string) => Math.ceil(Number(month.slice(5)) / 3);

/** The name of the quarter of a day, `2026-Q3`. */
export const quarterName = (day: string) => `${day.slice(0, 4)}-Q${quarterOf(day.slice(0, 7))}`;

/**
 * A period by its name, `2026`, `2026-Q3` or `2026-09`; `month`, `quarter` and `year` are the last ones that are over.
 *
 * @param today `YYYY-MM-DD`
 */
export function periodOf(name: string, today: string): Period {
  const month = today.slice(0, 7);
  const year = Number(month.slice(0, 4));
  if (name === "month") return periodOf(monthBefore(month), today);
  if (name === "year") return periodOf(String(year - 1), today);
  if (name === "quarter") {
    const quarter = quarterOf(month);
    return periodOf(quarter === 1 ? `${year - 1}-Q4` : `${year}-Q${quarter - 1}`, today);
  }
  const [, ofYear = "", quarter, ofMonth] = /^(\d{4})(?:-Q(\d)|-(\d\d))?$/.exec(name) ?? [];
  if (quarter) return monthsFrom(name, `${ofYear}-${String(3 * Number(quarter) - 2).padStart(2, "0")}`, 3);
  return ofMonth ? monthsFrom(name, name, 1) : monthsFrom(name, `${ofYear}-01`, 12);
}

/** The first day, the day before it, and the last day that counts. */
export interface Days {
  readonly first: string;
  readonly eve: string;
  readonly until: string;
}

/** What a customer did in a period. Amounts in cents; undefined where nobody knows. */
export interface Movement {
  /** A customer on the day before the period: what they paid then. */
  readonly start?: { readonly amount: number | undefined; readonly spell: Spell } | undefined;
  /** A customer at the end: what they pay. Of the cohort, in the same spell; else who came or came back. */
  readonly end?: { readonly amount: number | undefined; readonly spell: Spell } | undefined;
}

/**
 * What a customer's spells come to in a period; undefined for who was none at either end.
 *
 * @param contract_value in cents: what is paid where no outcome says it
 */
export function movementOf(
  spells: readonly Spell[],
  { first, eve, until }: Days,
  contract_value: number | undefined,
): Movement | undefined {
  const before = spells.find(({ start, end }) => start < first && (end === undefined || end >= first));
  const after = spells.findLast(({ start, end }) => start <= until && (end === undefined || end > until));
  if (!before && !after) return undefined;
  return {
    start: before && { amount: amountOn(before, eve, contract_value), spell: before },
    end: after && { amount: amountOn(after, until, contract_value), spell: after },
  };
}

/** A movement of a customer of the directory. */
interface Row extends Movement {
  readonly customer: CustomerRow;
}

/** Days and knowledge that figures are about. */
interface Question extends Days {
  readonly today: string;
  readonly known_on: string | undefined;
}

interface Movements {
  readonly rows: readonly Row[];
  /** Who has left, nobody recorded when. */
  readonly undated: readonly CustomerRow[];
}

function movementsOf(customers: Iterable<CustomerRow>, { today, known_on, ...days }: Question): Movements {
  const rows: Row[] = [];
  const undated: CustomerRow[] = [];
  for (const row of customers) {
    const { customer, ledger } = row;
    if (isUndated(customer, ledger, today)) {
      undated.push(row);
      continue;
    }
    if (known_on !== undefined && customer.created_at.slice(0, 10) > known_on) continue;
    const spells =
      known_on === undefined
        ? presentSpells(customer, ledger)
        : spellsOf(beganOn(customer, ledger), standing(newestVersions(factsOf(ledger), known_on)));
    const movement = movementOf(spells, days, customer.contract_value);
    if (movement) rows.push({ ...movement, customer: row });
  }
  return { rows, undated };
}

/** What a customer adds to a figure, in cents; undefined for nothing, not even as a customer. */
export function addsTo(
  figure: Exclude<RetentionFigure, "undated">,
  { start, end }: Movement,
): number | undefined {
  const stayed = start !== undefined && end !== undefined && start.spell.number === end.spell.number;
  const [before, after] = [start?.amount ?? 0, stayed ? (end.amount ?? 0) : 0];
  switch (figure) {
    case "start":
      return start && before;
    case "churned":
      return start && !stayed ? before : undefined;
    case "contracted":
      return stayed && after < before ? before - after : undefined;
    case "expanded":
      return stayed && after > before ? after - before : undefined;
    case "end":
      return stayed ? after : undefined;
    case "new":
      return end && !stayed && end.spell.number === 1 ? (end.amount ?? 0) : undefined;
    case "reactivated":
      return end && !stayed && end.spell.number > 1 ? (end.amount ?? 0) : undefined;
    case "without_amount":
      return start && start.amount === undefined ? 0 : undefined;
  }
}

const SHARES = ["start", "churned", "contracted", "expanded", "end", "new", "reactivated"] as const;

/** The figures of some movements. Rates are null of nothing. */
export function figuresOf(movements: Iterable<Movement>): RetentionFigures {
  const sums = Object.fromEntries(SHARES.map((name) => [name, { customers: 0, cents: 0 }])) as Record<
    (typeof SHARES)[number],
    { customers: number; cents: number }
  >;
  let without_amount = 0;
  for (const movement of movements) {
    for (const name of SHARES) {
      const amount = addsTo(name, movement);
      if (amount === undefined) continue;
      sums[name].customers += 1;
      sums[name].cents += amount;
    }
    if (addsTo("without_amount", movement) !== undefined) without_amount += 1;
  }
  const { start, churned, contracted, end } = sums;
  const share = (name: (typeof SHARES)[number]) => ({
    customers: sums[name].customers,
    amount: formatCents(sums[name].cents),
  });
  return {
    start: share("start"),
    churned: share("churned"),
    contracted: share("contracted"),
    expanded: share("expanded"),
    end: share("end"),
    new: share("new"),
    reactivated: share("reactivated"),
    grr: meanOf(100 * (start.cents - churned.cents - contracted.cents), start.cents),
    nrr: meanOf(100 * end.cents, start.cents),
    logo_retention: meanOf(100 * (start.customers - churned.customers), start.customers),
    without_amount,
  };
}

/** The groups of customers as they are now: the same key for the same, and what most of its customers call it. */
export function grouping(by: RetentionGroup) {
  const labels = new Map<string, Spellings>();
  const named = (key: string, label: string) => {
    const spellings = labels.get(key) ?? countSpellings();
    spellings.add(label);
    labels.set(key, spellings);
    return key;
  };
  return {
    /** @param cents what they pay, for groups by size */
    keyOf(customer: CustomerRow, cents: number): string {
      switch (by) {
        case "industry":
          return named(customer.industry_key, customer.customer.industry || "No industry");
        case "account_manager":
          return named(customer.manager_key, customer.account_manager_label || "No account manager");
        case "products":
          return named(customer.products.join(", "), customer.products.join(", ") || "No products");
        case "size": {
          const size = valueRange(cents);
          return named(size, size);
        }
      }
    },
    // Sorted, as customers of a user who is no more may be managed by several names.
    labelOf: (key: string) => labels.get(key)?.all().sort()[0] ?? key,
  };
}

interface Group {
  readonly group: string;
  readonly label: string;
  readonly rows: readonly Row[];
}

function groupsOf(rows: readonly Row[], by: RetentionGroup): readonly Group[] {
  const { keyOf, labelOf } = grouping(by);
  const groups = Map.groupBy(rows, ({ customer, start, end }) =>
    keyOf(customer, (start ?? end)?.amount ?? 0),
  );
  return Array.from(groups, ([group, own]) => ({ group, label: labelOf(group), rows: own }));
}

/** @throws 422 for a period that lies ahead */
function askedOf(query: RetentionFilter, today: string) {
  const period = periodOf(query.period, today);
  if (period.first_day > today) throw unprocessable("period", "must not lie ahead");
  const until = period.last_day < today ? period.last_day : today;
  return {
    period,
    question: {
      first: period.first_day,
      eve: daysAfter(period.first_day, -1),
      until,
      today,
      known_on: query.known_on,
    },
  };
}

/** The movements of all customers whom the caller sees; made anew when a row of the directory has changed. */
const movements = ({ customers, memoize }: Directory, question: Question): Movements =>
  memoize(`retention ${question.first} ${question.until} ${question.today} ${question.known_on}`, () =>
    movementsOf(customers.values(), question),
  );

const startOf = ({ start }: RetentionFigures) => Number(start.amount);

/** Retention of a period, of all and by group. @throws 422 for a period that lies ahead */
export async function retention(query: RetentionFilter): Promise<Retention> {
  const directory = await getDirectory();
  const { period, question } = askedOf(query, dateOf(new Date()));
  const { by, known_on } = query;
  const { rows, undated } = movements(directory, question);
  const { first, until, today } = question;
  return directory.memoize(`retention ${first} ${period.last_day} ${today} ${known_on} by ${by}`, () => ({
    period: period.name,
    first_day: first,
    last_day: period.last_day,
    until,
    by: by ?? null,
    known_on: known_on ?? null,
    ...figuresOf(rows),
    undated: undated.length,
    groups: by
      ? groupsOf(rows, by)
          .map(({ group, label, rows: own }) => ({ group, label, ...figuresOf(own) }))
          .sort(
            (a, b) =>
              startOf(b) - startOf(a) || compareText(a.label, b.label) || (a.group < b.group ? -1 : 1),
          )
      : [],
  }));
}

const cents = (amount: number | undefined) => (amount === undefined ? null : formatCents(amount));

function toCustomer({ customer, start, end, amount }: Row & { readonly amount: number }): RetentionCustomer {
  const { id, company_name } = customer.customer;
  const left = start && start.spell.number !== end?.spell.number ? start.spell : undefined;
  return {
    customer_id: id,
    company_name,
    amount_before: cents(start?.amount),
    amount_after: end ? cents(end.amount) : null,
    amount: formatCents(amount),
    left_on: left?.end ?? null,
    reason: left?.facts.at(-1)?.reason ?? null,
  };
}

/** The customers behind a figure, those who add most first. @throws 422 as `retention`, and for a group without `by` */
export async function retentionCustomers({ figure, group, ...query }: RetentionCustomerFilter) {
  const directory = await getDirectory();
  const { question } = askedOf(query, dateOf(new Date()));
  const { by } = query;
  if (group !== undefined && by === undefined) throw unprocessable("by", "is required with group");
  const { rows, undated } = movements(directory, question);
  const all: readonly Row[] = figure === "undated" ? undated.map((customer) => ({ customer })) : rows;
  const own =
    by && group !== undefined ? (groupsOf(all, by).find((one) => one.group === group)?.rows ?? []) : all;
  const behind = own.flatMap((row) => {
    const amount = figure === "undated" ? 0 : addsTo(figure, row);
    return amount === undefined ? [] : [{ ...row, amount }];
  });
  const view = sortedView(
    () => behind,
    ({ amount }) => amount,
    ({ customer }) => customer.customer.id,
  );
  const { rows: shown, ...page } = paginate(view, "desc", () => true, query);
  return { customers: shown.map(toCustomer), ...page };
}
