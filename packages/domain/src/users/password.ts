import { config } from "../config.ts";

/** Loaded with the first password: most requests bring a token. */
const bcrypt = () => import("bcryptjs");

/** bcrypt hash of a new password. */
export async function hashPassword(password: string): Promise<string> {
  const { hash } = await bcrypt();
  return hash(password, config().BCRYPT_COST);
}

/** Compared against when the address is unknown, so that both cases take the same time. */
let nobody: Promise<string> | undefined;

/**
 * True when the password belongs to the hash; spends the same time when there is no hash. A password that bcrypt
 * would cut off belongs to none: nobody can have chosen it.
 */
export async function passwordMatches(password: string, stored: string | undefined): Promise<boolean> {
  const { compare, truncates } = await bcrypt();
  nobody ??= hashPassword("a password that nobody has");
  const matches = await compare(password, stored ?? (await nobody));
  return matches && stored !== undefined && !truncates(password);
}
