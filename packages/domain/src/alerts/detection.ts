import { unprocessable } from "@success-manager/contract/problem";
import type { AlertType, Severity } from "@success-manager/contract/vocabulary";
import { dateOf, daysBetween } from "../calendar.ts";

/**
 * The kinds of conditions that an alert can be about. At most one alert is open per customer and condition (decision
 * 16); everything that happens only once, such as a survey response, is a condition of its own.
 */
export const CONTRACT = "contract";
export const INACTIVITY = "inactivity";
export const LICENSE = "license#";
export const HEALTH = "health#";
const SURVEY = "survey#";
const INTERACTION = "interaction#";
const MANUAL = "manual#";

/** The conditions of a customer, as they are stored. */
export const alertKey = {
  contract: CONTRACT,
  inactivity: INACTIVITY,
  license: (deployment_id: string) => `${LICENSE}${deployment_id}`,
  /** `overall`, `coverage` or a component's name. */
  health: (what: string) => `${HEALTH}${what}`,
  survey: (survey_id: string) => `${SURVEY}${survey_id}`,
  interaction: (interaction_id: string) => `${INTERACTION}${interaction_id}`,
  /** Opened by a person; only a person ends it. */
  manual: (alert_id: string) => `${MANUAL}${alert_id}`,
} as const;

/** True for what happened once and does not last: when its alert is resolved, there is nothing left to watch. */
export const isOneOff = (condition: string) =>
  [SURVEY, INTERACTION, MANUAL].some((kind) => condition.startsWith(kind));

/** What a rule found: a condition that holds now, and what an alert about it says. */
export interface Detection {
  readonly customer_id: string;
  readonly condition: string;
  readonly alert_type: AlertType;
  readonly severity: Severity;
  /** How bad the score is that it is about: 0 for low risk to 3 for critical (decision 12). */
  readonly band?: number;
  readonly title: string;
  readonly description: string;
  /** What a score was before it fell. */
  readonly reference?: number;
}

const RANK: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 };

/** From 0 for low to 3 for critical. */
export const rankOf = (severity: Severity) => RANK[severity];

/** True when a severity is worse than another. */
export const isWorse = (severity: Severity, than: Severity) => rankOf(severity) > rankOf(than);

/** How bad something is, to compare with: its severity first, then how bad its score is. */
export const levelOf = ({
  severity,
  band = 0,
}: Pick<Detection, "severity"> & { band?: number | undefined }) => rankOf(severity) * 4 + band;

/** Days that are left, each with the severity that holds from then on; the fewest days first. */
export type SeverityScale = readonly (readonly [days: number, Severity])[];

/** How severe it is that something ends in so many days; undefined while that is far off. */
export const severityByDaysLeft = (daysLeft: number, scale: SeverityScale): Severity | undefined =>
  scale.find(([days]) => daysLeft <= days)?.[1];

/**
 * Whole days from today to a date; negative when it has passed.
 *
 * @param field what the date is called in the error
 * @throws 422 when the stored value is not a date
 */
export function daysUntil(date: string, field: string, now: Date): number {
  const days = daysBetween(dateOf(now), date);
  if (Number.isNaN(days)) throw unprocessable(field, "must be a date");
  return days;
}
