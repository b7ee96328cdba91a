/**
 * What became of a customer: outcomes as facts, and the spells that follow from them. Pure functions over plain data.
 *
 * A spell is the time in which somebody is our customer: from their first day, or from the day on which they came back,
 * to the day on which they left. Days are those of the customer's calendar; `effective_on` is the first day on which
 * something holds, so who leaves on a day is no customer on it (decision 48).
 */
import type { OutcomeKind } from "@success-manager/contract/vocabulary";
import type { OutcomeLedger, StoredCustomer, StoredOutcome } from "../table/index.ts";

/** A version of an outcome, without its texts. */
export interface Fact {
  readonly id: string;
  readonly version: number;
  readonly kind: OutcomeKind;
  readonly notice_on?: string;
  readonly effective_on: string;
  /** Integer cents; so is the next one. */
  readonly amount_before?: number;
  readonly amount_after?: number;
  readonly reason: string;
  readonly voluntary?: boolean;
  readonly recorded_at: string;
  readonly is_withdrawn?: true;
}

/** The fact that a version of an outcome states. */
export const factOf = (outcome: Omit<StoredOutcome, "revision">): Fact => ({
  id: outcome.id,
  version: outcome.version,
  kind: outcome.kind,
  ...(outcome.notice_on !== undefined && { notice_on: outcome.notice_on }),
  effective_on: outcome.effective_on,
  ...(outcome.amount_before !== undefined && { amount_before: outcome.amount_before }),
  ...(outcome.amount_after !== undefined && { amount_after: outcome.amount_after }),
  reason: outcome.reason,
  ...(outcome.voluntary !== undefined && { voluntary: outcome.voluntary }),
  recorded_at: outcome.recorded_at,
  ...(outcome.is_withdrawn && { is_withdrawn: true as const }),
});

const parsed = new WeakMap<OutcomeLedger, readonly Fact[]>();

/** Every version of every outcome, in the order in which they were recorded. Parsed with its first use. */
export function factsOf(ledger: OutcomeLedger | undefined): readonly Fact[] {
  if (!ledger) return [];
  const known = parsed.get(ledger);
  if (known) return known;
  // Only our own entity writes it.
  const facts = JSON.parse(ledger.facts) as readonly Fact[];
  parsed.set(ledger, facts);
  return facts;
}

/**
 * The newest version of each outcome, withdrawn ones too, in the order in which the outcomes were first recorded.
 *
 * @param known_on as it was known at the end of this day, in UTC
 */
export function newestVersions(facts: readonly Fact[], known_on?: string): readonly Fact[] {
  const newest = new Map<string, Fact>();
  for (const fact of facts)
    if (known_on === undefined || fact.recorded_at.slice(0, known_on.length) <= known_on)
      newest.set(fact.id, fact);
  return [...newest.values()];
}

/** What holds of them, by the day from which on; of one day, in the order in which they were recorded. */
export const standing = (versions: readonly Fact[]): readonly Fact[] =>
  versions
    .filter(({ is_withdrawn }) => !is_withdrawn)
    .sort((a, b) => (a.effective_on < b.effective_on ? -1 : Number(a.effective_on > b.effective_on)));

/** The customer's first day, as far as anybody knows: that of the contract or of the record, whichever is earlier. */
export function beganOn(
  { contract_start_date, created_at }: Pick<StoredCustomer, "contract_start_date" | "created_at">,
  ledger: Pick<OutcomeLedger, "began_on"> | undefined,
): string {
  let first = created_at.slice(0, 10);
  if (contract_start_date !== undefined && contract_start_date < first) first = contract_start_date;
  return ledger !== undefined && ledger.began_on < first ? ledger.began_on : first;
}

/** A time in which somebody is our customer. */
export interface Spell {
  /** 1 for the first one. */
  readonly number: number;
  readonly start: string;
  /** The first day on which they are no customer; undefined while it lasts. */
  readonly end: string | undefined;
  /** What opened it, happened in it and ended it. */
  readonly facts: readonly Fact[];
}

/** The spells that follow from what holds; the last one is open unless they have left. */
export function spellsOf(began_on: string, facts: readonly Fact[]): readonly Spell[] {
  const spells: Spell[] = [];
  let [start, own]: [string | undefined, Fact[]] = [began_on, []];
  const close = (end: string | undefined) => {
    if (start !== undefined) spells.push({ number: spells.length + 1, start, end, facts: own });
    [start, own] = [undefined, []];
  };
  for (const fact of facts) {
    if (fact.kind === "reactivated" && start === undefined) start = fact.effective_on;
    own.push(fact);
    if (fact.kind === "churned") close(fact.effective_on);
  }
  close(undefined);
  return spells;
}

const present = new WeakMap<
  OutcomeLedger,
  { readonly began_on: string; readonly spells: readonly Spell[] }
