/** API keys: what admins do with them, and who calls with one. */
import { randomUUID } from "node:crypto";
import {
  type ApiKey,
  type ApiKeyChanges,
  type ApiKeyFilter,
  type IssuedApiKey,
  type NewApiKey,
  Rotation,
} from "@success-manager/contract/api-keys";
import type { KeyActor, UserActor } from "@success-manager/contract/dsl/endpoint";
import {
  conflict,
  type IfMatch,
  notFound,
  requireMatch,
  unauthorized,
} from "@success-manager/contract/problem";
import { DAY_MS } from "../calendar.ts";
import {
  ApiKeyEntity,
  ApiKeyUseEntity,
  batchGet,
  commit,
  commitOne,
  equals,
  type GetRequests,
  getOrThrow,
  getRequest,
  NOT_EXISTS,
  newestPage,
  put,
  RETRY,
  type StoredApiKey,
  type StoredSecret,
  updateItem,
  withOptimisticRetry,
} from "../table/index.ts";
import { constantTimeEqual } from "../text.ts";
import { hashSecret, isApiKey, keyIdOf, newSecret } from "./key-secret.ts";

export { isApiKey };

const HOUR_MS = 60 * 60 * 1000;

const load = (id: string) => getOrThrow(getRequest(ApiKeyEntity, id), "API key");

/** Secrets that are good at a moment, newest first. */
const alive = (secrets: readonly StoredSecret[], at: string) => secrets.filter((one) => one.expires_at > at);

function toApiKey(key: StoredApiKey, last_used_at: string | undefined, at: string): ApiKey {
  const secrets = alive(key.secrets, at);
  return {
    id: key.id,
    name: key.name,
    state: key.revoked_at ? "revoked" : secrets.length > 0 ? "active" : "expired",
    scopes: [...key.scopes],
    customers: key.customers ?? null,
    secrets: secrets.map(({ ends_in, created_at, expires_at }) => ({ ends_in, created_at, expires_at })),
    expires_at: key.secrets[0]?.expires_at ?? key.revoked_at ?? key.updated_at,
    last_used_at: last_used_at ?? null,
    created_by: key.created_by,
    created_by_id: key.created_by_id,
    created_at: key.created_at,
    updated_at: key.updated_at,
    revoked_at: key.revoked_at ?? null,
    revision: key.revision,
  };
}

/** A new secret, and what is stored of it. */
function issue(id: string, now: number, days: number): { secret: string; stored: StoredSecret } {
  const secret = newSecret(id);
  return {
    secret,
    stored: {
      hash: hashSecret(secret),
      ends_in: secret.slice(-4),
      created_at: new Date(now).toISOString(),
      expires_at: new Date(now + days * DAY_MS).toISOString(),
    },
  };
}

/** Keys, newest first, revoked ones too. */
export async function list(paging: ApiKeyFilter) {
  const { rows, next_cursor } = await newestPage<StoredApiKey>(
    "api_key",
    ({ created_at }) => created_at,
    paging,
  );
  const uses = await batchGet(...rows.map(({ id }) => getRequest(ApiKeyUseEntity, id)));
  const at = new Date().toISOString();
  return {
    api_keys: rows.map((key, n) => toApiKey(key, uses[n]?.last_used_at, at)),
    limit: paging.limit,
    next_cursor,
  };
}

/** The key itself, and when it was used. */
export const reads = (id: string) => [getRequest(ApiKeyEntity, id), getRequest(ApiKeyUseEntity, id)] as const;

/** @throws 404 */
export async function get(id: string): Promise<ApiKey> {
  const [key, use] = await batchGet(...reads(id));
  if (!key) throw notFound("API key");
  return toApiKey(key, use?.last_used_at, new Date().toISOString());
}

/** Creates a key; its secret is in the answer, and nowhere else. */
export async function create(
  { name, scopes, customers, expires_in_days }: NewApiKey,
  actor: Pick<UserActor, "id" | "full_name">,
  now = Date.now(),
): Promise<IssuedApiKey> {
  const [id, at] = [randomUUID(), new Date(now).toISOString()];
  const { secret, stored } = issue(id, now, expires_in_days);
  const key: StoredApiKey = {
    id,
    name,
    scopes,
    ...(customers && { customers }),
    secrets: [stored],
    created_by: actor.full_name,
    created_by_id: actor.id,
    created_at: at,
    updated_at: at,
    revision: 1,
  };
  const answer = { ...toApiKey(key, undefined, at), secret };
  // The id is new, so the condition holds.
  await commitOne(put(ApiKeyEntity, key, NOT_EXISTS), { answer });
  return answer;
}

/** Changes a key onto the revision that was read. @throws 404; 409 when it is revoked; 412 */
const change = <T>(
  id: string,
  ifMatch: IfMatch | undefined,
  next: (before: StoredApiKey, last_used_at: string | undefined) => readonly [StoredApiKey, T & object],
): Promise<T> =>
  withOptimisticRetry(async () => {
    const [before, use] = await batchGet(...reads(id));
    if (!before) throw notFound("API key");
    requireMatch(before.revision, ifMatch);
    if (before.revoked_at) throw conflict("This API key is revoked. Create another one.");
    const [after, answer] = next(before, use?.last_used_at);
    // A transaction: the database knows one that comes again after a lost answer, and a secret must not change twice.
    const failed = await commit([put(ApiKeyEntity, after, equals({ revision: before.revision }))], {
      answer,
    });
    return failed.length === 0 ? answer : RETRY;
  });

