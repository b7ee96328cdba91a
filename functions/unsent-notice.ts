import type { User } from "@success-manager/contract/user";
import type { ChangedUser } from "@success-manager/domain/users";
import { logger } from "@success-manager/lambda";

/** The changed user as the answer shows it; logs when the old address could not be told of the new one. */
export function userOf({ user, mail_error }: ChangedUser): User {
  if (mail_error) logger.warn("notice not sent", { user_id: user.id, reason: mail_error.message });
  return user;
}
