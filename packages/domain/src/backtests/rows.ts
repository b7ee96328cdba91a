/**
 * What scores would have said of a customer on days of the past, against what became of the customer. Pure: history
 * and facts give rows.
 */
import type { ScoreFilter } from "@success-manager/contract/score-definitions";
import type { KnownBy } from "@success-manager/contract/vocabulary";
import { daysAfter } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import {
  appliesTo,
  type Definition,
  definitionFor,
  type Evaluation,
  evaluate,
  type Inputs,
  type ScoredInteraction,
  type ScoredResponse,
  type Weights,
} from "../health/index.ts";
import { isUndated, presentSpells } from "../outcomes/index.ts";
import { type BacktestRow, outcomeAt } from "../statistics/index.ts";
import type { StoredCustomer, StoredDeployment } from "../table/index.ts";

/** An escalation, and how long its alert was open. ISO instants. */
export interface Escalation {
  readonly id: string;
  readonly opened_at: string;
  readonly resolved_at?: string | undefined;
}

/** What happened with a customer, as far as scores go by it. */
export interface History {
  readonly interactions: readonly ScoredInteraction[];
  readonly responses: readonly ScoredResponse[];
  readonly escalations: readonly Escalation[];
}

/** A day on which a customer takes part, and what became of them. */
export interface Cut {
  readonly cut: string;
  readonly left_on: string | null;
  readonly left_within_horizon: boolean;
  /** As far as is known of that day. */
  readonly customer: StoredCustomer;
  readonly deployments: readonly StoredDeployment[];
}

/** A customer with the days on which they take part: never none. */
export interface Subject {
  readonly row: CustomerRow;
  readonly cuts: readonly Cut[];
}

export interface Question {
  readonly definition: Definition;
  readonly segment: ScoreFilter;
  /** Days, ascending. */
  readonly cuts: readonly string[];
  readonly horizon_days: number;
  readonly known_by: KnownBy;
  /** The last day of which all departures are known. */
  readonly known_until: string;
}

/** The end of a day: what a score of it could have known. */
export const endOf = (day: string): Date => new Date(`${day}T23:59:59.999Z`);

/**
 * Products of a day: from their first day on, and of those that are not in use any more until their record was last
 * changed. Who leaves has none afterwards, so who counted those in use today would know who left.
 */
const deploymentsOn = (
  deployments: readonly StoredDeployment[],
  day: string,
  known_by: KnownBy,
): readonly StoredDeployment[] =>
  deployments
    .filter(
      ({ deployment_date, created_at, is_active, updated_at }) =>
        deployment_date <= day &&
        (known_by === "happened" || created_at.slice(0, 10) <= day) &&
        (is_active || updated_at.slice(0, 10) > day),
    )
    .map((one) => (one.is_active ? one : { ...one, is_active: true }));

/** The status of a day in the past, as far as is known: who is at risk or has left today need not have been then. */
function statusThen({ status, status_before_risk }: StoredCustomer): StoredCustomer["status"] {
  if (status === "churned") return "active";
  return status === "at_risk" ? (status_before_risk ?? "active") : status;
}

/**
 * The days on which a customer takes part: those on which they were a customer, the definition was for them, and whose
 * horizon is over. Undefined for none.
 */
function subjectOf(row: CustomerRow, question: Question): Subject | undefined {
  const { definition, segment, horizon_days, known_by, known_until } = question;
  const spells = presentSpells(row.customer, row.ledger);
  const customer = { ...row.customer, status: statusThen(row.customer) };
  const cuts = question.cuts.flatMap((cut): readonly Cut[] => {
    const spell = spells.find(({ start, end }) => start <= cut && (end === undefined || cut < end));
    if (!spell) return [];
    const left_on = spell.end ?? null;
    const outcome = outcomeAt({ cut, horizon_days, known_until }, left_on);
    if (outcome !== "left" && outcome !== "stayed") return [];
    const deployments = deploymentsOn(row.deployments, cut, known_by);
    const isMeant =
      appliesTo(definition, customer, deployments) &&
      appliesTo({ applies_to: segment }, customer, deployments);
    return isMeant ? [{ cut, left_on, left_within_horizon: outcome === "left", customer, deployments }] : [];
  });
  return cuts.length === 0 ? undefined : { row, cuts };
}

