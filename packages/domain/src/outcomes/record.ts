/**
 * Recording: what is written when something became of a customer, was corrected or never was. Every change writes the
 * customer's ledger onto the revision that it was decided on, so of many at once one decides at a time.
 */
import { createHash, randomUUID } from "node:crypto";
import type { NewOutcome, OutcomeChanges } from "@success-manager/contract/outcomes";
import { conflict, type Problem, unprocessable } from "@success-manager/contract/problem";
import type { OutcomeSettings } from "@success-manager/contract/settings";
import { UNSPECIFIED } from "@success-manager/contract/vocabulary";
import { dateOf } from "../calendar.ts";
import {
  batchGet,
  currentWriter,
  equals,
  find,
  getRequest,
  NOT_EXISTS,
  OutcomeEntity,
  type OutcomeLedger,
  OutcomeLedgerEntity,
  OutcomeVersionEntity,
  put,
  type StoredCustomer,
  type StoredOutcome,
  splitChanges,
  type Write,
  writerName,
} from "../table/index.ts";
import {
  beganOn,
  type Fact,
  factOf,
  factsOf,
  faultOf,
  isCustomerOn,
  newestVersions,
  spellsOf,
  standing,
} from "./spells.ts";

/** A customer with what is known of them. */
export interface Subject {
  readonly customer: StoredCustomer;
  readonly ledger: OutcomeLedger | undefined;
}

/** An outcome that is new, or another version of one. */
interface Change {
  readonly before: StoredOutcome | undefined;
  readonly after: StoredOutcome;
}

/** What is to be written, and what it says of the customer. */
export interface Recording {
  readonly writes: readonly Write[];
  /** Whether they are our customer today, where that has changed by it. */
  readonly is_customer: boolean | undefined;
  /** What will be known then. */
  readonly ledger: OutcomeLedger | undefined;
}

export const ledgerRequest = (customer_id: string) => getRequest(OutcomeLedgerEntity, customer_id);

/** What people record of a customer: 60 KB, which each outcome writes anew. No customer has so many. */
const MAX_VERSIONS = 300;
/** A status that somebody sets is never refused for it; what does not fit into an item is not recorded. */
const MOST_VERSIONS = 1_200;
/** Who leaves or comes back calls them off, in one transaction. */
const MAX_AHEAD = 20;

/** @throws 409 for more than a customer takes, or too many ahead */
function checkRoom(facts: readonly Fact[], now: Date): void {
  if (facts.length > MAX_VERSIONS)
    throw conflict(`A customer takes ${MAX_VERSIONS} outcomes and corrections of them.`);
  const today = dateOf(now);
  const ahead = newestVersions(facts).filter((fact) => !fact.is_withdrawn && fact.effective_on > today);
  if (ahead.length > MAX_AHEAD) throw conflict(`A customer takes ${MAX_AHEAD} outcomes that lie ahead.`);
}

function writesOf(subject: Subject, changes: readonly Change[], now: Date) {
  const { customer, ledger } = subject;
  const facts = [...factsOf(ledger), ...changes.map(({ after }) => factOf(after))];
  const known: OutcomeLedger = {
    customer_id: customer.id,
    began_on: beganOn(customer, ledger),
    facts: JSON.stringify(facts),
    changed_at: now.toISOString(),
    revision: (ledger?.revision ?? 0) + 1,
  };
  const writes: readonly Write[] = [
    put(OutcomeLedgerEntity, known, ledger ? equals({ revision: ledger.revision }) : NOT_EXISTS),
    ...changes.flatMap(({ before, after }) => {
      const current = put(OutcomeEntity, after, before ? equals({ revision: before.revision }) : NOT_EXISTS);
      if (!before) return [current];
      const { revision: _, written_by: __, ...former } = before;
      return [current, put(OutcomeVersionEntity, former)];
    }),
  ];
  return { writes, ledger: known };
}

