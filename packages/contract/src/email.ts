/**
 * E-mail addresses as mail servers take them (RFC 5321, 5322, 5890). SES does not speak SMTPUTF8 (RFC 6531): letters
 * beyond ASCII can stand in the domain, which travels in punycode, and not before the @.
 */

/** RFC 5321, 4.5.3.1: octets of the whole (a path without its brackets) and of the part before the @. */
const MAX_LENGTH = 254;
const MAX_LOCAL = 64;
/** Longer texts are not looked at; cleaning makes shorter ones fit. */
const MAX_TYPED = 4 * MAX_LENGTH;

/** What can be wrong, as zod says it; none repeats what was typed. `custom` ones are right, but of no use to us. */
const PROBLEMS = {
  unusable: {
    code: "invalid_format",
    format: "email",
    message: "must be an e-mail address like name@example.com",
  },
  tooLong: {
    code: "too_big",
    origin: "string",
    maximum: MAX_LENGTH,
    message: `must be at most ${MAX_LENGTH} characters`,
  },
  longLocal: {
    code: "too_big",
    origin: "string",
    maximum: MAX_LOCAL,
    message: `must have at most ${MAX_LOCAL} characters before the @`,
  },
  letters: {
    code: "custom",
    message: "must have only letters from a to z before the @: mail can't be delivered to others",
  },
  quotes: {
    code: "custom",
    message: "must have no quotation marks before the @: mail can't be delivered to such addresses",
  },
} as const;
type Problem = (typeof PROBLEMS)[keyof typeof PROBLEMS];

/** RFC 5322, 3.2.3: a dot-atom. */
const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const TOP_LEVEL = /^([a-z]{2,}|xn--[a-z0-9-]+)$/;
/** What a URL would not take as a part of its host, or would decode. */
const NO_HOST = /[\p{ASCII}--[a-zA-Z0-9.\-]]/v;

/** Joiners belong to names in some scripts, where they stand between letters. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
const STRAY_JOINER = /(?<!\P{ASCII})[\u200c\u200d]|[\u200c\u200d](?!\P{ASCII})/gu;
/** ASCII as East Asian keyboards write it. Other compatibility forms are other letters: `²` is no `2` here. */
const FULL_WIDTH = /[\uff01-\uff5e]/g;

/** Without what nobody sees, and blanks around: copies bring it along. */
const clean = (typed: string) =>
  typed
    .replace(INVISIBLE, "")
    .replace(STRAY_JOINER, "")
    .replace(FULL_WIDTH, (letter) => letter.normalize("NFKC"))
    .trim();

/** `MÜLLER.de` → `xn--mller-kva.de`, as browsers do it (UTS 46); undefined for what is no domain. */
function toAsciiDomain(domain: string): string | undefined {
  if (domain === "" || NO_HOST.test(domain)) return undefined;
  let ascii: string;
  try {
    ascii = new URL(`http://${domain}`).hostname;
  } catch {
    return undefined;
  }
  const labels = ascii.split(".");
  const isName = labels.length > 1 && labels.every((label) => LABEL.test(label));
  return isName && TOP_LEVEL.test(labels.at(-1) ?? "") ? ascii : undefined;
}

type ParsedEmail =
  | { readonly address: string; readonly ascii: string }
  | { readonly address?: never; readonly problem: Problem };

/**
 * Reads what somebody typed.
 *
 * @returns `address` as it is stored and shown: as typed, cleaned; `ascii` as it travels, its domain in punycode; or
 *   `problem`, whose message goes on from the field's name
 */
export function parseEmail(typed: string): ParsedEmail {
  if (typed.length > MAX_TYPED) return { problem: PROBLEMS.tooLong };
  const [, local = "", typedDomain = ""] = /^(.+)@([^@]+)$/s.exec(clean(typed)) ?? [];
  const domain = typedDomain.normalize("NFKC").replaceAll("\u3002", ".");
  const asciiDomain = toAsciiDomain(domain);
  if (asciiDomain === undefined) return { problem: PROBLEMS.unusable };
  if (/^".*"$/s.test(local)) return { problem: PROBLEMS.quotes };
  if (!LOCAL_PART.test(local)) {
    const wouldFit = LOCAL_PART.test(local.replace(/\P{ASCII}/gu, "x"));
    return { problem: wouldFit ? PROBLEMS.letters : PROBLEMS.unusable };
  }
  if (local.length > MAX_LOCAL) return { problem: PROBLEMS.longLocal };
  const ascii = `${local}@${asciiDomain}`;
  return ascii.length > MAX_LENGTH ? { problem: PROBLEMS.tooLong } : { address: `${local}@${domain}`, ascii };
}

/** An address as mail servers take it. What is stored from earlier and would be refused today goes as it is. */
export const toAsciiEmail = (email: string): string => {
  const parsed = parseEmail(email);
  return parsed.address === undefined ? email : parsed.ascii;
};

/**
 * What two addresses have in common when they are one (decision 8): case is no difference, nor is the way in which a
 * domain is written. Of a text that is no address: the text without blanks around, in lower case.
 */
export const emailKey = (email: string): string => toAsciiEmail(email).trim().toLowerCase();
