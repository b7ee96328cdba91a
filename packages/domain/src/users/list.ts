import type { Paging } from "@success-manager/contract/paging";
import type { UserFilter } from "@success-manager/contract/users";
import { formatCursor, parseInstantCursor, type StoredUser, UserEntity } from "../table/index.ts";
import { shown } from "./shown.ts";

/** All users, newest first. A team is small: this reads one page of about a thousand. */
async function all(): Promise<StoredUser[]> {
  const { data } = await UserEntity.query.byType({}).go({ order: "desc", pages: "all" });
  return data;
}

/**
 * Newest first; `search` is part of the address or the name, any case.
 * @throws 422 when the cursor is not one of ours
 */
export async function list({ skip, limit, cursor, search, role, is_active }: UserFilter) {
  const needle = search?.toLowerCase();
  const matching = (await all()).filter(
    (user) =>
      (role === undefined || user.role === role) &&
      (is_active === undefined || user.is_active === is_active) &&
      (needle === undefined ||
        user.email.toLowerCase().includes(needle) ||
        user.full_name.toLowerCase().includes(needle)),
  );
  return pageOf(matching, { skip, limit, cursor });
}

/** Where a page starts: right behind the position of the cursor, whether or not that user still matches. */
function startOf(users: StoredUser[], cursor: string): number {
  const last = parseInstantCursor(cursor);
  const index = users.findIndex(
    ({ created_at, id }) => created_at < last.value || (created_at === last.value && id < last.id),
  );
  return index < 0 ? users.length : index;
}

function pageOf(users: StoredUser[], { skip, limit, cursor }: Paging) {
  const start = cursor === undefined ? skip : startOf(users, cursor);
  const page = users.slice(start, start + limit);
  const last = page.at(-1);
  return {
    users: page.map(shown),
    total: users.length,
    skip,
    limit,
    next_cursor:
      last && start + limit < users.length ? formatCursor({ value: last.created_at, id: last.id }) : null,
  };
}
