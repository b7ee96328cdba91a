import { createHmac } from "node:crypto";
import { emailKey } from "@success-manager/contract/email";
import { constantTimeEqual } from "../text.ts";

/** What a link is for: one that leaves a schedule does not open a file. */
export type Purpose = "leave" | "file";

/** A schedule, to leave it, or a report, for its file. */
export interface Signing {
  readonly id: string;
  /** 256 random bits, in nobody's hands but ours. */
  readonly secret: string;
}

/** `<uuid>.<32 bytes in base64url>` */
const TOKEN = /^(?<id>[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.(?<mac>[\w-]{43})$/;

/** HMAC-SHA256: whoever has one link can't make another, for someone else, something else or another purpose. */
const sign = (secret: string, recipient: string, purpose: Purpose) =>
  createHmac("sha256", secret)
    .update(`${purpose}\n${emailKey(recipient)}`)
    .digest("base64url");

/** What a recipient's link ends in. It names the item that it is for; the address does not stand in it. */
export const linkToken = ({ id, secret }: Signing, recipient: string, purpose: Purpose): string =>
  `${id}.${sign(secret, recipient, purpose)}`;

/** What a token is made of; undefined for what can't be one. */
export function parseToken(token: string): { readonly id: string; readonly mac: string } | undefined {
  const { id, mac } = TOKEN.exec(token)?.groups ?? {};
  return id && mac ? { id, mac } : undefined;
}

/** Whose signature this is. All are looked at, whichever it is. */
export function verifyRecipient(
  mac: string,
  secret: string,
  recipients: readonly string[],
  purpose: Purpose,
): string | undefined {
  const [found] = recipients.filter((recipient) => constantTimeEqual(mac, sign(secret, recipient, purpose)));
  return found;
}
