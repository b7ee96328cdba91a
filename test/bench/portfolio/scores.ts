import { plan } from "@success-manager/domain/health";
import type {
  LatestScore,
  StoredInteraction,
  StoredScore,
  StoredSurvey,
} from "@success-manager/domain/table";
import { EQUAL_WEIGHTS } from "../../../packages/domain/src/health/formula.ts";
import type { Company } from "./company.ts";
import { type Time, timeAt } from "./time.ts";

const MONTH_DAYS = 30;

/** A score of each of the last months, and the newest one as the directory has it. */
export function scoresOf(
  { customer, deployments, history }: Company,
  contacts: readonly StoredInteraction[],
  answers: readonly StoredSurvey[],
  { instant }: Time,
): { readonly scores: readonly StoredScore[]; readonly latest: LatestScore | undefined } {
  const scores: StoredScore[] = [];
  let latest: LatestScore | undefined;
  for (let month: number = history.scores; month >= 1; month--) {
    const { now } = timeAt(new Date(instant(month * MONTH_DAYS)));
    const planned = plan({ customer, latest, deployments, contacts, answers }, now, EQUAL_WEIGHTS);
    latest = { ...planned.latest, changed_at: customer.changed_at };
    scores.push(planned.score);
  }
  return { scores, latest };
}
