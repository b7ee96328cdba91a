import type { Paging } from "@success-manager/contract/paging";
import { forbidden } from "@success-manager/contract/problem";
import { compareText, searchForm } from "@success-manager/contract/text";
import type { AccountManager, User } from "@success-manager/contract/user";
import { ACCOUNT_MANAGER_ROLES, type UserFilter } from "@success-manager/contract/users";
import type { CustomerAccess } from "@success-manager/contract/vocabulary";
import * as z from "zod";
import { config } from "../config.ts";
import {
  batchGet,
  batchGetItems,
  emailKey,
  formatCursor,
  getRequest,
  parseCursor,
  parseInstantCursor,
  partitions,
  primaryKey,
  queryAll,
  type StoredUser,
  UserEntity,
  writerName,
} from "../table/index.ts";

/** All users, newest first. A team is small: this reads one page of about a thousand. */
const all = () => queryAll<StoredUser>({ partition: partitions.type("user"), order: "desc" });

/** Whose customers a user sees; admins see all, and so does who was made before there was a choice. */
export const accessOf = ({ role, access = "all" }: Pick<StoredUser, "role" | "access">): CustomerAccess =>
  role === "admin" ? "all" : access;

let origin: string | undefined;

/** Where everybody can load a picture who knows its name. */
export function avatarUrl(file: string): string {
  origin ??= config().PUBLIC_URL ?? config().GATEWAY_URL ?? "";
  return `${origin}/api/v1/users/avatars/${file}`;
}

/** A user as the API shows it; in this order, which the database does not keep. */
export const toUser = (user: StoredUser): User => ({
  id: user.id,
  email: user.email,
  full_name: user.full_name,
  phone: user.phone ?? null,
  role: user.role,
  access: accessOf(user),
  team: user.team ?? null,
  is_active: user.is_active,
  last_login: user.last_login ?? null,
  invited_at: user.invited_at ?? null,
  avatar_url: user.avatar === undefined ? null : avatarUrl(user.avatar),
  two_factor_enabled: user.second_factor_at !== undefined,
  created_at: user.created_at,
  updated_at: user.updated_at,
  updated_by: writerName(user.written_by),
  revision: user.revision,
});

/** As pickers show a user. */
const toAccountManager = ({ id, full_name, email, role }: StoredUser): AccountManager => ({
  id,
  full_name,
  email,
  role,
});

/** Whether somebody can manage an account: as `customers/list.ts` says it of the directory. */
const isAccountManager = ({ is_active, role }: StoredUser) => is_active && role !== "viewer";

/** What the web client calls a viewer. */
const ROLE_NAMES: Readonly<Record<string, string>> = { user: "viewer" };

/**
 * For admins all users, newest first; for everybody those who can manage an account, by name, when `role` asks for
 * them. `search` is part of the address or the name, any case.
 *
 * @throws 403 for other users than account managers, to whoever is no admin; 422 when the cursor is not one of ours
 */
export async function list(
  { skip, limit, cursor, search, role, is_active }: UserFilter,
  actor: Pick<User, "role">,
) {
  const asksForManagers = role !== undefined && ACCOUNT_MANAGER_ROLES.includes(role);
  if (!asksForManagers && actor.role !== "admin")
    throw forbidden("Only admins may see all users; role=account_manager is for everybody.");
  const hasRole = (user: StoredUser) =>
    role === undefined ||
    (asksForManagers ? isAccountManager(user) : user.role === (ROLE_NAMES[role] ?? role));
  const matching = (await all()).filter(
    (user) =>
      hasRole(user) &&
      (is_active === undefined || user.is_active === is_active) &&
      (search === undefined ||
        searchForm(user.email).includes(search) ||
        searchForm(user.full_name).includes(search)),
  );
  const paging = { skip, limit, cursor };
  return asksForManagers
    ? paginate(matching.toSorted(byName), paging, BY_NAME, toAccountManager)
    : paginate(matching, paging, NEWEST_FIRST, toUser);
}

const LoginOwner = z.object({ email_key: z.string(), user_id: z.string() });

/**
 * Whose these addresses are, up to 100, by key (`emailKey`). An address that is no user's is not among them. Two strongly
 * consistent requests, one where none is a user's.
 */
export async function usersAmong(addresses: readonly string[]): Promise<ReadonlyMap<string, StoredUser>> {
  const keys = [...new Set(addresses.map(emailKey))];
  const found = await batchGetItems(
    keys.map((key) => primaryKey("login", key)),
    // Who asks this may see nothing else of log-ins (infra/permissions.ts).
    { consistent: true, fields: ["email_key", "user_id"] },
  );
  const logins = found.flatMap((login) => (login ? [LoginOwner.parse(login)] : []));
  const users = await batchGet(...logins.map(({ user_id }) => getRequest(UserEntity, user_id)));
  return new Map(logins.flatMap(({ email_key }, n) => (users[n] ? [[email_key, users[n]] as const] : [])));
}

/** Which of up to 100 addresses are those of users who were deactivated, as keys; as `usersAmong` reads them. */
export async function deactivatedAmong(addresses: readonly string[]): Promise<ReadonlySet<string>> {
  const users = await usersAmong(addresses);
  return new Set([...users].filter(([, user]) => !user.is_active).map(([key]) => key));
}

/** An order of users, as cursors continue it. */
interface Order {
  valueOf(user: StoredUser): string;
  parse(cursor: string): { readonly value: string; readonly id: string };
  isAfter(user: StoredUser, position: { readonly value: string; readonly id: string }): boolean;
}

const NEWEST_FIRST: Order = {
  valueOf: ({ created_at }) => created_at,
  parse: parseInstantCursor,
  isAfter: ({ created_at, id }, last) =>
    created_at < last.value || (created_at === last.value && id < last.id),
};

type Named = Pick<StoredUser, "full_name" | "id">;
const byName = (a: Named, b: Named) =>
  compareText(a.full_name, b.full_name) || (a.id < b.id ? -1 : Number(a.id > b.id));

const BY_NAME: Order = {
  valueOf: ({ full_name }) => full_name,
  parse: (cursor) => {
    const { value, id } = parseCursor(cursor);
    return { value: String(value), id };
  },
  isAfter: (user, { value, id }) => byName(user, { full_name: value, id }) > 0,
};

/** Where a page starts: right behind the position of the cursor, whether or not that user still matches. */
function startOf(users: StoredUser[], cursor: string, order: Order): number {
  const last = order.parse(cursor);
  const index = users.findIndex((user) => order.isAfter(user, last));
  return index < 0 ? users.length : index;
}

function paginate<T>(
  users: StoredUser[],
  { skip, limit, cursor }: Paging,
  order: Order,
  toRow: (user: StoredUser) => T,
) {
  const start = cursor === undefined ? skip : startOf(users, cursor, order);
  const page = users.slice(start, start + limit);
  const last = page.at(-1);
  return {
    users: page.map(toRow),
    total: users.length,
    skip,
    limit,
    next_cursor:
      last && start + limit < users.length ? formatCursor({ value: order.valueOf(last), id: last.id }) : null,
  };
}
