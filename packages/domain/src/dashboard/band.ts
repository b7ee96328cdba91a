import { HEALTH_BANDS, type HealthBand } from "@success-manager/contract/dashboard-figures";

/** What a score from 0 to 100 says about a customer. */
export function bandOf(score: number): HealthBand {
  if (score >= HEALTH_BANDS.excellent.min) return "excellent";
  if (score >= HEALTH_BANDS.good.min) return "good";
  return score >= HEALTH_BANDS.at_risk.min ? "at_risk" : "critical";
}
