import { HEALTH_BANDS, type HealthBand } from "@success-manager/contract/dashboard-figures";
import type { ScoreTrend } from "@success-manager/contract/vocabulary";
import type { Cell, Tone } from "@success-manager/pdf/document";
import { healthBand } from "../../portfolio/index.ts";
import type { LatestScore } from "../../table/index.ts";

/** How reports name and colour health. */

interface Named {
  readonly label: string;
  readonly tone: Tone;
}

/** Best first. */
export const BANDS: readonly (readonly [HealthBand, Named])[] = [
  ["excellent", { label: "Healthy (80–100)", tone: "good" }],
  ["good", { label: "Needs attention (60–79)", tone: "fair" }],
  ["at_risk", { label: "At risk (40–59)", tone: "poor" }],
  ["critical", { label: "Critical (0–39)", tone: "bad" }],
];

const TONES = new Map(BANDS.map(([band, { tone }]) => [band, tone]));

/** The colour of a score from 0 to 100, or of a mean of them. */
export const scoreTone = (score: number): Tone => TONES.get(healthBand(score)) ?? "neutral";

/** A score in a table; who has none is said so. */
export const scoreCell = (score: number | undefined): Cell =>
  score === undefined
    ? { text: "Not scored", tone: "neutral" }
    : { text: String(score), tone: scoreTone(score) };

/** Scores below this are at risk (decision 13). */
export const AT_RISK_BELOW = HEALTH_BANDS.good.min;

export const TRENDS: readonly (readonly [ScoreTrend, Named])[] = [
  ["improving", { label: "Improving", tone: "good" }],
  ["stable", { label: "Stable", tone: "neutral" }],
  ["declining", { label: "Declining", tone: "bad" }],
];

const TREND_CELLS = new Map(TRENDS.map(([trend, { label, tone }]) => [trend, { text: label, tone }]));

export const trendCell = (trend: ScoreTrend): Cell => TREND_CELLS.get(trend) ?? trend;

/** What a score is made of. */
export const COMPONENTS = [
  ["Adoption", "adoption_score"],
  ["Engagement", "engagement_score"],
  ["Support", "support_score"],
  ["Financial", "financial_score"],
] as const satisfies (readonly [string, keyof LatestScore])[];

/** Below this a component is a concern of its own. */
export const LOW_COMPONENT = 50;
