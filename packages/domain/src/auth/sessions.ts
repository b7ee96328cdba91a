/** Where somebody is signed in. */
import type { Session } from "@success-manager/contract/account";
import type { UserActor } from "@success-manager/contract/dsl/endpoint";
import { notFound, unauthorized } from "@success-manager/contract/problem";
import {
  commit,
  commitOne,
  deleteItem,
  getOrThrow,
  getRequest,
  partitions,
  query,
  RETRY,
  SessionEntity,
  type StoredSession,
  UserEntity,
  updateItem,
  withOptimisticRetry,
} from "../table/index.ts";

const MOST = 100;
/** Sessions that ended stay until the table's TTL removes them; no more than this are looked through. */
const MAX_PAGES = 5;
const PAGE_SIZE = 200;

const loadUser = (id: string) => getOrThrow(getRequest(UserEntity, id), "User");

/** A user's sessions that are alive, newest first. */
async function liveSessions(user_id: string, epoch: number): Promise<StoredSession[]> {
  const now = Date.now() / 1000;
  const found: StoredSession[] = [];
  let pages = 0;
  const all = { partition: partitions.sessions(user_id), order: "desc", consistent: true } as const;
  for await (const { items } of query<StoredSession>(all, { pageSize: PAGE_SIZE })) {
    found.push(...items.filter((session) => session.epoch === epoch && session.expires_at_epoch > now));
    if (found.length >= MOST || ++pages >= MAX_PAGES) break;
  }
  return found.slice(0, MOST);
}

const toSession = (session: StoredSession, current: string): Session => ({
  id: session.id,
  device_info: session.user_agent ?? "Unknown device",
  ip_address: session.ip_address ?? null,
  location: null,
  created_at: session.created_at,
  last_active: session.last_active,
  expires_at: new Date(session.expires_at_epoch * 1000).toISOString(),
  is_current: session.id === current,
});

/** The actor's sessions that are alive, last used first; the newest 100. */
export async function listSessions(actor: UserActor): Promise<Session[]> {
  const { session_epoch } = await loadUser(actor.id);
  const sessions = await liveSessions(actor.id, session_epoch);
  return sessions
    .toSorted((a, b) => (a.last_active < b.last_active ? 1 : -1))
    .map((session) => toSession(session, actor.session_id));
}

/** Ends one of the actor's sessions. @throws 404 when there is none of this id, or it has ended */
export async function endSession(actor: UserActor, id: string): Promise<{ message: string }> {
  const ended = await commitOne(deleteItem(SessionEntity.remove({ user_id: actor.id, id })));
  if (!ended) throw notFound("Session");
  return { message: "The session is ended: its device is signed out." };
}

/** Ends all of the actor's sessions but this one. @throws 401 when this one ends at the same time */
export async function endOtherSessions(actor: UserActor): Promise<{ message: string }> {
  return withOptimisticRetry(async () => {
    const { session_epoch } = await loadUser(actor.id);
    const others = (await liveSessions(actor.id, session_epoch)).length - 1;
    const epoch = session_epoch + 1;
    const failed = await commit([
      updateItem(
        UserEntity.patch({ id: actor.id })
          .set({ session_epoch: epoch })
          .where((stored, { eq }) => eq(stored.session_epoch, session_epoch)),
      ),
      updateItem(
        SessionEntity.patch({ user_id: actor.id, id: actor.session_id })
          .set({ epoch })
          .where((stored, { eq }) => eq(stored.epoch, session_epoch)),
      ),
    ]);
    if (failed.includes(0)) return RETRY;
    if (failed.length > 0) throw unauthorized("This session has ended. Sign in again.");
    return { message: sentence(others) };
  });
}

function sentence(others: number): string {
  if (others <= 0) return "You are signed in nowhere else.";
  if (others === 1) return "Your other session is ended: its device is signed out.";
  return `All ${others < MOST - 1 ? `${others} ` : ""}other sessions are ended: their devices are signed out.`;
}
