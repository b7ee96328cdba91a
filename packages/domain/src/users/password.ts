import { forbidden, unprocessable } from "@success-manager/contract/problem";
import { searchForm } from "@success-manager/contract/text";
import { config } from "../config.ts";

/** @throws 403 where people come by the stage's provider alone */
export function requirePasswords(): void {
  if (config().PASSWORD_LOGIN === "off")
    throw forbidden("Nobody signs in by a password here. Use your organization's log-in.");
}

/**
 * Synchronous, because a function works at one request at a time: nobody waits behind it. The asynchronous calls of the
 * library in C end the process when a thread of it, as the local cloud has many, is ended during one.
 */
interface Bcrypt {
  hashSync(password: string, cost: number): string;
  compareSync(password: string, hash: string): boolean;
}

/** In C; where no binary fits the platform, the same in JavaScript, which takes a quarter longer. */
async function load(): Promise<Bcrypt> {
  try {
    return (await import("bcrypt")).default;
  } catch {
    return (await import("bcryptjs")).default;
  }
}

let loading: Promise<Bcrypt> | undefined;

/** Loaded with the first password: most requests bring a token. */
const bcrypt = () => (loading ??= load());

/** bcrypt hash of a new password, in NFC. */
export async function hashPassword(password: string): Promise<string> {
  const { hashSync } = await bcrypt();
  return hashSync(password.normalize("NFC"), config().BCRYPT_COST);
}

/** Compared against when the address is unknown: takes as long as any other of our cost. */
const nobody = () => `$2b$${String(config().BCRYPT_COST).padStart(2, "0")}$${".".repeat(53)}`;

/** How a password may have been hashed: in NFC, or as some keyboard wrote it, before we normalized. */
const formsOf = (typed: string) => new Set([typed.normalize("NFC"), typed, typed.normalize("NFD")]);

/** What bcrypt looks at. */
const MAX_BYTES = 72;

/**
 * True when the password belongs to the hash; spends the same time when there is no hash. The same text typed on
 * another keyboard is the same password (decision 7). A password that bcrypt would cut off belongs to none: nobody
 * can have chosen it.
 */
export async function passwordMatches(typed: string, stored: string | undefined): Promise<boolean> {
  const { compareSync } = await bcrypt();
  // Other programs write 2y for what is 2b; the library in C knows the latter alone.
  const hash = (stored ?? nobody()).replace(/^\$2y\$/, "$2b$");
  for (const form of formsOf(typed))
    if (compareSync(form, hash) && stored !== undefined && Buffer.byteLength(form) <= MAX_BYTES) return true;
  return false;
}

const REFUSALS = {
  common:
    "is among the first that somebody would guess; take a longer one, such as a few words that don't belong together",
  personal: "is too close to the own name or e-mail address; take one that nobody can look up",
} as const;

/** Which of the refusals a message is, for who says it in other words. */
export const weaknessSaid = (message: string) =>
  (Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]).find((weakness) => REFUSALS[weakness] === message);

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
