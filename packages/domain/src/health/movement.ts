import type { MeasureSource, ScoreMeasure } from "@success-manager/contract/score-definitions";
import type { MovementKind } from "@success-manager/contract/scores";
import {
  type Definition,
  type Evaluation,
  type Evidence,
  evaluate,
  type Inputs,
  type Measured,
  NEUTRAL,
  newestFirst,
} from "./definition.ts";
import type { ScoredInteraction, ScoredResponse } from "./formula.ts";

/**
 * Why a score moved (decision 56). From one state to the next in a fixed order: the definition, the clock, corrections
 * of what was known, then what has happened since. Each step is evaluated by itself, so each point has one reason; whole
 * points are shared out by the largest remainder, so that parts add up exactly.
 */

/** Points of a change that have one reason. */
export interface Part {
  readonly kind: MovementKind;
  /** The key of a measure, or `cap:<source>`; null where it is about the score as a whole. */
  readonly measure: string | null;
  readonly source: MeasureSource | null;
  /** A whole number, not 0. */
  readonly points: number;
  /** The window of the measure. */
  readonly days: number | null;
  /** How much of what came, aged out or was corrected. Of open escalations how many more; below 0 where fewer. */
  readonly events: readonly (readonly [what: Evidence["what"], count: number])[];
  /** The newest of that; at most `MAX_EVIDENCE`. */
  readonly evidence: readonly Evidence[];
}

/** What a score was made of. */
export interface State {
  readonly definition: Definition;
  readonly inputs: Inputs;
  readonly at: Date;
  /** The score that somebody has set in its place. */
  readonly override?: number | undefined;
}

/** A state of which the score is known, whatever its definition was. */
export interface ScoredState extends Omit<State, "definition"> {
  readonly version: number;
  /** As it was calculated, without an override. */
  readonly score: number;
}

export interface Movement {
  readonly from: number;
  readonly to: number;
  readonly delta: number;
  readonly parts: readonly Part[];
}

export const MAX_EVIDENCE = 8;

type Entry = ScoredInteraction | ScoredResponse;
const dateOfEntry = (entry: Entry) =>
  "interaction_date" in entry ? entry.interaction_date : entry.submitted_at;
/** An entry as it was: one that was changed is another. */
const sameEntry = (entry: Entry) =>
  "interaction_date" in entry
    ? `${entry.id}|${entry.interaction_type}|${entry.sentiment}|${entry.interaction_date}`
    : `${entry.id}|${entry.survey_type}|${entry.score}|${entry.submitted_at}`;

/**
 * The inputs after corrections and before anything new: what is known by now of the time up to `until`, the products of
 * then, the contract of now.
 */
function corrected(before: Inputs, after: Inputs, until: string): Inputs {
  const known = new Set([...before.interactions, ...before.responses].map(sameEntry));
  const isOld = (entry: Entry) => dateOfEntry(entry) <= until || known.has(sameEntry(entry));
  return {
    ...before,
    contract_start_date: after.contract_start_date,
    contract_end_date: after.contract_end_date,
    interactions: after.interactions.filter(isOld),
    responses: after.responses.filter(isOld),
  };
}

/** Below this, what is left of a point is an error of binary fractions. */
const NOISE = 1e-7;

/** Points before they are whole. */
interface Share extends Part {
  readonly exact: number;
}

const contribution = ({ score, effective_weight }: Measured) => (score ?? 0) * effective_weight;

/** What a score has where no measure counts. */
const unknownPoints = ({ measures }: Evaluation) =>
  measures.every(({ effective_weight }) => effective_weight === 0) ? NEUTRAL : 0;

/** What is in one list and not in the other, newest first. Of escalations those that came, or those that went if more. */
function difference(
  before: readonly Evidence[],
  after: readonly Evidence[],
  source: MeasureSource,
): readonly Evidence[] {
  if (before.length === 0 && after.length === 0) return [];
  const key = ({ id, at, what, value }: Evidence) => `${id}|${at}|${what}|${value}`;
  const [then, now] = [new Set(before.map(key)), new Set(after.map(key))];
  const came = after.filter((one) => !then.has(key(one)));
  const went = before.filter((one) => !now.has(key(one)));
  if (source === "open_escalations") return went.length > came.length ? went : came;
  return newestFirst([...came, ...went]);
}

/** How many escalations are open by now that were not, less those that were. */
const openedSince = ({ open_escalations: then = [] }: Inputs, { open_escalations: now = [] }: Inputs) =>
  now.length - then.length;

function countEvents(evidence: readonly Evidence[]): Part["events"] {
  const counts = new Map<Evidence["what"], number>();
  for (const { what } of evidence) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts];
}

const CALENDAR: ReadonlySet<MeasureSource> = new Set<MeasureSource>([
  ...(["adoption", "financial", "contract_age_days", "days_to_contract_end", "days_since_contact"] as const),
]);

type StepKind = "clock" | "data" | "behaviour";

