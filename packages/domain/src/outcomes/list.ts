/**
 * Lists of outcomes. Which rows, their order and their number come from the ledgers in the directory; the rows
 * themselves from the table by key. So a page costs one query and one batch, however many outcomes there are.
 */
import type { CustomerOutcomeFilter, Outcome, OutcomeFilter } from "@success-manager/contract/outcomes";
import type { Paging } from "@success-manager/contract/paging";
import { notFound } from "@success-manager/contract/problem";
import { type CustomerRow, type Directory, getDirectory, paginate, sortedView } from "../directory/index.ts";
import { formatCents } from "../figures.ts";
import { loadSettings } from "../settings/index.ts";
import {
  batchGet,
  batchGetItems,
  CustomerEntity,
  getOrThrow,
  getRequest,
  OutcomeEntity,
  type OutcomeLedger,
  primaryKey,
  type StoredCustomer,
  type StoredOutcome,
  type StoredOutcomeVersion,
} from "../table/index.ts";
import { ledgerRequest, reasonsBelow } from "./record.ts";
import { beganOn, type Fact, factsOf, newestVersions, spellsOf, standing } from "./spells.ts";

/** A version of an outcome as a list looks at it. */
interface Entry {
  readonly fact: Fact;
  readonly customer: StoredCustomer;
  readonly spell: number | null;
  /** Whether there is no newer version, also none that was not known yet. */
  readonly is_newest: boolean;
}

/** What was known of a customer on a day, or is known now; in no order. */
function entriesOf(customer: StoredCustomer, ledger: OutcomeLedger | undefined, known_on?: string): Entry[] {
  const facts = factsOf(ledger);
  if (facts.length === 0) return [];
  const versions = newestVersions(facts, known_on);
  const newest = new Set(newestVersions(facts));
  const numbers = new Map(
    spellsOf(beganOn(customer, ledger), standing(versions)).flatMap(({ number, facts }) =>
      facts.map(({ id }) => [id, number] as const),
    ),
  );
  return versions.map((fact) => ({
    fact,
    customer,
    spell: numbers.get(fact.id) ?? null,
    is_newest: newest.has(fact),
  }));
}

/** Of all customers whom the caller sees; kept until a row of the directory changes. */
const allEntries = (directory: Directory, known_on: string | undefined): readonly Entry[] =>
  directory.memoize(`outcomes ${known_on ?? "now"}`, () =>
    [...directory.customers.values()].flatMap(({ customer, ledger }: CustomerRow) =>
      ledger ? entriesOf(customer, ledger, known_on) : [],
    ),
  );

const COLUMNS = {
  effective_on: ({ fact }: Entry) => fact.effective_on,
  recorded_at: ({ fact }: Entry) => fact.recorded_at,
} as const;

type Sort = keyof typeof COLUMNS;

const viewOf = (entries: readonly Entry[], sort: Sort) =>
  sortedView(
    () => entries,
    COLUMNS[sort],
    ({ fact }) => fact.id,
  );

const cents = (amount: number | undefined) => (amount === undefined ? null : formatCents(amount));

/** A version of an outcome as the API shows it. @param revision of the outcome; null for a former version */
export const toOutcome = (
  row: StoredOutcomeVersion,
  customer_name: string | undefined,
  spell: number | null,
  revision: number | null,
): Outcome => ({
  id: row.id,
  customer_id: row.customer_id,
  customer_name: customer_name ?? null,
  kind: row.kind,
  spell,
  notice_on: row.notice_on ?? null,
  effective_on: row.effective_on,
  amount_before: cents(row.amount_before),
  amount_after: cents(row.amount_after),
  reason: row.reason,
  note: row.note ?? null,
  competitor: row.competitor ?? null,
  voluntary: row.voluntary ?? null,
  reference: row.reference ?? null,
  source: row.source,
  is_withdrawn: row.is_withdrawn,
  created_at: row.created_at,
  recorded_at: row.recorded_at,
  recorded_by: row.recorded_by_name ?? null,
  version: row.version,
  revision,
});

/** The spell of an outcome by the customer's ledger. */
export const spellOf = (id: string, customer: StoredCustomer, ledger: OutcomeLedger | undefined) =>
  entriesOf(customer, ledger).find(({ fact }) => fact.id === id)?.spell ?? null;

const keyOf = ({ fact, is_newest }: Entry) =>
  is_newest ? primaryKey("outcome", fact.id) : primaryKey("outcome_version", `${fact.id}#${fact.version}`);

type Item = StoredOutcomeVersion & Partial<Pick<StoredOutcome, "revision">>;

