import { Problem } from "@success-manager/contract/problem";
import * as z from "zod";

/** Where a page ended: the sort value of its last row, and the row's id. */
export interface Position {
  readonly value: string | number | null;
  readonly id: string;
}

const Stored = z.tuple([z.union([z.string(), z.number(), z.null()]), z.string()]);

/** Packs a position so that nobody is tempted to build one. */
export const formatCursor = ({ value, id }: Position) =>
  Buffer.from(JSON.stringify([value, id])).toString("base64url");

const refused = () => {
  const msg = "must be the next_cursor of an earlier answer";
  return new Problem(422, `cursor: ${msg}`, { errors: [{ loc: ["query", "cursor"], msg, type: "cursor" }] });
};

/** @throws 422 when the cursor was not made by `formatCursor` */
export function parseCursor(cursor: string): Position {
  try {
    const [value, id] = Stored.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return { value, id };
  } catch {
    throw refused();
  }
}

/** Longer than every id: what a cursor says becomes part of a key, and those are bounded. */
const LONGEST_ID = 100;

/** The position of a list that is sorted by an instant. @throws 422 likewise */
export function parseInstantCursor(cursor: string): { value: string; id: string } {
  const { value, id } = parseCursor(cursor);
  if (typeof value !== "string" || value.length > LONGEST_ID || id.length > LONGEST_ID) throw refused();
  if (!z.iso.datetime().safeParse(value).success) throw refused();
  return { value, id };
}

/** The position of a list that is sorted by a date. @throws 422 likewise */
export function parseDateCursor(cursor: string): { value: string; id: string } {
  const { value, id } = parseCursor(cursor);
  if (!z.iso.date().safeParse(value).success || id.length > LONGEST_ID) throw refused();
  return { value: String(value), id };
}
