import type { AlertType, Severity } from "@success-manager/contract/vocabulary";

/**
 * What an alert can be about. At most one alert is open per customer and condition (decision 16); everything that
 * only happens once, such as a survey answer, is a condition of its own.
 */
export const CONTRACT = "contract";
export const INACTIVITY = "inactivity";
export const LICENSE = "license#";
export const HEALTH = "health#";
const SURVEY = "survey#";
const INTERACTION = "interaction#";
const MANUAL = "manual#";
export const alertKey = {
  contract: CONTRACT,
  inactivity: INACTIVITY,
  license: (deployment_id: string) => `${LICENSE}${deployment_id}`,
  /** `overall` or a component's name. */
  health: (what: string) => `${HEALTH}${what}`,
  survey: (survey_id: string) => `${SURVEY}${survey_id}`,
  interaction: (interaction_id: string) => `${INTERACTION}${interaction_id}`,
  /** Raised by a person; nothing ends it but a person. */
  manual: (alert_id: string) => `${MANUAL}${alert_id}`,
} as const;

/** True for what happened once and does not last: when its alert is resolved, nothing is left to watch. */
export const isOneOff = (condition: string) =>
  [SURVEY, INTERACTION, MANUAL].some((kind) => condition.startsWith(kind));

/** A condition that holds now, and what an alert about it says. */
export interface Detection {
  readonly customer_id: string;
  readonly condition: string;
  readonly alert_type: AlertType;
  readonly severity: Severity;
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
