import { createHash, randomBytes } from "node:crypto";

/** 256 bits: nobody finds one by trying (decision 15). */
const BYTES = 32;

/** 32 bytes in base64url: 43 characters. */
const TOKEN_FORMAT = /^[\w-]{43}$/;

/** What is stored of a token. */
export interface TokenRecord {
  /** SHA-256 of the token, base64url. Only the customer has the token itself. */
  readonly token_hash: string;
  /** The link's id: the first half of that hash as a UUID, so that a token leads to its link in one read. */
  readonly id: string;
}

/** RFC 9562, version 8: bits of our own choice. */
function uuidOf(hash: Buffer): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The record of the token that has this SHA-256. */
export const toTokenRecord = (hash: Buffer): TokenRecord => ({
  token_hash: hash.toString("base64url"),
  id: uuidOf(hash),
});

/** The record of a token; undefined for what can't be one. */
export const hashToken = (token: string): TokenRecord | undefined =>
  TOKEN_FORMAT.test(token) ? toTokenRecord(createHash("sha256").update(token).digest()) : undefined;

/** A new token with its record. */
export function newToken(): { token: string } & TokenRecord {
  const token = randomBytes(BYTES).toString("base64url");
  const record = hashToken(token);
  if (!record) throw new Error("A new token does not look like one");
  return { token, ...record };
}
