import { compare, hash, truncates } from "bcryptjs";

/** Decision 7. Tests that create many users may lower it; a deployed stage never does. */
const COST = Number(process.env.BCRYPT_COST ?? 12);

/** bcrypt hash of a new password. */
export const hashPassword = (password: string) => hash(password, COST);

/** Compared against when the address is unknown, so that both cases take the same time. */
let nobody: Promise<string> | undefined;

/**
 * True when the password belongs to the hash; spends the same time when there is no hash. A password that bcrypt
 * would cut off belongs to none: nobody can have chosen it.
 */
export async function passwordMatches(password: string, stored: string | undefined): Promise<boolean> {
  nobody ??= hashPassword("a password that nobody has");
  const matches = await compare(password, stored ?? (await nobody));
  return matches && stored !== undefined && !truncates(password);
}
