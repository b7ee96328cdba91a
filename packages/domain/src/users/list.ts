import type { Paging } from "@success-manager/contract/paging";
import { searchForm } from "@success-manager/contract/text";
import type { User } from "@success-manager/contract/user";
import type { UserFilter } from "@success-manager/contract/users";
import { formatCursor, parseInstantCursor, partitions, queryAll, type StoredUser } from "../table/index.ts";

/** All users, newest first. A team is small: this reads one page of about a thousand. */
const all = () => queryAll<StoredUser>({ partition: partitions.type("user"), order: "desc" });

/** A user as the API shows it; in this order, which the database does not keep. */
export const toUser = (user: StoredUser): User => ({
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

/**
 * Newest first; `search` is part of the address or the name, any case.
 * @throws 422 when the cursor is not one of ours
 */
export async function list({ skip, limit, cursor, search, role, is_active }: UserFilter) {
  const matching = (await all()).filter(
    (user) =>
      (role === undefined || user.role === role) &&
      (is_active === undefined || user.is_active === is_active) &&
      (search === undefined ||
        searchForm(user.email).includes(search) ||
        searchForm(user.full_name).includes(search)),
  );
  return paginate(matching, { skip, limit, cursor });
}

/** Where a page starts: right behind the position of the cursor, whether or not that user still matches. */
function startOf(users: StoredUser[], cursor: string): number {
  const last = parseInstantCursor(cursor);
  const index = users.findIndex(
    ({ created_at, id }) => created_at < last.value || (created_at === last.value && id < last.id),
  );
  return index < 0 ? users.length : index;
}

function paginate(users: StoredUser[], { skip, limit, cursor }: Paging) {
  const start = cursor === undefined ? skip : startOf(users, cursor);
  const page = users.slice(start, start + limit);
  const last = page.at(-1);
  return {
    users: page.map(toUser),
    total: users.length,
    skip,
    limit,
    next_cursor:
      last && start + limit < users.length ? formatCursor({ value: last.created_at, id: last.id }) : null,
  };
}
