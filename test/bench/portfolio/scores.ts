import { decideScore, EQUAL_WEIGHTS } from "@success-manager/domain/health";
import type {
  LatestScore,
  StoredInteraction,
  StoredScore,
  StoredSurvey,
} from "@success-manager/domain/table";
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
    const input = { customer, latest, deployments, interactions: contacts, responses: answers };
    const decision = decideScore(input, now, EQUAL_WEIGHTS);
    latest = { ...decision.latest, changed_at: customer.changed_at };
    scores.push(decision.score);
  }
  return { scores, latest };
}
