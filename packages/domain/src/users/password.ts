import { unprocessable } from "@success-manager/contract/problem";
import { searchForm } from "@success-manager/contract/text";
import { config } from "../config.ts";

/** Loaded with the first password: most requests bring a token. */
const bcrypt = () => import("bcryptjs");

/** bcrypt hash of a new password, in NFC. */
export async function hashPassword(password: string): Promise<string> {
  const { hash } = await bcrypt();
  return hash(password.normalize("NFC"), config().BCRYPT_COST);
}

/** Compared against when the address is unknown, so that both cases take the same time. */
let nobody: Promise<string> | undefined;

/** How a password may have been hashed: in NFC, or as some keyboard wrote it, before we normalized. */
const formsOf = (typed: string) => new Set([typed.normalize("NFC"), typed, typed.normalize("NFD")]);

/**
 * True when the password belongs to the hash; spends the same time when there is no hash. The same text typed on
 * another keyboard is the same password (decision 7). A password that bcrypt would cut off belongs to none: nobody
 * can have chosen it.
 */
export async function passwordMatches(typed: string, stored: string | undefined): Promise<boolean> {
  const { compare, truncates } = await bcrypt();
  nobody ??= hashPassword("a password that nobody has");
  const hash = stored ?? (await nobody);
  for (const form of formsOf(typed))
    if ((await compare(form, hash)) && stored !== undefined && !truncates(form)) return true;
  return false;
}

const REFUSALS = {
  common:
    "is among the first that somebody would guess; take a longer one, such as a few words that don't belong together",
  personal: "is too close to the own name or e-mail address; take one that nobody can look up",
} as const;

/**
 * Refuses a new password that would be guessed (decision 7).
 *
 * @param field of the body that it came in
 * @throws 422
 */
export async function refuseWeakPassword(
  field: "password" | "new_password",
  password: string,
  person: { readonly email: string; readonly full_name: string },
): Promise<void> {
  const { weaknessOf } = await import("./password-strength.ts");
  const weakness = weaknessOf(password, person, searchForm);
  if (weakness) throw unprocessable(field, REFUSALS[weakness]);
}
