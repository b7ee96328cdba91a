import { timingSafeEqual } from "node:crypto";

/** Compares without telling by time how much is right. */
export const constantTimeEqual = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
