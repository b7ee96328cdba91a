import { Problem } from "@success-manager/contract/problem";
import { emailKey, find, getRequest, LoginEntity, type StoredUser } from "@success-manager/domain/table";
import { createUser, hashPassword } from "@success-manager/domain/users";
import { accounts, type DemoAccount } from "./accounts.ts";
import { daysAfter, hoursAfter, startOfDay } from "./dates.ts";
import { demoId, randomOf } from "./random.ts";

/** Older than every contract of the demo. */
const JOINED_DAYS = 760;

/** A user of the demo as it is stored; signed in some time in the last week. */
export function demoUser({ email, full_name, role }: DemoAccount, now: Date): StoredUser {
  const random = randomOf(email);
  const joined = daysAfter(startOfDay(now), -JOINED_DAYS - random.whole(0, 60));
  const created_at = hoursAfter(joined, random.whole(8 * 12, 16 * 12) / 12).toISOString();
  const last_login = hoursAfter(startOfDay(now), -random.whole(1, 7 * 24 * 12) / 12).toISOString();
  return {
    id: demoId("user", email),
    email,
    full_name,
    role,
    is_active: true,
    last_login,
    created_at,
    updated_at: created_at,
    revision: 1,
    session_epoch: 1,
  };
}

/** The id of the user who signs in with an address. */
const userIdOf = async (email: string) => (await find(getRequest(LoginEntity, emailKey(email))))?.user_id;

/** The demo accounts that are in the table, as long as nobody else took their address first. */
export async function presentAccounts(): Promise<DemoAccount[]> {
  const userIds = await Promise.all(accounts.map(({ email }) => userIdOf(email)));
  return accounts.filter(({ email }, index) => userIds[index] === demoId("user", email));
}

/** A hash takes a third of a second; accounts with the same public password can share one. */
function cachedHashes(): (password: string) => Promise<string> {
  const hashes = new Map<string, Promise<string>>();
  return (password) => {
    const hash = hashes.get(password) ?? hashPassword(password);
    hashes.set(password, hash);
    return hash;
  };
}

/** Creates the accounts that are missing. Returns the ids of all by e-mail address, and how many are new. */
export async function writeAccounts(now: Date): Promise<{ ids: ReadonlyMap<string, string>; added: number }> {
  const hashOf = cachedHashes();
  const members = await Promise.all(
    accounts.map(async (account) => {
      const existing = await userIdOf(account.email);
      if (existing) return { email: account.email, id: existing, added: 0 };
      const user = demoUser(account, now);
      const written = await writeUser(user, await hashOf(account.password), now);
      return {
        email: account.email,
        id: written ? user.id : ((await userIdOf(user.email)) ?? user.id),
        added: Number(written),
      };
    }),
  );
  return {
    ids: new Map(members.map(({ email, id }) => [email, id])),
    added: members.reduce((sum, { added }) => sum + added, 0),
  };
}

/** False when somebody else took the address meanwhile. */
async function writeUser(user: StoredUser, password_hash: string, now: Date): Promise<boolean> {
  try {
    await createUser(user, { password_hash }, { now: now.toISOString() });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 409) return false;
    throw error;
  }
}