>();

/** The spells of a customer as they are known now; kept as long as the ledger stays the same. */
export function presentSpells(
  customer: Pick<StoredCustomer, "contract_start_date" | "created_at">,
  ledger: OutcomeLedger | undefined,
): readonly Spell[] {
  const began_on = beganOn(customer, ledger);
  if (!ledger) return spellsOf(began_on, []);
  const known = present.get(ledger);
  if (known?.began_on === began_on) return known.spells;
  const spells = spellsOf(began_on, standing(newestVersions(factsOf(ledger))));
  present.set(ledger, { began_on, spells });
  return spells;
}

/**
 * Whether somebody has left, and nobody recorded when: the last spell that has begun has no end. What is announced, a
 * return or another departure, says nothing about that.
 *
 * @param day until which spells have begun
 */
export function isUndated(
  customer: Pick<StoredCustomer, "status" | "contract_start_date" | "created_at">,
  ledger: OutcomeLedger | undefined,
  day: string,
): boolean {
  if (customer.status !== "churned") return false;
  const last = presentSpells(customer, ledger).findLast(({ start }) => start <= day);
  return last !== undefined && last.end === undefined;
}

/** Whether somebody is our customer on a day. */
export const isCustomerOn = (spells: readonly Spell[], day: string): boolean =>
  spells.some(({ start, end }) => start <= day && (end === undefined || day < end));

/**
 * What is paid in a spell at the end of a day, in cents: what the last outcome until then left, else what the first one
 * after it found, else the contract's value of today, where the spell is the present one. Undefined when nobody knows.
 */
export function amountOn(
  { facts, end }: Pick<Spell, "facts" | "end">,
  day: string,
  contract_value: number | undefined,
): number | undefined {
  let amount: number | undefined;
  for (const { kind, effective_on, amount_before, amount_after } of facts) {
    if (effective_on <= day && kind !== "churned") amount = amount_after ?? amount;
    else if (amount === undefined && kind !== "reactivated") amount = amount_before;
  }
  return amount ?? (end === undefined ? contract_value : undefined);
}

/** A rule that a fact breaks: with what is known (409), or by itself (422, with the field). */
export interface Fault {
  readonly id: string;
  readonly field?: string;
  readonly message: string;
}

/** What a fact breaks by itself. */
function ownFault({
  id,
  kind,
  notice_on,
  effective_on,
  amount_before,
  amount_after,
}: Fact): Fault | undefined {
  const wrong = (field: string, message: string): Fault => ({ id, field, message });
  if (notice_on !== undefined && notice_on > effective_on)
    return wrong("notice_on", "must not be after effective_on");
  if (kind === "churned" && (amount_after ?? 0) !== 0)
    return wrong("amount_after", "must be 0 for who has left; who pays less has contracted");
  if (kind === "reactivated" && (amount_before ?? 0) !== 0)
    return wrong("amount_before", "must be 0 for who comes back");
  if (kind !== "contracted" && kind !== "expanded") return undefined;
  if (amount_before === undefined)
    return wrong("amount_before", "is required: nobody has recorded it before");
  if (amount_after === undefined) return wrong("amount_after", "is required");
  if (kind === "contracted" && amount_after >= amount_before)
    return wrong("amount_after", "must be below amount_before of who has contracted");
  if (kind === "expanded" && amount_after <= amount_before)
    return wrong("amount_after", "must be above amount_before of who has expanded");
  return undefined;
}

/**
 * The first rule that what holds breaks; undefined when it is a life that a customer can have.
 *
 * @param changed ids of what is recorded or corrected now: of others it is said that they contradict it
 */
export function faultOf(
  began_on: string,
  facts: readonly Fact[],
  changed: ReadonlySet<string>,
): Fault | undefined {
  let left: string | undefined;
  for (const fact of facts) {
    const { id, kind, effective_on } = fact;
    const fault = changed.has(id) ? ownFault(fact) : undefined;
    if (fault) return fault;
    const against = (message: string): Fault => ({
      id,
      message: changed.has(id)
        ? message
        : `It contradicts what is known of ${effective_on} (${kind}). ${message}`,
    });
    if (changed.has(id) && effective_on < began_on)
      return {
        id,
        field: "effective_on",
        message: `must not be before ${began_on}, the customer's first day: their contract_start_date, or the day on which they were created`,
      };
    if (kind === "churned") {
      if (left !== undefined) return against(`The customer had left already, on ${left}.`);
      left = effective_on;
    } else if (kind === "reactivated") {
      if (left === undefined)
        return against("The customer had not left before, so they can't have come back.");
      left = undefined;
    } else if (left !== undefined)
      return against(`It was no customer of ours on ${effective_on}: they left on ${left}.`);
  }
  return undefined;
}
