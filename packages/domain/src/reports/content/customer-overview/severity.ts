import type { Severity } from "@success-manager/contract/vocabulary";
import type { Cell, Tone } from "@success-manager/pdf/document";
import { termText } from "../wording.ts";

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = {
  critical: "bad",
  high: "poor",
  medium: "fair",
  low: "neutral",
};

export const severityCell = (severity: Severity): Cell => ({
  text: termText(severity),
  tone: SEVERITY_TONES[severity],
});
