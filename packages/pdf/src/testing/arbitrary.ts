import fc from "fast-check";
import type { Tone } from "../document.ts";

/** Texts as people write them: short, long, in several scripts, without spaces, empty. */
export const anyText = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.lorem({ maxCount: 40 }),
  fc.constantFrom("", " ", "شركة النور للتجارة", "Ελληνική Εταιρεία", "W".repeat(300), "a\nb\r\n\n\nc"),
);

export const anyTone = fc.constantFrom<Tone[]>("good", "fair", "poor", "bad", "neutral", "accent");

/** Numbers that can be plotted, and some that can not. */
export const anyNumber = fc.oneof(
  fc.integer({ min: -100, max: 100 }),
  fc.double({ min: 0, max: 5, noNaN: true }),
  fc.double(),
  fc.constantFrom(0, -0, 1e15, 1e300),
);
