import { timingSafeEqual } from "node:crypto";
import { cleanLine, uniqueForm } from "@success-manager/contract/text";

/** Compares without telling by time how much is right. */
export const constantTimeEqual = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** How labels are written: those that a person takes for the same are one, and go by the spelling used most. */
export interface Spellings {
  /** @returns what the label has in common with its other spellings */
  add(label: string, amount?: number): string;
  /** The spelling used most; of several, the first by code point. */
  of(key: string): string;
  /** One spelling of each label. */
  all(): string[];
}

export function countSpellings(labels: Iterable<string> = []): Spellings {
  const byKey = new Map<string, Map<string, number>>();
  const of = (key: string) => {
    const [first] = [...(byKey.get(key) ?? [])].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return first?.[0] ?? key;
  };
  const spellings: Spellings = {
    add(label, amount = 1) {
      const [key, spelling] = [uniqueForm(label), cleanLine(label)];
      const counts = byKey.get(key) ?? new Map<string, number>();
      byKey.set(key, counts.set(spelling, (counts.get(spelling) ?? 0) + amount));
      return key;
    },
    of,
    all: () => Array.from(byKey.keys(), of),
  };
  for (const label of labels) spellings.add(label);
  return spellings;
}

/** What a file system or a header would not take: controls, steering of directions, separators and wildcards. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]+/gu;

/** Names of 255 bytes are the most that common file systems take; a few are left to who saves it twice. */
const MAX_NAME_BYTES = 180;

/** A name as far as file systems take it. */
export function fitFileName(name: string): string {
  const words = name
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(UNFIT, " ")
    .replaceAll(/\s+/g, " ")
    .replace(/^[\s.]+/, "");
  let fit = "";
  for (const character of words) {
    if (Buffer.byteLength(fit) + Buffer.byteLength(character) > MAX_NAME_BYTES) break;
    fit += character;
  }
  return fit.replace(/[\s.]+$/, "");
}

/** What a quoted name may hold that all browsers read alike (RFC 6266, appendix D): ASCII without quotes and escapes. */
const toAscii = (filename: string) =>
  filename
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\w.,() -]+/g, "_");

/** RFC 5987, 3.2.1: `attr-char` stands for itself, all else as UTF-8 in percent. */
const toExtended = (filename: string) =>
  encodeURIComponent(filename).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** A file to be saved under a name in any script; who does not know RFC 5987 gets one in ASCII (RFC 6266, 4.3). */
export function contentDisposition(filename: string): string {
  const name = fitFileName(filename) || "file";
  const ascii = toAscii(name);
  const plain = `attachment; filename="${ascii}"`;
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${toExtended(name)}`;
}
