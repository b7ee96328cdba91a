import type {
  HealthRisk,
  MeasureSource,
  MeasureTransform,
  ScoreDefinitionContent,
  ScoreMeasure,
  ValueSegment,
} from "@success-manager/contract/score-definitions";
import { uniqueForm } from "@success-manager/contract/text";
import type { InteractionType, SurveyType } from "@success-manager/contract/vocabulary";
import { DAY_MS, dateOf, daysBetween } from "../calendar.ts";
import { valueSegment } from "../figures.ts";
import type { StoredCustomer, StoredDeployment } from "../table/index.ts";
import {
  activityWithin,
  adoption,
  type Component,
  EQUAL_WEIGHTS,
  engagement,
  type FormulaInput,
  financial,
  roundScore,
  type ScoredInteraction,
  type ScoredResponse,
  satisfaction,
  support,
  type Weights,
  WINDOW_DAYS,
} from "./formula.ts";

/**
 * Score definitions as data, and what they make of a customer (decision 55). `evaluate` is a pure function: a
 * definition, what was known at an instant, and that instant give the score with its measures.
 */

/** What scores are calculated by. A published one never changes. */
export type Definition = Pick<
  ScoreDefinitionContent,
  "applies_to" | "priority" | "bands" | "min_coverage" | "measures" | "caps"
> & { readonly version: number };

/** Something that happened, which a measure goes by. */
export interface Evidence {
  readonly type: "interaction" | "survey";
  readonly id: string;
  /** ISO instant. */
  readonly at: string;
  readonly what: InteractionType | SurveyType;
  /** What was answered, on the survey's scale. */
  readonly value?: number;
}

/** What was known of a customer at an instant. */
export interface Inputs extends Omit<FormulaInput, "now"> {
  /** Escalations whose alert nobody has resolved. */
  readonly open_escalations?: readonly Evidence[];
}

export interface Measured {
  readonly key: string;
  readonly source: MeasureSource;
  /** In the unit of the source; null where nothing is known. */
  readonly value: number | null;
  /** 0 to 100; null where the measure is left out. */
  readonly score: number | null;
  /** Its share of the score, 0 to 1; those of all measures add up to 1, or to 0 where none counts. */
  readonly effective_weight: number;
  readonly state: "measured" | "missing" | "stale";
  /** ISO instant of what is newest among what it goes by. */
  readonly as_of: string | null;
  /** What it goes by, newest first. */
  readonly evidence: readonly Evidence[];
}

export interface Evaluation {
  readonly version: number;
  /** A whole number from 0 to 100. */
  readonly score: number;
  readonly band: HealthRisk;
  /** How much of the weight is measured, 0 to 1. */
  readonly coverage: number;
  readonly measures: readonly Measured[];
  /** The cap that lowers the score, with what it goes by; by how much, in points before rounding. */
  readonly cap: {
    readonly source: MeasureSource;
    readonly points: number;
    readonly evidence: readonly Evidence[];
  } | null;
}

/** The four components of decision 12 with the weights of the stage, measured of everybody. */
export const definitionOne = (weights: Weights = EQUAL_WEIGHTS): Definition => {
  const component = (source: Component): ScoreMeasure => ({
    key: source,
    source,
    window_days: source === "engagement" || source === "support" ? WINDOW_DAYS : null,
    transform: { type: "as_is" },
    weight: weights[source],
    missing: "low",
    max_age_days: null,
  });
  return {
    version: 1,
    applies_to: {},
    priority: 0,
    bands: { low: 80, medium: 60, high: 40 },
    min_coverage: 0,
    measures: [component("adoption"), component("engagement"), component("support"), component("financial")],
    caps: [],
  };
};

/**
 * What we recommend: the end of the contract is no part of health, and silence is not green. Nothing is measured of
 * somebody who is silent but the products, a quarter of the weight: their band is `unknown`.
 */
export const RECOMMENDED: ScoreDefinitionContent = {
  name: "Health without the calendar",
  note: "How close the renewal is stands beside the score, not in it. Who is silent is unknown, not green.",
  applies_to: {},
  priority: 0,
  bands: { low: 80, medium: 60, high: 40 },
  min_coverage: 0.5,
  measures: [
    {
      key: "products",
      source: "products",
      window_days: null,
      transform: {
        type: "steps",
        steps: [
          { at_least: 3, score: 100 },
          { at_least: 2, score: 70 },
          { at_least: 1, score: 40 },
        ],
        otherwise: 0,
      },
      weight: 0.25,
      missing: "low",
      max_age_days: null,
    },
    {
      key: "contacts",
      source: "contacts",
      window_days: 90,
      transform: { type: "as_is" },
      weight: 0.25,
      missing: "low",
      max_age_days: null,
    },
    {
      key: "support",
      source: "support_load",
      window_days: 90,
      transform: { type: "linear", from: 100, to: 0 },
      weight: 0.25,
      missing: "exclude",
      max_age_days: null,
    },
    {
      key: "satisfaction",
      source: "satisfaction",
      window_days: 90,
      transform: { type: "as_is" },
      weight: 0.25,
      missing: "exclude",
      max_age_days: null,
    },
  ],
  caps: [{ source: "open_escalations", window_days: null, at_least: 1, at_most: 60 }],
};