/** Whether somebody is our customer today, by what is known. */
const isCustomerToday = (began_on: string, facts: readonly Fact[], now: Date) =>
  isCustomerOn(spellsOf(began_on, facts), dateOf(now));

/** Whether somebody is our customer today, and has announced that they leave. */
const isLeaving = (began_on: string, facts: readonly Fact[], now: Date) =>
  isCustomerToday(began_on, facts, now) &&
  facts.some(({ kind, effective_on }) => kind === "churned" && effective_on > dateOf(now));

/** What a rule says that was broken, as the API answers it. */
const problemOf = ({ field, message }: { readonly field?: string; readonly message: string }): Problem =>
  field === undefined ? conflict(message) : unprocessable(field, message);

/**
 * What is to be written for some changes, in one transaction.
 *
 * @throws 409 where they contradict what is known; 422 for what can't be by itself
 */
function recordingOf(subject: Subject, changes: readonly Change[], now: Date): Recording {
  const began_on = beganOn(subject.customer, subject.ledger);
  const known = factsOf(subject.ledger);
  const facts = [...known, ...changes.map((change) => factOf(change.after))];
  const [before, after] = [standing(newestVersions(known)), standing(newestVersions(facts))];
  const fault = faultOf(began_on, after, new Set(changes.map((change) => change.after.id)));
  if (fault) throw problemOf(fault);
  if (
    subject.customer.status === "churned" &&
    isLeaving(began_on, before, now) &&
    isCustomerToday(began_on, after, now) &&
    !isLeaving(began_on, after, now)
  )
    throw conflict(
      "The customer's status is churned by this departure. Set another status: that withdraws what was announced.",
    );
  checkRoom(facts, now);
  const is_customer = isCustomerToday(began_on, after, now);
  return {
    ...writesOf(subject, changes, now),
    is_customer: is_customer === isCustomerToday(began_on, before, now) ? undefined : is_customer,
  };
}

/** The reasons that outcomes may name: by id, whether they are archived. Those of an archived group are, too. */
const reasonsOf = ({ reasons }: OutcomeSettings): ReadonlyMap<string, boolean> =>
  new Map(
    reasons.flatMap(({ id, archived, children }) => [
      [id, archived] as const,
      ...children.map((child) => [child.id, archived || child.archived] as const),
    ]),
  );

/** @throws 422 for an unknown reason, or one that is archived */
function checkReason(reason: string, settings: OutcomeSettings): void {
  const is_archived = reasonsOf(settings).get(reason);
  if (is_archived === undefined)
    throw unprocessable("reason", "must be the id of a reason of /settings/outcomes");
  if (is_archived) throw unprocessable("reason", "is archived; new outcomes need another one");
}

/** What a reason stands for: itself, and those below it. */
export const reasonsBelow = (reason: string, { reasons }: OutcomeSettings): ReadonlySet<string> =>
  new Set([reason, ...(reasons.find(({ id }) => id === reason)?.children ?? []).map(({ id }) => id)]);

/** What people call a reason: "Price: Budget cut"; its id where there is none of it any more. */
export function reasonLabel(reason: string, { reasons }: OutcomeSettings): string {
  for (const { id, label, children } of reasons) {
    if (id === reason) return label;
    const child = children.find((one) => one.id === reason);
    if (child) return `${label}: ${child.label}`;
  }
  return reason;
}

