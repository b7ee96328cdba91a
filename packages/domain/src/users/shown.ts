import type { User } from "@success-manager/contract/user";
import type { StoredUser } from "../table/index.ts";

/** A user as the API shows it; in this order, which the database does not keep. */
export const shown = (user: StoredUser): User => ({
  id: user.id,
  email: user.email,
  full_name: user.full_name,
  role: user.role,
  is_active: user.is_active,
  last_login: user.last_login ?? null,
  created_at: user.created_at,
  updated_at: user.updated_at,
  revision: user.revision,
});
