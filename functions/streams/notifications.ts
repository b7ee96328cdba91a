import { mailNewAlerts } from "@success-manager/domain/alerts";
import { noteAttempt } from "@success-manager/domain/counters/stream";
import { settleFollowUps } from "@success-manager/domain/interactions";
import { mailAccountChanges } from "@success-manager/domain/users";
import { createStreamHandler } from "@success-manager/lambda";

/** What follows from single changes: people are mailed about their accounts, alerts that can't wait for the digest are mailed, follow-ups wait or are open again. */
export const handler = createStreamHandler(
  async (changes, remaining) => [
    ...(await mailNewAlerts(changes, remaining)),
    ...(await mailAccountChanges(changes, remaining)),
    ...(await settleFollowUps(changes)),
  ],
  { noteAttempt },
);