/** What a change leaves: newest values, one more revision. */
const changed = (before: StoredApiKey, set: Partial<StoredApiKey>, at: string): StoredApiKey => ({
  ...before,
  ...set,
  updated_at: at,
  revision: before.revision + 1,
});

/**
 * Changes name, scopes, customers or end of a key, from its next request on.
 *
 * @throws 404; 409 when it is revoked; 412 when `ifMatch` is outdated
 */
export const update = (
  id: string,
  { name, scopes, customers, expires_in_days }: ApiKeyChanges,
  ifMatch?: IfMatch,
  now = Date.now(),
): Promise<ApiKey> =>
  change<ApiKey>(id, ifMatch, (before, last_used_at) => {
    const at = new Date(now).toISOString();
    const [newest, ...others] = before.secrets;
    const prolonged = newest &&
      expires_in_days && { ...newest, expires_at: new Date(now + expires_in_days * DAY_MS).toISOString() };
    const after = changed(
      before,
      {
        name: name ?? before.name,
        scopes: scopes ?? before.scopes,
        customers: customers === undefined ? before.customers : (customers ?? undefined),
        secrets: prolonged ? [prolonged, ...others] : before.secrets,
      },
      at,
    );
    return [after, toApiKey(after, last_used_at, at)];
  });

/**
 * Gives a key a new secret. The newest one of before goes on for some hours; any other ends at once, so that two live at
 * most, however many rotate at once.
 *
 * @throws as `update`
 */
export const rotate = (
  id: string,
  rotation: Partial<Rotation> | null | undefined,
  ifMatch?: IfMatch,
  now = Date.now(),
): Promise<IssuedApiKey> =>
  change<IssuedApiKey>(id, ifMatch, (before, last_used_at) => {
    const { overlap_hours, expires_in_days } = Rotation.parse(rotation ?? {});
    const at = new Date(now).toISOString();
    const { secret, stored } = issue(id, now, expires_in_days);
    const end = new Date(now + overlap_hours * HOUR_MS).toISOString();
    const former = alive(before.secrets.slice(0, 1), at).map((one) => ({
      ...one,
      expires_at: one.expires_at < end ? one.expires_at : end,
    }));
    const after = changed(before, { secrets: [stored, ...alive(former, at)] }, at);
    return [after, { ...toApiKey(after, last_used_at, at), secret }];
  });

/** Revokes a key: its next request is refused. Doing it again changes nothing. @throws 404; 412 */
export const revoke = (id: string, ifMatch?: IfMatch, now = Date.now()): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    const message = `${before.name} is revoked.`;
    if (before.revoked_at) return { message };
    const at = new Date(now).toISOString();
    const after = changed(before, { secrets: [], revoked_at: at }, at);
    const written = await commitOne(put(ApiKeyEntity, after, equals({ revision: before.revision })));
    return written ? { message } : RETRY;
  });

const invalid = () => unauthorized("The API key is not valid.");

/**
 * Finds the key of a secret, as of this moment: revoking, rotating and other scopes count from the next request on, in
 * every process. One strongly consistent request.
 *
 * @param ahead as for `authenticate`
 * @throws 401 when there is no such key, or it is revoked or expired
 */
export async function authenticateKey(
  secret: string,
  ahead: (caller: string) => Promise<GetRequests>,
  now = Date.now(),
): Promise<{ readonly actor: KeyActor; readonly found: readonly unknown[] }> {
  const id = keyIdOf(secret);
  if (id === undefined) throw invalid();
  const [key, use, ...found] = await batchGet(...reads(id), ...(await ahead(`key:${id}`)));
  const at = new Date(now).toISOString();
  const presented = hashSecret(secret);
  const match = key?.secrets.find((one) => constantTimeEqual(one.hash, presented));
  if (!key || !match) throw invalid();
  if (match.expires_at <= at) throw unauthorized("This API key has expired. Ask an admin for a new one.");
  if (use === undefined || Date.parse(use.last_used_at) <= now - HOUR_MS) await noteUse(id, at, now);
  const { name, scopes, customers } = key;
  const actor = {
    kind: "key",
    id,
    full_name: `API key "${name}"`,
    role: scopes.some((scope) => scope.endsWith(":write")) ? "manager" : "viewer",
    scopes,
    ...(customers && { customers }),
  } as const satisfies KeyActor;
  return { actor, found };
}

/** Notes that a key is used, once an hour, whoever comes first. It must not stop a call. */
async function noteUse(id: string, last_used_at: string, now: number): Promise<void> {
  const since = new Date(now - HOUR_MS).toISOString();
  await commitOne(
    updateItem(
      ApiKeyUseEntity.update({ id })
        .set({ last_used_at })
        .where((use, { notExists, lte }) =>
          [notExists(use.last_used_at), lte(use.last_used_at, since)].join(" OR "),
        ),
    ),
  ).catch(() => false);
}