/** The age, in days, at which something ceased to count for a measure as it did. */
function limitOf(
  { window_days, max_age_days }: Pick<ScoreMeasure, "window_days" | "max_age_days">,
  was: Measured | undefined,
  now: Measured,
): number | null {
  if (was?.state === "stale" && now.state === "missing") return max_age_days;
  if (was?.state !== "measured" || now.state !== "stale" || max_age_days === null) return window_days;
  return Math.min(window_days ?? max_age_days, max_age_days);
}

/** What a step is called for a measure: of the clock, whether something is too old by now or the calendar went on. */
const kindOf = (
  step: StepKind,
  source: MeasureSource,
  evidence: readonly Evidence[],
  since: string,
): MovementKind => {
  if (step !== "clock") return step;
  const hasAgedOut = evidence.some(({ at }) => at <= since);
  return CALENDAR.has(source) || !hasAgedOut ? "calendar" : "aged_out";
};

/**
 * The points of a step, by measure. Where a measure comes or goes, the others count for more or less: that is its doing,
 * not theirs.
 *
 * @param opened how many more escalations are open
 */
function sharesOfStep(
  before: Evaluation,
  after: Evaluation,
  step: StepKind,
  since: string,
  { measures }: Definition,
  opened = 0,
): Share[] {
  if (before === after) return [];
  const then = new Map(before.measures.map((one) => [one.key, one]));
  const moved = after.measures.map((now) => {
    const was = then.get(now.key);
    const exact = contribution(now) - (was ? contribution(was) : 0);
    const weighs = now.effective_weight > 0 || (was?.effective_weight ?? 0) > 0;
    const enters = weighs && (now.score === null) !== ((was?.score ?? null) === null);
    const isOwn = enters || (now.score ?? 0) !== (was?.score ?? 0);
    return { now, was, exact, enters, isOwn };
  });
  const entering = moved.filter(({ enters }) => enters).length;
  const spilled = moved.reduce(
    (sum, { exact, isOwn }) => sum + (isOwn ? 0 : exact),
    unknownPoints(after) - unknownPoints(before),
  );
  const share = (
    measure: string,
    source: MeasureSource,
    exact: number,
    evidence: readonly Evidence[],
    days: number | null,
  ): Share => ({
    kind: kindOf(step, source, evidence, since),
    ...{ measure, source, exact, points: 0, days },
    events:
      source !== "open_escalations" ? countEvents(evidence) : opened === 0 ? [] : [["escalation", opened]],
    evidence: evidence.slice(0, MAX_EVIDENCE),
  });
  const shares = moved.flatMap(({ now, was, exact, enters, isOwn }) => {
    const points = isOwn ? exact + (enters ? spilled / entering : 0) : entering > 0 ? 0 : exact;
    // What differs is looked for where something moved: of most customers nothing does from one day to the next.
    if (Math.abs(points) <= NOISE) return [];
    // What is too old to count is named all the same.
    const isOutdated = was?.state === "measured" && now.state === "stale";
    const evidence = isOutdated ? now.evidence : difference(was?.evidence ?? [], now.evidence, now.source);
    const rule = measures.find(({ key }) => key === now.key);
    return [share(now.key, now.source, points, evidence, rule ? limitOf(rule, was, now) : null)];
  });
  const [capBefore, capAfter] = [before.cap, after.cap];
  const capped = (cap: Evaluation["cap"]) => cap?.points ?? 0;
  const source = capAfter?.source ?? capBefore?.source;
  if (source !== undefined && capped(capAfter) !== capped(capBefore))
    shares.push(
      share(
        `cap:${source}`,
        source,
        capped(capAfter) - capped(capBefore),
        difference(capBefore?.evidence ?? [], capAfter?.evidence ?? [], source),
        null,
      ),
    );
  return shares;
}

/** Whole points that add up to `total`, by the largest remainder; what has no points gets none. */
function wholePoints(shares: readonly Share[], total: number): Part[] {
  const moving = shares
    .filter(({ exact }) => Math.abs(exact) > NOISE)
    .map((share) => ({ share, points: Math.floor(share.exact + NOISE) }));
  let left = moving.reduce((rest, { points }) => rest - points, total);
  const byRemainder = moving.toSorted((a, b) => b.share.exact - b.points - (a.share.exact - a.points));
  for (let n = 0; left > 0 && byRemainder.length > 0; n++, left--) {
    const one = byRemainder[n % byRemainder.length];
    if (one) one.points += 1;
  }
  for (let n = 1; left < 0 && byRemainder.length > 0; n++, left++) {
    const one = byRemainder.at(-(((n - 1) % byRemainder.length) + 1));
    if (one) one.points -= 1;
  }
  const parts = moving.map(({ share: { exact: _, ...share }, points }): Part => ({ ...share, points }));
  if (left !== 0) parts.push(wholePart("data", left));
  return parts;
}

/** Points of a score as a whole. */
export const wholePart = (kind: MovementKind, points: number): Part => ({
  kind,
  measure: null,
  source: null,
  points,
  days: null,
  events: [],
  evidence: [],
});

/**
 * Why a score moved from one state to another: parts that add up to the change, in the order of their steps.
 *
 * @param evaluation of `after`, where it is there already
 */