/** Who takes part, by id, and how many are left out as nobody recorded when they left. */
export function subjectsOf(
  customers: Iterable<CustomerRow>,
  question: Question,
): { readonly subjects: readonly Subject[]; readonly undated: number } {
  const subjects: Subject[] = [];
  let undated = 0;
  for (const row of customers) {
    // They are neither who stayed nor who left.
    if (isUndated(row.customer, row.ledger, question.known_until)) undated++;
    else {
      const subject = subjectOf(row, question);
      if (subject) subjects.push(subject);
    }
  }
  subjects.sort((a, b) => (a.row.customer.id < b.row.customer.id ? -1 : 1));
  return { subjects, undated };
}

/** What was known of a customer at a cut. */
function inputsAt({ customer, deployments }: Cut, history: History, at: string, known_by: KnownBy): Inputs {
  return {
    products: deployments.map(({ product_name }) => product_name),
    contract_start_date: customer.contract_start_date,
    contract_end_date: customer.contract_end_date,
    interactions:
      known_by === "happened"
        ? history.interactions
        : history.interactions.filter(
            ({ created_at, interaction_date }) => (created_at ?? interaction_date) <= at,
          ),
    responses: history.responses,
    open_escalations: history.escalations
      .filter(
        ({ opened_at, resolved_at }) => opened_at <= at && (resolved_at === undefined || resolved_at > at),
      )
      .map(({ id, opened_at }) => ({ type: "interaction", id, at: opened_at, what: "escalation" })),
  };
}

/** When what a measure goes by was recorded last, where it goes by interactions: days. */
function recordedOn(
  { measures }: Evaluation,
  recorded: ReadonlyMap<string | undefined, string | undefined>,
): Record<string, string> {
  // A measure may be called `constructor`, which an object has anyway.
  const days = new Map<string, string>();
  for (const { key, evidence } of measures)
    for (const { id } of evidence) {
      const day = recorded.get(id)?.slice(0, 10);
      if (day !== undefined && day > (days.get(key) ?? "")) days.set(key, day);
    }
  return Object.fromEntries(days);
}

const scoreOf = ({ score, band }: Evaluation) => (band === "unknown" ? null : score);

/** What a definition, and what is in use, would have said of a customer. */
export interface Rows {
  readonly tested: readonly BacktestRow[];
  readonly in_use: readonly BacktestRow[];
  /** By which versions these were scored. */
  readonly versions: readonly number[];
  /** Interactions that happened until a cut, and were recorded after it. */
  readonly late: number;
}

/** @param definitions in use; where none applies, version 1 does, with these weights */
export function rowsOf(
  { row, cuts }: Subject,
  history: History,
  {
    question: { definition, known_by },
    definitions,
    weights,
  }: { readonly question: Question; readonly definitions: readonly Definition[]; readonly weights: Weights },
): Rows {
  const recorded = new Map(history.interactions.map(({ id, created_at }) => [id, created_at]));
  const tested: BacktestRow[] = [];
  const in_use: BacktestRow[] = [];
  const versions = new Set<number>();
  for (const one of cuts) {
    const { cut, left_on, left_within_horizon, customer, deployments } = one;
    const at = endOf(cut);
    const inputs = inputsAt(one, history, at.toISOString(), known_by);
    const about = { customer_id: row.customer.id, cut, left_on, left_within_horizon };
    const said = evaluate(definition, inputs, at);
    tested.push({
      ...{ ...about, score: scoreOf(said), band: said.band },
      measures: Object.fromEntries(
        said.measures.map(({ key, state, score }) => [key, state === "measured" ? score : null]),
      ),
      ...(known_by === "happened" && { recorded_on: recordedOn(said, recorded) }),
    });
    const current = definitionFor({ customer, deployments, definitions }, weights);
    versions.add(current.version);
    const usual = current.version === definition.version ? said : evaluate(current, inputs, at);
    in_use.push({ ...about, score: scoreOf(usual), band: usual.band, measures: {} });
  }
  const late = history.interactions.filter(({ interaction_date, created_at }) =>
    cuts.some(
      ({ cut }) =>
        created_at !== undefined && interaction_date.slice(0, 10) <= cut && created_at.slice(0, 10) > cut,
    ),
  ).length;
  return { tested, in_use, versions: [...versions], late };
}

/** The first and the last instant that cuts look at. @param days how far back a definition looks; undefined for all */
export const spanOf = (
  { cuts }: Subject,
  days: number | undefined,
): { readonly from: string | undefined; readonly to: string } => {
  const [first, last] = [cuts[0]?.cut ?? "", cuts.at(-1)?.cut ?? ""];
  return {
    from: days === undefined ? undefined : daysAfter(first, -days),
    to: endOf(last).toISOString(),
  };
};
