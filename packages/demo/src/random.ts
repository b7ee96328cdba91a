import { createHash } from "node:crypto";

/** Numbers that look like chance and are the same every time. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** One of the values, each as likely as its weight among all. */
  weighted<T>(from: readonly [readonly [T, number], ...(readonly [T, number])[]]): T;
}

const digest = (text: string) => createHash("sha1").update(`success-manager demo\n${text}`).digest();

/** Mulberry32 (public domain, by Tommy Ettinger): 32 bits of state are plenty here. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A source of its own for each subject, so that changing one company leaves the others as they are. */
export function randomOf(subject: string): Random {
  const next = mulberry32(digest(subject).readUInt32LE());
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    whole,
    pick: (from) => from[whole(0, from.length - 1)] ?? from[0],
    weighted(from) {
      let rest = next() * from.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of from) {
        rest -= weight;
        if (rest < 0) return value;
      }
      return from[0][0];
    },
  };
}

/** The same 256 bits for the same words. */
export const demoHash = (...words: readonly string[]) =>
  createHash("sha256")
    .update(`success-manager demo\n${words.join("\n")}`)
    .digest();

/** The same UUID for the same words (version 5, RFC 9562). */
export function demoId(...words: readonly (string | number)[]): string {
  const bytes = digest(words.join("\n")).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
