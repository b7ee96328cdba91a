/** Loaded with the first new password: the dictionary is larger than most functions. */

import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

/**
 * Tries that a password must withstand: more than guessing over the network can make (decision 22). zxcvbn counts
 * eight characters without any pattern as just so many.
 */
const MIN_GUESSES = 1e8;

/** What a team uses of its own accord. */
const OWN_WORDS = ["success manager", "successmanager", "customer success", "monetx", "supportx", "greenx"];

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

const SEPARATORS = /[\s.,_+'-]+/g;

/** As many parts of a name as a password is made of. */
const MAX_PARTS = 5;

/** Parts of a name by themselves, and any two of them together. */
function partsOf(name: string): string[] {
  const parts = name.split(SEPARATORS).filter(Boolean).slice(0, MAX_PARTS);
  return [...parts, parts.join(""), ...parts.flatMap((one) => parts.map((other) => one + other))];
}

interface Person {
  readonly email: string;
  readonly full_name: string;
}

/** A person's name and address, and what passwords are made of them. */
function wordsOf({ email, full_name }: Person, searchForm: (text: string) => string): string[] {
  const [address, name] = [email.toLowerCase(), full_name.toLowerCase()];
  const [local = "", domain = ""] = address.split("@");
  const words = [address, local, domain, name, ...[name, local, domain].flatMap(partsOf)];
  return [...new Set([...words, ...words.map(searchForm)])].filter(({ length }) => length > 2);
}

export type Weakness = "common" | "personal";

/**
 * Why a password is among the first that somebody would try, if it is: a common one, a pattern of the keyboard, a
 * date, a repetition, or the own name or address; also in capitals, with digits for letters, reversed or with some
 * characters behind it, as zxcvbn finds (https://github.com/zxcvbn-ts/zxcvbn).
 *
 * @param searchForm of the contract; handed over, because a part that is loaded later must hold no copy of its own
 */
export function weaknessOf(
  password: string,
  person: Person,
  searchForm: (text: string) => string,
): Weakness | undefined {
  const words = [...wordsOf(person, searchForm), ...OWN_WORDS];
  const check = (text: string) => {
    const { guesses, sequence } = estimator.check(text, words);
    const isPersonal = sequence.some((match) => match.dictionaryName === "userInputs");
    return guesses >= MIN_GUESSES ? undefined : isPersonal ? "personal" : "common";
  };
  // Dots and dashes between the parts of a name are no secret.
  return check(password) ?? (check(password.replace(SEPARATORS, "")) === "personal" ? "personal" : undefined);
}
