import type { HealthScore, MeasuredValue, ScoreSummary } from "@success-manager/contract/scores";
import type { HealthRisk } from "@success-manager/contract/vocabulary";
import { scoreAt } from "../directory/index.ts";
import { oneDecimal } from "../figures.ts";
import type { LatestScore, StoredScore } from "../table/index.ts";
import type { Evidence, Measured } from "./definition.ts";
import type { Drift, NotableChange, Part } from "./movement.ts";

/** What stored scores have in common. */
type Figures = Omit<
  StoredScore,
  "id" | "customer_id" | "product_deployment_id" | "factors" | "measures" | "movement"
>;

/** What else is said of every score: the version that it was calculated by, what that knew, and its band. */
export const versionOf = ({
  definition_version = 1,
  coverage = 1,
  ...score
}: Pick<Figures, "definition_version" | "coverage" | "band" | "risk_level">) => ({
  ...{ definition_version, coverage, band: bandOfScore(score) },
});

/** The band of a stored score, which is its definition's. Nobody makes one of the number. */
export const bandOfScore = ({ band, risk_level }: Pick<Figures, "band" | "risk_level">): HealthRisk =>
  band ?? risk_level;

/** A score, its components and its trend under the specification's names. */
export const toScoreComponents = (score: Figures) => ({
  overall_score: score.overall_score,
  engagement_score: score.engagement_score,
  adoption_score: score.adoption_score,
  support_score: score.support_score,
  financial_score: score.financial_score,
  score_trend: score.score_trend,
  ...versionOf(score),
});

/** A score with its components under all names that clients read. */
export function toScoreSummary(score: Figures): ScoreSummary {
  const { overall_score, adoption_score, engagement_score, support_score, financial_score } = score;
  return {
    overall_score,
    adoption_score,
    engagement_score,
    support_score,
    financial_score,
    product_adoption_score: adoption_score,
    support_health_score: support_score,
    financial_health_score: financial_score,
    sla_compliance_score: null,
    risk_level: score.risk_level,
    score_trend: score.score_trend,
    calculated_at: score.calculated_at,
    ...versionOf(score),
  };
}

/** The newest score that carries a deployment's label, as it holds at an instant (ISO). */
export function labelledScore(
  latest: LatestScore | undefined,
  deployment_id: string,
  instant: string,
): ScoreSummary | null {
  const summary = latest?.by_deployment[deployment_id];
  return summary ? toScoreSummary(scoreAt(summary, instant)) : null;
}

/** How many things a stored measure names: the newest. */
const NAMED = 5;

type StoredEvidence = readonly [id: string, at: string, what: Evidence["what"], value?: number];

/** `type` follows from whether there is a value. */
const encodeEvidence = (evidence: readonly Evidence[], most: number): StoredEvidence[] =>
  evidence
    .slice(0, most)
    .map(({ id, at, what, value }) => (value === undefined ? [id, at, what] : [id, at, what, value]));

const decodeEvidence = (stored: readonly StoredEvidence[]): Evidence[] =>
  stored.map(([id, at, what, value]) =>
    value === undefined ? { type: "interaction", id, at, what } : { type: "survey", id, at, what, value },
  );

export const toEvidence = ({ value, ...evidence }: Evidence) => ({ ...evidence, value: value ?? null });

/** Measures as a score stores them, as lists: names of fields would be most of it. */
export const encodeMeasures = (measures: readonly Measured[]): string =>
  JSON.stringify(
    measures.map(({ key, source, value, score, effective_weight, state, as_of, evidence }) => [
      ...[key, source, rounded(value), rounded(score), rounded(effective_weight), state, as_of],
      encodeEvidence(evidence, NAMED),
    ]),
  );

/** To a ten thousandth: more than anybody reads. */
const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1e4) / 1e4);

type StoredMeasure = readonly [
  ...[string, Measured["source"], number | null, number | null, number, Measured["state"], string | null],
  readonly StoredEvidence[],
];

/** What `encodeMeasures` encoded; of a score from before there were any, its components are its measures. */
export function measuresOf({
  measures,
  factors,
}: Pick<StoredScore, "measures" | "factors">): MeasuredValue[] {
  if (measures !== undefined)
    return (JSON.parse(measures) as StoredMeasure[]).map(
      ([key, source, value, score, effective_weight, state, as_of, evidence]) => ({
        ...{ key, source, value, score: score === null ? null : oneDecimal(score), effective_weight, state },
        ...{ as_of, evidence: decodeEvidence(evidence).map(toEvidence) },
      }),
    );
  const components = Object.entries(JSON.parse(factors) as HealthScore["factors"]);
  const total = components.reduce((sum, [, { weight }]) => sum + weight, 0);
  return components.map(([key, { score, weight }]) => ({
    ...{ key, source: key as keyof HealthScore["factors"], value: score, score, state: "measured" as const },
    ...{ effective_weight: total > 0 ? weight / total : 0, as_of: null, evidence: [] },
  }));
}

type StoredPart = readonly [
  ...[Part["kind"], string | null, Part["source"], number, number | null],
  Part["events"],
  readonly StoredEvidence[],
];

const toStoredParts = (parts: readonly Part[]) =>
  parts.map(
    ({ kind, measure, source, points, days, events, evidence }): StoredPart => [
      ...([kind, measure, source, points, days, events] as const),
      encodeEvidence(evidence, NAMED),
    ],
  );

const fromStoredParts = (stored: readonly StoredPart[]) =>
  stored.map(
    ([kind, measure, source, points, days, events, evidence]): Part => ({
      ...{ kind, measure, source, points, days, events, evidence: decodeEvidence(evidence) },
    }),
  );

/** Parts as a score stores them. */
export const encodeParts = (parts: readonly Part[]): string => JSON.stringify(toStoredParts(parts));

/** What `encodeParts` encoded. */
export const decodeParts = (stored: string): Part[] => fromStoredParts(JSON.parse(stored) as StoredPart[]);

type StoredChange = readonly [from: number, to: number, since: string, at: string, readonly StoredPart[]];

/** A notable change as scores store it: `[from, to, since, at, parts]`. */
export const encodeChange = ({ from, to, since, at, parts }: NotableChange): string =>
  JSON.stringify([from, to, since, at, toStoredParts(parts)] satisfies StoredChange);

/** What `encodeChange` encoded. */
export function decodeChange(stored: string): NotableChange {
  const [from, to, since, at, parts] = JSON.parse(stored) as StoredChange;
  return { from, to, delta: to - from, since, at, parts: fromStoredParts(parts) };
}

/** What has moved since the last notable change: `[since, parts]`. */
export const encodeDrift = ({ since, parts }: Drift): string => JSON.stringify([since, toStoredParts(parts)]);

/** What `encodeDrift` encoded. */
export function decodeDrift(stored: string): Drift {
  const [since, parts] = JSON.parse(stored) as readonly [string, readonly StoredPart[]];
  return { since, parts: fromStoredParts(parts) };
}

/** A score as the API answers it alone and in histories. */
export const toHealthScore = (score: StoredScore): HealthScore => ({
  id: score.id,
  customer_id: score.customer_id,
  product_deployment_id: score.product_deployment_id ?? null,
  ...toScoreSummary(score),
  notes: null,
  factors: JSON.parse(score.factors),
  measures: measuresOf(score),
  calculated_score: score.calculated_score ?? score.overall_score,
  override: score.override ?? null,
});
