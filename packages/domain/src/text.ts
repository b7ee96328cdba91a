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
