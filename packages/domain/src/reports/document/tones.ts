import type { HealthBand } from "@success-manager/contract/dashboard-figures";
import { scaleOf } from "@success-manager/contract/surveys";
import type { ScoreTrend, Sentiment, Severity, SurveyType } from "@success-manager/contract/vocabulary";
import type { Cell, Tone } from "@success-manager/pdf/document";
import { healthBand, isUnknown } from "../../portfolio/index.ts";
import { lowScoreSeverity } from "../../surveys/index.ts";
import type { LatestScore } from "../../table/index.ts";
import { formatDaysLeft, formatNumber, formatTerm } from "./format.ts";
import { say } from "./words.ts";

/** What reports call good and bad, and the color of it. */

/** Bands of health scores, best first. */
export const BANDS: readonly (readonly [HealthBand, Tone])[] = [
  ["excellent", "good"],
  ["good", "fair"],
  ["at_risk", "poor"],
  ["critical", "bad"],
];

const BAND = new Map(BANDS);

/** `At risk (40–59)` */
export const formatBand = (band: HealthBand): string => say(`band.${band}`);

/** The same of a customer's score, or that too little is known. */
export const bandLabel = (score: LatestScore): string =>
  isUnknown({ score }) ? say("band.unknown") : formatBand(healthBand(score.overall_score));

/** Of a health score from 0 to 100, or of a mean of them. */
export const scoreTone = (score: number): Tone => BAND.get(healthBand(score)) ?? "neutral";

/** A health score in a table, or a mean of them with one decimal. */
export const scoreCell = (score: number | null | undefined, decimals: 0 | 1 = 0): Cell =>
  score === undefined || score === null
    ? { text: say("value.not_scored"), tone: "neutral" }
    : { text: formatNumber(score, decimals), tone: scoreTone(score) };

export const TRENDS: readonly (readonly [ScoreTrend, Tone])[] = [
  ["improving", "good"],
  ["stable", "neutral"],
  ["declining", "bad"],
];

const TREND = new Map(TRENDS);

export const trendTone = (trend: ScoreTrend): Tone => TREND.get(trend) ?? "neutral";

export const trendCell = (trend: ScoreTrend): Cell => ({ text: formatTerm(trend), tone: trendTone(trend) });

/** What a health score is made of. */
export const COMPONENTS = [
  "adoption_score",
  "engagement_score",
  "support_score",
  "financial_score",
] as const satisfies (keyof LatestScore)[];
export type Component = (typeof COMPONENTS)[number];

/** A component, or the score of all of them, as tables and charts call it: `Adoption`. */
export const formatComponent = (component: Component | "overall_score"): string =>
  say(`component.${component}`);

/** Below this a component is a risk of its own. */
export const LOW_COMPONENT = 50;

/** From how much on a change is good or bad news; less is noise, and has no color. In the unit of the figure. */
export const MATTERS = { health: 1, csat: 0.1, nps: 5, share: 1 } as const;

/** Of a share in percent that should be small, such as customers who score below 60. */
export function badShareTone(percent: number): Tone {
  if (percent >= 20) return "bad";
  if (percent >= 10) return "poor";
  return percent >= 5 ? "fair" : "good";
}

/** Worst first. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const satisfies Severity[];

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = {
  critical: "bad",
  high: "poor",
  medium: "fair",
  low: "neutral",
};

export const severityCell = (severity: Severity): Cell => ({
  text: formatTerm(severity),
  tone: SEVERITY_TONES[severity],
});

export const SENTIMENT_TONES: Readonly<Record<Sentiment, Tone>> = {
  positive: "good",
  neutral: "neutral",
  negative: "bad",
};

/** Up to how many days before its end a contract or a license is urgent, and up to how many it ends soon. */
const URGENT_DAYS = 14;
const SOON_DAYS = 45;

/** Of an end so many days ahead; undefined while it is far. */
export const daysLeftTone = (days: number): Tone | undefined => {
  if (days <= URGENT_DAYS) return "bad";
  return days <= SOON_DAYS ? "fair" : undefined;
};

/** Days until an end, colored while it is soon. */
export function daysLeftCell(days: number): Cell {
  const tone = daysLeftTone(days);
  const text = formatDaysLeft(days);
  return tone === undefined ? text : { text, tone };
}

/** Of a mean from 1 to 5, by the scores that it lies between. */
export const csatTone = (average: number): Tone => {
  if (average >= 4) return "good";
  if (average >= 3) return "fair";
  return average > 2 ? "poor" : "bad";
};

/** Of an NPS score from 0 to 10. */
export const npsTone = (score: number): Tone => {
  if (score >= 9) return "good";
  return score >= 7 ? "fair" : "bad";
};

interface Rating {
  readonly survey_type: SurveyType;
  readonly score: number;
}

/** Whether a response is low: up to 2 of 5, and up to 6 of 10 in NPS surveys (decision 16). */
export const isLow = ({ survey_type, score }: Rating): boolean =>
  lowScoreSeverity(survey_type, score) !== undefined;

/** Whether a response is praise: 4 and 5 of 5, 9 and 10 of 10. */
export const isHigh = ({ survey_type, score }: Rating): boolean => score >= (survey_type === "nps" ? 9 : 4);

/** `4 of 5`, `9 of 10` */
export const formatRating = ({ survey_type, score }: Rating): string =>
  say("value.rating", { score, max: scaleOf(survey_type).max });

export const ratingCell = (rating: Rating): Cell =>
  isLow(rating) ? { text: formatRating(rating), tone: "bad" } : formatRating(rating);