/** The outcomes of a page, from the table. What was corrected since is read as it was. */
async function readEntries(entries: readonly Entry[]): Promise<Outcome[]> {
  const read = async (some: readonly Entry[]) =>
    some.length === 0
      ? []
      : ((await batchGetItems(some.map(keyOf), { consistent: true })) as readonly (Item | undefined)[]);
  const found = await read(entries);
  const corrected = entries.filter(({ fact }, n) => found[n] && found[n].version !== fact.version);
  const former = await read(corrected.map((entry) => ({ ...entry, is_newest: false })));
  const formerOf = new Map(corrected.map((entry, n) => [entry, former[n]]));
  return entries.flatMap((entry, n) => {
    const row = formerOf.get(entry) ?? found[n];
    return row ? [toOutcome(row, entry.customer.company_name, entry.spell, row.revision ?? null)] : [];
  });
}

type Condition = (entry: Entry) => boolean;

/** @throws 422 for a cursor of another list */
async function pageOf(
  conditions: readonly (Condition | false)[],
  view: ReturnType<typeof viewOf>,
  { sort_order = "desc", ...paging }: Paging & { readonly sort_order?: "asc" | "desc" },
) {
  const holding = conditions.filter((condition) => condition !== false);
  const { rows, ...page } = paginate(
    view,
    sort_order,
    (entry) => holding.every((holds) => holds(entry)),
    paging,
  );
  return { outcomes: await readEntries(rows), ...page };
}

const isShown: Condition = ({ fact }) => !fact.is_withdrawn;

/** Outcomes of all customers. @throws 422 for a cursor of another list */
export async function list(query: OutcomeFilter) {
  const { kind, reason, customer_id, known_on, sort_by, include_withdrawn } = query;
  const { effective_from, effective_to, recorded_from, recorded_to } = query;
  const [directory, reasons] = await Promise.all([
    getDirectory(),
    reason === undefined ? undefined : loadSettings("outcomes").then((tree) => reasonsBelow(reason, tree)),
  ]);
  const entries = allEntries(directory, known_on);
  const view = directory.memoize(`outcomes ${known_on ?? "now"} by ${sort_by}`, () =>
    viewOf(entries, sort_by as Sort),
  );
  return pageOf(
    [
      !include_withdrawn && isShown,
      kind !== undefined && (({ fact }) => fact.kind === kind),
      reasons !== undefined && (({ fact }) => reasons.has(fact.reason)),
      customer_id !== undefined && (({ customer }) => customer.id === customer_id),
      effective_from !== undefined && (({ fact }) => fact.effective_on >= effective_from),
      effective_to !== undefined && (({ fact }) => fact.effective_on <= effective_to),
      recorded_from !== undefined && (({ fact }) => fact.recorded_at >= recorded_from),
      recorded_to !== undefined && (({ fact }) => fact.recorded_at.slice(0, 10) <= recorded_to),
    ],
    view,
    query,
  );
}

/** Outcomes of a customer as of now. @throws 404; 422 for a cursor of another list */
export async function listByCustomer(
  id: string,
  { known_on, include_withdrawn, ...paging }: CustomerOutcomeFilter,
) {
  const [customer, ledger] = await batchGet(getRequest(CustomerEntity, id), ledgerRequest(id));
  if (!customer) throw notFound("Customer");
  const entries = entriesOf(customer, ledger, known_on);
  return pageOf([!include_withdrawn && isShown], viewOf(entries, "effective_on"), paging);
}

/** The newest version of an outcome. @throws 404 */
export async function get(id: string): Promise<Outcome> {
  const row = await getOrThrow(getRequest(OutcomeEntity, id), "Outcome");
  const [customer, ledger] = await batchGet(
    getRequest(CustomerEntity, row.customer_id),
    ledgerRequest(row.customer_id),
  );
  const spell = customer ? spellOf(id, customer, ledger) : null;
  return toOutcome(row, customer?.company_name, spell, row.revision);
}

/** All versions of an outcome, newest first. @throws 404 */
export async function versions(id: string, { skip, limit, cursor }: Paging) {
  const row = await getOrThrow(getRequest(OutcomeEntity, id), "Outcome");
  const [customer, ledger] = await batchGet(
    getRequest(CustomerEntity, row.customer_id),
    ledgerRequest(row.customer_id),
  );
  if (!customer) throw notFound("Outcome");
  const own = factsOf(ledger).filter((fact) => fact.id === id);
  const spell = spellOf(id, customer, ledger);
  const entries = own.map((fact) => ({
    fact,
    customer,
    spell: fact.is_withdrawn ? null : spell,
    is_newest: fact.version === row.version,
  }));
  const view = sortedView(
    () => entries,
    ({ fact }) => fact.version,
    ({ fact }) => fact.id,
  );
  const { rows, ...page } = paginate(view, "desc", () => true, { skip, limit, cursor });
  return { versions: await readEntries(rows), ...page };
}
