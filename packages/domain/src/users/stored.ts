import { notFound } from "@success-manager/contract/problem";
import { emailKey, LoginEntity, type StoredUser, UserEntity } from "../table/index.ts";

/** @throws 404 */
export async function stored(id: string): Promise<StoredUser> {
  const { data } = await UserEntity.get({ id }).go({ consistent: true });
  if (!data) throw notFound("User");
  return data;
}

/** What proves who holds an address; null when nobody does. */
export async function loginOf(email: string) {
  const { data } = await LoginEntity.get({ email_key: emailKey(email) }).go({ consistent: true });
  return data;
}