export function explain(
  before: ScoredState,
  after: State,
  evaluation: Evaluation = evaluate(after.definition, after.inputs, after.at),
): Movement {
  const { definition } = after;
  const since = before.at.toISOString();
  const start = evaluate(definition, before.inputs, before.at);
  const clock = evaluate(definition, before.inputs, after.at);
  const data = evaluate(definition, corrected(before.inputs, after.inputs, since), after.at);
  const opened = openedSince(before.inputs, after.inputs);
  const steps = [
    ...sharesOfStep(start, clock, "clock", since, definition),
    ...sharesOfStep(clock, data, "data", since, definition),
    ...sharesOfStep(data, evaluation, "behaviour", since, definition, opened),
  ];
  const [from, to] = [before.override ?? before.score, after.override ?? evaluation.score];
  const overridden = to - evaluation.score - (from - before.score);
  const parts = [
    wholePart(before.version === definition.version ? "data" : "definition", start.score - before.score),
    ...wholePoints(steps, evaluation.score - start.score),
    wholePart("override", overridden),
  ];
  return { from, to, delta: to - from, parts: parts.filter(({ points }) => points !== 0) };
}

/**
 * From so many points on a change is notable: as many as make a trend. Fewer are one call more or less, or a day of the
 * calendar; most scores of a year stay within them.
 */
export const NOTABLE_POINTS = 5;

/** A change that is notable, from the last score that was there before it began. */
export interface NotableChange extends Movement {
  /** The instant of that score, and of the one that made it notable. */
  readonly since: string;
  readonly at: string;
}

/** How a score has moved since its last notable change, or since the first one. */
export interface Drift {
  readonly since: string;
  readonly parts: readonly Part[];
}

const pointsOf = (parts: readonly Part[]) => parts.reduce((sum, { points }) => sum + points, 0);

/** Of things that happened a sentence needs the newest answer alone. */
const withNewestAnswer = (part: Part): Part => ({
  ...part,
  evidence: part.evidence.filter(({ value }) => value !== undefined).slice(0, 1),
});

/**
 * What a movement comes to with what had moved before it: small steps in one direction are notable once they have gone
 * far enough, and a score that is back where it was has not moved.
 *
 * @param since the instant of the score before
 */
export function accumulate(
  drift: Drift | undefined,
  { to, parts }: Movement,
  since: string,
  at: string,
): { readonly change?: NotableChange; readonly drift?: Drift } {
  const all = sumParts([...(drift?.parts ?? []), ...parts]).map(withNewestAnswer);
  const delta = pointsOf(all);
  if (delta === 0) return {};
  const began = drift?.since ?? since;
  if (Math.abs(delta) < NOTABLE_POINTS) return { drift: { since: began, parts: all } };
  return { change: { from: to - delta, to, delta, parts: all, since: began, at } };
}

/** Events without those that others balance. */
function without(events: Part["events"], others: Part["events"]): Part["events"] {
  const counts = new Map(others);
  return events
    .map(([what, count]) => [what, count - (counts.get(what) ?? 0)] as const)
    .filter(([, count]) => count > 0);
}

/**
 * What ages out of a measure while the same comes anew is no change: of the points that it lost by the one and gained by
 * the other, the smaller cancel out.
 */
function cancelOut(parts: readonly Part[]): Part[] {
  const found = (kind: MovementKind, measure: string) =>
    parts.find((part) => part.kind === kind && part.measure === measure);
  return parts.map((part) => {
    const { kind, measure } = part;
    if (measure === null || (kind !== "aged_out" && kind !== "behaviour")) return part;
    const other = found(kind === "behaviour" ? "aged_out" : "behaviour", measure);
    if (!other || other.points * part.points >= 0) return part;
    const cancelled = Math.min(Math.abs(part.points), Math.abs(other.points));
    const points = part.points - Math.sign(part.points) * cancelled;
    return { ...part, points, events: without(part.events, other.events) };
  });
}

/**
 * Parts of several changes, one after the other, as one change: those of one kind and measure together, without what
 * came and aged out in equal measure.
 */
export function sumParts(parts: readonly Part[]): Part[] {
  const sums = new Map<string, Part>();
  for (const part of parts) {
    const key = `${part.kind}|${part.measure}`;
    const sum = sums.get(key);
    const evidence = [...part.evidence, ...(sum?.evidence ?? [])];
    const distinct = evidence.filter((one, n) => evidence.findIndex(({ id }) => id === one.id) === n);
    const events = new Map(sum?.events);
    for (const [what, count] of part.events) events.set(what, (events.get(what) ?? 0) + count);
    sums.set(key, {
      ...part,
      events: [...events],
      points: (sum?.points ?? 0) + part.points,
      evidence: distinct.slice(0, MAX_EVIDENCE),
    });
  }
  const order = (part: Part) => KINDS.indexOf(part.kind);
  return cancelOut([...sums.values()])
    .filter(({ points }) => points !== 0)
    .sort((a, b) => order(a) - order(b) || Math.abs(b.points) - Math.abs(a.points));
}

/** The order in which a change is explained. */
export const KINDS: readonly MovementKind[] = [
  "definition",
  "calendar",
  "aged_out",
  "data",
  "behaviour",
  "override",
];