/** The component of decision 12 that a source tells most of: old answers show weights by component. */
export const COMPONENT_OF: Readonly<Record<MeasureSource, Component>> = {
  adoption: "adoption",
  products: "adoption",
  contract_age_days: "adoption",
  engagement: "engagement",
  contacts: "engagement",
  sentiment: "engagement",
  days_since_contact: "engagement",
  support: "support",
  support_load: "support",
  escalations: "support",
  open_escalations: "support",
  satisfaction: "support",
  financial: "financial",
  days_to_contract_end: "financial",
};

/** A definition applies to a customer who passes all that its filter names. */
export function appliesTo(
  { applies_to: { industries, segments, products, statuses } }: Pick<Definition, "applies_to">,
  customer: Pick<StoredCustomer, "industry" | "contract_value" | "status">,
  deployments: readonly Pick<StoredDeployment, "is_active" | "product_name">[],
): boolean {
  if (statuses && !statuses.includes(customer.status)) return false;
  if (segments && !segments.includes(valueSegment(customer.contract_value ?? 0) satisfies ValueSegment))
    return false;
  if (products && !deployments.some((one) => one.is_active && products.includes(one.product_name)))
    return false;
  if (!industries) return true;
  const industry = customer.industry === undefined ? undefined : uniqueForm(customer.industry);
  return industries.some((one) => uniqueForm(one) === industry);
}

/** The order in which definitions are asked whether they apply: by priority, the newest version first. */
export const byPrecedence = (a: Definition, b: Definition) =>
  b.priority - a.priority || b.version - a.version;

type Interactions = readonly ScoredInteraction[];

interface Reading {
  readonly value: number | null;
  /** ISO instant of the newest that was looked at; null where the source is about how things stand. */
  readonly newest: string | null;
  readonly evidence: readonly Evidence[];
}

const NOTHING: Reading = { value: null, newest: null, evidence: [] };
const standing = (value: number | null): Reading => ({ value, newest: null, evidence: [] });

const ofInteraction = ({
  id,
  interaction_type,
  sentiment,
  interaction_date,
}: ScoredInteraction): Evidence => ({
  type: "interaction",
  id: id ?? `${interaction_type} ${sentiment} ${interaction_date}`,
  at: interaction_date,
  what: interaction_type,
});

const ofResponse = ({ id, survey_type, score, submitted_at }: ScoredResponse): Evidence => ({
  type: "survey",
  id: id ?? `${survey_type} ${score} ${submitted_at}`,
  at: submitted_at,
  what: survey_type,
  value: score,
});

export const newestFirst = (evidence: Evidence[]) =>
  evidence.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));

const newestOf = (interactions: Interactions): string | null =>
  interactions.reduce<string | null>(
    (latest, { interaction_date: at }) => (latest === null || at > latest ? at : latest),
    null,
  );

/** Points of an interaction as decision 12 counts them. */
const CONTACT_POINTS: Readonly<Partial<Record<InteractionType, number>>> = {
  meeting: 15,
  training: 15,
  call: 10,
  email: 5,
};
const isContact = ({ interaction_type }: ScoredInteraction) => interaction_type in CONTACT_POINTS;
const isSupport = ({ interaction_type }: ScoredInteraction) =>
  interaction_type === "support_ticket" || interaction_type === "escalation";

const sumOf = (interactions: Interactions, points: (one: ScoredInteraction) => number) =>
  interactions.reduce((sum, one) => sum + points(one), 0);

const supportPoints = ({ interaction_type, sentiment }: ScoredInteraction) => {
  if (interaction_type === "escalation") return 10;
  if (interaction_type !== "support_ticket") return 0;
  return sentiment === "negative" ? 7 : 2;
};
const SENTIMENT_POINTS = { positive: 100, neutral: 0, negative: -100 } as const;

