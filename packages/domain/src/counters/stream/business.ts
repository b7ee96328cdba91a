import { ENTITY_NAME } from "../../table/index.ts";
import type { Change } from "./apply.ts";

/** What people would call progress: how many scores were written, surveys answered, alerts opened, reports made. */
export interface BusinessEvents {
  readonly ScoresWritten: number;
  readonly SurveysAnswered: number;
  readonly AlertsOpened: number;
  readonly ReportsMade: number;
}

const NEW: Readonly<Record<string, keyof BusinessEvents>> = {
  score: "ScoresWritten",
  survey: "SurveysAnswered",
  alert: "AlertsOpened",
};

function eventOf({ before, after }: Pick<Change, "before" | "after">): keyof BusinessEvents | undefined {
  const kind = after?.[ENTITY_NAME];
  if (kind === "report")
    return after?.status === "completed" && before?.status !== "completed" ? "ReportsMade" : undefined;
  return before === undefined ? NEW[String(kind)] : undefined;
}

/** Counts them among changes, for metrics: a change that is delivered twice counts twice. */
export function businessEvents(changes: readonly Pick<Change, "before" | "after">[]): BusinessEvents {
  const counts = { ScoresWritten: 0, SurveysAnswered: 0, AlertsOpened: 0, ReportsMade: 0 };
  for (const change of changes) {
    const event = eventOf(change);
    if (event) counts[event] += 1;
  }
  return counts;
}
