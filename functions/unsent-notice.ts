import type { User } from "@success-manager/contract/user";
import type { ChangedUser } from "@success-manager/domain/users";
import { logger } from "@success-manager/lambda";

/** The changed user as the answer shows it; logs when the old address could not be told of the new one. */
export function userOf({ user, notice }: ChangedUser): User {
  if (notice && notice.mail_status !== "sent")
    logger.warn("notice not sent", {
      user_id: user.id,
      status: notice.mail_status,
      reason: notice.mail_error,
    });
  return user;
}