/** What sources read: everything within some days before the instant, made once for each number of days. */
class Situation {
  readonly inputs: Inputs;
  readonly at: Date;
  readonly #within = new Map<number, ReturnType<typeof activityWithin>>();
  constructor(inputs: Inputs, at: Date) {
    this.inputs = inputs;
    this.at = at;
  }
  within(days: number) {
    const known = this.#within.get(days) ?? activityWithin(this.inputs, days, this.at);
    this.#within.set(days, known);
    return known;
  }
}

type Read = (situation: Situation, days: number) => Reading;

/** A figure over interactions: known where there is one of those that `isKnownBy` names. */
const overInteractions =
  (
    isKnownBy: (one: ScoredInteraction) => boolean,
    isEvidence: (one: ScoredInteraction) => boolean,
    figure: (known: Interactions) => number,
  ): Read =>
  (situation, days) => {
    const known = situation.within(days).interactions.filter(isKnownBy);
    if (known.length === 0) return NOTHING;
    return {
      value: figure(known),
      newest: newestOf(known),
      evidence: newestFirst(known.filter(isEvidence).map(ofInteraction)),
    };
  };

const any = () => true;

const READ: Readonly<Record<MeasureSource, Read>> = {
  adoption: ({ inputs, at }) => standing(adoption({ ...inputs, now: at }).score),
  financial: ({ inputs, at }) => standing(financial({ ...inputs, now: at }).score),
  engagement: (situation, days) => {
    const { interactions } = situation.within(days);
    return {
      ...standing(engagement(interactions).score),
      evidence: newestFirst(interactions.filter(isContact).map(ofInteraction)),
    };
  },
  support: (situation, days) => {
    const { interactions, responses } = situation.within(days);
    return {
      ...standing(support(interactions, responses).score),
      evidence: newestFirst([
        ...interactions.filter(isSupport).map(ofInteraction),
        ...responses.map(ofResponse),
      ]),
    };
  },
  products: ({ inputs }) => standing(new Set(inputs.products).size),
  open_escalations: ({ inputs: { open_escalations = [] } }) => ({
    ...standing(open_escalations.length),
    evidence: newestFirst([...open_escalations]),
  }),
  contract_age_days: ({ inputs: { contract_start_date: start }, at }) =>
    standing(start === undefined ? null : daysBetween(start, dateOf(at))),
  days_to_contract_end: ({ inputs: { contract_end_date: end }, at }) =>
    standing(end === undefined ? null : daysBetween(dateOf(at), end)),
  contacts: overInteractions(isContact, isContact, (known) =>
    sumOf(known, ({ interaction_type }) => CONTACT_POINTS[interaction_type] ?? 0),
  ),
  support_load: overInteractions(any, isSupport, (known) => sumOf(known, supportPoints)),
  escalations: overInteractions(
    any,
    ({ interaction_type }) => interaction_type === "escalation",
    (known) => known.filter(({ interaction_type }) => interaction_type === "escalation").length,
  ),
  sentiment: overInteractions(
    any,
    ({ sentiment }) => sentiment !== "neutral",
    (known) => sumOf(known, ({ sentiment }) => SENTIMENT_POINTS[sentiment]) / known.length,
  ),
  days_since_contact: (situation, days) => {
    const newest = newestOf(situation.within(days).interactions);
    if (newest === null) return NOTHING;
    const last = situation
      .within(days)
      .interactions.filter(({ interaction_date }) => interaction_date === newest);
    const value = Math.floor((situation.at.getTime() - Date.parse(newest)) / DAY_MS);
    return { value, newest, evidence: last.slice(0, 1).map(ofInteraction) };
  },
  satisfaction: (situation, days) => {
    const { responses } = situation.within(days);
    if (responses.length === 0) return NOTHING;
    const evidence = newestFirst(responses.map(ofResponse));
    const value = responses.reduce((sum, one) => sum + satisfaction(one), 0) / responses.length;
    return { value, newest: evidence[0]?.at ?? null, evidence };
  },
};

const within0To100 = (value: number) => Math.max(0, Math.min(100, value));

function transformed(transform: MeasureTransform, value: number): number {
  if (transform.type === "as_is") return within0To100(value);
  if (transform.type === "linear") {
    const { from, to } = transform;
    if (from === to) return value >= to ? 100 : 0;
    return within0To100((100 * (value - from)) / (to - from));
  }
  const reached = transform.steps.filter(({ at_least }) => value >= at_least);
  return reached.length === 0
    ? transform.otherwise
    : reached.reduce((best, step) => (step.at_least > best.at_least ? step : best)).score;
}

/** A measure before weights are shared out. */
interface Found extends Omit<Measured, "effective_weight"> {
  readonly weight: number;
}