/** The id of an outcome that is called something elsewhere: the same for the same (a UUID of version 8, RFC 9562). */
export function idOf(customer_id: string, reference: string | undefined): string {
  if (reference === undefined) return randomUUID();
  const bytes = createHash("sha256").update(`${customer_id}\n${reference}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** What amounts follow from that nobody has said. */
interface Known {
  readonly facts: readonly Fact[];
  /** Of today, so undefined in a spell before the last one. */
  readonly contract_value: number | undefined;
}

/** What is paid before something holds, by its spell: what the outcome before it left, else what the next one found. */
function amountBefore({ facts, contract_value }: Known, effective_on: string) {
  const before = facts.filter((fact) => fact.effective_on <= effective_on);
  const after = facts.slice(before.length);
  const left = before.findLastIndex(({ kind }) => kind === "churned");
  const back = after.findIndex(({ kind }) => kind === "reactivated");
  const [earlier, later] = [before.slice(left + 1), back < 0 ? after : after.slice(0, back)];
  return (
    earlier.findLast(({ amount_after }) => amount_after !== undefined)?.amount_after ??
    later.find(({ amount_before }) => amount_before !== undefined)?.amount_before ??
    contract_value
  );
}

/** The amounts of an outcome, where nobody has said them: as they follow from what is known. */
function amountsOf(
  {
    kind,
    effective_on,
    amount_before,
    amount_after,
  }: Pick<NewOutcome, "kind" | "effective_on" | "amount_before" | "amount_after">,
  known: Known,
) {
  if (kind === "reactivated")
    return { amount_before: amount_before ?? 0, amount_after: amount_after ?? known.contract_value };
  const before = amount_before ?? amountBefore(known, effective_on);
  const usual = kind === "churned" ? 0 : kind === "renewed" ? before : undefined;
  return { amount_before: before, amount_after: amount_after ?? usual };
}

/** Without what is undefined, as items are stored. */
const defined = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;

/** The stamps of a version that is recorded now. */
const stamps = (now: Date) => ({
  recorded_at: now.toISOString(),
  recorded_by_name: writerName(currentWriter()) ?? undefined,
});

function newOutcome(
  { customer, ...known }: Known & { readonly customer: StoredCustomer },
  input: NewOutcome,
  source: StoredOutcome["source"],
  now: Date,
): StoredOutcome {
  const { kind, effective_on, reference, reason, notice_on, note, competitor, voluntary } = input;
  return defined({
    kind,
    effective_on,
    ...amountsOf(input, known),
    notice_on: notice_on ?? undefined,
    reason: reason ?? UNSPECIFIED,
    note: note ?? undefined,
    competitor: competitor ?? undefined,
    voluntary: voluntary ?? undefined,
    reference: reference ?? undefined,
    id: idOf(customer.id, reference ?? undefined),
    customer_id: customer.id,
    source,
    is_withdrawn: false,
    created_at: now.toISOString(),
    ...stamps(now),
    version: 1,
    revision: 1,
  });
}

/** Whether an outcome that is known says what is to be recorded, as far as that says anything. */
const saysTheSame = (fact: Fact, input: NewOutcome) =>
  fact.kind === input.kind &&
  fact.effective_on === input.effective_on &&
  (input.amount_before == null || fact.amount_before === input.amount_before) &&
  (input.amount_after == null || fact.amount_after === input.amount_after);

/**
 * What of a day comes next of what is left: what can happen, in the order in which it was sent. Who is there leaves, who
 * is gone comes back, and who does not come back on that day leaves last. Undefined where nothing can happen.
 */
function nextOf(day: string, left: readonly NewOutcome[], facts: readonly Fact[]): NewOutcome | undefined {
  const ofDay = left.filter(({ effective_on }) => effective_on === day);
  const last = facts.findLast(
    ({ kind, effective_on }) => effective_on <= day && (kind === "churned" || kind === "reactivated"),
  );
  const isGone = last?.kind === "churned";
  const possible = ofDay.filter(({ kind }) => (kind === "reactivated") === isGone);
  const isBack = ofDay.some(({ kind }) => kind === "reactivated");
  return possible.find(({ kind }) => isBack || kind !== "churned") ?? possible[0];
}

/** @throws 409 where a reference is that of another outcome, or of one that was withdrawn */
function checkReference(named: Fact, input: NewOutcome, again: boolean): void {
  // What was corrected or withdrawn since says something else than an import that comes again.
  const isChanged = named.is_withdrawn || named.version > 1;
  if (named.kind !== input.kind || (!isChanged && !saysTheSame(named, input)))
    throw conflict("Another outcome of this customer has this reference already.");
  if (named.is_withdrawn && !again)
    throw conflict(
      "The outcome of this reference was withdrawn. Record this one with another reference, or without any.",
    );
}

export interface Recorded extends Recording {
  /** Those that are new, in the order of the input; undefined for what was known. */
  readonly outcomes: readonly (StoredOutcome | undefined)[];
}

/**
 * Records outcomes of one customer: all of them, or none. What is there already by its reference is left alone.
 *
 * @param again an import that may come twice: the same facts without a reference are there already, too, and so is what
 * was withdrawn
 * @throws 409 where they contradict what is known, or the reference is that of another outcome; 422 for what can't be
 */
export function recordingOfNew(
  subject: Subject,
  inputs: readonly NewOutcome[],
  settings: OutcomeSettings,
  now: Date,
  {
    again = false,
    source = "person",
  }: { readonly again?: boolean; readonly source?: StoredOutcome["source"] } = {},
): Recorded {
  const { customer, ledger } = subject;
  const known = newestVersions(factsOf(ledger));
  const added: StoredOutcome[] = [];
  const outcomes = new Map<NewOutcome, StoredOutcome>();
  // In the order in which it happened: each amount that nobody has said follows from what was before.
  let left = inputs.toSorted((a, b) =>
    a.effective_on < b.effective_on ? -1 : Number(a.effective_on > b.effective_on),
  );
  while (left[0]) {
    const versions = [...known, ...added.map(factOf)];
    const facts = standing(versions);
    const input = nextOf(left[0].effective_on, left, facts) ?? left[0];
    left = left.filter((one) => one !== input);
    const reference = input.reference ?? undefined;
    const named =
      reference === undefined ? undefined : versions.find(({ id }) => id === idOf(customer.id, reference));
    if (named) checkReference(named, input, again);
    if (named || (again && reference === undefined && facts.some((fact) => saysTheSame(fact, input))))
      continue;
    if (input.reason != null) checkReason(input.reason, settings);
    const isLastSpell = ![...facts.filter((fact) => fact.effective_on > input.effective_on), ...left].some(
      ({ kind }) => kind === "reactivated",
    );
    const contract_value = isLastSpell ? customer.contract_value : undefined;
    const outcome = newOutcome({ customer, facts, contract_value }, input, source, now);
    added.push(outcome);
    outcomes.set(input, outcome);
  }
  const changes = added.map((after): Change => ({ before: undefined, after }));
  const recording =
    changes.length > 0 ? recordingOf(subject, changes, now) : { writes: [], is_customer: undefined, ledger };
  return { ...recording, outcomes: inputs.map((input) => outcomes.get(input)) };
}

/** The next version of an outcome. */
const nextVersion = (before: StoredOutcome, changes: Partial<StoredOutcome>, now: Date): StoredOutcome => {
  const { written_by: _, ...rest } = before;
  return defined({
    ...rest,
    ...changes,
    ...stamps(now),
    version: before.version + 1,
    revision: before.revision + 1,
  });
};

const isWithdrawn = () => conflict("This outcome was withdrawn. Record another one.");

/**
 * Corrects an outcome: absent keys stay, null clears. Undefined when it says so already.
 *
 * @throws as `recordingOfNew`; 409 for one that was withdrawn
 */
export function recordingOfCorrection(
  subject: Subject,
  before: StoredOutcome,
  { reason, ...input }: OutcomeChanges,
  settings: OutcomeSettings,
  now: Date,
): (Recording & { readonly after: StoredOutcome }) | undefined {
  if (before.is_withdrawn) throw isWithdrawn();
  const { set, remove } = splitChanges<Partial<StoredOutcome>>(input);
  const named = reason === null ? UNSPECIFIED : reason;
  // One that has been archived since may stay.
  if (named !== undefined && named !== before.reason) checkReason(named, settings);
  const changes: Partial<StoredOutcome> = {
    ...set,
    ...Object.fromEntries(remove.map((key) => [key, undefined])),
    ...(named !== undefined && { reason: named }),
  };
  const isChanged = Object.entries(changes).some(
    ([key, value]) => before[key as keyof StoredOutcome] !== value,
  );
  if (!isChanged) return undefined;
  const after = nextVersion(before, changes, now);
  return { ...recordingOf(subject, [{ before, after }], now), after };
}

/** Withdraws an outcome that never was. @throws 409 for one that was withdrawn, or that others rest on */
export function recordingOfWithdrawal(subject: Subject, before: StoredOutcome, now: Date) {
  if (before.is_withdrawn) throw isWithdrawn();
  const after = nextVersion(before, { is_withdrawn: true }, now);
  return { ...recordingOf(subject, [{ before, after }], now), after };
}

const later = (a: string, b: string) => (a > b ? a : b);

/**
 * What a status that somebody sets records: leaving a departure without a reason, coming back a new spell. An outcome of
 * today takes the place of what was announced for later; a departure that was announced already is not recorded again,
 * and is called off by who comes back before it. Of who had left before anybody recorded when, it is the day of their
 * last change.
 *
 * @param before the customer as they were, `after` as they will be
 */
export async function statusWrites(
  before: StoredCustomer | undefined,
  after: StoredCustomer,
  now: Date,
): Promise<readonly Write[]> {
  const [wasGone, isGone] = [before?.status === "churned", after.status === "churned"];
  if (wasGone === isGone) return [];
  const ledger = before && (await find(ledgerRequest(after.id)));
  if (factsOf(ledger).length > MOST_VERSIONS) return [];
  const subject: Subject = { customer: after, ledger };
  const today = dateOf(now);
  const facts = standing(newestVersions(factsOf(ledger)));
  const began_on = beganOn(after, ledger);
  const ahead = facts.filter(({ effective_on }) => effective_on > today);
  const announced = ahead.findIndex(({ kind }) => kind === "churned");
  const isCustomer = isCustomerToday(began_on, facts, now);
  const isLegacy = !isGone && isCustomer && announced < 0;
  // The status rests on a departure that is known: who withdraws that meanwhile has to decide again.
  if (isGone && (!isCustomer || announced >= 0)) return writesOf(subject, [], now).writes;
  const called_off = isGone || !isCustomer || isLegacy ? ahead : ahead.slice(announced);
  const withdrawn = (await loadOutcomes(called_off.map(({ id }) => id))).map(
    (outcome): Change => ({ before: outcome, after: nextVersion(outcome, { is_withdrawn: true }, now) }),
  );
  const past = facts.filter(({ effective_on }) => effective_on <= today);
  const add = (kind: "churned" | "reactivated", effective_on: string): Change => ({
    before: undefined,
    after: newOutcome(
      { customer: after, facts: past, contract_value: after.contract_value },
      { kind, effective_on },
      "status",
      now,
    ),
  });
  const added: Change[] = [];
  if (isGone) added.push(add("churned", today));
  else if (!isCustomer) added.push(add("reactivated", today));
  else if (isLegacy) {
    const last = later(past.at(-1)?.effective_on ?? began_on, before?.updated_at.slice(0, 10) ?? today);
    added.push(add("churned", last < today ? last : today), add("reactivated", today));
  }
  return writesOf(subject, [...withdrawn, ...added], now).writes;
}

/** Outcomes by id, in order; those that are there. At most 100. */
export async function loadOutcomes(ids: readonly string[]): Promise<readonly StoredOutcome[]> {
  if (ids.length === 0) return [];
  const found = await batchGet(...ids.slice(0, 100).map((id) => getRequest(OutcomeEntity, id)));
  return found.filter((outcome) => outcome !== undefined);
}
