/** The secrets of API keys: how they look, and what is stored of them. */
import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * `smk_live_`, the key's id, 256 random bits, a checksum; letters and digits alone, so that a double click takes all of
 * it. Scanners of secrets find the beginning, and what is mistyped is known without a read.
 */
const PREFIX = "smk_live_";
const [ID_LENGTH, RANDOM_LENGTH, CHECKSUM_LENGTH] = [22, 43, 6];
const FORMAT = new RegExp(`^${PREFIX}[0-9A-Za-z]{${ID_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);
const RANDOM_BYTES = 32;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = BigInt(DIGITS.length);

function toBase62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= BASE) text = DIGITS.charAt(Number(rest % BASE)) + text;
  return text.padStart(length, "0");
}

const fromBase62 = (text: string) =>
  [...text].reduce((sum, digit) => sum * BASE + BigInt(DIGITS.indexOf(digit)), 0n);

const checksum = (text: string) => toBase62(BigInt(crc32(text)), CHECKSUM_LENGTH);

/** A new secret of a key. @param id its UUID */
export function newSecret(id: string): string {
  const text =
    PREFIX +
    toBase62(BigInt(`0x${id.replaceAll("-", "")}`), ID_LENGTH) +
    toBase62(BigInt(`0x${randomBytes(RANDOM_BYTES).toString("hex")}`), RANDOM_LENGTH);
  return text + checksum(text);
}

/** Whether a bearer token is meant to be an API key. */
export const isApiKey = (token: string): boolean => token.startsWith("smk_");

/** The id of the key whose secret this is; undefined for what can't be one. */
export function keyIdOf(secret: string): string | undefined {
  if (!FORMAT.test(secret)) return undefined;
  const text = secret.slice(0, -CHECKSUM_LENGTH);
  if (secret.slice(-CHECKSUM_LENGTH) !== checksum(text)) return undefined;
  const hex = fromBase62(text.slice(PREFIX.length, PREFIX.length + ID_LENGTH)).toString(16);
  if (hex.length > 32) return undefined;
  return hex.padStart(32, "0").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * What is stored of a secret. A fast hash is enough: nobody tries 2^256 secrets, unlike passwords, of which people choose
 * few.
 */
export const hashSecret = (secret: string): string => hash("sha256", secret, "base64url");
