import { randomUUID } from "node:crypto";

/** Somebody who was invited, in the table that this process talks to (`enter` of `cloud.ts`), and the mailed token. */
export async function putInvitation(): Promise<{ invited: string; invitation: string }> {
  // Loaded late: the domain reads the table's name when it is.
  const { createUser } = await import("@success-manager/domain/users");
  const { newToken } = await import("../../packages/domain/src/link-token.ts");
  const { token, ...record } = newToken();
  const [id, email, now] = [randomUUID(), `${randomUUID()}@example.com`, new Date()];
  const created_at = now.toISOString();
  const expires = new Date(now.getTime() + 60 * 60 * 1000);
  const link = {
    ...record,
    user_id: id,
    email_key: email,
    created_at,
    expires_at: expires.toISOString(),
    expires_at_epoch: Math.floor(expires.getTime() / 1000),
  };
  const user = {
    id,
    email,
    full_name: "Invited",
    role: "viewer",
    is_active: true,
    invited_at: created_at,
    created_at,
    updated_at: created_at,
    revision: 1,
    session_epoch: 1,
  } as const;
  await createUser(user, { link });
  return { invited: email, invitation: token };
}
