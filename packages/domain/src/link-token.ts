import { createHash, randomBytes } from "node:crypto";

/** 256 bits: nobody finds one by trying (decision 15). */
const BYTES = 32;

/** 32 bytes in base64url: 43 characters. */
const TOKEN_FORMAT = /^[\w-]{43}$/;

/** The id of a link and 32 bytes: 64 characters. */
const REMINDER_FORMAT = /^[\w-]{64}$/;
const ID_BYTES = 16;

/** What is stored of a token. */
export interface TokenRecord {
  /** SHA-256 of the token, base64url. Only the customer has the token itself. */
  readonly token_hash: string;
  /** The link's id: the first half of that hash as a UUID, so that a token leads to its link in one read. */
  readonly id: string;
}

const formatUuid = (bytes: Buffer) =>
  bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** RFC 9562, version 8: bits of our own choice. */
function uuidOf(hash: Buffer): string {
  const bytes = Buffer.from(hash.subarray(0, ID_BYTES));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return formatUuid(bytes);
}

const sha256 = (token: string) => createHash("sha256").update(token).digest();

/** The record of the token that has this SHA-256. */
export const toTokenRecord = (hash: Buffer): TokenRecord => ({
  token_hash: hash.toString("base64url"),
  id: uuidOf(hash),
});

/** The record of a token, a link's first or one of a reminder; undefined for what can't be one. */
export function hashToken(token: string): TokenRecord | undefined {
  if (TOKEN_FORMAT.test(token)) return toTokenRecord(sha256(token));
  if (!REMINDER_FORMAT.test(token)) return undefined;
  const id = formatUuid(Buffer.from(token, "base64url").subarray(0, ID_BYTES));
  return { id, token_hash: sha256(token).toString("base64url") };
}

/** A new token with its record. */
export function newToken(): { token: string } & TokenRecord {
  const token = randomBytes(BYTES).toString("base64url");
  const record = hashToken(token);
  if (!record) throw new Error("A new token does not look like one");
  return { token, ...record };
}

/**
 * A further token of a link, for a reminder: nobody has the first one any more. It begins with the link's id, so that
 * it leads there in one read too, and holds as many random bits as the first.
 */
export function newReminderToken(id: string): { token: string } & TokenRecord {
  const bytes = Buffer.concat([Buffer.from(id.replaceAll("-", ""), "hex"), randomBytes(BYTES)]);
  const token = bytes.toString("base64url");
  return { token, id, token_hash: sha256(token).toString("base64url") };
}
