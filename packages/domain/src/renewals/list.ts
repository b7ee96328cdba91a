/** Renewals as lists show them: all from the directory in memory, so a page costs no request beside its refresh. */
import { notFound } from "@success-manager/contract/problem";
import type { RenewalFilter, TermRenewal } from "@success-manager/contract/renewals";
import { type RenewalStage, RenewalStage as STAGES } from "@success-manager/contract/vocabulary";
import { dateOf, daysBetween } from "../calendar.ts";
import {
  type Column,
  type CustomerRow,
  type Directory,
  getDirectory,
  paginate,
  sortedView,
  textColumn,
} from "../directory/index.ts";
import { formatCents } from "../figures.ts";
import { bandOf, type Renewal, renewalsOf } from "./renewals.ts";

/** Every renewal of the customers whom the caller sees, also those whose time has not come; kept until a row changes. */
export const allRenewals = (directory: Directory, today: string): readonly Renewal[] =>
  directory.memoize(`renewals ${today}`, () =>
    [...directory.customers.values()].flatMap((row) => renewalsOf(row, today)),
  );

/** A renewal by its id; undefined for none that the caller sees. */
export const findRenewal = (directory: Directory, id: string, today: string): Renewal | undefined =>
  directory
    .memoize(
      `renewals ${today} by id`,
      () => new Map(allRenewals(directory, today).map((renewal) => [renewal.id, renewal])),
    )
    .get(id);

export const stageOf = ({ ending, stored }: Pick<Renewal, "ending" | "stored">): RenewalStage =>
  ending?.stage ?? stored?.stage ?? "not_started";

const managerIdOf = ({ customer, manager }: CustomerRow): string | undefined =>
  customer.account_manager_id ?? manager?.id;

const ownerIdOf = ({ stored, row }: Renewal): string | undefined => stored?.owner_id ?? managerIdOf(row);

const cents = (amount: number | undefined) => (amount === undefined ? null : formatCents(amount));

/** A renewal as the API shows it. Its revision is 1 until somebody changes it, also before it is stored. */
export function toTermRenewal(
  renewal: Renewal,
  { team }: Pick<Directory, "team">,
  today: string,
): TermRenewal {
  const { row, stored, ending, term_end } = renewal;
  const { customer, score } = row;
  const owner_id = ownerIdOf(renewal);
  const owner = owner_id === undefined ? undefined : team.get(owner_id);
  const { created_band, lead_band, lead_on } = stored ?? {};
  return {
    id: renewal.id,
    customer_id: customer.id,
    customer_name: customer.company_name,
    spell: renewal.spell,
    term_end,
    former_term_ends: [...renewal.former_ends],
    days_left: daysBetween(today, term_end),
    stage: stageOf(renewal),
    amount: cents(renewal.amount),
    is_amount_set: stored?.amount !== undefined,
    next_step: stored?.next_step ?? null,
    next_step_due: stored?.next_step_due ?? null,
    owner_id: owner_id ?? null,
    owner_name: owner?.full_name ?? null,
    owner_is_active: owner?.is_active ?? null,
    is_owner_set: stored?.owner_id !== undefined,
    account_manager_id: managerIdOf(row) ?? null,
    account_manager: row.account_manager_name || null,
    score: score?.overall_score ?? null,
    band: bandOf(row),
    score_at_creation:
      stored && created_band
        ? { on: stored.created_at.slice(0, 10), score: stored.created_score ?? null, band: created_band }
        : null,
    score_at_lead:
      lead_on !== undefined && lead_band
        ? { on: lead_on, score: stored?.lead_score ?? null, band: lead_band }
        : null,
    ended_on: ending?.fact?.effective_on ?? null,
    outcome_id: ending?.fact?.id ?? null,
    reason: ending?.fact?.reason ?? null,
    amount_after: cents(ending?.fact?.amount_after),
    created_at: stored?.created_at ?? null,
    updated_at: stored?.updated_at ?? null,
    revision: stored?.revision ?? 1,
  };
}

const COLUMNS = {
  term_end: ({ term_end }: Renewal) => term_end,
  amount: ({ amount }: Renewal) => amount,
  customer_name: textColumn(({ row }: Renewal) => row.customer.company_name),
  score: ({ row }: Renewal) => row.score?.overall_score,
  next_step_due: ({ stored }: Renewal) => stored?.next_step_due,
  stage: (renewal: Renewal) => STAGES.options.indexOf(stageOf(renewal)),
} satisfies Record<string, Column<Renewal>>;

type Condition = (renewal: Renewal) => boolean;

/** Renewals whose time has come; up to a day that is asked for also those whose time has not. @throws 422 for a cursor of another list */
export async function list(query: RenewalFilter) {
  const { stage, state, owner_id, account_manager_id, customer_id, band, sort_by, sort_order } = query;
  const { term_end_from, term_end_to } = query;
  const directory = await getDirectory();
  const today = dateOf(new Date());
  const view = directory.memoize(`renewals ${today} by ${sort_by}`, () =>
    sortedView(
      () => allRenewals(directory, today),
      COLUMNS[sort_by as keyof typeof COLUMNS],
      ({ id }) => id,
    ),
  );
  const conditions: readonly (Condition | false)[] = [
    term_end_to === undefined && (({ is_due }) => is_due),
    stage !== undefined && ((one) => stageOf(one) === stage),
    state !== undefined && (({ ending }) => (ending === undefined) === (state === "open")),
    owner_id !== undefined && ((one) => ownerIdOf(one) === owner_id),
    account_manager_id !== undefined && (({ row }) => managerIdOf(row) === account_manager_id),
    customer_id !== undefined && (({ row }) => row.customer.id === customer_id),
    band !== undefined && (({ row }) => bandOf(row) === band),
    term_end_from !== undefined && (({ term_end }) => term_end >= term_end_from),
    term_end_to !== undefined && (({ term_end }) => term_end <= term_end_to),
  ];
  const holding = conditions.filter((condition) => condition !== false);
  const { rows, ...page } = paginate(view, sort_order, (one) => holding.every((holds) => holds(one)), query);
  return { renewals: rows.map((one) => toTermRenewal(one, directory, today)), ...page };
}

/** @throws 404 */
export async function get(id: string): Promise<TermRenewal> {
  const directory = await getDirectory();
  const today = dateOf(new Date());
  const renewal = findRenewal(directory, id, today);
  if (!renewal) throw notFound("Renewal");
  return toTermRenewal(renewal, directory, today);
}