/** Neither good nor bad. */
export const NEUTRAL = 50;

const MISSING_SCORE = { exclude: null, carry: null, neutral: NEUTRAL, low: 0 } as const;

function measure(
  { key, source, window_days, max_age_days, transform, weight, missing }: ScoreMeasure,
  situation: Situation,
): Found {
  const days = window_days ?? WINDOW_DAYS;
  let { value, newest, evidence } = READ[source](situation, days);
  let isInWindow = true;
  if (value === null && max_age_days !== null && max_age_days > days) {
    isInWindow = false;
    ({ value, newest, evidence } = READ[source](situation, max_age_days));
  }
  const about = { key, source, weight, evidence };
  if (value === null)
    return { ...about, value, score: MISSING_SCORE[missing], state: "missing", as_of: null };
  const isFresh =
    isInWindow &&
    (newest === null ||
      max_age_days === null ||
      situation.at.getTime() - Date.parse(newest) <= max_age_days * DAY_MS);
  const as_of = newest ?? situation.at.toISOString();
  if (isFresh) return { ...about, value, score: transformed(transform, value), state: "measured", as_of };
  const score = missing === "carry" ? carried(value, transform, isInWindow) : MISSING_SCORE[missing];
  return { ...about, value, score, state: "stale", as_of };
}

/** What is too old for its window still counts until its age limit; beyond that it is left out. */
const carried = (value: number, transform: MeasureTransform, isInWindow: boolean) =>
  isInWindow ? null : transformed(transform, value);

/** The band of a score. */
export function bandOf({ bands }: Pick<Definition, "bands">, score: number): HealthRisk {
  if (score >= bands.low) return "low";
  if (score >= bands.medium) return "medium";
  return score >= bands.high ? "high" : "critical";
}

/** For how many days somebody has been silent who was not in touch within a window: as far as it and the contract reach. */
function silence({ inputs: { contract_start_date: start }, at }: Situation, days: number): number {
  const age = start === undefined ? days : daysBetween(start, dateOf(at));
  return Math.max(0, Math.min(days, age));
}

/** The lowest cap that holds. @param weighted the score before caps, unrounded */
function capOf({ caps }: Definition, situation: Situation, weighted: number): Evaluation["cap"] {
  let lowest: Evaluation["cap"] = null;
  for (const { source, window_days, at_least, at_most } of caps) {
    const days = window_days ?? WINDOW_DAYS;
    const { value, evidence } = READ[source](situation, days);
    const known = value ?? (source === "days_since_contact" ? silence(situation, days) : null);
    const points = Math.min(0, at_most - weighted);
    if (known !== null && known >= at_least && points < (lowest?.points ?? 0))
      lowest = { source, points, evidence };
  }
  return lowest;
}

/** To a millionth, as weights such as 0.1 and 0.2 do not add up in binary. */
const rounded = (share: number) => Math.round(share * 1e6) / 1e6;

/**
 * What a definition says of a customer.
 *
 * A measure that is missing or stale counts as its rule says; the weight of those that are left out goes to the others,
 * in proportion. Where all are left out, nothing can be said: 50, and the band is `unknown`.
 *
 * @param inputs what was known at the instant
 */
export function evaluate(definition: Definition, inputs: Inputs, at: Date): Evaluation {
  const situation = new Situation(inputs, at);
  const found = definition.measures.map((one) => measure(one, situation));
  let [total, counted, measured, sum] = [0, 0, 0, 0];
  for (const { weight, score, state } of found) {
    total += weight;
    if (state === "measured") measured += weight;
    if (score === null) continue;
    counted += weight;
    sum += weight * score;
  }
  const weighted = counted > 0 ? sum / counted : NEUTRAL;
  const cap = capOf(definition, situation, weighted);
  const score = roundScore(weighted + (cap?.points ?? 0));
  const coverage = total > 0 ? rounded(measured / total) : 0;
  return {
    version: definition.version,
    score,
    band:
      counted === 0 || coverage < rounded(definition.min_coverage) ? "unknown" : bandOf(definition, score),
    coverage,
    measures: found.map(({ weight, ...one }) => ({
      ...one,
      effective_weight: one.score === null || counted === 0 ? 0 : weight / counted,
    })),
    cap,
  };
}

/** How many days of activity a definition looks at. */
export const lookBackDays = ({ measures, caps }: Pick<Definition, "measures" | "caps">): number =>
  Math.max(
    WINDOW_DAYS,
    ...measures.map(({ window_days, max_age_days }) => Math.max(window_days ?? 0, max_age_days ?? 0)),
    ...caps.map(({ window_days }) => window_days ?? 0),
  );
